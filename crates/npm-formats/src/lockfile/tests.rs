use super::Lockfile;
use crate::json::{print, print_nice};
use crate::manifest::{Manifest, NoFolder};
use serde_json::Value;

#[test]
fn conflicts_merge_as_npm_merges_them() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/tables/conflicts.json")).unwrap();
    for row in rows.iter().filter(|row| row["error"] != true) {
        let text = row["text"].as_str().unwrap();
        let sides = super::conflict::split(text).unwrap();
        let merged = sides.merge("package-lock.json").unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(print(&merged, ""), row["merged"], "{text}");
    }
}

#[test]
fn a_conflict_without_common_part_in_the_last_member_still_merges() {
    let text = r#"{
  "lockfileVersion": 3,
  "packages": {
    "": {},
<<<<<<< HEAD
    "node_modules/b": { "version": "1.0.0" }
=======
    "node_modules/c": { "version": "2.0.0" }
>>>>>>> feature
  }
}
"#;
    let lockfile = Lockfile::parse("package-lock.json", text.as_bytes()).unwrap();
    assert!(lockfile.was_conflicted);
    let locations: Vec<&String> = lockfile.packages.keys().collect();
    assert_eq!(locations, ["", "node_modules/c", "node_modules/b"]);
}

#[test]
fn a_conflict_in_which_a_side_is_broken_says_which() {
    let text = "{\n<<<<<<< HEAD\n\"a\": 1,,\n=======\n\"a\": 2\n>>>>>>> feature\n}\n";
    let error = Lockfile::parse("package-lock.json", text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "our side of the merge conflict in package-lock.json is not JSON");
}

#[test]
fn version_1_is_understood_as_npm_understands_it() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/tables/upgrade.json")).unwrap();
    let mut wrong = 0;
    for row in rows {
        let mut lockfile =
            Lockfile::parse("package-lock.json", print(&row["lockfile"], "").as_bytes()).unwrap();
        assert_eq!(lockfile.lockfile_version, 3);
        let project = Manifest::from_installed(row["project"].as_object().unwrap().clone(), &NoFolder);
        lockfile.fill_packages("/project", &project);
        let packages: serde_json::Map<String, Value> = lockfile
            .packages
            .into_iter()
            .map(|(location, entry)| (location, Value::Object(entry.0)))
            .collect();
        let (found, expected) =
            (print_nice(&packages.into(), &[], ""), print_nice(&row["packages"], &[], ""));
        if found != expected {
            println!("{row}\n    gives {found}");
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}
