use insta::assert_snapshot;
use serde_json::json;
use test_support::{FixturePackage, TestRegistry};

use crate::{sandbox::Sandbox, trees};

fn registry() -> TestRegistry {
    let versions = [
        ("a", &["1.0.0", "1.2.0", "1.3.0", "2.0.0"][..]),
        ("b", &["1.0.0", "1.5.0", "2.0.0", "3.0.0"]),
        ("@s/c", &["1.0.0"]),
        ("d", &["3.0.0", "3.1.0"]),
        ("absent", &["1.0.0", "2.4.0"]),
        ("real-g", &["1.0.0", "1.1.0", "3.0.0"]),
        ("t", &["1.0.0", "1.9.0"]),
    ];
    TestRegistry::with(versions.into_iter().flat_map(|(name, versions)| {
        versions.iter().map(move |version| {
            FixturePackage::new(name, version).field("homepage", json!(format!("https://{name}.example/")))
        })
    }))
}

fn ask(mut sandbox: Sandbox, lines: &[&str]) -> String {
    let registry = registry();
    sandbox.set("npm_config_registry", &registry.url());
    sandbox.knit_all(lines)
}

#[test]
fn newer_versions_are_told() {
    let lines =
        ["outdated", "outdated --json", "outdated -p", "outdated --all", "outdated b --long", "outdated o"];
    assert_snapshot!(ask(trees::whole(), &lines));
}

#[test]
fn aliases_and_missing_packages_are_told() {
    assert_snapshot!(ask(trees::broken(), &["outdated", "outdated --json"]));
}

#[test]
fn dependencies_of_workspaces_are_told() {
    assert_snapshot!(ask(trees::workspaces(), &["outdated", "outdated -w w1", "outdated --no-workspaces"]));
}
