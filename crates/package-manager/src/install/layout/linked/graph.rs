//! Who gets links to whom.

use std::sync::Arc;

use dependency_resolver::{EdgeId, EdgeKind, IdealTree, NodeId, Tree};
use npm_formats::collation;
use npm_formats::config::OmitSet;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::super::is_left_out;
use crate::settings::Settings;

/// One dependency that is met.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    /// The name under which it is asked for.
    pub(super) name: Arc<str>,
    /// A package, or a link to a folder.
    pub(super) to: NodeId,
    /// Whether it is somebody's own folder, which stays where it is.
    pub(super) is_folder: bool,
}

/// The dependencies of an ideal tree as the isolated layout has them.
pub(super) struct Graph<'a> {
    tree: &'a Tree,
    root: NodeId,
    settings: &'a Settings,
    /// Workspaces that the project itself asks for, by name.
    declared: FxHashSet<String>,
    dependencies: FxHashMap<NodeId, Vec<Dependency>>,
    folders: Vec<NodeId>,
    packages: Vec<NodeId>,
    bundled: Vec<NodeId>,
}

impl<'a> Graph<'a> {
    pub(super) fn of(ideal: &'a IdealTree, settings: &'a Settings) -> Self {
        let mut graph = Self {
            tree: &ideal.tree,
            root: ideal.root,
            settings,
            declared: declared(&ideal.tree, ideal.root, settings.install.omit),
            dependencies: FxHashMap::default(),
            folders: Vec::new(),
            packages: Vec::new(),
            bundled: Vec::new(),
        };
        graph.folders = graph.find_folders();
        graph.find_dependencies();
        graph.packages = graph.order_packages();
        graph.bundled = graph.find_bundled();
        graph
    }

    pub(super) fn tree(&self) -> &Tree {
        self.tree
    }

    /// The project, its workspaces, and folders that are depended on.
    pub(super) fn folders(&self) -> &[NodeId] {
        &self.folders
    }

    /// The packages that get an entry; those that others depend on come before them, as far as there is no cycle.
    pub(super) fn packages(&self) -> &[NodeId] {
        &self.packages
    }

    /// What the project and its workspaces bundle, with all that it needs.
    pub(super) fn bundled(&self) -> &[NodeId] {
        &self.bundled
    }

    /// What a node depends on, in the order in which npm's keys have it.
    pub(super) fn dependencies(&self, node: NodeId) -> &[Dependency] {
        self.dependencies.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Every node that something leads to from the folders, and they themselves.
    pub(super) fn reached(&self) -> impl Iterator<Item = NodeId> {
        self.dependencies.keys().copied()
    }

    fn find_folders(&self) -> Vec<NodeId> {
        let is_folder = |&node: &NodeId| {
            let known = self.tree.node(node);
            node == self.root
                || !known.is_link()
                    && known.parent().is_none()
                    && !known.flags().extraneous
                    && !is_left_out(self.tree, node, self.settings)
                    && (self.settings.workspaces.enabled || !self.tree.is_workspace(node))
        };
        self.tree.inventory(self.root).into_iter().filter(is_folder).collect()
    }

    /// Of all that can be reached, what is left out included: keys have that too.
    fn find_dependencies(&mut self) {
        let mut pending = self.folders.clone();
        while let Some(node) = pending.pop() {
            if self.dependencies.contains_key(&node) {
                continue;
            }
            let found = self.dependencies_of(node);
            pending.extend(found.iter().map(|dependency| self.tree.followed(dependency.to)));
            self.dependencies.insert(node, found);
        }
    }

    /// Packages, then folders, then what is optional; each in the order of the edges.
    fn dependencies_of(&self, node: NodeId) -> Vec<Dependency> {
        let tree = self.tree;
        let (mut needed, mut optional): (Vec<Dependency>, Vec<Dependency>) = (Vec::new(), Vec::new());
        for edge in self.edges_as_locked(node).into_iter().filter(|&edge| self.counts(node, edge)) {
            let Some(to) = tree.edge_to(edge) else { continue };
            let dependency = self.dependency(tree.edge_name(edge).clone(), to);
            match tree.edge_kind(edge).is_optional() {
                true => optional.push(dependency),
                false => needed.push(dependency),
            }
        }
        self.add_unasked_peers(node, &mut needed, &mut optional);
        let (folders, mut all): (Vec<_>, Vec<_>) = needed.into_iter().partition(|each| each.is_folder);
        all.extend(folders);
        all.extend(optional);
        all.retain(|each| !tree.node(each.to).is_inert() && !tree.node(tree.followed(each.to)).is_inert());
        all
    }

    /// A node's edges in the order in which a lockfile has them, section by section: keys follow their order, and
    /// must be the same with and without a lockfile.
    fn edges_as_locked(&self, node: NodeId) -> Vec<EdgeId> {
        let tree = self.tree;
        let mut edges: Vec<EdgeId> = tree.node(node).edges_out().collect();
        let section = |edge| match tree.edge_kind(edge) {
            EdgeKind::PeerOptional => EdgeKind::Peer,
            kind => kind,
        };
        let mut sections = Vec::new();
        for &edge in &edges {
            if !sections.contains(&section(edge)) {
                sections.push(section(edge));
            }
        }
        let rank = |edge| sections.iter().position(|&kind| kind == section(edge));
        edges.sort_by(|&a, &b| {
            let by_name = || collation::compare(tree.edge_name(a), tree.edge_name(b));
            rank(a).cmp(&rank(b)).then_with(by_name)
        });
        edges
    }

    fn dependency(&self, name: Arc<str>, to: NodeId) -> Dependency {
        let is_folder = self.tree.node(to).is_link() || self.tree.is_workspace(to);
        Dependency { name, to, is_folder }
    }

    /// Whether an edge gets a link: not where the package brings what it leads to, the kind is left out, or it is the
    /// one that every project has to its workspaces.
    fn counts(&self, from: NodeId, edge: EdgeId) -> bool {
        let tree = self.tree;
        let Some(to) = tree.edge_to(edge) else { return false };
        if tree.node(from).package().bundled().iter().any(|bundled| bundled == tree.name(to)) {
            return false;
        }
        let kind = tree.edge_kind(edge);
        let is_own = from == self.root || tree.is_workspace(from);
        if is_own && is_omitted(kind, self.settings.install.omit) {
            return false;
        }
        let target = tree.followed(to);
        if from == self.root && tree.is_workspace(target) {
            let is_declared =
                tree.node(target).package().name().is_some_and(|name| self.declared.contains(&**name));
            return is_declared && self.settings.workspaces.enabled;
        }
        true
    }

    /// Peers without an edge, where something of their name can be reached: all of them with `legacy-peer-deps`,
    /// and those of which only `peerDependenciesMeta` speaks.
    fn add_unasked_peers(&self, node: NodeId, needed: &mut Vec<Dependency>, optional: &mut Vec<Dependency>) {
        let tree = self.tree;
        let document = &tree.node(node).package().json;
        let names = |key: &str| document.get(key).and_then(Value::as_object).into_iter().flatten();
        let reached = |name: &str| {
            let to = tree.reached(node, name)?;
            (tree.followed(to) != node).then(|| self.dependency(tree.name(to).clone(), to))
        };
        if self.settings.install.legacy_peer_deps {
            let unasked = names("peerDependencies").filter(|(name, _)| tree.edge_named(node, name).is_none());
            needed.extend(unasked.filter_map(|(name, _)| reached(name)));
        }
        let is_known = |name: &str| needed.iter().chain(optional.iter()).any(|known| &*known.name == name);
        let only_meta: Vec<Dependency> = names("peerDependenciesMeta")
            .filter(|(name, meta)| meta.get("optional") == Some(&Value::Bool(true)) && !is_known(name))
            .filter_map(|(name, _)| reached(name))
            .filter(|dependency| !dependency.is_folder)
            .collect();
        optional.extend(only_meta);
    }

    /// What is reached from the folders without what is left out, dependencies first.
    fn order_packages(&self) -> Vec<NodeId> {
        let mut ordered = Vec::new();
        let mut seen: FxHashSet<NodeId> = self.folders.iter().copied().collect();
        let mut path: Vec<(NodeId, usize)> = Vec::new();
        for &folder in &self.folders {
            path.push((folder, 0));
            while let Some((node, next)) = path.last_mut() {
                let Some(dependency) = self.dependencies(*node).get(*next) else {
                    let done = *node;
                    path.pop();
                    if path.is_empty() {
                        break;
                    }
                    ordered.push(done);
                    continue;
                };
                *next += 1;
                let is_wanted =
                    !dependency.is_folder && !is_left_out(self.tree, dependency.to, self.settings);
                if is_wanted && seen.insert(dependency.to) {
                    path.push((dependency.to, 0));
                }
            }
        }
        ordered
    }

    fn find_bundled(&self) -> Vec<NodeId> {
        let tree = self.tree;
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut pending: Vec<EdgeId> = Vec::new();
        for &folder in &self.folders {
            let bundled = tree.node(folder).package().bundled();
            let is_bundled = |edge: &EdgeId| bundled.iter().any(|name| name == tree.edge_name(*edge));
            if folder == self.root || tree.is_workspace(folder) {
                pending.extend(tree.node(folder).edges_out().filter(is_bundled));
            }
        }
        while let Some(edge) = pending.pop() {
            let Some(to) = tree.edge_to(edge) else { continue };
            if is_left_out(tree, to, self.settings) || !seen.insert(to) {
                continue;
            }
            found.push(to);
            if !tree.node(to).is_link() {
                pending.extend(tree.node(to).edges_out());
            }
        }
        found
    }
}

fn is_omitted(kind: EdgeKind, omit: OmitSet) -> bool {
    (omit.dev && kind == EdgeKind::Dev)
        || (omit.optional && kind.is_optional())
        || (omit.peer && kind.is_peer())
}

/// The names that a project depends on, as far as they are not left out.
fn declared(tree: &Tree, root: NodeId, omit: OmitSet) -> FxHashSet<String> {
    let document = &tree.node(root).package().json;
    let sections = [
        ("dependencies", false),
        ("devDependencies", omit.dev),
        ("optionalDependencies", omit.optional),
        ("peerDependencies", omit.peer),
    ];
    let wanted = sections.into_iter().filter(|(_, is_omitted)| !is_omitted);
    let names = wanted.filter_map(|(key, _)| document.get(key).and_then(Value::as_object));
    names.flat_map(|section| section.keys().cloned()).collect()
}

/// The name of a package's folder in its entry: its own name, of which nothing may lead out of there.
pub(super) fn package_name(tree: &Tree, node: NodeId) -> String {
    let known = tree.node(node);
    let name = known.package().name().unwrap_or_else(|| tree.name(node));
    let mut parts = name.rsplit('/');
    let base = parts.next().unwrap_or_default();
    match parts.next() {
        Some(scope) if scope.starts_with('@') => format!("{scope}/{base}"),
        _ => base.to_owned(),
    }
}
