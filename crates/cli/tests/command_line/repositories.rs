//! Packages in git repositories that are built before they are packed, once that is approved.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use test_support::{FixturePackage, TestProject, TestRegistry};

fn git(folder: &Path, line: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=n", "-c", "user.email=e@x.example", "-c", "init.defaultBranch=main"]);
    let output = command.args(line).current_dir(folder).env_remove("GIT_DIR").output().expect("git runs");
    assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository whose package is only complete once its script ran, with a dependency for development.
fn repository(project: &TestProject, prepare: &str) -> PathBuf {
    let folder = project.path().parent().expect("has a parent").join("repository");
    fs::create_dir_all(folder.join("src")).expect("created");
    let manifest = json!({
        "name": "cloned", "version": "1.0.0", "files": ["dist"],
        "scripts": { "prepare": prepare, "postinstall": "echo postinstall >> dist/log.txt" },
        "devDependencies": { "builder": "1.0.0" },
    });
    fs::write(folder.join("package.json"), manifest.to_string()).expect("written");
    fs::write(folder.join("src/main.txt"), "source").expect("written");
    fs::create_dir_all(folder.join("dist")).expect("created");
    fs::write(folder.join("dist/kept.txt"), "kept").expect("written");
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "--all"]);
    git(&folder, &["commit", "--quiet", "-m", "first"]);
    folder
}

fn registry() -> TestRegistry {
    TestRegistry::with([FixturePackage::new("builder", "1.0.0")
        .bin("build", "build.sh")
        .script("postinstall", "echo run > installed.txt")
        .executable("build.sh", "#!/bin/sh\ncat src/main.txt > dist/built.txt\n")])
}

fn project(registry: &TestRegistry) -> TestProject {
    TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry)
}

fn depend(project: &TestProject, repository: &Path, approvals: &Value) {
    let spec = format!("git+file://{}", repository.display());
    let mut manifest = json!({ "name": "p", "version": "1.0.0", "dependencies": { "cloned": spec } });
    if !approvals.is_null() {
        manifest["allowScripts"] = approvals.clone();
    }
    project.write_json("package.json", &manifest);
}

fn built(project: &TestProject) -> String {
    fs::read_to_string(project.path().join("node_modules/cloned/dist/built.txt")).unwrap_or_default()
}

#[test]
fn what_nobody_approved_is_packed_as_it_is_and_named() {
    let registry = registry();
    let project = project(&registry);
    let repository = repository(&project, "build");
    depend(&project, &repository, &Value::Null);
    let run = project.run(["install"]).success();
    assert_eq!(built(&project), "");
    assert!(
        project.exists("node_modules/cloned/dist/kept.txt") && !project.exists("node_modules/cloned/src")
    );
    assert!(run.stderr.contains("warning[EUNREVIEWED]"), "{}", run.stderr);
    assert!(
        run.stderr.contains("cloned@1.0.0 (postinstall: echo postinstall >> dist/log.txt; prepare: build)"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("built when they are fetched"), "{}", run.stderr);
    assert!(
        !registry.request_lines().iter().any(|line| line.contains("builder")),
        "nothing is installed for it"
    );
}

#[test]
fn what_is_approved_is_built_with_what_it_depends_on() {
    let registry = registry();
    let project = project(&registry);
    let repository =
        repository(&project, "echo \"$npm_lifecycle_event $npm_package_name\" > dist/event.txt && build");
    depend(&project, &repository, &Value::Null);
    project.run(["install"]).success();
    project.run(["approve-scripts", "cloned"]).success();
    project.remove("node_modules");
    let run = project.run(["install"]).success();
    assert!(!run.stderr.contains("EUNREVIEWED"), "{}", run.stderr);
    assert_eq!(built(&project), "source");
    assert_eq!(project.read("node_modules/cloned/dist/event.txt"), "prepare cloned\n");
    assert!(!project.exists("node_modules/cloned/node_modules") && !project.exists("node_modules/builder"));
    let lock = project.read_json("package-lock.json");
    assert!(lock["packages"].get("node_modules/builder").is_none(), "{lock}");
    // built once, and kept
    registry.clear_requests();
    project.remove("node_modules");
    project.run(["ci", "--no-audit"]).success();
    assert_eq!(built(&project), "source");
    assert_eq!(registry.request_lines(), [""; 0]);
    let checkouts = fs::read_dir(project.home().join(".cache/knit/git")).into_iter().flatten().count();
    assert_eq!(checkouts, 0, "checkouts are removed");
}

#[test]
fn a_script_that_fails_ends_the_installation() {
    let registry = registry();
    let project = project(&registry);
    let repository = repository(&project, "echo something is wrong >&2; exit 3");
    let spec = format!("git+file://{}", repository.display());
    depend(&project, &repository, &json!({ spec: true }));
    let run = project.run(["install"]);
    assert_ne!(run.code, Some(0));
    assert!(
        run.stderr.contains("error[ELIFECYCLE]") && run.stderr.contains("something is wrong"),
        "{}",
        run.stderr
    );
    assert!(!project.exists("package-lock.json") && !project.exists("node_modules/cloned"));
}

#[test]
fn denied_and_ignored_scripts_do_not_run() {
    let registry = registry();
    for (approvals, line) in [(false, &["install"][..]), (true, &["install", "--ignore-scripts"])] {
        let project = project(&registry);
        let repository = repository(&project, "build");
        let spec = format!("git+file://{}", repository.display());
        depend(&project, &repository, &json!({ spec: approvals }));
        let run = project.run(line.iter().copied()).success();
        assert_eq!(built(&project), "");
        assert!(!run.stderr.contains("EUNREVIEWED"), "{}", run.stderr);
    }
}

#[test]
fn a_repository_that_depends_on_itself_is_built_once() {
    let registry = registry();
    let project = project(&registry);
    let repository = repository(&project, "build");
    let spec = format!("git+file://{}", repository.display());
    let mut manifest: Value =
        serde_json::from_slice(&fs::read(repository.join("package.json")).expect("read")).expect("JSON");
    manifest["devDependencies"]["cloned"] = spec.clone().into();
    manifest["allowScripts"] = json!({ spec.clone(): true });
    fs::write(repository.join("package.json"), manifest.to_string()).expect("written");
    git(&repository, &["commit", "--quiet", "--all", "-m", "second"]);
    depend(&project, &repository, &json!({ spec: true }));
    project.run(["install"]).success();
    assert_eq!(built(&project), "source");
}
