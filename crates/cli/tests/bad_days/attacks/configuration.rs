//! A project's own `.npmrc` and package.json choose no executables. (npm 11.19.1 lets a project's `.npmrc` set `git`,
//! `script-shell` and `node-gyp`; whoever clones a repository and runs `install --ignore-scripts` in it trusts that
//! nothing of it runs.)

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use test_support::{TestProject, TestRegistry};

use super::scripts::repository;
use crate::world::{configure, depend_on, package, project};

/// A program in the project that notes that it ran.
fn trap(project: &TestProject, name: &str) -> String {
    let file = project.path().join(name);
    fs::write(&file, format!("#!/bin/sh\ntouch '{}'\n", project.path().join("ran").display()))
        .expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("made executable");
    file.to_string_lossy().into_owned()
}

#[test]
fn a_project_does_not_choose_programs() {
    let registry = TestRegistry::with([package("approved", "1.0.0").script("install", "true")]);
    for key in ["git", "script-shell", "shell", "node-gyp", "runtime", "editor", "node-options"] {
        let project = project(&registry);
        configure(&project, "allow-scripts=approved");
        let trap = trap(&project, "evil.sh");
        let value = if key == "node-options" { format!("--require={trap}") } else { trap };
        project.write(".npmrc", format!("{key}={value}\n"));
        let repository = repository(&project, &package("cloned", "1.0.0"));
        depend_on(&project, &[("cloned", &format!("git+file://{repository}")), ("approved", "1.0.0")]);
        let run = project.run(["install"]);
        assert!(!project.exists("ran"), "{key}: {}", run.to_snapshot());
        assert_eq!(run.code, Some(0), "{key}: {}", run.to_snapshot());
        assert!(project.exists("node_modules/cloned/package.json"), "{key}");
        assert!(run.stderr.contains(key), "nobody is told that {key} is ignored: {}", run.to_snapshot());
    }
}

#[test]
fn a_user_does() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    let trap = trap(&project, "wrapper.sh");
    configure(&project, &format!("git={trap}"));
    depend_on(&project, &[("cloned", "git+file:///nowhere")]);
    project.run(["install"]);
    assert!(project.exists("ran"));
}

#[test]
fn programs_are_not_looked_for_in_the_project() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    for name in ["git", "node", "sh"] {
        trap(&project, name);
        trap_in_bin(&project, name);
    }
    let repository = repository(&project, &package("cloned", "1.0.0"));
    depend_on(&project, &[("cloned", &format!("git+file://{repository}"))]);
    project.run(["install", "--ignore-scripts"]).success();
    assert!(!project.exists("ran"));
}

fn trap_in_bin(project: &TestProject, name: &str) {
    fs::create_dir_all(project.path().join("node_modules/.bin")).expect("created");
    trap(project, &format!("node_modules/.bin/{name}"));
}

#[test]
fn a_projects_scripts_do_not_run_when_they_are_not_to() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    let scripts = [
        "preinstall",
        "install",
        "postinstall",
        "prepare",
        "prepublish",
        "preprepare",
        "postprepare",
        "dependencies",
    ];
    let scripts: serde_json::Map<String, serde_json::Value> =
        scripts.iter().map(|event| ((*event).to_owned(), "touch ran".into())).collect();
    project.write_json("package.json", &json!({ "name": "project", "scripts": scripts }));
    project.run(["install", "--ignore-scripts"]).success();
    project.run(["ci", "--ignore-scripts"]).success();
    assert!(!project.exists("ran"));
}

#[test]
fn a_projects_settings_do_not_send_the_users_secrets_elsewhere() {
    let registry = TestRegistry::with([package("wanted", "1.0.0")]);
    registry.require_authorization("Bearer secret");
    let hostile = TestRegistry::with([package("wanted", "1.0.0")]);
    let project = project(&registry);
    configure(&project, &format!("//{}/:_authToken=secret", registry.host()));
    project.write(".npmrc", format!("registry={}\n", hostile.url()));
    depend_on(&project, &[("wanted", "1.0.0")]);
    project.run(["install"]).success();
    assert!(!hostile.requests().is_empty());
    for request in hostile.requests() {
        assert_eq!(request.header("authorization"), None, "{}", request.path);
    }
}

#[test]
fn a_project_does_not_choose_the_users_settings() {
    let registry = TestRegistry::with([]);
    for key in ["userconfig", "globalconfig"] {
        let project = project(&registry);
        let trap = trap(&project, "evil.sh");
        project.write("evil.npmrc", format!("git={trap}\nregistry={}\n", registry.url()));
        project.write(".npmrc", format!("{key}={}\n", project.path().join("evil.npmrc").display()));
        depend_on(&project, &[("cloned", "git+file:///nowhere")]);
        let run = project.run(["install"]);
        assert_eq!(run.code, Some(1), "{}", run.to_snapshot());
        assert!(!project.exists("ran"), "{key}");
        assert!(run.stderr.contains(key), "{}", run.to_snapshot());
    }
}

#[test]
fn a_project_gives_node_more_memory() {
    let registry = TestRegistry::with([]);
    for (options, counts) in [
        ("--max-old-space-size=512 --no-warnings", true),
        ("--max-old-space-size=512 --require=./evil.js", false),
        ("--import ./evil.js", false),
    ] {
        let project = project(&registry);
        project.write(".npmrc", format!("node-options={options}\n"));
        project.write_json(
            "package.json",
            &json!({ "name": "project", "scripts": { "show": "echo \"[$NODE_OPTIONS]\"" } }),
        );
        let run = project.run(["run", "show"]);
        let expected = if counts { format!("[{options}]") } else { "[]".to_owned() };
        assert_eq!(run.stdout.lines().last(), Some(&*expected), "{}", run.to_snapshot());
        assert_eq!(run.stderr.contains("node-options"), !counts, "{}", run.to_snapshot());
    }
}
