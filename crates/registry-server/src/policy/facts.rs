//! What a policy judges by.

use jiff::Timestamp;
use npm_formats::package_name::PackageName;

/// What a packument says about its versions, as far as policies ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFacts {
    /// The package.
    pub name: PackageName,
    /// Whether it is published here.
    pub own: bool,
    /// Its versions, in the packument's order.
    pub versions: Vec<VersionFacts>,
    /// Its dist-tags and the versions they stand for, in the packument's order.
    pub dist_tags: Vec<(String, String)>,
}

/// What a packument says about one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFacts {
    /// The version as it is spelled.
    pub version: String,
    /// When it was published, where the packument says so.
    pub published: Option<Timestamp>,
    /// Whether it runs scripts when it is installed.
    pub has_install_script: bool,
    /// Whether there is an attestation of its provenance.
    pub has_provenance: bool,
}
