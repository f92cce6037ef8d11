//! One 512-byte header of a tar archive, and the extended headers that may precede it.
//!
//! Read the way npm reads them, quirks included: two readers that understand one archive differently are an attack.
//! Source: npm 11.19.1, tar (header, pax).

use crate::error::ArchiveFault;

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
    /// `K`: the next entry's link target, of no interest here.
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

/// What extended headers say of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extended {
    pub(super) path: Option<String>,
    pub(super) size: Option<u64>,
}

impl Extended {
    /// Adds the records of one extended header; later ones win.
    ///
    /// A record is a line whose length stands before it. Lines that lie about their length are skipped.
    pub(super) fn read(&mut self, text: &[u8]) -> Result<(), ArchiveFault> {
        // Decoded first, so that lengths of lines that are not UTF-8 are wrong for npm as well.
        let text = String::from_utf8_lossy(text);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        for line in text.split('\n') {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            if line.get(..digits).and_then(|digits| digits.parse().ok()) != Some(line.len() + 1) {
                continue;
            }
            // npm steps over the number as it would print it, so zeros before it spoil the record.
            let printed = (line.len() + 1).to_string().len();
            let Some((name, value)) = line.get(printed + 1..).and_then(|record| record.split_once('='))
            else {
                continue;
            };
            let value = value.split('\0').next().unwrap_or_default();
            match name {
                "path" => self.path = Some(value.to_owned()),
                "size" => self.size = Some(decimal(value)?),
                _ => {}
            }
        }
        Ok(())
    }
}

/// npm would read `1e3` and `0x10` as numbers here, other readers not; no archiver writes them.
fn decimal(text: &str) -> Result<u64, ArchiveFault> {
    let plain = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    let fault = || ArchiveFault::ExtendedSize { text: text.to_owned() };
    if plain { text.parse().map_err(|_| fault()) } else { Err(fault()) }
}

/// Reads a block in the light of the extended headers before it.
pub(super) fn read(block: &[u8; BLOCK], extended: &Extended, global: &Extended) -> Block {
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    let stored: u32 = block[CHECKSUM].iter().map(|byte| u32::from(*byte)).sum();
    let sum = sum - stored + 8 * u32::from(b' ');
    // The field has eight bytes, npm looks at twelve; what follows can only make a bad number of it.
    match (number(&block[148..160]), sum) {
        (Number::Missing, sum) if sum == 8 * u32::from(b' ') => return Block::Null,
        (Number::Value(checksum), sum) if checksum == u64::from(sum) => {}
        _ => return Block::Invalid,
    }
    let mut kind = Kind::from_byte(block[156]);
    let is_file_system_entry = !kind.is_meta() && kind != Kind::Unknown;
    let (extended_path, extended_size) = match is_file_system_entry {
        true => (extended.path.clone(), extended.size.or(global.size)),
        false => (None, None),
    };
    let mut path = extended_path.clone().unwrap_or_else(|| until_nul(&block[..100]));
    if matches!(block[156], b'0' | 0) && path.ends_with('/') {
        kind = Kind::Directory;
    }
    if block[257..265] == *b"ustar\x0000" {
        let length = if block[475] == 0 { 130 } else { 155 };
        let prefix = until_nul(&block[345..345 + length]);
        if block[475] != 0 || !prefix.is_empty() {
            path = format!("{prefix}/{path}");
        }
    }
    // Link targets are of no interest, but where one is required or forbidden, its presence makes the block no header.
    let has_target = block[157] != 0;
    let target_forbidden =
        kind != Kind::Link && !matches!(kind, Kind::GlobalExtended) && block[156] != b'x' && has_target;
    if path.is_empty() || (kind == Kind::Link && !has_target) || target_forbidden {
        return Block::Invalid;
    }
    let path = extended_path.unwrap_or(path);
    let size = match (extended_size, number(&block[124..136])) {
        (Some(size), _) => size,
        (None, Number::Value(size)) => size,
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
    Block::Header(Header { kind, path, size, mode })
}

enum Number {
    Value(u64),
    Missing,
    Invalid,
}

/// Octal digits, or base 256 when the first bit is set. Negative ones count as missing.
fn number(field: &[u8]) -> Number {
    match field {
        [0x80, rest @ ..] => {
            let mut value = 0_u64;
            for byte in rest {
                // npm refuses what a double cannot hold exactly.
                match value.checked_mul(256).and_then(|value| value.checked_add(u64::from(*byte))) {
                    Some(next) if next < 1 << 53 => value = next,
                    _ => return Number::Invalid,
                }
            }
            Number::Value(value)
        }
        [0xff, ..] => Number::Missing,
        [first, ..] if first & 0x80 != 0 => Number::Invalid,
        _ => {
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            let text = field.get(..end).unwrap_or_default().trim_ascii_start();
            let digits = text.iter().take_while(|byte| matches!(byte, b'0'..=b'7'));
            let mut value = None;
            for digit in digits {
                value = Some(value.unwrap_or(0) * 8 + u64::from(digit - b'0'));
            }
            value.map_or(Number::Missing, Number::Value)
        }
    }
}

/// Text up to its first NUL; what is not UTF-8 is replaced.
pub(super) fn until_nul(bytes: &[u8]) -> String {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}
