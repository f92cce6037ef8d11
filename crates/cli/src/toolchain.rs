//! The programs that scripts run with: `node`, and npm's `node-gyp` where npm is installed.

use std::path::{Path, PathBuf};

use crate::process::Process;

/// The first executable file of this name in the directories of PATH.
pub fn find_on_path(process: &Process, name: &str) -> Option<PathBuf> {
    let path = process.variable("PATH")?;
    std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}
