//! A process's staging directory below `tmp/`: where entries are built before they are published.
//!
//! It is locked while its process lives, so that another process can tell what a dead one left behind.

use crate::error::Result;
use crate::fs::{self, Context};
use crate::remove::remove_tree;
use crate::store::retry;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const STAGING: &str = "tmp";

/// One process's staging directory; removed, with whatever is still in it, when dropped.
pub(crate) struct Session {
    /// Open for reading: only such a directory can be locked.
    pub(crate) directory: OwnedFd,
    pub(crate) path: PathBuf,
    name: String,
    parent: OwnedFd,
    next: AtomicU64,
    /// Permissions that new executables get here: 0777 without the process's umask.
    pub(crate) executable_mode: u32,
}

impl Session {
    pub(crate) fn start(store: &OwnedFd, store_path: &Path) -> Result<Self> {
        let parent_path = store_path.join(STAGING);
        fs::ensure_directory(store, STAGING).context("create", &parent_path)?;
        let parent = fs::open_directory(store, STAGING).context("open", &parent_path)?;
        loop {
            let name = random_name();
            let path = parent_path.join(&name);
            match rustix::fs::mkdirat(&parent, &*name, fs::DIRECTORY_MODE) {
                Ok(()) => {}
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(errno).context("create", path),
            }
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let directory = match rustix::fs::openat(&parent, &*name, flags, Mode::empty()) {
                Ok(directory) => directory,
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(errno).context("open", path),
            };
            retry(|| rustix::fs::flock(&directory, FlockOperation::LockExclusive)).context("lock", &path)?;
            // Between its creation and the lock it looked abandoned, and may have been removed.
            let stat = rustix::fs::fstat(&directory).context("examine", &path)?;
            if stat.st_nlink == 0 {
                continue;
            }
            fs::spread_children(&directory);
            let executable_mode = stat.st_mode & 0o777;
            return Ok(Self { directory, path, name, parent, next: AtomicU64::new(0), executable_mode });
        }
    }

    /// A name not used in this session before.
    pub(crate) fn next_name(&self) -> String {
        self.next.fetch_add(1, Ordering::Relaxed).to_string()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next collection of garbage.
        let _ = remove_tree(&self.parent, &self.name);
    }
}

/// Removes the staging directories of processes that are no more. Returns how many there were.
pub(crate) fn remove_abandoned(store: &OwnedFd, store_path: &Path) -> Result<usize> {
    let path = store_path.join(STAGING);
    let parent = match fs::open_directory(store, STAGING) {
        Err(Errno::NOENT) => return Ok(0),
        other => other.context("open", &path)?,
    };
    let mut removed = 0;
    for name in crate::remove::names(&parent).context("read", &path)? {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(directory) = rustix::fs::openat(&parent, &*name, flags, Mode::empty()) else { continue };
        if rustix::fs::flock(&directory, FlockOperation::NonBlockingLockExclusive).is_ok() {
            remove_tree(&parent, &*name).context("remove", path.join(name.to_string_lossy().as_ref()))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// A name that no other process picks at the same time.
pub(crate) fn random_name() -> String {
    // The standard library seeds this from the system, and differently for each instance.
    let random = RandomState::new().build_hasher().finish();
    format!("{random:016x}")
}

/// A directory in a session that will become an entry; removed when dropped unpublished.
pub(crate) struct StagedDirectory {
    pub(crate) session: std::sync::Arc<Session>,
    pub(crate) name: String,
    pub(crate) directory: OwnedFd,
}

impl StagedDirectory {
    pub(crate) fn create(session: std::sync::Arc<Session>) -> Result<Self> {
        let name = session.next_name();
        let path = session.path.join(&name);
        rustix::fs::mkdirat(&session.directory, &*name, fs::DIRECTORY_MODE).context("create", &path)?;
        let directory = fs::open_directory(&session.directory, &*name).context("open", &path)?;
        Ok(Self { session, name, directory })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.session.path.join(&self.name)
    }
}

impl Drop for StagedDirectory {
    fn drop(&mut self) {
        // After publication there is nothing here, or the damaged entry that was replaced.
        let _ = remove_tree(&self.session.directory, &*self.name);
    }
}
