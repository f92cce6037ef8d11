//! Whether everything is there, and what is said where it is not.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};

use serde_json::Value;
use test_support::{Fault, FixturePackage, TestRegistry, Times};

use crate::sandbox::Sandbox;

fn registry() -> TestRegistry {
    TestRegistry::with([
        FixturePackage::new("node", "20.0.0"),
        FixturePackage::new("node", "22.5.0"),
        FixturePackage::new("npm", "12.0.0"),
        FixturePackage::new("a", "1.0.0"),
    ])
}

/// All is well in it.
fn well(registry: &TestRegistry) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let prefix = sandbox.path("prefix");
    let bin = prefix.join("bin");
    let path = format!("{}:{}:/usr/bin:/bin", sandbox.path("bin").display(), bin.display());
    fs::create_dir_all(bin).expect("created");
    sandbox.program("bin/git", "exit 0");
    sandbox.set("PATH", &path).set("npm_config_prefix", &prefix.to_string_lossy());
    sandbox.set("npm_config_registry", &registry.url());
    sandbox.file("project/package.json", r#"{ "dependencies": { "a": "1" } }"#);
    sandbox.knit(&["install"]);
    sandbox
}

/// Check, whether it is well, and what was found, of the JSON.
fn examined(sandbox: &Sandbox, line: &[&str]) -> (String, Vec<(String, Option<bool>, String)>) {
    let said = sandbox.knit(&[&["doctor", "--json"], line].concat());
    let mut parts = said.splitn(2, "--- stdout\n");
    let exit = parts.next().and_then(|head| head.lines().nth(1)).expect("an exit").to_owned();
    let rest = parts.next().expect("an answer");
    let json = rest.split("--- stderr").next().expect("JSON");
    let findings: Value = serde_json::from_str(json).expect("JSON");
    let rows = findings.as_array().expect("a list").iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let more = format!("{} | {}", text("found"), text("advice"));
        (text("check"), finding["ok"].as_bool(), more)
    });
    (exit, rows.collect())
}

fn of<'a>(rows: &'a [(String, Option<bool>, String)], check: &str) -> (Option<bool>, &'a str) {
    let row = rows.iter().find(|row| row.0 == check).expect("checked");
    (row.1, &row.2)
}

#[test]
fn all_is_well_where_all_is_well() {
    let registry = registry();
    let sandbox = well(&registry);
    let (exit, rows) = examined(&sandbox, &[]);
    assert_eq!(rows.iter().filter(|row| row.1 != Some(true)).collect::<Vec<_>>(), [&rows[0]; 0]);
    assert_eq!((exit.as_str(), rows.len()), ("exit: 0", 13));
    assert!(of(&rows, "version of knit").1.contains("the newest npm is 12.0.0"));
    assert!(of(&rows, "contents of cache and store").1.starts_with("1 packages and"));
    let text = sandbox.knit(&["doctor"]);
    assert!(text.starts_with("$ knit doctor\nexit: 0\n--- stdout\nCheck "), "{text}");
    assert_eq!(
        text.lines().filter(|line| line.contains("  ok      ") || line.contains("  ok  ")).count(),
        13,
        "{text}"
    );
}

#[test]
fn arguments_choose_checks() {
    let registry = registry();
    let sandbox = well(&registry);
    let names = |line: &[&str]| examined(&sandbox, line).1.into_iter().map(|row| row.0).collect::<Vec<_>>();
    assert_eq!(names(&["ping"]), ["connection to the registry"]);
    assert_eq!(names(&["registry"]), ["connection to the registry", "configured registry"]);
    assert_eq!(names(&["versions", "environment"]).len(), 4);
    assert_eq!(names(&["permissions"]).len(), 6);
    assert_eq!(names(&["cache"]).len(), 3);
    let wrong = sandbox.knit(&["doctor", "permisions"]);
    assert!(
        wrong.contains("exit: 1") && wrong.contains("did you mean `knit doctor permissions`?"),
        "{wrong}"
    );
}

#[test]
fn each_failure_says_what_to_do() {
    let registry = registry();
    let mut sandbox = well(&registry);
    registry.fault("/-/ping", Fault::Status(503), Times::Always);
    registry.publish(FixturePackage::new("node", "20.3.1"));
    sandbox.set("npm_config_git", "no-such-git").set("npm_config_prefix", "/nowhere/prefix");
    let (exit, rows) = examined(&sandbox, &["ping", "versions", "environment"]);
    assert_eq!(exit, "exit: 1");
    let wrong = [
        ("connection to the registry", "E503"),
        ("version of node", "install node 20.3.1"),
        ("git executable", "point the setting `git` at it"),
        ("global executables in PATH", "add /nowhere/prefix/bin to PATH"),
    ];
    for (check, advice) in wrong {
        let (ok, found) = of(&rows, check);
        assert!(ok == Some(false) && found.contains(advice), "{check}: {found}");
    }
    let text = sandbox.knit(&["doctor", "environment"]);
    assert!(
        text.contains("help: install git") && text.contains("error[EDOCTOR]: 2 of 2 checks failed"),
        "{text}"
    );
}

#[test]
fn what_the_registry_does_not_know_is_no_failure() {
    let registry = TestRegistry::with([FixturePackage::new("a", "1.0.0")]);
    let sandbox = well(&registry);
    let (exit, rows) = examined(&sandbox, &["versions"]);
    assert_eq!(exit, "exit: 0");
    assert_eq!(of(&rows, "version of node").0, None);
}

#[test]
fn files_of_others_and_forbidden_ones_are_named() {
    let registry = registry();
    let sandbox = well(&registry);
    let file = sandbox.path("project/node_modules/a/package.json");
    // Whoever may give files away may also read everything, and the other way round.
    let given_away = chown(&file, Some(54321), None).is_ok();
    if !given_away {
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("changed");
    }
    let (exit, rows) = examined(&sandbox, &["permissions"]);
    let (ok, found) = of(&rows, "permissions of node_modules");
    assert_eq!((exit.as_str(), ok), ("exit: 1", Some(false)));
    let expected = if given_away { "1 of another user" } else { "1 that cannot be read and written" };
    assert!(found.contains(expected), "{found}");
    assert!(found.contains(if given_away { "sudo chown -R" } else { "chmod -R" }), "{found}");
    let text = sandbox.knit(&["doctor", "permissions"]);
    assert!(text.contains("[ROOT]/project/node_modules/a/package.json "), "{text}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("changed");
}
