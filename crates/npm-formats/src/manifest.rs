//! package.json as npm reads, normalises and edits it.
//!
//! Owns the meaning of the members: [`Manifest`] is a normalised one with typed access, [`PackageJson`] a file that
//! is edited in its own formatting. What the package's folder holds is asked of a [`PackageFolder`]; nothing here
//! reads a disk. Specifiers are [`crate::specifier`]'s, ranges npm-semver's.

mod bin;
mod data;
mod dependencies;
mod edit;
mod error;
mod folder;
mod key_path;
mod members;
mod name;
mod normalize;
mod note;
mod package_json;
mod people;
mod repository;
mod scripts;
mod sort;

pub use edit::{Addition, SaveType, add_dependencies, remove_dependencies};
pub use error::ManifestError;
pub use folder::{NoFolder, PackageFolder};
pub use key_path::{ShortLists, get as get_path};
pub use members::{DependencyKind, ModuleType, Repository};
pub use normalize::{Step, dedupe_optional, normalize_registry_manifest};
pub use note::{Action, Note};
pub use package_json::PackageJson;
pub use people::Person;

use serde_json::{Map, Value};
use std::ops::{Deref, DerefMut};

/// A package.json, normalised as far as the steps that made it say.
///
/// The members are open to everyone; the accessors answer as if a member of the wrong type were not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Manifest(pub Map<String, Value>);

impl Deref for Manifest {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Manifest {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<Map<String, Value>> for Manifest {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

#[cfg(test)]
mod tests;
