//! Why a module could not be had.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What went wrong, with the URL or the file in it and what to do about it. The words are for the program's user.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ImportError {
    #[error("import of '{url}' is not allowed: {reason}")]
    Refused { url: String, reason: String },

    #[error("Cannot find module '{url}', HTTP {status}")]
    NotFound { url: String, status: u16 },

    /// A status, a body or a redirect that is no module.
    #[error("import of '{url}' received a bad response: {problem}")]
    BadResponse { url: String, problem: String },

    /// The server was not reached; with the code of that.
    #[error("import failed: {problem}")]
    Unreachable { url: String, code: String, problem: String },

    #[error(
        "'{url}' is not what {} pins: {expected} was expected, {found} came. If that change is wanted, run once with \
         --reload-imports; else somebody changed the code behind the URL",
        lock.display()
    )]
    Changed { url: String, lock: PathBuf, expected: String, found: String },

    #[error(
        "'{url}' is not pinned in {}, and --frozen-imports allows nothing else. Run once without it, and commit the lock",
        lock.display()
    )]
    NotPinned { url: String, lock: PathBuf },

    #[error("'{url}' is not in the cache, and `offline` is set")]
    NotCached { url: String },

    #[error("{} cannot be used: {problem}", lock.display())]
    Lock { lock: PathBuf, problem: String },

    #[error("could not {doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: Arc<io::Error> },

    /// The configuration stands in the way.
    #[error("{message}")]
    Configuration { code: String, message: String },
}

impl ImportError {
    pub(crate) fn io(doing: &'static str, path: &Path, error: io::Error) -> ImportError {
        ImportError::Io { doing, path: path.to_owned(), source: Arc::new(error) }
    }

    /// The `code` of the error that a program sees: Node's, as its releases with network imports had them, and npm's.
    pub fn code(&self) -> &str {
        match self {
            ImportError::Refused { .. } => "ERR_NETWORK_IMPORT_DISALLOWED",
            ImportError::NotFound { .. } => "ERR_MODULE_NOT_FOUND",
            ImportError::BadResponse { .. } => "ERR_NETWORK_IMPORT_BAD_RESPONSE",
            ImportError::Unreachable { code, .. } | ImportError::Configuration { code, .. } => code,
            ImportError::Changed { .. } => "EINTEGRITY",
            ImportError::NotPinned { .. } => "ERR_NETWORK_IMPORT_NOT_PINNED",
            ImportError::NotCached { .. } => "ENOTCACHED",
            ImportError::Lock { .. } => "ERR_INVALID_IMPORTS_LOCK",
            ImportError::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => "EACCES",
                io::ErrorKind::StorageFull => "ENOSPC",
                io::ErrorKind::ReadOnlyFilesystem => "EROFS",
                _ => "EIO",
            },
        }
    }
}
