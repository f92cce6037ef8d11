//! What selectors mean in a tree.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use dependency_resolver::{EdgeId, EdgeKind, NodeId, Requirement, Tree};
use npm_formats::specifier::Specifier;
use npm_semver::{Range, RangeOptions, Version};
use serde_json::{Map, Value, json};

use super::QueryError;
use super::attributes::is_truthy;
use super::parse::{
    Combinator, DependencyType, OutdatedKind, Part, Pseudo, Selector, SelectorError, Simple,
    VulnerabilityTest,
};
use super::registry::{RegistryFacts, put_nested, texts};
use crate::view::ProjectTree;
use crate::workspaces::glob::Glob;
use crate::workspaces::lexical_join;

/// What can be found: a package, or a dependency that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Item {
    Node(NodeId),
    Missing(EdgeId),
}

/// A query under way.
pub(super) struct Evaluation<'a> {
    project: &'a ProjectTree,
    inventory: Vec<Item>,
    scope: Item,
    registry: Option<&'a RegistryFacts<'a>>,
    /// What was found out on the way about packages, for whoever asked.
    contexts: RefCell<HashMap<NodeId, Map<String, Value>>>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(
        project: &'a ProjectTree,
        scope: NodeId,
        registry: Option<&'a RegistryFacts<'a>>,
    ) -> Self {
        let inventory = project.tree.inventory(project.root).into_iter().map(Item::Node).collect();
        Self { project, inventory, scope: Item::Node(scope), registry, contexts: RefCell::default() }
    }

    /// What the registry said about a package that was found.
    pub(super) fn context(&self, item: Item) -> Map<String, Value> {
        match item {
            Item::Node(node) => self.contexts.borrow().get(&node).cloned().unwrap_or_default(),
            Item::Missing(_) => Map::new(),
        }
    }

    /// What a list of selectors means, each item once.
    pub(super) fn select(&self, selectors: &[Selector]) -> Result<Vec<Item>, QueryError> {
        self.select_from(selectors, &self.inventory, self.scope)
    }

    fn select_from(
        &self,
        selectors: &[Selector],
        start: &[Item],
        scope: Item,
    ) -> Result<Vec<Item>, QueryError> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for selector in selectors {
            all.extend(self.follow(selector, start, scope)?.into_iter().filter(|item| seen.insert(*item)));
        }
        Ok(all)
    }

    fn follow(&self, selector: &Selector, start: &[Item], scope: Item) -> Result<Vec<Item>, QueryError> {
        let mut current = start.to_vec();
        let mut pending = None;
        for part in &selector.0 {
            match part {
                Part::Combinator(combinator) => pending = Some(*combinator),
                Part::Simple(simple) => {
                    // behind a combinator everything is looked at, else what is left so far
                    let from = if pending.is_some() { &self.inventory } else { &current };
                    let next = self.filter(simple, from, scope)?;
                    current = match pending.take() {
                        Some(combinator) => self.combine(combinator, &current, next),
                        None => next,
                    };
                }
            }
        }
        Ok(current)
    }

    fn filter(&self, simple: &Simple, from: &[Item], scope: Item) -> Result<Vec<Item>, QueryError> {
        let tree = &self.project.tree;
        let keep = |test: &dyn Fn(Item) -> bool| from.iter().copied().filter(|&item| test(item)).collect();
        Ok(match simple {
            Simple::Any => from.to_vec(),
            Simple::Name(name) => keep(&|item| {
                let stands_as = match item {
                    Item::Node(node) => **tree.name(node) == **name,
                    Item::Missing(edge) => **tree.edge_name(edge) == **name,
                };
                stands_as || self.package(item).get("name").and_then(Value::as_str) == Some(name)
            }),
            Simple::Type(kind) => keep(&|item| self.is_of_type(item, *kind)),
            Simple::Attribute(test) => keep(&|item| test.matches(&self.package(item))),
            Simple::Pseudo(pseudo) => return self.pseudo(pseudo, from, scope),
        })
    }

    fn pseudo(&self, pseudo: &Pseudo, from: &[Item], scope: Item) -> Result<Vec<Item>, QueryError> {
        let tree = &self.project.tree;
        let keep = |test: &dyn Fn(Item) -> bool| from.iter().copied().filter(|&item| test(item)).collect();
        let nodes =
            |test: &dyn Fn(NodeId) -> bool| keep(&|item| matches!(item, Item::Node(node) if test(node)));
        Ok(match pseudo {
            Pseudo::Attribute(lookup) => keep(&|item| lookup.matches(&self.package(item))),
            Pseudo::Semver(test) => keep(&|item| test.matches(&self.package(item))),
            Pseudo::Private => keep(&|item| self.package(item).get("private").is_some_and(is_truthy)),
            Pseudo::Deduped => nodes(&|node| tree.node(tree.followed(node)).edges_in().count() > 1),
            Pseudo::Empty => nodes(&|node| tree.node(node).edges_out().next().is_none()),
            Pseudo::Extraneous => nodes(&|node| tree.node(node).flags().extraneous),
            Pseudo::Invalid => {
                nodes(&|node| tree.node(node).edges_in().any(|edge| self.project.is_invalid(edge)))
            }
            Pseudo::Link => {
                nodes(&|node| tree.node(node).is_link() || (tree.is_top(node) && node != self.project.root))
            }
            Pseudo::Outdated(kind) => self.outdated(*kind, from)?,
            Pseudo::Vulnerable(tests) => self.vulnerable(tests, from)?,
            Pseudo::Overridden => nodes(&|node| tree.is_overridden(node)),
            Pseudo::Path(pattern) => self.in_path(pattern, from),
            Pseudo::Root => keep(&|item| item == Item::Node(self.project.root)),
            Pseudo::Scope => keep(&|item| item == scope),
            Pseudo::Type(wanted) => self.of_specifier_type(wanted, from),
            Pseudo::Missing => self.missing(),
            Pseudo::Is(selectors) => self.select_from(selectors, from, scope)?,
            Pseudo::Not(selectors) => {
                let excluded: HashSet<Item> = self.select_from(selectors, from, scope)?.into_iter().collect();
                keep(&|item| !excluded.contains(&item))
            }
            Pseudo::Has(selectors) => {
                let mut found = Vec::new();
                for &item in from {
                    if !self.select_from(selectors, &[item], item)?.is_empty() {
                        found.push(item);
                    }
                }
                found
            }
        })
    }

    /// Packages that a registry may know: neither the project nor private, with their names there and their versions.
    fn published(&self, from: &[Item]) -> Vec<(NodeId, String, Version)> {
        let tree = &self.project.tree;
        let published = from.iter().filter_map(|&item| {
            let Item::Node(node) = item else { return None };
            let package = &tree.node(node).package().json;
            if node == self.project.root || package.get("private").is_some_and(is_truthy) {
                return None;
            }
            let name = package.get("name").and_then(Value::as_str).unwrap_or(tree.name(node));
            Some((node, name.to_owned(), Version::parse(tree.node(node).version()).ok()?))
        });
        published.collect()
    }

    fn outdated(&self, kind: OutdatedKind, from: &[Item]) -> Result<Vec<Item>, QueryError> {
        let registry = self.registry.ok_or(SelectorError::NeedsRegistry { text: "outdated" })?;
        let published = self.published(from);
        registry.learn_versions(published.iter().map(|(_, name, _)| name.clone()));
        let mut found = Vec::new();
        let mut contexts = self.contexts.borrow_mut();
        for (node, name, version) in published {
            let versions = registry.versions(&name);
            let context = contexts.entry(node).or_default();
            context.insert("versions".to_owned(), texts(&versions));
            let newer: Vec<Version> = versions.into_iter().filter(|other| *other > version).collect();
            let is_outdated = match kind {
                OutdatedKind::Any => !newer.is_empty(),
                OutdatedKind::By(difference) => {
                    newer.iter().any(|other| npm_semver::diff(&version, other) == Some(difference))
                }
                OutdatedKind::InRange => self.for_dependents(node, &newer, true, "inRange", context),
                OutdatedKind::OutOfRange => self.for_dependents(node, &newer, false, "outOfRange", context),
            };
            if is_outdated {
                found.push(Item::Node(node));
            }
        }
        Ok(found)
    }

    /// Whether a dependent accepts one of the versions, or does not accept one; which ones those are is noted.
    fn for_dependents(
        &self,
        node: NodeId,
        newer: &[Version],
        accepted: bool,
        note: &str,
        context: &mut Map<String, Value>,
    ) -> bool {
        let tree = &self.project.tree;
        let mut noted = Vec::new();
        for edge in tree.node(node).edges_in() {
            let requirement = Requirement::parse(tree.edge_name(edge), &tree.edge_spec(edge));
            let spec = requirement.registry_request(tree.edge_name(edge)).map(|(_, spec)| spec);
            let range = spec.and_then(|spec| Range::parse(&spec, RangeOptions::default()).ok());
            let accepts = |version: &Version| range.as_ref().is_some_and(|range| range.satisfies(version));
            let versions: Vec<Version> =
                newer.iter().filter(|version| accepts(version) == accepted).cloned().collect();
            if !versions.is_empty() {
                let from = tree.node(tree.edge_from(edge)).location();
                noted.push(json!({ "from": from, "versions": texts(&versions) }));
            }
        }
        let is_met = !noted.is_empty();
        if is_met {
            put_nested(context, "outdated", note, noted.into());
        }
        is_met
    }

    fn vulnerable(&self, tests: &[VulnerabilityTest], from: &[Item]) -> Result<Vec<Item>, QueryError> {
        let registry = self.registry.ok_or(SelectorError::NeedsRegistry { text: "vuln" })?;
        let published = self.published(from);
        let packages = published.iter().map(|(_, name, version)| (name.clone(), version.to_string()));
        registry.learn_advisories(packages)?;
        let mut found = Vec::new();
        for (node, name, version) in published {
            let advisories = registry.advisories(&name, &version.to_string(), tests);
            if !advisories.is_empty() {
                let context = Map::from_iter([("advisories".to_owned(), Value::Array(advisories))]);
                self.contexts.borrow_mut().insert(node, context);
                found.push(Item::Node(node));
            }
        }
        Ok(found)
    }

    /// Dependencies that lead nowhere and must not, of the whole tree.
    fn missing(&self) -> Vec<Item> {
        let nodes = self.inventory.iter().flat_map(|&item| self.edges_out(item));
        nodes.filter(|&edge| self.project.is_missing(edge)).map(Item::Missing).collect()
    }

    fn in_path(&self, pattern: &str, from: &[Item]) -> Vec<Item> {
        if pattern.is_empty() {
            return from.to_vec();
        }
        let pattern = lexical_join(&self.project.directory, &pattern.replace("\\/", "/"));
        let glob = Glob::new(&pattern.to_string_lossy());
        let is_meant = |item: &Item| {
            matches!(item, Item::Node(node)
                if self.project.tree.node(*node).realpath().is_some_and(|path| glob.matches(path)))
        };
        from.iter().copied().filter(is_meant).collect()
    }

    /// By what kind of specifier packages are asked for.
    fn of_specifier_type(&self, wanted: &str, from: &[Item]) -> Vec<Item> {
        if wanted.is_empty() {
            return from.to_vec();
        }
        let tree = &self.project.tree;
        let place = self.project.directory.to_string_lossy();
        let is_asked_so = |edge: EdgeId| {
            let specifier = Specifier::resolve(tree.edge_name(edge), &tree.edge_spec(edge), &*place);
            specifier.is_ok_and(|specifier| {
                if wanted == "registry" {
                    specifier.is_registry()
                } else {
                    specifier.kind().as_str() == wanted
                }
            })
        };
        let is_meant =
            |item: &Item| matches!(item, Item::Node(node) if tree.node(*node).edges_in().any(is_asked_so));
        from.iter().copied().filter(is_meant).collect()
    }

    fn is_of_type(&self, item: Item, kind: DependencyType) -> bool {
        let Item::Node(node) = item else {
            // a package that is missing starts with every flag set
            return matches!(kind, DependencyType::Dev | DependencyType::Optional | DependencyType::Peer);
        };
        let tree = &self.project.tree;
        match kind {
            DependencyType::Prod => !tree.node(node).flags().dev,
            DependencyType::Workspace => tree.is_workspace(node),
            DependencyType::Bundled => tree.bundler(node).is_some(),
            DependencyType::Dev | DependencyType::Optional | DependencyType::Peer => {
                has_type(tree, node, kind)
                    || reached_upward(tree, node).into_iter().any(|edge| {
                        is_edge_of(tree, edge, kind) || has_type(tree, tree.edge_from(edge), kind)
                    })
            }
        }
    }

    fn combine(&self, combinator: Combinator, before: &[Item], next: Vec<Item>) -> Vec<Item> {
        let parents = || before.iter().filter_map(|&item| self.node(item)).collect::<HashSet<NodeId>>();
        match combinator {
            Combinator::Child => {
                let parents = parents();
                next.into_iter().filter(|&item| self.has_parent(item, &parents)).collect()
            }
            Combinator::Descendant => {
                let ancestors = parents();
                next.into_iter().filter(|&item| self.has_ancestor(item, &ancestors)).collect()
            }
            Combinator::Sibling => {
                let edges = before.iter().flat_map(|&item| self.edges_in(item));
                let parents = edges.map(|edge| self.project.tree.edge_from(edge)).collect();
                let is_sibling = |&item: &Item| !before.contains(&item) && self.has_parent(item, &parents);
                next.into_iter().filter(is_sibling).collect()
            }
        }
    }

    fn node(&self, item: Item) -> Option<NodeId> {
        match item {
            Item::Node(node) => Some(self.project.tree.followed(node)),
            Item::Missing(_) => None,
        }
    }

    /// Whether one of `parents` depends on it, or has a link to it in its node_modules.
    fn has_parent(&self, item: Item, parents: &HashSet<NodeId>) -> bool {
        let tree = &self.project.tree;
        let is_linked = || {
            let Item::Node(node) = item else { return false };
            let above =
                tree.resolve_parent(node).filter(|above| tree.is_top(node) && parents.contains(above));
            above.is_some()
                && tree.node(node).links_in().iter().any(|&link| tree.node(link).parent() == above)
        };
        self.edges_in(item).iter().any(|&edge| parents.contains(&tree.edge_from(edge))) || is_linked()
    }

    fn has_ancestor(&self, item: Item, ancestors: &HashSet<NodeId>) -> bool {
        let tree = &self.project.tree;
        let mut seen = HashSet::from([item]);
        let mut pending = vec![item];
        while let Some(at) = pending.pop() {
            if self.has_parent(at, ancestors) {
                return true;
            }
            let mut above: Vec<NodeId> =
                self.edges_in(at).into_iter().map(|edge| tree.edge_from(edge)).collect();
            if let Item::Node(node) = at {
                above.extend(tree.resolve_parent(node).filter(|_| tree.is_top(node)));
                above.extend(tree.node(node).links_in());
            }
            pending.extend(above.into_iter().map(Item::Node).filter(|above| seen.insert(*above)));
        }
        false
    }

    fn edges_in(&self, item: Item) -> Vec<EdgeId> {
        match item {
            Item::Node(node) => self.project.tree.node(node).edges_in().collect(),
            Item::Missing(edge) => vec![edge],
        }
    }

    fn edges_out(&self, item: Item) -> Vec<EdgeId> {
        match item {
            Item::Node(node) => self.project.tree.node(node).edges_out().collect(),
            Item::Missing(_) => Vec::new(),
        }
    }

    fn package(&self, item: Item) -> Cow<'_, Map<String, Value>> {
        match item {
            Item::Node(node) => Cow::Borrowed(&self.project.tree.node(node).package().json),
            Item::Missing(edge) => Cow::Owned(missing_package(self.project, edge)),
        }
    }
}

/// What there is to say of a package that is missing.
pub(super) fn missing_package(project: &ProjectTree, edge: EdgeId) -> Map<String, Value> {
    let (name, spec) = (project.tree.edge_name(edge), project.tree.edge_spec(edge));
    let id = format!("{name}@{spec}");
    [("name", name.to_string()), ("version", spec.to_string()), ("_id", id)]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect()
}

fn has_type(tree: &Tree, node: NodeId, kind: DependencyType) -> bool {
    let flags = tree.node(node).flags();
    match kind {
        DependencyType::Dev => flags.dev,
        DependencyType::Optional => flags.optional,
        DependencyType::Peer => flags.peer,
        _ => false,
    }
}

fn is_edge_of(tree: &Tree, edge: EdgeId, kind: DependencyType) -> bool {
    let known = tree.edge_kind(edge);
    match kind {
        DependencyType::Dev => known == EdgeKind::Dev,
        DependencyType::Optional => known == EdgeKind::Optional,
        DependencyType::Peer => known == EdgeKind::Peer,
        _ => false,
    }
}

/// All edges by which a node is reached, directly or not.
fn reached_upward(tree: &Tree, node: NodeId) -> Vec<EdgeId> {
    let mut seen = HashSet::new();
    let mut edges = Vec::new();
    let mut pending = vec![node];
    while let Some(at) = pending.pop() {
        for edge in tree.node(at).edges_in().filter(|&edge| seen.insert(edge)) {
            edges.push(edge);
            pending.push(tree.edge_from(edge));
        }
    }
    edges
}
