//! `stat` and its relatives. Metadata travels as eighteen numbers, in the order in which Node's Stats takes them.

use std::path::Path;

use js_engine::{BigInt, Fd, Float64s, OpError, OsPath, op};
use rustix::fs::{AtFlags, CWD, StatFs};
use rustix::io::{self, Errno};

use super::failure::During;

/// dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, then seconds and nanoseconds of the four times.
struct Metadata([i128; 18]);

impl Metadata {
    fn floats(self) -> Float64s {
        Float64s(self.0.iter().map(|&field| field as f64).collect())
    }

    /// As the bytes of a Float64Array.
    fn write(&self, out: &mut [u8]) {
        for (place, &field) in out.chunks_exact_mut(8).zip(&self.0) {
            place.copy_from_slice(&(field as f64).to_ne_bytes());
        }
    }

    fn bigints(self) -> Vec<BigInt> {
        self.0.into_iter().map(BigInt).collect()
    }
}

/// `statx`, because nothing else knows when a file was born.
#[cfg(target_os = "linux")]
fn read(directory: impl std::os::fd::AsFd, path: &Path, flags: AtFlags) -> io::Result<Metadata> {
    use rustix::fs::{StatxFlags, makedev, statx};
    let s = statx(directory, path, flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME)?;
    let times = [s.stx_atime, s.stx_mtime, s.stx_ctime, s.stx_btime];
    let mut fields = [0; 18];
    fields[..10].copy_from_slice(&[
        makedev(s.stx_dev_major, s.stx_dev_minor).into(),
        s.stx_mode.into(),
        s.stx_nlink.into(),
        s.stx_uid.into(),
        s.stx_gid.into(),
        makedev(s.stx_rdev_major, s.stx_rdev_minor).into(),
        s.stx_blksize.into(),
        s.stx_ino.into(),
        s.stx_size.into(),
        s.stx_blocks.into(),
    ]);
    for (i, time) in times.into_iter().enumerate() {
        fields[10 + 2 * i] = time.tv_sec.into();
        fields[11 + 2 * i] = time.tv_nsec.into();
    }
    Ok(Metadata(fields))
}

#[cfg(not(target_os = "linux"))]
fn read(directory: impl std::os::fd::AsFd, path: &Path, flags: AtFlags) -> io::Result<Metadata> {
    let s = if path.as_os_str().is_empty() {
        rustix::fs::fstat(directory)?
    } else {
        rustix::fs::statat(directory, path, flags)?
    };
    Ok(Metadata([
        s.st_dev as i128,
        s.st_mode as i128,
        s.st_nlink as i128,
        s.st_uid as i128,
        s.st_gid as i128,
        s.st_rdev as i128,
        s.st_blksize as i128,
        s.st_ino as i128,
        s.st_size as i128,
        s.st_blocks as i128,
        s.st_atime as i128,
        s.st_atime_nsec as i128,
        s.st_mtime as i128,
        s.st_mtime_nsec as i128,
        s.st_ctime as i128,
        s.st_ctime_nsec as i128,
        s.st_birthtime as i128,
        s.st_birthtime_nsec as i128,
    ]))
}

fn of_path(path: &Path) -> io::Result<Metadata> {
    read_path(path, AtFlags::empty())
}

fn of_link(path: &Path) -> io::Result<Metadata> {
    read_path(path, AtFlags::SYMLINK_NOFOLLOW)
}

/// An empty path names nothing; only a descriptor may go without one.
fn read_path(path: &Path, flags: AtFlags) -> io::Result<Metadata> {
    if path.as_os_str().is_empty() { Err(Errno::NOENT) } else { read(CWD, path, flags) }
}

fn of_descriptor(fd: &Fd) -> io::Result<Metadata> {
    read(fd.as_fd(), Path::new(""), AtFlags::EMPTY_PATH)
}

#[op(blocking)]
pub(super) fn stat(path: OsPath) -> Result<Float64s, OpError> {
    of_path(path.as_path()).during_on("stat", path.as_path()).map(Metadata::floats)
}

#[op(blocking)]
pub(super) fn lstat(path: OsPath) -> Result<Float64s, OpError> {
    of_link(path.as_path()).during_on("lstat", path.as_path()).map(Metadata::floats)
}

#[op(blocking)]
pub(super) fn fstat(fd: Fd) -> Result<Float64s, OpError> {
    of_descriptor(&fd).during("fstat").map(Metadata::floats)
}

#[op(blocking)]
pub(super) fn stat_bigint(path: OsPath) -> Result<Vec<BigInt>, OpError> {
    of_path(path.as_path()).during_on("stat", path.as_path()).map(Metadata::bigints)
}

#[op(blocking)]
pub(super) fn lstat_bigint(path: OsPath) -> Result<Vec<BigInt>, OpError> {
    of_link(path.as_path()).during_on("lstat", path.as_path()).map(Metadata::bigints)
}

#[op(blocking)]
pub(super) fn fstat_bigint(fd: Fd) -> Result<Vec<BigInt>, OpError> {
    of_descriptor(&fd).during("fstat").map(Metadata::bigints)
}

/// The fields as numbers in `out`, which is the caller's to use again: that is cheaper than an array for each call.
/// False where there is nothing, if that is allowed; then it costs no error.
#[op]
pub(super) fn stat_now(
    path: OsPath,
    follow: bool,
    allow_none: bool,
    out: &mut [u8],
) -> Result<bool, OpError> {
    let path = path.as_path();
    let (metadata, syscall) = if follow { (of_path(path), "stat") } else { (of_link(path), "lstat") };
    match metadata {
        Err(Errno::NOENT | Errno::NOTDIR) if allow_none => Ok(false),
        metadata => {
            metadata.during_on(syscall, path)?.write(out);
            Ok(true)
        }
    }
}

#[op]
pub(super) fn fstat_now(fd: Fd, out: &mut [u8]) -> Result<(), OpError> {
    of_descriptor(&fd).during("fstat")?.write(out);
    Ok(())
}

/// type, bsize, blocks, bfree, bavail, files, ffree.
fn file_system_fields(s: &StatFs) -> [i128; 7] {
    [
        s.f_type as i128,
        s.f_bsize as i128,
        s.f_blocks as i128,
        s.f_bfree as i128,
        s.f_bavail as i128,
        s.f_files as i128,
        s.f_ffree as i128,
    ]
}

#[op(blocking)]
pub(super) fn statfs(path: OsPath) -> Result<Float64s, OpError> {
    let s = rustix::fs::statfs(path.as_path()).during_on("statfs", path.as_path())?;
    Ok(Float64s(file_system_fields(&s).iter().map(|&field| field as f64).collect()))
}

#[op(blocking)]
pub(super) fn statfs_bigint(path: OsPath) -> Result<Vec<BigInt>, OpError> {
    let s = rustix::fs::statfs(path.as_path()).during_on("statfs", path.as_path())?;
    Ok(file_system_fields(&s).into_iter().map(BigInt).collect())
}
