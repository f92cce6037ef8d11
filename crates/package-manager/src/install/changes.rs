//! What has to change in node_modules: the ideal tree against what is installed.

use std::collections::{HashMap, HashSet};

use dependency_resolver::{IdealTree, InstalledPackage, NodeId, Tree, is_isolated};
use npm_formats::config::InstallStrategy;
use serde_json::{Map, Value};

use super::layout::{self, Content, Place, Places};
use super::scope::Scope;
use super::{InstallError, PackageChange};
use crate::installed::Installed;
use crate::project::Project;
use crate::settings::Settings;

/// What is put into place again although it is there.
#[derive(Debug)]
pub(super) enum Anew<'a> {
    Everything,
    /// Locations that an install filled which did not come to its end: they lack their executables, and their
    /// scripts have not run.
    These(&'a [String]),
}

impl Anew<'_> {
    fn has(&self, location: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::These(locations) => locations.iter().any(|each| each == location),
        }
    }
}

/// The difference between the ideal tree and what is installed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Everything that is to be in node_modules, by location.
    pub(super) wanted: Places,
    /// Links to workspaces that the layout has no place for.
    pub(super) unlinked_workspaces: Vec<NodeId>,
    /// Locations to fill with a package or link.
    pub(super) fill: Vec<(String, Place)>,
    /// Locations to empty.
    pub(super) remove: Vec<String>,
    pub(super) added: Vec<PackageChange>,
    pub(super) changed: Vec<PackageChange>,
    pub(super) removed: Vec<PackageChange>,
    /// Locations whose package goes or gives way, with that package's document.
    pub(super) replaced: Vec<(String, Map<String, Value>)>,
    /// Whether there are packages in node_modules that are none of this installation's business.
    pub(super) is_partial: bool,
}

impl Changes {
    /// Compares within a scope. What is to be filled `anew` is so whatever is there.
    pub(super) fn between(
        ideal: &IdealTree,
        installed: &Installed,
        settings: &Settings,
        scope: &Scope,
        anew: &Anew<'_>,
    ) -> Self {
        let tree = &ideal.tree;
        let present: HashMap<&str, &InstalledPackage> =
            installed.packages.iter().map(|package| (package.location.as_str(), package)).collect();
        let is_partial = !matches!(scope, Scope::Whole);
        let mut changes = Self { wanted: layout::lay_out(ideal, settings), is_partial, ..Self::default() };
        changes.wanted.retain(|location, _| scope.contains(location));
        for (location, place) in &changes.wanted {
            let current = present.get(location.as_str());
            let is_same = current.is_some_and(|current| is_same(tree, place, current));
            // what is bundled comes with the package that bundles it
            if place.content == Content::Bundled || (is_same && !anew.has(location)) {
                continue;
            }
            changes.fill.push((location.clone(), place.clone()));
            let change = package_change(tree, place.node, location);
            match current {
                None => changes.added.push(change),
                Some(_) if is_same => changes.added.push(change),
                Some(current) => {
                    changes.replaced.push((location.clone(), current.package.clone()));
                    changes.changed.push(change);
                }
            }
        }
        let is_linked = layout::strategy(settings) == InstallStrategy::Linked;
        let mut gone: Vec<&InstalledPackage> = installed
            .packages
            .iter()
            .filter(|package| {
                is_in_modules(&package.location)
                    && scope.contains(&package.location)
                    && !changes.wanted.contains_key(&package.location)
                    && !(is_linked && (leads_out(package) || is_carried(&package.location)))
            })
            .collect();
        gone.sort_by(|a, b| a.location.cmp(&b.location));
        for package in gone {
            if is_entry(&package.location) && changes.has_wanted_below(&package.location) {
                continue;
            }
            let is_nested = changes.remove.iter().any(|above| {
                package.location.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'))
            });
            if !is_nested {
                changes.remove.push(package.location.clone());
            }
            if is_entry(&package.location) {
                continue;
            }
            let is_link_to_entry = package.link_target.as_deref().is_some_and(is_isolated);
            if !is_link_to_entry && !is_carried(&package.location) {
                changes.removed.push(removed(package));
            }
            if !is_nested {
                changes.replaced.push((package.location.clone(), package.package.clone()));
            }
        }
        if is_linked {
            changes.count_packages_once(tree);
            let is_workspace = |&node: &NodeId| {
                tree.node(node).is_link() && tree.is_workspace(node) && settings.workspaces.enabled
            };
            changes.unlinked_workspaces =
                tree.inventory(ideal.root).into_iter().filter(is_workspace).collect();
        }
        changes
    }

    /// The locations at which nodes of the tree are installed as packages.
    pub(super) fn locations(&self) -> HashMap<NodeId, &str> {
        let packages = self.wanted.iter().filter(|(_, place)| place.content == Content::Package);
        packages.map(|(location, place)| (place.node, location.as_str())).collect()
    }

    /// The links of the ideal tree that lead from the project to folders whose scripts are run, each once. In the
    /// isolated layout workspaces are among them that nothing in node_modules leads to.
    pub(super) fn links(&self, ideal: &IdealTree) -> Vec<NodeId> {
        let tree = &ideal.tree;
        let is_direct =
            |&node: &NodeId| tree.node(node).is_link() && tree.node(node).parent() == Some(ideal.root);
        let mut links: Vec<NodeId> = self
            .wanted
            .values()
            .map(|place| place.node)
            .chain(self.unlinked_workspaces.iter().copied())
            .collect();
        links.retain(is_direct);
        links.sort_by(|&a, &b| tree.node(a).location().cmp(tree.node(b).location()));
        links.dedup();
        links
    }

    fn has_wanted_below(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        let mut after = self.wanted.range(below.clone()..);
        after.next().is_some_and(|(location, _)| location.starts_with(&below))
    }

    /// Of the isolated layout the packages are counted, not the links to them; nor what only has another key, as
    /// something that it depends on has changed.
    fn count_packages_once(&mut self, tree: &Tree) {
        let identity = |change: &PackageChange| (change.name.clone(), change.version.clone());
        let is_link = |change: &PackageChange| {
            let place = self.wanted.get(&change.location);
            place.is_some_and(|place| matches!(place.content, Content::Entry { .. } | Content::Folder { .. }))
        };
        self.added.retain(|change| !is_link(change));
        self.changed.retain(|change| !is_link(change));
        let own = |change: &PackageChange| match self.wanted.get(&change.location) {
            Some(place) => package_name_of(tree, place.node),
            None => change.name.clone(),
        };
        for change in self.added.iter_mut().chain(&mut self.changed) {
            change.name = own(change);
        }
        let in_entries = |changes: &[PackageChange]| -> HashSet<(String, String)> {
            changes.iter().filter(|change| is_isolated(&change.location)).map(identity).collect()
        };
        let (came, went) = (in_entries(&self.added), in_entries(&self.removed));
        self.added.retain(|change| !(is_isolated(&change.location) && went.contains(&identity(change))));
        self.removed.retain(|change| !(is_isolated(&change.location) && came.contains(&identity(change))));
    }
}

/// The name by which a package is told in reports: its own.
fn package_name_of(tree: &Tree, node: NodeId) -> String {
    tree.node(node).package().name().unwrap_or_else(|| tree.name(node)).to_string()
}

fn removed(package: &InstalledPackage) -> PackageChange {
    let name = package.location.rsplit("node_modules/").next().unwrap_or_default();
    let version = package.package.get("version").and_then(|version| version.as_str()).unwrap_or_default();
    PackageChange { name: name.to_owned(), version: version.to_owned(), location: package.location.clone() }
}

/// Whether a location is that of a whole entry of the isolated layout, rather than of a package in it.
fn is_entry(location: &str) -> bool {
    location.rsplit("node_modules/").next().is_some_and(|name| name.starts_with(".store/"))
}

/// Whether a location is inside a package of the isolated layout, which has it from its own tarball.
fn is_carried(location: &str) -> bool {
    let entry =
        location.find("node_modules/.store/").and_then(|at| location.get(at + "node_modules/".len()..));
    entry.is_some_and(|entry| entry.matches("/node_modules/").count() > 1)
}

/// Links that lead out of the project are somebody's own (`link`), as in npm.
fn leads_out(package: &InstalledPackage) -> bool {
    package.link_target.as_deref().is_some_and(|target| target.starts_with("../") || target.starts_with('/'))
}

fn package_change(tree: &Tree, node: NodeId, location: &str) -> PackageChange {
    PackageChange {
        name: tree.name(node).to_string(),
        version: tree.node(node).version().to_owned(),
        location: location.to_owned(),
    }
}

/// Whether a location is inside some node_modules folder of the project, rather than a workspace's own folder or
/// one that a link leads to elsewhere.
pub(super) fn is_in_modules(location: &str) -> bool {
    let is_elsewhere = location.starts_with("../") || location.starts_with('/');
    !is_elsewhere && (location.starts_with("node_modules/") || location.contains("/node_modules/"))
}

fn is_same(tree: &Tree, place: &Place, current: &InstalledPackage) -> bool {
    let node = tree.node(place.node);
    let text = |key: &str| current.package.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    if let Content::Folder { target } | Content::Entry { target } = &place.content {
        return current.link_target.as_ref() == Some(target);
    }
    if current.link_target.is_some() || text("version") != node.version() {
        return false;
    }
    if let (Some(wanted), Some(present)) = (node.integrity(), &current.integrity) {
        return wanted == present;
    }
    if let (Some(wanted), Some(present)) = (node.resolved(), &current.resolved) {
        return wanted == present;
    }
    let name = if text("name").is_empty() { None } else { Some(text("name")) };
    let own = node.package().name().map(|name| &**name);
    name.is_none() || own.is_none() || name == own
}

/// `ci` wants a lockfile that already has everything, at the right versions.
///
/// Packages that only optional dependencies lead to may be missing from it: npm leaves out those that could
/// not be had when it was written.
pub(super) fn check_in_sync(ideal: &IdealTree, project: &Project) -> Result<(), InstallError> {
    let Some(lockfile) = &project.lockfile else { return Ok(()) };
    let tree = &ideal.tree;
    let mut differences = Vec::new();
    for node in tree.inventory(ideal.root) {
        let known = tree.node(node);
        let location = known.location();
        if node == ideal.root || known.flags().optional || !is_in_modules(location) {
            continue;
        }
        let id = format!("{}@{}", tree.name(node), known.version());
        match lockfile.get(location) {
            None => differences.push(format!("{id} is missing from the lockfile")),
            Some(entry) if !known.is_link() && !entry.is_link() => {
                let locked = entry.version().unwrap_or_default();
                if locked != known.version() {
                    differences.push(format!("the lockfile has {locked} of {id}"));
                }
            }
            Some(_) => {}
        }
    }
    differences.truncate(12);
    if differences.is_empty() { Ok(()) } else { Err(InstallError::OutOfSync { differences }) }
}
