//! Questions about where nodes stand relative to each other.

use rustc_hash::FxHashSet;

use super::{EdgeId, EdgeKind, NodeId, Tree};
use crate::names::Name;

impl Tree {
    /// What `name` leads to from a node: its own node_modules, then each one further up.
    pub fn resolve(&self, from: NodeId, name: Name) -> Option<NodeId> {
        let key = self.names.fold(name);
        let mut at = Some(from);
        while let Some(id) = at {
            if let Some(&child) = self.node(id).children.get(&key) {
                return Some(child);
            }
            at = self.resolve_parent(id);
        }
        None
    }

    /// The next node up in which names are looked up.
    pub fn resolve_parent(&self, id: NodeId) -> Option<NodeId> {
        let node = self.node(id);
        node.parent.or(node.fs_parent)
    }

    /// A node and everything above it in which names are looked up.
    pub(crate) fn ancestry(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |&at| self.resolve_parent(at))
    }

    /// Whether `id` is `ancestor` or below it.
    pub(crate) fn is_descendant(&self, id: NodeId, ancestor: NodeId) -> bool {
        self.ancestry(id).any(|at| at == ancestor)
    }

    /// Whether a node is the root of its tree.
    pub fn is_project_root(&self, id: NodeId) -> bool {
        self.node(id).root == id
    }

    /// Whether a node is directly in the global node_modules folder.
    pub(crate) fn is_global_top(&self, id: NodeId) -> bool {
        let node = self.node(id);
        self.node(node.root).global && node.parent.is_some_and(|parent| self.is_project_root(parent))
    }

    /// Whether a node has no parent (the root, targets of links), or is a global top.
    pub fn is_top(&self, id: NodeId) -> bool {
        self.node(id).parent.is_none() || self.is_global_top(id)
    }

    /// The topmost node above a node.
    pub(crate) fn top(&self, id: NodeId) -> NodeId {
        let mut at = id;
        while !self.is_top(at) {
            match self.node(at).parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// How many node_modules folders deep a node is below its top.
    pub(crate) fn depth(&self, id: NodeId) -> usize {
        let mut depth = 0;
        let mut at = id;
        while !self.is_top(at) {
            depth += 1;
            match self.node(at).parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        depth
    }

    /// Whether a node is a workspace of its root.
    pub fn is_workspace(&self, id: NodeId) -> bool {
        let root = self.root(id);
        if root == id || self.node(root).workspaces.is_none() {
            return false;
        }
        let Some(name) = self.node(id).package.name().and_then(|name| self.names.find(name)) else {
            return false;
        };
        self.edge_out(root, name).map(|edge| self.edge(edge)).is_some_and(|edge| {
            edge.kind == EdgeKind::Workspace
                && edge.to.is_some_and(|to| to == id || self.node(to).target == Some(id))
        })
    }

    /// Whether something above a node has a shrinkwrap that decides about it.
    pub(crate) fn in_shrinkwrap(&self, id: NodeId) -> bool {
        let mut at = self.node(id).parent;
        while let Some(parent) = at {
            if self.node(parent).has_shrinkwrap {
                return true;
            }
            at = self.node(parent).parent;
        }
        false
    }

    /// The node in whose tarball this one comes, if it is bundled.
    pub fn bundler(&self, id: NodeId) -> Option<NodeId> {
        if !self.has_bundles() {
            return None;
        }
        self.find_bundler(id, &mut FxHashSet::default())
    }

    fn find_bundler(&self, id: NodeId, path: &mut FxHashSet<NodeId>) -> Option<NodeId> {
        if !path.insert(id) {
            return None;
        }
        let parent = self.node(id).parent?;
        if let Some(bundler) = self.find_bundler(parent, path) {
            return Some(bundler);
        }
        let name = self.name(id);
        if self.node(parent).package.bundled().iter().any(|bundled| bundled == name) {
            return Some(parent);
        }
        // what a bundled package depends on is bundled too, where it stands beside it
        for &edge in &self.node(id).edges_in {
            if let Some(from) = self.edge(edge).from
                && self.find_bundler(from, path) == Some(parent)
            {
                return Some(parent);
            }
        }
        None
    }

    /// Whether a node comes in the tarball of a dependency (not in the root's own).
    pub fn in_dep_bundle(&self, id: NodeId) -> bool {
        self.bundler(id).is_some_and(|bundler| bundler != self.root(id))
    }

    /// Whether every dependent asks a registry for it.
    pub fn is_registry_dependency(&self, id: NodeId) -> bool {
        let edges = self.dependents(id);
        !edges.is_empty() && edges.iter().all(|&edge| self.edge_requirement(edge).is_registry())
    }

    /// Whether two nodes are the same package at the same version from the same source.
    pub(crate) fn matches(&self, first: NodeId, second: NodeId) -> bool {
        if first == second {
            return true;
        }
        let (a, b) = (self.node(first), self.node(second));
        if a.name != b.name {
            return false;
        }
        if a.is_link {
            return match (b.is_link, a.target, b.target) {
                (true, Some(a), Some(b)) => self.matches(a, b),
                _ => false,
            };
        }
        if self.is_project_root(first) && self.is_project_root(second) {
            return a.path == b.path;
        }
        if let (Some(a), Some(b)) = (&a.integrity, &b.integrity) {
            return a == b;
        }
        if let (Some(a), Some(b)) = (&a.resolved, &b.resolved) {
            return a == b;
        }
        a.package.name().is_some()
            && a.package.name() == b.package.name()
            && a.package.version().is_some()
            && a.package.version() == b.package.version()
    }

    /// Whether everything that depends on `old` would accept `new` in its place. Dependents among the
    /// peers named in `ignored_peers` do not count.
    pub(crate) fn can_replace(&self, new: NodeId, old: NodeId, ignored_peers: &[Name]) -> bool {
        let (a, b) = (self.node(old), self.node(new));
        if a.name != b.name || a.package.name() != b.package.name() {
            return false;
        }
        if !a.edges_out.is_empty() && !self.overrides.same(b.rule, a.rule) {
            return false;
        }
        let own =
            self.gather_dep_set(&[old], |edge| self.edge(edge).to != Some(old) && self.edge_is_valid(edge));
        a.edges_in.iter().all(|&id| {
            let edge = self.edge(id);
            let Some(from) = edge.from else { return true };
            let ignored = !self.is_top(old)
                && self.node(from).parent == a.parent
                && edge.kind.is_peer()
                && ignored_peers.contains(&self.node(from).name);
            ignored || own.contains(&from) || self.edge_satisfied_by(id, new)
        })
    }

    /// Whether a node can go because its dependents would do as well with what they find further up.
    pub(crate) fn can_dedupe(&self, id: NodeId, prefer_dedupe: bool, explicit_request: bool) -> bool {
        if self.in_dep_bundle(id) || self.in_shrinkwrap(id) {
            return false;
        }
        let Some(above) = self.resolve_parent(id).and_then(|parent| self.resolve_parent(parent)) else {
            return false;
        };
        let node = self.node(id);
        if node.edges_in.is_empty() {
            return true;
        }
        let Some(other) = self.resolve(above, node.name) else { return false };
        if self.matches(other, id) {
            return true;
        }
        if !self.can_replace(other, id, &[]) {
            return false;
        }
        let versions = (self.node(other).package.parsed_version(), node.package.parsed_version());
        let order = match versions {
            (Some(theirs), Some(mine)) => Some(theirs.cmp(mine)),
            _ => None,
        };
        prefer_dedupe
            || order == Some(std::cmp::Ordering::Equal)
            || (order == Some(std::cmp::Ordering::Greater) && !self.is_overridden(id))
            || explicit_request
    }

    /// Whether a node's version is what an override chose.
    pub fn is_overridden(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let Some(rule) = node.rule else { return false };
        if self.overrides.name(rule) != Some(node.name) {
            return false;
        }
        node.edges_in.iter().any(|&edge| {
            let edge = self.edge(edge);
            edge.rule.is_some_and(|rule| {
                self.overrides.name(rule) == Some(node.name)
                    && self.overrides.value(rule) == Some(node.version())
                    && !self.overrides.same(Some(rule), edge.from.and_then(|from| self.node(from).rule))
            })
        })
    }

    /// The nodes of `start` and what they depend on through edges that `follow` accepts, less those that
    /// something outside the set depends on through such an edge. In the order they were found.
    pub(crate) fn gather_dep_set(
        &self,
        start: &[NodeId],
        follow: impl Fn(EdgeId) -> bool,
    ) -> indexmap::IndexSet<NodeId, rustc_hash::FxBuildHasher> {
        let mut set: indexmap::IndexSet<NodeId, rustc_hash::FxBuildHasher> = start.iter().copied().collect();
        let mut at = 0;
        while let Some(&node) = set.get_index(at) {
            at += 1;
            for &edge in self.node(node).edges_out.values() {
                if let Some(to) = self.edge(edge).to
                    && !set.contains(&to)
                    && follow(edge)
                {
                    set.insert(to);
                }
            }
        }
        let mut changed = true;
        while changed && !set.is_empty() {
            changed = false;
            let mut at = 0;
            while let Some(&node) = set.get_index(at) {
                let needed_outside = self.node(node).edges_in.iter().any(|&edge| {
                    self.edge(edge).from.is_some_and(|from| !set.contains(&from)) && follow(edge)
                });
                if needed_outside {
                    set.shift_remove_index(at);
                    changed = true;
                } else {
                    at += 1;
                }
            }
        }
        set
    }

    /// The deepest place, from `start` up, where a dependency named `name` may stand: not below a node
    /// that has it as a peer.
    pub(crate) fn deepest_nesting_target(&self, start: NodeId, name: Name) -> NodeId {
        let mut last = start;
        for target in self.ancestry(start) {
            last = target;
            if self.is_project_root(target)
                || self.resolve_parent(target).is_none()
                || self.is_global_top(target)
            {
                return target;
            }
            match self.edge_out(target, name) {
                Some(edge) if self.edge(edge).kind.is_peer() => {}
                _ => return target,
            }
        }
        last
    }

    /// The peer sets a node is part of: each edge that leads into one, with the nodes it brings.
    pub(crate) fn peer_entry_sets(&self, node: NodeId) -> Vec<(EdgeId, Vec<NodeId>)> {
        type NodeSet = indexmap::IndexSet<NodeId, rustc_hash::FxBuildHasher>;
        let peers_of = |id: NodeId| {
            self.node(id).edges_out.values().filter_map(|&edge| {
                let known = self.edge(edge);
                known.to.filter(|_| known.kind.is_peer() && self.edge_is_valid(edge))
            })
        };
        let mut union: NodeSet = std::iter::once(node).collect();
        let mut at = 0;
        while let Some(&id) = union.get_index(at) {
            at += 1;
            union.extend(peers_of(id));
            for &edge in &self.node(id).edges_in {
                let known = self.edge(edge);
                if known.kind.is_peer() && self.edge_is_valid(edge) {
                    union.extend(known.from);
                }
            }
        }
        let mut entries = Vec::new();
        for &peer in &union {
            for &edge in &self.node(peer).edges_in {
                let known = self.edge(edge);
                let Some(from) = known.from else { continue };
                if !self.edge_is_valid(edge) || (known.kind.is_peer() && !self.is_top(from)) {
                    continue;
                }
                let mut brought: NodeSet = std::iter::once(peer).collect();
                let mut at = 0;
                while let Some(&id) = brought.get_index(at) {
                    at += 1;
                    brought.extend(peers_of(id));
                }
                if brought.contains(&node) {
                    entries.push((edge, brought.into_iter().collect()));
                }
            }
        }
        entries
    }
}

impl Tree {
    /// The children of a node by location, in npm's collation.
    pub(crate) fn sorted_children(&self, id: NodeId) -> Vec<NodeId> {
        let mut children: Vec<NodeId> = self.node(id).children().collect();
        self.sort_by_location(&mut children);
        children
    }

    pub(crate) fn sort_by_location(&self, nodes: &mut [NodeId]) {
        nodes.sort_by(|&a, &b| {
            npm_formats::collation::compare(&self.node(a).location, &self.node(b).location)
        });
    }
}
