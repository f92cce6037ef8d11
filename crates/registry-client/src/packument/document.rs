//! From an answer to a packument, to a file, and back.

use std::cell::RefCell;
use std::error::Error;

use bytes::Bytes;
use http::header::HeaderMap;
use npm_formats::packument::Packument;

use crate::answer::{decoded, inflate};
use crate::cache::{Encoding, Entry, Stored, Validity};

/// Below this many bytes compressing saves no block on a disk.
const SMALLEST_COMPRESSED: usize = 8 << 10;
/// Room for compressing that a thread keeps.
const LARGEST_ROOM: usize = 4 << 20;

/// The packument in an answer.
///
/// # Errors
/// Why there is none.
pub(super) fn read(name: &str, headers: &HeaderMap, body: Bytes, limit: u64) -> Result<Packument, String> {
    let text = decoded(headers, body, limit)?;
    Packument::parse(name, text).map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })
}

/// The entry of a packument that came as `body`: kept as it came when that was compressed.
pub(super) fn entry(url: String, validity: Validity, packument: &Packument, body: Bytes) -> Entry {
    let text = packument.bytes();
    let stored = if body.len() == text.len() {
        compressed(text)
    } else {
        Stored { encoding: Encoding::Gzip, bytes: body, length: text.len() as u64 }
    };
    Entry { url, validity, index: packument.index().into(), body: stored }
}

/// The packument of an entry. Says also whether its index had to be made again, so that the entry is worth
/// saving again. `None` when the text is damaged in spite of its checksum.
pub(super) fn restore(name: &str, entry: &mut Entry) -> Option<(Packument, bool)> {
    let text = decode(&entry.body)?;
    if let Ok(packument) = Packument::with_index(name, text.clone(), &entry.index) {
        return Some((packument, false));
    }
    let packument = Packument::parse(name, text).ok()?;
    entry.index = packument.index().into();
    Some((packument, true))
}

fn plain(text: &Bytes) -> Stored {
    Stored { encoding: Encoding::Identity, length: text.len() as u64, bytes: text.clone() }
}

fn compressed(text: &Bytes) -> Stored {
    thread_local! {
        /// The worst case needs more room than the text itself; memory that was touched before is cheap.
        static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    if text.len() < SMALLEST_COMPRESSED {
        return plain(text);
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
        None => plain(text),
    }
}

fn decode(stored: &Stored) -> Option<Bytes> {
    match stored.encoding {
        Encoding::Identity => Some(stored.bytes.clone()),
        Encoding::Gzip => inflate(&stored.bytes, stored.length).ok(),
        Encoding::Lz4 => {
            let length = usize::try_from(stored.length).ok()?;
            lz4_flex::block::decompress(&stored.bytes, length).map(Bytes::from).ok()
        }
    }
}
