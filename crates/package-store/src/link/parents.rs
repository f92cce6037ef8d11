//! The directories that packages are put into: made when missing, kept open, never reached through a symbolic link.

use super::location::{ISOLATED, is_isolated_entry};
use crate::error::{Result, StoreError};
use crate::fs::{self, Context, PLACE};
use rustc_hash::FxHashMap;
use rustix::fs::{AtFlags, CWD};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How many stay open. Large trees have thousands, processes may often have only a thousand files open.
const KEPT_OPEN: usize = 128;

/// The directories of one project.
#[derive(Debug)]
pub(crate) struct Parents {
    root: Arc<OwnedFd>,
    path: PathBuf,
    open: Mutex<FxHashMap<String, Arc<OwnedFd>>>,
}

impl Parents {
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let directory = fs::open_directory(CWD, root).context("open", root)?;
        Ok(Self { root: Arc::new(directory), path: root.to_owned(), open: Mutex::new(FxHashMap::default()) })
    }

    /// The project's own directory.
    pub(crate) fn root(&self) -> &Path {
        &self.path
    }

    pub(crate) fn full_path(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Opens a directory of the project; `None` when it does not exist.
    ///
    /// Errors: [`StoreError::NotADirectory`] when it, or anything on the way, is something else.
    pub(crate) fn find(&self, path: &str) -> Result<Option<Arc<OwnedFd>>> {
        if path.is_empty() {
            return Ok(Some(Arc::clone(&self.root)));
        }
        if let Some(open) = self.lock().get(path) {
            return Ok(Some(Arc::clone(open)));
        }
        match fs::open_beneath(&self.root, path, PLACE) {
            Ok(directory) => Ok(Some(self.keep(path, directory))),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => Err(StoreError::NotADirectory { path: self.full_path(path) }),
            Err(errno) => Err(errno).context("open", self.full_path(path)),
        }
    }

    /// The same where what is behind a link, or below a file, is as good as not there: it is not ours.
    pub(crate) fn find_real(&self, path: &str) -> Result<Option<Arc<OwnedFd>>> {
        match self.find(path) {
            Err(StoreError::NotADirectory { .. }) => Ok(None),
            other => other,
        }
    }

    /// Opens a directory of the project, making it and what it is in.
    ///
    /// A `node_modules` that is a symbolic link or a file gives way to a directory, as in npm 11.19.1 (arborist); so
    /// do a `.bin` and a `.store`, through which a repository could have commands and packages written to anywhere.
    ///
    /// Errors: [`StoreError::NotADirectory`] for anything else that is none.
    pub(crate) fn ensure(&self, path: &str) -> Result<Arc<OwnedFd>> {
        match self.find(path) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) | Err(StoreError::NotADirectory { .. }) => {}
            Err(error) => return Err(error),
        }
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.ensure(above)?;
        match fs::ensure_directory(&parent, name) {
            Ok(()) => {}
            Err(errno) => return Err(errno).context("create", self.full_path(path)),
        }
        let opened = match fs::open_real_directory(&parent, name) {
            Err(Errno::LOOP | Errno::NOTDIR) if gives_way(path, name) => {
                rustix::fs::unlinkat(&parent, name, AtFlags::empty())
                    .context("remove", self.full_path(path))?;
                fs::ensure_directory(&parent, name).context("create", self.full_path(path))?;
                fs::open_real_directory(&parent, name)
            }
            Err(Errno::LOOP | Errno::NOTDIR) => {
                return Err(StoreError::NotADirectory { path: self.full_path(path) });
            }
            other => other,
        };
        Ok(self.keep(path, opened.context("open", self.full_path(path))?))
    }

    /// Forgets what is open, after directories have changed places.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn keep(&self, path: &str, directory: OwnedFd) -> Arc<OwnedFd> {
        let directory = Arc::new(directory);
        let mut open = self.lock();
        if open.len() < KEPT_OPEN {
            open.insert(path.to_owned(), Arc::clone(&directory));
        }
        directory
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, FxHashMap<String, Arc<OwnedFd>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a directory that is only ever made by installations is to be there, whatever has its name.
fn gives_way(path: &str, name: &str) -> bool {
    matches!(name, "node_modules" | ".bin" | ISOLATED) || is_isolated_entry(path)
}
