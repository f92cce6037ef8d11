//! Developer tasks: `cargo xtask <task>`, or `cargo run -p xtask -- <task>`.

mod compare;
mod node_tests;
mod record_corpus;
mod resolve_upstream;
mod serve_recorded;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer tasks of the workspace.
#[derive(Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Compare the lockfiles that npm and knit write for projects.
    Compare(compare::Arguments),
    /// Run Node's own tests with knit, and keep the table of what passes.
    NodeTests(node_tests::Arguments),
    /// Record the metadata of real packages for tests of the resolver.
    RecordCorpus(record_corpus::Arguments),
    /// Serve recorded metadata on loopback, to compare with what npm makes of it.
    ServeRecorded(serve_recorded::Arguments),
}

fn main() -> ExitCode {
    let done: Result<(), Box<dyn std::error::Error>> = match Arguments::parse().task {
        Task::Compare(arguments) => compare::run(&arguments).map_err(Into::into),
        Task::NodeTests(arguments) => node_tests::run(&arguments).map_err(Into::into),
        Task::RecordCorpus(arguments) => record_corpus::run(&arguments).map_err(Into::into),
        Task::ServeRecorded(arguments) => serve_recorded::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
