//! Removing whole trees, relative to an open directory and never through a symbolic link.

use crate::fs;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::os::fd::AsFd;

/// Removes whatever has that name: a file, a link, or a directory with all that is in it. Nothing there is as good.
pub(crate) fn remove_tree(at: impl AsFd, name: impl rustix::path::Arg) -> Result<(), Errno> {
    name.into_with_c_str(|name| {
        match rustix::fs::unlinkat(at.as_fd(), name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => return Ok(()),
            // Linux says EISDIR, POSIX EPERM.
            Err(Errno::ISDIR | Errno::PERM) => {}
            Err(errno) => return Err(errno),
        }
        remove_directory(at.as_fd(), name)
    })
}

fn remove_directory(at: impl AsFd, name: &CStr) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = match rustix::fs::openat(at.as_fd(), name, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    let mut nested = Vec::new();
    for item in Dir::read_from(&directory)? {
        let item = item?;
        let child = item.file_name();
        match item.file_type() {
            _ if child == c"." || child == c".." => {}
            FileType::Directory => nested.push(child.to_owned()),
            FileType::Unknown => remove_tree(&directory, child)?,
            _ => fs::remove_file(&directory, child)?,
        }
    }
    for child in nested {
        remove_directory(&directory, &child)?;
    }
    drop(directory);
    match rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// The names in a directory that is open in any way.
pub(crate) fn names(directory: impl AsFd) -> Result<Vec<CString>, Errno> {
    let readable = fs::reopen(directory)?;
    let mut names = Vec::new();
    for item in Dir::read_from(&readable)? {
        let item = item?;
        if item.file_name() != c"." && item.file_name() != c".." {
            names.push(item.file_name().to_owned());
        }
    }
    Ok(names)
}
