//! Benchmarks beside the peers: `cargo run --release -p benchmarks -- install` (or `programs`).
//!
//! Owns the projects that are installed, the peers they are installed with, the runs and the report. A registry on
//! loopback serves recorded packages, so that nobody waits for a network and everybody gets the same bytes.

mod cutoff;
mod error;
mod measure;
mod places;
mod programs;
mod project;
mod recording;
mod report;
mod run;
mod sandbox;
mod scenario;
mod tool;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use test_support::NetworkLimits;
use url::Url;

use crate::error::{BenchmarkError, causes};
use crate::scenario::Suite;
use crate::tool::ToolKind;

/// Benchmarks of knit beside npm, pnpm and Bun.
#[derive(Parser)]
#[command(name = "benchmarks")]
struct Arguments {
    #[command(subcommand)]
    suite: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install projects: cold, with warm caches, with a lockfile, with nothing to do.
    Install(SuiteArguments),
    /// Resolve projects without installing them.
    Resolve(SuiteArguments),
    /// Run programs beside Node, Bun and Deno: the start of an empty one, a large one, and the kernels.
    Programs(ProgramArguments),
    /// Record what the projects need, without measuring.
    Record(SuiteArguments),
}

#[derive(clap::Args)]
struct SuiteArguments {
    /// Projects below benchmarks/projects [default: all]
    #[arg(long, value_delimiter = ',')]
    projects: Vec<String>,
    /// Tools to compare [default: those that can do what is measured]
    #[arg(long, value_delimiter = ',')]
    tools: Vec<ToolKind>,
    /// Measured runs of every tool, taken in turns.
    #[arg(long, default_value_t = 5)]
    repetitions: usize,
    /// The knit to measure [default: target/release/knit]
    #[arg(long)]
    knit: Option<PathBuf>,
    /// Milliseconds between a request and its answer.
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// Megabytes (10^6 bytes) per second that all connections share [default: no limit]
    #[arg(long)]
    bandwidth: Option<u64>,
    /// Where to record from [default: `npm config get registry`]
    #[arg(long)]
    registry: Option<Url>,
    /// The Markdown file to write [default: benchmarks/out/<suite>.md]
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(clap::Args)]
struct ProgramArguments {
    /// Measured runs of every runtime, taken in turns.
    #[arg(long, default_value_t = 7)]
    repetitions: usize,
    /// Only the programs whose names contain this text.
    #[arg(long)]
    only: Option<String>,
    /// The knit to measure [default: target/release/knit]
    #[arg(long)]
    knit: Option<PathBuf>,
}

impl SuiteArguments {
    fn limits(&self) -> NetworkLimits {
        NetworkLimits {
            latency: Duration::from_millis(self.latency),
            bytes_per_second: self.bandwidth.map(|megabytes| megabytes * 1_000_000),
        }
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == measure::LAUNCH) {
        return match measure::launch(words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("benchmarks: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let done = match Arguments::parse().suite {
        Command::Install(arguments) => compare(Suite::Install, &arguments),
        Command::Resolve(arguments) => compare(Suite::Resolve, &arguments),
        Command::Programs(arguments) => programs(&arguments),
        Command::Record(arguments) => run::record(&request(Suite::Install, &arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benchmarks: {}", causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn programs(arguments: &ProgramArguments) -> Result<(), BenchmarkError> {
    let text =
        programs::measure(arguments.knit.as_deref(), arguments.repetitions, arguments.only.as_deref())?;
    println!("{text}");
    let path = places::out().join("programs.md");
    std::fs::write(&path, text).map_err(error::io("write", &path))
}

fn request<'a>(suite: Suite, arguments: &'a SuiteArguments) -> run::Request<'a> {
    run::Request {
        suite,
        projects: &arguments.projects,
        tools: &arguments.tools,
        repetitions: arguments.repetitions,
        knit: arguments.knit.as_deref(),
        limits: arguments.limits(),
        registry: arguments.registry.as_ref(),
    }
}

fn compare(suite: Suite, arguments: &SuiteArguments) -> Result<(), BenchmarkError> {
    let request = request(suite, arguments);
    let results = run::measure(&request)?;
    let text = report::markdown(&results);
    println!("{text}");
    let path = arguments.report.clone().unwrap_or_else(|| places::out().join(format!("{}.md", suite.name())));
    std::fs::write(&path, text).map_err(error::io("write", &path))?;
    let samples = path.with_extension("json");
    std::fs::write(&samples, report::samples(&results)).map_err(error::io("write", &samples))
}
