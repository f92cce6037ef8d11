//! Which versions of a package a client may see, and why not the others.
//!
//! Owns the decision, a pure function of what a packument says, the policy and the time, and the packument that
//! follows from it. Does not own where packuments come from; whoever serves a tarball asks the same decision.

mod decision;
mod document;
mod facts;
mod reason;
mod tags;
mod unread;

use jiff::SignedDuration;
use npm_formats::package_name::PackageName;

pub use decision::{Decision, decide};
pub use document::{PolicyView, read_facts};
pub use facts::{PackageFacts, VersionFacts};
pub use reason::Reason;
pub use tags::{TagChange, repaired_tags};
pub use unread::decide_unread;

use crate::names::PackagePattern;

/// What versions must be like to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether versions are hidden, or only said to be.
    pub mode: Mode,
    /// Whether what is published here is judged as well; blocks and deprecations always are.
    pub own_packages: bool,
    /// How old versions must be.
    pub release_age: ReleaseAge,
    /// Versions that nobody gets.
    pub blocks: Vec<Block>,
    /// Warnings put on versions.
    pub deprecations: Vec<Deprecation>,
    /// Versions that run scripts when they are installed.
    pub install_scripts: InstallScripts,
    /// Versions that nobody attests the origin of.
    pub provenance: Provenance,
}

/// What follows from a judgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What is judged to be hidden is.
    #[default]
    Enforce,
    /// Everything is shown; what would be hidden is reported.
    Observe,
}

/// How old versions must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseAge {
    /// The age at which a version is seen; zero judges nothing.
    pub minimum: SignedDuration,
    /// What is seen at once.
    pub except: Vec<PackagePattern>,
    /// Whether versions are hidden of which nobody says when they were published.
    pub hide_unknown: bool,
}

/// Versions that nobody gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which.
    pub packages: Vec<PackagePattern>,
    /// Why, for people.
    pub reason: String,
}

/// A warning put on versions, in place of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// Which versions.
    pub packages: Vec<PackagePattern>,
    /// The warning; empty takes a version's own away.
    pub message: String,
}

/// What is thought of versions that run scripts when they are installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstallScripts {
    /// Whether they are hidden.
    pub hide: bool,
    /// What may.
    pub except: Vec<PackagePattern>,
}

/// What is asked of a version's provenance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Which rule holds.
    pub rule: ProvenanceRule,
    /// What it does not hold for.
    pub except: Vec<PackagePattern>,
}

/// When a version without provenance is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProvenanceRule {
    /// Never.
    #[default]
    Optional,
    /// When a version published before it has one: whoever took over the account of a publisher has no access to
    /// where the package is built.
    NoDowngrade,
    /// Always.
    Required,
}

impl Policy {
    /// Whether it may change anything about a package.
    pub fn concerns(&self, name: &PackageName, own: bool) -> bool {
        let names = |packages: &[PackagePattern]| packages.iter().any(|pattern| pattern.matches_name(name));
        let judges = !self.release_age.minimum.is_zero()
            || self.install_scripts.hide
            || self.provenance.rule != ProvenanceRule::Optional;
        (judges && (self.own_packages || !own))
            || self.blocks.iter().any(|block| names(&block.packages))
            || self.deprecations.iter().any(|deprecation| names(&deprecation.packages))
    }
}

impl Default for Policy {
    /// Everything is seen.
    fn default() -> Self {
        Policy {
            mode: Mode::Enforce,
            own_packages: false,
            release_age: ReleaseAge { minimum: SignedDuration::ZERO, except: Vec::new(), hide_unknown: true },
            blocks: Vec::new(),
            deprecations: Vec::new(),
            install_scripts: InstallScripts::default(),
            provenance: Provenance::default(),
        }
    }
}
