//! Dependency edges: who asks for which name, and what that resolves to.

use std::cell::Cell;
use std::sync::Arc;

use super::{NodeId, Tree};
use crate::names::Name;
use crate::overrides::RuleId;
use crate::package::Section;
use crate::spec::Requirement;
use crate::validity::satisfies_spec;

/// An edge of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeId(pub(super) u32);

/// The kind of a dependency, in npm's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EdgeKind {
    /// `dependencies`
    Prod,
    /// `devDependencies` of a top node
    Dev,
    /// `optionalDependencies`
    Optional,
    /// `peerDependencies`
    Peer,
    /// `peerDependencies` marked optional
    PeerOptional,
    /// From a workspace root to a workspace
    Workspace,
}

impl EdgeKind {
    /// Optional or peerOptional.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::PeerOptional)
    }

    /// Peer or peerOptional.
    pub fn is_peer(self) -> bool {
        matches!(self, Self::Peer | Self::PeerOptional)
    }

    /// npm's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prod => "prod",
            Self::Dev => "dev",
            Self::Optional => "optional",
            Self::Peer => "peer",
            Self::PeerOptional => "peerOptional",
            Self::Workspace => "workspace",
        }
    }
}

/// What is wrong with an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EdgeError {
    /// Nothing of that name can be reached, and something must be.
    Missing,
    /// A peer dependency is met inside its own dependent.
    PeerLocal,
    /// What is reached does not satisfy the spec.
    Invalid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Unknown,
    Valid,
    Wrong(EdgeError),
}

/// One dependency of one node.
#[derive(Debug)]
pub struct Edge {
    pub(crate) name: Name,
    pub(crate) kind: EdgeKind,
    pub(crate) raw_spec: Arc<str>,
    pub(crate) accept: Option<Arc<str>>,
    /// `None` once detached.
    pub(crate) from: Option<NodeId>,
    pub(crate) to: Option<NodeId>,
    pub(crate) rule: Option<RuleId>,
    pub(crate) peer_conflicted: bool,
    verdict: Cell<Verdict>,
}

impl Edge {
    pub(super) fn new(
        name: Name,
        kind: EdgeKind,
        raw_spec: Arc<str>,
        accept: Option<Arc<str>>,
        from: NodeId,
    ) -> Self {
        let verdict = Cell::new(Verdict::Unknown);
        Self {
            name,
            kind,
            raw_spec,
            accept,
            from: Some(from),
            to: None,
            rule: None,
            peer_conflicted: false,
            verdict,
        }
    }
}

impl Tree {
    /// The edge behind an id.
    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id.0 as usize]
    }

    pub(crate) fn edge_mut(&mut self, id: EdgeId) -> &mut Edge {
        &mut self.edges[id.0 as usize]
    }

    /// The name an edge asks for.
    pub fn edge_name(&self, id: EdgeId) -> &Arc<str> {
        self.names.text(self.edge(id).name)
    }

    /// Where an edge starts. Panics on a detached edge, which no caller can hold.
    pub fn edge_from(&self, id: EdgeId) -> NodeId {
        self.edge(id).from.expect("an edge that is reached through its node is attached")
    }

    /// The spec in force: the override's where one applies, else the declared one.
    pub fn edge_spec(&self, id: EdgeId) -> Arc<str> {
        let edge = self.edge(id);
        let overriding = edge.rule.filter(|&rule| self.overrides.name(rule) == Some(edge.name));
        match overriding.and_then(|rule| self.overrides.value(rule)) {
            None | Some("*") => edge.raw_spec.clone(),
            Some(value) => match value.strip_prefix('$') {
                Some(reference) => self.referenced_spec(edge.from, reference).unwrap_or_else(|| {
                    let _ = self.missing_reference.set(value.into());
                    edge.raw_spec.clone()
                }),
                None => value.into(),
            },
        }
    }

    /// Whether an override decides the spec of this edge.
    pub fn edge_is_overridden(&self, id: EdgeId) -> bool {
        *self.edge_spec(id) != *self.edge(id).raw_spec
    }

    fn referenced_spec(&self, from: Option<NodeId>, reference: &str) -> Option<Arc<str>> {
        let from = from?;
        let root = self.root(self.node(from).source.unwrap_or(from));
        [root, from].into_iter().find_map(|node| {
            let package = &self.node(node).package;
            [Section::Dev, Section::Optional, Section::Prod, Section::Peer]
                .into_iter()
                .find_map(|section| package.spec_in(section, reference).filter(|spec| !spec.is_empty()))
                .map(Arc::from)
        })
    }

    /// The parsed spec in force.
    pub fn edge_requirement(&self, id: EdgeId) -> Arc<Requirement> {
        self.specs.requirement(self.edge_name(id), &self.edge_spec(id))
    }

    /// What is wrong with an edge, if anything.
    pub fn edge_error(&self, id: EdgeId) -> Option<EdgeError> {
        let edge = self.edge(id);
        if edge.verdict.get() == Verdict::Unknown {
            edge.verdict.set(self.judge(id));
        }
        match edge.verdict.get() {
            Verdict::Wrong(error) => Some(error),
            Verdict::Valid | Verdict::Unknown => None,
        }
    }

    /// Whether an edge is met, or need not be.
    pub fn edge_is_valid(&self, id: EdgeId) -> bool {
        self.edge_error(id).is_none()
    }

    fn judge(&self, id: EdgeId) -> Verdict {
        let edge = self.edge(id);
        let (Some(from), Some(to)) = (edge.from, edge.to) else {
            // not remembered for an optional edge, as nothing was checked
            return if edge.kind.is_optional() {
                Verdict::Unknown
            } else {
                Verdict::Wrong(EdgeError::Missing)
            };
        };
        if edge.kind.is_peer() && self.node(to).parent == Some(from) && !self.is_top(from) {
            return Verdict::Wrong(EdgeError::PeerLocal);
        }
        if !self.edge_satisfied_by(id, to) {
            return Verdict::Wrong(EdgeError::Invalid);
        }
        let target = self.node(to);
        let rules_conflict = match (edge.rule, target.rule) {
            (Some(mine), Some(theirs)) if !target.edges_out.is_empty() => {
                self.overrides.conflict(mine, theirs)
            }
            _ => false,
        };
        if rules_conflict { Verdict::Wrong(EdgeError::Invalid) } else { Verdict::Valid }
    }

    /// Whether `node` would satisfy the edge, wherever it stands.
    pub fn edge_satisfied_by(&self, id: EdgeId, node: NodeId) -> bool {
        let edge = self.edge(id);
        let Some(from) = edge.from else { return false };
        let candidate = self.node(node);
        if candidate.name != edge.name {
            return false;
        }
        let valid = |spec: &str| {
            satisfies_spec(self, node, spec, from, Some(id))
                || edge
                    .accept
                    .as_deref()
                    .is_some_and(|accept| satisfies_spec(self, node, accept, from, Some(id)))
        };
        // overriding what a package bundles or shrinkwraps is not supported
        if candidate.has_shrinkwrap || self.in_shrinkwrap(node) || self.bundler(node).is_some() {
            return valid(&edge.raw_spec);
        }
        let Some(key_spec) = edge.rule.and_then(|rule| self.overrides.key_spec(rule)) else {
            return valid(&self.edge_spec(id));
        };
        // Meeting the override is fine; meeting only the declared spec is fine as long as the rule's key
        // does not cover what was found.
        valid(&self.edge_spec(id)) || (valid(&edge.raw_spec) && !valid(key_spec))
    }

    /// Resolves the edge anew and tells both ends. `Hard` also forgets the verdict.
    pub(crate) fn reload_edge(&mut self, id: EdgeId, hard: bool) {
        let Some(from) = self.edge(id).from else { return };
        let mut new_rule = None;
        let old_rule = self.edge(id).rule;
        match self.node(from).rule {
            Some(set) => {
                let edge = self.edge(id);
                let rule = self.overrides.edge_rule(set, edge.name, &edge.raw_spec, &self.names, &self.specs);
                if !self.overrides.same(Some(rule), old_rule) {
                    self.edge_mut(id).rule = Some(rule);
                    new_rule = Some(rule);
                }
            }
            None => self.edge_mut(id).rule = None,
        }
        let old_to = self.edge(id).to;
        let new_to = self.resolve(from, self.edge(id).name);
        if new_to != old_to {
            if let Some(old) = old_to {
                self.remove_edge_in(old, id);
            }
            let edge = self.edge_mut(id);
            edge.to = new_to;
            edge.verdict.set(Verdict::Unknown);
            if let Some(new) = new_to {
                self.add_edge_in(new, id);
            }
        } else if hard {
            self.edge_mut(id).verdict.set(Verdict::Unknown);
        } else if let (Some(rule), Some(to)) = (new_rule, new_to) {
            self.rule_left(to, old_rule);
            self.rule_arrived(to, Some(rule));
        }
    }

    /// Takes the edge out of the graph.
    pub(crate) fn detach_edge(&mut self, id: EdgeId) {
        if let Some(to) = self.edge(id).to {
            self.remove_edge_in(to, id);
        }
        if let Some(from) = self.edge(id).from {
            let key = self.names.fold(self.edge(id).name);
            self.node_mut(from).edges_out.shift_remove(&key);
        }
        let edge = self.edge_mut(id);
        edge.to = None;
        edge.from = None;
    }

    fn remove_edge_in(&mut self, node: NodeId, id: EdgeId) {
        let edges_in = &mut self.node_mut(node).edges_in;
        if let Some(at) = edges_in.iter().position(|&known| known == id) {
            edges_in.remove(at);
        }
        if let Some(rule) = self.edge(id).rule {
            self.rule_left(node, Some(rule));
        }
    }

    fn add_edge_in(&mut self, node: NodeId, id: EdgeId) {
        let rule = self.edge(id).rule;
        let own = self.node(node).rule;
        if own.is_none() || !self.overrides.same(own, rule) {
            self.rule_arrived(node, rule);
        }
        self.node_mut(node).edges_in.push(id);
    }

    /// An edge under `rule` no longer leads to `node`: the node's own set may change.
    fn rule_left(&mut self, node: NodeId, rule: Option<RuleId>) {
        let own = self.node(node).rule;
        if own.is_none() || !self.overrides.same(own, rule) {
            return;
        }
        let mut remaining: Option<RuleId> = None;
        for &edge in &self.node(node).edges_in {
            let edge_rule = self.edge(edge).rule;
            remaining = match (remaining, edge_rule) {
                (Some(known), Some(rule)) => self.overrides.more_specific(rule, known),
                _ => edge_rule,
            };
        }
        if self.overrides.same(own, remaining) {
            return;
        }
        self.node_mut(node).rule = remaining;
        if remaining.is_some() {
            self.spread_rules(node);
        }
    }

    /// An edge under `rule` now leads to `node`: the more specific set wins.
    pub(crate) fn rule_arrived(&mut self, node: NodeId, rule: Option<RuleId>) {
        let Some(rule) = rule else { return };
        let new = match self.node(node).rule {
            None => Some(rule),
            Some(own) if self.overrides.equal(own, rule) => None,
            // where the two demand incompatible versions the first stays
            Some(own) => {
                self.overrides.more_specific(own, rule).filter(|&new| !self.overrides.equal(own, new))
            }
        };
        if new.is_some() {
            self.node_mut(node).rule = new;
            self.spread_rules(node);
        }
    }

    /// Passes a node's override set on to what it depends on.
    pub(crate) fn spread_rules(&mut self, node: NodeId) {
        if self.node(node).is_link {
            if let (Some(target), Some(rule)) = (self.node(node).target, self.node(node).rule)
                && self.rule_touches_subtree(rule, target)
            {
                self.rule_arrived(target, Some(rule));
            }
            return;
        }
        let edges: Vec<EdgeId> = self.node(node).edges_out.values().copied().collect();
        for edge in edges {
            self.reload_edge(edge, true);
            if let Some(to) = self.edge(edge).to {
                let rule = self.edge(edge).rule;
                self.rule_arrived(to, rule);
            }
        }
    }

    /// Whether a rule of the set names something that can be reached from `target`.
    fn rule_touches_subtree(&self, set: RuleId, target: NodeId) -> bool {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut stack = vec![target];
        while let Some(at) = stack.pop() {
            let at = self.node(at).target.unwrap_or(at);
            if !seen.insert(at) {
                continue;
            }
            for &id in self.node(at).edges_out.values() {
                let edge = self.edge(id);
                let rule = self.overrides.edge_rule(set, edge.name, &edge.raw_spec, &self.names, &self.specs);
                if self.overrides.name(rule) == Some(edge.name) {
                    return true;
                }
                stack.extend(edge.to);
            }
        }
        false
    }
}
