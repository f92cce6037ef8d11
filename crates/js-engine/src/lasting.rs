//! Bytes that stay where they are as long as the process lives.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// A file's bytes, read when they are looked at. Only for files that are replaced and never changed: the process ends when
/// bytes are gone that it looks at.
///
/// # Errors
/// An empty file, and the system's refusals.
pub fn map_file(file: &File) -> io::Result<&'static [u8]> {
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    // SAFETY: the system chooses the place; nothing is taken over.
    let start = unsafe {
        libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0)
    };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the mapping has this length, is never taken away, and nobody writes into the file.
    Ok(unsafe { std::slice::from_raw_parts(start.cast(), length) })
}
