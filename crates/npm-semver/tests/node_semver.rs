//! Holds this crate against node-semver itself. Needs node and npm, so these tests run on request:
//! `cargo test -p npm-semver --test node_semver -- --ignored`.

mod rows;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

fn oracle(arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle.cjs");
    let output = Command::new("node").arg(script).args(arguments).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}

#[test]
#[ignore = "needs node and npm"]
fn random_calls_are_answered_as_npm_answers_them() {
    let count = std::env::var("SEMVER_ROWS").unwrap_or_else(|_| "20000".to_owned());
    let seed = std::env::var("SEMVER_SEED").unwrap_or_else(|_| "1".to_owned());
    rows::check(&rows::parse(&oracle(&["random", &count, &seed])));
}

/// `NODE_SEMVER_FIXTURES` names the folder `test/fixtures` of a checkout of node-semver 7.8.5.
#[test]
#[ignore = "needs node, npm and a checkout of node-semver"]
fn the_fixtures_of_node_semver_hold() {
    let folder = std::env::var("NODE_SEMVER_FIXTURES").expect("NODE_SEMVER_FIXTURES names the fixtures");
    let files: BTreeMap<String, Vec<Vec<Vec<Value>>>> =
        serde_json::from_str(&oracle(&["fixtures", &folder])).expect("rows by file");
    let counts: BTreeMap<&str, usize> =
        files.iter().map(|(name, rows)| (name.as_str(), rows.len())).collect();
    assert_eq!((counts.len(), counts.values().sum::<usize>()), (15, 982), "{counts:?}");
    for (name, fixture_rows) in &files {
        println!("{name}: {} rows", fixture_rows.len());
        rows::check(&fixture_rows.concat());
    }
}
