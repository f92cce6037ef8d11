//! Answers observed of node-semver 7.8.5 (npm 11.19.1) in `tests/data`; `oracle.cjs again` notes them anew.

mod rows;

use std::collections::BTreeMap;

use serde_json::Value;

/// Checks the rows of a file, of which none may get lost unseen.
fn check(text: &str, count: usize) {
    let rows = rows::parse(text);
    assert_eq!(rows.len(), count);
    rows::check(&rows);
}

#[test]
fn versions_are_read_and_printed() {
    check(include_str!("data/versions.json"), 390);
}

#[test]
fn versions_are_ordered() {
    check(include_str!("data/order.json"), 1159);
}

#[test]
fn versions_are_incremented_and_truncated() {
    check(include_str!("data/increments.json"), 1025);
}

#[test]
fn texts_are_coerced() {
    check(include_str!("data/coerce.json"), 200);
}

#[test]
fn ranges_are_normalised() {
    check(include_str!("data/ranges.json"), 616);
}

#[test]
fn ranges_select_versions() {
    check(include_str!("data/satisfies.json"), 337);
}

#[test]
fn ranges_are_compared() {
    check(include_str!("data/pairs.json"), 2892);
}

#[test]
fn comparators_are_compared() {
    check(include_str!("data/comparators.json"), 225);
}

#[test]
fn ranges_have_bounds() {
    check(include_str!("data/bounds.json"), 970);
}

#[test]
fn the_best_of_many_versions_is_chosen() {
    check(include_str!("data/choice.json"), 466);
}

#[test]
fn random_calls_are_answered() {
    check(include_str!("data/random.json"), 1500);
}

/// What node-semver 7.8.5 is tested with itself: 982 cases in 15 groups, each one or two calls.
#[test]
fn what_node_semver_expects_of_itself_holds() {
    let groups: BTreeMap<String, Vec<Vec<Vec<Value>>>> =
        serde_json::from_str(include_str!("data/node_semver.json")).expect("cases by group");
    let cases: usize = groups.values().map(Vec::len).sum();
    assert_eq!((groups.len(), cases), (15, 982));
    for group in groups.values() {
        rows::check(&group.concat());
    }
}
