//! One 512-byte header of a tar archive.
//!
//! Read the way npm reads them, quirks included: two readers that understand one archive differently are an attack.
//! Source: npm 11.19.1, tar (header, read-entry).

use super::extended::{Extended, Given};
use super::text::{Number, number, until_nul};

pub(super) const BLOCK: usize = 512;
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// What a header block says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// All zero: two of them end the archive.
    Null,
    /// Not a header: npm skips these 512 bytes and goes on.
    Invalid,
    Header(Header),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) mode: u32,
    /// An old kind of file, which replaces an earlier one of its path whole.
    pub(super) is_contiguous: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Link,
    /// Devices and pipes.
    Special,
    /// `x`: for the next entry.
    Extended,
    /// `g`: for all entries.
    GlobalExtended,
    /// `L`, `N`: the next entry's path.
    LongPath,
    /// `K`: the next entry's link target.
    LongLink,
    /// Everything else; skipped with its data.
    Unknown,
}

impl Kind {
    /// Describes another entry instead of being one.
    pub(super) const fn is_meta(self) -> bool {
        matches!(self, Self::Extended | Self::GlobalExtended | Self::LongPath | Self::LongLink)
    }

    const fn from_byte(byte: u8) -> Self {
        match byte {
            b'0' | 0 | b'7' => Self::File,
            b'5' | b'D' => Self::Directory,
            b'1' | b'2' => Self::Link,
            b'3' | b'4' | b'6' => Self::Special,
            b'x' | b'X' => Self::Extended,
            b'g' => Self::GlobalExtended,
            b'L' | b'N' => Self::LongPath,
            b'K' => Self::LongLink,
            _ => Self::Unknown,
        }
    }
}

/// Reads a block in the light of the extended headers before it.
pub(super) fn read(block: &[u8; BLOCK], extended: &Extended, global: &Extended) -> Block {
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let stored: u32 = block[CHECKSUM].iter().map(|byte| u32::from(*byte)).sum();
    let sum = sum - stored + 8 * u32::from(b' ');
    let mut kind = Kind::from_byte(block[156]);
    let is_file_system_entry = !kind.is_meta() && kind != Kind::Unknown;
    let (extended_path, extended_size) = match is_file_system_entry {
        true => (extended.path.clone(), extended.size.or(global.size)),
        false => (None, None),
    };
    let given = extended.has.or(global.has);
    if has_invalid_number(block, given, is_file_system_entry) {
        return Block::Invalid;
    }
    // The field has eight bytes, npm looks at twelve; what follows can only make a bad number of it.
    match (number(&block[148..160]), sum) {
        (Number::Missing, sum) if sum == 8 * u32::from(b' ') => return Block::Null,
        (Number::Value(checksum), sum) if checksum == i64::from(sum) => {}
        _ => return Block::Invalid,
    }
    let mut path = extended_path.clone().unwrap_or_else(|| until_nul(&block[..100]));
    if matches!(block[156], b'0' | 0) && path.ends_with('/') {
        kind = Kind::Directory;
    }
    if is_ustar(block) {
        let length = if block[475] == 0 { 130 } else { 155 };
        let prefix = until_nul(&block[345..345 + length]);
        if block[475] != 0 || !prefix.is_empty() {
            path = format!("{prefix}/{path}");
        }
    }
    // Link targets are of no interest, but where one is required or forbidden, its presence makes the block no header.
    let has_target = !until_nul(&block[157..257]).is_empty();
    let target_forbidden =
        kind != Kind::Link && !matches!(kind, Kind::GlobalExtended) && block[156] != b'x' && has_target;
    if path.is_empty() || (kind == Kind::Link && !has_target) || target_forbidden {
        return Block::Invalid;
    }
    let path = extended_path.unwrap_or(path);
    let size = match (extended_size, number(&block[124..136])) {
        (Some(size), _) => size,
        // nothing is less than nothing
        (None, Number::Value(size)) => u64::try_from(size).unwrap_or(0),
        (None, Number::Missing) => 0,
        (None, Number::Invalid) => return Block::Invalid,
    };
    let mode = match number(&block[100..108]) {
        Number::Value(mode) => u32::try_from(mode & 0o7777).unwrap_or_default(),
        Number::Missing => 0,
        Number::Invalid => return Block::Invalid,
    };
    // A directory never has data, whatever its size field says; GNU's `D` has, and it is skipped.
    let size = if kind == Kind::Directory && block[156] != b'D' { 0 } else { size };
    let is_contiguous = block[156] == b'7';
    Block::Header(Header { kind, path, size, mode, is_contiguous })
}

fn is_ustar(block: &[u8; BLOCK]) -> bool {
    block[257..265] == *b"ustar\x0000"
}

/// Whether one of the numbers that are of no interest here has npm give the header up. Those that an extended header
/// gives are not looked at.
fn has_invalid_number(block: &[u8; BLOCK], given: Given, is_file_system_entry: bool) -> bool {
    let of_entry = |is_given: bool| is_given && is_file_system_entry;
    let is_ustar = is_ustar(block);
    let has_times = is_ustar && block[475] == 0;
    [
        (!of_entry(given.uid), 108..116),
        (!of_entry(given.gid), 116..124),
        (!of_entry(given.mtime), 136..148),
        (is_ustar, 329..337),
        (is_ustar, 337..345),
        (has_times && !given.atime, 476..488),
        (has_times && !given.ctime, 488..500),
    ]
    .into_iter()
    .any(|(is_read, field)| is_read && block.get(field).is_some_and(|field| number(field) == Number::Invalid))
}
