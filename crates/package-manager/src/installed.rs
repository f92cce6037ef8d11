//! What is installed: from the hidden lockfile where it can be trusted, else from the folders themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dependency_resolver::InstalledPackage;
use npm_formats::lockfile::Lockfile;
use package_store::{HIDDEN_LOCKFILE, NodeModulesWriter};

use crate::project::{Project, normalized_document};

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
    pub fn read(project: &Path) -> Self {
        if NodeModulesWriter::is_unsettled(project) {
            return Self::read_folders(project);
        }
        Self::read_as_writer(project)
    }

    /// The same for the process that has begun to write there: the journal is its own.
    pub fn read_as_writer(project: &Path) -> Self {
        match from_hidden_lockfile(project) {
            Some(packages) => Self { packages, from_hidden_lockfile: true },
            None => Self::read_folders(project),
        }
    }

    /// Reads what is installed below a project, looking at every package's folder.
    pub fn read_folders(project: &Path) -> Self {
        Self { packages: from_folders(project, vec![project.to_owned()]), from_hidden_lockfile: false }
    }

    /// Adds what is in the workspaces to which no link leads yet, unless the hidden lockfile told.
    pub fn add_workspaces(&mut self, project: &Project) {
        if self.from_hidden_lockfile {
            return;
        }
        for workspace in &project.workspaces {
            let location = relative_location(&project.directory, &workspace.path);
            if self.packages.iter().any(|package| package.location == location) {
                continue;
            }
            self.packages.push(InstalledPackage {
                location,
                link_target: None,
                package: normalized_document(&workspace.path).unwrap_or_default(),
                resolved: None,
                integrity: None,
            });
            self.packages.extend(from_folders(&project.directory, vec![workspace.path.clone()]));
        }
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
            path.symlink_metadata().ok().filter(|metadata| metadata.is_symlink())?;
        } else {
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
    let packages = lockfile.packages.iter().map(|(location, entry)| InstalledPackage {
        location: location.clone(),
        link_target: entry.is_link().then(|| entry.resolved().unwrap_or_default().to_owned()),
        package: entry.0.clone(),
        resolved: entry.resolved().map(str::to_owned),
        integrity: entry.integrity().map(str::to_owned),
    });
    Some(packages.collect())
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
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_unstable();
    names
}

/// The packages in the node_modules of folders, and in those of what they link to.
fn from_folders(project: &Path, mut pending: Vec<PathBuf>) -> Vec<InstalledPackage> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    while let Some(folder) = pending.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        let modules = folder.join("node_modules");
        for name in package_names(&modules) {
            let path = modules.join(&name);
            let Ok(real) = std::fs::canonicalize(&path) else { continue };
            let relative = |path: &Path| relative_location(project, path);
            let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
            let package = normalized_document(&path).unwrap_or_default();
            let target = is_link.then(|| relative(&real));
            if is_link {
                found.push(InstalledPackage {
                    location: relative(&real),
                    link_target: None,
                    package: package.clone(),
                    resolved: None,
                    integrity: None,
                });
            }
            found.push(InstalledPackage {
                location: relative(&path),
                link_target: target,
                package,
                resolved: None,
                integrity: None,
            });
            pending.push(real);
        }
    }
    found
}

/// The location of a path below a project; one outside begins with `../`.
fn relative_location(project: &Path, path: &Path) -> String {
    if let Ok(inside) = path.strip_prefix(project) {
        return inside.to_string_lossy().into_owned();
    }
    let shared = project.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), project.components().count() - shared);
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
