//! One package of a lockfile.

use crate::json::access;
use serde_json::{Map, Value};
use std::ops::{Deref, DerefMut};

/// What a lockfile says of one package: the members as they stand there, and typed access to those npm reads.
///
/// Accessors answer `None` or `false` for a member of the wrong type, as npm in effect does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LockfileEntry(pub Map<String, Value>);

macro_rules! text_members {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<&str> { access::text(&self.0, $key) })*
    };
}

macro_rules! flag_members {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> bool { access::truthy(&self.0, $key).is_some() })*
    };
}

macro_rules! map_members {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> impl Iterator<Item = (&str, &str)> { access::texts(&self.0, $key) })*
    };
}

impl LockfileEntry {
    text_members! {
        /// The package's name, where the location does not say it.
        name = "name";
        /// The package's version.
        version = "version";
        /// Where it comes from: a URL, `file:` path, git URL, or the target location of a link.
        resolved = "resolved";
        /// Integrity of its tarball.
        integrity = "integrity";
        /// The license.
        license = "license";
        /// Why one should not use it.
        deprecated = "deprecated";
    }

    flag_members! {
        /// A symbolic link to another location.
        is_link = "link";
        /// Needed by development dependencies only.
        is_dev = "dev";
        /// Needed by optional dependencies only.
        is_optional = "optional";
        /// Needed by development dependencies and by optional ones, but not by others.
        is_dev_optional = "devOptional";
        /// Needed by peer dependencies only.
        is_peer = "peer";
        /// Needed by nothing.
        is_extraneous = "extraneous";
        /// Part of another package's tarball.
        is_in_bundle = "inBundle";
        /// Has scripts that run at installation.
        has_install_script = "hasInstallScript";
        /// Brings its own npm-shrinkwrap.json.
        has_shrinkwrap = "hasShrinkwrap";
    }

    map_members! {
        /// Name and range of each.
        dependencies = "dependencies";
        /// Name and range of each; only of the root and of link targets.
        dev_dependencies = "devDependencies";
        /// Name and range of each.
        optional_dependencies = "optionalDependencies";
        /// Name and range of each.
        peer_dependencies = "peerDependencies";
        /// Engine and range of each.
        engines = "engines";
        /// Command and path of each, where `bin` is an object.
        bin = "bin";
    }

    /// Whether a peer dependency is marked optional.
    pub fn is_peer_optional(&self, name: &str) -> bool {
        self.0
            .get("peerDependenciesMeta")
            .and_then(|meta| meta.get(name))
            .and_then(|meta| meta.get("optional"))
            .is_some_and(access::is_truthy)
    }

    /// Names of the dependencies that are part of this package's tarball.
    pub fn bundle_dependencies(&self) -> impl Iterator<Item = &str> {
        access::list(&self.0, "bundleDependencies")
    }

    /// Operating systems it supports or, after `!`, does not.
    pub fn os(&self) -> impl Iterator<Item = &str> {
        access::list(&self.0, "os")
    }

    /// Processor architectures it supports or, after `!`, does not.
    pub fn cpu(&self) -> impl Iterator<Item = &str> {
        access::list(&self.0, "cpu")
    }

    /// C libraries it supports or, after `!`, does not.
    pub fn libc(&self) -> impl Iterator<Item = &str> {
        access::list(&self.0, "libc")
    }
}

impl Deref for LockfileEntry {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for LockfileEntry {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<Map<String, Value>> for LockfileEntry {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}
