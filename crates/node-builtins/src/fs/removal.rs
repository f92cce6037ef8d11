//! `rm`: files and whole trees, trying again where something else is still at work in them.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use js_engine::{OpError, OsPath, op};
use rustix::fs::FileType;
use rustix::io::Errno;

use super::failure::During;

/// Whether a directory is removed, or refused with EISDIR, is JavaScript's to decide: here `recursive` is obeyed.
#[op(blocking)]
pub(super) fn rm(
    path: OsPath,
    recursive: bool,
    force: bool,
    retries: u32,
    delay: u32,
) -> Result<(), OpError> {
    let path = path.as_path();
    let mut attempt = 0;
    loop {
        let (failed_on, error) = match remove(path, recursive) {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        if error == Errno::NOENT && force {
            return Ok(());
        }
        let passing =
            matches!(error, Errno::BUSY | Errno::MFILE | Errno::NFILE | Errno::NOTEMPTY | Errno::PERM);
        if !passing || attempt >= retries {
            return Err(error).during_on("rm", &failed_on);
        }
        attempt += 1;
        sleep(Duration::from_millis(u64::from(delay) * u64::from(attempt)));
    }
}

type Failure = (std::path::PathBuf, Errno);

fn remove(path: &Path, recursive: bool) -> Result<(), Failure> {
    let here = |error| (path.to_owned(), error);
    let stat = rustix::fs::lstat(path).map_err(here)?;
    if !FileType::from_raw_mode(stat.st_mode).is_dir() {
        return rustix::fs::unlink(path).map_err(here);
    }
    if recursive {
        empty(path)?;
    }
    rustix::fs::rmdir(path).map_err(here)
}

fn empty(directory: &Path) -> Result<(), Failure> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return Err((directory.to_owned(), errno(&error))),
    };
    for entry in entries {
        let entry = entry.map_err(|error| (directory.to_owned(), errno(&error)))?;
        match remove(&entry.path(), true) {
            // Somebody else removed it.
            Err((_, Errno::NOENT)) | Ok(()) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn errno(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}
