//! The isolated layout (`install-strategy=linked`), made by the built executable from a registry on loopback: its
//! shape is npm's, Node finds its way through it, every command gets along with it, and it takes the place of the
//! hoisted one and gives way to it without a trace.

mod commands;
mod node;
mod shape;
mod switching;

use serde_json::{Map, Value, json};
use test_support::{FixturePackage, TestProject, TestRegistry};

/// A project of a user who wishes for the isolated layout.
fn project(registry: &TestRegistry) -> TestProject {
    configured(env!("CARGO_BIN_EXE_knit"), registry, "install-strategy=linked\n")
}

fn configured(binary: &str, registry: &TestRegistry, lines: &str) -> TestProject {
    let project = TestProject::new(binary).with_registry(registry);
    let quiet = "audit=false\nfund=false\nupdate-notifier=false\n";
    let file = project.home().join(".npmrc");
    std::fs::write(&file, format!("registry={}\n{quiet}{lines}", registry.url())).expect("the user's .npmrc");
    project
}

fn depend_on(project: &TestProject, dependencies: &[(&str, &str)]) {
    let dependencies: Map<String, Value> =
        dependencies.iter().map(|(name, spec)| ((*name).to_owned(), Value::from(*spec))).collect();
    project.write_json(
        "package.json",
        &json!({ "name": "project", "version": "1.0.0", "dependencies": dependencies }),
    );
}

/// A package whose module tells what it is and what it finds: `a@1.0.0(b@1.0.0)`.
fn package(name: &str, version: &str, dependencies: &[(&str, &str)]) -> FixturePackage {
    let mut package = FixturePackage::new(name, version);
    for (dependency, range) in dependencies {
        package = package.dependency(dependency, range);
    }
    telling(package, &dependencies.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

/// Gives a package a module that asks these for what they are. Those of a cycle have not come to say it yet.
fn telling(package: FixturePackage, asked: &[&str]) -> FixturePackage {
    let id = format!("{}@{}", package.name(), package.version());
    let asks: Vec<String> = asked.iter().map(|name| format!("require('{name}')")).collect();
    let code = format!(
        "const told = [{}].map((each) => typeof each === 'string' ? each : '...')\nmodule.exports = '{id}(' + told.join(' ') + ')'\n",
        asks.join(", ")
    );
    package.file("index.js", code)
}

/// Every symbolic link below the project, and every entry of the layout.
fn links(project: &TestProject) -> String {
    let is_entry = |line: &str| {
        let inside = line.strip_prefix("node_modules/.store/").and_then(|rest| rest.strip_suffix('/'));
        inside.is_some_and(|name| !name.contains("node_modules"))
    };
    let tree = project.tree("");
    let lines = tree.lines().filter(|line| line.contains(" -> ") || is_entry(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Everything in the project, without the state file, which has times in it.
fn outcome(project: &TestProject) -> String {
    let tree = project.tree("");
    tree.lines()
        .filter(|line| !line.starts_with("node_modules/.knit-state "))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Fails with the lines that differ.
#[track_caller]
fn assert_same(found: &str, expected: &str, what: &str) {
    let only = |these: &str, those: &str, sign: char| -> String {
        let lines = these.lines().filter(|line| !those.lines().any(|other| other == *line));
        lines.map(|line| format!("{sign} {line}\n")).collect()
    };
    let difference = only(expected, found, '-') + &only(found, expected, '+');
    assert!(found == expected, "{what}:\n{difference}");
}
