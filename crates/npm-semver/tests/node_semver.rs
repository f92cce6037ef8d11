//! Holds this crate against node-semver itself. Needs node and npm, so this runs on request:
//! `cargo test -p npm-semver --test node_semver -- --ignored`.

mod rows;

use std::process::Command;

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
