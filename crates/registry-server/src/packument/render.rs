//! From a document's JSON to the bytes of both forms.
//!
//! Manifests are never turned into values: they are borrowed as raw text, so what was published is answered as it
//! was spelled, tarball addresses excepted.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Packument;
use super::abbreviate::push_abbreviated_manifest;
use super::compact::compact_json;
use super::encoded::EncodedCache;
use super::rendition::RenditionBuilder;
use crate::{PackageName, RegistryError};

/// Members of an object in their order, values as text.
pub(crate) type Members<'a> = IndexMap<Cow<'a, str>, &'a RawValue>;

pub(super) fn render(name: &PackageName, document: &[u8]) -> Result<Packument, RegistryError> {
    render_document(name, document)
        .map_err(|source| RegistryError::Document { name: name.to_string(), source })?
}

/// The outer result is that of reading JSON, so that its errors get the package's name in one place.
fn render_document(
    name: &PackageName,
    document: &[u8],
) -> Result<Result<Packument, RegistryError>, serde_json::Error> {
    let compact = compact_json(document);
    let members: Members<'_> =
        parse_members(std::str::from_utf8(&compact).map_err(serde::de::Error::custom)?)?;
    let found: Option<String> = members.get("name").map(|raw| serde_json::from_str(raw.get())).transpose()?;
    if let Some(found) = found.filter(|found| found != name.as_str()) {
        return Ok(Err(RegistryError::DocumentName { name: name.to_string(), found }));
    }
    let versions = match members.get("versions") {
        Some(raw) => parse_members(raw.get())?,
        None => Members::new(),
    };
    let dist_tags_json = members.get("dist-tags").map_or("{}", |raw| raw.get());
    let modified = modified(&members);

    let mut full = RenditionBuilder::default();
    let mut manifests = HashMap::with_capacity(versions.len());
    let mut tarballs = HashMap::with_capacity(versions.len());
    full.push("{");
    for (key, value) in &members {
        full.push_key(key);
        if key == "versions" {
            full.push("{");
            for (version, manifest) in &versions {
                full.push_key(version);
                let start = full.len();
                let file = push_manifest(&mut full, name, version, manifest.get())?;
                tarballs.extend(file.map(|file| (file, version.to_string())));
                manifests.insert(version.to_string(), start..full.len());
            }
            full.push("}");
        } else {
            full.push(value.get());
        }
    }
    full.push("}");

    let mut abbreviated = RenditionBuilder::default();
    abbreviated.push("{");
    abbreviated.push_key("name");
    abbreviated.push_string(name.as_str());
    abbreviated.push_key("dist-tags");
    abbreviated.push(dist_tags_json);
    abbreviated.push_key("versions");
    abbreviated.push("{");
    for (version, manifest) in &versions {
        abbreviated.push_key(version);
        push_abbreviated_manifest(&mut abbreviated, name, version, manifest.get())?;
    }
    abbreviated.push("}");
    if let Some(modified) = &modified {
        abbreviated.push_key("modified");
        abbreviated.push_string(modified);
    }
    abbreviated.push("}");

    Ok(Ok(Packument {
        name: name.clone(),
        full: full.finish(),
        abbreviated: abbreviated.finish(),
        manifests,
        tarballs,
        dist_tags: serde_json::from_str(dist_tags_json)?,
        dist_tags_json: Bytes::copy_from_slice(dist_tags_json.as_bytes()),
        modified: modified.and_then(|text| text.parse().ok()),
        encoded: EncodedCache::default(),
    }))
}

/// The members of an object, borrowed.
pub(crate) fn parse_members(object: &str) -> Result<Members<'_>, serde_json::Error> {
    // serde borrows a `Cow` key only when told to, through a type of its own.
    #[derive(Deserialize, PartialEq, Eq, Hash)]
    struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
    let members: IndexMap<Key<'_>, &RawValue> = serde_json::from_str(object)?;
    Ok(members.into_iter().map(|(key, value)| (key.0, value)).collect())
}

fn modified(members: &Members<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Time {
        modified: Option<String>,
    }
    let time: Time = serde_json::from_str(members.get("time")?.get()).ok()?;
    time.modified
}

fn push_manifest(
    out: &mut RenditionBuilder,
    name: &PackageName,
    version: &str,
    manifest: &str,
) -> Result<Option<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Dist<'a> {
        #[serde(borrow)]
        dist: Option<&'a RawValue>,
    }
    let Some(dist) = serde_json::from_str::<Dist<'_>>(manifest)?.dist.map(RawValue::get) else {
        out.push(manifest);
        return Ok(None);
    };
    let (before, after) = around(manifest, dist);
    out.push(before);
    let file = push_dist(out, name, version, dist)?;
    out.push(after);
    Ok(file)
}

/// Appends a manifest's `dist` with the tarball, and the attestations where there are some, at this registry. Answers
/// the tarball's file name.
///
/// The last segment of the published address is kept: old packages have tarballs not named after their version.
pub(super) fn push_dist(
    out: &mut RenditionBuilder,
    name: &PackageName,
    version: &str,
    dist: &str,
) -> Result<Option<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Dist<'a> {
        #[serde(borrow)]
        tarball: Option<&'a RawValue>,
        #[serde(borrow)]
        attestations: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Attestations<'a> {
        #[serde(borrow)]
        url: Option<&'a RawValue>,
    }
    let Dist { tarball, attestations } = serde_json::from_str(dist)?;
    let mut addresses = Vec::with_capacity(2);
    let mut found = None;
    if let Some(tarball) = tarball.map(RawValue::get) {
        let address: String = serde_json::from_str(tarball)?;
        let address = address.split(['?', '#']).next().unwrap_or_default();
        let file = match address.rsplit('/').next() {
            Some(last) if last.len() > ".tgz".len() => last.to_owned(),
            _ => format!("{}-{version}.tgz", name.unscoped()),
        };
        addresses.push((tarball, format!("{name}/-/{file}")));
        found = Some(file);
    }
    let attestations =
        attestations.and_then(|text| serde_json::from_str::<Attestations<'_>>(text.get()).ok());
    if let Some(url) = attestations.and_then(|attestations| attestations.url) {
        addresses.push((url.get(), format!("-/npm/v1/attestations/{name}@{version}")));
    }
    addresses.sort_unstable_by_key(|(text, _)| text.as_ptr());
    let mut rest = dist;
    for (text, path) in addresses {
        let (before, after) = around(rest, text);
        let path = serde_json::Value::from(path).to_string();
        out.push(before);
        out.push("\"");
        out.push_base();
        out.push(path.strip_prefix('"').unwrap_or(&path));
        rest = after;
    }
    out.push(rest);
    Ok(found)
}

/// What of `whole` stands before and after `part`, a slice of it.
fn around<'a>(whole: &'a str, part: &str) -> (&'a str, &'a str) {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    (&whole[..start], &whole[start + part.len()..])
}
