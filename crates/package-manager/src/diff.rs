//! `diff`: what differs between two versions of a package, as git shows it. Source: npm 11.19.1 (libnpmdiff 8).
//!
//! Owns what is compared and what a difference is; [`subjects`] finds the packages, [`contents`] their files. Unlike
//! npm nothing is built first: a folder is compared as it would be packed now. Files come in the order in which npm
//! packs them, whatever order a tarball has.

mod contents;
mod hunks;
mod subjects;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

use dependency_resolver::FetchError;
use npm_formats::specifier::SpecifierError;
use package_store::StoreError;
use registry_client::RegistryError;

use crate::install::InstallContext;
use crate::packlist::{self, PacklistError};
use crate::workspaces::WorkspaceError;
use crate::workspaces::glob::Glob;
use contents::{Contents, File};
pub use hunks::{Hunk, Line};

/// Why two packages cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    #[error("no more than two packages can be compared")]
    TooMany,
    #[error("{what}, and there is no package.json with a name here")]
    NoName { what: &'static str },
    #[error("{spec} is a {kind}, which cannot be compared with the project")]
    Unsupported { spec: String, kind: &'static str },
    #[error("{source}")]
    Specifier { source: Box<SpecifierError> },
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] PacklistError),
    #[error("could not read {}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("could not start the threads that fetch packages")]
    Threads { source: std::io::Error },
}

impl diagnostics::Report for DiffError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::TooMany | Self::NoName { .. } | Self::Unsupported { .. } => "EUSAGE".into(),
            Self::Specifier { source } => source.code().into(),
            Self::Workspaces(error) => error.code(),
            Self::Fetch(error) => error.code.clone().into(),
            Self::Registry(error) => error.code().into(),
            Self::Store(error) => error.code().into(),
            Self::Files(_) => "EPACKLIST".into(),
            Self::Read { source, .. } | Self::Threads { source } => diagnostics::io_code(source).into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::TooMany | Self::NoName { .. } | Self::Unsupported { .. } => {
                vec!["run `knit diff --diff=<name>@<version> --diff=<name>@<version>`".to_owned()]
            }
            Self::Fetch(error) => error.hint.clone().into_iter().collect(),
            Self::Registry(error) => error.hint().into_iter().collect(),
            Self::Workspaces(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// What to compare, and what counts as a difference.
#[derive(Debug, Clone)]
pub struct DiffRequest {
    /// One or two specifiers as typed (`--diff`); without any, the project and what was published of it.
    pub specs: Vec<String>,
    /// Files, folders and patterns; without any, all.
    pub files: Vec<String>,
    /// The folder of the project or workspace that is meant.
    pub directory: PathBuf,
    /// Lines around a difference.
    pub context: usize,
    /// Whether white space around lines counts for nothing.
    pub ignores_space: bool,
    /// Whether lines of files that look binary are shown too.
    pub shows_binary: bool,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file's path in the package.
    pub path: String,
    /// Its mode in octal before; `None` where it was not there.
    pub old_mode: Option<String>,
    /// Its mode now.
    pub new_mode: Option<String>,
    /// What differs; `None` for a file that is not shown.
    pub hunks: Option<Vec<Hunk>>,
}

/// All that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    pub old_version: String,
    pub new_version: String,
    pub files: Vec<Difference>,
}

/// Compares two packages.
///
/// *Errors*: [`DiffError`].
pub fn diff(context: &InstallContext<'_>, request: &DiffRequest) -> Result<Differences, DiffError> {
    let subjects = subjects::subjects(context, request)?;
    let [old, new] = contents::both(context, &subjects)?;
    let paths: BTreeSet<&String> = old.files.keys().chain(new.files.keys()).collect();
    let filter = Filter::new(&request.files);
    let mut paths: Vec<String> = paths.into_iter().filter(|path| filter.lets(path)).cloned().collect();
    paths = packlist::ordered(paths);
    // as in npm what is only there now comes last
    paths.sort_by_key(|path| !old.files.contains_key(path));
    let files = paths.into_iter().filter_map(|path| difference(request, path, &old, &new));
    Ok(Differences { files: files.collect(), old_version: old.version, new_version: new.version })
}

fn difference(request: &DiffRequest, path: String, old: &Contents, new: &Contents) -> Option<Difference> {
    let (before, after) = (old.files.get(&path), new.files.get(&path));
    if before == after {
        return None;
    }
    let mode = |file: &File| format!("100{:o}", file.mode);
    let bytes = |file: Option<&File>| file.map(|file| file.bytes.clone()).unwrap_or_default();
    let (old_bytes, new_bytes) = (bytes(before), bytes(after));
    let is_shown = request.shows_binary
        || !(contents::is_binary(&path, &old_bytes) || contents::is_binary(&path, &new_bytes));
    let hunks = is_shown.then(|| {
        let (old, new) = (String::from_utf8_lossy(&old_bytes), String::from_utf8_lossy(&new_bytes));
        hunks::hunks(&old, &new, request.context, request.ignores_space)
    });
    Some(Difference { path, old_mode: before.map(mode), new_mode: after.map(mode), hunks })
}

/// Which files are compared.
struct Filter {
    patterns: Vec<(String, Glob)>,
}

impl Filter {
    fn new(patterns: &[String]) -> Self {
        let clean = |pattern: &String| {
            let pattern = pattern.replace('\\', "/");
            pattern.strip_prefix("./").or_else(|| pattern.strip_prefix('.')).unwrap_or(&pattern).to_owned()
        };
        let compiled = patterns.iter().map(clean).map(|pattern| {
            let glob = Glob::new(&pattern);
            (pattern, glob)
        });
        Self { patterns: compiled.collect() }
    }

    /// A pattern without a folder that begins with `*` means the name alone; a path means all below it.
    fn lets(&self, path: &str) -> bool {
        let cleaned = path.strip_prefix('.').unwrap_or(path);
        let name = cleaned.rsplit('/').next().unwrap_or(cleaned);
        let is_meant = |(pattern, glob): &(String, Glob)| {
            glob.matches(cleaned)
                || (pattern.starts_with('*') && !pattern.contains('/') && glob.matches(name))
                || cleaned.starts_with(pattern.as_str())
                || format!("package/{cleaned}").starts_with(pattern.as_str())
        };
        self.patterns.is_empty() || self.patterns.iter().any(is_meant)
    }
}
