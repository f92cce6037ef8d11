//! A packument as it was on a day, so that a project stays the same set of packages.

use jiff::Timestamp;
use npm_semver::{Range, RangeOptions};
use serde_json::{Map, Value};

/// The full packument without the versions published after `before`. A dist-tag of such a version goes to the
/// highest version below it, as npm chooses with `--before`.
///
/// Errors: a document that is not a JSON object.
pub fn cut_off(document: &[u8], before: Timestamp) -> serde_json::Result<Vec<u8>> {
    let mut document: Map<String, Value> = serde_json::from_slice(document)?;
    let times = document.get("time").and_then(Value::as_object).cloned().unwrap_or_default();
    let too_late = |version: &str| {
        let time = times.get(version).and_then(Value::as_str).and_then(|time| time.parse::<Timestamp>().ok());
        time.is_some_and(|time| time > before)
    };
    let mut versions = Vec::new();
    if let Some(Value::Object(manifests)) = document.get_mut("versions") {
        manifests.retain(|version, _| !too_late(version));
        versions.extend(manifests.keys().cloned());
    }
    if let Some(Value::Object(tags)) = document.get_mut("dist-tags") {
        tags.retain(|_, version| match version.as_str() {
            Some(text) if too_late(text) => match highest_up_to(text, &versions) {
                Some(lower) => {
                    *version = lower.into();
                    true
                }
                None => false,
            },
            _ => true,
        });
    }
    if let Some(Value::Object(time)) = document.get_mut("time") {
        time.retain(|key, _| !too_late(key));
    }
    serde_json::to_vec(&document)
}

fn highest_up_to(version: &str, versions: &[String]) -> Option<String> {
    let range = Range::parse(&format!("<={version}"), RangeOptions::default()).ok()?;
    range.max_satisfying_str(versions.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn later_versions_and_their_tags_are_gone() {
        let document = json!({
            "name": "a",
            "dist-tags": { "latest": "2.0.0", "old": "1.0.0", "next": "3.0.0-b", "only": "0.0.1-x" },
            "versions": { "1.0.0": {}, "1.9.0": {}, "1.10.0": {}, "2.0.0": {}, "3.0.0-b": {}, "0.0.1-x": {} },
            "time": {
                "created": "2020-01-01T00:00:00.000Z", "1.0.0": "2020-01-01T00:00:00.000Z",
                "1.9.0": "2020-01-01T00:00:00.000Z", "2.0.0": "2022-01-01T00:00:00.000Z",
                "3.0.0-b": "2022-01-01T00:00:00.000Z", "0.0.1-x": "2022-01-01T00:00:00.000Z",
            },
        });
        let before = "2021-01-01T00:00:00Z".parse().expect("a time");
        let cut = super::cut_off(document.to_string().as_bytes(), before).expect("a packument");
        let cut: Value = serde_json::from_slice(&cut).expect("JSON");
        assert_eq!(cut["dist-tags"], json!({ "latest": "1.10.0", "old": "1.0.0", "next": "1.10.0" }));
        let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&cut["versions"]), ["1.0.0", "1.9.0", "1.10.0"]);
        assert_eq!(keys(&cut["time"]), ["created", "1.0.0", "1.9.0"]);
    }
}
