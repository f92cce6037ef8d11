//! The text of a packument, kept in blocks that are compressed each by itself.
//!
//! Hundreds of packuments are in memory during a resolution, and of each only a few manifests are ever read:
//! packed they take a sixth of the room, and to read one manifest is to unpack the block that it is in.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range as Span;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// Bytes of text in a block. Larger ones pack better; smaller ones are faster to unpack for one manifest.
const BLOCK: usize = 32 << 10;
/// Unpacked blocks that a thread keeps: neighbouring manifests are read one after the other.
const RECENT: usize = 4;

/// A text in blocks.
#[derive(Debug)]
pub(super) struct Text {
    /// Tells the texts of a process apart.
    id: u64,
    length: usize,
    /// Each the LZ4 block of [`BLOCK`] bytes of text, the last one of the rest.
    blocks: Vec<Bytes>,
}

/// The blob is not what [`Text::encode`] wrote.
#[derive(Debug)]
pub(super) struct NotAText;

struct Unpacked {
    text: u64,
    block: usize,
    bytes: Box<[u8]>,
}

thread_local! {
    static RECENTLY: RefCell<VecDeque<Unpacked>> = const { RefCell::new(VecDeque::new()) };
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Text {
    pub(super) fn pack(text: &[u8]) -> Self {
        let mut room = vec![0; lz4_flex::block::get_maximum_output_size(BLOCK)];
        let blocks = text.chunks(BLOCK).map(|chunk| {
            // never fails: there is room for the worst case
            let length = lz4_flex::block::compress_into(chunk, &mut room).unwrap_or(0);
            Bytes::copy_from_slice(room.get(..length).unwrap_or_default())
        });
        Self { id: next_id(), length: text.len(), blocks: blocks.collect() }
    }

    /// Length of the text in bytes.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Hands on a part of the text. One that lies outside it, or in a damaged block, is empty.
    pub(super) fn read<T>(&self, span: Span<usize>, take: impl FnOnce(&[u8]) -> T) -> T {
        if span.start >= span.end || span.end > self.length {
            return take(&[]);
        }
        let (first, last) = (span.start / BLOCK, (span.end - 1) / BLOCK);
        let within = span.start - first * BLOCK;
        if first == last {
            return self
                .with_block(first, |block| take(block.get(within..within + span.len()).unwrap_or_default()));
        }
        let mut part = Vec::with_capacity((last - first + 1) * BLOCK);
        for at in first..=last {
            self.with_block(at, |block| part.extend_from_slice(block));
        }
        take(part.get(within..within + span.len()).unwrap_or_default())
    }

    /// The whole text.
    pub(super) fn whole(&self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(self.length);
        for at in 0..self.blocks.len() {
            whole.extend_from_slice(&self.unpack(at));
        }
        whole
    }

    fn with_block<T>(&self, at: usize, take: impl FnOnce(&[u8]) -> T) -> T {
        RECENTLY.with_borrow_mut(|recent| {
            match recent.iter().position(|kept| kept.text == self.id && kept.block == at) {
                Some(0) => {}
                Some(found) => recent.swap(0, found),
                None => {
                    recent.truncate(RECENT - 1);
                    recent.push_front(Unpacked { text: self.id, block: at, bytes: self.unpack(at) });
                }
            }
            take(recent.front().map_or(&[], |kept| &kept.bytes))
        })
    }

    fn unpack(&self, at: usize) -> Box<[u8]> {
        let length = BLOCK.min(self.length.saturating_sub(at * BLOCK));
        let packed = self.blocks.get(at).map(Bytes::as_ref).unwrap_or_default();
        match lz4_flex::block::decompress(packed, length) {
            Ok(bytes) if bytes.len() == length => bytes.into(),
            _ => Box::default(),
        }
    }

    /// Writes the text: its length, the length of each block, the blocks.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.length as u64).to_le_bytes());
        for block in &self.blocks {
            out.extend_from_slice(&(block.len() as u32).to_le_bytes());
        }
        for block in &self.blocks {
            out.extend_from_slice(block);
        }
    }

    /// Reads what [`encode`](Self::encode) wrote, without unpacking or copying it.
    pub(super) fn decode(mut blob: Bytes) -> Result<Self, NotAText> {
        let mut take = |count: usize| (count <= blob.len()).then(|| blob.split_to(count)).ok_or(NotAText);
        let length = take(8)?.as_ref().try_into().map(u64::from_le_bytes).map_err(|_| NotAText)?;
        let length = usize::try_from(length).map_err(|_| NotAText)?;
        let count = length.div_ceil(BLOCK);
        let lengths = take(count.checked_mul(4).ok_or(NotAText)?)?;
        let lengths = lengths.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes) as usize);
        let blocks = lengths.map(&mut take).collect::<Result<Vec<_>, _>>()?;
        if !blob.is_empty() {
            return Err(NotAText);
        }
        Ok(Self { id: next_id(), length, blocks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long_text() -> Vec<u8> {
        (0..50_000_u32).flat_map(|number| format!("\"{}\":{{}},", number * 7919).into_bytes()).collect()
    }

    #[test]
    fn every_part_reads_as_it_was() {
        let plain = long_text();
        let packed = Text::pack(&plain);
        let mut blob = Vec::new();
        packed.encode(&mut blob);
        assert!(blob.len() < plain.len());
        for text in [packed, Text::decode(blob.into()).unwrap()] {
            assert_eq!(text.len(), plain.len());
            assert_eq!(text.whole(), plain);
            for start in [0, 1, BLOCK - 1, BLOCK, 3 * BLOCK - 5, plain.len() - 1] {
                for length in [1, 10, BLOCK, 2 * BLOCK + 1] {
                    let span = start..(start + length).min(plain.len());
                    text.read(span.clone(), |part| assert_eq!(part, &plain[span.clone()], "{span:?}"));
                }
            }
            text.read(plain.len()..plain.len() + 1, |part| assert!(part.is_empty()));
        }
    }

    #[test]
    fn texts_are_told_apart() {
        let (one, other) = (Text::pack(b"one text"), Text::pack(b"other text"));
        for _ in 0..3 {
            one.read(0..3, |part| assert_eq!(part, b"one"));
            other.read(0..5, |part| assert_eq!(part, b"other"));
        }
        let empty = Text::pack(b"");
        assert_eq!(empty.whole(), b"");
        empty.read(0..0, |part| assert!(part.is_empty()));
    }

    #[test]
    fn a_damaged_blob_is_refused_or_reads_empty() {
        let plain = long_text();
        let mut blob = Vec::new();
        Text::pack(&plain).encode(&mut blob);
        assert!(Text::decode(blob[..blob.len() - 1].to_vec().into()).is_err());
        assert!(Text::decode(Bytes::new()).is_err());
        assert!(Text::decode(vec![0xff; 12].into()).is_err());
        let end = blob.len() - 20;
        for at in (0..end).step_by(977) {
            let mut damaged = blob.clone();
            damaged[at] ^= 0x55;
            if let Ok(text) = Text::decode(damaged.into()) {
                text.read(0..plain.len().min(text.len()), |part| assert!(part.len() <= text.len()));
            }
        }
    }
}
