//! `GET /-/knit/explain/{pkg}[@range]`: why clients see what they see of a package.
//!
//! Shape: `{"name", "place", "upstream"?, "mode", "versions": [{"version", "published"?, "visible", "reasons": [{"code",
//! "message", ...}], "deprecated"?}], "distTags": [{"tag", "from", "to"}], "holdsUntil"?}`.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Value, json};

use super::respond;
use crate::names::Place;
use crate::policy::VersionFacts;
use crate::server::Registry;
use crate::storage::Explanation;
use crate::{PackageName, RegistryError};

/// What was hidden is what one asks about, prereleases included.
const RANGE: RangeOptions = RangeOptions { loose: true, include_prerelease: true };

pub(super) async fn answer(
    registry: &Registry,
    name: &PackageName,
    asked: Option<&str>,
) -> Result<Response, RegistryError> {
    let Some(governed) = &registry.governed else {
        return Ok(respond::not_found("rules: this registry shows everything that it has"));
    };
    if *governed.place(name) == Place::Refused {
        let refused = json!({ "name": name.as_str(), "place": "refused", "versions": [] });
        return Ok(uncached(refused));
    }
    let Some(explanation) = governed.explain(name).await? else {
        return Ok(respond::not_found(name.as_str()));
    };
    let Some(wanted) = wanted(&explanation, asked) else {
        return Ok(respond::error(
            StatusCode::BAD_REQUEST,
            "that is neither a range of versions nor a dist-tag",
        ));
    };
    Ok(uncached(explained(name, &explanation, &wanted)))
}

/// Time passes, and the answer changes with it.
fn uncached(body: Value) -> Response {
    let mut response = respond::json(StatusCode::OK, body.to_string());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The versions that are asked about; `None` where what was asked means none of the kind.
fn wanted<'a>(explanation: &'a Explanation, asked: Option<&str>) -> Option<Vec<&'a VersionFacts>> {
    let facts = &explanation.facts;
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

fn explained(name: &PackageName, explanation: &Explanation, wanted: &[&VersionFacts]) -> Value {
    let decision = &explanation.decision;
    let versions: Vec<Value> = wanted
        .iter()
        .map(|facts| {
            let reasons = decision.reasons.get(&facts.version).map_or(&[][..], Vec::as_slice);
            let reasons: Vec<Value> = reasons.iter().map(crate::policy::Reason::to_json).collect();
            let mut version = json!({
                "version": facts.version,
                "visible": decision.hidden(&facts.version).is_none(),
                "reasons": reasons,
            });
            if let Some(published) = facts.published {
                version["published"] = published.to_string().into();
            }
            if let Some(message) = decision.deprecations.get(&facts.version) {
                version["deprecated"] = message.as_str().into();
            }
            version
        })
        .collect();
    let tags: Vec<Value> = decision
        .tags
        .iter()
        .map(|change| json!({ "tag": change.tag, "from": change.from, "to": change.to }))
        .collect();
    let mut answer = json!({
        "name": name.as_str(),
        "place": if explanation.facts.own { "here" } else { "upstream" },
        "mode": if decision.observed { "observe" } else { "enforce" },
        "versions": versions,
        "distTags": tags,
    });
    if let Place::Upstream(upstream) = &explanation.place {
        answer["upstream"] = (**upstream).into();
    }
    if let Some(until) = decision.holds_until {
        answer["holdsUntil"] = until.to_string().into();
    }
    answer
}
