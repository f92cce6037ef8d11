//! A project on disk as resolution wants to start from it: package.json, workspaces, lockfile, and what is
//! installed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dependency_resolver::{Start, Update};
use npm_formats::lockfile::{Lockfile, LockfileError};
use npm_formats::manifest::{Manifest, Step};
use serde_json::{Map, Value};

use crate::installed::Installed;
use crate::manifest_file::{DiskFolder, ManifestError, ManifestFile};
use crate::workspaces::{self, Workspace, WorkspaceError};

/// Why a project cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error("{} cannot be used", .file.display())]
    Lockfile { file: PathBuf, source: LockfileError },
    #[error("could not read {}", .file.display())]
    Read { file: PathBuf, source: std::io::Error },
}

impl diagnostics::Report for ProjectError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Manifest(error) => error.code(),
            Self::Workspaces(error) => error.code(),
            Self::Lockfile { .. } => "ELOCKFILE".into(),
            Self::Read { source, .. } => diagnostics::io_code(source).into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Manifest(error) => error.hints(),
            Self::Workspaces(error) => error.hints(),
            Self::Lockfile { source, .. } => vec![source.hint().to_owned()],
            Self::Read { .. } => Vec::new(),
        }
    }
}

/// A project as it was read.
#[derive(Debug)]
pub struct Project {
    /// Its absolute real path.
    pub directory: PathBuf,
    /// Its package.json; an empty one that is not on disk if it has none.
    pub manifest: ManifestFile,
    /// Its workspaces.
    pub workspaces: Vec<Workspace>,
    /// Its lockfile, if it has one.
    pub lockfile: Option<Arc<Lockfile>>,
    /// Where the lockfile is, or is to be.
    pub lockfile_path: PathBuf,
}

/// Whether a lockfile is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockfileUse {
    /// As the tree to start from.
    Read,
    /// Not at all (`--no-package-lock`).
    Ignore,
}

impl Project {
    /// Reads a project.
    ///
    /// *Errors*: a package.json or lockfile that does not parse; nothing is changed.
    pub fn read(directory: &Path, use_lockfile: LockfileUse) -> Result<Self, ProjectError> {
        let directory = std::fs::canonicalize(directory)
            .map_err(|source| ProjectError::Read { file: directory.to_owned(), source })?;
        let manifest = ManifestFile::read_if_there(&directory)?;
        let manifest = manifest.unwrap_or_else(|| ManifestFile::create(&directory));
        let workspaces = workspaces::map(&manifest)?;
        let shrinkwrap = directory.join("npm-shrinkwrap.json");
        let lockfile_path =
            if shrinkwrap.exists() { shrinkwrap } else { directory.join("package-lock.json") };
        let lockfile = match use_lockfile {
            LockfileUse::Read => read_lockfile(&lockfile_path)?.map(|mut lockfile| {
                let document = normalized(manifest.members().clone(), &directory);
                lockfile.fill_packages(&directory.to_string_lossy(), &document);
                Arc::new(lockfile)
            }),
            LockfileUse::Ignore => None,
        };
        Ok(Self { directory, manifest, workspaces, lockfile, lockfile_path })
    }

    /// The absolute real folders of the workspaces.
    pub fn members(&self) -> Vec<PathBuf> {
        self.workspaces.iter().map(|each| each.path.clone()).collect()
    }

    /// What resolution starts from.
    pub fn start(&self, installed: Option<&Installed>, update: Update) -> Start {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let mut folders: HashMap<String, Map<String, Value>> = HashMap::new();
        let linked = self.lockfile.iter().flat_map(|lockfile| lockfile.packages.values());
        let linked = linked.filter(|entry| entry.is_link()).filter_map(|entry| entry.resolved());
        for target in linked {
            let folder = workspaces::lexical_join(&self.directory, target);
            if let Some(document) = normalized_document(&folder) {
                folders.insert(path(&folder), document);
            }
        }
        Start {
            path: path(&self.directory),
            package: normalized(self.manifest.members().clone(), &self.directory),
            workspaces: self.workspaces.iter().map(|each| (each.name.clone(), path(&each.path))).collect(),
            folders,
            lockfile: self.lockfile.clone(),
            has_lockfile: self.lockfile_path.exists(),
            installed: installed.map(|installed| installed.packages.clone()).unwrap_or_default(),
            update,
        }
    }
}

fn read_lockfile(file: &Path) -> Result<Option<Lockfile>, ProjectError> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ProjectError::Read { file: file.to_owned(), source }),
    };
    Lockfile::parse(&file.to_string_lossy(), &bytes)
        .map(Some)
        .map_err(|source| ProjectError::Lockfile { file: file.to_owned(), source })
}

/// The package.json of a folder as npm reads it; `None` where there is none that can be read.
pub fn normalized_document(folder: &Path) -> Option<Map<String, Value>> {
    let manifest = ManifestFile::read_if_there(folder).ok()??;
    Some(normalized(manifest.members().clone(), folder))
}

/// A document as npm reads it from a folder.
pub fn normalized(document: Map<String, Value>, folder: &Path) -> Map<String, Value> {
    let unchanged = document.clone();
    Manifest::normalize(document, Step::INSTALLED, Some(&DiskFolder(folder)))
        .map_or(unchanged, |manifest| manifest.0)
}
