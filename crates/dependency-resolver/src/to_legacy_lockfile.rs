//! The `dependencies` section that lockfiles of versions 1 and 2 have: a tree as npm 6 reads it.
//!
//! Does not own the `packages` section (`to_lockfile`).

use std::cmp::Ordering;

use npm_formats::specifier::{Specifier, SpecifierKind};
use serde_json::{Map, Value};

use crate::paths;
use crate::to_lockfile::{LockfileOptions, add_flags};
use crate::tree::{EdgeId, NodeId, Tree};

/// The section for the tree below `root`.
pub(crate) fn legacy_dependencies(tree: &Tree, root: NodeId, options: LockfileOptions) -> Map<String, Value> {
    let base = tree.node(root).path().unwrap_or("/").to_owned();
    Writer { tree, root, base, options }.children(root, &mut Vec::new()).unwrap_or_default()
}

struct Writer<'a> {
    tree: &'a Tree,
    root: NodeId,
    base: String,
    options: LockfileOptions,
}

impl Writer<'_> {
    /// The entries of what is in a node's node_modules, or its target's; `None` if nothing is.
    fn children(&self, id: NodeId, above: &mut Vec<String>) -> Option<Map<String, Value>> {
        let tree = self.tree;
        let holder = tree.node(id).target().unwrap_or(id);
        let mut entries = Map::new();
        for child in tree.node(holder).children() {
            let realpath = tree.node(child).realpath().unwrap_or_default();
            // links may lead in circles
            if !above.iter().any(|known| known == realpath) {
                above.push(tree.node(id).realpath().unwrap_or_default().to_owned());
                entries.insert(tree.name(child).to_string(), Value::Object(self.entry(child, above)));
                above.pop();
            }
        }
        (!entries.is_empty()).then_some(entries)
    }

    fn entry(&self, id: NodeId, above: &mut Vec<String>) -> Map<String, Value> {
        let tree = self.tree;
        let node = tree.node(id);
        let source = node.resolved().and_then(|resolved| Specifier::parse(resolved, &self.base).ok());
        let asked = self.dependent_edge(id).and_then(|edge| {
            let from = tree.node(tree.edge_from(edge)).realpath().unwrap_or("/");
            Specifier::resolve(tree.name(id), &tree.edge_spec(edge), from).ok()
        });
        let asked = asked.as_ref().or(source.as_ref());
        let mut entry = Map::new();
        self.add_version(&mut entry, id, source.as_ref(), asked);
        if tree.in_dep_bundle(id) {
            entry.insert("bundled".to_owned(), true.into());
        }
        let is_outside = |spec: Option<&Specifier>| {
            spec.is_some_and(|spec| {
                matches!(spec.kind(), SpecifierKind::Git(_) | SpecifierKind::File | SpecifierKind::Directory)
            })
        };
        let is_url = asked.is_some_and(|asked| matches!(asked.kind(), SpecifierKind::Remote));
        if let Some(resolved) = node.resolved()
            && !(node.is_link() || is_outside(source.as_ref()) || is_outside(asked) || is_url)
            && !self.options.omit_registry_resolved
        {
            entry.insert("resolved".to_owned(), resolved.into());
        }
        if let Some(integrity) = node.integrity() {
            entry.insert("integrity".to_owned(), integrity.into());
        }
        if node.flags().extraneous || !node.is_link() {
            add_flags(&mut entry, node.flags());
        }
        if let Some(requires) = self.requires(id) {
            entry.insert("requires".to_owned(), requires.into());
        }
        if let Some(dependencies) = self.children(id, above) {
            entry.insert("dependencies".to_owned(), dependencies.into());
        }
        entry
    }

    fn add_version(
        &self,
        entry: &mut Map<String, Value>,
        id: NodeId,
        source: Option<&Specifier>,
        asked: Option<&Specifier>,
    ) {
        let node = self.tree.node(id);
        let is_git =
            |spec: Option<&Specifier>| spec.is_some_and(|spec| matches!(spec.kind(), SpecifierKind::Git(_)));
        let file = asked.filter(|spec| matches!(spec.kind(), SpecifierKind::File | SpecifierKind::Remote));
        let version = if node.is_link() {
            let target = paths::relative(&self.base, node.realpath().unwrap_or("/"));
            Some(format!("file:{target}"))
        } else if let Some(file) = file {
            file.save_spec().map(str::to_owned)
        } else if is_git(asked) || is_git(source) {
            if let Some(asked) = asked {
                entry.insert("from".to_owned(), asked.raw().into());
            }
            node.resolved().map(str::to_owned)
        } else {
            let version = node.package().version();
            match node.package().name() {
                Some(name) if name != self.tree.name(id) => {
                    Some(format!("npm:{name}@{}", version.map_or("undefined", |version| version)))
                }
                _ => version.map(|version| version.to_string()),
            }
        };
        if let Some(version) = version {
            entry.insert("version".to_owned(), version.into());
        }
    }

    /// The edge that npm 6 would say led to the package: the one from furthest up.
    fn dependent_edge(&self, id: NodeId) -> Option<EdgeId> {
        let tree = self.tree;
        let place = |edge: EdgeId| {
            let location = tree.node(tree.edge_from(edge)).location();
            (
                location.matches("node_modules").count(),
                location.rsplit("node_modules").next().unwrap_or_default(),
            )
        };
        let order = |&a: &EdgeId, &b: &EdgeId| -> Ordering {
            let (a, b) = (place(a), place(b));
            a.0.cmp(&b.0).then_with(|| npm_formats::collation::compare(a.1, b.1))
        };
        tree.node(id).edges_in().filter(|&edge| tree.edge_is_valid(edge)).min_by(order)
    }

    /// What the package depends on, peers excepted; `None` if nothing is declared.
    fn requires(&self, id: NodeId) -> Option<Map<String, Value>> {
        let tree = self.tree;
        let depender = tree.node(id).target().unwrap_or(id);
        let mut edges = tree.node(depender).edges_out().peekable();
        edges.peek()?;
        let base = tree.node(id).realpath().unwrap_or("/");
        let mut requires = Map::new();
        for edge in edges.filter(|&edge| !tree.edge(edge).kind.is_peer()) {
            let spec = tree.edge_spec(edge);
            let spec = match spec.strip_prefix("file:") {
                Some(path) => format!("file:{}", paths::relative(base, &paths::resolve(base, path))),
                None => spec.to_string(),
            };
            requires.insert(tree.edge_name(edge).to_string(), spec.into());
        }
        debug_assert!(id != self.root, "the root's own requires is a flag");
        Some(requires)
    }
}
