//! Packuments under a policy: what they say to judge by, and what is left of them.
//!
//! Manifests stay the text they were published as, as in `packument`; only a deprecation changes one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Decision, PackageFacts, VersionFacts};
use crate::packument::{Members, parse_members};
use crate::{PackageName, RegistryError};

/// Reads what policies judge by from a full packument.
///
/// Errors: a document that is no packument.
pub fn read_facts(name: &PackageName, own: bool, document: &[u8]) -> Result<PackageFacts, RegistryError> {
    let invalid = |source| RegistryError::Document { name: name.to_string(), source };
    let text = std::str::from_utf8(document).map_err(|error| invalid(serde::de::Error::custom(error)))?;
    let members = parse_members(text).map_err(invalid)?;
    let versions = object(&members, "versions").map_err(invalid)?;
    let times = object(&members, "time").unwrap_or_default();
    let tags = object(&members, "dist-tags").map_err(invalid)?;
    let string = |raw: &&RawValue| serde_json::from_str::<String>(raw.get()).ok();
    Ok(PackageFacts {
        name: name.clone(),
        own,
        versions: versions
            .iter()
            .map(|(version, manifest)| {
                let time = times.get(version).and_then(string);
                version_facts(version, time.and_then(|time| time.parse().ok()), manifest.get())
            })
            .collect(),
        dist_tags: tags
            .iter()
            .filter_map(|(tag, version)| Some((tag.to_string(), string(version)?)))
            .collect(),
    })
}

/// A member that is an object; empty where it is missing or null.
fn object<'a>(members: &Members<'a>, key: &str) -> Result<Members<'a>, serde_json::Error> {
    match members.get(key) {
        Some(raw) if raw.get() != "null" => parse_members(raw.get()),
        _ => Ok(Members::new()),
    }
}

/// A manifest of an odd shape says nothing good about itself, and nothing bad.
fn version_facts(version: &str, published: Option<Timestamp>, manifest: &str) -> VersionFacts {
    #[derive(Deserialize, Default)]
    struct Manifest<'a> {
        #[serde(borrow, default, rename = "hasInstallScript")]
        has_install_script: Option<&'a RawValue>,
        #[serde(borrow, default)]
        gypfile: Option<&'a RawValue>,
        #[serde(borrow, default)]
        scripts: Option<&'a RawValue>,
        #[serde(borrow, default)]
        dist: Option<&'a RawValue>,
    }
    let manifest: Manifest<'_> = serde_json::from_str(manifest).unwrap_or_default();
    let is_true = |raw: Option<&RawValue>| raw.is_some_and(|raw| raw.get() == "true");
    let member = |raw: Option<&'_ RawValue>, key: &str| {
        let members = raw.and_then(|raw| parse_members(raw.get()).ok())?;
        members.get(key).map(|raw| raw.get().to_owned()).filter(|text| text != "null" && text != "\"\"")
    };
    let runs = ["preinstall", "install", "postinstall"]
        .iter()
        .any(|script| member(manifest.scripts, script).is_some());
    VersionFacts {
        version: version.to_owned(),
        published,
        has_install_script: runs || is_true(manifest.has_install_script) || is_true(manifest.gypfile),
        has_provenance: member(manifest.dist, "attestations")
            .and_then(|text| serde_json::from_str::<IndexMap<String, Box<RawValue>>>(&text).ok())
            .is_some_and(|attestations| attestations.contains_key("provenance")),
    }
}

/// A packument as a policy lets it be seen.
#[derive(Clone, Debug)]
pub struct PolicyView {
    decision: Arc<Decision>,
}

impl PolicyView {
    /// What a decision makes of the packument that it was made about.
    pub fn new(decision: Arc<Decision>) -> PolicyView {
        PolicyView { decision }
    }

    /// The full packument without what is hidden, dist-tags repaired, warnings put on.
    ///
    /// Errors: a document that is no packument.
    pub fn document<'a>(
        &self,
        name: &PackageName,
        document: &'a [u8],
    ) -> Result<Cow<'a, [u8]>, RegistryError> {
        if self.decision.changes_nothing() {
            return Ok(Cow::Borrowed(document));
        }
        let invalid = |source| RegistryError::Document { name: name.to_string(), source };
        let text = std::str::from_utf8(document).map_err(|error| invalid(serde::de::Error::custom(error)))?;
        self.rewrite(text).map(|text| Cow::Owned(text.into_bytes())).map_err(invalid)
    }

    fn rewrite(&self, text: &str) -> Result<String, serde_json::Error> {
        let members = parse_members(text)?;
        let mut out = IndexMap::<&str, Cow<'_, RawValue>>::with_capacity(members.len());
        for (key, value) in &members {
            let value = match key.as_ref() {
                "versions" => Cow::Owned(self.versions(&object(&members, "versions")?)?),
                // times of an odd shape are nobody's times
                "time" => match object(&members, "time") {
                    Ok(times) => Cow::Owned(raw(&self.visible(&times))?),
                    Err(_) => Cow::Borrowed(*value),
                },
                "dist-tags" => Cow::Owned(raw(&self.tags(&object(&members, "dist-tags")?))?),
                _ => Cow::Borrowed(*value),
            };
            out.insert(key, value);
        }
        serde_json::to_string(&out)
    }

    fn visible<'a, 'b>(&self, members: &'b Members<'a>) -> IndexMap<&'b str, &'a RawValue> {
        let visible = members.iter().filter(|(version, _)| self.decision.hidden(version).is_none());
        visible.map(|(version, value)| (version.as_ref(), *value)).collect()
    }

    fn versions(&self, versions: &Members<'_>) -> Result<Box<RawValue>, serde_json::Error> {
        let mut out = IndexMap::<&str, Cow<'_, RawValue>>::with_capacity(versions.len());
        for (version, manifest) in self.visible(versions) {
            let manifest = match self.decision.deprecations.get(version) {
                Some(message) => Cow::Owned(deprecated(manifest, message)?),
                None => Cow::Borrowed(manifest),
            };
            out.insert(version, manifest);
        }
        raw(&out)
    }

    fn tags(&self, tags: &Members<'_>) -> Tags {
        let changes: BTreeMap<&str, Option<&str>> =
            self.decision.tags.iter().map(|change| (change.tag.as_str(), change.to.as_deref())).collect();
        let mut out = Tags::new();
        for (tag, version) in tags {
            let kept = match changes.get(tag.as_ref()) {
                None => serde_json::from_str(version.get()).ok(),
                Some(to) => to.map(str::to_owned),
            };
            out.extend(kept.map(|version| (tag.to_string(), version)));
        }
        out
    }
}

/// Tags in the packument's order.
type Tags = IndexMap<String, String>;

fn deprecated(manifest: &RawValue, message: &str) -> Result<Box<RawValue>, serde_json::Error> {
    let members = parse_members(manifest.get())?;
    let mut out: IndexMap<&str, Cow<'_, RawValue>> =
        members.iter().map(|(key, value)| (key.as_ref(), Cow::Borrowed(*value))).collect();
    if message.is_empty() {
        out.shift_remove("deprecated");
    } else {
        out.insert("deprecated", Cow::Owned(raw(&message)?));
    }
    raw(&out)
}

fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(value)
}
