//! Whether a dependency, with its peers, can stand in a given node_modules folder. Nothing here changes
//! the tree.
//!
//! First the node itself is checked against what stands there and against who could see it, then each of
//! its peers at the deepest place it may have.

use crate::avoidance::Avoidance;
use crate::names::Name;
use crate::tree::{EdgeId, NodeId, Tree};

/// Whether, and how, a dependency can be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The place is free.
    Ok,
    /// What stands there would give way.
    Replace,
    /// What stands there is good.
    Keep,
    /// Not here.
    Conflict,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Check<'a> {
    /// The candidate, in a virtual root with its peer set.
    pub(crate) dep: NodeId,
    /// Whose node_modules.
    pub(crate) target: NodeId,
    /// The dependency to be satisfied.
    pub(crate) edge: EdgeId,
    pub(crate) prefer_dedupe: bool,
    pub(crate) explicit_request: bool,
    /// Versions for which an older one may stand.
    pub(crate) avoid: &'a Avoidance,
    /// The check of the dependent, where `dep` is a peer of something being placed.
    pub(crate) parent: Option<&'a CanPlace>,
}

/// A check and its result.
#[derive(Debug, Clone)]
pub(crate) struct CanPlace {
    pub(crate) dep: NodeId,
    pub(crate) target: NodeId,
    pub(crate) edge: EdgeId,
    pub(crate) current: Option<NodeId>,
    /// The answer with peers taken into account.
    pub(crate) answer: Answer,
    /// The answer for the node alone.
    pub(crate) own_answer: Answer,
    /// The checks of its peers.
    pub(crate) children: Vec<CanPlace>,
    nesting_start: NodeId,
    entry_edge: EdgeId,
}

impl CanPlace {
    /// Checks a placement.
    pub(crate) fn check(tree: &Tree, check: Check<'_>) -> Self {
        Self::check_on_path(tree, check, &[])
    }

    fn check_on_path(tree: &Tree, check: Check<'_>, peer_path: &[NodeId]) -> Self {
        let Check { dep, target, edge, .. } = check;
        let name = tree.edge(edge).name;
        let start = check.parent.map_or(tree.edge_from(edge), CanPlace::deepest_of(tree));
        let current = tree.child(target, name);
        let mut result = Self {
            dep,
            target,
            edge,
            current,
            answer: Answer::Conflict,
            own_answer: Answer::Conflict,
            children: Vec::new(),
            nesting_start: start,
            entry_edge: check.parent.map_or(edge, |parent| parent.entry_edge),
        };
        let mut judge = Judge {
            tree,
            name,
            explicit_request: check.explicit_request,
            avoid: check.avoid,
            // peers try harder to be singletons
            prefer_dedupe: check.prefer_dedupe || tree.edge(edge).kind.is_peer(),
            is_peer_of_placed: check.parent.is_some(),
            peer_path,
            own_answer: None,
            peers_answer: None,
        };
        result.answer = judge.answer(&mut result);
        result.own_answer = judge.own_answer.unwrap_or(result.answer);
        result
    }

    fn deepest_of(tree: &Tree) -> impl Fn(&CanPlace) -> NodeId {
        |parent| tree.deepest_nesting_target(parent.nesting_start, tree.edge(parent.edge).name)
    }

    /// The checks of peers, and of their peers, that failed.
    pub(crate) fn conflicting_peers(&self) -> Vec<&CanPlace> {
        let mut all: Vec<&CanPlace> = self.children.iter().collect();
        let mut at = 0;
        while at < all.len() {
            all.extend(all[at].children.iter());
            at += 1;
        }
        all.retain(|check| check.answer == Answer::Conflict);
        all
    }
}

struct Judge<'a> {
    tree: &'a Tree,
    name: Name,
    explicit_request: bool,
    avoid: &'a Avoidance,
    prefer_dedupe: bool,
    is_peer_of_placed: bool,
    peer_path: &'a [NodeId],
    own_answer: Option<Answer>,
    peers_answer: Option<Answer>,
}

impl Judge<'_> {
    fn answer(&mut self, check: &mut CanPlace) -> Answer {
        let tree = self.tree;
        let (dep, target) = (check.dep, check.target);
        // what failed to load ends the installation or is pruned; where it stands does not matter
        if !tree.node(dep).errors.is_empty() {
            return if check.current.is_some() { Answer::Replace } else { Answer::Ok };
        }
        let target_edge = tree.edge_out(target, self.name);
        // a peer may not stand inside its dependent, except at the top
        if target_edge.is_some_and(|edge| tree.edge(edge).kind.is_peer()) && !tree.is_top(target) {
            return Answer::Conflict;
        }
        match check.current {
            Some(current) => self.with_current(check, current),
            None => {
                let contradicts =
                    target_edge.is_some_and(|edge| edge != check.edge && !tree.edge_satisfied_by(edge, dep));
                if contradicts { Answer::Conflict } else { self.without_current(check) }
            }
        }
    }

    fn with_current(&mut self, check: &mut CanPlace, current: NodeId) -> Answer {
        let tree = self.tree;
        let (dep, edge, target) = (check.dep, check.edge, check.target);
        let current_satisfies = tree.edge_satisfied_by(edge, current);
        if tree.matches(dep, current) && (current_satisfies || !tree.edge_satisfied_by(edge, dep)) {
            return if self.explicit_request { Answer::Replace } else { Answer::Keep };
        }
        let versions = (tree.node(current).package.parsed_version(), tree.node(dep).package.parsed_version());
        let is_not_older = matches!(versions, (Some(old), Some(new)) if new.cmp(old).is_ge());
        let is_safer = || self.avoid.concerns(tree, current) && !self.avoid.concerns(tree, dep);
        let may_replace = is_not_older || (matches!(versions, (Some(_), Some(_))) && is_safer());
        if may_replace && tree.can_replace(dep, current, &[]) {
            let answer = self.with_peers(check, Answer::Replace);
            if answer != Answer::Conflict {
                return answer;
            }
        }
        if current_satisfies && (!self.explicit_request || self.prefer_dedupe) {
            return Answer::Keep;
        }
        if self.prefer_dedupe && !is_not_older && tree.can_replace(dep, current, &[]) {
            let answer = self.with_peers(check, Answer::Replace);
            if answer != Answer::Conflict {
                return answer;
            }
        }
        // If this is the deepest place there is for the candidate, what stands here may have to go deeper.
        if target != tree.deepest_nesting_target(check.nesting_start, self.name) {
            return Answer::Conflict;
        }
        if !tree.edge(edge).kind.is_peer() && target == tree.edge_from(edge) {
            return self.with_peers(check, Answer::Replace);
        }
        if !self.is_peer_of_placed && !tree.edge(edge).kind.is_peer() {
            return Answer::Conflict;
        }
        if self.current_peer_sets_give_way(check, current) {
            return self.with_peers(check, Answer::Replace);
        }
        Answer::Conflict
    }

    /// Whether each peer set that `current` is in can be replaced by the candidate's or nested deeper.
    fn current_peer_sets_give_way(&self, check: &CanPlace, current: NodeId) -> bool {
        let tree = self.tree;
        let Some(new_set) = tree.node(check.dep).parent else { return true };
        let new_names: Vec<Name> = tree.node(new_set).children().map(|child| tree.node(child).name).collect();
        let mut can_replace = true;
        for (entry_edge, current_peers) in tree.peer_entry_sets(current) {
            if entry_edge == check.edge || entry_edge == check.entry_edge {
                continue;
            }
            let Some(entry) = tree.edge(entry_edge).to else { continue };
            let gives_way = match tree.child(new_set, tree.node(entry).name) {
                Some(replacement) => tree.can_replace(replacement, entry, &new_names),
                None => self.peers_from_fit(entry, new_set),
            };
            if gives_way {
                continue;
            }
            let dependent = tree.edge_from(entry_edge);
            let can_nest = current_peers.iter().all(|&peer| {
                let deepest = tree.deepest_nesting_target(dependent, tree.node(peer).name);
                deepest != check.target && !tree.is_descendant(check.target, deepest)
            });
            can_replace &= can_nest;
        }
        can_replace
    }

    /// Whether the nodes of the new set satisfy all peer edges of what is reached from `entry` by peers.
    fn peers_from_fit(&self, entry: NodeId, new_set: NodeId) -> bool {
        let tree = self.tree;
        let mut walk = vec![entry];
        let mut at = 0;
        while at < walk.len() {
            for edge in tree.node(walk[at]).edges_out() {
                if !tree.edge(edge).kind.is_peer() || !tree.edge_is_valid(edge) {
                    continue;
                }
                match tree.child(new_set, tree.edge(edge).name) {
                    Some(replacement) if !tree.edge_satisfied_by(edge, replacement) => return false,
                    Some(_) => {}
                    None => {
                        if let Some(to) = tree.edge(edge).to.filter(|to| !walk.contains(to)) {
                            walk.push(to);
                        }
                    }
                }
            }
            at += 1;
        }
        true
    }

    fn without_current(&mut self, check: &mut CanPlace) -> Answer {
        let tree = self.tree;
        let target = check.target;
        // nothing below may lose what it finds further up to a candidate that does not suit it
        if target != tree.edge_from(check.entry_edge)
            && let Some(shadowed) = tree.resolve(target, self.name)
        {
            for edge in tree.node(shadowed).edges_in() {
                if tree.is_descendant(tree.edge_from(edge), target)
                    && tree.edge_is_valid(edge)
                    && !tree.edge_satisfied_by(edge, check.dep)
                {
                    return Answer::Conflict;
                }
            }
        }
        self.with_peers(check, Answer::Ok)
    }

    /// The answer for the node alone is `state`: checks its peers.
    fn with_peers(&mut self, check: &mut CanPlace, state: Answer) -> Answer {
        self.own_answer = Some(state);
        if let Some(answer) = self.peers_answer {
            return answer;
        }
        let tree = self.tree;
        let mut peer_path = self.peer_path.to_vec();
        peer_path.push(check.dep);
        let mut saw_conflict = false;
        for edge in tree.node(check.dep).edges_out() {
            let Some(peer) = tree.edge(edge).to else { continue };
            if !tree.edge(edge).kind.is_peer() || peer_path.contains(&peer) {
                continue;
            }
            let target = tree.deepest_nesting_target(check.target, tree.node(peer).name);
            let question = Check {
                dep: peer,
                target,
                edge,
                prefer_dedupe: true,
                explicit_request: false,
                avoid: self.avoid,
                parent: Some(check),
            };
            let result = CanPlace::check_on_path(tree, question, &peer_path);
            saw_conflict |= result.answer == Answer::Conflict;
            check.children.push(result);
        }
        let answer = if saw_conflict { Answer::Conflict } else { state };
        self.peers_answer = Some(answer);
        answer
    }
}
