//! Why an installation fails.

use std::borrow::Cow;
use std::path::PathBuf;

use dependency_resolver::{FetchError, ResolveError};
use diagnostics::Diagnostic;
use package_store::StoreError;
use registry_client::RegistryError;
use serde_json::{Map, Value};

use crate::lifecycle::LifecycleError;
use crate::project::ProjectError;
use crate::script_approval::{PolicyError, Unreviewed};

/// Why an installation failed. What was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// `strict-allow-scripts` is on.
    #[error("nobody decided about the install scripts of {}", describe(.packages))]
    Unreviewed { packages: Vec<Unreviewed> },
    /// A script ended badly.
    #[error("{}", .0.message)]
    Script(Box<Diagnostic>),
    #[error("there is no package-lock.json in {}", .directory.display())]
    NoLockfile { directory: PathBuf },
    #[error("package.json and package-lock.json are not in sync: {}", .differences.join("; "))]
    OutOfSync { differences: Vec<String> },
    /// The lockfile has something that nobody asked for.
    #[error("package-lock.json has what nothing asks for: {}", .problems.join("; "))]
    Untrusted { problems: Vec<String> },
    #[error("could not write {}", .file.display())]
    Write { file: PathBuf, source: std::io::Error },
    #[error("could not create {}", .path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("could not start the threads of an installation")]
    Threads { source: std::io::Error },
}

fn describe(packages: &[Unreviewed]) -> String {
    packages.iter().map(Unreviewed::describe).collect::<Vec<_>>().join(", ")
}

impl diagnostics::Report for InstallError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Project(error) => error.code(),
            Self::Resolve(error) => error.code().to_owned().into(),
            Self::Fetch(error) => error.code.clone().into(),
            Self::Store(error) => error.code().into(),
            Self::Registry(error) => error.code().into(),
            Self::Lifecycle(error) => error.code(),
            Self::Script(problem) => problem.code.clone(),
            Self::NoLockfile { .. } | Self::OutOfSync { .. } => "EUSAGE".into(),
            Self::Policy(error) => error.code(),
            Self::Unreviewed { .. } => "ESTRICTALLOWSCRIPTS".into(),
            Self::Untrusted { .. } => "ELOCKFILE".into(),
            Self::Write { source, .. } | Self::Folder { source, .. } | Self::Threads { source } => {
                diagnostics::io_code(source).into()
            }
        }
    }

    fn hints(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Project(error) => error.hints(),
            Self::Fetch(error) => error.hint.clone().into_iter().collect(),
            Self::Registry(error) => error.hint().into_iter().collect(),
            Self::Resolve(ResolveError::Load(error)) => error.source.hint.clone().into_iter().collect(),
            Self::Resolve(ResolveError::Fetch(error)) => error.hint.clone().into_iter().collect(),
            Self::Resolve(ResolveError::Conflict(conflict)) => crate::conflict::hints(conflict),
            Self::Resolve(ResolveError::MissingTarget { .. }) => {
                one("delete package-lock.json and run `knit install`")
            }
            Self::Lifecycle(error) => error.hints(),
            Self::NoLockfile { .. } => one("run `knit install` to make one, and commit it"),
            Self::Policy(error) => error.hints(),
            Self::Unreviewed { .. } => {
                one("run `knit approve-scripts <package>` or `knit deny-scripts <package>`")
            }
            Self::Untrusted { .. } => one(
                "someone may have tampered with the lockfile: find out who changed these entries, then remove them and \
                 run `knit install`",
            ),
            Self::OutOfSync { .. } => one("run `knit install` to bring the lockfile up to date"),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Map<String, Value> {
        match self {
            Self::Resolve(ResolveError::Conflict(conflict)) => match serde_json::to_value(conflict) {
                Ok(Value::Object(mut members)) => {
                    members.insert("story".to_owned(), crate::conflict::story(conflict).into());
                    members
                }
                _ => Map::new(),
            },
            _ => Map::new(),
        }
    }
}
