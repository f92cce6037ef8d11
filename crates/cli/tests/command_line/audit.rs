//! `audit` as a person sees it. That reports, fixes and exit codes are npm's is held against npm 11.19.1 in
//! `npm_oracle/audit.rs`; here is what knit says in its own words.

use insta::assert_snapshot;
use serde_json::{Value, json};
use test_support::{Fault, FixturePackage, TestRegistry, Times};

use crate::sandbox::Sandbox;

const BULK: &str = "/-/npm/v1/security/advisories/bulk";

/// A project with a package to be replaced, one behind it, and one that stays vulnerable.
fn world() -> (TestRegistry, Sandbox) {
    let registry = TestRegistry::with([
        FixturePackage::new("low", "1.0.0"),
        FixturePackage::new("mid", "1.0.0").dependency("low", "1.0.0"),
        FixturePackage::new("stuck", "1.0.0"),
        FixturePackage::new("tool", "1.0.0"),
    ]);
    let mut sandbox = Sandbox::new();
    let manifest = json!({
        "name": "demo", "version": "1.0.0", "dependencies": { "mid": "^1.0.0", "stuck": "1" },
        "devDependencies": { "tool": "^1.0.0" },
    });
    sandbox.file("project/package.json", &manifest.to_string());
    sandbox.set("npm_config_registry", &registry.url()).set("npm_config_fetch_retries", "0");
    let installed = sandbox.knit(&["install"]);
    assert!(installed.contains("exit: 0"), "{installed}");
    registry.publish(FixturePackage::new("low", "1.0.1"));
    registry.publish(FixturePackage::new("mid", "1.1.0").dependency("low", "1.0.1"));
    registry.publish(FixturePackage::new("tool", "1.0.1"));
    registry.set_advisories(&json!({
        "low": [advisory(1, "high", "<1.0.1")],
        "stuck": [advisory(2, "critical", "*")],
        "tool": [advisory(3, "low", "<1.0.1")],
    }));
    (registry, sandbox)
}

fn advisory(id: u32, severity: &str, range: &str) -> Value {
    json!({
        "id": id, "url": format!("https://advisories.example/{id}"), "title": format!("Problem {id}"),
        "severity": severity, "vulnerable_versions": range,
    })
}

fn without_times(said: &str) -> String {
    let line = |line: &str| match line.split_once(" in ") {
        Some((done, time)) if time.ends_with('s') => format!("{done} in [TIME]"),
        _ => line.to_owned(),
    };
    said.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_vulnerable_is_reported() {
    let (registry, sandbox) = world();
    assert_snapshot!(sandbox.knit_all(&["audit", "audit --audit-level=none --omit=dev", "audit --json"]));
    let asked = registry.requests();
    let bulk = asked.iter().rfind(|request| request.path == BULK).expect("advisories were asked for");
    assert_eq!(bulk.header("content-encoding"), Some("gzip"));
    assert!(
        !registry.request_lines().iter().any(|line| line.contains("/demo")),
        "the project is nobody's business"
    );
}

#[test]
fn what_is_vulnerable_is_replaced() {
    let (_registry, sandbox) = world();
    let said = sandbox.knit(&["audit", "fix"]);
    assert_snapshot!(without_times(&said));
    let lockfile: Value = serde_json::from_str(&sandbox.read("project/package-lock.json")).expect("JSON");
    let version = |location: &str| lockfile["packages"][location]["version"].clone();
    assert_eq!(version("node_modules/low"), "1.0.1");
    assert_eq!(version("node_modules/mid"), "1.1.0");
    assert_eq!(version("node_modules/tool"), "1.0.1");
    assert!(sandbox.read("project/node_modules/low/package.json").contains("1.0.1"));
}

#[test]
fn installations_end_with_what_is_vulnerable() {
    let (registry, sandbox) = world();
    sandbox.file("project/package-lock.json", &sandbox.read("project/package-lock.json"));
    let said = without_times(&sandbox.knit(&["ci"]));
    registry.fault(BULK, Fault::Status(500), Times::Always);
    let silent = without_times(&sandbox.knit(&["ci"]));
    let unwanted = without_times(&sandbox.knit(&["ci", "--no-audit"]));
    assert_snapshot!([said, silent, unwanted].join("\n\n"));
}

#[test]
fn audits_that_cannot_be_made_fail() {
    let (registry, sandbox) = world();
    registry.fault(BULK, Fault::Status(503), Times::Always);
    let lines = [
        "audit",
        "audit fix",
        "audit --offline",
        "audit --global",
        "audit fix --no-package-lock",
        "audit everything",
    ];
    let said = sandbox.knit_all(&lines).replace(&registry.url(), "[REGISTRY]/");
    std::fs::remove_file(sandbox.path("project/package-lock.json")).expect("removed");
    assert_snapshot!(format!("{said}\n{}", sandbox.knit(&["audit"])));
}
