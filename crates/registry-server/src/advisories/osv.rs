//! Documents of the Open Source Vulnerability format, as its databases publish them for this ecosystem.
//!
//! Source: the format's schema, 1.7, and the documents of its public export for npm: reviewed advisories and those of
//! malicious packages.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::ranges::{self, Event};
use super::{Advisory, Details, cvss};

/// What the format calls the packages that live in registries like this one.
const ECOSYSTEM: &str = "npm";

/// Bytes of an overview that are kept: there are hundreds of thousands of advisories.
const OVERVIEW: usize = 4000;

/// Names, references and weaknesses beyond these are left out.
const MOST: usize = 50;

/// What a document says.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub id: String,
    /// Milliseconds since the epoch.
    pub modified: i64,
    /// One for each package of this ecosystem; none where it was withdrawn.
    pub advisories: Vec<Advisory>,
    pub is_withdrawn: bool,
}

#[derive(Deserialize)]
struct Document {
    id: String,
    modified: String,
    published: Option<String>,
    withdrawn: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    severity: Vec<Severity>,
    #[serde(default)]
    affected: Vec<Affected>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Severity {
    #[serde(rename = "type")]
    kind: String,
    score: String,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<AffectedRange>,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    ecosystem: String,
}

#[derive(Deserialize)]
struct AffectedRange {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

/// Reads a document.
///
/// Errors: why it cannot be read.
pub(crate) fn parse(text: &[u8]) -> Result<Entry, String> {
    let document: Document = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let modified: Timestamp =
        document.modified.parse().map_err(|_| format!("\"{}\" is no time", document.modified))?;
    let mut entry = Entry {
        id: document.id.clone(),
        modified: modified.as_millisecond(),
        advisories: Vec::new(),
        is_withdrawn: document.withdrawn.is_some(),
    };
    if entry.is_withdrawn {
        return Ok(entry);
    }
    let mut names: Vec<&str> = Vec::new();
    for package in document.affected.iter().filter_map(|affected| affected.package.as_ref()) {
        if package.ecosystem == ECOSYSTEM && !names.contains(&package.name.as_str()) {
            names.push(&package.name);
        }
    }
    for name in names {
        entry.advisories.extend(document.about(name, entry.modified)?);
    }
    Ok(entry)
}

impl Document {
    /// What it says of one package, which may stand in it several times.
    fn about(&self, name: &str, modified: i64) -> Result<Option<Advisory>, String> {
        let is_about = |affected: &&Affected| {
            affected
                .package
                .as_ref()
                .is_some_and(|package| package.name == name && package.ecosystem == ECOSYSTEM)
        };
        let mut found: Vec<ranges::Ranges> = Vec::new();
        let mut cwe: Vec<String> = texts(self.database_specific.get("cwe_ids"));
        for affected in self.affected.iter().filter(is_about) {
            let events: Vec<Vec<Event>> = affected
                .ranges
                .iter()
                .filter(|range| matches!(range.kind.as_str(), "SEMVER" | "ECOSYSTEM"))
                .map(|range| range.events.clone())
                .collect();
            let last_known =
                affected.database_specific.get("last_known_affected_version_range").and_then(Value::as_str);
            found.extend(ranges::of(&events, &affected.versions, last_known)?);
            let weaknesses = affected.database_specific.get("cwes").and_then(Value::as_array);
            let ids = weaknesses.into_iter().flatten().filter_map(|one| one.get("cweId")?.as_str());
            cwe.extend(ids.map(str::to_owned));
        }
        if found.is_empty() {
            return Ok(None);
        }
        cwe.sort_unstable();
        cwe.dedup();
        cwe.truncate(MOST);
        let joined =
            |text: fn(&ranges::Ranges) -> &str| found.iter().map(text).collect::<Vec<_>>().join(" || ");
        let vector = self.severity.iter().find(|severity| severity.kind == "CVSS_V3");
        let vector = vector.or_else(|| self.severity.iter().find(|severity| severity.kind == "CVSS_V4"));
        let score = vector.and_then(|vector| cvss::base_score(&vector.score));
        let title =
            if self.summary.is_empty() { format!("{} in {name}", self.id) } else { self.summary.clone() };
        Ok(Some(Advisory {
            id: self.id.clone(),
            package: name.to_owned(),
            number: number(&self.id),
            modified,
            severity: self.severity_word(score).to_owned(),
            title,
            vulnerable: joined(|ranges| &ranges.vulnerable),
            patched: joined(|ranges| &ranges.patched),
            details: Details {
                url: self.url(),
                aliases: self.aliases.iter().take(MOST).cloned().collect(),
                cwe,
                cvss_score: score.unwrap_or(0.0),
                cvss_vector: vector.map(|vector| vector.score.clone()),
                overview: shortened(&self.details),
                references: self
                    .references
                    .iter()
                    .take(MOST)
                    .map(|reference| reference.url.clone())
                    .collect(),
                published: self.published.clone(),
                updated: self.modified.clone(),
            },
        }))
    }

    fn severity_word(&self, score: Option<f64>) -> &'static str {
        let said = self.database_specific.get("severity").and_then(Value::as_str).unwrap_or_default();
        match (said.to_ascii_lowercase().as_str(), score) {
            ("low", _) => "low",
            ("moderate" | "medium", _) => "moderate",
            ("high", _) => "high",
            ("critical", _) => "critical",
            // what is there to do harm comes without a score
            _ if self.id.starts_with("MAL-") => "critical",
            (_, Some(score)) => cvss::severity(score),
            // of what nobody has judged, the middle
            (_, None) => "moderate",
        }
    }

    /// Where people read of it: the addresses that the public registry answers with, where it has the advisory too.
    fn url(&self) -> String {
        match self.id.starts_with("GHSA-") {
            true => format!("https://github.com/advisories/{}", self.id),
            false => format!("https://osv.dev/vulnerability/{}", self.id),
        }
    }
}

/// The same for one name everywhere and for ever.
fn number(id: &str) -> i64 {
    let digest = Sha256::digest(id);
    digest.iter().take(6).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn shortened(text: &str) -> String {
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= OVERVIEW).last().unwrap_or(0);
    if text.len() <= OVERVIEW {
        text.to_owned()
    } else {
        format!("{}…", text.get(..end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parse;

    fn read(document: &Value) -> super::Entry {
        parse(document.to_string().as_bytes()).expect("a document")
    }

    #[test]
    fn a_document_is_an_advisory_for_each_of_its_packages() {
        let range = json!([{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.2.0" }] }]);
        let other = json!([{ "type": "GIT", "repo": "x", "events": [{ "introduced": "0" }] }]);
        let entry = read(&json!({
            "id": "GHSA-aaaa-bbbb-cccc",
            "modified": "2026-01-02T03:04:05.678901Z",
            "aliases": ["CVE-2026-1"],
            "summary": "It is bad",
            "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" }],
            "affected": [
                { "package": { "name": "one", "ecosystem": "npm" }, "ranges": range },
                { "package": { "name": "one", "ecosystem": "npm" }, "versions": ["2.0.0"], "ranges": other },
                { "package": { "name": "gem", "ecosystem": "RubyGems" }, "ranges": range },
                { "package": { "name": "@s/two", "ecosystem": "npm" }, "ranges": range },
            ],
            "database_specific": { "cwe_ids": ["CWE-79"], "severity": "MODERATE" },
        }));
        let told: Vec<_> = entry
            .advisories
            .iter()
            .map(|one| {
                (one.package.as_str(), one.vulnerable.as_str(), one.severity.as_str(), one.details.cvss_score)
            })
            .collect();
        assert_eq!(
            told,
            [("one", "<1.2.0 || 2.0.0", "moderate", 7.5), ("@s/two", "<1.2.0", "moderate", 7.5)]
        );
        assert_eq!(entry.advisories[0].number, entry.advisories[1].number);
        assert_eq!(entry.modified, 1_767_323_045_678);
    }

    #[test]
    fn malware_is_critical_and_what_was_withdrawn_says_nothing() {
        let mut document = json!({
            "id": "MAL-2026-7",
            "modified": "2026-01-02T03:04:05Z",
            "summary": "Malicious code in evil (npm)",
            "affected": [{
                "package": { "name": "evil", "ecosystem": "npm" },
                "versions": ["1.0.0", "1.0.1"],
                "database_specific": { "cwes": [{ "cweId": "CWE-506" }] },
            }],
        });
        let entry = read(&document);
        let [evil] = entry.advisories.as_slice() else { panic!("{entry:?}") };
        assert_eq!((evil.severity.as_str(), evil.vulnerable.as_str()), ("critical", "1.0.0 || 1.0.1"));
        assert_eq!(
            (evil.patched.as_str(), evil.details.cwe.as_slice()),
            ("<0.0.0", &["CWE-506".to_owned()][..])
        );
        document["withdrawn"] = json!("2026-02-01T00:00:00Z");
        let withdrawn = read(&document);
        assert!(withdrawn.is_withdrawn && withdrawn.advisories.is_empty());
    }

    #[test]
    fn what_is_no_document_is_told() {
        for wrong in ["", "[]", "{\"id\": 1}", r#"{"id": "x", "modified": "soon"}"#] {
            assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
