//! The table of what passes, by group.

use super::groups::group;
use super::run::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Default)]
struct Count {
    passed: usize,
    total: usize,
}

fn count(outcomes: &BTreeMap<String, Outcome>) -> (BTreeMap<&'static str, Count>, Count) {
    let mut groups: BTreeMap<&'static str, Count> = BTreeMap::new();
    let mut all = Count::default();
    for (name, outcome) in outcomes {
        let (Some(group), true) = (group(name), *outcome != Outcome::Private) else { continue };
        for count in [groups.entry(group).or_default(), &mut all] {
            count.total += 1;
            count.passed += usize::from(*outcome == Outcome::Passed);
        }
    }
    (groups, all)
}

fn share(count: &Count) -> f64 {
    count.passed as f64 * 100.0 / count.total.max(1) as f64
}

/// Names of what failed, and the counts, on the terminal.
pub fn print(outcomes: &BTreeMap<String, Outcome>) {
    for (name, _) in outcomes.iter().filter(|(_, outcome)| **outcome == Outcome::Failed) {
        println!("fails  {name}");
    }
    let (groups, all) = count(outcomes);
    for (group, count) in groups.iter().map(|(group, count)| (*group, count)).chain([("all", &all)]) {
        println!("{group:28} {:5} of {:5} {:6.1} %", count.passed, count.total, share(count));
    }
}

/// The page of the documentation.
pub fn table(outcomes: &BTreeMap<String, Outcome>) -> String {
    let mut text = String::from(
        "# What of Node works\n\n\
         Node 25.8.1's own tests, run with knit by `cargo run --release -p xtask -- node-tests --tests DIR` (`DIR`: the \
         folder `test` of Node's sources). Tests that reach for Node's private modules are left out, and so are those of \
         builtins that knit does not have. `xtask/node_tests/passed.txt` names every test that passed; with `--check` the \
         command fails when one of them does not any more.\n\n\
         This page is written by that command.\n\n\
         | group | tests | pass | share |\n|---|---:|---:|---:|\n",
    );
    let (groups, all) = count(outcomes);
    for (group, count) in groups.iter().map(|(group, count)| (*group, count)).chain([("**all**", &all)]) {
        writeln!(text, "| {group} | {} | {} | {:.0} % |", count.total, count.passed, share(count))
            .expect("a string grows");
    }
    text
}
