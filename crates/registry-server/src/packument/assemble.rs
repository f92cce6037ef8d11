//! From rows to the full document, in the order of members that the public registry has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::render::{Members, parse_members};
use crate::PackageName;
use crate::database::{DistTags, PackageRow, VersionRow};

/// Everything kept of a package.
pub(crate) struct Rows {
    pub package: PackageRow,
    pub versions: Vec<VersionRow>,
    pub tags: DistTags,
    /// Names with addresses.
    pub maintainers: BTreeMap<String, String>,
    pub stars: Vec<String>,
}

/// What a package is said to be, as its latest version has it.
const FROM_LATEST: [&str; 7] =
    ["bugs", "author", "license", "homepage", "keywords", "repository", "description"];

/// The full document as JSON.
pub(crate) fn document(name: &PackageName, rows: &Rows) -> String {
    let visible = || rows.versions.iter().filter(|row| row.removed.is_none());
    let size: usize = visible().map(|row| row.manifest.len() + 64).sum();
    let mut out = String::with_capacity(size + 4096);
    let _ = write!(
        out,
        r#"{{"_id":{},"_rev":"{}","name":{},"dist-tags":{}"#,
        json!(name.as_str()),
        revision_of(name, rows.package.revision),
        json!(name.as_str()),
        json!(rows.tags)
    );
    out.push_str(",\"versions\":{");
    for (place, row) in visible().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let _ = write!(out, "{}:", json!(row.version));
        push_manifest(&mut out, row);
    }
    out.push_str("},\"time\":");
    let _ = write!(out, "{}", times(rows));
    let latest = rows.tags.get("latest").and_then(|latest| visible().find(|row| row.version == *latest));
    let latest: Members<'_> = latest.and_then(|row| parse_members(&row.manifest).ok()).unwrap_or_default();
    for field in FROM_LATEST {
        if let Some(value) = latest.get(field) {
            let _ = write!(out, ",\"{field}\":{}", value.get());
        }
    }
    let maintainers: Vec<Value> =
        rows.maintainers.iter().map(|(name, email)| json!({ "name": name, "email": email })).collect();
    let users: BTreeMap<&str, bool> = rows.stars.iter().map(|name| (name.as_str(), true)).collect();
    let readme = rows.package.readme.as_deref().unwrap_or_default();
    let filename = rows.package.readme_filename.as_deref().unwrap_or_default();
    let _ = write!(
        out,
        r#","maintainers":{},"readme":{},"readmeFilename":{},"users":{}}}"#,
        json!(maintainers),
        json!(readme),
        json!(filename),
        json!(users)
    );
    out
}

/// What clients hand back as `_rev` to say which state of a package they changed.
pub(crate) fn revision_of(name: &PackageName, revision: i64) -> String {
    let digest = Sha256::digest(format!("{name} {revision}"));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{revision}-{hex}")
}

/// A stored manifest, an object that is not empty, with the deprecation of today.
fn push_manifest(out: &mut String, row: &VersionRow) {
    match (&row.deprecated, row.manifest.strip_suffix('}')) {
        (Some(message), Some(open)) => {
            let _ = write!(out, "{open},\"deprecated\":{}}}", json!(message));
        }
        _ => out.push_str(&row.manifest),
    }
}

fn times(rows: &Rows) -> Value {
    let mut times = serde_json::Map::new();
    times.insert("created".into(), json!(iso(rows.package.created)));
    times.insert("modified".into(), json!(iso(rows.package.modified)));
    // those of removed versions stay, as they do at the public registry
    times.extend(rows.versions.iter().map(|row| (row.version.clone(), json!(iso(row.published)))));
    Value::Object(times)
}

/// As JavaScript writes times: three digits of a second.
fn iso(milliseconds: i64) -> String {
    let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    format!("{time:.3}")
}
