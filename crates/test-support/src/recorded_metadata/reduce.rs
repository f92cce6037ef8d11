//! What of a packument is recorded.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::Error;
use serde_json::{Map, Value};

use super::PLACEHOLDER_REGISTRY;

/// Which versions are recorded, and which of them whole.
#[derive(Clone, Copy, Debug)]
pub struct Keep<'a> {
    /// Versions published later are left out, unless a dist-tag stands for them.
    pub before: Timestamp,
    /// The versions whose manifests are kept with all that a lockfile or a resolver reads.
    pub versions: &'a BTreeSet<String>,
}

/// Of every version: what choosing among versions looks at.
const CHOOSING: [&str; 2] = ["version", "engines"];

/// Of every version, where it is short: what keeps a version off a platform.
const PLATFORM: [&str; 3] = ["os", "cpu", "libc"];

/// Longest `os`, `cpu` or `libc` recorded for a version that was not chosen, in bytes of JSON.
const SHORT: usize = 60;

/// Of chosen versions: what lockfiles and trees are made of.
const CHOSEN: [&str; 19] = [
    "name",
    "version",
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "acceptDependencies",
    "bundleDependencies",
    "bundledDependencies",
    "engines",
    "os",
    "cpu",
    "libc",
    "bin",
    "license",
    "funding",
    "deprecated",
    "hasInstallScript",
    "workspaces",
];

const INSTALL_SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

/// The reduced packument and the name it is of.
///
/// Errors: a document that is not a packument.
pub fn reduce_packument(document: &[u8], keep: &Keep<'_>) -> serde_json::Result<(String, Value)> {
    let mut document: Map<String, Value> = serde_json::from_slice(document)?;
    let Some(Value::String(name)) = document.remove("name") else {
        return Err(serde_json::Error::custom("the packument has no name"));
    };
    let tags = object(document.remove("dist-tags"));
    let times = object(document.remove("time"));
    let tagged: BTreeSet<&str> = tags.values().filter_map(Value::as_str).collect();
    let mut versions = object(document.remove("versions"));
    versions.retain(|version, _| {
        tagged.contains(version.as_str())
            || keep.versions.contains(version)
            || published_in_time(&times, version, keep)
    });
    let time: Map<String, Value> = times
        .into_iter()
        .filter(|(key, _)| matches!(key.as_str(), "created" | "modified") || versions.contains_key(key))
        .collect();
    for (version, manifest) in &mut versions {
        let manifest_members = object(Some(manifest.take()));
        let reduced = if keep.versions.contains(version) {
            chosen_manifest(&name, version, manifest_members)
        } else {
            other_manifest(manifest_members)
        };
        *manifest = Value::Object(reduced);
    }
    let mut reduced = Map::new();
    reduced.insert("name".into(), name.clone().into());
    reduced.insert("dist-tags".into(), tags.into());
    reduced.insert("versions".into(), versions.into());
    reduced.insert("time".into(), time.into());
    Ok((name, Value::Object(reduced)))
}

/// A version without a time counts as published before any date, as it does for npm.
fn published_in_time(times: &Map<String, Value>, version: &str, keep: &Keep<'_>) -> bool {
    let time = times.get(version).and_then(Value::as_str).and_then(|time| time.parse::<Timestamp>().ok());
    time.is_none_or(|time| time <= keep.before)
}

fn other_manifest(mut manifest: Map<String, Value>) -> Map<String, Value> {
    let mut reduced = take(&mut manifest, &CHOOSING);
    // That it is deprecated matters, not why.
    if manifest.get("deprecated").is_some_and(is_truthy) {
        reduced.insert("deprecated".into(), true.into());
    }
    for field in PLATFORM {
        if let Some(value) = manifest.remove(field).filter(|value| value.to_string().len() <= SHORT) {
            reduced.insert(field.into(), value);
        }
    }
    keep_shrinkwrap(&mut reduced, &manifest);
    reduced
}

/// What a lockfile or a resolver reads of a package.json.
pub fn reduce_package(mut manifest: Map<String, Value>) -> Map<String, Value> {
    let mut reduced = take(&mut manifest, &CHOSEN);
    keep_shrinkwrap(&mut reduced, &manifest);
    let scripts = object(manifest.remove("scripts"));
    if INSTALL_SCRIPTS.iter().any(|script| scripts.get(*script).is_some_and(is_truthy)) {
        reduced.insert("hasInstallScript".into(), true.into());
    }
    reduced
}

fn chosen_manifest(name: &str, version: &str, mut manifest: Map<String, Value>) -> Map<String, Value> {
    let dist = manifest.remove("dist");
    let mut reduced = reduce_package(manifest);
    let mut dist = object(dist);
    let mut reduced_dist = take(&mut dist, &["integrity", "shasum"]);
    if let Some(Value::String(tarball)) = dist.get("tarball") {
        reduced_dist.insert("tarball".into(), at_placeholder(name, version, tarball).into());
    }
    reduced.insert("dist".into(), reduced_dist.into());
    reduced
}

fn keep_shrinkwrap(reduced: &mut Map<String, Value>, manifest: &Map<String, Value>) {
    if manifest.get("_hasShrinkwrap").is_some_and(is_truthy) {
        reduced.insert("_hasShrinkwrap".into(), true.into());
    }
}

/// The address of a tarball below the placeholder; its path from the package's name on stays.
fn at_placeholder(name: &str, version: &str, tarball: &str) -> String {
    let path = tarball.find(&format!("/{name}/-/")).and_then(|start| tarball.get(start + 1..));
    let unscoped = name.rsplit('/').next().unwrap_or(name);
    path.map_or_else(
        || format!("{PLACEHOLDER_REGISTRY}{name}/-/{unscoped}-{version}.tgz"),
        |path| format!("{PLACEHOLDER_REGISTRY}{path}"),
    )
}

/// The named members that are there, in the document's order.
fn take(manifest: &mut Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    let mut taken = Map::new();
    manifest.retain(|key, value| {
        let wanted = fields.contains(&key.as_str());
        if wanted {
            taken.insert(key.clone(), value.take());
        }
        !wanted
    });
    taken
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
