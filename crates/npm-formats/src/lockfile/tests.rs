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

#[test]
fn the_section_for_old_versions_is_that_of_npm() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/tables/legacy.json")).unwrap();
    let mut wrong = 0;
    for row in rows {
        let text = print(&serde_json::json!({ "lockfileVersion": 2, "packages": row["packages"] }), "");
        let mut lockfile = Lockfile::parse("package-lock.json", text.as_bytes()).unwrap();
        lockfile.fill_dependencies("/project", &|_, _| None);
        let found = print_nice(&Value::Object(lockfile.dependencies), &[], "");
        let expected = print_nice(&row["dependencies"], &[], "");
        if found != expected {
            println!("{row}\n    gives {found}\n expected {expected}");
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}

const FIXTURE: &str = include_str!("../../tests/fixtures/package-lock.json");

fn fixture() -> Lockfile {
    Lockfile::parse("package-lock.json", FIXTURE.as_bytes()).unwrap()
}

#[test]
fn a_lockfile_comes_back_as_it_was() {
    assert_eq!(fixture().print(), FIXTURE);
    let tabs = FIXTURE.replace("  ", "\t").replace('\n', "\r\n");
    assert_eq!(Lockfile::parse("x", tabs.as_bytes()).unwrap().print(), tabs);
    let on_one_line = fixture().print_on_one_line();
    assert!(on_one_line.starts_with("{\"name\":\"app\",") && on_one_line.ends_with("}}}"));
    assert_eq!(Lockfile::parse("x", on_one_line.as_bytes()).unwrap().print(), FIXTURE);
}

#[test]
fn the_hidden_lockfile_has_no_entry_for_the_root() {
    let mut lockfile = fixture();
    lockfile.lockfile_version = 2;
    let hidden = Lockfile::parse("x", lockfile.print_hidden().as_bytes()).unwrap();
    assert_eq!(hidden.lockfile_version, 3);
    let locations: Vec<&String> = hidden.packages.keys().collect();
    assert_eq!(locations, ["node_modules/@s/a", "node_modules/JSONStream"]);
}

#[test]
fn entries_answer_what_the_resolver_asks() {
    let lockfile = fixture();
    let entry = lockfile.get("node_modules/@s/a").unwrap();
    assert_eq!(
        (entry.version(), entry.integrity(), entry.license()),
        (Some("1.0.0"), Some("sha512-a"), Some("MIT"))
    );
    assert!(entry.is_dev() && !entry.is_optional() && !entry.is_link());
    assert_eq!(entry.os().collect::<Vec<_>>(), ["linux", "!win32"]);
    assert_eq!(entry.dependencies().collect::<Vec<_>>(), [("b", "^1.0.0")]);
    assert!(lockfile.get("node_modules/JSONStream").unwrap().is_link());
}

#[test]
fn a_lockfile_of_the_wrong_shape_is_refused_with_the_place() {
    let rows = [
        ("[]", "the top level in package-lock.json is an array, not an object"),
        (r#"{"packages":[]}"#, "\"packages\" in package-lock.json is an array, not an object"),
        (
            r#"{"packages":{"node_modules/a":1}}"#,
            "packages[\"node_modules/a\"] in package-lock.json is a number, not an object",
        ),
        (r#"{"dependencies":"x"}"#, "\"dependencies\" in package-lock.json is a string, not an object"),
        ("{", "package-lock.json cannot be read as a lockfile"),
    ];
    for (text, message) in rows {
        assert_eq!(Lockfile::parse("package-lock.json", text.as_bytes()).unwrap_err().to_string(), message);
    }
}

#[test]
fn the_version_decides_which_sections_are_written() {
    let mut lockfile = fixture();
    lockfile.fill_dependencies("/project", &|_, _| None);
    for (version, packages, dependencies) in
        [(1, false, true), (2, true, true), (3, true, false), (4, true, false)]
    {
        lockfile.lockfile_version = version;
        let written: Value = serde_json::from_str(&lockfile.print()).unwrap();
        assert_eq!(written["lockfileVersion"], version);
        assert_eq!(
            (written["packages"].is_object(), written["dependencies"].is_object()),
            (packages, dependencies)
        );
    }
}

#[test]
fn an_override_is_written_where_old_versions_look() {
    let mut lockfile = fixture();
    lockfile.fill_dependencies("/project", &|location, name| {
        (location == "node_modules/@s/a" && name == "b").then(|| "2.0.0".to_owned())
    });
    assert_eq!(lockfile.dependencies["@s/a"]["requires"]["b"], "2.0.0");
}
