//! A packument as it came, its index, and how both are made and kept.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::header::HeaderMap;

use crate::answer::{decoded, inflate};
use crate::cache::{Encoding, Entry, Stored};

/// Below this many bytes compressing saves no block on a disk.
const SMALLEST_COMPRESSED: usize = 8 << 10;
/// Room for compressing that a thread keeps.
const LARGEST_ROOM: usize = 4 << 20;

/// Makes the caller's index of a packument, once for every text of it.
#[derive(Clone)]
pub struct PackumentIndex {
    /// An index that another version made is made again.
    pub version: u32,
    /// From the JSON text; `Err` says why it is no packument, which makes the answer unusable.
    pub build: IndexBuilder,
}

/// Runs on a thread that may block.
pub type IndexBuilder = Arc<dyn Fn(&Bytes) -> Result<Vec<u8>, String> + Send + Sync>;

/// A packument as it came, with the caller's index of it. Kept compressed until its text is asked for.
#[derive(Debug)]
pub struct RawPackument {
    stored: Stored,
    text: OnceLock<Bytes>,
    index: Option<Bytes>,
}

impl RawPackument {
    /// What [`PackumentIndex`] made of the text.
    pub fn index(&self) -> Option<&Bytes> {
        self.index.as_ref()
    }

    /// The JSON text; decompressed at the first call when it comes from the cache.
    ///
    /// # Errors
    /// What is wrong with it, when the text was damaged in spite of its checksum.
    pub fn text(&self) -> Result<&Bytes, String> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let text = decode(&self.stored)?;
        Ok(self.text.get_or_init(|| text))
    }

    /// Length of the text in bytes, known without decompressing.
    pub fn text_length(&self) -> u64 {
        self.stored.length
    }

    /// From an answer.
    ///
    /// # Errors
    /// Why the answer is no packument.
    pub(crate) fn from_answer(
        headers: &HeaderMap,
        body: Bytes,
        limit: u64,
        index: Option<&PackumentIndex>,
    ) -> Result<Self, String> {
        let text = decoded(headers, body, limit)?;
        let index = build(index, &text)?;
        Ok(RawPackument { stored: plain(text.clone()), text: text.into(), index })
    }

    /// How a packument that came as `body` is written: as it came when that was compressed.
    pub(crate) fn to_store(&self, body: Bytes) -> Stored {
        let length = self.stored.length;
        if body.len() as u64 != length {
            return Stored { encoding: Encoding::Gzip, bytes: body, length };
        }
        compressed(&self.stored.bytes)
    }

    /// From the cache; says whether the index had to be made again, so that the entry should be saved again.
    /// `None` when the text is damaged after all.
    pub(crate) fn from_entry(entry: &mut Entry, index: Option<&PackumentIndex>) -> Option<(Self, bool)> {
        let text = OnceLock::new();
        let mut remade = false;
        if let Some(index) = index
            && entry.index.as_ref().is_none_or(|(version, _)| *version != index.version)
        {
            let decoded = decode(&entry.body).ok()?;
            entry.index = build(Some(index), &decoded).ok()?.map(|built| (index.version, built));
            remade = text.set(decoded).is_ok();
        }
        let kept = entry.index.as_ref().filter(|_| index.is_some()).map(|(_, index)| index.clone());
        Some((RawPackument { stored: entry.body.clone(), text, index: kept }, remade))
    }
}

fn build(index: Option<&PackumentIndex>, text: &Bytes) -> Result<Option<Bytes>, String> {
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err("it is no JSON object".into());
    }
    index.map(|index| (index.build)(text).map(Bytes::from)).transpose()
}

fn plain(text: Bytes) -> Stored {
    Stored { encoding: Encoding::Identity, length: text.len() as u64, bytes: text }
}

fn compressed(text: &Bytes) -> Stored {
    thread_local! {
        /// The worst case needs more room than the text itself; memory that was touched before is cheap.
        static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    if text.len() < SMALLEST_COMPRESSED {
        return plain(text.clone());
    }
    let packed = ROOM.with_borrow_mut(|room| {
        let needed = lz4_flex::block::get_maximum_output_size(text.len());
        if room.len() < needed {
            room.resize(needed, 0);
        }
        let length = lz4_flex::block::compress_into(text, room).ok()?;
        let packed = Bytes::copy_from_slice(room.get(..length)?);
        if room.len() > LARGEST_ROOM {
            *room = Vec::new();
        }
        Some(packed)
    });
    match packed {
        Some(bytes) => Stored { encoding: Encoding::Lz4, bytes, length: text.len() as u64 },
        None => plain(text.clone()),
    }
}

fn decode(stored: &Stored) -> Result<Bytes, String> {
    match stored.encoding {
        Encoding::Identity => Ok(stored.bytes.clone()),
        Encoding::Gzip => inflate(&stored.bytes, stored.length),
        Encoding::Lz4 => {
            let length = usize::try_from(stored.length).map_err(|error| error.to_string())?;
            lz4_flex::block::decompress(&stored.bytes, length)
                .map(Bytes::from)
                .map_err(|error| format!("its cached text is damaged: {error}"))
        }
    }
}
