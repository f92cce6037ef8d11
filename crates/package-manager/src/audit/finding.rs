//! What is known of one vulnerable package while an audit goes on, and what is shown of it in the end.

use std::collections::HashSet;
use std::rc::Rc;

use dependency_resolver::{Avoided, EdgeId, NodeId, Tree};
use npm_formats::collation;
use npm_semver::Range;

use super::advisory::{Advisory, Cause, OPTIONS, Published, simplified};
use super::report::{AdvisoryView, BlockedFix, Fix, Severity, Via, Vulnerability};

/// What was found of one package so far.
#[derive(Default)]
pub(super) struct Finding {
    pub(super) advisories: Vec<Rc<Advisory>>,
    pub(super) nodes: Vec<NodeId>,
    /// Packages of the project, or linked ones, that allow nothing else.
    pub(super) top_nodes: Vec<NodeId>,
    pub(super) fix: Fix,
    pub(super) blocked_fix: Option<BlockedFix>,
    pub(super) severity: Option<Severity>,
    pub(super) via: Vec<String>,
    pub(super) effects: Vec<String>,
}

impl Finding {
    pub(super) fn add(&mut self, advisory: &Rc<Advisory>) {
        if !self.advisories.iter().any(|known| Rc::ptr_eq(known, advisory)) {
            self.advisories.push(advisory.clone());
        }
        self.severity = self.severity.max(Severity::read(&advisory.severity));
    }

    /// All advisories are about one package.
    pub(super) fn published(&self) -> Option<&Published> {
        self.advisories.first().map(|advisory| &*advisory.published)
    }

    fn versions(&self) -> Vec<String> {
        self.published().map(Published::texts).unwrap_or_default()
    }

    /// Forgets advisories that hit none of the nodes.
    pub(super) fn drop_irrelevant(&mut self, tree: &Tree) {
        let nodes = &self.nodes;
        self.advisories.retain(|advisory| {
            nodes.iter().any(|&node| advisory.test_version(tree.node(node).version(), None))
        });
        let severities = self.advisories.iter().map(|advisory| Severity::read(&advisory.severity));
        self.severity = severities.max().flatten();
    }

    /// The names of packages whose advisories have led to those here.
    pub(super) fn causes(&self) -> impl Iterator<Item = &str> {
        self.advisories.iter().filter_map(|advisory| advisory.dependency())
    }

    pub(super) fn range(&self) -> String {
        let ranges: Vec<&str> = self.advisories.iter().map(|advisory| advisory.range.as_str()).collect();
        ranges.join(" || ")
    }

    /// The vulnerable versions in as few words as possible.
    pub(super) fn simple_range(&self) -> String {
        simplified(&self.versions(), &self.range())
    }

    /// What a resolution is to stay away from.
    pub(super) fn avoided(&self, tree: &Tree) -> Option<Avoided> {
        let is_vulnerable =
            |version: &String| self.advisories.iter().any(|advisory| advisory.test_version(version, None));
        let mut versions: HashSet<String> = self.versions().into_iter().filter(is_vulnerable).collect();
        versions.extend(self.nodes.iter().map(|&node| tree.node(node).version().to_owned()));
        Some(Avoided { range: Range::parse(&self.range(), OPTIONS).ok()?, versions })
    }

    pub(super) fn view(&self, name: &str, tree: &Tree) -> Vulnerability {
        let is_of_project = |edge: EdgeId| {
            let from = tree.edge_from(edge);
            tree.is_project_root(from) || tree.is_workspace(from)
        };
        let sorted = |mut texts: Vec<String>| {
            texts.sort_by(|a, b| collation::compare(a, b));
            texts
        };
        let mut via: Vec<Via> = self.advisories.iter().map(|advisory| view_of(advisory)).collect();
        Via::sort(&mut via);
        Vulnerability {
            name: name.to_owned(),
            severity: self.severity,
            is_direct: self.nodes.iter().any(|&node| tree.node(node).edges_in().any(is_of_project)),
            via,
            effects: sorted(self.effects.clone()),
            range: self.simple_range(),
            nodes: sorted(self.nodes.iter().map(|&node| tree.node(node).location().to_owned()).collect()),
            fix: self.fix.clone(),
            blocked_fix: self.blocked_fix.clone(),
        }
    }
}

fn view_of(advisory: &Advisory) -> Via {
    match &advisory.cause {
        Cause::Dependency(source) => Via::Dependency(source.name.clone()),
        Cause::Published(document) => Via::Advisory(Box::new(AdvisoryView {
            source: document.id.clone(),
            name: advisory.name.clone(),
            title: document.title.clone(),
            url: document.url.clone(),
            severity: advisory.severity.clone(),
            cwe: document.cwe.clone(),
            cvss: document.cvss.clone(),
            range: advisory.range.clone(),
        })),
    }
}
