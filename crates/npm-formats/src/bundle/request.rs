//! What a registry is asked to bundle.

use serde::{Deserialize, Serialize};

/// The body of `POST /-/knit/v1/resolve`: dependencies, to be followed from package to package. The answer has the
/// packument of every package on the way.
///
/// Shape: `{"form": "abbreviated", "wanted": [{"name", "spec"}], "has": ["name"], "confirm": false, "tag": "latest",
/// "before": null, "beforeExclude": [], "nodeVersion": "24.0.0", "npmVersion": "11.0.0", "legacyPeerDeps": false}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveRequest {
    /// Which packuments are wanted.
    #[serde(default)]
    pub form: PackumentForm,
    /// Where to begin.
    pub wanted: Vec<WantedPackage>,
    /// Names whose packuments are there already: they are followed and not sent.
    #[serde(default)]
    pub has: Vec<String>,
    /// Whether the answer has an entry of those too, without content: its status is 304, and its `etag` is that of the
    /// packument which would be sent.
    #[serde(default)]
    pub confirm: bool,
    /// The dist-tag preferred where a range allows it.
    #[serde(default = "latest")]
    pub tag: String,
    /// Only versions published up to then, in milliseconds since 1970.
    #[serde(default)]
    pub before: Option<i64>,
    /// Names and globs to which `before` does not apply.
    #[serde(default)]
    pub before_exclude: Vec<String>,
    /// What engines are held against.
    pub node_version: String,
    /// What engines are held against.
    pub npm_version: String,
    /// Whether peer dependencies are left alone.
    #[serde(default)]
    pub legacy_peer_deps: bool,
}

/// A dependency on a registry's package.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WantedPackage {
    /// Its name in the registry.
    pub name: String,
    /// A version, range or dist-tag.
    pub spec: String,
}

/// The two forms of a packument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackumentForm {
    /// What an installation needs.
    #[default]
    Abbreviated,
    /// Everything, with times.
    Full,
}

/// The body of `POST /-/knit/v1/missing`: tarballs by their addresses, which packuments have, and manifests of single
/// versions.
///
/// Shape: `{"tarballs": [{"name": "@scope/a", "file": "a-1.0.0.tgz"}], "manifests": [{"name": "b", "version": "1.0.0"}]}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MissingRequest {
    /// Which tarballs.
    #[serde(default)]
    pub tarballs: Vec<TarballName>,
    /// Which manifests.
    #[serde(default)]
    pub manifests: Vec<ManifestName>,
}

/// `/{name}/{version}`
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ManifestName {
    /// The package.
    pub name: String,
    /// The version.
    pub version: String,
}

/// `/{name}/-/{file}`
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TarballName {
    /// The package.
    pub name: String,
    /// The last segment of the address.
    pub file: String,
}

fn latest() -> String {
    "latest".to_owned()
}
