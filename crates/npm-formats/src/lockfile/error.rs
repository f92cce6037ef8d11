//! Why a lockfile cannot be read.

use crate::json::JsonError;

/// A lockfile that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockfileError {
    /// The text is not JSON.
    #[error("{file} cannot be read as a lockfile")]
    Json {
        /// The file, in the words of the caller.
        file: String,
        /// Where and why.
        source: Box<JsonError>,
    },
    /// Both sides of a merge conflict must be JSON for npm's way of merging; one is not.
    #[error("{side} side of the merge conflict in {file} is not JSON")]
    Conflict {
        /// The file, in the words of the caller.
        file: String,
        /// `our`, `their` or `the common`.
        side: &'static str,
        /// Where and why.
        source: Box<JsonError>,
    },
    /// A member has the wrong type.
    #[error("{member} in {file} is {found}, not {expected}")]
    Shape {
        /// The file, in the words of the caller.
        file: String,
        /// Path of the member, as `packages["node_modules/a"]`.
        member: String,
        /// What npm writes there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
}

impl LockfileError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => {
                "resolve the conflict in package.json first, delete the lockfile, and install again"
            }
            Self::Json { .. } | Self::Shape { .. } => {
                "restore the file from version control, or delete it and install again"
            }
        }
    }
}
