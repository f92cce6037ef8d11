//! Manifests for edges: chosen from packuments or fetched, each once.

use std::sync::Arc;

use npm_formats::integrity::{Algorithm, Integrity};
use npm_formats::manifest::{Manifest, Step};
use npm_formats::specifier::Specifier;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::Builder;
use crate::error::FetchError;
use crate::package::Package;
use crate::pick_manifest::{PickOptions, pick_manifest};
use crate::spec::Requirement;
use crate::tree::EdgeId;
use crate::validity::from_path;

/// What was loaded, by name and spec. A relative file spec stands under its absolute path.
pub(super) type ManifestCache = FxHashMap<(Arc<str>, Arc<str>), Arc<Package>>;

impl Builder<'_> {
    /// The package that an edge asks for.
    pub(super) fn manifest_for_edge(
        &mut self,
        edge: EdgeId,
        requirement: &Requirement,
    ) -> Result<Arc<Package>, FetchError> {
        let name = self.tree.edge_name(edge).clone();
        let spec = self.tree.edge_spec(edge);
        if let Some((registry_name, _)) = requirement.registry_request(&name) {
            let key = (name, spec);
            if let Some(known) = self.manifests.get(&key) {
                return Ok(known.clone());
            }
            let package = self.registry_manifest(&registry_name, requirement)?;
            self.manifests.insert(key, package.clone());
            return Ok(package);
        }
        let base = from_path(&self.tree, self.tree.edge_from(edge), Some(edge));
        let specifier = Specifier::resolve(&name, &spec, &base)
            .map_err(|error| FetchError::new(error.code(), error.to_string()))?;
        let key = (name, specifier.save_spec().unwrap_or(&spec).into());
        if let Some(known) = self.manifests.get(&key) {
            return Ok(known.clone());
        }
        let package = Arc::new(Package::new(self.metadata.manifest(&specifier)?));
        self.manifests.insert(key, package.clone());
        Ok(package)
    }

    /// The version of a registry package that a requirement leads to.
    pub(super) fn registry_manifest(
        &mut self,
        name: &str,
        requirement: &Requirement,
    ) -> Result<Arc<Package>, FetchError> {
        let packument = self.metadata.packument(name)?;
        let avoid = self.placement.avoid.clone();
        let is_exempt = self.options.before_exclude.iter().any(|pattern| crate::glob::matches(pattern, name));
        let options = PickOptions {
            default_tag: &self.options.default_tag,
            before: self.options.before.filter(|_| !is_exempt),
            node_version: &self.options.platform.node_version,
            npm_version: &self.options.platform.npm_version,
            // of an alias npm would take the name it stands under, and choose what is to be avoided
            avoid: avoid.range(name),
        };
        let version = pick_manifest(&packument, requirement, &options)?;
        let manifest = packument.manifest(version).map_err(unreadable)?;
        let manifest = Manifest::normalize(manifest, Step::REGISTRY, None).map_err(unreadable)?;
        let document = with_source(manifest.0);
        // only the full packument says when versions were published
        let package =
            if packument.has_times() { Package::new(document) } else { Package::abbreviated(document) };
        let package = Arc::new(package);
        self.metadata.chosen(&package);
        Ok(package)
    }
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> FetchError {
    let mut failure = FetchError::new("EBADMANIFEST", error.to_string());
    failure.source = Some(Arc::new(error));
    failure
}

/// A registry's manifest with `_resolved` and `_integrity` from its `dist`.
fn with_source(mut document: Map<String, Value>) -> Map<String, Value> {
    let dist = document.get("dist").cloned();
    let text = |key: &str| dist.as_ref().and_then(|dist| dist.get(key)).and_then(Value::as_str);
    if let Some(tarball) = text("tarball") {
        document.insert("_resolved".to_owned(), tarball.into());
    }
    let integrity = match (text("integrity").filter(|text| !text.is_empty()), text("shasum")) {
        (Some(integrity), _) => Integrity::parse(integrity).ok(),
        (None, Some(shasum)) => Integrity::from_hex(Algorithm::Sha1, shasum).ok(),
        (None, None) => None,
    };
    if let Some(integrity) = integrity.map(|integrity| integrity.to_string()).filter(|text| !text.is_empty())
    {
        document.insert("_integrity".to_owned(), integrity.into());
    }
    document
}
