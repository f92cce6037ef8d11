//! From advisories to vulnerable packages of a tree: who is hit, through whom, and whether there is a way out.
//! Source: npm 11.19.1 (`@npmcli/arborist`, audit report).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use dependency_resolver::{
    EdgeId, NodeId, Outside, PickOptions, Platform, Requirement, Tree, name_matches, pick_manifest,
    pick_safe_manifest, should_omit,
};
use diagnostics::Diagnostic;
use indexmap::IndexMap;
use npm_formats::collation;
use npm_semver::{Range, RangeOptions};
use registry_client::{PackumentKind, RegistryClient};
use serde_json::Value;

use super::advisory::{Advisory, OPTIONS, Published};
use super::finding::Finding;
use super::report::{AuditReport, BlockedFix, DependencyCounts, Fix, ForcedFix, Vulnerability};
use crate::settings::InstallSettings;
use crate::view::{NodeSet, outdated::packuments};

/// A tree to be looked at.
pub(crate) struct Audited<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) root: NodeId,
    /// The nodes that count.
    pub(crate) filter: NodeSet,
    pub(crate) settings: &'a InstallSettings,
    pub(crate) platform: &'a Platform,
}

/// Everything that was found, by the names of packages.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) found: IndexMap<String, Finding>,
    /// Names of what cannot be replaced within the ranges of the project.
    pub(super) tops: Vec<String>,
    /// Packages about which the registry could not be asked.
    pub(super) warnings: Vec<Diagnostic>,
}

impl Audited<'_> {
    /// The versions to ask a registry about, by name.
    pub(crate) fn asked(&self) -> BTreeMap<String, Vec<String>> {
        let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for node in self.tree.inventory(self.root).into_iter().filter(|&node| self.counts(node)) {
            let Some(name) = self.tree.node(node).package().name() else { continue };
            let versions = asked.entry(name.to_string()).or_default();
            let version = self.tree.node(node).version();
            if !versions.iter().any(|known| known == version) {
                versions.push(version.to_owned());
            }
        }
        asked
    }

    fn counts(&self, node: NodeId) -> bool {
        let known = self.tree.node(node);
        !known.version().is_empty()
            && node != self.root
            && !known.is_link()
            && known.links_in().is_empty()
            && self.filter.as_ref().is_none_or(|filter| filter.contains(&node))
            && !should_omit(self.tree, node, self.settings.omit)
    }

    pub(super) fn dependency_counts(&self) -> DependencyCounts {
        let inventory = self.tree.inventory(self.root);
        let mut counts = DependencyCounts { total: inventory.len().saturating_sub(1), ..Default::default() };
        for flags in inventory.into_iter().map(|node| self.tree.node(node).flags()) {
            counts.dev += usize::from(flags.dev);
            counts.optional += usize::from(flags.optional);
            counts.peer += usize::from(flags.peer);
            counts.prod += usize::from(!flags.dev && !flags.optional && !flags.peer);
        }
        counts
    }

    fn pick_options<'o>(&'o self, avoid: Option<&'o Range>, before: Option<i64>) -> PickOptions<'o> {
        PickOptions {
            default_tag: &self.settings.tag,
            before,
            node_version: &self.platform.node_version,
            npm_version: &self.platform.npm_version,
            avoid,
        }
    }

    /// What a registry's advisories mean for the tree.
    pub(crate) async fn report(
        &self,
        client: &RegistryClient,
        advisories: &IndexMap<String, Vec<Value>>,
    ) -> AuditReport {
        self.calculate(client, advisories).await.report(self)
    }

    /// Works out what a registry's advisories mean for the tree.
    pub(super) async fn calculate(
        &self,
        client: &RegistryClient,
        advisories: &IndexMap<String, Vec<Value>>,
    ) -> Findings {
        let kind = match self.settings.before {
            Some(_) => PackumentKind::Full,
            None => PackumentKind::Abbreviated,
        };
        let mut calculation = Calculation {
            audited: self,
            client,
            kind,
            published: HashMap::new(),
            derived: HashMap::new(),
            seen: HashSet::new(),
            findings: Findings::default(),
        };
        calculation.run(advisories).await;
        calculation.findings
    }
}

struct Calculation<'a> {
    audited: &'a Audited<'a>,
    client: &'a RegistryClient,
    kind: PackumentKind,
    published: HashMap<String, Rc<Published>>,
    /// What follows from an advisory (by its address) for a dependent.
    derived: HashMap<(String, *const Advisory), Rc<Advisory>>,
    /// Names and ranges whose nodes have been looked for.
    seen: HashSet<(String, String)>,
    findings: Findings,
}

impl Calculation<'_> {
    async fn run(&mut self, advisories: &IndexMap<String, Vec<Value>>) {
        self.learn(advisories.keys().cloned().collect()).await;
        let mut pending: Vec<Rc<Advisory>> = Vec::new();
        for (name, documents) in advisories {
            let published = self.published_of(name);
            let made =
                documents.iter().map(|document| Advisory::published(name, document, published.clone()));
            pending.extend(made.map(Rc::new));
        }
        let mut at = 0;
        while let Some(advisory) = pending.get(at).cloned() {
            at += 1;
            let dependents = self.look_for(&advisory);
            self.learn(dependents.iter().map(|dependent| dependent.name.clone()).collect()).await;
            for Dependent { name, version, spec } in dependents {
                let derived = self.derive(&name, &advisory);
                let is_new = |known: &Rc<Advisory>| !Rc::ptr_eq(known, &derived);
                if derived.test_version(&version, Some(&spec)) && pending.iter().all(is_new) {
                    pending.push(derived);
                }
            }
            self.drop_what_hits_nobody(&advisory.name);
        }
        self.connect();
    }

    /// Fetches the packuments that are not known yet. A package without one is taken to have no versions.
    async fn learn(&mut self, names: Vec<String>) {
        let unknown: Vec<String> =
            names.into_iter().filter(|name| !self.published.contains_key(name)).collect();
        for (name, answer) in packuments(self.client, unknown, self.kind).await {
            let packument = match answer {
                Ok(packument) => Some(packument),
                Err(error) => {
                    // what is not from a registry is not there; that is not worth a word
                    if error.code() != "E404" {
                        let text = format!("the versions of {name} are not known; all count as vulnerable");
                        let warning = Diagnostic::warning(error.code(), text);
                        self.findings.warnings.push(warning.with_cause(error.to_string()));
                    }
                    None
                }
            };
            self.published.insert(name, Rc::new(Published::new(packument)));
        }
    }

    fn published_of(&self, name: &str) -> Rc<Published> {
        self.published.get(name).cloned().unwrap_or_else(|| Rc::new(Published::new(None)))
    }

    fn derive(&mut self, name: &str, source: &Rc<Advisory>) -> Rc<Advisory> {
        let key = (name.to_owned(), Rc::as_ptr(source));
        if let Some(known) = self.derived.get(&key) {
            return known.clone();
        }
        let derived = Rc::new(Advisory::of_dependent(name, source.clone(), self.published_of(name)));
        self.derived.insert(key, derived.clone());
        derived
    }

    /// Notes who is hit by an advisory, and gives the packages that depend on those.
    fn look_for(&mut self, advisory: &Rc<Advisory>) -> Vec<Dependent> {
        let tree = self.audited.tree;
        let name = advisory.name.clone();
        // taken out while it is worked on, and put back where it was
        let known = self.findings.found.shift_remove_full(&name);
        let place = known.as_ref().map_or(self.findings.found.len(), |(place, ..)| *place);
        let mut finding = known.map_or_else(Finding::default, |(.., finding)| finding);
        finding.add(advisory);
        let mut dependents = Vec::new();
        if self.seen.insert((name.clone(), advisory.range.clone())) {
            for node in self.hit(advisory) {
                if finding.nodes.contains(&node) {
                    continue;
                }
                finding.nodes.push(node);
                for edge in tree.node(node).edges_in() {
                    let from = tree.edge_from(edge);
                    // Nothing depends on a top, and its name is nobody's business: no registry is asked about it.
                    if !tree.is_top(from) {
                        dependents.push(Dependent::new(tree, edge));
                    } else if !finding.top_nodes.contains(&from) {
                        self.look_for_way_out(&name, &mut finding, edge);
                    }
                }
            }
        }
        self.findings.found.shift_insert(place, name, finding);
        dependents
    }

    fn hit(&self, advisory: &Advisory) -> Vec<NodeId> {
        let tree = self.audited.tree;
        let is_hit = |&node: &NodeId| {
            let known = tree.node(node);
            known.package().name().is_some_and(|name| **name == *advisory.name)
                && self.audited.counts(node)
                && advisory.test_version(known.version(), None)
        };
        tree.inventory(self.audited.root).into_iter().filter(is_hit).collect()
    }

    /// Whether a top can depend on something better.
    fn look_for_way_out(&mut self, name: &str, finding: &mut Finding, edge: EdgeId) {
        let tree = self.audited.tree;
        let requirement = Requirement::parse(tree.edge_name(edge), &tree.edge_spec(edge));
        let requirement = match requirement {
            Requirement::Alias { target, .. } => target,
            other => other.into(),
        };
        finding.fix = self.fix(name, finding, &requirement);
        if finding.fix == Fix::Available {
            finding.blocked_fix = self.blocked_fix(name, finding, &requirement);
            return;
        }
        finding.top_nodes.push(tree.edge_from(edge));
        if !self.findings.tops.iter().any(|top| top == name) {
            self.findings.tops.push(name.to_owned());
        }
    }

    fn fix(&self, name: &str, finding: &Finding, requirement: &Requirement) -> Fix {
        if !requirement.is_registry() {
            return Fix::None;
        }
        let avoid = Range::parse(&finding.range(), OPTIONS).ok();
        let Some(published) = finding.published() else { return Fix::None };
        if let Requirement::Range { text, .. } = requirement
            && let Ok(range) = Range::parse(text, RangeOptions::STRICT)
        {
            let is_safe = |version: &npm_semver::Version| {
                range.satisfies(version) && !avoid.as_ref().is_some_and(|avoid| avoid.satisfies(version))
            };
            if published.versions.iter().any(is_safe) {
                return Fix::Available;
            }
        }
        let Some(packument) = &published.packument else { return Fix::None };
        let options = self.audited.pick_options(avoid.as_ref(), None);
        match pick_safe_manifest(packument, requirement, &options) {
            None => Fix::None,
            Some((version, outside)) => Fix::Forced(ForcedFix {
                name: name.to_owned(),
                version: version.text().to_owned(),
                is_semver_major: match outside {
                    Outside::No => None,
                    Outside::SameMajor => Some(false),
                    Outside::AnyMajor => Some(true),
                },
            }),
        }
    }

    /// A way out that was published too late for this project.
    fn blocked_fix(&self, name: &str, finding: &Finding, requirement: &Requirement) -> Option<BlockedFix> {
        let before = self.audited.settings.before?;
        if self.audited.settings.before_exclude.iter().any(|pattern| name_matches(pattern, name)) {
            return None;
        }
        let packument = finding.published()?.packument.as_ref()?;
        let avoid = Range::parse(&finding.range(), OPTIONS).ok();
        let pick = |before| {
            pick_manifest(packument, requirement, &self.audited.pick_options(avoid.as_ref(), before)).ok()
        };
        let version = pick(None)?.text().to_owned();
        let is_avoided =
            |version: &npm_semver::Version| avoid.as_ref().is_some_and(|avoid| avoid.satisfies(version));
        let in_time = pick(Some(before));
        let is_blocked = in_time.is_none_or(|version| version.parsed().is_some_and(is_avoided));
        is_blocked.then_some(BlockedFix { version, before })
    }

    fn drop_what_hits_nobody(&mut self, name: &str) {
        let tree = self.audited.tree;
        let Some(finding) = self.findings.found.get_mut(name) else { return };
        if finding.nodes.is_empty() {
            self.findings.found.shift_remove(name);
            return;
        }
        finding.drop_irrelevant(tree);
    }

    /// Links what is vulnerable with what makes it so, once everything is known.
    fn connect(&mut self) {
        let found = &mut self.findings.found;
        let names: Vec<String> = found.keys().cloned().collect();
        for name in names {
            let causes: Vec<String> = match found.get(&name) {
                Some(finding) => finding.causes().map(str::to_owned).collect(),
                None => continue,
            };
            for cause in causes {
                let Some(source) = found.get_mut(&cause) else { continue };
                push_new(&mut source.effects, &name);
                let Some(finding) = found.get_mut(&name) else { continue };
                push_new(&mut finding.via, &cause);
                let fix = finding.fix.clone();
                set_fix(found, &name, &fix);
            }
        }
    }
}

/// Sets a fix, and the same for what causes the vulnerability as far as it is the stricter one there.
fn set_fix(found: &mut IndexMap<String, Finding>, name: &str, fix: &Fix) {
    let Some(finding) = found.get_mut(name) else { return };
    finding.fix = fix.clone();
    for cause in finding.via.clone() {
        let Some(known) = found.get(&cause).map(|finding| &finding.fix) else { continue };
        let gives_way = match (known, fix) {
            (known, fix) if known == fix => false,
            (_, Fix::None) | (Fix::Available, _) => true,
            (Fix::None, Fix::Forced(_)) => true,
            (Fix::Forced(known), Fix::Forced(_)) => known.is_semver_major != Some(true),
            (_, Fix::Available) => false,
        };
        if gives_way {
            set_fix(found, &cause, fix);
        }
    }
}

fn push_new(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// A package that depends on a vulnerable one.
struct Dependent {
    name: String,
    version: String,
    spec: String,
}

impl Dependent {
    fn new(tree: &Tree, edge: EdgeId) -> Self {
        let from = tree.edge_from(edge);
        let node = tree.node(from);
        Self {
            name: node.package().name().unwrap_or(tree.name(from)).to_string(),
            version: node.version().to_owned(),
            spec: tree.edge_spec(edge).to_string(),
        }
    }
}

impl Findings {
    pub(super) fn report(&self, audited: &Audited<'_>) -> AuditReport {
        let mut vulnerabilities: Vec<Vulnerability> =
            self.found.iter().map(|(name, finding)| finding.view(name, audited.tree)).collect();
        vulnerabilities.sort_by(|a, b| collation::compare(&a.name, &b.name));
        AuditReport { vulnerabilities, dependencies: audited.dependency_counts() }
    }
}
