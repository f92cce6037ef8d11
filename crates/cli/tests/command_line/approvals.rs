//! Whose install scripts run, and how that is decided.

use insta::assert_snapshot;
use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

fn project(registry: &TestRegistry) -> TestProject {
    TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry)
}

fn native(name: &str, version: &str) -> FixturePackage {
    FixturePackage::new(name, version).script("postinstall", "echo built > built.txt")
}

fn packages() -> TestRegistry {
    TestRegistry::with([
        native("native", "1.0.0"),
        native("native", "1.1.0"),
        native("@s/native", "2.0.0"),
        FixturePackage::new("plain", "1.0.0").dependency("native", "1.0.0"),
    ])
}

fn built(project: &TestProject, name: &str) -> bool {
    project.exists(&format!("node_modules/{name}/built.txt"))
}

fn run(project: &TestProject, line: &str) -> String {
    format!("$ knit {line}\n{}", project.run(line.split(' ')).to_snapshot())
}

/// Without how long it took.
fn untimed(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once(" in ") {
        Some((before, time)) if time.ends_with('s') => before,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn scripts_run_once_they_are_approved() {
    let registry = packages();
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({ "name": "p", "version": "1.0.0", "dependencies": { "plain": "1.0.0", "native": "^1.1.0", "@s/native": "2.0.0" } }),
    );
    let mut said = vec![run(&project, "install")];
    assert!(!built(&project, "native") && !built(&project, "@s/native"));
    for line in [
        "install-scripts ls",
        "approve-scripts --allow-scripts-pending --json",
        "approve-scripts native@^1.1.0 @s/native",
        "install-scripts ls",
        "deny-scripts --all",
        "deny-scripts native",
        "approve-scripts native",
        "approve-scripts absent",
        "approve-scripts",
        "approve-scripts -g native",
    ] {
        said.push(run(&project, line));
    }
    said.push(project.read("package.json"));
    project.remove("node_modules");
    said.push(run(&project, "ci"));
    assert!(!built(&project, "native") && built(&project, "@s/native"));
    assert_snapshot!(untimed(&said.join("\n")));
}

#[test]
fn an_approval_is_for_one_version_of_a_registry_package() {
    let registry = packages();
    registry.publish(native("evil", "1.0.0"));
    // claims to be another package in its own package.json, which nobody believes
    registry.publish(
        FixturePackage::new("liar", "1.0.0")
            .file(
                "package.json",
                r#"{"name":"native","version":"1.1.0","scripts":{"install":"echo > built.txt"}}"#,
            )
            .field("hasInstallScript", json!(true)),
    );
    let tarball = native("native", "1.1.0").tarball();
    let rows = [
        ("the approved version", json!({ "native": "1.1.0" }), "native", true),
        ("another version", json!({ "native": "1.0.0" }), "native", false),
        ("an alias of the package", json!({ "other": "npm:native@1.1.0" }), "other", true),
        ("another package by its name", json!({ "native": "npm:evil@1.0.0" }), "native", false),
        ("a tarball of its name", json!({ "native": "file:native.tgz" }), "native", false),
        ("a folder of its name", json!({ "native": "file:native" }), "native", false),
        ("a package that claims its name", json!({ "liar": "1.0.0" }), "liar", false),
    ];
    for (what, dependencies, name, runs) in rows {
        let project = project(&registry);
        project.write("native.tgz", &tarball);
        project.write_json(
            "native/package.json",
            &json!({ "name": "native", "version": "1.1.0", "scripts": { "postinstall": "echo > built.txt" } }),
        );
        project.write_json(
            "package.json",
            &json!({ "name": "p", "dependencies": dependencies, "allowScripts": { "native@1.1.0": true } }),
        );
        project.run(["install"]).success();
        assert_eq!(built(&project, name), runs, "{what}");
        project.remove("node_modules").run(["ci"]).success();
        assert_eq!(built(&project, name), runs, "{what}, from the lockfile");
    }
}

#[test]
fn a_lockfile_cannot_borrow_an_approval() {
    let registry = packages();
    registry.publish(native("evil", "1.1.0"));
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({ "name": "p", "dependencies": { "native": "1.1.0" }, "allowScripts": { "native": true } }),
    );
    project.run(["install", "--package-lock-only"]).success();
    let mut lock = project.read_json("package-lock.json");
    let evil = native("evil", "1.1.0");
    lock["packages"]["node_modules/native"]["resolved"] = json!(registry.tarball_url(&evil));
    lock["packages"]["node_modules/native"]["integrity"] = json!(evil.integrity());
    project.write_json("package-lock.json", &lock);
    project.run(["ci"]);
    assert!(!built(&project, "native"));
}

#[test]
fn layers_of_the_policy_count_in_npms_order() {
    let registry = packages();
    let rows = [
        ("no layer", json!(null), "", false),
        (".npmrc alone", json!(null), "allow-scripts=native", true),
        ("package.json before .npmrc", json!({ "@s/native": true }), "allow-scripts=native", false),
        ("a range decides nothing", json!({ "native@^1.0.0": true }), "", false),
        ("a tag decides nothing", json!({ "native@latest": true }), "", false),
        ("versions joined", json!({ "native@1.0.0 || 1.1.0": true }), "", true),
        ("a denial outweighs", json!({ "native": true, "native@1.1.0": false }), "", false),
        ("everything", json!({ "native": false }), "dangerously-allow-all-scripts=true", true),
        ("nothing", json!({ "native": true }), "ignore-scripts=true", false),
    ];
    for (what, allow, npmrc, runs) in rows {
        let project = project(&registry);
        let mut manifest = json!({ "name": "p", "dependencies": { "native": "1.1.0" } });
        if !allow.is_null() {
            manifest["allowScripts"] = allow;
        }
        project.write_json("package.json", &manifest).write(".npmrc", npmrc);
        project.run(["install"]).success();
        assert_eq!(built(&project, "native"), runs, "{what}");
    }
}

#[test]
fn undecided_scripts_can_be_made_an_error() {
    let registry = packages();
    let project = project(&registry);
    project.write_json("package.json", &json!({ "name": "p", "dependencies": { "native": "1.1.0" } }));
    let strict = run(&project, "install --strict-allow-scripts");
    assert!(!project.exists("node_modules/native") && !project.exists("package-lock.json"));
    let here = run(&project, "install --allow-scripts=native");
    assert_snapshot!([strict, here].join("\n"));
}

#[test]
fn decisions_of_no_use_are_pruned() {
    let registry = packages();
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({
            "name": "p", "dependencies": { "native": "1.1.0", "plain": "1.0.0" },
            "allowScripts": { "native@1.1.0": true, "native@0.9.0": true, "plain": false, "gone": true }
        }),
    );
    project.run(["install"]).success();
    let said: Vec<String> =
        ["install-scripts prune --dry-run --json", "install-scripts prune", "install-scripts prune"]
            .map(|line| run(&project, line))
            .into();
    assert_snapshot!(format!("{}\n{}", said.join("\n"), project.read("package.json")));
}

#[test]
fn scripts_of_workspaces_run_at_every_installation() {
    let registry = packages();
    let project = project(&registry);
    project.write_json("package.json", &json!({ "name": "p", "workspaces": ["a"] }));
    let scripts = json!({ "prepare": "echo prepared >> log.txt" });
    project.write_json("a/package.json", &json!({ "name": "a", "version": "1.0.0", "scripts": scripts }));
    for _ in 0..2 {
        project.run(["install"]).success();
    }
    assert_eq!(project.read("a/log.txt"), "prepared\nprepared\n");
}
