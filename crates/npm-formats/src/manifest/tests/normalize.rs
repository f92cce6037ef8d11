use crate::json::print;
use crate::manifest::{Manifest, ManifestError, PackageFolder, Step};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A folder made of a table's `files`.
struct Files<'a>(&'a Map<String, Value>);

impl PackageFolder for Files<'_> {
    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below =
            self.0.keys().filter_map(|path| path.strip_prefix(&prefix)).filter(|path| !path.is_empty());
        let own = if folder.is_empty() { vec!["package.json"] } else { Vec::new() };
        let names = below.chain(own).map(|path| match path.split_once('/') {
            Some((name, _)) => format!("{name}/"),
            None => path.to_owned(),
        });
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn read(&self, path: &str) -> Option<String> {
        self.0.get(path)?.as_str().map(str::to_owned)
    }

    fn git_head(&self) -> Option<String> {
        None
    }
}

fn normalize(row: &Value) -> Result<Manifest, ManifestError> {
    let steps: &[Step] = match row["steps"].as_str().unwrap() {
        "installed" => Step::INSTALLED,
        "registry" => Step::REGISTRY,
        "publish" => Step::PUBLISH,
        "fix" => Step::FIX,
        "data" => &[Step::Data],
        other => panic!("unknown steps {other}"),
    };
    let none = Map::new();
    let files = Files(row["files"].as_object().unwrap_or(&none));
    Manifest::normalize(row["members"].as_object().unwrap().clone(), steps, Some(&files))
}

#[test]
fn manifests_are_normalized_as_npm_normalizes_them() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../../tests/tables/manifest.json")).unwrap();
    let mut wrong = 0;
    for row in rows {
        let expected = if row["same"] == true { &row["members"] } else { &row["result"] };
        let problem = match normalize(&row) {
            Ok(manifest) => {
                // A directory is listed in whatever order its file system has.
                let same_members = row["files"].is_object() && manifest.0 == *expected.as_object().unwrap();
                let found = print(&Value::Object(manifest.0), "");
                (!same_members && found != print(expected, "")).then_some(found)
            }
            Err(error) => row["error"].is_null().then(|| error.to_string()),
        };
        if let Some(problem) = problem {
            println!("{row}\n    gives {problem}");
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}

#[test]
fn a_registry_manifest_keeps_what_the_registry_added() {
    let members = serde_json::json!({ "name": "a", "version": "1.0.0", "_hasShrinkwrap": false, "bin": "x" });
    let members = crate::manifest::normalize_registry_manifest(members.as_object().unwrap().clone());
    let expected = r#"{"name":"a","version":"1.0.0","_hasShrinkwrap":false,"bin":{"a":"x"},"_id":"a@1.0.0"}"#;
    assert_eq!(print(&Value::Object(members), ""), expected);
}
