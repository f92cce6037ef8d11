//! Names of entries and of aliases in the store.

use npm_formats::integrity::{Algorithm, Integrity};
use std::fmt;

/// The SHA-512 of a tarball, which is the name of its entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryKey([u8; 64]);

impl EntryKey {
    /// The key of a tarball with that SHA-512.
    pub const fn from_sha512(digest: [u8; 64]) -> Self {
        Self(digest)
    }

    /// The keys that an integrity's SHA-512 hashes name: of several any may be the one.
    pub fn from_integrity(integrity: &Integrity) -> impl Iterator<Item = Self> {
        integrity.of(Algorithm::Sha512).filter_map(|hash| Some(Self(hash.digest_bytes()?.try_into().ok()?)))
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut digest = [0; 64];
        let pairs = text.as_bytes().as_chunks::<2>();
        if text.len() != 128 || !pairs.1.is_empty() {
            return None;
        }
        for (byte, [high, low]) in digest.iter_mut().zip(pairs.0) {
            *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
        }
        Some(Self(digest))
    }

    /// The digest.
    pub const fn digest(&self) -> &[u8; 64] {
        &self.0
    }

    /// As integrity metadata.
    pub fn integrity(&self) -> Integrity {
        Integrity::from_digest(Algorithm::Sha512, &self.0)
    }

    /// Where the entry lives below the store: `ab/cdef…`.
    pub(crate) fn path(&self) -> String {
        let mut path = self.to_string();
        path.insert(2, '/');
        path
    }
}

impl fmt::Display for EntryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for EntryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EntryKey({self})")
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}
