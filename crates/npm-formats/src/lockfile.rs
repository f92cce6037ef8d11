//! `package-lock.json`, `npm-shrinkwrap.json` and the hidden `node_modules/.package-lock.json`, in one model.
//!
//! Owns the file formats: versions 1, 2 and 3 read, merge conflicts included, and written byte for byte as npm
//! writes them. Which packages belong in the tree is dependency-resolver's; where the file lies is the caller's.

mod conflict;
mod entry;
mod error;
mod legacy;
mod locations;
mod read;
mod upgrade;
mod write;

pub use entry::LockfileEntry;
pub use error::LockfileError;
pub use legacy::Overridden;
pub use write::{KEY_ORDER, entry_key_order};

use crate::json::Format;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// The version npm writes unless told otherwise.
pub const DEFAULT_LOCKFILE_VERSION: u32 = 3;

/// A lockfile of any kind and version.
///
/// Read with [`Lockfile::parse`], written with [`Lockfile::print`].
#[derive(Debug, Clone, PartialEq)]
pub struct Lockfile {
    /// The root's name; the hidden lockfile has it too.
    pub name: Option<String>,
    /// The root's version.
    pub version: Option<String>,
    /// What is written: below 2 only `dependencies`, 2 both sections, 3 and above only `packages`.
    pub lockfile_version: u32,
    /// What the file said, if it was read from one that did.
    pub original_lockfile_version: Option<u32>,
    /// Whether the file had `requires`; npm always writes `true`.
    pub requires: bool,
    /// Entries by location (`""`, `node_modules/a`, `packages/b`), in the order of the file.
    pub packages: IndexMap<String, LockfileEntry>,
    /// The section of versions 1 and 2: entries by name, nested.
    pub dependencies: Map<String, Value>,
    /// Members of the file that npm does not know; it keeps them.
    pub extra: Map<String, Value>,
    /// Indentation and line ending to write with: those of the file until the caller sets those of package.json,
    /// which is what npm writes every lockfile with.
    pub format: Format,
    /// Whether the file had merge conflicts, which are resolved in this model only.
    pub was_conflicted: bool,
}

impl Default for Lockfile {
    /// An empty version 3 lockfile.
    fn default() -> Self {
        Self {
            name: None,
            version: None,
            lockfile_version: DEFAULT_LOCKFILE_VERSION,
            original_lockfile_version: None,
            requires: true,
            packages: IndexMap::new(),
            dependencies: Map::new(),
            extra: Map::new(),
            format: Format::default(),
            was_conflicted: false,
        }
    }
}

impl Lockfile {
    /// The entry of a location.
    pub fn get(&self, location: &str) -> Option<&LockfileEntry> {
        self.packages.get(location)
    }

    /// The entry of the project itself, if the file has one.
    pub fn root(&self) -> Option<&LockfileEntry> {
        self.packages.get("")
    }

    /// Whether it was written by npm 6 or older without a list of what each package requires, so that its edges
    /// cannot be trusted. Source: npm 11.19.1, `ancientLockfile`.
    pub fn is_ancient(&self) -> bool {
        self.original_lockfile_version.is_none_or(|version| version < 2) && !self.requires
    }
}

#[cfg(test)]
mod tests;
