//! Whether entries are still what they were when they were published.
//!
//! An entry keeps no hash of each file, so what is found is what is missing, has another size or mode, or is too much.
//! A file changed in place, with its size kept, is not found: for that the tarball must be fetched again.

use crate::entry::Entry;
use crate::error::Result;
use crate::fs::{self, Context};
use crate::index::{INDEX_NAME, Index};
use crate::key::EntryKey;
use crate::staging::StagedDirectory;
use crate::store::Store;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;
use std::sync::Arc;

/// What has become of a file of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// It is gone.
    Missing {
        /// Which.
        path: String,
    },
    /// It is no file any more, or has another size.
    Changed {
        /// Which.
        path: String,
    },
    /// It was made executable, or no longer is.
    Mode {
        /// Which.
        path: String,
    },
    /// `package.json` has other bytes than the index.
    Manifest,
}

/// What [`Store::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Entries that are whole.
    pub whole: usize,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Entries that were damaged, and are gone: they are fetched again when they are needed.
    pub removed: Vec<(EntryKey, Vec<Damage>)>,
    /// Directories that are no entries at all, and are gone.
    pub unreadable: usize,
}

impl Entry {
    /// Compares the entry's files with its index.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem) when that cannot be told.
    pub fn damage(&self) -> Result<Vec<Damage>> {
        let directory = match self.open() {
            Err(Errno::NOENT) => {
                return Ok(self.files().map(|file| Damage::Missing { path: file.path.to_owned() }).collect());
            }
            other => other.context("open", self.path())?,
        };
        let mut damage = Vec::new();
        for file in self.files() {
            let path = || file.path.to_owned();
            match rustix::fs::statat(&directory, file.path, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT | Errno::NOTDIR) => damage.push(Damage::Missing { path: path() }),
                Err(errno) => return Err(errno).context("examine", self.path().join(file.path)),
                Ok(stat) if !is_file_of(&stat, file.size) => damage.push(Damage::Changed { path: path() }),
                Ok(stat) if stat.st_mode & 0o111 != file.mode & 0o111 => {
                    damage.push(Damage::Mode { path: path() });
                }
                Ok(_) => {}
            }
        }
        if self.file("package.json").is_some()
            && !fs::read_file(&directory, "package.json").is_ok_and(|bytes| bytes == self.package_json())
        {
            damage.push(Damage::Manifest);
        }
        Ok(damage)
    }
}

impl Store {
    /// Checks every entry, and removes those that are damaged.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem).
    pub fn verify(&self) -> Result<Verified> {
        let mut verified = Verified::default();
        for name in self.root.entry_names()? {
            let Some(key) = EntryKey::from_hex(&name) else { continue };
            let bytes = fs::read_file(&self.root.directory, format!("{}/{INDEX_NAME}", key.path()));
            match bytes.ok().and_then(|bytes| Index::decode(bytes, &key)) {
                None => {
                    self.remove_entry(&key)?;
                    verified.unreadable += 1;
                }
                Some(index) => {
                    let entry = Entry { root: Arc::clone(&self.root), key, index: Arc::new(index) };
                    let damage = entry.damage()?;
                    if damage.is_empty() {
                        verified.whole += 1;
                        verified.bytes += entry.unpacked_size();
                    } else {
                        self.remove_entry(&key)?;
                        verified.removed.push((key, damage));
                    }
                }
            }
        }
        Ok(verified)
    }

    /// Takes an entry out of the store at once; its files go when what is returned is dropped.
    pub(crate) fn remove_entry(&self, key: &EntryKey) -> Result<StagedDirectory> {
        let path = key.path();
        let staged = StagedDirectory::create(self.root.session()?)?;
        match rustix::fs::renameat(&self.root.directory, &*path, &staged.directory, "entry") {
            Ok(()) | Err(Errno::NOENT) => Ok(staged),
            Err(errno) => Err(errno).context("remove", self.root.path.join(path)),
        }
    }

    /// An entry published before the machine was last started may have lost what had not reached the disk, if the
    /// machine was not shut down but fell. Looked at once, it is trusted from then on.
    pub(crate) fn settle(&self, entry: Entry) -> Option<Entry> {
        let published = entry.index.boot();
        if published.iter().all(|byte| *byte == 0) || published == crate::boot::current() {
            return Some(entry);
        }
        let directory = entry.open().ok()?;
        let is_there = |path: &str, size| {
            rustix::fs::statat(&directory, path, AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|stat| is_file_of(&stat, size))
        };
        if !entry.files().all(|file| is_there(file.path, file.size)) {
            return None;
        }
        // Where the store cannot be written to, the same is looked at again next time.
        let _ = self.mark_settled(&entry);
        Some(entry)
    }

    fn mark_settled(&self, entry: &Entry) -> Result<()> {
        let session = self.root.session()?;
        let staged = session.next_name();
        let path = format!("{}/{INDEX_NAME}", entry.key.path());
        let full = || self.root.path.join(&path);
        let index = entry.index.with_boot([0; 16]).ok_or(Errno::INVAL).context("write", full())?;
        let file = fs::create_file(&session.directory, &*staged, 0o666).context("create", full())?;
        fs::write_all(&file, &index).context("write", full())?;
        rustix::fs::renameat(&session.directory, &*staged, &self.root.directory, &*path)
            .context("replace", full())
    }
}

fn is_file_of(stat: &rustix::fs::Stat, size: u64) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && u64::try_from(stat.st_size) == Ok(size)
}
