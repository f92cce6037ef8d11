//! The few system calls everything here is made of, relative to open directories.
//!
//! Owns flags and error mapping. Decides nothing.

use crate::error::{Result, StoreError};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// How directories are held open: as places to start from, not to be read.
#[cfg(target_os = "linux")]
pub(crate) const PLACE: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
pub(crate) const PLACE: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// Every directory is made with this and the process's umask.
pub(crate) const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o777);

/// Turns a system error into one that says what was tried on what.
pub(crate) trait Context<T> {
    fn context(self, action: &'static str, path: impl AsRef<Path>) -> Result<T>;
}

impl<T> Context<T> for Result<T, Errno> {
    fn context(self, action: &'static str, path: impl AsRef<Path>) -> Result<T> {
        self.map_err(|errno| StoreError::system(action, path, errno))
    }
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, action: &'static str, path: impl AsRef<Path>) -> Result<T> {
        self.map_err(|source| match Errno::from_io_error(&source) {
            Some(errno) => StoreError::system(action, path, errno),
            None => StoreError::FileSystem { action, path: path.as_ref().to_owned(), source },
        })
    }
}

/// Opens a directory, following symbolic links.
pub(crate) fn open_directory(at: impl AsFd, path: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, path, PLACE, Mode::empty())
}

/// Opens a directory whose last component must not be a symbolic link.
pub(crate) fn open_real_directory(at: impl AsFd, path: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(at, path, PLACE | OFlags::NOFOLLOW, Mode::empty())
}

/// Opens once more, for reading, a directory that is open in any way.
pub(crate) fn reopen(directory: impl AsFd) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(directory, c".", flags, Mode::empty())
}

/// Makes a directory; one that is there already is as good.
pub(crate) fn ensure_directory(at: impl AsFd, path: impl rustix::path::Arg) -> Result<(), Errno> {
    match rustix::fs::mkdirat(at, path, DIRECTORY_MODE) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Asks the file system to spread what is made in this directory over the disk, as ext4 does with home directories.
///
/// ext4 looks at every recently deleted inode of a block group before it takes one there, for minutes after the
/// deletion. Removing a tree and making it again in the same group, which is what happens to `node_modules` all the
/// time, then costs the square of its size: measured 0.6 to 4 s for 5,000 files, against 0.06 to 0.25 s spread.
/// Best effort: other file systems do not know the flag and do not need it.
pub(crate) fn spread_children(directory: impl AsFd) {
    #[cfg(target_os = "linux")]
    if let Ok(flags) = rustix::fs::ioctl_getflags(&directory) {
        let _ = rustix::fs::ioctl_setflags(&directory, flags | rustix::fs::IFlags::TOPDIR);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = directory;
}

/// Makes a file that was not there before, and opens it for writing.
pub(crate) fn create_file(at: impl AsFd, path: impl rustix::path::Arg, mode: u32) -> Result<OwnedFd, Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(at, path, flags, Mode::from_raw_mode(mode))
}

/// Writes all of it.
pub(crate) fn write_all(file: impl AsFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(&file, bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Reads a whole file, without following a symbolic link at its end.
pub(crate) fn read_file(at: impl AsFd, path: impl rustix::path::Arg) -> Result<Vec<u8>, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    read_open(rustix::fs::openat(at, path, flags, Mode::empty())?, u64::MAX)
}

/// Reads an open file to its end, or one byte past the limit.
pub(crate) fn read_open(file: impl AsFd, limit: u64) -> Result<Vec<u8>, Errno> {
    let size = u64::try_from(rustix::fs::fstat(&file)?.st_size).unwrap_or_default();
    let wanted = usize::try_from(size.min(limit).saturating_add(1)).map_err(|_| Errno::FBIG)?;
    let mut bytes = vec![0; wanted];
    let mut filled = 0;
    loop {
        let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) else {
            if filled as u64 > limit {
                break;
            }
            // It has grown meanwhile.
            bytes.resize(filled * 2, 0);
            continue;
        };
        match rustix::io::read(&file, rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
        // Spares the call that would say that this was the end.
        if filled as u64 == size {
            break;
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Opens what has that path below a directory, with no symbolic link anywhere on the way.
///
/// Errors: `ELOOP` or `ENOTDIR` when there is one.
#[cfg(target_os = "linux")]
pub(crate) fn open_beneath(at: impl AsFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    use rustix::fs::ResolveFlags;
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(at.as_fd(), path, flags, Mode::empty(), resolve) {
        // Older kernels, and sandboxes that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => open_stepwise(at.as_fd(), path, flags),
        other => other,
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn open_beneath(at: impl AsFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    open_stepwise(at.as_fd(), path, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC)
}

fn open_stepwise(at: BorrowedFd<'_>, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    let mut open: Option<OwnedFd> = None;
    while let Some(part) = parts.next() {
        if part == ".." {
            return Err(Errno::XDEV);
        }
        let from = open.as_ref().map_or(at, AsFd::as_fd);
        open = Some(match parts.peek() {
            Some(_) => open_real_directory(from, part)?,
            None => rustix::fs::openat(from, part, flags, Mode::empty())?,
        });
    }
    open.map_or_else(|| rustix::fs::openat(at, ".", flags, Mode::empty()), Ok)
}

/// Removes a file; one that is not there is as good.
pub(crate) fn remove_file(at: impl AsFd, path: impl rustix::path::Arg) -> Result<(), Errno> {
    match rustix::fs::unlinkat(at, path, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}
