//! Changes to `.npmrc` files.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use npm_formats::config::{self, EntryValue, Level};

use crate::manifest_file::replace_file;

/// Why a configuration file could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    #[error("could not read {}", .file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("could not write {}", .file.display())]
    Write { file: PathBuf, source: io::Error },
}

impl diagnostics::Report for ConfigFileError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => diagnostics::io_code(source).into(),
        }
    }
}

/// A key and its new value; `None` removes it.
pub type Change = (String, Option<EntryValue>);

/// Applies changes to a file, keeping everything else in it. A file left with nothing is removed. The
/// user's file, which holds tokens, is readable by the user alone.
pub fn change(file: &Path, level: Level, changes: &[Change]) -> Result<(), ConfigFileError> {
    let before = match std::fs::read(file) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(ConfigFileError::Read { file: file.to_owned(), source }),
    };
    let mut after = before.clone();
    for (key, value) in changes {
        after = config::edit(&after, key, value.as_ref());
    }
    write(file, level, &after).map_err(|source| ConfigFileError::Write { file: file.to_owned(), source })
}

fn write(file: &Path, level: Level, content: &str) -> io::Result<()> {
    if content.is_empty() {
        return match std::fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory)?;
    }
    #[cfg(unix)]
    if level == Level::User && !file.exists() {
        use std::os::unix::fs::OpenOptionsExt as _;
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    }
    replace_file(file, content.as_bytes())?;
    #[cfg(unix)]
    if level == Level::User {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}
