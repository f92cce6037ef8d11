//! The manifest that is kept of a version: the published one, held against the tarball's, with `dist` as it is here.
//!
//! Clients decide by the manifest what to install, and run what is in the tarball: a registry that lets them differ
//! lets anybody hide a dependency or a script.

use std::collections::{BTreeMap, BTreeSet};

use npm_formats::manifest::{Manifest, NoFolder};
use serde_json::{Map, Value, json};

use super::PublishError;
use super::readme::Readme;
use super::tarball::Inspected;
use crate::PackageName;

/// Digests of a tarball as manifests have them.
pub(crate) struct Digests {
    /// `sha512-` and base64.
    pub integrity: String,
    /// SHA-1 in hexadecimal.
    pub shasum: String,
}

/// A manifest ready to be kept.
pub(crate) struct Kept {
    pub manifest: Map<String, Value>,
    pub deprecated: Option<String>,
    pub readme: Option<Readme>,
}

const INSTALL_SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

/// Checks a manifest and completes it.
///
/// # Errors
/// A manifest that names another package, version or tarball content, or says other than the tarball's package.json.
pub(crate) fn keep(
    name: &PackageName,
    version: &str,
    published: &str,
    tarball: &Inspected,
    digests: &Digests,
) -> Result<Kept, PublishError> {
    let manifest = read(name, version, published, tarball)?;
    compare(&manifest, tarball)?;
    complete(name, version, manifest, tarball, digests)
}

/// The same for what another registry accepted by its own rules: it may say other than the tarball's package.json.
///
/// # Errors
/// A manifest that names another package, version or tarball content.
pub(crate) fn adopt(
    name: &PackageName,
    version: &str,
    published: &str,
    tarball: &Inspected,
    digests: &Digests,
) -> Result<Kept, PublishError> {
    let manifest = read(name, version, published, tarball)?;
    complete(name, version, manifest, tarball, digests)
}

/// The manifest of this very version.
fn read(
    name: &PackageName,
    version: &str,
    published: &str,
    tarball: &Inspected,
) -> Result<Map<String, Value>, PublishError> {
    let manifest: Map<String, Value> = serde_json::from_str(published).map_err(|error| {
        PublishError::Malformed { problem: format!("the manifest is no object: {error}") }
    })?;
    let differs = |field: &str| PublishError::Differs { field: field.to_owned() };
    if text(&manifest, "name") != Some(name.as_str())
        || text(&tarball.manifest, "name") != Some(name.as_str())
    {
        return Err(differs("name"));
    }
    let same_version = |text: Option<&str>| {
        text.and_then(|text| npm_semver::Version::parse(text.trim().trim_start_matches(['=', 'v'])).ok())
            .is_some_and(|found| found.to_string() == without_build(version))
    };
    if !same_version(text(&manifest, "version")) || !same_version(text(&tarball.manifest, "version")) {
        return Err(differs("version"));
    }
    Ok(manifest)
}

/// Holds what decides about installations against the tarball's package.json.
fn compare(manifest: &Map<String, Value>, tarball: &Inspected) -> Result<(), PublishError> {
    let differs = |field: &str| PublishError::Differs { field: field.to_owned() };
    if dependencies(manifest) != dependencies(&tarball.manifest) {
        return Err(differs("dependencies"));
    }
    if pairs(manifest, "peerDependencies") != pairs(&tarball.manifest, "peerDependencies") {
        return Err(differs("peerDependencies"));
    }
    if bundled(manifest) != bundled(&tarball.manifest) {
        return Err(differs("bundleDependencies"));
    }
    if !have_same_bins(manifest, &tarball.manifest) {
        return Err(differs("bin"));
    }
    // npm adds the script that builds addons, so the manifest may have more
    let (told, hidden) = (pairs(manifest, "scripts"), pairs(&tarball.manifest, "scripts"));
    for script in INSTALL_SCRIPTS {
        if hidden.contains_key(script) && told.get(script) != hidden.get(script) {
            return Err(differs(&format!("scripts.{script}")));
        }
    }
    Ok(())
}

/// Takes out what is kept elsewhere, and puts in what was measured.
fn complete(
    name: &PackageName,
    version: &str,
    mut manifest: Map<String, Value>,
    tarball: &Inspected,
    digests: &Digests,
) -> Result<Kept, PublishError> {
    add_gyp_script(&mut manifest, tarball);
    let deprecated = manifest.shift_remove("deprecated").and_then(|value| value.as_str().map(str::to_owned));
    let readme = Readme::in_manifest(&manifest);
    for gone in ["readme", "_attachments", "users"] {
        manifest.shift_remove(gone);
    }
    if tarball.has_shrinkwrap {
        manifest.insert("_hasShrinkwrap".into(), Value::Bool(true));
    }
    let dist = completed(name, version, manifest.get("dist"), tarball, digests)?;
    manifest.insert("dist".into(), dist);
    Ok(Kept { manifest, deprecated: deprecated.filter(|message| !message.is_empty()), readme })
}

/// `dist` with what was measured in place of what was said, where both must agree.
fn completed(
    name: &PackageName,
    version: &str,
    said: Option<&Value>,
    tarball: &Inspected,
    digests: &Digests,
) -> Result<Value, PublishError> {
    let said = said.and_then(Value::as_object).cloned().unwrap_or_default();
    let named = |field: &str| said.get(field).and_then(Value::as_str);
    if named("shasum").is_some_and(|shasum| shasum != digests.shasum) {
        return Err(PublishError::Integrity { field: "shasum" });
    }
    // one of several digests may be of a kind that is not kept here
    let strongest =
        named("integrity").map(|said| said.split_whitespace().filter(|one| one.starts_with("sha512-")));
    if strongest.is_some_and(|mut all| all.any(|one| one != digests.integrity)) {
        return Err(PublishError::Integrity { field: "integrity" });
    }
    let mut dist = said;
    dist.shift_remove("signatures");
    dist.shift_remove("attestations");
    dist.insert("integrity".into(), json!(digests.integrity));
    dist.insert("shasum".into(), json!(digests.shasum));
    dist.insert("tarball".into(), json!(format!("{name}/-/{}-{version}.tgz", name.unscoped())));
    dist.insert("fileCount".into(), json!(tarball.files));
    dist.insert("unpackedSize".into(), json!(tarball.unpacked));
    Ok(Value::Object(dist))
}

/// Clients that find a `.gyp` file and no script that says how to build run node-gyp; npm writes that into the manifest,
/// so that it can be seen before the package is installed.
fn add_gyp_script(manifest: &mut Map<String, Value>, tarball: &Inspected) {
    let has = |script| pairs(&tarball.manifest, "scripts").contains_key(script);
    let is_off = tarball.manifest.get("gypfile") == Some(&Value::Bool(false));
    if !tarball.has_gyp_file || is_off || has("install") || has("preinstall") {
        return;
    }
    let scripts = manifest.entry("scripts").or_insert_with(|| json!({}));
    if !scripts.is_object() {
        *scripts = json!({});
    }
    if let Some(scripts) = scripts.as_object_mut() {
        scripts.insert("install".into(), json!("node-gyp rebuild"));
    }
    manifest.insert("gypfile".into(), Value::Bool(true));
}

/// Names of commands with their files, as clients read them. Those of a folder are only known where it lies.
fn have_same_bins(published: &Map<String, Value>, packed: &Map<String, Value>) -> bool {
    let bins = |members: &Map<String, Value>| -> BTreeMap<String, String> {
        let read = Manifest::from_installed(members.clone(), &NoFolder);
        read.bin().map(|(name, file)| (name.to_owned(), file.to_owned())).collect()
    };
    let from_folder = packed.get("bin").is_none()
        && packed.get("directories").is_some_and(|directories| directories.get("bin").is_some());
    from_folder || bins(published) == bins(packed)
}

/// The dependencies that are in the tarball: clients do not fetch them.
fn bundled(manifest: &Map<String, Value>) -> BTreeSet<&str> {
    let said = manifest.get("bundleDependencies").or_else(|| manifest.get("bundledDependencies"));
    match said {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(Value::Object(names)) => names.keys().map(String::as_str).collect(),
        Some(Value::Bool(true)) => pairs(manifest, "dependencies").into_keys().collect(),
        _ => BTreeSet::new(),
    }
}

fn text<'a>(manifest: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    manifest.get(field)?.as_str()
}

/// A version without what stands behind `+`, which does not tell versions apart. Other registries have such versions.
fn without_build(version: &str) -> &str {
    version.split('+').next().unwrap_or_default()
}

fn pairs<'a>(manifest: &'a Map<String, Value>, field: &str) -> BTreeMap<&'a str, &'a str> {
    let members = manifest.get(field).and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
}

/// What is installed with a package: clients put optional dependencies among the others or leave them apart.
fn dependencies(manifest: &Map<String, Value>) -> BTreeMap<&str, &str> {
    let mut all = pairs(manifest, "dependencies");
    all.extend(pairs(manifest, "optionalDependencies"));
    all
}
