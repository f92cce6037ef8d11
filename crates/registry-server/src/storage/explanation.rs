//! Why clients see what they see of a package, as it is told to people and programs.

use std::sync::Arc;

use npm_semver::{Range, RangeOptions, Version};
use serde::Serialize;
use serde_json::Value;

use crate::PackageName;
use crate::names::Place;
use crate::policy::{Decision, PackageFacts, Reason, VersionFacts};

/// Why clients see what they see of a package.
pub(crate) struct Explanation {
    /// Where the package lives.
    pub place: Place,
    /// What there is of it.
    pub facts: PackageFacts,
    /// What is made of that.
    pub decision: Arc<Decision>,
}

/// What was hidden is what one asks about, prereleases included.
const RANGE: RangeOptions = RangeOptions { loose: true, include_prerelease: true };

/// The explanation of some versions of a package.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    pub name: String,
    /// `here` or `upstream`.
    pub place: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// `enforce` or `observe`.
    pub mode: &'static str,
    pub versions: Vec<ExplainedVersion>,
    /// The dist-tags that do not stay as they are.
    pub dist_tags: Vec<ExplainedTag>,
    /// When the next version becomes visible, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds_until: Option<String>,
}

/// What is made of a version.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedVersion {
    pub version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    pub visible: bool,
    /// `{"code", "message", ...}` of each reason to hide it, whether it is hidden or only would be.
    pub reasons: Vec<Value>,
    /// The warning that the policy puts on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
}

/// A dist-tag that does not stay as it is; to nothing where it is left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedTag {
    pub tag: String,
    pub from: String,
    pub to: Option<String>,
}

impl Explanation {
    /// The versions that are asked about, by a range or a dist-tag; `None` where what was asked means none of the kind.
    pub fn wanted(&self, asked: Option<&str>) -> Option<Vec<&VersionFacts>> {
        let facts = &self.facts;
        let Some(asked) = asked else { return Some(facts.versions.iter().collect()) };
        if let Some((_, tagged)) = facts.dist_tags.iter().find(|(tag, _)| tag == asked) {
            return Some(facts.versions.iter().filter(|version| version.version == *tagged).collect());
        }
        let range = Range::parse(asked, RANGE).ok()?;
        let meant = |version: &&VersionFacts| {
            Version::parse_loose(&version.version).is_ok_and(|version| range.satisfies(&version))
        };
        Some(facts.versions.iter().filter(meant).collect())
    }

    /// What is told of some of its versions.
    pub fn explained(&self, name: &PackageName, wanted: &[&VersionFacts]) -> Explained {
        let decision = &self.decision;
        let version = |facts: &&VersionFacts| ExplainedVersion {
            version: facts.version.clone(),
            published: facts.published.map(|published| published.to_string()),
            visible: decision.hidden(&facts.version).is_none(),
            reasons: decision
                .reasons
                .get(&facts.version)
                .into_iter()
                .flatten()
                .map(Reason::to_json)
                .collect(),
            deprecated: decision.deprecations.get(&facts.version).cloned(),
        };
        let tag = |change: &crate::policy::TagChange| ExplainedTag {
            tag: change.tag.clone(),
            from: change.from.clone(),
            to: change.to.clone(),
        };
        Explained {
            name: name.to_string(),
            place: if self.facts.own { "here" } else { "upstream" },
            upstream: match &self.place {
                Place::Upstream(upstream) => Some(upstream.to_string()),
                Place::Here | Place::Refused => None,
            },
            mode: if decision.observed { "observe" } else { "enforce" },
            versions: wanted.iter().map(version).collect(),
            dist_tags: decision.tags.iter().map(tag).collect(),
            holds_until: decision.holds_until.map(|until| until.to_string()),
        }
    }
}
