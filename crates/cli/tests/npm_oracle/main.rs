//! The executable against npm itself, on package graphs made from seeds: after each command lockfile, package.json,
//! everything in node_modules and the hidden lockfile must be the same.
//!
//! `ORACLE_SEEDS=0..500 cargo test --release -p cli --test npm_oracle -- --ignored --nocapture` looks for new
//! differences.

mod audit;
mod diff;
mod tarballs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use test_support::oracle::{self, Case, Npm, Step, Writes};
use test_support::{TestRegistry, snapshot_tree};

/// What knit once got wrong, and a few besides.
const SEEDS: &[u64] = &[26, 33, 47, 90, 105, 1_000_006, 1_000_033, 1_000_063, 1_000_068, 1_000_092];

#[test]
fn installations_are_those_of_npm_for_generated_package_graphs() {
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

/// Where a case is tried.
struct Places {
    theirs: PathBuf,
    ours: PathBuf,
    home: PathBuf,
}

/// What differs between npm and knit in the case of a seed, if anything does.
fn difference(npm: &mut Npm, seed: u64) -> Option<String> {
    let case = oracle::generate(seed);
    let registry = TestRegistry::with(case.packages.iter().cloned());
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("its real path");
    let [theirs, ours, home] = ["npm/project", "knit/project", "home"].map(|name| root.join(name));
    for folder in [&theirs, &ours, &home] {
        fs::create_dir_all(folder).expect("a folder");
    }
    case.write(&theirs);
    case.write(&ours);
    let result = first_difference(npm, &case, &registry, &Places { theirs, ours, home });
    if std::env::var_os("ORACLE_KEEP").is_some() {
        println!("kept: {}", folder.keep().display());
    }
    result.map(|(index, what)| {
        format!("seed {seed}, step {index} ({:?}): {what}\n{}", case.steps[index], case.describe())
    })
}

/// The number of the first step after which something differs, and what.
fn first_difference(
    npm: &mut Npm,
    case: &Case,
    registry: &TestRegistry,
    places: &Places,
) -> Option<(usize, String)> {
    let Places { theirs, ours, home } = places;
    for (index, step) in case.steps.iter().enumerate() {
        let Step::Run(arguments) = step else {
            oracle::apply_by_hand(step, theirs);
            oracle::apply_by_hand(step, ours);
            continue;
        };
        let expected = npm.run(theirs, home, &registry.url(), arguments, Writes::Everything);
        if matches!(expected.as_deref(), Some(oracle::ENDLESS | "TypeError")) {
            return None;
        }
        let failure = knit(ours, home, &registry.url(), arguments);
        if expected.is_some() != failure.is_some() {
            let what = format!("npm ends with {expected:?}, knit with {failure:?}");
            return Some((index, what));
        }
        if let Some(what) = file_difference(case, theirs, ours) {
            return Some((index, what));
        }
    }
    None
}

/// Runs knit. Gives what it says where it fails.
fn knit(project: &Path, home: &Path, registry: &str, arguments: &[String]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_knit"))
        .args(arguments)
        .current_dir(project)
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("npm_config_registry", registry)
        .env("npm_config_ignore_scripts", "true")
        .env("npm_config_audit", "false")
        .env("npm_config_fetch_retries", "0")
        .stdin(Stdio::null())
        .output()
        .expect("knit runs");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn file_difference(case: &Case, theirs: &Path, ours: &Path) -> Option<String> {
    let ((their_lockfile, their_manifests), (our_lockfile, our_manifests)) =
        (oracle::outcome(case, theirs), oracle::outcome(case, ours));
    let hidden = |project: &Path| {
        let text = fs::read_to_string(project.join("node_modules/.package-lock.json"));
        // where nothing is installed, npm writes none
        text.ok().filter(|text| !text.contains("\"packages\": {}")).unwrap_or_default()
    };
    line_difference("lockfile", &their_lockfile, &our_lockfile)
        .or_else(|| line_difference("package.json", &their_manifests.join("\n"), &our_manifests.join("\n")))
        .or_else(|| line_difference("node_modules", &installed(theirs), &installed(ours)))
        .or_else(|| line_difference("hidden lockfile", &hidden(theirs), &hidden(ours)))
}

/// Every file and link of a project but what package managers note down for themselves. npm leaves empty folders.
fn installed(project: &Path) -> String {
    let tree = snapshot_tree(project);
    let is_note = |line: &str| {
        let notes = ["node_modules/.package-lock.json", "node_modules/.knit", "package-lock.json"];
        notes.iter().any(|note| line.starts_with(note)) || line.ends_with('/')
    };
    tree.lines().filter(|line| !is_note(line)).map(|line| format!("{line}\n")).collect()
}

fn line_difference(what: &str, theirs: &str, ours: &str) -> Option<String> {
    if theirs == ours {
        return None;
    }
    let same = theirs.lines().zip(ours.lines()).take_while(|(a, b)| a == b).count();
    let section = |text: &str| {
        let lines: Vec<&str> = text.lines().collect();
        lines[same.saturating_sub(4).min(lines.len())..(same + 6).min(lines.len())].join("\n    ")
    };
    let (theirs, ours) = (section(theirs), section(ours));
    Some(format!("{what}, line {}\n  npm:\n    {theirs}\n  knit:\n    {ours}", same + 1))
}
