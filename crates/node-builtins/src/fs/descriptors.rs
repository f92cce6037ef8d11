//! Operations on open files. A position of -1 means the file's own.

use std::io::IoSlice;
use std::os::fd::IntoRawFd;

use js_engine::{Fd, OpError, OsPath, op};
use rustix::buffer::spare_capacity;
use rustix::fs::{Mode, OFlags};
use rustix::io::{self, Errno, retry_on_intr};

use super::failure::During;

#[op(blocking)]
pub(super) fn open(path: OsPath, flags: u32, mode: u32) -> Result<i32, OpError> {
    let path = path.as_path();
    let flags = OFlags::from_bits_retain(flags) | OFlags::CLOEXEC;
    let file =
        retry_on_intr(|| rustix::fs::open(path, flags, Mode::from_raw_mode(mode))).during_on("open", path)?;
    Ok(file.into_raw_fd())
}

#[op(blocking)]
pub(super) fn close(fd: Fd) -> Result<(), OpError> {
    fd.close().during("close")
}

/// The system refuses to read across the largest position; a number may have been rounded up to it.
fn readable_position(position: i64, length: usize) -> Option<u64> {
    u64::try_from(position.min(i64::MAX - length as i64)).ok()
}

pub(super) fn write_at(fd: &Fd, bytes: &[u8], position: i64) -> io::Result<usize> {
    retry_on_intr(|| match u64::try_from(position) {
        Ok(position) => io::pwrite(fd.as_fd(), bytes, position),
        Err(_) => io::write(fd.as_fd(), bytes),
    })
}

/// Reads into bytes of its own, for those who wait for a callback and may use their buffer meanwhile.
#[op(blocking)]
pub(super) fn read(fd: Fd, length: usize, position: i64) -> Result<Vec<u8>, OpError> {
    if length == 0 {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::with_capacity(length);
    retry_on_intr(|| match readable_position(position, length) {
        Some(position) => io::pread(fd.as_fd(), spare_capacity(&mut bytes), position),
        None => io::read(fd.as_fd(), spare_capacity(&mut bytes)),
    })
    .during("read")?;
    // The allocator may have given more room than was asked for.
    bytes.truncate(length);
    Ok(bytes)
}

#[op]
pub(super) fn read_into(
    fd: Fd,
    buffer: &mut [u8],
    offset: usize,
    length: usize,
    position: i64,
) -> Result<usize, OpError> {
    let buffer = range_mut(buffer, offset, length)?;
    retry_on_intr(|| match readable_position(position, length) {
        Some(position) => io::pread(fd.as_fd(), &mut *buffer, position),
        None => io::read(fd.as_fd(), &mut *buffer),
    })
    .during("read")
}

#[op(blocking)]
pub(super) fn write(fd: Fd, bytes: Vec<u8>, position: i64) -> Result<usize, OpError> {
    write_at(&fd, &bytes, position).during("write")
}

#[op]
pub(super) fn write_from(
    fd: Fd,
    buffer: &[u8],
    offset: usize,
    length: usize,
    position: i64,
) -> Result<usize, OpError> {
    write_at(&fd, range(buffer, offset, length)?, position).during("write")
}

#[op(blocking)]
pub(super) fn write_text(fd: Fd, text: String, position: i64) -> Result<usize, OpError> {
    write_at(&fd, text.as_bytes(), position).during("write")
}

/// Writes all pieces with one system call for each thousand or so of them, as many as the system takes.
#[op(blocking)]
pub(super) fn writev(fd: Fd, pieces: Vec<Vec<u8>>, position: i64) -> Result<usize, OpError> {
    const MOST: usize = 1024;
    let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut total = 0;
    for batch in slices.chunks(MOST) {
        let size: usize = batch.iter().map(|slice| slice.len()).sum();
        let written = retry_on_intr(|| match u64::try_from(position) {
            Ok(position) => io::pwritev(fd.as_fd(), batch, position + total as u64),
            Err(_) => io::writev(fd.as_fd(), batch),
        });
        match written {
            Err(_) if total > 0 => break,
            written => total += written.during("write")?,
        }
        if total < size {
            break;
        }
    }
    Ok(total)
}

fn range(buffer: &[u8], offset: usize, length: usize) -> Result<&[u8], OpError> {
    buffer.get(offset..offset + length).ok_or_else(|| OpError::system(Errno::FAULT.raw_os_error(), "write"))
}

fn range_mut(buffer: &mut [u8], offset: usize, length: usize) -> Result<&mut [u8], OpError> {
    buffer
        .get_mut(offset..offset + length)
        .ok_or_else(|| OpError::system(Errno::FAULT.raw_os_error(), "read"))
}

#[op(blocking)]
pub(super) fn fsync(fd: Fd) -> Result<(), OpError> {
    retry_on_intr(|| rustix::fs::fsync(fd.as_fd())).during("fsync")
}

#[op(blocking)]
pub(super) fn fdatasync(fd: Fd) -> Result<(), OpError> {
    retry_on_intr(|| rustix::fs::fdatasync(fd.as_fd())).during("fdatasync")
}

#[op(blocking)]
pub(super) fn ftruncate(fd: Fd, length: u64) -> Result<(), OpError> {
    retry_on_intr(|| rustix::fs::ftruncate(fd.as_fd(), length)).during("ftruncate")
}
