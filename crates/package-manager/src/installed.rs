//! What is installed: from the hidden lockfile where it can be trusted, else from the folders themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dependency_resolver::{InstalledPackage, is_isolated};
use npm_formats::lockfile::{Lockfile, LockfileEntry};
use package_store::{HIDDEN_LOCKFILE, NodeModulesWriter};
use serde_json::{Map, Value};

use crate::project::normalized_document;
use crate::workspaces::{lexical_join, name_from_directory};

/// The packages in the node_modules folders of a project.
#[derive(Debug, Default, Clone)]
pub struct Installed {
    /// All of them; parents before what is nested in them.
    pub packages: Vec<InstalledPackage>,
    /// Whether the hidden lockfile told.
    pub from_hidden_lockfile: bool,
}

impl Installed {
    /// Reads what is installed below a project.
    ///
    /// `members` are its workspaces, which nothing in node_modules need lead to.
    pub fn read(project: &Path, members: &[PathBuf]) -> Self {
        if NodeModulesWriter::is_unsettled(project) {
            return Self::read_folders(project, members);
        }
        Self::read_as_writer(project, members)
    }

    /// The same for the process that has begun to write there: the journal is its own.
    pub fn read_as_writer(project: &Path, members: &[PathBuf]) -> Self {
        match from_hidden_lockfile(project) {
            Some(packages) => Self { packages, from_hidden_lockfile: true },
            None => Self::read_folders(project, members),
        }
    }

    /// Reads what is installed below a project, looking at every package's folder.
    pub fn read_folders(project: &Path, members: &[PathBuf]) -> Self {
        Self { packages: from_folders(project, members), from_hidden_lockfile: false }
    }
}

/// The hidden lockfile's packages, unless a folder is newer than it, gone, or not listed.
fn from_hidden_lockfile(project: &Path) -> Option<Vec<InstalledPackage>> {
    let file = project.join("node_modules").join(HIDDEN_LOCKFILE);
    let written = file.metadata().ok()?.modified().ok()?;
    // npm allows for the file being written a moment before the last folder
    let written = written + std::time::Duration::from_millis(10);
    let bytes = std::fs::read(&file).ok()?;
    let lockfile = Lockfile::parse(&file.to_string_lossy(), &bytes).ok()?;
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for (location, entry) in &lockfile.packages {
        let path = project.join(location);
        if entry.is_link() {
            let target = std::fs::read_link(&path).ok()?;
            // a link to another entry of the isolated layout is another dependency
            if is_isolated(entry.resolved()?) && !leads_to(&path, &target, &project.join(entry.resolved()?)) {
                return None;
            }
        } else {
            // in the isolated layout nobody has written down what packages bundle
            if is_isolated(location) && has_bundle(entry) && !has_below(&lockfile, location) {
                return None;
            }
            let metadata = path.symlink_metadata().ok().filter(|metadata| metadata.is_dir())?;
            if location.contains("node_modules/") && metadata.modified().ok()? > written {
                return None;
            }
        }
        if let Some(at) = location.rfind("node_modules/") {
            folders.insert(project.join(&location[..at + "node_modules".len()]));
        }
    }
    folders.insert(project.join("node_modules"));
    let entries = isolated_entries(project);
    if !entries.iter().all(|entry| lockfile.packages.contains_key(entry)) {
        return None;
    }
    let listed = |folder: &Path, name: &str| {
        let path = folder.join(name);
        let location = path.strip_prefix(project).ok().map(|path| path.to_string_lossy().into_owned());
        location.is_some_and(|location| lockfile.packages.contains_key(&location))
    };
    for folder in &folders {
        if !package_names(folder).iter().all(|name| listed(folder, name)) {
            return None;
        }
    }
    let packages = lockfile.packages.iter().map(|(location, entry)| {
        let mut package = entry.0.clone();
        if !entry.is_link() && entry.name().is_none() {
            package.insert("name".to_owned(), name_from_directory(&project.join(location)).into());
        }
        InstalledPackage {
            location: location.clone(),
            link_target: entry.is_link().then(|| entry.resolved().unwrap_or_default().to_owned()),
            package,
            resolved: entry.resolved().map(str::to_owned),
            integrity: entry.integrity().map(str::to_owned),
        }
    });
    Some(packages.collect())
}

fn has_bundle(entry: &LockfileEntry) -> bool {
    entry
        .0
        .get("bundleDependencies")
        .is_some_and(|names| names.as_array().is_none_or(|names| !names.is_empty()))
}

fn has_below(lockfile: &Lockfile, location: &str) -> bool {
    let below = format!("{location}/node_modules/");
    lockfile.packages.keys().any(|other| other.starts_with(&below))
}

/// Whether a symbolic link's text leads to a path.
fn leads_to(link: &Path, text: &Path, path: &Path) -> bool {
    let Some(from) = link.parent() else { return false };
    lexical_join(from, &text.to_string_lossy()) == path
}

/// The locations of the entries of the isolated layout, whatever is in them.
fn isolated_entries(project: &Path) -> Vec<String> {
    let folder = project.join("node_modules").join(".store");
    // what a link leads to is not ours
    if !folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Vec::new();
    }
    package_names(&folder).into_iter().map(|name| format!("node_modules/.store/{name}")).collect()
}

/// The names of the packages in a node_modules folder.
fn package_names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for name in visible_names(folder) {
        if name.starts_with('@') {
            names.extend(
                visible_names(&folder.join(&name)).into_iter().map(|inner| format!("{name}/{inner}")),
            );
        } else {
            names.push(name);
        }
    }
    names
}

fn visible_names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_package =
        |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(is_package)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && name != "node_modules")
        .collect();
    names.sort_unstable();
    names
}

fn from_folders(project: &Path, members: &[PathBuf]) -> Vec<InstalledPackage> {
    let mut folders = Folders { project, found: Vec::new(), seen: BTreeSet::new(), targets: BTreeSet::new() };
    let entries = isolated_entries(project);
    folders.found.extend(entries.iter().map(|entry| plain(entry.clone(), Map::new())));
    folders.read(entries.iter().map(|entry| project.join(entry)).chain([project.to_owned()]).collect());
    // links lead to most of them, but not in the isolated layout, nor once the project's own node_modules is gone
    for member in members {
        let location = relative_location(project, member);
        let is_known = folders.found.iter().any(|package| package.location == location);
        if !is_known && folders.targets.insert(member.clone()) {
            let document = normalized_document(member).unwrap_or_default();
            folders.found.push(plain(location, document));
        }
        folders.read(vec![member.clone()]);
    }
    folders.found
}

/// What is found while folders are read.
struct Folders<'a> {
    project: &'a Path,
    found: Vec<InstalledPackage>,
    /// Folders whose node_modules has been read.
    seen: BTreeSet<PathBuf>,
    /// Folders that links lead to.
    targets: BTreeSet<PathBuf>,
}

impl Folders<'_> {
    /// Reads the node_modules of folders, from the last on, and of all packages in them.
    fn read(&mut self, mut pending: Vec<PathBuf>) {
        let relative = |path: &Path| relative_location(self.project, path);
        while let Some(folder) = pending.pop() {
            if !self.seen.insert(folder.clone()) {
                continue;
            }
            let modules = folder.join("node_modules");
            // what a link leads to is no part of an entry
            let is_link = modules.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
            if is_link && is_isolated(&relative(&folder)) {
                continue;
            }
            for name in package_names(&modules) {
                let path = modules.join(&name);
                let Ok(real) = std::fs::canonicalize(&path) else { continue };
                let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
                let package = normalized_document(&path).unwrap_or_default();
                let target = is_link.then(|| relative(&real));
                // an entry of the isolated layout is looked at for itself
                let is_folder = target.as_deref().is_some_and(|target| !is_isolated(target));
                if is_folder && self.targets.insert(real.clone()) {
                    self.found.push(plain(relative(&real), package.clone()));
                }
                self.found.push(InstalledPackage { link_target: target, ..plain(relative(&path), package) });
                pending.push(real);
            }
        }
    }
}

fn plain(location: String, package: Map<String, Value>) -> InstalledPackage {
    InstalledPackage { location, link_target: None, package, resolved: None, integrity: None }
}

/// The location of a path below a project; one outside begins with `../`.
pub(crate) fn relative_location(project: &Path, path: &Path) -> String {
    if let Ok(inside) = path.strip_prefix(project) {
        return inside.to_string_lossy().into_owned();
    }
    let shared = project.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), project.components().count() - shared);
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
