//! The tree of a project, loaded for reading.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dependency_resolver::{
    EdgeId, InstalledPackage, NodeId, ResolveError, Tree, TreeOptions, Update, load_tree,
};
use npm_formats::config::InstallStrategy;
use npm_formats::lockfile::Lockfile;
use npm_formats::specifier::{Specifier, SpecifierError, SpecifierKind};
use serde_json::{Map, Value};

use crate::installed::Installed;
use crate::project::{LockfileUse, Project, ProjectError, normalized_document};
use crate::settings::Settings;
use crate::workspaces::{WorkspaceError, name_from_directory, relative_path};

/// Why there is no tree to look at.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error("{source}")]
    Filter { source: SpecifierError },
    #[error("there is no package-lock.json in {}", .directory.display())]
    NoLockfile { directory: PathBuf },
}

impl diagnostics::Report for TreeError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Project(error) => error.code(),
            Self::Workspaces(error) => error.code(),
            Self::Resolve(error) => error.code().to_owned().into(),
            Self::Filter { source } => source.code().into(),
            Self::NoLockfile { .. } => "ENOLOCK".into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Project(error) => error.hints(),
            Self::Workspaces(error) => error.hints(),
            Self::Resolve(_) | Self::Filter { .. } => Vec::new(),
            Self::NoLockfile { .. } => vec!["run `knit install --package-lock-only` to make one".to_owned()],
        }
    }
}

/// Where a tree is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// What is installed; the hidden lockfile tells where it can be trusted.
    Installed,
    /// What is installed, every package.json read.
    Folders,
    /// The lockfile (`package-lock-only`).
    Lockfile,
}

/// How a tree is loaded.
#[derive(Debug, Clone, Copy)]
pub struct TreeRequest {
    /// Where from.
    pub source: Source,
    /// Whether peer dependencies are left out of account.
    pub legacy_peer_deps: bool,
}

/// A project's tree and what belongs to it.
#[derive(Debug)]
pub struct ProjectTree {
    /// The nodes.
    pub tree: Tree,
    /// The project itself.
    pub root: NodeId,
    /// The project's absolute real path; of global packages the folder that node_modules is in.
    pub directory: PathBuf,
    /// Whether these are the global packages.
    pub is_global: bool,
    /// Workspaces: names and absolute folders.
    pub workspaces: Vec<(String, PathBuf)>,
}

impl ProjectTree {
    /// Loads the tree that a command looks at, peer dependencies as the settings have it.
    ///
    /// *Errors*: a package.json of the project, a lockfile or overrides that cannot be used, and no lockfile where
    /// only that is to be looked at.
    pub fn load(settings: &Settings, source: Source) -> Result<Self, TreeError> {
        let legacy_peer_deps = settings.install.legacy_peer_deps;
        Self::load_with(settings, TreeRequest { source, legacy_peer_deps })
    }

    /// The same, peer dependencies as the request has it.
    pub fn load_with(settings: &Settings, request: TreeRequest) -> Result<Self, TreeError> {
        let is_global = settings.places.is_global;
        let options = TreeOptions {
            install_links: settings.install.install_links,
            legacy_peer_deps: request.legacy_peer_deps,
            global: is_global,
        };
        if is_global {
            return Self::load_global(settings, options);
        }
        let project = Project::read(&settings.places.local_prefix, LockfileUse::Read)?;
        let installed = match request.source {
            Source::Lockfile => None,
            Source::Installed => Some(Installed::read(&project.directory, &project.members())),
            Source::Folders => Some(Installed::read_folders(&project.directory, &project.members())),
        };
        let installed = installed.map(|mut installed| {
            complete(&mut installed, &project.directory, project.lockfile.as_deref());
            if settings.install.strategy == InstallStrategy::Linked {
                add_unlinked_workspaces(&mut installed, &project);
            }
            installed
        });
        let mut start = project.start(installed.as_ref(), Update::Nothing);
        if request.source == Source::Lockfile {
            let Some(lockfile) = &start.lockfile else {
                return Err(TreeError::NoLockfile { directory: project.directory });
            };
            start.lockfile = Some(Arc::new(with_identities(lockfile, &project.directory)));
        } else {
            start.lockfile = None;
        }
        let (tree, root) = load_tree(start, options)?;
        let workspaces = project.workspaces.into_iter().map(|each| (each.name, each.path)).collect();
        Ok(Self { tree, root, directory: project.directory, is_global, workspaces })
    }

    fn load_global(settings: &Settings, options: TreeOptions) -> Result<Self, TreeError> {
        let folder = settings.places.global_modules();
        let folder = folder.parent().unwrap_or(&folder).to_owned();
        if !folder.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(ProjectError::Read { file: folder, source }.into());
        }
        let mut project = Project::read(&folder, LockfileUse::Ignore)?;
        project.workspaces.clear();
        let installed = Installed::read_folders(&project.directory, &[]);
        let mut start = project.start(Some(&installed), Update::Nothing);
        start.package = global_document(&installed, &project.directory);
        let (tree, root) = load_tree(start, options)?;
        Ok(Self { tree, root, directory: project.directory, is_global: true, workspaces: Vec::new() })
    }

    /// npm's identifier of a node: `name@version`, `alias@npm:name@version`.
    pub fn package_id(&self, node: NodeId) -> String {
        let known = self.tree.node(node);
        let declared = known.package().name().map_or("", |name| name);
        let version = known.version();
        let own: &str = self.tree.name(node);
        if node == self.root {
            let name = if declared.is_empty() { own } else { declared };
            format!("{name}@{version}")
        } else if !declared.is_empty() && declared != own {
            format!("{own}@npm:{declared}@{version}")
        } else {
            format!("{own}@{version}")
        }
    }

    /// The name in a node's package.json.
    pub fn package_name(&self, node: NodeId) -> Option<&str> {
        self.tree.node(node).package().name().map(|name| &**name)
    }

    /// Where a node comes from; of a link `file:` and the way to its folder.
    pub fn resolved(&self, node: NodeId) -> Option<String> {
        let known = self.tree.node(node);
        if known.is_link() {
            let (path, target) = (Path::new(known.path()?), Path::new(known.realpath()?));
            let way = relative_path(path.parent()?, target).replace('#', "%23");
            return Some(format!("file:{way}"));
        }
        known.resolved().map(str::to_owned)
    }

    /// The way from the project to a node's folder, links followed.
    pub fn target_location(&self, node: NodeId) -> String {
        let target = self.tree.node(node).realpath().unwrap_or_default();
        relative_path(&self.directory, Path::new(target))
    }

    /// Whether a node came from a git repository.
    pub fn is_from_git(&self, node: NodeId) -> bool {
        self.resolved(node)
            .filter(|resolved| !resolved.is_empty())
            .and_then(|resolved| Specifier::parse(&resolved, "/").ok())
            .is_some_and(|specifier| matches!(specifier.kind(), SpecifierKind::Git(_)))
    }

    /// Whether an edge leads nowhere and must not.
    pub fn is_missing(&self, edge: EdgeId) -> bool {
        self.tree.edge_error(edge) == Some(dependency_resolver::EdgeError::Missing)
    }

    /// Whether an edge leads to what does not satisfy it.
    pub fn is_invalid(&self, edge: EdgeId) -> bool {
        self.tree.edge_error(edge) == Some(dependency_resolver::EdgeError::Invalid)
    }

    /// A field of a node's package document.
    pub fn field(&self, node: NodeId, key: &str) -> Option<&Value> {
        self.tree.node(node).package().json.get(key)
    }
}

/// Names where entries lack them, and from the lockfile where packages come from, as far as it speaks of the same
/// versions.
fn complete(installed: &mut Installed, project: &Path, lockfile: Option<&Lockfile>) {
    if !installed.from_hidden_lockfile {
        // the order in which npm comes to folders: level by level, those of scopes one step later
        installed.packages.sort_by_key(|package| {
            let location = &package.location;
            (
                location.matches("node_modules/").count(),
                location.rsplit("node_modules/").next().is_some_and(|name| name.starts_with('@')),
            )
        });
    }
    for package in &mut installed.packages {
        if installed.from_hidden_lockfile {
            complete_entry(package, project);
        }
        if package.resolved.is_some() && package.integrity.is_some() {
            continue;
        }
        let Some(entry) = lockfile.and_then(|lockfile| lockfile.packages.get(&package.location)) else {
            continue;
        };
        let version = package.package.get("version").and_then(Value::as_str);
        let is_other = |known: Option<&str>, locked: Option<&str>| {
            known.zip(locked).is_some_and(|(known, locked)| known != locked)
        };
        let locked = entry.0.get("version").and_then(Value::as_str);
        if entry.is_link()
            || is_other(version, locked)
            || is_other(package.resolved.as_deref(), entry.resolved())
            || is_other(package.integrity.as_deref(), entry.integrity())
        {
            continue;
        }
        let resolved = || {
            entry.resolved().map(|resolved| match resolved.strip_prefix("file:") {
                Some(file) => {
                    format!("file:{}", crate::workspaces::lexical_join(project, file).to_string_lossy())
                }
                None => resolved.to_owned(),
            })
        };
        package.resolved = package.resolved.take().or_else(resolved);
        package.integrity = package.integrity.take().or_else(|| entry.integrity().map(str::to_owned));
    }
}

/// The isolated layout links workspaces into node_modules only where the project depends on them. They belong to the
/// tree all the same, as in npm.
fn add_unlinked_workspaces(installed: &mut Installed, project: &Project) {
    let sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
    for workspace in &project.workspaces {
        let is_declared = |key: &&str| {
            let section = project.manifest.members().get(*key).and_then(Value::as_object);
            section.is_some_and(|section| section.contains_key(&workspace.name))
        };
        let location = format!("node_modules/{}", workspace.name);
        let target = relative_path(&project.directory, &workspace.path);
        let find = |location: &str| installed.packages.iter().find(|package| package.location == location);
        if sections.iter().any(is_declared) || find(&location).is_some() {
            continue;
        }
        let Some(package) = find(&target).map(|folder| folder.package.clone()) else { continue };
        let link = InstalledPackage {
            location,
            link_target: Some(target),
            package,
            resolved: None,
            integrity: None,
        };
        installed.packages.push(link);
    }
}

/// A hidden lockfile's entry made what package.json would have been. Folders outside node_modules are read: they
/// change under the user's hands.
fn complete_entry(package: &mut InstalledPackage, project: &Path) {
    let folder = project.join(&package.location);
    if package.link_target.is_none()
        && !package.location.contains("node_modules/")
        && let Some(document) = normalized_document(&folder)
    {
        package.package = document;
        return;
    }
    identify(&mut package.package, &folder);
}

/// The lockfile, its entries with names and identifiers, as package.json would have them.
fn with_identities(lockfile: &Lockfile, project: &Path) -> Lockfile {
    let mut lockfile = lockfile.clone();
    for (location, entry) in &mut lockfile.packages {
        if !location.is_empty() && !entry.is_link() {
            identify(&mut entry.0, &project.join(&**location));
        }
    }
    lockfile
}

fn identify(document: &mut Map<String, Value>, folder: &Path) {
    if !document.contains_key("name") {
        document.insert("name".to_owned(), name_from_directory(folder).into());
    }
    let text = |key: &str| document.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let (Some(name), Some(version)) = (text("name"), text("version")) {
        let id = format!("{name}@{version}");
        document.insert("_id".to_owned(), id.into());
    }
}

/// The folder of global packages depends on all that is in it, so that nothing in it is extraneous.
fn global_document(installed: &Installed, folder: &Path) -> Map<String, Value> {
    let mut dependencies = Map::new();
    for package in &installed.packages {
        let Some(name) = package.location.strip_prefix("node_modules/") else { continue };
        if name.contains("/node_modules/") {
            continue;
        }
        let spec = match &package.link_target {
            Some(target) => {
                let target = crate::workspaces::lexical_join(folder, target);
                format!("file:{}", target.to_string_lossy())
            }
            None => "*".to_owned(),
        };
        dependencies.insert(name.to_owned(), spec.into());
    }
    Map::from_iter([("dependencies".to_owned(), Value::Object(dependencies))])
}
