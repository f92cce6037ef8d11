//! Node's own resolution in the layout.

use std::process::Command;

use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

use crate::{depend_on, package, project, telling};

/// What Node prints that runs some code in a folder of the project.
#[track_caller]
fn node(project: &TestProject, folder: &str, code: &str) -> String {
    let run = Command::new("node")
        .args(["-e", code])
        .current_dir(project.path().join(folder))
        .env_remove("NODE_PATH")
        .output()
        .expect("node runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{code}: {errors}");
    String::from_utf8_lossy(&run.stdout).trim().to_owned()
}

#[test]
fn packages_find_what_they_ask_for_and_nothing_else() {
    let registry = TestRegistry::with([
        package("a", "1.0.0", &[("b", "1.x"), ("@s/c", "1.x")]),
        package("b", "1.0.0", &[]),
        package("b", "2.0.0", &[]),
        package("@s/c", "1.0.0", &[("b", "2.x")]),
    ]);
    let project = project(&registry);
    depend_on(&project, &[("a", "1.x"), ("@s/c", "1.x")]);
    project.run(["install"]).success();
    assert_eq!(
        node(&project, "", "console.log(require('a'), require('@s/c'))"),
        "a@1.0.0(b@1.0.0() @s/c@1.0.0(b@2.0.0())) @s/c@1.0.0(b@2.0.0())"
    );
    let asks = "try { require('b'); console.log('found') } catch (error) { console.log(error.code) }";
    assert_eq!(node(&project, "", asks), "MODULE_NOT_FOUND");
    let import = "import('a').then((module) => console.log(module.default))";
    assert!(node(&project, "", import).starts_with("a@1.0.0"));
}

#[test]
fn packages_in_a_cycle_find_each_other() {
    let registry = TestRegistry::with([
        package("a", "1.0.0", &[("b", "1.x")]),
        package("b", "1.0.0", &[("c", "1.x")]),
        package("c", "1.0.0", &[("a", "1.x")]),
    ]);
    let project = project(&registry);
    depend_on(&project, &[("a", "1.x")]);
    project.run(["install"]).success();
    assert_eq!(node(&project, "", "console.log(require('a'))"), "a@1.0.0(b@1.0.0(c@1.0.0(...)))");
}

#[test]
fn one_version_sees_the_peers_of_each_of_its_dependents() {
    let plugin = FixturePackage::new("plugin", "1.0.0").peer_dependency("host", "2.x || 3.x");
    let registry = TestRegistry::with([
        telling(plugin, &["host"]),
        package("host", "1.0.0", &[]),
        package("host", "2.0.0", &[]),
        package("host", "3.0.0", &[]),
        package("one", "1.0.0", &[("plugin", "1.x"), ("host", "2.x")]),
        package("two", "1.0.0", &[("plugin", "1.x"), ("host", "3.x")]),
    ]);
    let project = project(&registry);
    depend_on(&project, &[("host", "1.x"), ("one", "1.x"), ("two", "1.x")]);
    project.run(["install"]).success();
    assert_eq!(
        node(&project, "", "console.log(require('one'), require('two'))"),
        "one@1.0.0(plugin@1.0.0(host@2.0.0()) host@2.0.0()) two@1.0.0(plugin@1.0.0(host@3.0.0()) host@3.0.0())"
    );
    let entries = project.tree("node_modules/.store");
    let count =
        entries.lines().filter(|line| line.starts_with("plugin@") && line.matches('/').count() == 1).count();
    assert_eq!(count, 2, "{entries}");
}

#[test]
fn workspaces_aliases_bundles_and_packages_of_their_own_name_are_found() {
    let bundles = package("bundles", "1.0.0", &[("inner", "1.x")])
        .bundled("inner")
        .file("node_modules/inner/package.json", r#"{"name":"inner","version":"1.5.0"}"#)
        .file("node_modules/inner/index.js", "module.exports = 'the bundled one'\n");
    let registry = TestRegistry::with([
        bundles,
        package("inner", "1.0.0", &[]),
        package("b", "1.0.0", &[]),
        package("same", "1.0.0", &[]),
        package("same", "2.0.0", &[("same", "1.x")]),
        package("alias", "9.0.0", &[("renamed", "npm:b@1.x")]),
    ]);
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({
            "name": "project", "version": "1.0.0", "workspaces": ["packages/*"],
            "dependencies": {
                "bundles": "1.x", "same": "2.x", "alias": "9.x", "other": "npm:b@1.x",
                "w": "*", "elsewhere": "file:elsewhere",
            },
        }),
    );
    let w = json!({ "name": "w", "version": "1.0.0", "dependencies": { "b": "1.x", "v": "*" } });
    project.write_json("packages/w/package.json", &w);
    project.write("packages/w/index.js", "module.exports = `w(${require('b')} ${require('v')})`\n");
    project.write_json("packages/v/package.json", &json!({ "name": "v", "version": "1.0.0" }));
    project.write("packages/v/index.js", "module.exports = 'v'\n");
    project.write_json("elsewhere/package.json", &json!({ "name": "its-own-name", "version": "1.0.0" }));
    project.write("elsewhere/index.js", "module.exports = 'a folder'\n");
    project.run(["install"]).success();
    for (asked, expected) in [
        ("bundles", "bundles@1.0.0(the bundled one)"),
        ("same", "same@2.0.0(same@1.0.0())"),
        ("alias", "alias@9.0.0(b@1.0.0())"),
        ("other", "b@1.0.0()"),
        ("w", "w(b@1.0.0() v)"),
        ("elsewhere", "a folder"),
    ] {
        assert_eq!(node(&project, "", &format!("console.log(require('{asked}'))")), expected, "{asked}");
    }
    // nothing of the project asks for it
    assert!(!project.exists("node_modules/v"));
    assert_eq!(project.run(["install"]).success().stdout.trim(), "up to date");
}
