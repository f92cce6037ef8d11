//! The dependency tree: nodes at places, edges between them, and the changes that keep both true.
//!
//! Invariants: an edge leads to what its node would find by walking up node_modules folders; a node is
//! in the inventory of its root under its location; two nodes of one root never share a location.

mod edge;
mod family;
mod node;
mod placement;
mod reading;

use std::sync::Arc;

pub use edge::{Edge, EdgeError, EdgeId, EdgeKind};
pub use node::{Flags, Node, NodeId};
pub(crate) use node::{Inventory, OrderedMap};
pub use reading::is_isolated;

use crate::error::LoadError;
use crate::names::{Name, Names};
use crate::overrides::{Overrides, RuleId};
use crate::package::{Package, Section};
use crate::paths;
use crate::spec::Specs;

/// How edges are made and judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct TreeOptions {
    /// Folders are packed and installed instead of linked.
    pub install_links: bool,
    /// Peer dependencies are ignored.
    pub legacy_peer_deps: bool,
    /// The root is the folder of global packages and no project.
    pub global: bool,
}

/// A set of trees that share names and specs: the ideal tree and the virtual roots it was built with.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    pub(crate) names: Names,
    pub(crate) specs: Specs,
    pub(crate) overrides: Overrides,
    pub(crate) options: TreeOptions,
    /// Specs that the lockfile records for git dependencies, by dependent's location and name.
    pub(crate) locked_git_specs: rustc_hash::FxHashMap<(Arc<str>, Arc<str>), Arc<str>>,
    bundling_nodes: usize,
    /// The first override that refers to a dependency which nobody has, of those that were looked up.
    missing_reference: std::cell::OnceCell<Arc<str>>,
}

/// What a new node starts with.
#[derive(Debug, Default)]
pub(crate) struct NodeInit {
    pub(crate) name: Option<Name>,
    pub(crate) path: Option<Arc<str>>,
    pub(crate) package: Option<Arc<Package>>,
    pub(crate) resolved: Option<Arc<str>>,
    pub(crate) integrity: Option<Arc<str>>,
    pub(crate) has_shrinkwrap: bool,
    pub(crate) parent: Option<NodeId>,
    pub(crate) root: Option<NodeId>,
    pub(crate) flags: Option<Flags>,
    pub(crate) rule: Option<RuleId>,
    pub(crate) source: Option<NodeId>,
    pub(crate) error: Option<LoadError>,
    pub(crate) global: bool,
}

impl Tree {
    /// A tree without nodes.
    pub(crate) fn new(options: TreeOptions) -> Self {
        Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            names: Names::default(),
            specs: Specs::default(),
            overrides: Overrides::default(),
            options,
            locked_git_specs: Default::default(),
            bundling_nodes: 0,
            missing_reference: std::cell::OnceCell::new(),
        }
    }

    /// An override such as `$name` that was looked up although nothing of that name is depended on.
    pub fn missing_reference(&self) -> Option<&str> {
        self.missing_reference.get().map(|reference| &**reference)
    }

    /// The node behind an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// The name under which a node stands in its node_modules.
    pub fn name(&self, id: NodeId) -> &Arc<str> {
        self.names.text(self.node(id).name)
    }

    /// The root of the tree a node is in.
    pub fn root(&self, id: NodeId) -> NodeId {
        self.node(id).root
    }

    /// Every node below a root (itself included), in the order they came.
    pub fn inventory(&self, root: NodeId) -> Vec<NodeId> {
        self.node(root)
            .inventory
            .as_ref()
            .map(|all| all.by_location.values().copied().collect())
            .unwrap_or_default()
    }

    /// The node at a location below a root.
    pub fn at_location(&self, root: NodeId, location: &str) -> Option<NodeId> {
        self.node(root).inventory.as_ref()?.by_location.get(location).copied()
    }

    /// Every node below a root that stands under `name`.
    pub fn with_name(&self, root: NodeId, name: &str) -> Vec<NodeId> {
        let Some(name) = self.names.find(name) else { return Vec::new() };
        self.named(root, name)
    }

    pub(crate) fn named(&self, root: NodeId, name: Name) -> Vec<NodeId> {
        let inventory = self.node(root).inventory.as_ref();
        inventory.and_then(|all| all.by_name.get(&name)).cloned().unwrap_or_default()
    }

    /// The edge by which a node depends on `name`.
    pub fn edge_out(&self, node: NodeId, name: Name) -> Option<EdgeId> {
        self.node(node).edges_out.get(&self.names.fold(name)).copied()
    }

    /// The node of that name in a node's own node_modules.
    pub(crate) fn child(&self, node: NodeId, name: Name) -> Option<NodeId> {
        self.node(node).children.get(&self.names.fold(name)).copied()
    }

    /// Adds a node and its edges, attached where `init` says.
    pub(crate) fn add_node(&mut self, init: NodeInit) -> NodeId {
        let id = self.push_node(&init, None);
        self.settle_node(id, &init);
        self.load_edges(id);
        id
    }

    fn push_node(&mut self, init: &NodeInit, link_realpath: Option<Arc<str>>) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let package = match (init.source, &init.package) {
            (Some(source), _) => self.node(source).package.clone(),
            (None, Some(package)) => package.clone(),
            (None, None) => Arc::new(Package::empty()),
        };
        let name = init.name.unwrap_or_else(|| {
            let text = init.path.as_deref().map(paths::name_from_folder).filter(|text| !text.is_empty());
            let text = text.or_else(|| package.name().map(|name| name.to_string()));
            let text = text.or_else(|| link_realpath.as_deref().map(paths::name_from_folder));
            self.names.intern(&text.unwrap_or_default())
        });
        self.bundling_nodes += usize::from(!package.bundled().is_empty());
        let text = |key: &str| package.json.get(key).and_then(|value| value.as_str()).map(Arc::from);
        self.nodes.push(Node {
            name,
            realpath: link_realpath.clone().or_else(|| init.path.clone()),
            path: init.path.clone(),
            location: Arc::from(""),
            resolved: init.resolved.clone().or_else(|| text("_resolved")),
            integrity: init.integrity.clone().or_else(|| text("_integrity")),
            has_shrinkwrap: init.has_shrinkwrap || package.flag("_hasShrinkwrap"),
            is_link: link_realpath.is_some(),
            target: None,
            links_in: Vec::new(),
            parent: None,
            fs_parent: None,
            root: id,
            children: OrderedMap::default(),
            fs_children: Vec::new(),
            edges_in: Vec::new(),
            edges_out: OrderedMap::default(),
            flags: init.flags.unwrap_or(Flags::SET),
            inert: false,
            errors: init.error.clone().into_iter().collect(),
            rule: init.rule,
            source: init.source,
            inventory: None,
            workspaces: None,
            global: init.global,
            package,
        });
        id
    }

    fn settle_node(&mut self, id: NodeId, init: &NodeInit) {
        match init.parent {
            Some(parent) => self.set_parent(id, Some(parent)),
            None => self.set_root(id, init.root),
        }
    }

    /// Adds a link. Without a `target` the folder's own node is made from `init.package`.
    pub(crate) fn add_link(&mut self, init: NodeInit, realpath: Arc<str>, target: Option<NodeId>) -> NodeId {
        let id = self.push_node(&init, Some(realpath.clone()));
        let root = init.root.or(init.parent.map(|parent| self.root(parent)));
        let root = root.or(target.map(|target| self.root(target)));
        let placed = NodeInit { root, parent: init.parent, ..NodeInit::default() };
        self.settle_node(id, &placed);
        let root = self.root(id);
        match target {
            Some(target) => self.set_target(id, target),
            None if self.node(root).path.as_ref() == Some(&realpath) => self.set_target(id, root),
            None => {
                // adding a node at the link's path makes the link lead to it
                let target = self.add_node(NodeInit {
                    path: Some(realpath),
                    package: init.package,
                    root: Some(root),
                    flags: init.flags,
                    ..NodeInit::default()
                });
                if self.node(id).target != Some(target) {
                    self.set_target(id, target);
                }
            }
        }
        id
    }

    /// Adds a virtual root: the dependencies of `source` in a tree of their own.
    pub(crate) fn add_virtual_root(&mut self, source: NodeId) -> NodeId {
        let (path, rule) = (self.node(source).realpath.clone(), self.node(source).rule);
        let root = self.add_node(NodeInit { path, rule, source: Some(source), ..NodeInit::default() });
        let children: Vec<NodeId> = self.node(source).children().collect();
        for child in children {
            if let Some(target) = self.node(child).target.filter(|_| self.node(child).is_link) {
                let path = self.node(child).realpath.clone();
                self.add_node(NodeInit {
                    path,
                    source: Some(target),
                    root: Some(root),
                    ..NodeInit::default()
                });
            }
        }
        root
    }

    /// Gives a node another package document; its edges are made anew.
    pub(crate) fn set_package(&mut self, id: NodeId, package: Arc<Package>) {
        let edges: Vec<EdgeId> = self.node(id).edges_out.values().copied().collect();
        for edge in edges {
            self.detach_edge(edge);
        }
        self.bundling_nodes += usize::from(!package.bundled().is_empty());
        self.node_mut(id).package = package;
        self.load_workspace_edges(id);
        self.load_edges(id);
        for edge in self.node(id).edges_in.clone() {
            self.reload_edge(edge, true);
        }
    }

    /// Gives a node the same document with more in it; its edges stay.
    pub fn complete_package(&mut self, id: NodeId, package: Arc<Package>) {
        self.node_mut(id).package = package;
    }

    /// Declares the workspaces of a root: names and absolute folders.
    pub(crate) fn set_workspaces(&mut self, id: NodeId, workspaces: Vec<(Name, Arc<str>)>) {
        self.node_mut(id).workspaces = Some(workspaces);
        self.load_workspace_edges(id);
        self.load_edges(id);
    }

    fn load_workspace_edges(&mut self, id: NodeId) {
        for (name, path) in self.node(id).workspaces.clone().unwrap_or_default() {
            self.add_edge(id, name, EdgeKind::Workspace, format!("file:{path}").into(), None);
        }
    }

    /// Makes the edges that the package document declares. Later kinds win over earlier ones, and a
    /// workspace edge over all.
    fn load_edges(&mut self, id: NodeId) {
        if self.node(id).is_link {
            return;
        }
        let package = self.node(id).package.clone();
        if !self.options.legacy_peer_deps {
            for optional in [false, true] {
                let kind = if optional { EdgeKind::PeerOptional } else { EdgeKind::Peer };
                let peers: Vec<_> = package
                    .section(Section::Peer)
                    .filter(|(name, _)| package.peer_is_optional(name) == optional)
                    .collect();
                self.load_section(id, &package, kind, peers);
            }
        }
        self.load_section(id, &package, EdgeKind::Prod, package.section(Section::Prod).collect());
        self.load_section(id, &package, EdgeKind::Optional, package.section(Section::Optional).collect());
        if self.wants_dev_edges(id) {
            self.load_section(id, &package, EdgeKind::Dev, package.section(Section::Dev).collect());
        }
    }

    fn wants_dev_edges(&self, id: NodeId) -> bool {
        let is_project = |id| self.is_top(id) && !self.is_global_top(id) && self.node(id).path.is_some();
        is_project(id) && self.node(id).source.is_none_or(is_project)
    }

    fn load_section(&mut self, id: NodeId, package: &Package, kind: EdgeKind, specs: Vec<(&str, &str)>) {
        for (name, spec) in specs {
            let accept = package.accepts(name).map(Arc::from);
            let name = self.names.intern(name);
            let existing = self.edge_out(id, name).map(|edge| self.edge(edge).kind);
            if existing != Some(EdgeKind::Workspace) {
                self.add_edge(id, name, kind, spec.into(), accept);
            }
        }
    }

    fn add_edge(
        &mut self,
        from: NodeId,
        name: Name,
        kind: EdgeKind,
        spec: Arc<str>,
        accept: Option<Arc<str>>,
    ) {
        if let Some(old) = self.edge_out(from, name) {
            self.detach_edge(old);
        }
        let id = EdgeId(self.edges.len() as u32);
        let mut edge = Edge::new(name, kind, spec, accept, from);
        if let Some(set) = self.node(from).rule {
            edge.rule = Some(self.overrides.edge_rule(set, name, &edge.raw_spec, &self.names, &self.specs));
        }
        self.edges.push(edge);
        let key = self.names.fold(name);
        self.node_mut(from).edges_out.insert(key, id);
        self.reload_edge(id, true);
    }

    pub(crate) fn has_bundles(&self) -> bool {
        self.bundling_nodes > 0
    }
}
