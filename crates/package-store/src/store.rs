//! The store's directory: finding entries, publishing them, and other names for them.
//!
//! *Shape*: `v1/<2 hex>/<126 hex>/{index,package/}`, `v1/alias/<2 hex>/<126 hex>`, `v1/tmp/<session>/`, `v1/lock`.
//! An entry is staged below `tmp/` and appears at its name by one rename, whole; it never changes afterwards. Any
//! number of processes may use one store. Garbage is collected only while no process holds `lock`.

use crate::digest;
use crate::entry::Entry;
use crate::error::Result;
use crate::fs::{self, Context};
use crate::index::{INDEX_NAME, Index};
use crate::key::{self, EntryKey};
use crate::remove::names;
use crate::staging::{Session, StagedDirectory};
use npm_formats::integrity::{Algorithm, Integrity};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The layout this crate reads and writes; another one would live beside it.
const LAYOUT: &str = "v1";
pub(crate) const LOCK: &str = "lock";

/// Who else may have the store open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locking {
    /// Everybody who does not collect garbage.
    Shared,
    /// Nobody.
    Exclusive,
}

/// A directory of unpacked packages, keyed by the verified SHA-512 of their tarballs. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) root: Arc<StoreRoot>,
}

/// What entries keep alive: the open store, and with it the promise that nothing is collected.
pub(crate) struct StoreRoot {
    pub(crate) path: PathBuf,
    pub(crate) directory: OwnedFd,
    /// Held, not used.
    _lock: OwnedFd,
    session: Mutex<Option<Arc<Session>>>,
}

impl Store {
    /// Opens the store in that directory, which is made when missing.
    ///
    /// While it, or an entry from it, lives, no other process collects garbage; while one does, this waits.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let opened = Self::open_locked(directory, Locking::Shared)?;
        opened.ok_or(Errno::WOULDBLOCK).context("lock", directory)
    }

    /// `None` when it is to be exclusive and is not free.
    pub(crate) fn open_locked(directory: &Path, locking: Locking) -> Result<Option<Self>> {
        let path = directory.join(LAYOUT);
        let opened = match fs::open_directory(CWD, &path) {
            Err(Errno::NOENT) => {
                std::fs::create_dir_all(&path).context("create", &path)?;
                fs::open_directory(CWD, &path)
            }
            other => other,
        };
        let directory = opened.context("open", &path)?;
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC;
        let lock = match rustix::fs::openat(&directory, LOCK, flags, Mode::from_raw_mode(0o666)) {
            // A store of somebody else, to be read only.
            Err(Errno::ROFS | Errno::ACCESS) => {
                rustix::fs::openat(&directory, LOCK, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            }
            other => other,
        };
        let lock = lock.context("open", path.join(LOCK))?;
        let operation = match locking {
            Locking::Shared => FlockOperation::LockShared,
            Locking::Exclusive => FlockOperation::NonBlockingLockExclusive,
        };
        match retry(|| rustix::fs::flock(&lock, operation)) {
            Err(Errno::WOULDBLOCK) => return Ok(None),
            locked => locked.context("lock", path.join(LOCK))?,
        }
        let root = StoreRoot { path, directory, _lock: lock, session: Mutex::new(None) };
        Ok(Some(Self { root: Arc::new(root) }))
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.root.path
    }

    /// The entry for a tarball of that integrity, when it is there and whole.
    pub fn lookup(&self, integrity: &Integrity) -> Option<Entry> {
        if integrity.strongest() == Algorithm::Sha512 {
            return EntryKey::from_integrity(integrity).find_map(|key| self.lookup_key(&key));
        }
        digest::aliases(integrity).find_map(|alias| self.lookup_alias(&alias))
    }

    /// The entry of that key, when it is there and whole.
    pub fn lookup_key(&self, key: &EntryKey) -> Option<Entry> {
        let bytes = fs::read_file(&self.root.directory, format!("{}/{INDEX_NAME}", key.path())).ok()?;
        let index = Arc::new(Index::decode(bytes, key)?);
        let entry = Entry { root: Arc::clone(&self.root), key: *key, index };
        self.settle(entry)
    }

    /// The entry that was given this other name: a commit of a repository, or an integrity without SHA-512.
    pub fn lookup_alias(&self, name: &str) -> Option<Entry> {
        let bytes = fs::read_file(&self.root.directory, alias_path(name)).ok()?;
        let key = EntryKey::from_hex(std::str::from_utf8(&bytes).ok()?.trim_end())?;
        self.lookup_key(&key)
    }

    /// Gives an entry another name to be found by, replacing an earlier one.
    pub fn alias(&self, name: &str, key: &EntryKey) -> Result<()> {
        let session = self.root.session()?;
        let (path, staged) = (alias_path(name), session.next_name());
        let full = || self.root.path.join(&path);
        let file = fs::create_file(&session.directory, &staged, 0o666).context("create", full())?;
        fs::write_all(&file, key.to_string().as_bytes()).context("write", full())?;
        let publish = || rustix::fs::renameat(&session.directory, &*staged, &self.root.directory, &*path);
        let published = match publish() {
            Err(Errno::NOENT) => {
                self.root.ensure_parents(&path)?;
                publish()
            }
            other => other,
        };
        published.context("create", full())
    }

    /// Moves a staged entry to its name. Of two processes that publish the same entry, one wins.
    pub(crate) fn publish(&self, key: &EntryKey, staged: &StagedDirectory, index: Index) -> Result<Entry> {
        let path = key.path();
        let (session, name) = (&staged.session.directory, &*staged.name);
        let full = || self.root.path.join(&path);
        let publish = || rustix::fs::renameat(session, name, &self.root.directory, &*path);
        let mut published = publish();
        if published == Err(Errno::NOENT) {
            self.root.ensure_parents(&path)?;
            published = publish();
        }
        if matches!(published, Err(Errno::EXIST | Errno::NOTEMPTY)) {
            if let Some(entry) = self.lookup_key(key) {
                return Ok(entry);
            }
            // What is there is damaged, so the two change places; the damaged one goes with the staging directory.
            let exchange = RenameFlags::EXCHANGE;
            published = rustix::fs::renameat_with(session, name, &self.root.directory, &*path, exchange);
        }
        published.context("publish", full())?;
        Ok(Entry { root: Arc::clone(&self.root), key: *key, index: Arc::new(index) })
    }
}

impl StoreRoot {
    /// This process's staging directory, made at first need.
    pub(crate) fn session(&self) -> Result<Arc<Session>> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match &*session {
            Some(session) => Ok(Arc::clone(session)),
            None => {
                let made = Arc::new(Session::start(&self.directory, &self.path)?);
                *session = Some(Arc::clone(&made));
                Ok(made)
            }
        }
    }

    /// The keys of all entries, as text.
    pub(crate) fn entry_names(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for folder in names(&self.directory).context("read", &self.path)? {
            let Some(folder) = folder.to_str().ok().filter(|folder| folder.len() == 2) else { continue };
            let Ok(open) = fs::open_real_directory(&self.directory, folder) else { continue };
            for name in names(&open).context("read", self.path.join(folder))? {
                if let Ok(name) = name.to_str() {
                    found.push(format!("{folder}{name}"));
                }
            }
        }
        Ok(found)
    }

    fn ensure_parents(&self, path: &str) -> Result<()> {
        let slashes = path.match_indices('/').map(|(at, _)| at);
        for parent in slashes.filter_map(|at| path.get(..at)) {
            fs::ensure_directory(&self.directory, parent).context("create", self.path.join(parent))?;
        }
        Ok(())
    }
}

/// Repeats what a signal interrupted.
pub(crate) fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

fn alias_path(name: &str) -> String {
    let mut path = key::hex(&digest::sha512(name.as_bytes()));
    path.insert(2, '/');
    format!("alias/{path}")
}
