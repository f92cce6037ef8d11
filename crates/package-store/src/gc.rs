//! Removing what no project uses any more.

use crate::entry::Entry;
use crate::error::Result;
use crate::fs::{self, Context};
use crate::index::{INDEX_NAME, Index};
use crate::key::EntryKey;
use crate::remove::{names, remove_tree};
use crate::staging::remove_abandoned;
use crate::store::{LOCK, Locking, Store};
use rustix::fs::{AtFlags, Timespec, Timestamps, UTIME_NOW};
use rustix::io::Errno;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

const ALIASES: &str = "alias";

/// What a collection of garbage did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Collected {
    /// Entries that were removed.
    pub removed: usize,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// Entries that were kept.
    pub kept: usize,
    /// Names of entries that are no more.
    pub aliases: usize,
    /// Staging directories of processes that are no more.
    pub abandoned: usize,
}

/// An entry that was removed because it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discarded {
    /// Which.
    pub key: EntryKey,
    /// Its bytes, unpacked.
    pub bytes: u64,
}

impl Store {
    /// Removes entries that were last used before a time and of which no file is linked from anywhere else.
    ///
    /// `None` when another process, or another [`Store`] of this one, has the store open: what it uses must stay.
    /// Copies and clones leave no link behind, so for projects made of them only the time counts.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem).
    pub fn collect_garbage(directory: &Path, last_used_before: SystemTime) -> Result<Option<Collected>> {
        let Some(store) = Self::open_locked(directory, Locking::Exclusive)? else { return Ok(None) };
        let abandoned = remove_abandoned(&store.root.directory, &store.root.path)?;
        let mut collected = Collected { abandoned, ..Collected::default() };
        let mut garbage = Vec::new();
        for name in store.root.entry_names()? {
            let Some(key) = EntryKey::from_hex(&name) else { continue };
            match store.garbage(&key, last_used_before) {
                Some(bytes) => {
                    garbage.push(store.remove_entry(&key)?);
                    collected.removed += 1;
                    collected.bytes += bytes;
                }
                None => collected.kept += 1,
            }
        }
        collected.aliases = store.remove_aliases()?;
        // Others may use the store again while the files of what was taken out of it are being removed.
        drop(store);
        drop(garbage);
        Ok(Some(collected))
    }

    /// Removes the entries that are meant, used or not: packages in node_modules keep what they have.
    ///
    /// `None` when another process, or another [`Store`] of this one, has the store open.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem).
    pub fn discard(
        directory: &Path,
        mut is_meant: impl FnMut(&Entry) -> bool,
    ) -> Result<Option<Vec<Discarded>>> {
        let Some(store) = Self::open_locked(directory, Locking::Exclusive)? else { return Ok(None) };
        let mut garbage = Vec::new();
        let mut discarded = Vec::new();
        for entry in store.entries()?.iter().filter(|entry| is_meant(entry)) {
            garbage.push(store.remove_entry(entry.key())?);
            discarded.push(Discarded { key: *entry.key(), bytes: entry.unpacked_size() });
        }
        store.remove_aliases()?;
        drop(store);
        drop(garbage);
        Ok(Some(discarded))
    }

    /// Removes everything in the store; `false` when it is open elsewhere, and nothing was removed.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem).
    pub fn clear(directory: &Path) -> Result<bool> {
        let Some(store) = Self::open_locked(directory, Locking::Exclusive)? else { return Ok(false) };
        for name in names(&store.root.directory).context("read", &store.root.path)? {
            if name.to_bytes() != LOCK.as_bytes() {
                let path = || store.root.path.join(name.to_string_lossy().as_ref());
                remove_tree(&store.root.directory, &*name).context("remove", path())?;
            }
        }
        Ok(true)
    }

    /// Every entry that can be read, in no order. Their files are not looked at.
    ///
    /// Errors: [`StoreError::FileSystem`](crate::StoreError::FileSystem).
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let keys = self.root.entry_names()?.into_iter().filter_map(|name| EntryKey::from_hex(&name));
        let entry = |key: EntryKey| {
            let index = fs::read_file(&self.root.directory, format!("{}/{INDEX_NAME}", key.path())).ok()?;
            let index = Index::decode(index, &key)?;
            Some(Entry { root: Arc::clone(&self.root), key, index: Arc::new(index) })
        };
        Ok(keys.filter_map(entry).collect())
    }

    /// The size of an entry that nobody uses.
    fn garbage(&self, key: &EntryKey, last_used_before: SystemTime) -> Option<u64> {
        let path = format!("{}/{INDEX_NAME}", key.path());
        let index = fs::read_file(&self.root.directory, &*path).ok();
        let Some(index) = index.and_then(|bytes| Index::decode(bytes, key)) else { return Some(0) };
        let stat = rustix::fs::statat(&self.root.directory, &*path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let before = last_used_before.duration_since(UNIX_EPOCH).ok()?.as_secs();
        if u64::try_from(stat.st_mtime).is_ok_and(|used| used >= before) {
            return None;
        }
        let entry = Entry { root: Arc::clone(&self.root), key: *key, index: Arc::new(index) };
        let directory = entry.open().ok();
        let is_linked = |path| {
            let stat = rustix::fs::statat(directory.as_ref()?, path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            Some(stat.st_nlink > 1)
        };
        let in_use = entry.files().any(|file| is_linked(file.path) == Some(true));
        (!in_use).then(|| entry.unpacked_size())
    }

    fn remove_aliases(&self) -> Result<usize> {
        let path = self.root.path.join(ALIASES);
        let mut removed = 0;
        let aliases = match fs::open_directory(&self.root.directory, ALIASES) {
            Err(Errno::NOENT) => return Ok(0),
            other => other.context("open", &path)?,
        };
        for folder in names(&aliases).context("read", &path)? {
            let Ok(open) = fs::open_real_directory(&aliases, &*folder) else { continue };
            for name in names(&open).context("read", &path)? {
                let key = fs::read_file(&open, &*name).ok();
                let key =
                    key.and_then(|text| EntryKey::from_hex(std::str::from_utf8(&text).ok()?.trim_end()));
                let leads_somewhere = key.is_some_and(|key| {
                    let path = format!("{}/{INDEX_NAME}", key.path());
                    rustix::fs::statat(&self.root.directory, path, AtFlags::SYMLINK_NOFOLLOW).is_ok()
                });
                if !leads_somewhere {
                    fs::remove_file(&open, &*name).context("remove", &path)?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

impl Entry {
    /// Notes that the entry is in use now, for [`Store::collect_garbage`]. Best effort: not in a store that cannot be
    /// written to.
    pub fn mark_used(&self) {
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let times = Timestamps { last_access: now, last_modification: now };
        let path = format!("{}/{INDEX_NAME}", self.key.path());
        let _ = rustix::fs::utimensat(&self.root.directory, path, &times, AtFlags::SYMLINK_NOFOLLOW);
    }
}
