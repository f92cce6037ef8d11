//! Why nothing was packed.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use dependency_resolver::FetchError;
use diagnostics::{Diagnostic, Report};
use npm_formats::specifier::SpecifierError;
use package_store::StoreError;
use registry_client::RegistryError;
use serde_json::{Map, Value};

use crate::lifecycle::LifecycleError;
use crate::manifest_file::ManifestError;
use crate::packlist::PacklistError;
use crate::script_approval::PolicyError;
use crate::workspaces::WorkspaceError;

/// Why nothing was packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("{source}")]
    Specifier { source: Box<SpecifierError> },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("the package {package} has no name or no version")]
    Nameless { package: String },
    #[error("the files of {} cannot be told", .folder.display())]
    Files { folder: PathBuf, source: PacklistError },
    #[error("could not read {}", .file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("could not write {}", .file.display())]
    Write { file: PathBuf, folder: PathBuf, source: io::Error },
    #[error("{package} is no tarball that can be read")]
    Tarball { package: String, source: io::Error },
    /// A script ended with an error.
    #[error("{}", .0.message)]
    Script(Box<Diagnostic>),
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    #[error("{}", .0.message)]
    Fetch(Box<FetchError>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Registry(Box<RegistryError>),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error("could not set up threads")]
    Threads { source: io::Error },
}

impl From<FetchError> for PackError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(Box::new(error))
    }
}

impl From<RegistryError> for PackError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(Box::new(error))
    }
}

impl Report for PackError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Specifier { source } => source.code().into(),
            Self::Manifest(error) => error.code(),
            Self::Nameless { .. } => "EPACKAGEJSON".into(),
            Self::Files { source: PacklistError::Read { source, .. }, .. }
            | Self::Read { source, .. }
            | Self::Write { source, .. }
            | Self::Threads { source } => diagnostics::io_code(source).into(),
            Self::Files { .. } => "EPACKLIST".into(),
            Self::Tarball { .. } => "TAR_BAD_ARCHIVE".into(),
            Self::Script(problem) => problem.code.clone(),
            Self::Lifecycle(error) => error.code(),
            Self::Fetch(error) => error.code.clone().into(),
            Self::Store(error) => error.code().into(),
            Self::Registry(error) => error.code().into(),
            Self::Workspaces(error) => error.code(),
            Self::Policy(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest(error) => error.hints(),
            Self::Nameless { .. } => {
                vec!["run `knit pkg set name=<name> version=<version>` in its folder".to_owned()]
            }
            Self::Write { folder, source, .. } if source.kind() == io::ErrorKind::NotFound => {
                vec![format!("run `mkdir -p {}` first", folder.display())]
            }
            Self::Script(problem) => problem.hints.clone(),
            Self::Lifecycle(error) => error.hints(),
            Self::Fetch(error) => error.hint.clone().into_iter().collect(),
            Self::Registry(error) => error.hint().into_iter().collect(),
            Self::Workspaces(error) => error.hints(),
            Self::Policy(error) => error.hints(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Map<String, Value> {
        match self {
            Self::Manifest(error) => error.details(),
            Self::Script(problem) => problem.details.clone(),
            _ => Map::new(),
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Script(problem) => problem.exit_code,
            _ => 1,
        }
    }
}
