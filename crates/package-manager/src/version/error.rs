//! Why a version was not set.

use std::borrow::Cow;
use std::path::PathBuf;

use diagnostics::{Diagnostic, Report};
use serde_json::{Map, Value};

use crate::lifecycle::LifecycleError;
use crate::manifest_file::ManifestError;
use crate::workspaces::WorkspaceError;

/// Why a version was not set. Files are as before, unless a script, git or a later workspace failed.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    #[error("{requested} is neither a version nor a step from {current}")]
    Invalid { requested: String, current: String },
    #[error("the version is {version} already")]
    Unchanged { version: String },
    /// The newest tag, for `from-git`.
    #[error("the tag `{tag}` is no version")]
    Tag { tag: String },
    #[error("git working directory not clean: {}", .directory.display())]
    Unclean {
        directory: PathBuf,
        /// Lines of `git status --porcelain`.
        changes: Vec<String>,
    },
    #[error("git could not be run in {}", .directory.display())]
    NoGit { directory: PathBuf, source: std::io::Error },
    #[error("`git {command}` failed in {}: {said}", .directory.display())]
    Git { command: String, directory: PathBuf, said: String },
    #[error("could not write {}", .file.display())]
    Write { file: PathBuf, source: std::io::Error },
    /// A script ended badly.
    #[error("{}", .0.message)]
    Script(Box<Diagnostic>),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
}

impl Report for VersionError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Invalid { .. } | Self::Tag { .. } => "EINVALIDVERSION".into(),
            Self::Unchanged { .. } => "EVERSIONUNCHANGED".into(),
            Self::Unclean { .. } | Self::Git { .. } => "EGIT".into(),
            Self::NoGit { .. } => "ENOGIT".into(),
            Self::Write { source, .. } => diagnostics::io_code(source).into(),
            Self::Script(problem) => problem.code.clone(),
            Self::Manifest(error) => error.code(),
            Self::Workspaces(error) => error.code(),
            Self::Lifecycle(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Invalid { .. } => vec![
                "give a version such as 1.2.3, or one of major, minor, patch, premajor, preminor, prepatch, \
                 prerelease, from-git"
                    .to_owned(),
            ],
            Self::Unchanged { .. } => vec!["add --allow-same-version to set it all the same".to_owned()],
            Self::Unclean { .. } => vec![
                "run `git status`, then commit or stash the changes".to_owned(),
                "add --no-git-tag-version to set the version without a commit".to_owned(),
            ],
            Self::NoGit { .. } => vec!["install git, or point the setting `git` at it".to_owned()],
            Self::Manifest(error) => error.hints(),
            Self::Workspaces(error) => error.hints(),
            Self::Lifecycle(error) => error.hints(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Map<String, Value> {
        let mut details = Map::new();
        match self {
            Self::Invalid { requested, current } => {
                details.insert("current".to_owned(), current.as_str().into());
                details.insert("requested".to_owned(), requested.as_str().into());
            }
            Self::Unclean { changes, .. } => {
                details.insert("changes".to_owned(), changes.clone().into());
            }
            Self::Manifest(error) => details = error.details(),
            _ => {}
        }
        details
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Script(problem) => problem.exit_code,
            _ => 1,
        }
    }
}
