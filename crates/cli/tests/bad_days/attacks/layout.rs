//! Links and names in the isolated layout that lead out of it: nothing is written or deleted behind them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

use super::surroundings;
use crate::world::{configure, depend_on, outcome, package, project};

fn registry() -> TestRegistry {
    TestRegistry::with([
        package("a", "1.0.0").dependency("@s/b", "1.x").bin("a", "index.js"),
        package("@s/b", "1.0.0"),
    ])
}

fn linked(registry: &TestRegistry) -> TestProject {
    let project = project(registry);
    configure(&project, "install-strategy=linked");
    depend_on(&project, &[("a", "1.x")]);
    project
}

/// A folder beside the project, with something in it under every name that an installation uses.
fn outside(project: &TestProject) -> PathBuf {
    let outside = project.path().parent().expect("has a parent").join("outside");
    let inner = ["node_modules/a", "node_modules/@s/b", "a", "@s/b", ".bin", "a@1.0.0-key/node_modules/a"];
    for folder in inner {
        fs::create_dir_all(outside.join(folder)).expect("created");
        fs::write(outside.join(folder).join("mine.txt"), "mine").expect("written");
    }
    outside
}

/// The names of all entries, with their scopes.
fn entries(project: &TestProject) -> Vec<String> {
    let tree = project.tree("node_modules/.store");
    let names = tree.lines().filter_map(|line| line.strip_suffix("/node_modules/"));
    names.filter(|name| !name.contains("node_modules")).map(str::to_owned).collect()
}

#[test]
fn links_in_place_of_the_layouts_folders_are_not_followed() {
    let registry = registry();
    let model = linked(&registry);
    model.run(["install"]).success();
    let (expected, entries) = (outcome(&model), entries(&model));
    assert_eq!(entries.len(), 2, "{entries:?}");
    let entry = &entries[1];
    let places = [
        "node_modules/.store".to_owned(),
        format!("node_modules/.store/{entry}"),
        format!("node_modules/.store/{entry}/node_modules"),
        format!("node_modules/.store/{entry}/node_modules/a"),
        format!("node_modules/.store/{entry}/node_modules/.bin"),
        format!("node_modules/.store/{entry}/node_modules/@s/b"),
        "node_modules/a".to_owned(),
    ];
    for place in &places {
        // before there is anything, after an installation, and after it with no word of what is there
        for state in ["nothing", "installed", "folders"] {
            let project = linked(&registry);
            let outside = outside(&project);
            if state != "nothing" {
                project.run(["install"]).success();
            }
            if state == "folders" {
                project.remove("node_modules/.package-lock.json");
            }
            project.remove(place);
            let link = project.path().join(place);
            fs::create_dir_all(link.parent().expect("has a parent")).expect("created");
            symlink(&outside, &link).expect("linked");
            let before = surroundings(&project);
            for command in ["install", "ci", "prune", "rebuild"] {
                // `ci` and the others need a lockfile
                if state == "nothing" && command != "install" && !project.exists("package-lock.json") {
                    continue;
                }
                let run = project.run([command]);
                assert_eq!(run.code, Some(0), "{place} {state} {command}: {}", run.to_snapshot());
                assert_unharmed(&before, &project, &format!("{place} {state} {command}"));
            }
            assert_eq!(outcome(&project), expected, "{place} {state}");
            for strategy in ["hoisted", "linked"] {
                if strategy == "hoisted" {
                    project.remove(place);
                    symlink(&outside, &link).expect("linked");
                }
                let run = project.run(["install", &format!("--install-strategy={strategy}")]);
                assert_eq!(run.code, Some(0), "{place} {state} {strategy}: {}", run.to_snapshot());
                assert_unharmed(&before, &project, &format!("{place} {state} {strategy}"));
            }
        }
    }
}

/// Everything that was beside the project is still there as it was; home has grown its caches by now.
#[track_caller]
fn assert_unharmed(before: &str, project: &TestProject, what: &str) {
    let after = surroundings(project);
    for line in before.lines() {
        assert!(after.lines().any(|each| each == line), "{what}: {line} is gone");
    }
    let is_new = |line: &&str| line.starts_with("outside/") && !before.lines().any(|each| each == *line);
    assert_eq!(after.lines().find(is_new), None, "{what}");
}

#[test]
fn what_a_hidden_lockfile_claims_deletes_nothing_elsewhere() {
    let registry = registry();
    let project = linked(&registry);
    let outside = outside(&project);
    project.run(["install"]).success();
    let expected = outcome(&project);
    fs::create_dir_all(project.path().join("node_modules/.store/x@1.0.0-key")).expect("created");
    symlink(&outside, project.path().join("node_modules/.store/x@1.0.0-key/node_modules")).expect("linked");
    symlink(&outside, project.path().join("node_modules/.store/y@1.0.0-key")).expect("linked");
    let mut hidden = project.read_json("node_modules/.package-lock.json");
    for location in [
        "node_modules/.store/x@1.0.0-key",
        "node_modules/.store/x@1.0.0-key/node_modules/a",
        "node_modules/.store/y@1.0.0-key",
        "node_modules/.store/y@1.0.0-key/node_modules/a",
    ] {
        hidden["packages"][location] = json!({ "version": "1.0.0" });
    }
    project.write_json("node_modules/.package-lock.json", &hidden);
    project.remove("node_modules/.knit-state");
    let before = surroundings(&project);
    project.run(["install"]).success();
    assert_unharmed(&before, &project, "a hidden lockfile");
    assert_eq!(outcome(&project), expected);
}

#[test]
fn names_and_versions_of_packages_stay_in_their_entries() {
    let rows = [
        ("../../../../evil", "1.0.0"),
        ("..", "1.0.0"),
        ("@s/..", "1.0.0"),
        ("@s/../../evil", "1.0.0"),
        ("node_modules", "1.0.0"),
        ("evil", "../../../../evil"),
        ("evil", "1.0.0/../../../evil"),
        ("evil", "1.0.0/node_modules/a"),
    ];
    for (name, version) in rows {
        let registry = registry();
        let project = linked(&registry);
        let tarball = FixturePackage::new("plain", "1.0.0")
            .file(
                "package.json",
                json!({ "name": name, "version": version, "bin": { "x": "x.js" } }).to_string(),
            )
            .tarball();
        project.write("plain.tgz", tarball);
        depend_on(&project, &[("evil", "file:plain.tgz"), ("a", "1.x")]);
        let before = surroundings(&project);
        let run = project.run(["install"]);
        assert!(matches!(run.code, Some(0 | 1)), "{name} {version}: {}", run.to_snapshot());
        assert_unharmed(&before, &project, &format!("{name} {version}"));
        let top: Vec<String> = fs::read_dir(project.path())
            .expect("the project")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .filter(|name| {
                !["package.json", "package-lock.json", "plain.tgz", "node_modules"].contains(&&**name)
            })
            .collect();
        assert!(top.is_empty(), "{name} {version}: {top:?}");
        if run.code == Some(0) {
            let tree = project.tree("node_modules");
            let evil = |line: &&str| {
                line.contains("evil") && !line.starts_with("evil -> .store/") && !line.starts_with(".store/")
            };
            assert_eq!(tree.lines().find(evil), None, "{name} {version}: {tree}");
        }
    }
}
