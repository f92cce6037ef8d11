//! What resolution needs from outside. The resolver itself does no I/O.

use std::sync::Arc;

use npm_formats::lockfile::Lockfile;
use npm_formats::packument::Packument;
use npm_formats::specifier::Specifier;
use serde_json::{Map, Value};

use crate::error::FetchError;
use crate::package::Package;

/// The source of metadata: a registry client with its caches, or a recording.
///
/// The resolver asks in npm's deterministic order and waits for each answer; fetching ahead is the
/// source's business (see [`Metadata::prefetch`]) and cannot change the result.
pub trait Metadata {
    /// The packument of a package. It must be the full one where publish times or the fields that only
    /// the full one has (`license`) are wanted.
    fn packument(&mut self, name: &str) -> Result<Packument, FetchError>;

    /// The manifest of something that is in no registry: a git repository, a tarball URL, a tarball or
    /// folder on this machine. With `_resolved` and, where known, `_integrity`; normalised.
    fn manifest(&mut self, specifier: &Specifier) -> Result<Map<String, Value>, FetchError>;

    /// The package.json of a folder that is to be linked; normalised. `None` if there is none.
    fn folder(&mut self, path: &str) -> Option<Map<String, Value>>;

    /// What a package carries inside: bundled packages or a shrinkwrap.
    fn contents(&mut self, package: &Packed<'_>) -> Result<Contents, FetchError>;

    /// Packages that will be asked for soon: names as they stand in the registry, and specs.
    fn prefetch(&mut self, _wanted: &[Wanted]) {}

    /// A registry package that was chosen for a dependency, and will probably be in the tree.
    fn chosen(&mut self, _package: &Package) {}
}

/// Identifies a tarball.
#[derive(Debug, Clone, Copy)]
pub struct Packed<'a> {
    /// The package's own name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Where it comes from.
    pub resolved: Option<&'a str>,
    /// What it must hash to.
    pub integrity: Option<&'a str>,
}

/// What a tarball carries besides its own files.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// Bundled packages: location relative to the package (`node_modules/a`), normalised package.json.
    pub packages: Vec<(String, Map<String, Value>)>,
    /// Its npm-shrinkwrap.json.
    pub shrinkwrap: Option<Arc<Lockfile>>,
}

/// A registry package that will be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The name in the registry.
    pub name: Arc<str>,
    /// A version, range or dist-tag.
    pub spec: Arc<str>,
}
