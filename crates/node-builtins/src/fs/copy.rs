//! Copying one file, by reference where the file system can.

use std::fs::File;
use std::path::Path;

use js_engine::{OpError, OsPath, op};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::{self, Errno, retry_on_intr};

use super::failure::During;

const EXCLUSIVE: u32 = 1;
const CLONE: u32 = 2;
const CLONE_ONLY: u32 = 4;

#[op(blocking)]
pub(super) fn copy_file(from: OsPath, to: OsPath, mode: u32) -> Result<(), OpError> {
    let (from, to) = (from.as_path(), to.as_path());
    copy(from, to, mode).during_between("copyfile", from, to)
}

fn copy(from: &Path, to: &Path, mode: u32) -> io::Result<()> {
    let source = retry_on_intr(|| rustix::fs::open(from, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()))?;
    let metadata = rustix::fs::fstat(&source)?;
    let permissions = Mode::from_raw_mode(metadata.st_mode);
    let exclusive = if mode & EXCLUSIVE != 0 { OFlags::EXCL } else { OFlags::empty() };
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC | exclusive;
    let target = retry_on_intr(|| rustix::fs::open(to, flags, permissions))?;
    let existing = rustix::fs::fstat(&target)?;
    if existing.st_dev == metadata.st_dev && existing.st_ino == metadata.st_ino {
        return Ok(());
    }
    let copied = fill(&source, &target, permissions, mode);
    if copied.is_err() && FileType::from_raw_mode(existing.st_mode).is_file() {
        // What is left of a failed copy is worse than nothing.
        let _ = rustix::fs::unlink(to);
    }
    copied
}

fn fill(
    source: &rustix::fd::OwnedFd,
    target: &rustix::fd::OwnedFd,
    permissions: Mode,
    mode: u32,
) -> io::Result<()> {
    rustix::fs::ftruncate(target, 0)?;
    // Some file systems have no permissions to set.
    match rustix::fs::fchmod(target, permissions) {
        Err(Errno::PERM) | Ok(()) => {}
        Err(error) => return Err(error),
    }
    if mode & (CLONE | CLONE_ONLY) != 0 {
        match clone(target, source) {
            Err(error) if mode & CLONE_ONLY != 0 => return Err(error),
            Err(_) => {}
            Ok(()) => return Ok(()),
        }
    }
    // Within the kernel where that works; the standard library knows when it does not.
    let (mut source, mut target) =
        (File::from(source.try_clone().map_err(errno)?), File::from(target.try_clone().map_err(errno)?));
    std::io::copy(&mut source, &mut target).map(drop).map_err(errno)
}

#[cfg(target_os = "linux")]
fn clone(target: &rustix::fd::OwnedFd, source: &rustix::fd::OwnedFd) -> io::Result<()> {
    rustix::fs::ioctl_ficlone(target, source)
}

#[cfg(not(target_os = "linux"))]
fn clone(_: &rustix::fd::OwnedFd, _: &rustix::fd::OwnedFd) -> io::Result<()> {
    Err(Errno::NOTSUP)
}

fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}
