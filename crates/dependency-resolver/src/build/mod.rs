//! Building the ideal tree: npm's algorithm, step by step.
//!
//! 1. Start from the lockfile's tree, or what is installed, or nothing ([`start`]).
//! 2. Apply what the user asked for to the root's document ([`requests`]).
//! 3. Take nodes from a queue, shallow ones first; for each dependency that is missing or wrong, load a
//!    candidate with its peers into a virtual root ([`candidates`]) and place it ([`crate::place`]).
//! 4. Work out why each node is there, prune what is not needed, and mark what does not fit this machine
//!    ([`finish`]).

mod candidates;
mod finish;
mod manifests;
mod queue;
mod requests;
mod start;
mod unpack;

use std::sync::Arc;

use npm_formats::manifest::Note;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::ResolveError;
use crate::explain::Conflict;
use crate::metadata::{Metadata, Packed, Wanted};
use crate::names::Name;
use crate::options::{Options, Request};
use crate::place::{self, Placement, PlacementOptions};
use crate::tree::{EdgeId, EdgeKind, NodeId, Tree};
use crate::tree::{NodeInit, TreeOptions};
pub use finish::{fits_platform, should_omit};
use manifests::ManifestCache;
use queue::Queue;
pub use start::{InstalledPackage, Start};
pub use unpack::add_carried;

/// The tree that ought to be installed.
#[derive(Debug)]
pub struct IdealTree {
    /// The tree.
    pub tree: Tree,
    /// The root project's node.
    pub root: NodeId,
    /// Root edges that the user asked for explicitly, with the name each request led to.
    pub requested: Vec<RequestedPackage>,
    /// The root and workspaces from whose documents something was removed or added.
    pub changed_documents: Vec<NodeId>,
    /// What the user should hear.
    pub warnings: Vec<Warning>,
}

/// A package the user asked to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedPackage {
    /// The root or workspace it was added to.
    pub dependent: NodeId,
    /// The name it is saved under.
    pub name: String,
    /// What was typed.
    pub raw: String,
}

/// What the user should hear though it is no error.
#[derive(Debug, Clone)]
pub enum Warning {
    /// A peer dependency was overridden.
    PeerConflict(Box<Conflict>),
    /// A package does not declare to run on this engine.
    Engine { package: String, required: String, node: String },
    /// The lockfile is of an old version and its metadata had to be fetched.
    OldLockfile { failed: Vec<String> },
    /// A section was changed in favour of another.
    SectionReplaced(Note),
    /// A workspace that was named does not exist.
    NoSuchWorkspace { name: String },
}

/// Builds the ideal tree.
///
/// Runs on deep peer sets by recursion: give it a thread with a generous stack (64 MiB do).
///
/// *Errors*: see [`ResolveError`]; nothing outside is changed in any case.
pub fn build_ideal_tree(
    start: Start,
    request: &Request,
    options: &Options,
    metadata: &mut dyn Metadata,
) -> Result<IdealTree, ResolveError> {
    let mut builder = Builder::new(options, request, metadata);
    let built = builder.build(start, request);
    // whatever came of it, npm would not have gone on after a reference that leads nowhere
    builder.check_references()?;
    built?;
    Ok(IdealTree {
        root: builder.root,
        tree: builder.tree,
        requested: builder.requested,
        changed_documents: builder.changed_documents,
        warnings: builder.warnings,
    })
}

/// Takes out of a tree what nothing depends on, even where building it left alone what was found installed.
pub fn prune(ideal: &mut IdealTree) {
    finish::prune_extraneous(&mut ideal.tree, ideal.root);
}

/// Whether something in a tree lacks what it depends on, so that building it again would change it: npm's algorithm
/// may lose what a link leads to that it takes out, and puts it back the next time. A peer dependency that is there
/// in a version its dependent does not allow was decided upon; so was what packages bring with them.
pub fn lacks_dependencies(ideal: &IdealTree) -> bool {
    let tree = &ideal.tree;
    let mut seen = FxHashSet::default();
    let mut stack = vec![ideal.root];
    while let Some(node) = stack.pop() {
        if !seen.insert(node) {
            continue;
        }
        let known = tree.node(node);
        stack.extend(known.target);
        let bundled = if tree.is_project_root(node) || tree.is_workspace(node) {
            &[][..]
        } else {
            known.package.bundled()
        };
        for id in known.edges_out() {
            let edge = tree.edge(id);
            let is_decided = edge
                .to
                .is_some_and(|to| edge.kind.is_peer() || tree.in_shrinkwrap(to) || tree.node(to).inert);
            let is_carried = known.has_shrinkwrap || bundled.contains(tree.edge_name(id));
            if !is_decided && !is_carried && !tree.edge_is_valid(id) {
                return true;
            }
            stack.extend(edge.to);
        }
    }
    false
}

/// The tree to start from, as it stands: the lockfile's, or what is installed. Nothing is fetched or changed.
///
/// *Errors*: overrides or a lockfile that cannot be used.
pub fn load_tree(start: Start, options: TreeOptions) -> Result<(Tree, NodeId), ResolveError> {
    let Some(lockfile) = &start.lockfile else { return load_installed(&start, &start.installed, options) };
    let mut tree = Tree::new(options);
    let root = start::add_root(&mut tree, &start, options.global)?;
    start::add_lockfile(&mut tree, root, lockfile, &start.folders)?;
    crate::flags::reset_flags(&mut tree, root);
    crate::flags::calculate_flags(&mut tree, root, true);
    Ok((tree, root))
}

/// The tree of what is installed in a project.
fn load_installed(
    project: &Start,
    installed: &[InstalledPackage],
    options: TreeOptions,
) -> Result<(Tree, NodeId), ResolveError> {
    let mut tree = Tree::new(options);
    let root = start::add_root(&mut tree, project, options.global)?;
    start::add_installed(&mut tree, root, installed);
    // npm comes to know the workspaces last, which puts the root's edges behind all others
    if let Some(workspaces) = tree.node(root).workspaces.clone() {
        tree.set_workspaces(root, workspaces);
    } else if options.global {
        let package = tree.node(root).package.clone();
        tree.set_package(root, package);
    }
    crate::flags::reset_flags(&mut tree, root);
    crate::flags::calculate_flags(&mut tree, root, true);
    Ok((tree, root))
}

/// The names that more than one node of the tree to start from has: what `dedupe` brings up to date.
pub fn duplicated_names(start: Start) -> Vec<String> {
    let Ok((tree, root)) = load_tree(start, TreeOptions::default()) else { return Vec::new() };
    let mut seen: FxHashSet<&Arc<str>> = FxHashSet::default();
    let mut names: Vec<String> = Vec::new();
    for node in tree.inventory(root) {
        let name = tree.name(node);
        if seen.insert(name) && tree.with_name(root, name).len() > 1 {
            names.push(name.to_string());
        }
    }
    names
}

fn check_references(tree: &Tree) -> Result<(), ResolveError> {
    match tree.missing_reference() {
        Some(reference) => Err(ResolveError::OverrideReference { reference: reference.to_string() }),
        None => Ok(()),
    }
}

/// How often the packages at one place may be looked at. A few times is usual, a dozen rare.
const MOST_VISITS: usize = 500;

/// How many nodes the peer set of one dependency may take to load. Real ones take a few hundred.
const MOST_PEER_NODES: usize = 10_000;

struct Builder<'a> {
    tree: Tree,
    root: NodeId,
    options: &'a Options,
    metadata: &'a mut dyn Metadata,
    placement: PlacementOptions,
    queue: Queue,
    seen: FxHashSet<NodeId>,
    /// How often a node was looked at, by location.
    visits: FxHashMap<Arc<str>, usize>,
    /// Nodes loaded for the peer set at hand.
    peer_nodes: usize,
    explicit_edges: FxHashSet<EdgeId>,
    update_names: FxHashSet<Name>,
    virtual_roots: FxHashMap<NodeId, NodeId>,
    /// For each node of a peer set, what the set was loaded for.
    peer_set_sources: FxHashMap<NodeId, NodeId>,
    load_failures: Vec<NodeId>,
    link_nodes: Vec<NodeId>,
    manifests: ManifestCache,
    started_from_disk: bool,
    started_from_lockfile: bool,
    is_old_lockfile: bool,
    tree_changed: bool,
    change_requested: bool,
    requested: Vec<RequestedPackage>,
    changed_documents: Vec<NodeId>,
    warnings: Vec<Warning>,
}

impl<'a> Builder<'a> {
    fn new(options: &'a Options, request: &Request, metadata: &'a mut dyn Metadata) -> Self {
        let mut tree = Tree::new(TreeOptions {
            install_links: options.install_links,
            legacy_peer_deps: options.legacy_peer_deps,
            ..TreeOptions::default()
        });
        let update_names: Vec<Name> = match &request.update {
            crate::options::Update::Names(names) => {
                names.iter().map(|name| tree.names.intern(name)).collect()
            }
            _ => Vec::new(),
        };
        let change_requested =
            !request.add.is_empty() || !request.remove.is_empty() || !request.update.is_nothing();
        let placement = PlacementOptions {
            force: options.force,
            install_strategy: if options.global {
                npm_formats::config::InstallStrategy::Shallow
            } else {
                options.install_strategy
            },
            prefer_dedupe: options.prefer_dedupe,
            strict_peer_deps: options.strict_peer_deps,
            update_names: update_names.clone(),
            avoid: Arc::new(request.avoid.clone()),
        };
        let root = tree.add_node(NodeInit::default());
        Self {
            tree,
            root,
            options,
            metadata,
            placement,
            queue: Queue::default(),
            seen: FxHashSet::default(),
            visits: FxHashMap::default(),
            peer_nodes: 0,
            explicit_edges: FxHashSet::default(),
            update_names: update_names.into_iter().collect(),
            virtual_roots: FxHashMap::default(),
            peer_set_sources: FxHashMap::default(),
            load_failures: Vec::new(),
            link_nodes: Vec::new(),
            manifests: ManifestCache::default(),
            started_from_disk: false,
            started_from_lockfile: false,
            is_old_lockfile: false,
            tree_changed: change_requested,
            change_requested,
            requested: Vec::new(),
            changed_documents: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn build(&mut self, start: Start, request: &Request) -> Result<(), ResolveError> {
        self.root = self.start(start)?;
        self.inflate_old_lockfile();
        self.apply_requests(request)?;
        self.build_dependencies()?;
        self.finish()
    }

    /// An override's `$name` must be a dependency of the root, once it is looked up.
    fn check_references(&self) -> Result<(), ResolveError> {
        check_references(&self.tree)
    }

    fn build_dependencies(&mut self) -> Result<(), ResolveError> {
        self.check_root_overrides()?;
        self.queue.push(&self.tree, self.root);
        self.prefetch_for_projects();
        loop {
            while let Some(node) = self.queue.pop() {
                self.build_node(node)?;
                self.check_references()?;
            }
            self.queue_link_targets();
            if self.queue.is_empty() {
                return Ok(());
            }
        }
    }

    /// An override may not contradict what the root itself depends on.
    fn check_root_overrides(&self) -> Result<(), ResolveError> {
        if self.tree.node(self.root).rule.is_none() {
            return Ok(());
        }
        for edge in self.tree.node(self.root).edges_out() {
            let spec = self.tree.edge_spec(edge);
            let raw = &self.tree.edge(edge).raw_spec;
            if spec != *raw && !spec.starts_with('$') {
                return Err(ResolveError::OverrideConflict {
                    name: self.tree.edge_name(edge).to_string(),
                    spec: raw.to_string(),
                });
            }
        }
        Ok(())
    }

    fn build_node(&mut self, node: NodeId) -> Result<(), ResolveError> {
        // what a shrinkwrap decides about comes when it is read
        let is_closed = !self.options.complete && self.tree.node(node).has_shrinkwrap;
        if self.seen.contains(&node) || self.tree.root(node) != self.root || is_closed {
            return Ok(());
        }
        self.seen.insert(node);
        self.count_visit(node)?;
        if self.options.complete {
            self.open_package(node)?;
        }
        let mut candidates: Vec<(EdgeId, NodeId)> = Vec::new();
        let peer_source = self.peer_set_sources.get(&node).copied().unwrap_or(node);
        for edge in self.problem_edges(node) {
            if self.tree.edge(edge).peer_conflicted {
                continue;
            }
            let source = if self.tree.edge(edge).kind.is_peer() { peer_source } else { node };
            let candidate = self.candidate(edge, source)?;
            candidates.push((edge, candidate));
        }
        candidates.sort_by(|&(a, _), &(b, _)| {
            npm_formats::collation::compare(self.tree.edge_name(a), self.tree.edge_name(b))
        });
        for (edge, candidate) in candidates {
            self.place(edge, candidate)?;
        }
        for edge in self.tree.node(node).edges_out() {
            if let Some(to) = self.tree.edge(edge).to
                && self.tree.node(to).is_link
                && self.tree.node(to).target.is_some()
                && !self.link_nodes.contains(&to)
            {
                self.link_nodes.push(to);
            }
        }
        Ok(())
    }

    fn count_visit(&mut self, node: NodeId) -> Result<(), ResolveError> {
        let location = &self.tree.node(node).location;
        let visits = self.visits.entry(location.clone()).or_default();
        *visits += 1;
        match *visits {
            ..=MOST_VISITS => Ok(()),
            _ => Err(ResolveError::Unsettled { location: location.to_string() }),
        }
    }

    /// Reads what a package carries inside, before its dependencies are looked at.
    fn open_package(&mut self, node: NodeId) -> Result<(), ResolveError> {
        let known = self.tree.node(node);
        let bundles = self.options.opens_bundles && !known.package.bundled().is_empty();
        let carries = bundles || known.has_shrinkwrap;
        let has_source = known.resolved.is_some() || known.integrity.is_some();
        if !carries || !has_source || node == self.root || known.inert || known.is_link {
            return Ok(());
        }
        let package = known.package.clone();
        let contents = self.metadata.contents(&Packed {
            name: package.name().map_or("", |name| name),
            version: package.version().map_or("", |version| version),
            resolved: known.resolved.clone().as_deref(),
            integrity: known.integrity.clone().as_deref(),
        })?;
        start::add_contents(&mut self.tree, node, contents)
    }

    fn place(&mut self, edge: EdgeId, candidate: NodeId) -> Result<(), ResolveError> {
        let explicit = self.explicit_edges.contains(&edge);
        let mut conflicts = Vec::new();
        let done = place::place(&mut self.tree, &self.placement, edge, candidate, explicit, &mut conflicts);
        self.warnings.extend(conflicts.into_iter().map(|conflict| Warning::PeerConflict(Box::new(conflict))));
        for placement in done.map_err(ResolveError::Conflict)? {
            self.follow_up(&placement);
        }
        Ok(())
    }

    /// Queues what a placement calls for.
    fn follow_up(&mut self, placement: &Placement) {
        let Some(placed) = placement.placed else { return };
        if !self.tree.node(placed).errors.is_empty() {
            self.load_failures.push(placed);
        }
        self.tree_changed = true;
        for edge in self.tree.node(placed).edges_in.clone() {
            let known = self.tree.edge(edge);
            if edge == placement.edge || known.peer_conflicted || self.tree.edge_is_valid(edge) {
                continue;
            }
            let from = self.tree.edge_from(edge);
            let was_seen = self.seen.contains(&from);
            if placement.replaced || !was_seen || self.options.save || self.change_requested {
                self.seen.remove(&from);
                self.queue.push(&self.tree, from);
            }
        }
        self.queue.push(&self.tree, placed);
        for &node in &placement.need_evaluation {
            self.seen.remove(&node);
            self.queue.push(&self.tree, node);
        }
        self.prefetch(placed);
    }

    /// What the root asks for, and the folders that are in the tree from the start, is known before anything is placed.
    fn prefetch_for_projects(&mut self) {
        let is_folder = |&node: &NodeId| {
            let known = self.tree.node(node);
            node != self.root && known.parent.is_none() && !known.is_link
        };
        let folders: Vec<NodeId> = self.tree.inventory(self.root).into_iter().filter(is_folder).collect();
        self.prefetch(self.root);
        for folder in folders {
            self.prefetch(folder);
        }
    }

    /// Whether the root has something of a name that comes from no registry: a workspace, a folder, a repository.
    fn is_outside_registries(&self, edge: EdgeId) -> bool {
        let of_root = self.tree.edge_out(self.root, self.tree.edge(edge).name);
        of_root.is_some_and(|edge| !self.tree.edge_requirement(edge).is_registry())
    }

    fn prefetch(&mut self, node: NodeId) {
        let mut wanted = Vec::new();
        for edge in self.problem_edges(node) {
            if self.is_outside_registries(edge) {
                continue;
            }
            let requirement = self.tree.edge_requirement(edge);
            if let Some((name, spec)) = requirement.registry_request(self.tree.edge_name(edge)) {
                wanted.push(Wanted { name: name.into(), spec: spec.into() });
            }
        }
        if !wanted.is_empty() {
            self.metadata.prefetch(&wanted);
        }
    }

    /// The dependencies of a node that something must be done about.
    fn problem_edges(&self, node: NodeId) -> Vec<EdgeId> {
        let tree = &self.tree;
        let known = tree.node(node);
        let bundled = match tree.is_project_root(node) || tree.is_workspace(node) {
            true => &[][..],
            false => known.package.bundled(),
        };
        known
            .edges_out()
            .filter(|&edge| !bundled.contains(tree.edge_name(edge)) && self.is_problem(edge))
            .collect()
    }

    fn is_problem(&self, id: EdgeId) -> bool {
        let tree = &self.tree;
        let edge = tree.edge(id);
        let Some(to) = edge.to else {
            return edge.kind != EdgeKind::PeerOptional || self.explicit_edges.contains(&id);
        };
        if self.load_failures.contains(&to) || tree.in_shrinkwrap(to) {
            return false;
        }
        if !tree.edge_is_valid(id) {
            // with nothing to be saved or changed, the lockfile is trusted about optional peers
            return edge.kind != EdgeKind::PeerOptional || self.options.save || self.change_requested;
        }
        !tree.is_workspace(to)
            && (self.update_names.contains(&edge.name)
                || self.explicit_edges.contains(&id)
                || self.placement.avoid.concerns(tree, to))
    }

    /// Targets of links inside the project get their dependencies once everything else has them.
    fn queue_link_targets(&mut self) {
        for link in std::mem::take(&mut self.link_nodes) {
            if self.tree.root(link) != self.root {
                continue;
            }
            let Some(target) = self.tree.node(link).target else { continue };
            let has_place = self.tree.resolve_parent(target).is_some();
            if !self.tree.is_descendant(target, self.root) || !has_place || self.seen.contains(&target) {
                continue;
            }
            let rule = self.tree.node(link).rule;
            self.tree.rule_arrived(target, rule);
            self.queue.push(&self.tree, target);
        }
    }
}
