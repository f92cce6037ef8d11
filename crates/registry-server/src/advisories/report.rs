//! The report on a tree of clients before npm 7: what is vulnerable, where, and what would help.
//!
//! Source: what npm 6.14 and Yarn 1.22 read of the answers to `/-/npm/v1/security/audits`.

use std::collections::{BTreeMap, HashMap};

use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Map, Value, json};

use super::lock_tree::{LockTree, Node, Way};
use super::{Known, VULNERABLE};

/// The versions that there are of packages, for those that something is known against.
pub(crate) type Versions = HashMap<String, Vec<Version>>;

/// The report on one tree.
pub(crate) struct Report<'a> {
    pub tree: &'a LockTree,
    /// What is known against its versions, with everything that is shown of it.
    pub known: &'a Known,
    pub versions: &'a Versions,
}

/// What would help, as it is grouped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    /// Another version of what the project itself asks for.
    Install { module: String, target: String, is_major: bool },
    /// A newer version within the ranges, so many levels down.
    Update { module: String, target: String, depth: usize },
    /// Nothing that a program could do.
    Review { module: String },
}

/// An advisory as it was answered, with its range.
struct Warning<'a> {
    id: String,
    answer: &'a Map<String, Value>,
    range: Range,
}

impl Report<'_> {
    /// The whole report.
    pub fn document(&self) -> Value {
        let mut advisories: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        let mut actions: BTreeMap<Action, Vec<Value>> = BTreeMap::new();
        let mut severities: BTreeMap<&str, u64> =
            ["info", "low", "moderate", "high", "critical"].map(|word| (word, 0)).into();
        for (at, node) in self.tree.nodes().iter().enumerate() {
            let warnings = self.warnings(&node.name);
            let Ok(version) = Version::parse_loose(&node.version) else { continue };
            let affecting: Vec<&Warning<'_>> =
                warnings.iter().filter(|warning| warning.range.satisfies(&version)).collect();
            if affecting.is_empty() {
                continue;
            }
            let ways = self.tree.ways(at);
            for warning in affecting {
                let severity = warning.answer.get("severity").and_then(Value::as_str).unwrap_or("moderate");
                if let Some(count) = severities.get_mut(severity) {
                    *count += ways.len() as u64;
                }
                let shown =
                    advisories.entry(warning.id.clone()).or_insert_with(|| shown(&node.name, warning));
                if let Some(findings) = shown.get_mut("findings").and_then(Value::as_array_mut) {
                    let paths: Vec<String> = ways.iter().map(Way::path).collect();
                    findings.push(json!({ "version": node.version, "paths": paths }));
                }
                for way in &ways {
                    let action = self.action(node, &version, way, &warnings);
                    actions.entry(action).or_default().push(json!({
                        "id": warning.id.parse::<i64>().map_or_else(|_| json!(warning.id), |id| json!(id)),
                        "path": way.path(),
                        "dev": node.is_dev,
                        "optional": node.is_optional,
                        "bundled": node.is_bundled,
                    }));
                }
            }
        }
        json!({
            "actions": actions.into_iter().map(|(action, resolves)| action.document(resolves)).collect::<Vec<_>>(),
            "advisories": advisories,
            "muted": [],
            "metadata": self.metadata(&severities),
        })
    }

    fn metadata(&self, severities: &BTreeMap<&str, u64>) -> Value {
        let nodes = self.tree.nodes();
        let count = |is_one: fn(&&Node) -> bool| nodes.iter().filter(is_one).count();
        json!({
            "vulnerabilities": severities,
            "dependencies": count(|node| !node.is_dev && !node.is_optional),
            "devDependencies": count(|node| node.is_dev),
            "optionalDependencies": count(|node| node.is_optional && !node.is_dev),
            "totalDependencies": nodes.len(),
        })
    }

    fn warnings(&self, module: &str) -> Vec<Warning<'_>> {
        let answers = self.known.get(module).and_then(Value::as_array).into_iter().flatten();
        let warning = |answer: &'_ Value| {
            let answer = answer.as_object()?;
            let range = answer.get("vulnerable_versions").and_then(Value::as_str)?;
            let id = answer.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))?;
            Some((id, Range::parse(range, VULNERABLE).ok()?))
        };
        answers
            .filter_map(|answer| {
                let (id, range) = warning(answer)?;
                Some(Warning { id, answer: answer.as_object()?, range })
            })
            .collect()
    }

    /// What would help against everything that is known of a module at one place.
    fn action(&self, node: &Node, version: &Version, way: &Way<'_>, warnings: &[Warning<'_>]) -> Action {
        let module = node.name.clone();
        let safe = self.versions.get(&module).into_iter().flatten().filter(|candidate| {
            !candidate.is_prerelease()
                && *candidate > version
                && !warnings.iter().any(|warning| warning.range.satisfies(candidate))
        });
        let safe: Vec<&Version> = safe.collect();
        let allowed = Range::parse(way.range, RangeOptions::LOOSE).ok();
        let within = allowed.and_then(|range| range.max_satisfying(safe.iter().copied()).cloned());
        if let [_] = way.nodes.as_slice() {
            let target = within.or_else(|| safe.into_iter().max().cloned());
            return match target {
                Some(target) => Action::Install {
                    is_major: target.major() != version.major(),
                    target: target.to_string(),
                    module,
                },
                None => Action::Review { module },
            };
        }
        match within {
            Some(target) => Action::Update { module, target: target.to_string(), depth: way.nodes.len() },
            None => Action::Review { module },
        }
    }
}

impl Action {
    fn document(self, resolves: Vec<Value>) -> Value {
        match self {
            Action::Install { module, target, is_major } => json!({
                "action": "install",
                "module": module,
                "target": target,
                "isMajor": is_major,
                "resolves": resolves,
            }),
            Action::Update { module, target, depth } => json!({
                "action": "update",
                "module": module,
                "target": target,
                "depth": depth,
                "resolves": resolves,
            }),
            Action::Review { module } => {
                json!({ "action": "review", "module": module, "resolves": resolves })
            }
        }
    }
}

/// An advisory as the report has it; what an upstream's bulk answer does not say is said to be unknown.
fn shown(module: &str, warning: &Warning<'_>) -> Map<String, Value> {
    let mut shown = warning.answer.clone();
    let usual = json!({
        "findings": [],
        "module_name": module,
        "patched_versions": "<0.0.0",
        "overview": "",
        "recommendation": "",
        "references": "",
        "created": null,
        "updated": null,
        "deleted": null,
        "cves": [],
        "access": "public",
        "found_by": { "name": "" },
        "reported_by": { "name": "" },
        "metadata": {},
    });
    for (key, value) in usual.as_object().into_iter().flatten() {
        shown.entry(key).or_insert_with(|| value.clone());
    }
    // one text there, a list in bulk answers
    if let Some(Value::Array(weaknesses)) = shown.get("cwe") {
        let texts: Vec<&str> = weaknesses.iter().filter_map(Value::as_str).collect();
        let joined = texts.join(", ");
        shown.insert("cwe".into(), joined.into());
    }
    shown
}

#[cfg(test)]
mod tests {
    use npm_semver::Version;
    use serde_json::{Value, json};

    use super::{LockTree, Report, Versions};

    fn report(document: &Value, known: &Value, versions: &[(&str, &[&str])]) -> Value {
        let tree = LockTree::read(document.as_object().expect("an object")).expect("a tree");
        let versions: Versions = versions
            .iter()
            .map(|(name, all)| {
                let all = all.iter().map(|text| Version::parse(text).expect("a version"));
                ((*name).to_owned(), all.collect())
            })
            .collect();
        Report { tree: &tree, known: known.as_object().expect("an object"), versions: &versions }.document()
    }

    fn advisory(id: u32, range: &str) -> Value {
        json!({ "id": id, "title": "bad", "severity": "high", "vulnerable_versions": range, "cwe": ["CWE-1"], "url": "u" })
    }

    /// `a` is the project's own, `b` lies below it, `c` twice: at the top, and another one inside of `b`.
    fn tree() -> Value {
        json!({
            "name": "project",
            "requires": { "a": "^1.0.0", "c": "1.0.0" },
            "dependencies": {
                "a": { "version": "1.0.0", "requires": { "b": "~1.0.0" } },
                "b": {
                    "version": "1.0.0", "dev": true, "requires": { "c": "^2.0.0", "a": "*" },
                    "dependencies": { "c": { "version": "2.0.0", "optional": true } },
                },
                "c": { "version": "1.0.0" },
                "linked": { "version": "file:../linked" },
            },
        })
    }

    #[test]
    fn each_place_is_told_with_its_ways_and_what_would_help() {
        let known =
            json!({ "a": [advisory(1, "<1.0.1")], "b": [advisory(2, "<2")], "c": [advisory(3, "<=2.0.0")] });
        let versions: &[(&str, &[&str])] = &[
            ("a", &["1.0.0", "1.0.1", "2.0.0"]),
            ("b", &["1.0.0", "1.0.1", "2.0.0"]),
            ("c", &["1.0.0", "2.0.0", "2.1.0", "2.2.0-rc.1", "3.0.0"]),
        ];
        let told = report(&tree(), &known, versions);
        let resolves = |id: u32, path: &str, dev: bool, optional: bool| json!([{ "id": id, "path": path, "dev": dev, "optional": optional, "bundled": false }]);
        assert_eq!(
            told["actions"],
            json!([
                { "action": "install", "module": "a", "target": "1.0.1", "isMajor": false, "resolves": resolves(1, "a", false, false) },
                { "action": "install", "module": "c", "target": "3.0.0", "isMajor": true, "resolves": resolves(3, "c", false, false) },
                { "action": "update", "module": "c", "target": "2.1.0", "depth": 3, "resolves": resolves(3, "a>b>c", false, true) },
                { "action": "review", "module": "b", "resolves": resolves(2, "a>b", true, false) },
            ])
        );
        assert_eq!(
            told["advisories"]["3"]["findings"],
            json!([{ "version": "2.0.0", "paths": ["a>b>c"] }, { "version": "1.0.0", "paths": ["c"] }])
        );
        assert_eq!(told["advisories"]["1"]["module_name"], "a");
        assert_eq!(told["advisories"]["1"]["cwe"], "CWE-1");
        assert_eq!(
            told["metadata"],
            json!({
                "vulnerabilities": { "info": 0, "low": 0, "moderate": 0, "high": 4, "critical": 0 },
                "dependencies": 3, "devDependencies": 1, "optionalDependencies": 1, "totalDependencies": 5,
            })
        );
    }

    #[test]
    fn what_nothing_asks_for_is_told_by_its_folders_and_without_versions_there_is_nothing_to_do() {
        let document = json!({ "dependencies": { "x": { "version": "1.0.0", "dependencies": { "y": { "version": "1.0.0" } } } } });
        let told = report(&document, &json!({ "y": [advisory(9, "*")] }), &[]);
        assert_eq!(told["actions"][0]["action"], "review");
        assert_eq!(told["actions"][0]["resolves"][0]["path"], "x>y");
        let clean = report(&document, &json!({ "y": [advisory(9, ">1.0.0")], "x": [{ "id": 1 }] }), &[]);
        assert_eq!((clean["actions"].clone(), clean["advisories"].clone()), (json!([]), json!({})));
    }

    #[test]
    fn circles_and_webs_of_dependencies_end() {
        let names: Vec<String> = (0..60).map(|number| format!("p{number}")).collect();
        let requires: serde_json::Map<String, Value> =
            names.iter().map(|name| (name.clone(), json!("*"))).collect();
        let all: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), json!({ "version": "1.0.0", "requires": requires })))
            .collect();
        let document = json!({ "requires": { "p0": "*" }, "dependencies": all });
        let told = report(&document, &json!({ "p59": [advisory(1, "*")] }), &[]);
        let paths = told["advisories"]["1"]["findings"][0]["paths"].as_array().map(Vec::len);
        assert!(paths.is_some_and(|paths| (1..=20).contains(&paths)), "{paths:?}");
    }
}
