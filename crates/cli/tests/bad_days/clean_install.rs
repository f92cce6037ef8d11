//! `ci`: takes every lockfile that `install`, ours or npm's, writes; refuses one that is out of step with what is
//! asked for, by name; leaves nothing in node_modules that was there before.

use std::process::Command;

use serde_json::json;
use test_support::{TestProject, TestRegistry};

use crate::world::{
    assert_refused, assert_same, common, configure, depend_on, edition, outcome, package, project,
    want_edition,
};

fn registry() -> TestRegistry {
    TestRegistry::with([
        package("wanted", "1.0.0").dependency("below", "^1.0.0").bin("wanted", "index.js"),
        package("wanted", "2.0.0").dependency("below", "^1.0.0"),
        package("below", "1.0.0"),
        package("below", "1.1.0"),
        package("other", "1.0.0"),
        // of one platform package for each platform there is one only that never was published
        package("native", "1.0.0")
            .optional_dependency("native-linux", "1.0.0")
            .optional_dependency("native-plan9", "1.0.0")
            .optional_dependency("native-never-published", "1.0.0"),
        package("native-linux", "1.0.0").os(&["linux", "darwin", "win32"]),
        package("native-plan9", "1.0.0").os(&["plan9"]),
        package("peered", "1.0.0")
            .peer_dependency("other", "^1.0.0")
            .optional_peer_dependency("absent", "1.x"),
        package("bundles", "1.0.0")
            .bundled("inner")
            .dependency("inner", "1.0.0")
            .file("node_modules/inner/package.json", "{\"name\":\"inner\",\"version\":\"1.0.0\"}"),
        package("inner", "1.0.0"),
        package("shrunk", "1.0.0").dependency("below", "^1.0.0").file(
            "npm-shrinkwrap.json",
            json!({ "name": "shrunk", "version": "1.0.0", "lockfileVersion": 3, "packages": {
                "": { "name": "shrunk", "version": "1.0.0", "dependencies": { "below": "^1.0.0" } },
                "node_modules/below": { "version": "1.0.0" }
            } })
            .to_string(),
        ),
    ])
}

/// package.json files of projects that are difficult in one way each.
fn projects() -> Vec<(&'static str, serde_json::Value)> {
    let of = |dependencies: serde_json::Value| json!({ "name": "project", "version": "1.0.0", "dependencies": dependencies });
    vec![
        ("plain", of(json!({ "wanted": "^1.0.0" }))),
        ("an optional platform package is not in the registry", of(json!({ "native": "1.x" }))),
        ("peers", of(json!({ "peered": "1.x" }))),
        ("bundles", of(json!({ "bundles": "1.x" }))),
        ("a shrinkwrap", of(json!({ "shrunk": "1.x", "below": "1.1.0" }))),
        ("an alias", of(json!({ "another": "npm:wanted@1", "wanted": "2" }))),
        ("a folder", of(json!({ "folder": "file:folder" }))),
        ("nothing", json!({ "name": "project" })),
        (
            "an optional dependency of the project that never was",
            json!({
                "name": "project", "dependencies": { "below": "1" }, "optionalDependencies": { "never": "1" },
            }),
        ),
        (
            "an override",
            json!({
                "name": "project", "dependencies": { "wanted": "1" }, "overrides": { "below": "1.0.0" },
            }),
        ),
        (
            "development",
            json!({
                "name": "project", "dependencies": { "below": "1" }, "devDependencies": { "wanted": "2" },
            }),
        ),
        (
            "workspaces",
            json!({
                "name": "project", "workspaces": ["packages/*"], "dependencies": { "wanted": "2" },
            }),
        ),
    ]
}

fn fill(project: &TestProject, manifest: &serde_json::Value) {
    project.write_json("package.json", manifest);
    let folder = json!({ "name": "folder", "version": "1.0.0", "dependencies": { "below": "1.0.0" } });
    project.write_json("folder/package.json", &folder);
    let member = json!({ "name": "member", "version": "1.0.0", "dependencies": { "wanted": "1" } });
    project.write_json("packages/member/package.json", &member);
}

#[test]
fn what_install_writes_is_accepted() {
    let registry = registry();
    for (what, manifest) in projects() {
        for version in ["3", "2", "1"] {
            let project = project(&registry);
            fill(&project, &manifest);
            let run = project.run(["install", "--lockfile-version", version]);
            assert_eq!(run.code, Some(0), "{what}: {}", run.to_snapshot());
            let installed = outcome(&project);
            let run = project.run(["ci"]);
            assert_eq!(run.code, Some(0), "{what}, version {version}: {}", run.to_snapshot());
            // a file of version 1 says less, and what it lacks is added to the hidden one
            if version != "1" {
                assert_same(&outcome(&project), &installed, &format!("{what}, version {version}"));
            }
        }
    }
}

#[test]
fn what_npm_writes_is_accepted() {
    if Command::new("npm").arg("--version").output().is_err() {
        eprintln!("not tested: there is no npm");
        return;
    }
    let registry = registry();
    for (what, manifest) in projects() {
        let npm = TestProject::new("npm").with_registry(&registry);
        configure(&npm, "audit=false\nfund=false\nupdate-notifier=false\nfetch-retries=0");
        fill(&npm, &manifest);
        npm.run(["install"]).success();
        let knit = project(&registry);
        fill(&knit, &manifest);
        knit.write("package-lock.json", npm.read("package-lock.json"));
        let run = knit.run(["ci"]);
        assert_eq!(run.code, Some(0), "{what}: {}", run.to_snapshot());
        assert_eq!(knit.read("package-lock.json"), npm.read("package-lock.json"), "{what}");
    }
}

#[test]
fn every_difference_is_listed() {
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("wanted", "^1.0.0"), ("below", "1.0.0")]);
    project.run(["install"]).success();
    let lockfile = project.read("package-lock.json");
    let installed = outcome(&project);
    depend_on(&project, &[("wanted", "^2.0.0"), ("below", "1.0.0"), ("other", "^1.0.0")]);
    let run = project.run(["ci"]);
    assert_refused(&run, &["EUSAGE", "in sync", "wanted@2.0.0", "1.0.0", "other@1.0.0", "knit install"]);
    assert_eq!(project.read("package-lock.json"), lockfile);
    let without_manifest = |text: &str| {
        text.lines().filter(|line| !line.starts_with("package.json")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_manifest(&outcome(&project)), without_manifest(&installed), "node_modules suffered");
}

#[test]
fn without_a_lockfile_there_is_nothing_to_install() {
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("wanted", "^1.0.0")]);
    let run = project.run(["ci"]);
    assert_refused(&run, &["EUSAGE", "package-lock.json", "knit install"]);
    assert!(!project.exists("node_modules/wanted"));
}

#[test]
fn nothing_of_before_remains() {
    let registry = TestRegistry::with(edition(1).into_iter().chain(common()));
    let project = project(&registry);
    configure(&project, "allow-scripts=builds");
    want_edition(&project, 1);
    project.run(["install"]).success();
    let expected = outcome(&project);
    // as editors save: another file under the name (one that is written in place is the store's own)
    project.remove("node_modules/p1/index.js");
    project
        .write("node_modules/p1/index.js", "changed by hand")
        .write("node_modules/p1/added.js", "added by hand")
        .write("node_modules/p2/node_modules/stray/index.js", "")
        .write("node_modules/p2/node_modules/.cache/x", "")
        .write("node_modules/stray/package.json", "{}")
        .write("node_modules/stray.js", "")
        .write("node_modules/.cache/tool/x", "")
        .write("node_modules/.bin/stray", "")
        .write("node_modules/@stray/x/package.json", "{}")
        .write("packages/one/node_modules/stray/package.json", "{}")
        .remove("node_modules/@scope/p4/index.js");
    project.run(["ci"]).success();
    assert_same(&outcome(&project), &expected, "it differs");
}

#[test]
fn the_lockfile_is_not_written_to() {
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("wanted", "1.0.0")]);
    project.run(["install"]).success();
    // formatted as nobody would
    let lockfile = project.read("package-lock.json").replace("  ", "\t\t\t") + "\n\n";
    project.write("package-lock.json", &lockfile);
    project.run(["ci"]).success();
    assert_eq!(project.read("package-lock.json"), lockfile);
}
