//! The index of an entry: what it holds, in one small file that loads with one read.
//!
//! *Shape*, all numbers little-endian:
//!
//! ```text
//! header    128 bytes: magic 8, version 4, flags 4, directories 4, files 4, strings 4, package.json 4,
//!           unpacked bytes 8, boot 16, CRC-32 of everything else 4, zero 4, key 64
//! directories  each 8 bytes: offset 4, length 4 of its path in the strings
//! files        each 24 bytes: offset 4, length 4, size 8, mode 4, zero 4
//! strings      paths, each with a NUL behind it
//! package.json its bytes
//! ```
//!
//! Whatever does not fit this exactly is no index: the entry counts as missing and is fetched again.

use crate::key::EntryKey;

/// Name of the index inside an entry.
pub(crate) const INDEX_NAME: &str = "index";
/// Name of the directory of files inside an entry.
pub(crate) const PACKAGE_NAME: &str = "package";

const MAGIC: &[u8; 8] = b"knit-pkg";
const VERSION: u32 = 1;
const HEADER: usize = 128;
const DIRECTORY: usize = 8;
const FILE: usize = 24;
const CHECKSUM_AT: usize = 56;
const BOOT_AT: usize = 40;
const KEY_AT: usize = 64;

/// A file of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRecord<'a> {
    /// Path inside the package, with `/`.
    pub path: &'a str,
    /// Bytes.
    pub size: u64,
    /// Permission bits as on disk when it was kept.
    pub mode: u32,
}

/// Facts about an entry that are wanted without looking at its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryFlags {
    /// `package.json` has a `preinstall`, `install` or `postinstall` script.
    pub install_script: bool,
    /// There is a `binding.gyp` at the root.
    pub binding_gyp: bool,
    /// There are packages in `node_modules`.
    pub bundled: bool,
}

impl EntryFlags {
    const fn bits(self) -> u32 {
        self.install_script as u32 | (self.binding_gyp as u32) << 1 | (self.bundled as u32) << 2
    }

    const fn from_bits(bits: u32) -> Self {
        Self { install_script: bits & 1 != 0, binding_gyp: bits & 2 != 0, bundled: bits & 4 != 0 }
    }
}

/// What goes into an index.
pub(crate) struct IndexContents<'a> {
    pub(crate) key: EntryKey,
    pub(crate) boot: [u8; 16],
    pub(crate) flags: EntryFlags,
    pub(crate) directories: &'a [&'a str],
    pub(crate) files: &'a [FileRecord<'a>],
    pub(crate) package_json: &'a [u8],
}

impl IndexContents<'_> {
    /// The bytes of the index; `None` when the package is too large for the format (4 GiB of names).
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let mut strings = Vec::new();
        let mut tables = Vec::with_capacity(self.directories.len() * DIRECTORY + self.files.len() * FILE);
        for path in self.directories {
            push_path(&mut tables, &mut strings, path)?;
        }
        for file in self.files {
            push_path(&mut tables, &mut strings, file.path)?;
            tables.extend(file.size.to_le_bytes());
            tables.extend(file.mode.to_le_bytes());
            tables.extend([0; 4]);
        }
        let mut bytes = Vec::with_capacity(HEADER + tables.len() + strings.len() + self.package_json.len());
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.flags.bits().to_le_bytes());
        for length in [self.directories.len(), self.files.len(), strings.len(), self.package_json.len()] {
            bytes.extend(u32::try_from(length).ok()?.to_le_bytes());
        }
        bytes.extend(self.files.iter().map(|file| file.size).sum::<u64>().to_le_bytes());
        bytes.extend(self.boot);
        bytes.extend([0; 8]);
        bytes.extend(self.key.digest());
        bytes.extend(tables);
        bytes.extend(strings);
        bytes.extend(self.package_json);
        let checksum = checksum(&bytes)?;
        bytes.get_mut(CHECKSUM_AT..CHECKSUM_AT + 4)?.copy_from_slice(&checksum.to_le_bytes());
        Some(bytes)
    }
}

fn push_path(tables: &mut Vec<u8>, strings: &mut Vec<u8>, path: &str) -> Option<()> {
    tables.extend(u32::try_from(strings.len()).ok()?.to_le_bytes());
    tables.extend(u32::try_from(path.len()).ok()?.to_le_bytes());
    strings.extend(path.as_bytes());
    strings.push(0);
    Some(())
}

/// A loaded index that has been checked once, so that reading from it cannot fail.
#[derive(Debug)]
pub(crate) struct Index {
    bytes: Vec<u8>,
    directories: usize,
    files: usize,
    strings_at: usize,
    package_json_at: usize,
}

impl Index {
    /// Reads an index. `None` for anything that is not whole, not of this version, or not of that key.
    pub(crate) fn decode(bytes: Vec<u8>, key: &EntryKey) -> Option<Self> {
        let head = bytes.get(..HEADER)?;
        if !head.starts_with(MAGIC) || number(head, 8)? != VERSION || head.get(KEY_AT..)? != key.digest() {
            return None;
        }
        if checksum(&bytes)? != number(head, CHECKSUM_AT)? {
            return None;
        }
        let count = |at| number(head, at).and_then(|count| usize::try_from(count).ok());
        let (directories, files) = (count(16)?, count(20)?);
        let strings_at =
            HEADER.checked_add(directories.checked_mul(DIRECTORY)?)?.checked_add(files.checked_mul(FILE)?)?;
        let package_json_at = strings_at.checked_add(count(24)?)?;
        if package_json_at.checked_add(count(28)?)? != bytes.len() {
            return None;
        }
        std::str::from_utf8(bytes.get(strings_at..package_json_at)?).ok()?;
        let index = Self { bytes, directories, files, strings_at, package_json_at };
        let paths = (0..directories).map(|at| HEADER + at * DIRECTORY);
        let paths = paths.chain((0..files).map(|at| index.files_at() + at * FILE));
        paths.map(|at| index.path(at)).all(|path| path.is_some()).then_some(())?;
        Some(index)
    }

    pub(crate) fn flags(&self) -> EntryFlags {
        EntryFlags::from_bits(number(&self.bytes, 12).unwrap_or_default())
    }

    pub(crate) fn unpacked_size(&self) -> u64 {
        long(&self.bytes, 32).unwrap_or_default()
    }

    pub(crate) fn boot(&self) -> &[u8] {
        self.bytes.get(BOOT_AT..BOOT_AT + 16).unwrap_or_default()
    }

    /// The same index, marked with another boot.
    pub(crate) fn with_boot(&self, boot: [u8; 16]) -> Option<Vec<u8>> {
        let mut bytes = self.bytes.clone();
        bytes.get_mut(BOOT_AT..BOOT_AT + 16)?.copy_from_slice(&boot);
        let checksum = checksum(&bytes)?;
        bytes.get_mut(CHECKSUM_AT..CHECKSUM_AT + 4)?.copy_from_slice(&checksum.to_le_bytes());
        Some(bytes)
    }

    pub(crate) fn package_json(&self) -> &[u8] {
        self.bytes.get(self.package_json_at..).unwrap_or_default()
    }

    pub(crate) fn file_count(&self) -> usize {
        self.files
    }

    /// Directories, each after its parent.
    pub(crate) fn directories(&self) -> impl Iterator<Item = &str> {
        (0..self.directories).filter_map(|at| self.path(HEADER + at * DIRECTORY))
    }

    pub(crate) fn file(&self, position: usize) -> Option<FileRecord<'_>> {
        if position >= self.files {
            return None;
        }
        let at = self.files_at() + position * FILE;
        let (size, mode) = (long(&self.bytes, at + 8)?, number(&self.bytes, at + 16)?);
        Some(FileRecord { path: self.path(at)?, size, mode })
    }

    fn files_at(&self) -> usize {
        HEADER + self.directories * DIRECTORY
    }

    /// The path that the record at that offset begins with.
    fn path(&self, record: usize) -> Option<&str> {
        let (offset, length) = (number(&self.bytes, record)?, number(&self.bytes, record + 4)?);
        let from = self.strings_at.checked_add(usize::try_from(offset).ok()?)?;
        let to = from.checked_add(usize::try_from(length).ok()?)?;
        if to >= self.package_json_at {
            return None;
        }
        std::str::from_utf8(self.bytes.get(from..to)?).ok()
    }
}

/// Of everything but the checksum's own place.
fn checksum(bytes: &[u8]) -> Option<u32> {
    let mut crc = libdeflater::Crc::new();
    crc.update(bytes.get(..CHECKSUM_AT)?);
    crc.update(bytes.get(CHECKSUM_AT + 4..)?);
    Some(crc.sum())
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded() -> (EntryKey, Vec<u8>) {
        let key = EntryKey::from_sha512([7; 64]);
        let file = |path, size, mode| FileRecord { path, size, mode };
        let files = [file("package.json", 2, 0o644), file("lib/größe.js", 9, 0o755)];
        let contents = IndexContents {
            key,
            boot: [1; 16],
            flags: EntryFlags { install_script: true, ..EntryFlags::default() },
            directories: &["lib", "lib/empty"],
            files: &files,
            package_json: b"{}",
        };
        (key, contents.encode().expect("small enough"))
    }

    #[test]
    fn what_is_written_is_read() {
        let (key, bytes) = encoded();
        let index = Index::decode(bytes, &key).expect("an index");
        assert_eq!(index.directories().collect::<Vec<_>>(), ["lib", "lib/empty"]);
        let file = index.file(1).expect("two files");
        assert_eq!((file.path, file.size, file.mode), ("lib/größe.js", 9, 0o755));
        assert_eq!(index.file(2), None);
        assert_eq!((index.package_json(), index.unpacked_size()), (&b"{}"[..], 11));
        assert!(index.flags().install_script && !index.flags().bundled);
        let marked = index.with_boot([9; 16]).and_then(|bytes| Index::decode(bytes, &key)).expect("an index");
        assert_eq!(marked.boot(), [9; 16]);
    }

    #[test]
    fn damage_anywhere_makes_it_no_index() {
        let (key, bytes) = encoded();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x20;
            assert!(Index::decode(damaged, &key).is_none(), "byte {at}");
            assert!(Index::decode(bytes[..at].to_vec(), &key).is_none(), "cut at {at}");
        }
        assert!(Index::decode(bytes, &EntryKey::from_sha512([8; 64])).is_none());
    }
}
