//! `node-tests`: runs Node's own tests with knit, keeps the table of what passes, and fails when a test that passed does
//! not pass any more.

mod groups;
mod report;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use run::{Outcome, Runner};

/// The names of tests that passed, a line each.
const PASSED: &str = "xtask/node_tests/passed.txt";
/// The table by groups.
const TABLE: &str = "NODE_COMPATIBILITY.md";

#[derive(clap::Args)]
pub struct Arguments {
    /// The folder `test` of Node's sources.
    #[arg(long, env = "KNIT_NODE_TESTS")]
    tests: PathBuf,
    /// The knit to test.
    #[arg(long, default_value = "target/release/knit")]
    knit: PathBuf,
    /// How many tests run at once.
    #[arg(short, long, default_value_t = 2)]
    jobs: usize,
    /// Seconds for one test.
    #[arg(long, default_value_t = 10)]
    timeout: u64,
    /// Only tests whose name contains this text.
    #[arg(long)]
    only: Option<String>,
    /// Only the tests that passed before.
    #[arg(long)]
    check: bool,
}

/// Why the table was not written.
#[derive(Debug, thiserror::Error)]
pub enum NodeTestsError {
    #[error("cannot read or write {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} has no tests; it should be the folder `test` of Node's sources", folder.display())]
    NoTests { folder: PathBuf },
    #[error("these passed before and do not now:\n  {}", names.join("\n  "))]
    Lost { names: Vec<String> },
}

pub fn run(arguments: &Arguments) -> Result<(), NodeTestsError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| NodeTestsError::File { path, source }
    };
    let passed_before: BTreeSet<String> = match fs::read_to_string(PASSED) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
        Err(error) => return Err(file(Path::new(PASSED))(error)),
    };
    let mut names = groups::tests(&arguments.tests).map_err(file(&arguments.tests))?;
    if names.is_empty() {
        return Err(NodeTestsError::NoTests { folder: arguments.tests.clone() });
    }
    if let Some(only) = &arguments.only {
        names.retain(|name| name.contains(only));
    }
    if arguments.check {
        names.retain(|name| passed_before.contains(name));
    }
    let runner = Runner::new(arguments).map_err(file(&arguments.knit))?;
    let mut outcomes = runner.run_all(&names).map_err(file(&arguments.tests))?;
    // what failed in the crowd gets two more chances by itself
    for _ in 0..2 {
        for (name, outcome) in &mut outcomes {
            if *outcome != Outcome::Passed && passed_before.contains(name) {
                *outcome = runner.run_one(name).map_err(file(&arguments.tests))?;
            }
        }
    }
    report::print(&outcomes);
    let lost: Vec<String> = outcomes
        .iter()
        .filter(|(name, outcome)| **outcome != Outcome::Passed && passed_before.contains(*name))
        .map(|(name, _)| name.clone())
        .collect();
    if !lost.is_empty() {
        return Err(NodeTestsError::Lost { names: lost });
    }
    if !arguments.check && arguments.only.is_none() {
        fs::write(TABLE, report::table(&outcomes)).map_err(file(Path::new(TABLE)))?;
    }
    if !arguments.check {
        fs::create_dir_all(Path::new(PASSED).parent().expect("a folder")).map_err(file(Path::new(PASSED)))?;
        fs::write(PASSED, passed_list(passed_before, &outcomes)).map_err(file(Path::new(PASSED)))?;
    }
    Ok(())
}

fn passed_list(mut passed: BTreeSet<String>, outcomes: &BTreeMap<String, Outcome>) -> String {
    let now = outcomes.iter().filter(|(_, outcome)| **outcome == Outcome::Passed);
    passed.extend(now.map(|(name, _)| name.clone()));
    passed.into_iter().map(|name| name + "\n").collect()
}
