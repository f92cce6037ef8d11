//! Questions of those who only look at a tree: commands that list, explain and query.

use npm_formats::specifier::Specifier;

use super::{EdgeId, EdgeKind, Node, NodeId, Tree};
use crate::validity::satisfies_spec;

impl Node {
    /// The links that lead to it.
    pub fn links_in(&self) -> &[NodeId] {
        &self.links_in
    }
}

impl Tree {
    /// The kind of a dependency.
    pub fn edge_kind(&self, id: EdgeId) -> EdgeKind {
        self.edge(id).kind
    }

    /// What an edge leads to; `None` where nothing of its name can be reached.
    pub fn edge_to(&self, id: EdgeId) -> Option<NodeId> {
        self.edge(id).to
    }

    /// The edge by which a node depends on `name`.
    pub fn edge_named(&self, node: NodeId, name: &str) -> Option<EdgeId> {
        self.edge_out(node, self.names.find(name)?)
    }

    /// What a name leads to from a node.
    pub fn reached(&self, from: NodeId, name: &str) -> Option<NodeId> {
        self.resolve(from, self.names.find(name)?)
    }

    /// The edges that lead to a node. What is in an entry of the isolated layout is depended on through links.
    pub fn dependents(&self, id: NodeId) -> Vec<EdgeId> {
        let node = self.node(id);
        let links = if is_isolated(node.location()) { node.links_in() } else { &[] };
        let through = links.iter().flat_map(|&link| self.node(link).edges_in());
        node.edges_in().chain(through).collect()
    }

    /// A link's target; any other node itself.
    pub fn followed(&self, node: NodeId) -> NodeId {
        self.node(node).target.filter(|_| self.node(node).is_link).unwrap_or(node)
    }

    /// Whether a node is what a specifier from the command line means: its name, and where a version, range or
    /// source is given that too.
    pub fn satisfies(&self, node: NodeId, requested: &Specifier) -> bool {
        let name: &str = self.name(node);
        requested.name().is_none_or(|asked| asked == name)
            && satisfies_spec(self, node, requested.raw_spec(), self.root(node), None)
    }
}

/// Whether a location is in an entry of the isolated layout, or is one.
pub fn is_isolated(location: &str) -> bool {
    location.starts_with("node_modules/.store/") || location.contains("/node_modules/.store/")
}
