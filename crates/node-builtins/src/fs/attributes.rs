//! Permissions, owners and times. An owner of -1 (4294967295) stays as it is; times are seconds since 1970.

use js_engine::{Fd, OpError, OsPath, op};
use rustix::fs::{Access, AtFlags, CWD, Gid, Mode, Timespec, Timestamps, Uid};

use super::failure::During;

#[op(blocking)]
pub(super) fn access(path: OsPath, mode: u32) -> Result<(), OpError> {
    rustix::fs::access(path.as_path(), Access::from_bits_retain(mode)).during_on("access", path.as_path())
}

#[op(blocking)]
pub(super) fn exists(path: OsPath) -> Result<bool, OpError> {
    Ok(rustix::fs::access(path.as_path(), Access::EXISTS).is_ok())
}

#[op(blocking)]
pub(super) fn chmod(path: OsPath, mode: u32) -> Result<(), OpError> {
    rustix::fs::chmod(path.as_path(), Mode::from_raw_mode(mode)).during_on("chmod", path.as_path())
}

#[op(blocking)]
pub(super) fn fchmod(fd: Fd, mode: u32) -> Result<(), OpError> {
    rustix::fs::fchmod(fd.as_fd(), Mode::from_raw_mode(mode)).during("fchmod")
}

fn user(id: u32) -> Option<Uid> {
    (id != u32::MAX).then(|| Uid::from_raw(id))
}

fn group(id: u32) -> Option<Gid> {
    (id != u32::MAX).then(|| Gid::from_raw(id))
}

#[op(blocking)]
pub(super) fn chown(path: OsPath, uid: u32, gid: u32) -> Result<(), OpError> {
    rustix::fs::chown(path.as_path(), user(uid), group(gid)).during_on("chown", path.as_path())
}

#[op(blocking)]
pub(super) fn lchown(path: OsPath, uid: u32, gid: u32) -> Result<(), OpError> {
    rustix::fs::chownat(CWD, path.as_path(), user(uid), group(gid), AtFlags::SYMLINK_NOFOLLOW)
        .during_on("lchown", path.as_path())
}

#[op(blocking)]
pub(super) fn fchown(fd: Fd, uid: u32, gid: u32) -> Result<(), OpError> {
    rustix::fs::fchown(fd.as_fd(), user(uid), group(gid)).during("fchown")
}

/// Nanoseconds are counted up from the second before, also for times before 1970.
fn timespec(seconds: f64) -> Timespec {
    let whole = seconds.floor();
    Timespec { tv_sec: whole as i64, tv_nsec: ((seconds - whole) * 1e9) as _ }
}

fn timestamps(atime: f64, mtime: f64) -> Timestamps {
    Timestamps { last_access: timespec(atime), last_modification: timespec(mtime) }
}

#[op(blocking)]
pub(super) fn utimes(path: OsPath, atime: f64, mtime: f64) -> Result<(), OpError> {
    rustix::fs::utimensat(CWD, path.as_path(), &timestamps(atime, mtime), AtFlags::empty())
        .during_on("utime", path.as_path())
}

#[op(blocking)]
pub(super) fn lutimes(path: OsPath, atime: f64, mtime: f64) -> Result<(), OpError> {
    rustix::fs::utimensat(CWD, path.as_path(), &timestamps(atime, mtime), AtFlags::SYMLINK_NOFOLLOW)
        .during_on("lutime", path.as_path())
}

#[op(blocking)]
pub(super) fn futimes(fd: Fd, atime: f64, mtime: f64) -> Result<(), OpError> {
    rustix::fs::futimens(fd.as_fd(), &timestamps(atime, mtime)).during("futime")
}
