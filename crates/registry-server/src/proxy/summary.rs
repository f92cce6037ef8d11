//! What searches and lists are to know of an upstream's packument.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::database::UpstreamSummary;
use crate::packument::{Members, parse_members};

/// What of a manifest is searched and shown.
pub(super) const FIELDS: [&str; 10] = [
    "name",
    "version",
    "description",
    "keywords",
    "author",
    "license",
    "homepage",
    "repository",
    "bugs",
    "types",
];

/// Bytes of what is kept of a manifest; of a longer one only the beginning of its description is.
const MOST_BYTES: usize = 4 << 10;
const DESCRIPTION: usize = 500;

/// People that are kept.
const MOST_PEOPLE: usize = 20;

#[derive(Deserialize)]
pub(super) struct Person {
    #[serde(alias = "username")]
    pub name: String,
    #[serde(default)]
    pub email: String,
}

/// The latest version of a packument; none where no tag says which that is, or it has no such version.
pub(super) fn of(packument: &Members<'_>) -> Option<UpstreamSummary> {
    let tags: Map<String, Value> = serde_json::from_str(packument.get("dist-tags")?.get()).ok()?;
    let version = tags.get("latest")?.as_str()?;
    let versions = parse_members(packument.get("versions")?.get()).ok()?;
    let manifest: Map<String, Value> = serde_json::from_str(versions.get(version)?.get()).ok()?;
    let deprecated = manifest.get("deprecated").and_then(Value::as_str).filter(|message| !message.is_empty());
    let publisher = manifest.get("_npmUser").and_then(|user| user.get("name")).and_then(Value::as_str);
    let times: Map<String, Value> =
        packument.get("time").and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let published =
        times.get(version).and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    let people: Vec<Person> =
        packument.get("maintainers").and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    Some(UpstreamSummary {
        version: version.to_owned(),
        published: published.map_or(0, Timestamp::as_millisecond),
        publisher: publisher.unwrap_or_default().to_owned(),
        deprecated: deprecated.map(str::to_owned),
        manifest: shortened(manifest),
        maintainers: kept_people(people),
    })
}

/// What is kept of a manifest.
pub(super) fn shortened(mut manifest: Map<String, Value>) -> String {
    manifest.retain(|field, _| FIELDS.contains(&field.as_str()));
    let text = Value::Object(manifest.clone()).to_string();
    if text.len() <= MOST_BYTES {
        return text;
    }
    let short = |key: &str| -> Option<String> {
        Some(manifest.get(key)?.as_str()?.chars().take(DESCRIPTION).collect())
    };
    json!({ "name": short("name"), "version": short("version"), "description": short("description") })
        .to_string()
}

pub(super) fn kept_people(people: Vec<Person>) -> Vec<(String, String)> {
    people.into_iter().take(MOST_PEOPLE).map(|one| (one.name, one.email)).collect()
}
