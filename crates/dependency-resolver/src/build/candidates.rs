//! Candidates for placement: the node that a dependency asks for, loaded into a virtual root together
//! with its peers, and theirs.

use rustc_hash::FxHashSet;

use super::{Builder, MOST_PEER_NODES};
use crate::error::{FetchError, LoadError, ResolveError};
use crate::explain::Conflict;
use crate::options::Allow;
use crate::package::Package;
use crate::paths;
use crate::spec::Requirement;
use crate::tree::{EdgeId, EdgeKind, NodeId, NodeInit};

type Required = FxHashSet<NodeId>;

impl Builder<'_> {
    /// The candidate for an edge. `source` is what its peer set is loaded for.
    pub(super) fn candidate(&mut self, edge: EdgeId, source: NodeId) -> Result<NodeId, ResolveError> {
        let virtual_root = self.virtual_root(source, Reuse::Yes);
        let is_peer = self.tree.edge(edge).kind.is_peer();
        let name = self.tree.edge(edge).name;
        // only a peer takes what the virtual root already has: anything else might find a better home
        let known = self.tree.edge_out(virtual_root, name).filter(|&edge| self.tree.edge_is_valid(edge));
        let known = known.and_then(|known| self.tree.edge(known).to);
        if let Some(known) = known.filter(|&known| self.tree.edge_satisfied_by(edge, known)) {
            return Ok(known);
        }
        if self.tree.edge(edge).kind == EdgeKind::PeerOptional
            && !self.update_names.contains(&name)
            && !self.explicit_edges.contains(&edge)
            && !self.tree.edge(edge).to.is_some_and(|to| self.placement.avoid.concerns(&self.tree, to))
        {
            let from = self.tree.edge_from(edge);
            let above = self.tree.resolve_parent(from).unwrap_or(from);
            if let Some(existing) = self.find_hoistable(above, edge) {
                return Ok(existing);
            }
        }
        self.peer_nodes = 0;
        let mut required = Required::default();
        required.insert(self.tree.edge_from(edge));
        self.node_for_edge(edge, is_peer.then_some(virtual_root), None, &mut required)
    }

    /// The nearest node below `above` that satisfies an optional peer, so that none need be fetched.
    fn find_hoistable(&self, above: NodeId, edge: EdgeId) -> Option<NodeId> {
        let mut queue: std::collections::VecDeque<NodeId> = self.tree.node(above).children().collect();
        while let Some(node) = queue.pop_front() {
            if self.tree.node(node).name == self.tree.edge(edge).name
                && !self.tree.in_dep_bundle(node)
                && self.tree.edge_satisfied_by(edge, node)
            {
                return Some(node);
            }
            queue.extend(self.tree.node(node).children());
        }
        None
    }

    pub(super) fn virtual_root(&mut self, source: NodeId, reuse: Reuse) -> NodeId {
        if reuse == Reuse::Yes
            && let Some(&known) = self.virtual_roots.get(&source)
        {
            return known;
        }
        let root = self.tree.add_virtual_root(source);
        self.virtual_roots.insert(source, root);
        root
    }

    /// Loads what an edge asks for and its peers. A `second_edge` is a peer's narrower wish for the same
    /// name, taken where it suits both.
    fn node_for_edge(
        &mut self,
        edge: EdgeId,
        parent: Option<NodeId>,
        second_edge: Option<EdgeId>,
        required: &mut Required,
    ) -> Result<NodeId, ResolveError> {
        let from = self.tree.edge_from(edge);
        self.peer_nodes += 1;
        if self.peer_nodes > MOST_PEER_NODES {
            let location = self.tree.node(self.tree.node(from).source.unwrap_or(from)).location().to_owned();
            return Err(ResolveError::Unsettled { location });
        }
        let parent = match parent {
            Some(parent) => parent,
            None => self.virtual_root(from, Reuse::No),
        };
        let first = self.node_for_spec(edge, edge, parent)?;
        let second = match second_edge {
            Some(second) if !self.tree.edge_is_valid(second) => {
                Some(self.node_for_spec(edge, second, parent)?)
            }
            _ => None,
        };
        let node = second.filter(|_| self.tree.edge_is_valid(edge)).unwrap_or(first);
        self.tree.set_parent(node, Some(parent));
        let requires = |edge: EdgeId| {
            let known = self.tree.edge(edge);
            known.kind != EdgeKind::PeerOptional && known.from.is_some_and(|from| required.contains(&from))
        };
        if requires(edge) || second_edge.is_some_and(requires) {
            required.insert(node);
        }
        if let Some(source) = self.tree.node(parent).source {
            self.peer_set_sources.insert(node, source);
        }
        // peers of a global package are not to become global packages
        if self.options.global && self.tree.is_project_root(from) {
            return Ok(node);
        }
        self.load_peer_set(node, required)?;
        Ok(node)
    }

    /// Loads what `spec_edge` asks for under the name of `edge`.
    fn node_for_spec(
        &mut self,
        edge: EdgeId,
        spec_edge: EdgeId,
        parent: NodeId,
    ) -> Result<NodeId, ResolveError> {
        let name = self.tree.edge(edge).name;
        let requirement = self.tree.edge_requirement(spec_edge);
        if let Err(error) = self.check_allowed(spec_edge, &requirement) {
            return Ok(self.failure(spec_edge, parent, error));
        }
        if let Requirement::Invalid { code, message } = &*requirement {
            return Err(Box::new(self.load_error(spec_edge, FetchError::new(code, message.clone()))).into());
        }
        let workspace = self.workspace_edge(self.tree.edge_name(edge).clone());
        let is_installed_copy = !self.tree.node(parent).is_link
            && self.tree.node(parent).resolved().is_some_and(|resolved| resolved.starts_with("file:"));
        let is_transitive_folder =
            matches!(*requirement, Requirement::Directory) && is_installed_copy && self.options.install_links;
        let links = !is_transitive_folder
            && (!self.options.install_links
                || workspace.is_some()
                || self.leads_into_project(spec_edge, parent));
        if matches!(*requirement, Requirement::Directory) && links {
            return Ok(self.link_for_spec(edge, spec_edge, parent));
        }
        if let Some(existing) = workspace.and_then(|workspace| self.tree.edge(workspace).to)
            && self.tree.is_workspace(existing)
            && self.tree.edge_satisfied_by(spec_edge, existing)
        {
            return Ok(existing);
        }
        match self.manifest_for_edge(spec_edge, &requirement) {
            Ok(package) if package.version().is_none() && requirement.is_registry() => {
                let message =
                    format!("incomplete manifest for {}, missing version", self.tree.names.text(name));
                Ok(self.failure(spec_edge, parent, FetchError::new("EINCOMPLETEMANIFEST", message)))
            }
            Ok(package) => Ok(self.tree.add_node(NodeInit {
                name: Some(name),
                package: Some(package),
                parent: Some(parent),
                ..NodeInit::default()
            })),
            Err(error) => Ok(self.failure(spec_edge, parent, error)),
        }
    }

    fn workspace_edge(&self, name: std::sync::Arc<str>) -> Option<EdgeId> {
        let name = self.tree.names.find(&name)?;
        let workspaces = self.tree.node(self.root).workspaces.as_ref()?;
        workspaces.iter().any(|(known, _)| *known == name).then(|| self.tree.edge_out(self.root, name))?
    }

    /// Whether a relative folder is inside the project, where it is linked whatever `install-links` says.
    fn leads_into_project(&self, edge: EdgeId, parent: NodeId) -> bool {
        let raw = &self.tree.edge(edge).raw_spec;
        let Some(path) =
            raw.strip_prefix("file:").filter(|path| path.starts_with("./") || path.starts_with("../"))
        else {
            return false;
        };
        let base = self.tree.node(parent).realpath().unwrap_or("/");
        let target = paths::resolve(base, path);
        let root = self.tree.node(self.root).realpath().unwrap_or("/");
        target == root || target.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
    }

    fn link_for_spec(&mut self, edge: EdgeId, spec_edge: EdgeId, parent: NodeId) -> NodeId {
        let from = self.tree.edge_from(spec_edge);
        let base = self.tree.node(from).path().unwrap_or("/").to_owned();
        let spec = self.tree.edge_spec(spec_edge);
        let specifier = npm_formats::specifier::Specifier::resolve(self.tree.edge_name(edge), &spec, &base);
        let realpath = specifier.ok().and_then(|specifier| specifier.fetch_spec().map(str::to_owned));
        let realpath = realpath.unwrap_or_else(|| paths::resolve(&base, &spec));
        let document = self.metadata.folder(&realpath).unwrap_or_default();
        let init = NodeInit {
            name: Some(self.tree.edge(edge).name),
            package: Some(Package::new(document).into()),
            parent: Some(parent),
            ..NodeInit::default()
        };
        let link = self.tree.add_link(init, realpath.into(), None);
        self.link_nodes.push(link);
        link
    }

    fn check_allowed(&self, edge: EdgeId, requirement: &Requirement) -> Result<(), FetchError> {
        let allow = &self.options.allow;
        let (allowed, kind) = match requirement {
            Requirement::Git { .. } => (allow.git, "git"),
            Requirement::Remote { .. } => (allow.remote, "remote"),
            Requirement::File => (allow.file, "file"),
            Requirement::Directory => (allow.directory, "directory"),
            _ => return Ok(()),
        };
        let from = self.tree.edge_from(edge);
        let is_of_project = self.tree.is_project_root(from) || self.tree.is_workspace(from);
        if allowed == Allow::All || (allowed == Allow::Root && is_of_project) {
            return Ok(());
        }
        let which = if allowed == Allow::Root { " non-root" } else { "" };
        let name = self.tree.edge_name(edge);
        let mut error = FetchError::new(
            &format!("EALLOW{}", kind.to_uppercase()),
            format!("fetching{which} packages of type {kind:?} has been disabled, and {name} is one"),
        );
        error.hint = Some(format!("allow it with --allow-{kind}=all"));
        Err(error)
    }

    fn load_error(&self, edge: EdgeId, source: FetchError) -> LoadError {
        let from = self.tree.edge_from(edge);
        let node = self.tree.node(from);
        let required_by = match node.location() {
            "" => "the project".to_owned(),
            location => format!("{}@{} in {location}", self.tree.name(from), node.version()),
        };
        LoadError {
            name: self.tree.edge_name(edge).to_string(),
            spec: self.tree.edge_spec(edge).to_string(),
            required_by,
            source,
        }
    }

    /// A node that stands for what could not be loaded. Whether that is fatal shows when it is known who
    /// needs it.
    fn failure(&mut self, edge: EdgeId, parent: NodeId, error: FetchError) -> NodeId {
        let error = self.load_error(edge, error);
        let node = self.tree.add_node(NodeInit {
            name: Some(self.tree.edge(edge).name),
            parent: Some(parent),
            error: Some(error),
            ..NodeInit::default()
        });
        self.load_failures.push(node);
        node
    }

    /// Loads the peers of a node, and theirs, into its virtual root.
    fn load_peer_set(&mut self, node: NodeId, required: &mut Required) -> Result<(), ResolveError> {
        let mut peers: Vec<EdgeId> = self
            .tree
            .node(node)
            .edges_out()
            .filter(|&edge| {
                let known = self.tree.edge(edge);
                known.kind.is_peer() && !(known.to.is_some() && self.tree.edge_is_valid(edge))
            })
            .collect();
        peers.sort_by(|&a, &b| {
            npm_formats::collation::compare(self.tree.edge_name(a), self.tree.edge_name(b))
        });
        for edge in peers {
            // loading a peer may have replaced this node by another that suits all
            let Some(parent) = self.tree.node(node).parent else { break };
            if self.tree.edge(edge).to.is_some() && self.tree.edge_is_valid(edge) {
                continue;
            }
            let parent_edge = self.tree.edge_out(parent, self.tree.edge(edge).name);
            let source = self.tree.node(parent).source;
            let is_mine = source
                .is_some_and(|source| self.tree.is_project_root(source) || self.tree.is_workspace(source));
            let conflict_allowed = self.options.force || (!is_mine && !self.options.strict_peer_deps);
            match (self.tree.edge(edge).to, parent_edge) {
                (None, None) => {
                    self.node_for_edge(edge, Some(parent), None, required)?;
                }
                (None, Some(parent_edge)) => {
                    let dep = self.node_for_edge(parent_edge, Some(parent), Some(edge), required)?;
                    if self.tree.edge_is_valid(edge) {
                        continue;
                    }
                    if conflict_allowed || !required.contains(&dep) {
                        self.tree.edge_mut(edge).peer_conflicted = true;
                        continue;
                    }
                    if self.tree.node(node).parent.is_none() {
                        break;
                    }
                    return Err(self.peer_conflict(edge, Some(parent_edge)));
                }
                (Some(current), _) => {
                    // something is there that does not suit; would what suits be good for the others?
                    let dep = self.node_for_edge(edge, None, None, required)?;
                    if self.tree.can_replace(dep, current, &[]) {
                        let parent = self.tree.node(node).parent;
                        self.node_for_edge(edge, parent, None, required)?;
                        continue;
                    }
                    let is_required = self.tree.edge(edge).from.is_some_and(|from| required.contains(&from));
                    if conflict_allowed || !is_required {
                        continue;
                    }
                    return Err(self.peer_conflict(edge, parent_edge));
                }
            }
        }
        Ok(())
    }

    fn peer_conflict(&self, edge: EdgeId, current_edge: Option<EdgeId>) -> ResolveError {
        ResolveError::Conflict(Box::new(Conflict::in_peer_set(&self.tree, edge, current_edge)))
    }
}

/// Whether an earlier virtual root of the same source will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reuse {
    Yes,
    No,
}
