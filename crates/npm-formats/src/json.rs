//! JSON as npm reads and writes it: parsing with npm's leniency, printing as `JSON.stringify` prints, and
//! documents that are edited without disturbing their formatting.
//!
//! Owns the text level: byte order marks, error positions, indentation, line endings, number and string
//! spelling, the order JavaScript gives to keys. What the members mean belongs to [`crate::manifest`] and
//! [`crate::lockfile`]. Nothing here reads or writes a file, and a text that does not parse is never repaired.

pub(crate) mod access;
mod document;
mod error;
mod parse;
mod print;

pub use document::{Document, Format};
pub use error::JsonError;
pub use parse::{parse, parse_text};
pub(crate) use print::{Node, NodeMap, nice_order, print_nice_node};
pub use print::{print, print_nice};

use std::borrow::Cow;

/// The text of a file; bytes that are not UTF-8 become U+FFFD, as in Node's `readFile`.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The number behind a key that JavaScript treats as an array index, and therefore lists before all others.
///
/// Shape: decimal digits without a leading zero, at most 4294967294. Source: ECMAScript, `OrdinaryOwnPropertyKeys`.
pub(crate) fn array_index(key: &str) -> Option<u32> {
    let bytes = key.as_bytes();
    let first = *bytes.first()?;
    if !first.is_ascii_digit() || bytes.len() > 10 || (first == b'0' && bytes.len() > 1) {
        return None;
    }
    if !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    key.parse::<u32>().ok().filter(|index| *index != u32::MAX)
}

#[cfg(test)]
mod tests;
