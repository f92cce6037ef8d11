//! The tree to start from: the root, then the lockfile's tree, or what is installed, or nothing more.

use std::sync::Arc;

use npm_formats::integrity::Integrity;
use npm_formats::lockfile::{Lockfile, LockfileEntry};
use serde_json::{Map, Value};

use super::{Builder, Warning};
use crate::error::ResolveError;
use crate::flags::{calculate_flags, reset_flags};
use crate::metadata::Contents;
use crate::options::Update;
use crate::package::Package;
use crate::paths;
use crate::spec::Requirement;
use crate::tree::{EdgeKind, Flags, NodeId, NodeInit, OrderedMap, Tree};

/// What there is before the resolution.
#[derive(Debug, Clone)]
pub struct Start {
    /// The project's absolute real path.
    pub path: String,
    /// The project's normalised package.json; empty if it has none.
    pub package: Map<String, Value>,
    /// Workspaces in npm's order: name and absolute real folder.
    pub workspaces: Vec<(String, String)>,
    /// package.json of folders that links lead to, by absolute path; normalised. Where one is missing the
    /// lockfile's entry stands.
    pub folders: std::collections::HashMap<String, Map<String, Value>>,
    /// The lockfile, if there is one and it is to be used.
    pub lockfile: Option<Arc<Lockfile>>,
    /// Whether a lockfile is there, used or not.
    pub has_lockfile: bool,
    /// What node_modules holds; looked at where there is no lockfile to start from.
    pub installed: Vec<InstalledPackage>,
    /// Specs that the root has for the global packages to be updated.
    pub update: Update,
}

/// A package found in a node_modules folder.
#[derive(Debug, Clone)]
pub struct InstalledPackage {
    /// Where: `node_modules/a/node_modules/b`, or the folder of a link's target.
    pub location: String,
    /// The location of what it links to, if it is a link.
    pub link_target: Option<String>,
    /// Its normalised package.json, or the hidden lockfile's entry.
    pub package: Map<String, Value>,
    /// Where it came from, if known.
    pub resolved: Option<String>,
    /// Its integrity, if known.
    pub integrity: Option<String>,
}

impl Start {
    /// The same project with nothing locked and nothing installed.
    pub fn bare(&self) -> Self {
        Self {
            path: self.path.clone(),
            package: self.package.clone(),
            workspaces: self.workspaces.clone(),
            folders: Default::default(),
            lockfile: None,
            has_lockfile: false,
            installed: Vec::new(),
            update: Update::Nothing,
        }
    }
}

impl Builder<'_> {
    /// Makes the tree to start from and queues every node that has something missing or wrong.
    pub(super) fn start(&mut self, start: Start) -> Result<NodeId, ResolveError> {
        self.root = add_root(&mut self.tree, &start, self.options.global)?;
        let updates_all = start.update == Update::All;
        if let Some(lockfile) = start.lockfile.as_ref().filter(|_| !updates_all && !self.options.global) {
            add_lockfile(&mut self.tree, self.root, lockfile, &start.folders)?;
            self.started_from_disk = true;
            self.started_from_lockfile = true;
            self.is_old_lockfile = lockfile.original_lockfile_version.is_none_or(|version| version < 2);
        } else {
            self.started_from_disk = start.has_lockfile;
        }
        let takes_installed = if self.options.global {
            matches!(start.update, Update::Names(_))
        } else {
            !updates_all && !self.started_from_disk
        };
        if takes_installed && !start.installed.is_empty() {
            add_installed(&mut self.tree, self.root, &start.installed);
            reset_flags(&mut self.tree, self.root);
            calculate_flags(&mut self.tree, self.root, true);
            self.started_from_disk |= self.tree.node(self.root).children().next().is_some();
        }
        if !self.options.global && !updates_all && !start.has_lockfile && start.lockfile.is_none() {
            self.add_workspaces(&start.workspaces);
        }
        self.queue_broken_nodes();
        Ok(self.root)
    }

    /// Without a lockfile the folders of workspaces are in the tree before anything links to them.
    fn add_workspaces(&mut self, workspaces: &[(String, String)]) {
        for (_, folder) in workspaces {
            let root = self.root;
            let location = paths::relative(self.tree.node(root).path().unwrap_or("/"), folder);
            if self.tree.at_location(root, &location).is_some() {
                continue;
            }
            let package = Package::new(self.metadata.folder(folder).unwrap_or_default());
            let name = package.name().map(|name| self.tree.names.intern(name));
            let set = self.tree.node(root).rule;
            let rule = set.map(|set| self.tree.overrides.node_rule(set, name, package.parsed_version()));
            self.tree.add_node(NodeInit {
                path: Some(folder.as_str().into()),
                package: Some(Arc::new(package)),
                root: Some(root),
                rule,
                ..NodeInit::default()
            });
        }
    }

    fn queue_broken_nodes(&mut self) {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![self.root];
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            let mut is_broken = false;
            for edge in self.tree.node(node).edges_out() {
                let known = self.tree.edge(edge);
                stack.extend(known.to);
                let is_trusted =
                    known.kind == EdgeKind::PeerOptional && !self.options.save && !self.change_requested;
                is_broken |= !is_trusted && (known.to.is_none() || !self.tree.edge_is_valid(edge));
            }
            if is_broken {
                self.queue.push(&self.tree, node);
            }
        }
    }

    /// Lockfiles of npm 6 and older say little about packages: what they lack is taken from the registry.
    pub(super) fn inflate_old_lockfile(&mut self) {
        if !self.is_old_lockfile || self.tree.inventory(self.root).len() < 2 {
            return;
        }
        let mut failed = Vec::new();
        for node in self.tree.inventory(self.root) {
            let known = self.tree.node(node);
            if node == self.root || known.is_link || !known.location().starts_with("node_modules") {
                continue;
            }
            // under this name npm asks for it, even where it is another's alias
            let name = self.tree.name(node).clone();
            let version = known.version().to_owned();
            let integrity = known.integrity().map(str::to_owned);
            let resolved = known.resolved().map(str::to_owned);
            let outside = resolved.filter(|resolved| version.is_empty() || resolved.starts_with("file:"));
            let spec = outside.unwrap_or(version);
            let requirement = Requirement::parse(&name, &spec);
            match self.registry_manifest(&name, &requirement) {
                Ok(package) if is_what_was_locked(&package, integrity.as_deref()) => {
                    self.tree.set_package(node, package);
                }
                _ => failed.push(format!("{name}@{spec}")),
            }
        }
        reset_flags(&mut self.tree, self.root);
        calculate_flags(&mut self.tree, self.root, true);
        self.warnings.push(Warning::OldLockfile { failed });
    }
}

/// Whether a package's integrity does not speak against what a lockfile has.
fn is_what_was_locked(package: &Package, locked: Option<&str>) -> bool {
    let parse = |text: &str| Integrity::parse(text).ok();
    let found = package.json.get("_integrity").and_then(Value::as_str).and_then(parse);
    match (locked.and_then(parse), found) {
        // digests of different kinds say nothing about each other
        (Some(locked), Some(found)) => {
            locked.algorithms().all(|algorithm| found.of(algorithm).next().is_none())
                || locked.matches(&found).is_some()
        }
        _ => true,
    }
}

/// Adds the root of a project, with its overrides and workspaces.
pub(crate) fn add_root(tree: &mut Tree, start: &Start, global: bool) -> Result<NodeId, ResolveError> {
    let package = Arc::new(Package::new(start.package.clone()));
    let overrides = start.package.get("overrides");
    let rule = tree.overrides.load(&mut tree.names, overrides)?;
    let root = tree.add_node(NodeInit {
        path: Some(start.path.as_str().into()),
        package: Some(package),
        flags: Some(Flags::UNSET),
        rule,
        global,
        ..NodeInit::default()
    });
    if !start.workspaces.is_empty() {
        let workspaces = start
            .workspaces
            .iter()
            .map(|(name, path)| (tree.names.intern(name), Arc::from(path.as_str())))
            .collect();
        tree.set_workspaces(root, workspaces);
    }
    Ok(root)
}

/// Adds the packages of a lockfile below a root, or below a package that carries a shrinkwrap.
pub(crate) fn add_lockfile(
    tree: &mut Tree,
    root: NodeId,
    lockfile: &Lockfile,
    folders: &std::collections::HashMap<String, Map<String, Value>>,
) -> Result<(), ResolveError> {
    let base = tree.node(root).path.clone().unwrap_or_default();
    let tree_root = tree.root(root);
    let mut nodes: OrderedMap<&str, NodeId> = OrderedMap::default();
    nodes.insert("", root);
    for (location, entry) in &lockfile.packages {
        record_git_specs(tree, location, entry);
        if location.is_empty() || entry.is_link() {
            continue;
        }
        if location.starts_with('/') || (tree_root != root && leaves(location)) {
            return Err(ResolveError::InvalidLocation { location: location.clone() });
        }
        let path: Arc<str> = paths::resolve(&base, location).into();
        let node = add_entry(tree, tree_root, path, entry);
        nodes.insert(location, node);
    }
    let mut links = Vec::new();
    for (location, entry) in lockfile.packages.iter().filter(|(_, entry)| entry.is_link()) {
        let target_path = paths::resolve(&base, entry.resolved().unwrap_or_default());
        let target_location = paths::relative(&base, &target_path);
        let Some(&target) = nodes.get(target_location.as_str()) else {
            return Err(ResolveError::MissingTarget { location: location.clone(), target: target_location });
        };
        let flags = tree.node(target).flags;
        let path = paths::resolve(&base, location);
        let init = NodeInit {
            path: Some(path.into()),
            package: Some(tree.node(target).package.clone()),
            root: Some(tree_root),
            flags: Some(flags),
            ..NodeInit::default()
        };
        links.push(tree.add_link(init, target_path.as_str().into(), Some(target)));
        // folders outside node_modules change under the user's hands
        if tree.node(target).parent.is_none()
            && target != root
            && let Some(document) = folders.get(&target_path)
        {
            tree.set_package(target, Arc::new(Package::new(document.clone())));
        }
    }
    if lockfile.original_lockfile_version.is_none_or(|version| version < 2) {
        assign_bundles(tree, nodes.values().copied());
    }
    for &node in nodes.values().chain(&links).filter(|&&node| node != root) {
        tree.node_mut(node).flags = Flags::SET;
    }
    calculate_flags(tree, root, false);
    Ok(())
}

fn leaves(location: &str) -> bool {
    let inside = paths::resolve("/root", location);
    !inside.starts_with("/root/")
}

fn add_entry(tree: &mut Tree, root: NodeId, path: Arc<str>, entry: &LockfileEntry) -> NodeId {
    let mut document = entry.0.clone();
    if entry.name().is_none() {
        document.insert("name".to_owned(), paths::name_from_folder(&path).into());
    }
    let resolved = entry.resolved().map(|resolved| match resolved.strip_prefix("file:") {
        Some(file) => {
            let base = tree.node(root).path.as_deref().unwrap_or("/");
            format!("file:{}", paths::resolve(base, file)).into()
        }
        None => Arc::from(resolved),
    });
    let optional = entry.is_optional();
    let flags = Flags {
        extraneous: entry.is_extraneous(),
        dev: entry.is_dev(),
        optional,
        dev_optional: entry.is_dev_optional() || entry.is_dev() || optional,
        peer: entry.is_peer(),
    };
    tree.add_node(NodeInit {
        path: Some(path),
        package: Some(Arc::new(Package::new(document))),
        resolved,
        integrity: entry.integrity().map(Arc::from),
        has_shrinkwrap: entry.has_shrinkwrap(),
        root: Some(root),
        flags: Some(flags),
        ..NodeInit::default()
    })
}

/// Old lockfiles mark bundled packages but not who bundles them.
fn assign_bundles(tree: &mut Tree, nodes: impl Iterator<Item = NodeId>) {
    for node in nodes {
        let Some(parent) = tree.node(node).parent else { continue };
        let is_bundled = |id: NodeId, tree: &Tree| tree.node(id).package.flag("inBundle");
        let name = tree.node(node).name;
        if !is_bundled(node, tree) || is_bundled(parent, tree) || tree.edge_out(parent, name).is_none() {
            continue;
        }
        let mut document = tree.node(parent).package.json.clone();
        let bundled = document.entry("bundleDependencies").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(bundled) = bundled {
            bundled.push(tree.name(node).to_string().into());
        }
        tree.set_package(parent, Arc::new(Package::new(document)));
    }
}

/// Remembers which git references the lockfile's dependents asked for.
fn record_git_specs(tree: &mut Tree, location: &str, entry: &LockfileEntry) {
    for key in ["peerDependencies", "devDependencies", "optionalDependencies", "dependencies"] {
        let Some(section) = entry.0.get(key).and_then(Value::as_object) else { continue };
        for (name, spec) in section {
            if let Some(spec) = spec.as_str().filter(|spec| spec.contains('/')) {
                tree.locked_git_specs.insert((location.into(), name.as_str().into()), spec.into());
            }
        }
    }
}

/// Adds what is in node_modules below a root.
pub(crate) fn add_installed(tree: &mut Tree, root: NodeId, installed: &[InstalledPackage]) {
    let base = tree.node(root).path.clone().unwrap_or_default();
    for package in installed.iter().filter(|package| package.link_target.is_none()) {
        tree.add_node(NodeInit {
            path: Some(paths::resolve(&base, &package.location).into()),
            package: Some(Arc::new(Package::new(package.package.clone()))),
            resolved: package.resolved.as_deref().map(Arc::from),
            integrity: package.integrity.as_deref().map(Arc::from),
            // the hidden lockfile says so; a package's own document does not
            has_shrinkwrap: package.package.get("hasShrinkwrap").is_some_and(crate::package::is_truthy),
            root: Some(root),
            ..NodeInit::default()
        });
    }
    for package in installed {
        let Some(target) = &package.link_target else { continue };
        let realpath = paths::resolve(&base, target);
        let target = tree.at_location(root, &paths::relative(&base, &realpath));
        // a hidden lockfile says of a link only where it leads
        let document = match target {
            Some(target) => tree.node(target).package.clone(),
            None => Arc::new(Package::new(package.package.clone())),
        };
        let init = NodeInit {
            path: Some(paths::resolve(&base, &package.location).into()),
            package: Some(document),
            root: Some(root),
            ..NodeInit::default()
        };
        tree.add_link(init, realpath.into(), target);
    }
}

/// Adds what a tarball carries below its node.
pub(super) fn add_contents(tree: &mut Tree, node: NodeId, contents: Contents) -> Result<(), ResolveError> {
    if let Some(shrinkwrap) = contents.shrinkwrap.filter(|_| tree.node(node).has_shrinkwrap) {
        add_lockfile(tree, node, &shrinkwrap, &Default::default())?;
    }
    let base = tree.node(node).path.clone().unwrap_or_default();
    let root = tree.root(node);
    for (location, document) in contents.packages {
        if !location.starts_with("node_modules/") || leaves(&location) {
            continue;
        }
        let path = paths::resolve(&base, &location);
        let existing = tree.at_location(root, &paths::relative(tree.node(root).path().unwrap_or("/"), &path));
        // what the lockfile had may have been filled up from outside since
        if let Some(existing) = existing {
            tree.remove(existing);
        }
        tree.add_node(NodeInit {
            path: Some(path.into()),
            package: Some(Arc::new(Package::new(document))),
            root: Some(root),
            ..NodeInit::default()
        });
    }
    calculate_flags(tree, node, false);
    Ok(())
}
