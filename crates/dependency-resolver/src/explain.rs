//! Why a node is in the tree, and why peer dependencies contradict each other: data first, from which the
//! command line renders prose.

use serde::Serialize;

use crate::place::CanPlace;
use crate::tree::{EdgeError, EdgeId, NodeId, Tree};

/// A node and what depends on it, up to the root. The shape is that of `npm explain --json`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The name it stands under; `None` for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version; `None` for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it stands; the root's absolute path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Whether it is a workspace of the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_workspace: Option<bool>,
    /// What depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependents: Option<Vec<DependencyExplanation>>,
    /// Links that lead to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links_in: Vec<Explanation>,
}

/// One dependency and who has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DependencyExplanation {
    /// npm's word for the kind of the dependency.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The name asked for.
    pub name: String,
    /// The spec in force.
    pub spec: String,
    /// The declared spec, where an override replaced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_spec: Option<String>,
    /// Whether an override replaced the declared spec.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overridden: bool,
    /// Whether the dependent bundles it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bundled: bool,
    /// `MISSING`, `INVALID` or `PEER LOCAL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    /// The dependent.
    pub from: Box<Explanation>,
}

/// A contradiction among peer dependencies: the `ERESOLVE` of npm.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// npm's code.
    pub code: &'static str,
    /// The dependency that cannot be satisfied.
    pub edge: DependencyExplanation,
    /// What was to be placed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dep: Option<Explanation>,
    /// What the dependent finds now.
    pub current: Option<Explanation>,
    /// The other dependency that wants the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_edge: Option<DependencyExplanation>,
    /// The peers that do not go together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_conflict: Option<PeerConflict>,
}

/// Two nodes that exclude each other.
#[derive(Debug, Clone, Serialize)]
pub struct PeerConflict {
    /// What stands in the place.
    pub current: Option<Explanation>,
    /// What wants the place.
    pub peer: Option<Explanation>,
}

/// The checks that led to a conflict.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConflictSite<'a> {
    /// The last check in which the node alone could stand.
    pub(crate) own: Option<&'a CanPlace>,
    /// The last check.
    pub(crate) last: Option<&'a CanPlace>,
}

impl Conflict {
    /// A conflict found while the peer set was loaded.
    pub(crate) fn in_peer_set(tree: &Tree, edge: EdgeId, current_edge: Option<EdgeId>) -> Self {
        let from = tree.edge_from(edge);
        let current = tree.resolve(from, tree.edge(edge).name);
        Self {
            code: "ERESOLVE",
            current: current.map(|node| tree.explain(node, None)),
            current_edge: current_edge.map(|edge| tree.explain_edge(edge, &[])),
            edge: tree.explain_edge(edge, &[]),
            dep: None,
            peer_conflict: None,
        }
    }

    /// A conflict found when a dependency was placed.
    pub(crate) fn at_placement(
        tree: &Tree,
        edge: EdgeId,
        failed_edge: EdgeId,
        dep: NodeId,
        site: ConflictSite<'_>,
        is_peer: bool,
    ) -> Self {
        let current = tree.resolve(tree.edge_from(edge), tree.edge(edge).name);
        let peer_conflict = if is_peer {
            tree.edge(failed_edge)
                .to
                .map(|node| PeerConflict { current: Some(tree.explain(node, Some(failed_edge))), peer: None })
        } else if let Some(own) = site.own {
            own.conflicting_peers().into_iter().find_map(|check| {
                check.current.map(|node| PeerConflict {
                    current: Some(tree.explain(node, None)),
                    peer: Some(tree.explain(check.dep, Some(check.edge))),
                })
            })
        } else {
            Some(PeerConflict {
                current: site.last.and_then(|check| check.current).map(|node| tree.explain(node, None)),
                peer: Some(tree.explain(dep, Some(failed_edge))),
            })
        };
        Self {
            code: "ERESOLVE",
            edge: tree.explain_edge(edge, &[]),
            dep: Some(tree.explain(dep, Some(failed_edge))),
            current: current.map(|node| tree.explain(node, None)),
            current_edge: None,
            peer_conflict,
        }
    }

    /// One line: who wants what, and what is there instead.
    pub fn summary(&self) -> String {
        let package = |explained: &Explanation| match (&explained.name, &explained.version) {
            (Some(name), Some(version)) => format!("{name}@{version}"),
            (Some(name), None) => name.clone(),
            _ => "the project".to_owned(),
        };
        let wanted = format!(
            "{} wants {} {}@{}",
            package(&self.edge.from),
            self.edge.kind,
            self.edge.name,
            self.edge.spec
        );
        match &self.current {
            Some(current) => format!("{wanted}, but it gets {}", package(current)),
            None => wanted,
        }
    }
}

impl Tree {
    /// Why a node is where it is: everything that depends on it, or just one edge.
    pub fn explain(&self, node: NodeId, edge: Option<EdgeId>) -> Explanation {
        self.explain_below(node, edge, &[])
    }

    fn explain_below(&self, id: NodeId, edge: Option<EdgeId>, seen: &[NodeId]) -> Explanation {
        let node = self.node(id);
        if let Some(source) = node.source {
            return self.explain_below(source, edge, seen);
        }
        let mut explained = Explanation {
            name: None,
            version: None,
            location: None,
            is_workspace: None,
            dependents: None,
            links_in: Vec::new(),
        };
        if self.is_project_root(id) && node.path.is_some() && node.parent.is_none() {
            explained.location = node.path.as_deref().map(str::to_owned);
            return explained;
        }
        let name = if self.is_top(id) { node.package.name() } else { None };
        explained.name = Some(name.unwrap_or(self.name(id)).to_string());
        explained.version = node.package.version().map(|version| version.to_string());
        if seen.contains(&id) {
            return explained;
        }
        explained.location = Some(node.location().to_owned());
        explained.is_workspace = Some(self.is_workspace(id));
        let seen: Vec<NodeId> = seen.iter().copied().chain([id]).collect();
        let dependents: Vec<EdgeId> = match edge {
            Some(edge) => vec![edge],
            // what is not satisfied by a node does not keep it there
            None => node
                .edges_in()
                .filter(|&edge| self.edge_is_valid(edge) || self.is_project_root(self.edge_from(edge)))
                .collect(),
        };
        explained.dependents =
            Some(dependents.into_iter().map(|edge| self.explain_edge(edge, &seen)).collect());
        explained.links_in =
            node.links_in.iter().map(|&link| self.explain_below(link, edge, &seen)).collect();
        explained
    }

    /// An edge and why its dependent is in the tree.
    pub fn explain_edge(&self, id: EdgeId, seen: &[NodeId]) -> DependencyExplanation {
        let edge = self.edge(id);
        let from = self.edge_from(id);
        let overridden = self.edge_is_overridden(id);
        let bundled = self.node(from).package.bundled().iter().any(|name| name == self.edge_name(id));
        DependencyExplanation {
            kind: edge.kind.as_str(),
            name: self.edge_name(id).to_string(),
            spec: self.edge_spec(id).to_string(),
            raw_spec: overridden.then(|| edge.raw_spec.to_string()),
            overridden,
            bundled,
            error: self.edge_error(id).map(|error| match error {
                EdgeError::Missing => "MISSING",
                EdgeError::PeerLocal => "PEER LOCAL",
                EdgeError::Invalid => "INVALID",
            }),
            from: Box::new(self.explain_below(from, None, seen)),
        }
    }
}
