//! Placing one dependency and then its peers: finds the highest node_modules folder that takes it, puts a
//! copy there, and prunes what that makes superfluous.

use std::sync::Arc;

use super::{Answer, CanPlace, Check};
use crate::avoidance::Avoidance;
use crate::explain::{Conflict, ConflictSite};
use crate::names::Name;
use crate::tree::{EdgeId, NodeId, Tree};
use npm_formats::config::InstallStrategy;

/// What holds for all placements of one installation.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlacementOptions {
    pub(crate) force: bool,
    pub(crate) install_strategy: InstallStrategy,
    pub(crate) prefer_dedupe: bool,
    pub(crate) strict_peer_deps: bool,
    pub(crate) update_names: Vec<Name>,
    pub(crate) avoid: Arc<Avoidance>,
}

/// What became of one dependency.
#[derive(Debug)]
pub(crate) struct Placement {
    pub(crate) edge: EdgeId,
    /// The node put into the tree, if one was.
    pub(crate) placed: Option<NodeId>,
    /// Whether it took the place of another.
    pub(crate) replaced: bool,
    /// Nodes whose dependencies must be looked at again.
    pub(crate) need_evaluation: Vec<NodeId>,
}

/// Places `dep` (a node of a virtual root) for `edge`, and its peers. The first result is for `dep`.
///
/// *Errors*: a conflict among peers that npm does not override.
pub(crate) fn place(
    tree: &mut Tree,
    options: &PlacementOptions,
    edge: EdgeId,
    dep: NodeId,
    explicit_request: bool,
    conflicts: &mut Vec<Conflict>,
) -> Result<Vec<Placement>, Box<Conflict>> {
    let mut placer = Placer { tree, options, explicit_request, top_edge: edge, conflicts, done: Vec::new() };
    placer.place(edge, dep, None)?;
    Ok(placer.done)
}

struct Placer<'a> {
    tree: &'a mut Tree,
    options: &'a PlacementOptions,
    explicit_request: bool,
    top_edge: EdgeId,
    conflicts: &'a mut Vec<Conflict>,
    done: Vec<Placement>,
}

/// What the placement of a peer needs of its dependent's.
struct Dependent<'a> {
    check: &'a CanPlace,
    start: NodeId,
}

impl Placer<'_> {
    fn place(
        &mut self,
        edge: EdgeId,
        dep: NodeId,
        dependent: Option<&Dependent<'_>>,
    ) -> Result<(), Box<Conflict>> {
        let at = self.done.len();
        self.done.push(Placement { edge, placed: None, replaced: false, need_evaluation: Vec::new() });
        if self.is_settled(edge) {
            return Ok(());
        }
        let name = self.tree.edge(edge).name;
        let from = dependent.map_or(self.tree.edge_from(edge), |dependent| dependent.start);
        let start = self.tree.deepest_nesting_target(from, name);
        let (best, best_own, last) =
            self.find_place(edge, dep, start, dependent.map(|dependent| dependent.check));
        let check = match best {
            Some(check) => check,
            None => {
                let is_mine = self.is_mine();
                if !self.options.force && (is_mine || self.options.strict_peer_deps) {
                    let site = ConflictSite { own: best_own.as_ref(), last: last.as_ref() };
                    return Err(Box::new(self.explain(self.top_edge, edge, dep, site, dependent.is_some())));
                }
                match best_own {
                    Some(check) => check,
                    None => {
                        let site = ConflictSite { own: None, last: last.as_ref() };
                        self.warn(edge, dep, site, dependent.is_some());
                        return Ok(());
                    }
                }
            }
        };
        let answer = if check.answer == Answer::Conflict { check.own_answer } else { check.answer };
        let target = check.target;
        if answer == Answer::Keep {
            if self.tree.edge(edge).kind.is_peer() && !self.tree.edge_is_valid(edge) {
                let site = ConflictSite { own: Some(&check), last: None };
                self.warn(edge, dep, site, dependent.is_some());
            }
            self.prune_dedupable(target, true);
            return Ok(());
        }
        self.done[at].replaced = check.own_answer == Answer::Replace;
        if let Some(link) = self.link_to_repetition(target, dep) {
            self.done[at].placed = Some(link);
            return Ok(());
        }
        self.put(at, edge, dep, &check, dependent.is_some());
        let placed = self.done[at].placed.expect("put places");
        self.place_peers(placed, dep, &Dependent { check: &check, start })
    }

    /// Nothing to do for an edge that is fine, unless it was asked for.
    fn is_settled(&self, edge: EdgeId) -> bool {
        let known = self.tree.edge(edge);
        known.to.is_some()
            && self.tree.edge_is_valid(edge)
            && !self.explicit_request
            && !self.options.update_names.contains(&known.name)
            && !known.to.is_some_and(|to| self.options.avoid.concerns(self.tree, to))
    }

    /// Walks up from `start` as long as the dependency fits. Gives the last check without conflict, the
    /// last where the node alone had none, and the last of all.
    fn find_place(
        &self,
        edge: EdgeId,
        dep: NodeId,
        start: NodeId,
        parent: Option<&CanPlace>,
    ) -> (Option<CanPlace>, Option<CanPlace>, Option<CanPlace>) {
        let tree = &*self.tree;
        let (mut best, mut best_own, mut last) = (None, None, None);
        for target in tree.ancestry(start) {
            let is_peer_here = tree
                .edge_out(target, tree.edge(edge).name)
                .is_some_and(|edge| tree.edge(edge).kind.is_peer());
            if is_peer_here && !tree.is_top(target) {
                continue;
            }
            let check = CanPlace::check(
                tree,
                Check {
                    dep,
                    target,
                    edge,
                    prefer_dedupe: self.options.prefer_dedupe,
                    explicit_request: self.explicit_request,
                    avoid: &self.options.avoid,
                    parent,
                },
            );
            last = Some(check.clone());
            if check.own_answer != Answer::Conflict {
                best_own = Some(check.clone());
            }
            if check.answer == Answer::Conflict {
                break;
            }
            best = Some(check);
            let is_high_enough = match self.options.install_strategy {
                InstallStrategy::Nested => true,
                InstallStrategy::Shallow => {
                    tree.resolve_parent(target).is_some_and(|parent| tree.is_project_root(parent))
                }
                InstallStrategy::Hoisted | InstallStrategy::Linked => false,
            };
            if is_high_enough || !tree.node(dep).errors.is_empty() {
                break;
            }
        }
        (best, best_own, last)
    }

    /// Where the same package stands above `target`, nesting would never end: a link leads to it instead.
    fn link_to_repetition(&mut self, target: NodeId, dep: NodeId) -> Option<NodeId> {
        let tree = &mut *self.tree;
        let earlier = tree.ancestry(target).find(|&at| tree.matches(at, dep) && !tree.is_top(at))?;
        let realpath = tree.node(earlier).realpath.clone()?;
        let init = crate::tree::NodeInit {
            name: Some(tree.node(earlier).name),
            parent: Some(target),
            ..Default::default()
        };
        Some(tree.add_link(init, realpath, Some(earlier)))
    }

    fn put(&mut self, at: usize, edge: EdgeId, dep: NodeId, check: &CanPlace, is_peer: bool) {
        let target = check.target;
        let placed = self.tree.unplaced_copy(dep);
        self.done[at].placed = Some(placed);
        let name = self.tree.edge(edge).name;
        match self.tree.child(target, name) {
            Some(old) => self.replace(at, placed, old, dep, is_peer),
            None => self.tree.set_parent(placed, Some(target)),
        }
        if self.tree.edge(edge).kind.is_peer() && !self.tree.edge_satisfied_by(edge, placed) {
            let site = ConflictSite { own: Some(check), last: None };
            self.warn(edge, dep, site, is_peer);
        }
        // an update may put a better one further up than what the edge led to
        if self.tree.edge_is_valid(edge)
            && let Some(to) = self.tree.edge(edge).to.filter(|&to| to != placed)
        {
            self.prune_dedupable(to, false);
        }
        let root = self.tree.root(target);
        for node in self.tree.named(root, name) {
            if !self.tree.is_descendant(node, target) || self.tree.is_top(node) {
                continue;
            }
            self.prune_dedupable(node, false);
            if self.tree.root(node) == root {
                let children: Vec<NodeId> = self.tree.node(node).children().collect();
                for child in children {
                    self.prune_dedupable(child, false);
                }
            }
        }
    }

    fn place_peers(
        &mut self,
        placed: NodeId,
        dep: NodeId,
        dependent: &Dependent<'_>,
    ) -> Result<(), Box<Conflict>> {
        let Some(virtual_root) = self.tree.node(dep).parent else { return Ok(()) };
        let edges: Vec<EdgeId> = self.tree.node(placed).edges_out().collect();
        for edge in edges {
            let known = self.tree.edge(edge);
            if !known.kind.is_peer() || known.peer_conflicted || self.tree.edge_is_valid(edge) {
                continue;
            }
            // an optional peer is not in the set; one that does not fit was overridden when the set was made
            let Some(peer) = self.tree.child(virtual_root, known.name) else { continue };
            if self.tree.edge_satisfied_by(edge, peer) {
                self.place(edge, peer, Some(dependent))?;
            }
        }
        Ok(())
    }

    fn replace(&mut self, at: usize, placed: NodeId, old: NodeId, dep: NodeId, is_peer: bool) {
        let tree = &*self.tree;
        // what only the old one needed goes with it, lest it pushes others deeper
        let mut old_deps = Vec::new();
        for edge in tree.node(old).edges_out() {
            let Some(to) = tree.edge(edge).to else { continue };
            if tree.edge_out(placed, tree.edge(edge).name).is_none() {
                old_deps.extend(tree.gather_dep_set(&[to], |edge| tree.edge(edge).to != Some(to)));
            }
        }
        let pruned_peer_sets = self.displaced_peer_sets(placed, old, dep, is_peer);
        self.tree.replace(placed, old);
        self.prune_for_replacement(placed, &old_deps);
        for node in pruned_peer_sets {
            let dependents: Vec<NodeId> =
                self.tree.node(node).edges_in().map(|edge| self.tree.edge_from(edge)).collect();
            self.done[at].need_evaluation.extend(dependents);
            self.tree.remove(node);
        }
    }

    /// The peer sets beside `old` that `placed` does not suit: those that can be placed anew elsewhere.
    /// Those that cannot are overridden with a warning.
    fn displaced_peer_sets(
        &mut self,
        placed: NodeId,
        old: NodeId,
        dep: NodeId,
        is_peer: bool,
    ) -> Vec<NodeId> {
        let target = self.tree.node(old).parent;
        let mut displaced: Vec<NodeId> = Vec::new();
        for edge in self.tree.node(old).edges_in.clone() {
            let tree = &*self.tree;
            let (known, from) = (tree.edge(edge), tree.edge_from(edge));
            if tree.edge_satisfied_by(edge, placed)
                || !known.kind.is_peer()
                || tree.node(from).parent != target
                || known.peer_conflicted
            {
                continue;
            }
            for (entry_edge, _) in tree.peer_entry_sets(from) {
                let tree = &*self.tree;
                let Some(entry) = tree.edge(entry_edge).to else { continue };
                let dependent = tree.edge_from(entry_edge);
                if Some(entry) != target && !tree.is_project_root(dependent) && !tree.is_workspace(dependent)
                {
                    displaced.extend(tree.gather_dep_set(&[entry], |edge| {
                        tree.edge(edge).to != Some(entry) && !tree.edge(edge).peer_conflicted
                    }));
                } else {
                    self.warn(edge, dep, ConflictSite { own: None, last: None }, is_peer);
                }
            }
        }
        displaced
    }

    fn prune_for_replacement(&mut self, placed: NodeId, old_deps: &[NodeId]) {
        let tree = &*self.tree;
        let mut invalid: Vec<NodeId> = tree
            .node(placed)
            .edges_out()
            .filter(|&edge| !tree.edge_is_valid(edge))
            .filter_map(|edge| tree.edge(edge).to)
            .collect();
        for &dep in old_deps {
            invalid.extend(
                tree.gather_dep_set(&[dep], |edge| {
                    tree.edge(edge).to != Some(dep) && tree.edge_is_valid(edge)
                }),
            );
        }
        let superfluous = tree.gather_dep_set(&invalid, |edge| {
            let known = tree.edge(edge);
            known.from != Some(placed) && known.to != Some(placed) && tree.edge_is_valid(edge)
        });
        for node in superfluous {
            self.tree.remove(node);
        }
    }

    /// Removes a node (or with `descend` what is below it) where something further up serves as well.
    fn prune_dedupable(&mut self, node: NodeId, descend: bool) {
        let tree = &*self.tree;
        if tree.can_dedupe(node, self.options.prefer_dedupe, self.explicit_request) {
            let superfluous = tree
                .gather_dep_set(&[node], |edge| tree.edge(edge).to != Some(node) && tree.edge_is_valid(edge));
            for node in superfluous {
                self.tree.remove(node);
            }
            return;
        }
        if !descend {
            return;
        }
        let mut below = tree.sorted_children(node);
        let mut fs_children = tree.node(node).fs_children.clone();
        tree.sort_by_location(&mut fs_children);
        below.extend(fs_children.into_iter().flat_map(|top| tree.sorted_children(top)));
        for child in below {
            self.prune_dedupable(child, true);
        }
    }

    /// Whether the dependency being placed is one of the project's own.
    fn is_mine(&self) -> bool {
        let tree = &*self.tree;
        let is_of_project = |node: NodeId| tree.is_project_root(node) || tree.is_workspace(node);
        let from = tree.edge_from(self.top_edge);
        if is_of_project(from) {
            return true;
        }
        if !tree.edge(self.top_edge).kind.is_peer() {
            return false;
        }
        let edges_in = || tree.node(from).edges_in();
        edges_in().any(|edge| !tree.edge(edge).kind.is_peer() && is_of_project(tree.edge_from(edge)))
            || edges_in().any(|edge| tree.edge(edge).kind.is_peer())
                && tree.peer_entry_sets(from).iter().any(|&(edge, _)| is_of_project(tree.edge_from(edge)))
    }

    fn warn(&mut self, edge: EdgeId, dep: NodeId, site: ConflictSite<'_>, is_peer: bool) {
        self.tree.edge_mut(edge).peer_conflicted = true;
        let conflict = self.explain(edge, edge, dep, site, is_peer);
        self.conflicts.push(conflict);
    }

    fn explain(
        &self,
        edge: EdgeId,
        failed_edge: EdgeId,
        dep: NodeId,
        site: ConflictSite<'_>,
        is_peer: bool,
    ) -> Conflict {
        Conflict::at_placement(self.tree, edge, failed_edge, dep, site, is_peer)
    }
}
