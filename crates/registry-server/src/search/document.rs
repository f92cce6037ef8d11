//! What the index is made from: a package's row and the manifest of its latest version.

use std::sync::Arc;

use npm_semver::Version;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::database::Listed;

/// What the index knows of a package, before it is cut into terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    pub name: String,
    pub revision: i64,
    pub description: String,
    pub keywords: Vec<String>,
    pub author: String,
    pub maintainers: Vec<String>,
    /// Names of what it depends on.
    pub dependencies: Vec<String>,
    /// When its latest version was published: milliseconds since the epoch.
    pub published: i64,
    pub is_deprecated: bool,
    pub is_unstable: bool,
    /// Whether only those who were let in may see it.
    pub is_restricted: bool,
    /// The upstream that it comes from; none where it is published here.
    pub upstream: Option<Arc<str>>,
    /// How much of what makes a package easy to use it has, of 255.
    pub quality: u8,
}

/// Of a manifest only what searches look at; each by itself, since anything may have been published.
#[derive(Default, Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    description: Option<&'a RawValue>,
    #[serde(borrow, default)]
    keywords: Option<&'a RawValue>,
    #[serde(borrow, default)]
    author: Option<&'a RawValue>,
    #[serde(borrow, default)]
    dependencies: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "peerDependencies")]
    peer_dependencies: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "optionalDependencies")]
    optional_dependencies: Option<&'a RawValue>,
    #[serde(borrow, default)]
    license: Option<&'a RawValue>,
    #[serde(borrow, default)]
    repository: Option<&'a RawValue>,
    #[serde(borrow, default)]
    types: Option<&'a RawValue>,
}

/// Keywords, dependencies and maintainers beyond these are not searched for.
const MOST: usize = 1000;
/// Characters of a description that are.
const DESCRIPTION: usize = 1000;

impl Document {
    /// What is searched for of a package; none where it has no version to see.
    pub fn of(listed: &Listed) -> Option<Document> {
        let latest = listed.latest.as_ref().filter(|_| listed.removed.is_none())?;
        let fields: Fields<'_> = serde_json::from_str(&latest.manifest).unwrap_or_default();
        let description: String = text(fields.description).unwrap_or_default();
        let keywords = keywords(fields.keywords);
        let mut dependencies = Vec::new();
        for names in [fields.dependencies, fields.peer_dependencies, fields.optional_dependencies] {
            dependencies.extend(keys(names));
        }
        dependencies.sort_unstable();
        dependencies.dedup();
        dependencies.truncate(MOST);
        let marks = [
            !description.is_empty(),
            !keywords.is_empty(),
            listed.has_readme,
            fields.license.is_some(),
            fields.repository.is_some(),
            fields.types.is_some(),
        ];
        let version = Version::parse(&latest.version).ok();
        Some(Document {
            name: listed.name.clone(),
            revision: listed.revision,
            description: description.chars().take(DESCRIPTION).collect(),
            keywords,
            author: author(fields.author),
            maintainers: listed.maintainers.iter().take(MOST).map(|(name, _)| name.clone()).collect(),
            dependencies,
            published: latest.published,
            is_deprecated: latest.deprecated.is_some(),
            is_unstable: version.is_none_or(|version| version.major() == 0 || version.is_prerelease()),
            is_restricted: listed.is_restricted,
            upstream: None,
            quality: (marks.iter().filter(|mark| **mark).count() * 255 / marks.len()) as u8,
        })
    }

    /// The same of a package of an upstream. What it depends on makes nothing here more popular.
    pub fn of_upstream(listed: &Listed, upstream: Arc<str>) -> Option<Document> {
        let document = Document::of(listed)?;
        Some(Document { upstream: Some(upstream), dependencies: Vec::new(), ..document })
    }
}

/// A string, and nothing where there is something else.
fn text(value: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

/// An array of strings, or one string with commas.
fn keywords(value: Option<&RawValue>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    let values: Vec<serde_json::Value> = serde_json::from_str(value.get()).unwrap_or_default();
    let mut keywords: Vec<String> =
        values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
    if let Some(one) = text(Some(value)) {
        keywords.extend(one.split(',').map(|keyword| keyword.trim().to_owned()));
    }
    keywords.retain(|keyword| !keyword.is_empty());
    keywords.truncate(MOST);
    keywords
}

/// The name of a person, who is written as an object or as `Name <address> (site)`.
fn author(value: Option<&RawValue>) -> String {
    #[derive(Deserialize)]
    struct Person {
        name: String,
    }
    let Some(value) = value else { return String::new() };
    if let Ok(person) = serde_json::from_str::<Person>(value.get()) {
        return person.name;
    }
    let written = text(Some(value)).unwrap_or_default();
    written.split(['<', '(']).next().unwrap_or_default().trim().to_owned()
}

fn keys(value: Option<&RawValue>) -> Vec<String> {
    let Some(value) = value else { return Vec::new() };
    let map: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(value.get()).unwrap_or_default();
    map.into_iter().map(|(name, _)| name).collect()
}
