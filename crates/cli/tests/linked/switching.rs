//! From nothing to the layout, from one to the other, and back.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;
use test_support::{TestProject, TestRegistry};

use crate::{assert_same, configured, depend_on, links, outcome, package, project};

fn registry() -> TestRegistry {
    TestRegistry::with([
        package("a", "1.0.0", &[("b", "^1.0.0"), ("@s/c", "1.x")]).bin("a", "index.js"),
        package("a", "2.0.0", &[("b", "^2.0.0")]),
        package("b", "1.0.0", &[]),
        package("b", "2.0.0", &[]).bin("b", "index.js"),
        package("@s/c", "1.0.0", &[("b", "2.x")]),
        package("d", "1.0.0", &[("b", "1.x")]),
    ])
}

fn want(project: &TestProject) {
    project.write_json(
        "package.json",
        &json!({
            "name": "project", "version": "1.0.0", "workspaces": ["packages/*"],
            "dependencies": { "a": "1.x", "d": "1.x", "w": "*" },
        }),
    );
    let w = json!({ "name": "w", "version": "1.0.0", "bin": "w.js", "dependencies": { "b": "2.x" } });
    project.write_json("packages/w/package.json", &w);
    project.write("packages/w/w.js", "#!/usr/bin/env node\n");
    project.write_json(
        "packages/v/package.json",
        &json!({ "name": "v", "version": "1.0.0", "dependencies": { "a": "1.x" } }),
    );
}

#[test]
fn nothing_to_do_is_seen_and_a_change_too() {
    let registry = registry();
    let project = project(&registry);
    want(&project);
    project.run(["install"]).success();
    let before = outcome(&project);
    registry.clear_requests();
    assert_eq!(project.run(["install"]).success().stdout.trim(), "up to date");
    assert_eq!(registry.request_lines(), [] as [&str; 0]);
    let entry = |start: &str| {
        let entries = fs::read_dir(project.path().join("node_modules/.store")).expect("the layout");
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
        names.into_iter().find(|name| name.starts_with(start)).expect("it is there")
    };
    let (a, b) = (entry("a@1"), entry("b@2"));
    let inner = format!("node_modules/.store/{a}/node_modules/b");
    for (what, change) in [
        ("a link of the project", "node_modules/a".to_owned()),
        ("a link of a workspace", "packages/w/node_modules/b".to_owned()),
        ("a link of a package", inner.clone()),
        ("a package", format!("node_modules/.store/{b}/node_modules/b")),
        ("an entry", format!("node_modules/.store/{b}")),
        ("an entry with a scope", "node_modules/.store/@s".to_owned()),
        ("all entries", "node_modules/.store".to_owned()),
        ("the executables", "node_modules/.bin".to_owned()),
    ] {
        project.remove(&change);
        project.run(["install"]).success();
        assert_same(&outcome(&project), &before, what);
    }
    // a link to another version
    project.remove(&inner);
    symlink(format!("../../{b}/node_modules/b"), project.path().join(&inner)).expect("linked");
    project.run(["install"]).success();
    assert_same(&outcome(&project), &before, "a link that leads elsewhere");
}

#[test]
fn packages_come_change_and_go_without_leftovers() {
    let registry = registry();
    let project = project(&registry);
    want(&project);
    project.run(["install"]).success();
    let before = outcome(&project);
    let run = project.run(["install", "@s/c"]).success();
    assert!(run.stdout.contains("up to date"), "it was there: {}", run.to_snapshot());
    assert!(links(&project).contains("node_modules/@s/c -> ../.store/@s/c@1.0.0-"), "{}", links(&project));
    let run = project.run(["uninstall", "@s/c"]).success();
    assert!(run.stdout.contains("up to date"), "a still needs it: {}", run.to_snapshot());
    want(&project);
    project.run(["install"]).success();
    assert_same(&outcome(&project), &before, "added and removed again");
    let run = project.run(["install", "a@2"]).success();
    assert!(run.stdout.contains("added 1 package"), "{}", run.to_snapshot());
    let run = project.run(["uninstall", "a", "d", "w"]).success();
    assert!(run.stdout.contains("removed"), "{}", run.to_snapshot());
    assert!(!project.exists("node_modules/a") && !project.exists("node_modules/w"));
    // what remains is what an installation of nothing else makes
    let left = links(&project);
    project.remove("node_modules").remove("packages/w/node_modules").remove("packages/v/node_modules");
    project.run(["install"]).success();
    assert_same(&left, &links(&project), "what is left");
    for folder in ["packages/w", "packages/v"] {
        project.remove(folder);
    }
    depend_on(&project, &[]);
    project.run(["install"]).success();
    assert_eq!(links(&project), "");
    assert!(!project.exists("node_modules/.store") && !project.exists("node_modules/.bin"));
}

#[test]
fn one_layout_takes_the_place_of_the_other() {
    let registry = registry();
    let fresh = |strategy: &str| {
        let project =
            configured(env!("CARGO_BIN_EXE_knit"), &registry, &format!("install-strategy={strategy}\n"));
        want(&project);
        project.run(["install"]).success();
        project
    };
    let (hoisted, linked) = (fresh("hoisted"), fresh("linked"));
    assert_eq!(hoisted.read("package-lock.json"), linked.read("package-lock.json"));
    let project = fresh("hoisted");
    for command in ["install", "ci", "dedupe"] {
        for (strategy, expected) in [("linked", &linked), ("hoisted", &hoisted)] {
            let strategy = format!("--install-strategy={strategy}");
            project.run([command, &strategy]).success();
            assert_same(&outcome(&project), &outcome(expected), &format!("{command} {strategy}"));
        }
    }
    // without anything that says what is there
    for (strategy, expected) in [("linked", &linked), ("hoisted", &hoisted)] {
        project.remove("node_modules/.package-lock.json");
        let strategy = format!("--install-strategy={strategy}");
        project.run(["install", &strategy]).success();
        assert_same(&outcome(&project), &outcome(expected), &strategy);
    }
}

#[test]
fn without_a_lockfile_the_layout_is_no_tree_to_start_from() {
    let registry = registry();
    let project = project(&registry);
    want(&project);
    project.run(["install"]).success();
    let before = outcome(&project);
    project.remove("package-lock.json");
    project.run(["install"]).success();
    assert_same(&outcome(&project), &before, "installed anew");
}

#[test]
fn what_is_left_out_has_no_entry() {
    let registry = registry();
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({
            "name": "project", "version": "1.0.0",
            "dependencies": { "d": "1.x" }, "devDependencies": { "a": "1.x", "b": "1.x" },
        }),
    );
    project.run(["install"]).success();
    assert!(project.exists("node_modules/a") && project.exists("node_modules/b"));
    project.run(["install", "--omit=dev"]).success();
    // d needs it, the project has it for development only
    assert!(!project.exists("node_modules/a") && !project.exists("node_modules/b"));
    let found = links(&project);
    let entries: Vec<&str> = found.lines().filter(|line| line.ends_with('/')).collect();
    assert_eq!(entries.len(), 2, "{found}");
}

#[test]
fn an_optional_package_that_cannot_be_had_leaves_no_link() {
    let registry = registry();
    registry.publish(test_support::FixturePackage::new("o", "1.0.0").dependency("b", "1.x"));
    let asks = test_support::FixturePackage::new("asks", "1.0.0").optional_dependency("o", "1.x");
    registry.publish(asks);
    registry.put_tarball("o", "o-1.0.0.tgz", b"no tarball".to_vec());
    let project = project(&registry);
    depend_on(&project, &[("asks", "1.x"), ("d", "1.x")]);
    project.run(["install"]).success();
    let found = links(&project);
    assert!(found.contains("asks@1.0.0-") && !found.contains("/o ") && !found.contains("/o@"), "{found}");
    for line in found.lines().filter_map(|line| line.split_once(" -> ")) {
        assert!(project.path().join(line.0).exists(), "{} leads nowhere", line.0);
    }
}
