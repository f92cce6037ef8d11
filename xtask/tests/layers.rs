//! Dependencies point downward: every edge between crates of this workspace is one that ARCHITECTURE.md allows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The layer of each shipped crate.
const LAYERS: [(&str, u8); 17] = [
    ("cli", 5),
    ("package-manager", 4),
    ("registry-server", 4),
    ("runtime", 4),
    ("dependency-resolver", 3),
    ("package-store", 3),
    ("registry-client", 3),
    ("package-check", 3),
    ("node-builtins", 3),
    ("module-resolver", 2),
    ("module-syntax", 2),
    ("network-imports", 2),
    ("js-engine", 2),
    ("js-engine-macros", 2),
    ("npm-formats", 1),
    ("npm-semver", 1),
    ("diagnostics", 1),
];

/// Edges within a layer.
const SIDEWAYS: [(&str, &str); 3] =
    [("js-engine", "js-engine-macros"), ("network-imports", "module-syntax"), ("npm-formats", "npm-semver")];

/// Never shipped: may use everything, and nothing shipped may use them but in tests.
const BESIDE: [&str; 3] = ["test-support", "benchmarks", "xtask"];

#[test]
fn every_edge_between_crates_leads_down() {
    let layers: BTreeMap<&str, u8> = LAYERS.into_iter().collect();
    let mut wrong = Vec::new();
    for (from, to, is_dev) in edges() {
        if BESIDE.contains(&from.as_str()) || (is_dev && BESIDE.contains(&to.as_str())) {
            continue;
        }
        let allowed = match (layers.get(from.as_str()), layers.get(to.as_str())) {
            (Some(above), Some(below)) => above > below || SIDEWAYS.contains(&(from.as_str(), to.as_str())),
            _ => false,
        };
        if !allowed {
            wrong.push(format!("{from} -> {to}"));
        }
    }
    assert!(wrong.is_empty(), "these edges are not allowed: {}", wrong.join(", "));
}

#[test]
fn every_crate_has_a_layer() {
    let known: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).chain(BESIDE).collect();
    let unknown: Vec<String> = packages()
        .into_iter()
        .map(|package| text(&package, "name"))
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not in any layer: {}", unknown.join(", "));
}

/// Dependencies between crates of the workspace: from, to, whether only tests have it.
fn edges() -> Vec<(String, String, bool)> {
    let packages = packages();
    let names: Vec<String> = packages.iter().map(|package| text(package, "name")).collect();
    let mut edges = Vec::new();
    for package in &packages {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = text(dependency, "name");
            if names.contains(&to) {
                edges.push((text(package, "name"), to, dependency["kind"] == "dev"));
            }
        }
    }
    assert!(edges.len() > 20, "cargo metadata shows only {} edges", edges.len());
    edges
}

fn packages() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
