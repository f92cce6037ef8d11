//! Zip archives, as far as vulnerability databases publish them: stored and deflated files, also more than 65,535.
//!
//! Written here because the crates for it turn on features of the compressor that everything else would be built anew
//! with. Source: APPNOTE 6.3.10, sections 4.3 and 4.5.3.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use flate2::read::DeflateDecoder;

/// Bytes of one file, packed or not: documents have some hundred kilobytes at most.
const MAX_FILE: u64 = 16 << 20;

/// Bytes of the list of files.
const MAX_DIRECTORY: u64 = 512 << 20;

const END: &[u8] = b"PK\x05\x06";
const END_64_LOCATOR: &[u8] = b"PK\x06\x07";
const END_64: &[u8] = b"PK\x06\x06";
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";

/// What the fields of 32 bits say where the value stands elsewhere.
const ELSEWHERE: u64 = 0xffff_ffff;

/// An open archive: its list of files.
pub(crate) struct Archive {
    file: File,
    directory: Vec<u8>,
    /// Where the next entry of the list begins.
    at: usize,
}

/// A file of an archive.
pub(crate) struct ArchivedFile {
    pub name: String,
    method: u16,
    packed: u64,
    unpacked: u64,
    header: u64,
}

impl Archive {
    /// Whether a file begins like an archive.
    pub fn is_one(file: &File) -> bool {
        let mut start = [0; 4];
        file.read_exact_at(&mut start, 0).is_ok() && (start == LOCAL_HEADER || start == END)
    }

    /// Errors: a disk that fails, a file that is no archive or was cut off.
    pub fn open(file: File) -> io::Result<Archive> {
        let length = file.metadata()?.len();
        // a comment of up to 64 KiB may stand behind the end
        let tail_length = length.min((64 << 10) + 22 + 20);
        let mut tail = vec![0; usize::try_from(tail_length).unwrap_or(0)];
        let tail_start = length - tail_length;
        file.read_exact_at(&mut tail, tail_start)?;
        let end = tail.windows(4).rposition(|window| window == END).ok_or_else(|| broken("has no end"))?;
        let record = tail.get(end..).unwrap_or_default();
        let (mut size, mut offset) = (number(record, 12, 4)?, number(record, 16, 4)?);
        let locator = end.checked_sub(20).and_then(|at| tail.get(at..end));
        if let Some(locator) = locator.filter(|locator| locator.starts_with(END_64_LOCATOR)) {
            let mut record = [0; 56];
            file.read_exact_at(&mut record, number(locator, 8, 8)?)?;
            if !record.starts_with(END_64) {
                return Err(broken("has no end"));
            }
            (size, offset) = (number(&record, 40, 8)?, number(&record, 48, 8)?);
        }
        if size > MAX_DIRECTORY || offset.checked_add(size).is_none_or(|end| end > length) {
            return Err(broken("has a list of files that lies outside of it"));
        }
        let mut directory = vec![0; usize::try_from(size).unwrap_or(0)];
        file.read_exact_at(&mut directory, offset)?;
        Ok(Archive { file, directory, at: 0 })
    }

    /// The next file of the list.
    ///
    /// Errors: a list that is broken.
    pub fn next(&mut self) -> io::Result<Option<ArchivedFile>> {
        let entry = self.directory.get(self.at..).unwrap_or_default();
        if entry.is_empty() {
            return Ok(None);
        }
        if !entry.starts_with(DIRECTORY_ENTRY) {
            return Err(broken("has a broken list of files"));
        }
        let lengths = [number(entry, 28, 2)?, number(entry, 30, 2)?, number(entry, 32, 2)?];
        let [name_length, extra_length, comment_length] =
            lengths.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        let name = entry.get(46..46 + name_length).ok_or_else(|| broken("has a broken list of files"))?;
        let extra = entry.get(46 + name_length..46 + name_length + extra_length).unwrap_or_default();
        let mut fields = [number(entry, 24, 4)?, number(entry, 20, 4)?, number(entry, 42, 4)?];
        let mut wide = wide_fields(extra);
        for field in fields.iter_mut().filter(|field| **field == ELSEWHERE) {
            *field = wide.next().ok_or_else(|| broken("has a file without a place"))?;
        }
        let [unpacked, packed, header] = fields;
        self.at += 46 + name_length + extra_length + comment_length;
        let method = u16::try_from(number(entry, 10, 2)?).unwrap_or(u16::MAX);
        let name = String::from_utf8_lossy(name).into_owned();
        Ok(Some(ArchivedFile { name, method, packed, unpacked, header }))
    }

    /// What is in a file.
    ///
    /// Errors: a disk that fails; a file that is larger than it says or than any document, or packed in another way.
    pub fn read(&self, of: &ArchivedFile) -> io::Result<Vec<u8>> {
        if of.packed > MAX_FILE || of.unpacked > MAX_FILE {
            return Err(broken("has a file that is too large"));
        }
        let mut header = [0; 30];
        self.file.read_exact_at(&mut header, of.header)?;
        if !header.starts_with(LOCAL_HEADER) {
            return Err(broken("has a file that is not where its list says"));
        }
        let start = of.header.saturating_add(30 + number(&header, 26, 2)? + number(&header, 28, 2)?);
        let mut packed = vec![0; usize::try_from(of.packed).unwrap_or(0)];
        self.file.read_exact_at(&mut packed, start)?;
        let bytes = match of.method {
            0 => packed,
            8 => {
                let mut bytes = Vec::new();
                DeflateDecoder::new(&*packed).take(MAX_FILE + 1).read_to_end(&mut bytes)?;
                bytes
            }
            _ => return Err(broken("has a file that is packed in an unknown way")),
        };
        if bytes.len() as u64 != of.unpacked {
            return Err(broken("has a file of another length than it says"));
        }
        Ok(bytes)
    }
}

/// The fields of 64 bits that stand in the extra field of that kind.
fn wide_fields(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    const WIDE: u64 = 1;
    let mut found: &[u8] = &[];
    while let (Ok(kind), Ok(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let end = 4 + usize::try_from(length).unwrap_or(0);
        let Some(field) = extra.get(4..end) else { break };
        if kind == WIDE {
            found = field;
            break;
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    found.chunks_exact(8).filter_map(|bytes| number(bytes, 0, 8).ok())
}

/// A number in `length` bytes, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> io::Result<u64> {
    let bytes = bytes.get(at..at + length).ok_or_else(|| broken("was cut off"))?;
    Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the archive {what}"))
}
