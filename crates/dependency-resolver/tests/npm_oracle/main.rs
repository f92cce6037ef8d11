//! The resolver against npm itself, on package graphs made from seeds.
//!
//! Each case is a registry, a project and commands; npm runs them and so does the resolver, and after each of
//! them lockfile, dependency sections and error code must be the same. `ORACLE_SEEDS=0..500 cargo test
//! --release -p dependency-resolver --test npm_oracle -- --ignored --nocapture` looks for new differences.

mod resolver;

use std::path::Path;

use test_support::TestRegistry;
use test_support::oracle::{self, Case, Npm, Step, Writes};

/// What the resolver once got wrong, and a few besides.
const SEEDS: &[u64] = &[
    0, 1, 2, 3, 33, 40, 74, 77, 89, 95, 100, 117, 144, 151, 152, 158, 199, 241, 277, 286, 381, 483,
    1_000_000, 1_000_001, 1_000_006,
];

#[test]
fn lockfiles_are_those_of_npm_for_generated_package_graphs() {
    let Some(mut npm) = npm_or_skip() else { return };
    let differences: Vec<String> = SEEDS.iter().filter_map(|&seed| difference(&mut npm, seed)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
#[ignore = "a search for differences, as long as ORACLE_SEEDS says"]
fn search() {
    let Some(mut npm) = npm_or_skip() else { return };
    let seeds = std::env::var("ORACLE_SEEDS").unwrap_or("0..100".to_owned());
    let (first, end) = seeds.split_once("..").expect("ORACLE_SEEDS is from..to");
    let (first, end): (u64, u64) = (first.parse().expect("a number"), end.parse().expect("a number"));
    let mut different = Vec::new();
    for seed in first..end {
        if let Some(difference) = difference(&mut npm, seed) {
            println!("{difference}\n");
            different.push(seed);
        }
    }
    println!("{} of {} differ: {different:?}", different.len(), end - first);
}

fn npm_or_skip() -> Option<Npm> {
    match Npm::start() {
        Ok(npm) => Some(npm),
        Err(reason) => {
            eprintln!("SKIPPED, nothing was compared: {reason}");
            None
        }
    }
}

/// What differs between npm and the resolver in the case of a seed, if anything does.
fn difference(npm: &mut Npm, seed: u64) -> Option<String> {
    let case = oracle::generate(seed);
    let registry = TestRegistry::with(case.packages.iter().cloned());
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its real path");
    let [theirs, ours, home] = ["npm/project", "resolver/project", "home"].map(|name| root.join(name));
    for folder in [&theirs, &ours, &home] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    case.write(&theirs);
    case.write(&ours);
    let result = first_difference(npm, &case, &registry, [&theirs, &ours, &home]);
    if std::env::var_os("ORACLE_KEEP").is_some() {
        println!("kept: {}", folder.keep().display());
    }
    result.map(|(index, what)| report(&case, seed, index, &what))
}

/// The number of the first step after which something differs, and what.
fn first_difference(
    npm: &mut Npm,
    case: &Case,
    registry: &TestRegistry,
    [theirs, ours, home]: [&Path; 3],
) -> Option<(usize, String)> {
    for (index, step) in case.steps.iter().enumerate() {
        let Step::Run(arguments) = step else {
            oracle::apply_by_hand(step, theirs);
            oracle::apply_by_hand(step, ours);
            continue;
        };
        let expected = npm.run(theirs, home, &registry.url(), arguments, Writes::LockfileOnly);
        let code = resolver::run(case, ours, &registry.url(), arguments);
        if matches!(expected.as_deref(), Some(oracle::ENDLESS | "TypeError")) {
            // npm went round in circles or broke: that the resolver came to an end is all there is to ask for
            return None;
        }
        if !is_same(expected.as_deref(), code.as_deref()) {
            let what = format!("npm {}, the resolver {}", outcome_name(&expected), outcome_name(&code));
            return Some((index, what));
        }
        if let Some(what) = file_difference(case, theirs, ours) {
            return Some((index, what));
        }
    }
    None
}

/// Whether both succeed or fail alike. Where npm's error has no code, any of the resolver's will do.
fn is_same(theirs: Option<&str>, ours: Option<&str>) -> bool {
    theirs == ours || theirs == Some("Error") && ours.is_some()
}

fn outcome_name(code: &Option<String>) -> String {
    code.as_ref().map_or("succeeds".to_owned(), |code| format!("fails with {code}"))
}

fn file_difference(case: &Case, theirs: &Path, ours: &Path) -> Option<String> {
    let ((theirs, their_manifests), (ours, our_manifests)) =
        (oracle::outcome(case, theirs), oracle::outcome(case, ours));
    if theirs != ours {
        let same = theirs.lines().zip(ours.lines()).take_while(|(a, b)| a == b).count();
        let section = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            lines[same.saturating_sub(4).min(lines.len())..(same + 6).min(lines.len())].join("\n    ")
        };
        return Some(format!(
            "lockfile line {}\n  npm:\n    {}\n  resolver:\n    {}",
            same + 1,
            section(&theirs),
            section(&ours)
        ));
    }
    let mut manifests = their_manifests.iter().zip(&our_manifests);
    manifests.find(|(a, b)| a != b).map(|(theirs, ours)| format!("npm: {theirs}\n  resolver: {ours}"))
}

fn report(case: &Case, seed: u64, step: usize, what: &str) -> String {
    format!("seed {seed}, step {step} ({:?}): {what}\n{}", case.steps[step], case.describe())
}
