//! Names of files: hard and symbolic links, renaming, unlinking, and the path behind all links.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use js_engine::{OpError, OsPath, op};
use rustix::fs::{FileType, lstat, stat};

use super::failure::During;

#[op(blocking)]
pub(super) fn link(existing: OsPath, path: OsPath) -> Result<(), OpError> {
    rustix::fs::link(existing.as_path(), path.as_path()).during_between(
        "link",
        existing.as_path(),
        path.as_path(),
    )
}

#[op(blocking)]
pub(super) fn symlink(target: OsPath, path: OsPath) -> Result<(), OpError> {
    rustix::fs::symlink(target.as_path(), path.as_path()).during_between(
        "symlink",
        target.as_path(),
        path.as_path(),
    )
}

fn target(path: &Path) -> Result<Vec<u8>, OpError> {
    rustix::fs::readlink(path, Vec::new()).during_on("readlink", path).map(|target| target.into_bytes())
}

#[op(blocking)]
pub(super) fn readlink(path: OsPath) -> Result<String, OpError> {
    target(path.as_path()).map(|target| String::from_utf8_lossy(&target).into_owned())
}

#[op(blocking)]
pub(super) fn readlink_bytes(path: OsPath) -> Result<Vec<u8>, OpError> {
    target(path.as_path())
}

#[op(blocking)]
pub(super) fn rename(from: OsPath, to: OsPath) -> Result<(), OpError> {
    rustix::fs::rename(from.as_path(), to.as_path()).during_between("rename", from.as_path(), to.as_path())
}

#[op(blocking)]
pub(super) fn unlink(path: OsPath) -> Result<(), OpError> {
    rustix::fs::unlink(path.as_path()).during_on("unlink", path.as_path())
}

/// realpath.native: the C library's answer, and its error.
#[op(blocking)]
pub(super) fn realpath_native(path: OsPath) -> Result<String, OpError> {
    let path = path.as_path();
    std::fs::canonicalize(path).during_on("realpath", path).map(into_text)
}

/// The same path found component by component, as Node's own realpath does: what differs is the error, which names the
/// component and the call that failed. So the short way is tried first.
#[op(blocking)]
pub(super) fn realpath(path: OsPath) -> Result<String, OpError> {
    match std::fs::canonicalize(path.as_path()) {
        Ok(path) => Ok(into_text(path)),
        Err(_) => walk(path.as_path()).map(into_text),
    }
}

fn into_text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap_or_else(|path| path.to_string_lossy().into_owned())
}

fn walk(path: &Path) -> Result<PathBuf, OpError> {
    let mut rest: Vec<PathBuf> = components(&std::path::absolute(path).during_on("lstat", path)?);
    let mut found = PathBuf::from("/");
    while let Some(name) = rest.pop() {
        if name == Path::new("..") {
            found.pop();
            continue;
        }
        let next = found.join(name);
        let metadata = lstat(&next).during_on("lstat", &next)?;
        if FileType::from_raw_mode(metadata.st_mode).is_symlink() {
            // Links that go round in circles are found out here.
            let kind = FileType::from_raw_mode(stat(&next).during_on("stat", &next)?.st_mode);
            let target = target(&next)?;
            let target = Path::new(OsStr::from_bytes(&target));
            if target.is_absolute() {
                found = PathBuf::from("/");
            }
            // What the link of an open pipe names, 'pipe:[1234]', is no file that could be looked at.
            if (kind.is_fifo() || kind.is_socket()) && lstat(found.join(target)).is_err() {
                return Ok(found.join(target));
            }
            rest.extend(components(target));
        } else {
            found = next;
        }
    }
    Ok(found)
}

/// The names of a path, the first of them last.
fn components(path: &Path) -> Vec<PathBuf> {
    let names = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    let mut names: Vec<PathBuf> = names.map(|part| PathBuf::from(part.as_os_str())).collect();
    names.reverse();
    names
}
