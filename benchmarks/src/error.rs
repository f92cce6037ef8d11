//! The one error type of this crate.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use crate::tool::ToolKind;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("there is no project {name} in benchmarks/projects")]
    NoProject { name: String },
    #[error("{tool} is not at {}", path.display())]
    NoTool { tool: ToolKind, path: PathBuf },
    #[error("{runtime} fails at {program}\n{output}")]
    Program { runtime: &'static str, program: String, output: String },
    #[error("npm does not say which registry it uses")]
    Registry { source: io::Error },
    #[error("cannot set up the client of the registry")]
    Client { source: Box<dyn Error + Send + Sync> },
    #[error("cannot keep what was recorded")]
    Storage { source: registry_server::RegistryError },
    #[error("{tool} failed ({scenario}, {project})\n{output}")]
    Failed { tool: ToolKind, scenario: &'static str, project: String, output: String },
    #[error("{tool} did not do what was asked ({scenario}, {project}): {what}")]
    Undone { tool: ToolKind, scenario: &'static str, project: String, what: &'static str },
}

/// An error about a path.
pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BenchmarkError {
    let path = path.to_owned();
    move |source| BenchmarkError::Io { action, path, source }
}

/// An error with its causes in one line each.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing into a string does not fail.
        let _ = write!(text, "\n  because {error}");
        cause = error.source();
    }
    text
}
