//! A package in the store, as its readers see it.

use crate::error::Result;
use crate::fs::{self, Context};
use crate::index::{EntryFlags, FileRecord, Index, PACKAGE_NAME};
use crate::key::EntryKey;
use crate::store::StoreRoot;
use rustix::io::Errno;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

/// One package version in the store. Cheap to clone; holds no open file.
#[derive(Clone)]
pub struct Entry {
    pub(crate) root: Arc<StoreRoot>,
    pub(crate) key: EntryKey,
    pub(crate) index: Arc<Index>,
}

impl Entry {
    /// The SHA-512 that the entry is kept under.
    pub fn key(&self) -> &EntryKey {
        &self.key
    }

    /// The bytes of the package's `package.json`; empty when it has none.
    pub fn package_json(&self) -> &[u8] {
        self.index.package_json()
    }

    /// What is known of the package without looking at its files.
    pub fn flags(&self) -> EntryFlags {
        self.index.flags()
    }

    /// Bytes of all files.
    pub fn unpacked_size(&self) -> u64 {
        self.index.unpacked_size()
    }

    /// How many files there are.
    pub fn file_count(&self) -> usize {
        self.index.file_count()
    }

    /// All files, in the order in which they are linked.
    pub fn files(&self) -> impl Iterator<Item = FileRecord<'_>> {
        (0..self.index.file_count()).filter_map(|at| self.index.file(at))
    }

    /// All directories, each after its parent.
    pub fn directories(&self) -> impl Iterator<Item = &str> {
        self.index.directories()
    }

    /// Whether there is such a file.
    pub fn file(&self, path: &str) -> Option<FileRecord<'_>> {
        self.files().find(|file| file.path == path)
    }

    /// Places of the packages that are bundled in this one, such as `node_modules/a/node_modules/@b/c`.
    pub fn bundled(&self) -> impl Iterator<Item = &str> {
        let wanted = self.flags().bundled;
        self.files().filter(move |_| wanted).filter_map(|file| bundled_location(file.path))
    }

    /// The contents of one file.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem), also when there is no such file.
    pub fn read(&self, path: &str) -> Result<Vec<u8>> {
        let known = self.file(path).ok_or(Errno::NOENT).context("read", self.path().join(path))?;
        let directory = self.open().context("open", self.path())?;
        fs::read_file(&directory, known.path).context("read", self.path().join(path))
    }

    /// The directory of the package's files. Not to be written to.
    pub fn path(&self) -> PathBuf {
        self.root.path.join(self.key.path()).join(PACKAGE_NAME)
    }

    pub(crate) fn open(&self) -> Result<OwnedFd, Errno> {
        fs::open_real_directory(&self.root.directory, format!("{}/{PACKAGE_NAME}", self.key.path()))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The package that a `package.json` below `node_modules` belongs to.
pub(crate) fn bundled_location(path: &str) -> Option<&str> {
    let location = path.strip_suffix("/package.json")?;
    let mut rest = location;
    while !rest.is_empty() {
        let below = rest.strip_prefix("node_modules/")?;
        let scope = if below.starts_with('@') { below.find('/')? + 1 } else { 0 };
        rest = match below.get(scope..)?.find('/') {
            Some(end) => below.get(scope + end + 1..)?,
            None => "",
        };
    }
    (!location.is_empty()).then_some(location)
}

#[cfg(test)]
mod tests {
    use super::bundled_location;

    #[test]
    fn bundled_packages_are_told_by_their_place() {
        for (path, expected) in [
            ("node_modules/a/package.json", Some("node_modules/a")),
            ("node_modules/@s/a/package.json", Some("node_modules/@s/a")),
            ("node_modules/a/node_modules/@s/b/package.json", Some("node_modules/a/node_modules/@s/b")),
            ("node_modules/a/lib/package.json", None),
            ("node_modules/@s/package.json", None),
            ("lib/node_modules/a/package.json", None),
            ("package.json", None),
        ] {
            assert_eq!(bundled_location(path), expected, "{path}");
        }
    }
}
