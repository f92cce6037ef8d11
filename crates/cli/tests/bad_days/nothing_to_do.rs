//! An installation that has nothing to do says so without asking anybody; one that has something notices.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::json;
use test_support::{RunOutput, TestProject, TestRegistry};

use crate::world::{common, configure, edition, outcome, package, project, want_edition};

fn installed() -> (TestRegistry, TestProject, String) {
    let registry =
        TestRegistry::with(edition(1).into_iter().chain(common()).chain([package("extra", "1.0.0")]));
    let project = project(&registry);
    configure(&project, "allow-scripts=builds");
    want_edition(&project, 1);
    project.run(["install"]).success();
    registry.clear_requests();
    let outcome = outcome(&project);
    (registry, project, outcome)
}

fn is_idle(run: &RunOutput) -> bool {
    // the short way gives no time
    run.code == Some(0) && run.stdout.trim() == "up to date"
}

#[test]
fn nothing_changed_nothing_asked() {
    let (registry, project, before) = installed();
    for _ in 0..2 {
        let run = project.run(["install"]);
        assert!(is_idle(&run), "{}", run.to_snapshot());
    }
    assert_eq!(registry.request_lines(), [] as [&str; 0]);
    assert_eq!(outcome(&project), before);
    // caches that tools keep there are none of our business
    project.write("node_modules/.cache/tool/file", "x");
    assert!(is_idle(&project.run(["install"])));
}

#[test]
fn every_change_by_hand_is_noticed_and_mended() {
    type Change = (&'static str, fn(&TestProject));
    let rows: [Change; 12] = [
        ("a top-level package is gone", |p| drop(p.remove("node_modules/p1"))),
        ("a scoped package is gone", |p| drop(p.remove("node_modules/@scope/p0"))),
        ("a nested package is gone", |p| {
            let nested = nested_package(p);
            fs::remove_dir_all(nested).expect("removed");
        }),
        ("a nested folder is gone", |p| {
            let nested = nested_package(p);
            fs::remove_dir_all(nested.parent().expect("has a parent")).expect("removed");
        }),
        ("a link is gone", |p| drop(p.remove("node_modules/one"))),
        ("everything is gone", |p| drop(p.remove("node_modules"))),
        ("the hidden lockfile is gone", |p| drop(p.remove("node_modules/.package-lock.json"))),
        ("the lockfile is gone", |p| drop(p.remove("package-lock.json"))),
        ("a package too many", |p| drop(p.write_json("node_modules/strange/package.json", &json!({})))),
        ("a nested package too many", |p| {
            drop(p.write_json("node_modules/p1/node_modules/strange/package.json", &json!({})));
        }),
        ("the commands are gone", |p| drop(p.remove("node_modules/.bin"))),
        ("a package lost its manifest", |p| drop(p.remove("node_modules/p1/package.json"))),
    ];
    for (change, make) in rows {
        let (_registry, project, before) = installed();
        make(&project);
        let run = project.run(["install"]).success();
        assert!(!is_idle(&run), "not noticed: {change}");
        let after = outcome(&project);
        assert!(after == before, "not mended: {change}\n{}", run.to_snapshot());
        assert!(is_idle(&project.run(["install"])), "still busy: {change}");
    }
}

fn nested_package(project: &TestProject) -> std::path::PathBuf {
    let tree = project.tree("node_modules");
    let nested =
        tree.lines().find(|line| line.ends_with("/node_modules/shared/")).expect("something is nested");
    project.path().join("node_modules").join(nested.trim_end_matches('/'))
}

#[test]
fn changed_wishes_are_noticed() {
    type Change = (&'static str, fn(&TestProject));
    let rows: [Change; 6] = [
        ("package.json", |p| {
            let mut manifest = p.read_json("package.json");
            manifest["dependencies"]["extra"] = "1.x".into();
            p.write_json("package.json", &manifest);
        }),
        ("a workspace's package.json", |p| {
            let mut manifest = p.read_json("packages/one/package.json");
            manifest["dependencies"]["extra"] = "1.x".into();
            p.write_json("packages/one/package.json", &manifest);
        }),
        ("a new workspace", |p| {
            let manifest = json!({ "name": "three", "version": "1.0.0", "dependencies": { "extra": "1.x" } });
            p.write_json("packages/three/package.json", &manifest);
        }),
        ("a folder that is linked to", |p| {
            let manifest =
                json!({ "name": "folder", "version": "1.0.0", "dependencies": { "extra": "1.x" } });
            p.write_json("folder/package.json", &manifest);
        }),
        ("a removed workspace", |p| drop(p.remove("packages/two"))),
        ("the project's .npmrc", |p| drop(p.write(".npmrc", "omit=optional\n"))),
    ];
    for (what, make) in rows {
        let (_registry, project, _) = installed();
        make(&project);
        let run = project.run(["install"]).success();
        assert!(!is_idle(&run), "not noticed: {what}");
        let wants_extra = project.read("package-lock.json").contains("node_modules/extra");
        assert_eq!(project.exists("node_modules/extra"), wants_extra, "{what}");
        assert!(wants_extra || !what.ends_with("package.json") && !what.starts_with("a new"), "{what}");
        assert!(is_idle(&project.run(["install"])), "still busy: {what}");
    }
}

#[test]
fn changes_that_keep_size_and_time_apart_are_seen_by_either() {
    let (_registry, project, _) = installed();
    let file = project.path().join("package.json");
    let text = fs::read_to_string(&file).expect("read");
    let modified = file.metadata().and_then(|metadata| metadata.modified()).expect("a time");
    // the same length at another time
    fs::write(&file, text.replace("\"name\": \"project\"", "\"name\": \"protect\"")).expect("written");
    set_time(&file, modified + Duration::from_secs(1));
    assert!(!is_idle(&project.run(["install"]).success()));
    // another length at the same time
    let modified = file.metadata().and_then(|metadata| metadata.modified()).expect("a time");
    fs::write(&file, text.replace("\"version\": \"1.0.0\",", "\"version\": \"1.0.10\",")).expect("written");
    set_time(&file, modified);
    assert!(!is_idle(&project.run(["install"]).success()));
}

fn set_time(file: &Path, time: SystemTime) {
    let opened = fs::File::options().append(true).open(file).expect("opened");
    opened.set_modified(time).expect("set");
}

#[test]
fn a_killed_installation_is_not_up_to_date() {
    let (_registry, project, before) = installed();
    project.write("node_modules/.knit-journal", "knit journal 1\n");
    assert!(!is_idle(&project.run(["install"]).success()));
    assert_eq!(outcome(&project), before);
}

#[test]
fn hostile_state_files_are_not_believed() {
    for text in
        ["", "knit state 1\n", "knit state 1\n0\n0\n", "\u{0}\u{0}\n", "knit state 1\n\n\n- - /etc/passwd\n"]
    {
        let (_registry, project, before) = installed();
        project.remove("node_modules/p1");
        project.write("node_modules/.knit-state", text);
        assert!(!is_idle(&project.run(["install"]).success()), "{text:?}");
        assert_eq!(outcome(&project), before);
    }
}
