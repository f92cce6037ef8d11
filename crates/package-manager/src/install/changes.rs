//! What has to change in node_modules: the ideal tree against what is installed.

use std::collections::{BTreeMap, HashMap};

use dependency_resolver::{IdealTree, InstalledPackage, NodeId, Tree, should_omit};
use serde_json::{Map, Value};

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
    /// Every node that is to be in node_modules, by location.
    pub(super) wanted: BTreeMap<String, NodeId>,
    /// Locations to fill with a package or link.
    pub(super) fill: Vec<(String, NodeId)>,
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
        let mut changes = Self { is_partial: !matches!(scope, Scope::Whole), ..Self::default() };
        for node in tree.inventory(ideal.root) {
            let location = tree.node(node).location();
            if node == ideal.root || !is_in_modules(location) || is_left_out(tree, node, settings) {
                continue;
            }
            if !scope.contains(location) {
                continue;
            }
            changes.wanted.insert(location.to_owned(), node);
        }
        for (location, &node) in &changes.wanted {
            let current = present.get(location.as_str());
            // What is bundled comes with the package that bundles it. What only counts as bundled because it stands
            // where a bundled package finds it has a source of its own.
            let has_source = tree.node(node).resolved().is_some() || tree.node(node).integrity().is_some();
            let comes_bundled = !has_source && tree.in_dep_bundle(node);
            let is_same = current.is_some_and(|current| is_same(tree, node, current));
            if comes_bundled || (is_same && !anew.has(location)) {
                continue;
            }
            changes.fill.push((location.clone(), node));
            let change = package_change(tree, node, location);
            match current {
                None => changes.added.push(change),
                Some(_) if is_same => changes.added.push(change),
                Some(current) => {
                    changes.replaced.push((location.clone(), current.package.clone()));
                    changes.changed.push(change);
                }
            }
        }
        let mut gone: Vec<&InstalledPackage> = installed
            .packages
            .iter()
            .filter(|package| {
                is_in_modules(&package.location)
                    && scope.contains(&package.location)
                    && !changes.wanted.contains_key(&package.location)
            })
            .collect();
        gone.sort_by(|a, b| a.location.cmp(&b.location));
        for package in gone {
            let is_nested = changes.remove.iter().any(|above| {
                package.location.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'))
            });
            let name = package.location.rsplit("node_modules/").next().unwrap_or_default();
            let version =
                package.package.get("version").and_then(|version| version.as_str()).unwrap_or_default();
            changes.removed.push(PackageChange {
                name: name.to_owned(),
                version: version.to_owned(),
                location: package.location.clone(),
            });
            if !is_nested {
                changes.replaced.push((package.location.clone(), package.package.clone()));
                changes.remove.push(package.location.clone());
            }
        }
        changes
    }
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

/// Whether a node is in the lockfile but not to be installed.
fn is_left_out(tree: &Tree, node: NodeId, settings: &Settings) -> bool {
    let mut at = Some(node);
    while let Some(id) = at {
        if tree.node(id).is_inert() || should_omit(tree, id, settings.install.omit) {
            return true;
        }
        at = tree.node(id).parent();
    }
    !settings.workspaces.enabled && tree.is_workspace(node)
}

fn is_same(tree: &Tree, id: NodeId, current: &InstalledPackage) -> bool {
    let node = tree.node(id);
    let text = |key: &str| current.package.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    if node.is_link() {
        let target = node.target().map(|target| tree.node(target).location());
        return current.link_target.is_some() && current.link_target.as_deref() == target;
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
