//! What is known against versions of packages: advisories kept here, read from documents of the Open Source
//! Vulnerability format, and the report that clients before npm 7 expect.
//!
//! Does not own: asking upstreams (`proxy`), HTTP, the rows (`database`).

pub(crate) mod archive;
mod cvss;
mod import;
mod lock_tree;
pub(crate) mod osv;
mod ranges;
mod report;

pub use import::ImportedAdvisories;
pub(crate) use lock_tree::LockTree;
use npm_semver::{Range, RangeOptions, Version};
pub(crate) use report::{Report, Versions};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Who is asked what is known against packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdvisorySource {
    /// The upstreams that packages come from.
    Upstream,
    /// What was imported here.
    Local,
    /// Both, each advisory once.
    #[default]
    Both,
}

impl AdvisorySource {
    /// Whether what was imported counts.
    pub(crate) fn has_local(self) -> bool {
        self != AdvisorySource::Upstream
    }

    /// Whether upstreams are asked.
    pub(crate) fn has_upstream(self) -> bool {
        self != AdvisorySource::Local
    }
}

/// What is known against some versions of one package.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Advisory {
    pub id: String,
    pub package: String,
    /// Below 2^48, so that JavaScript holds it exactly.
    pub number: i64,
    /// Milliseconds since the epoch.
    pub modified: i64,
    pub severity: String,
    pub title: String,
    pub vulnerable: String,
    pub patched: String,
    pub details: Details,
}

/// What of an advisory is only shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Details {
    pub url: String,
    /// Other names of the same thing.
    pub aliases: Vec<String>,
    pub cwe: Vec<String>,
    pub cvss_score: f64,
    pub cvss_vector: Option<String>,
    pub overview: String,
    pub references: Vec<String>,
    /// As the document has them.
    pub published: Option<String>,
    pub updated: String,
}

/// How ranges of advisories are read: prereleases of vulnerable versions are vulnerable.
pub(crate) const VULNERABLE: RangeOptions = RangeOptions { loose: true, include_prerelease: true };

impl Advisory {
    /// Whether it is about one of these versions.
    pub fn affects(&self, versions: &[Version]) -> bool {
        Range::parse(&self.vulnerable, VULNERABLE)
            .is_ok_and(|range| versions.iter().any(|version| range.satisfies(version)))
    }

    /// Whether an answer of another registry is about the same thing, told by the end of its address.
    pub fn is_same(&self, answer: &Value) -> bool {
        let name = answer.get("url").and_then(Value::as_str).and_then(|url| url.rsplit('/').next());
        name.is_some_and(|name| name == self.id || self.details.aliases.iter().any(|alias| alias == name))
    }

    /// As the answer to a bulk request has it, with more of it for who asks for all.
    pub fn to_json(&self, extent: Extent) -> Value {
        let details = &self.details;
        let mut answer = json!({
            "id": self.number,
            "url": details.url,
            "title": self.title,
            "severity": self.severity,
            "vulnerable_versions": self.vulnerable,
            "cwe": details.cwe,
            "cvss": { "score": details.cvss_score, "vectorString": details.cvss_vector },
        });
        if let (Extent::All, Some(answer)) = (extent, answer.as_object_mut()) {
            let cves: Vec<&String> =
                details.aliases.iter().chain([&self.id]).filter(|name| name.starts_with("CVE-")).collect();
            let more = json!({
                "patched_versions": self.patched,
                "overview": details.overview,
                "references": details.references.join("\n"),
                "created": details.published,
                "updated": details.updated,
                "cves": cves,
            });
            answer.extend(more.as_object().cloned().unwrap_or_default());
        }
        answer
    }
}

/// How much is told of an advisory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What npm 7 and later read.
    Bulk,
    /// What is shown by those before.
    All,
}

/// Advisories by package, as bulk requests are answered.
pub(crate) type Known = Map<String, Value>;

/// The versions in a request, those that are any.
pub(crate) fn versions_of(installed: &Value) -> Vec<Version> {
    let texts = installed.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.filter_map(|text| Version::parse_loose(text).ok()).collect()
}
