//! Why a package.json cannot be used or edited.

use crate::json::JsonError;

/// A package.json that cannot be used, or an edit that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The text is not JSON.
    #[error("{file} cannot be read")]
    Json {
        /// The file, in the words of the caller.
        file: String,
        /// Where and why.
        source: Box<JsonError>,
    },
    /// The top level is something else than an object.
    #[error("{file} holds no object")]
    NotAnObject {
        /// The file, in the words of the caller.
        file: String,
    },
    /// A name that no package can have.
    #[error("package name {name} is not valid")]
    Name {
        /// The name as JSON.
        name: String,
    },
    /// A version that is not one.
    #[error("version {version} of package \"{package}\" is not valid")]
    Version {
        /// The package's name, which may be empty.
        package: String,
        /// The version as JSON.
        version: String,
    },
    /// A member has a type that npm does not accept there.
    #[error("member \"{member}\" of package \"{package}\" is not {expected}")]
    Type {
        /// The package's name, which may be empty.
        package: String,
        /// The member.
        member: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A path that npm refuses to write to.
    #[error("key \"{key}\" must not be set")]
    ForbiddenKey {
        /// The part of the path.
        key: String,
    },
    /// `[]` where values are read.
    #[error("path \"{path}\" reads with empty brackets, which only append")]
    AppendInRead {
        /// The path.
        path: String,
    },
    /// `[]` on something else than an array.
    #[error("path \"{path}\" appends to something that is not an array")]
    AppendToOther {
        /// The path.
        path: String,
    },
    /// A path through a string, number or boolean that is there already.
    #[error("member \"{key}\" on path \"{path}\" exists and is neither an array nor an object")]
    NotAContainer {
        /// The part of the path.
        key: String,
        /// The path.
        path: String,
    },
    /// A name used as an index.
    #[error("path \"{path}\" sets a named member of an array")]
    NameInArray {
        /// The path.
        path: String,
    },
    /// An index so far beyond the end of the array that it must be a mistake.
    #[error("path \"{path}\" has an index far beyond the end of the array")]
    IndexTooLarge {
        /// The path.
        path: String,
    },
}

impl ManifestError {
    /// npm's code, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Json { .. } => JsonError::CODE,
            Self::Type { member: "scripts", .. } => "ESCRIPTSINVALID",
            Self::Type { member: "workspaces", .. } => "EWORKSPACESINVALID",
            Self::ForbiddenKey { .. } => "EFORBIDDENKEY",
            Self::AppendInRead { .. } => "EINVALIDSYNTAX",
            Self::AppendToOther { .. } => "ENOAPPEND",
            Self::NotAContainer { .. } => "EOVERRIDEVALUE",
            Self::NameInArray { .. } => "ENOADDPROP",
            Self::NotAnObject { .. }
            | Self::Name { .. }
            | Self::Version { .. }
            | Self::Type { .. }
            | Self::IndexTooLarge { .. } => {
                return None;
            }
        })
    }

    /// What to do about it, where there is more to say than the message.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotAContainer { .. } => Some("add --force to replace it"),
            Self::AppendInRead { .. } => Some("name an index, as in keywords[0]"),
            _ => None,
        }
    }
}
