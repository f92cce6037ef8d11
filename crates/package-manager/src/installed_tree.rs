//! What is installed as a tree: the project's package.json and node_modules, and what depends on what.

use std::path::Path;

use dependency_resolver::{NodeId, ResolveError, Tree, TreeOptions, Update, load_tree};

use crate::installed::Installed;
use crate::project::{LockfileUse, Project, ProjectError};
use crate::settings::Settings;

/// The tree in a project's node_modules.
#[derive(Debug)]
pub struct InstalledTree {
    /// The tree.
    pub tree: Tree,
    /// The project's node.
    pub root: NodeId,
    /// The project; of global packages, the folder around their node_modules.
    pub project: Project,
}

/// Why a tree could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InstalledTreeError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Tree(#[from] ResolveError),
}

impl diagnostics::Report for InstalledTreeError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::Project(error) => error.code(),
            Self::Tree(error) => error.code().to_owned().into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Project(error) => error.hints(),
            Self::Tree(_) => Vec::new(),
        }
    }
}

impl InstalledTree {
    /// Reads what is installed in a folder. Nothing is fetched or changed.
    ///
    /// *Errors*: a package.json that does not parse, overrides that make no sense.
    pub fn read(directory: &Path, settings: &Settings) -> Result<Self, InstalledTreeError> {
        let project = Project::read(directory, LockfileUse::Ignore)?;
        let installed = Installed::read(&project.directory);
        let start = project.start(Some(&installed), Update::Nothing);
        let options = TreeOptions {
            install_links: settings.install.install_links,
            legacy_peer_deps: settings.install.legacy_peer_deps,
            global: settings.places.is_global,
        };
        let (tree, root) = load_tree(start, options)?;
        Ok(Self { tree, root, project })
    }
}
