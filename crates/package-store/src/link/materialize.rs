//! One package's files into one directory.

use super::LinkMode;
use crate::entry::Entry;
use crate::error::Result;
use crate::fs::{self, Context};
use crate::index::FileRecord;
use rayon::prelude::*;
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Packages with more files than this are linked by several threads, so that nobody waits for one that comes last.
const SHARED_FROM: usize = 192;
const SHARE: usize = 64;
const COPY_CHUNK: usize = 1 << 30;

/// Knows how files get into one tree, and learns what its file system cannot do.
#[derive(Debug, Default)]
pub(crate) struct Materializer {
    no_hard_links: AtomicBool,
    no_clones: AtomicBool,
}

impl Materializer {
    /// Makes all directories and files of the entry in an empty directory. `package.json` comes last, so that a
    /// package that has one is whole. `path` is for errors.
    pub(crate) fn fill(
        &self,
        entry: &Entry,
        mode: LinkMode,
        destination: &OwnedFd,
        path: &Path,
    ) -> Result<()> {
        let source = entry.open().context("open", entry.path())?;
        for directory in entry.directories() {
            fs::ensure_directory(destination, directory).context("create", path.join(directory))?;
        }
        let place = |at: usize| match entry.index.file(at) {
            None => Ok(()),
            Some(file) => self
                .place(source.as_fd(), destination.as_fd(), &file, mode)
                .context("create", path.join(file.path)),
        };
        let count = entry.file_count();
        let last = count.saturating_sub(1);
        if count > SHARED_FROM {
            (0..last).into_par_iter().with_min_len(SHARE).try_for_each(place)?;
        } else {
            (0..last).try_for_each(place)?;
        }
        place(last)
    }

    fn place(
        &self,
        source: BorrowedFd<'_>,
        destination: BorrowedFd<'_>,
        file: &FileRecord<'_>,
        mode: LinkMode,
    ) -> Result<(), Errno> {
        let hard_link = match mode {
            LinkMode::HardLink => true,
            LinkMode::Auto => !self.no_hard_links.load(Ordering::Relaxed),
            LinkMode::Clone | LinkMode::Copy => false,
        };
        if hard_link {
            match rustix::fs::linkat(source, file.path, destination, file.path, AtFlags::empty()) {
                // Too many links to this one file; the next may do.
                Err(Errno::MLINK) => {}
                // Another file system, one without hard links, or a store of somebody else.
                Err(Errno::XDEV | Errno::PERM | Errno::OPNOTSUPP | Errno::ACCESS) => {
                    self.no_hard_links.store(true, Ordering::Relaxed);
                }
                other => return other,
            }
        }
        self.copy(source, destination, file, mode)
    }

    fn copy(
        &self,
        source: BorrowedFd<'_>,
        destination: BorrowedFd<'_>,
        file: &FileRecord<'_>,
        mode: LinkMode,
    ) -> Result<(), Errno> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let from = rustix::fs::openat(source, file.path, flags, Mode::empty())?;
        let to = fs::create_file(destination, file.path, file.mode)?;
        if mode != LinkMode::Copy && !self.no_clones.load(Ordering::Relaxed) {
            match clone(&to, &from) {
                Ok(()) => return Ok(()),
                Err(_) => self.no_clones.store(true, Ordering::Relaxed),
            }
        }
        copy_contents(&from, &to)
    }
}

/// Copies what is left of one open file to another.
pub(crate) fn copy_contents(from: &OwnedFd, to: &OwnedFd) -> Result<(), Errno> {
    #[cfg(target_os = "linux")]
    loop {
        match rustix::fs::copy_file_range(from, None, to, None, COPY_CHUNK) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            // Not between these two file systems, or not in this sandbox; nothing was copied then.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => break,
            Err(errno) => return Err(errno),
        }
    }
    // Also what some file systems keep from copy_file_range: it says 0 at once there.
    let mut buffer = [0; 16 << 10];
    loop {
        match rustix::io::read(from, &mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => fs::write_all(to, buffer.get(..read).unwrap_or_default())?,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

#[cfg(target_os = "linux")]
fn clone(to: &OwnedFd, from: &OwnedFd) -> Result<(), Errno> {
    rustix::fs::ioctl_ficlone(to, from)
}

#[cfg(not(target_os = "linux"))]
fn clone(_to: &OwnedFd, _from: &OwnedFd) -> Result<(), Errno> {
    Err(Errno::OPNOTSUPP)
}
