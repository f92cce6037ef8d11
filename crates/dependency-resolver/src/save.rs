//! What an installation writes back into the documents of the root and of workspaces: the specs under which
//! requested and updated packages are saved.

use std::sync::Arc;

use npm_formats::hosted_git::UrlOptions;
use npm_formats::manifest::SaveType;
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, RangeOptions};
use serde_json::{Map, Value};

use crate::build::IdealTree;
use crate::options::Update;
use crate::package::Package;
use crate::paths;
use crate::tree::{EdgeId, EdgeKind, NodeId, Tree};

/// How specs are saved.
#[derive(Debug, Clone)]
pub struct SaveOptions {
    /// `save-prefix`, empty with `save-exact`.
    pub prefix: String,
    /// The section asked for; `None` leaves each where it is.
    pub save_type: Option<SaveType>,
    /// What was updated.
    pub update: Update,
}

/// Puts the specs to be saved into the documents of the tree. Gives the root and workspaces whose document
/// may have changed; their package.json is to be written.
pub fn apply_saved_specs(ideal: &mut IdealTree, options: &SaveOptions) -> Vec<NodeId> {
    let mut saved: Vec<(NodeId, String)> = Vec::new();
    let updated = match &options.update {
        Update::All => updated_dependencies(&ideal.tree, ideal.root, None),
        Update::Names(names) => updated_dependencies(&ideal.tree, ideal.root, Some(names)),
        Update::Nothing => Vec::new(),
    };
    if options.update != Update::All {
        saved.extend(ideal.requested.iter().map(|request| (request.dependent, request.name.clone())));
    }
    saved.extend(updated);
    let mut changed: Vec<NodeId> = ideal.changed_documents.clone();
    if options.update != Update::All {
        changed.extend(ideal.requested.iter().map(|request| request.dependent));
        changed.dedup();
    }
    for (dependent, name) in saved {
        let Some(edge) = ideal.tree.names.find(&name).and_then(|name| ideal.tree.edge_out(dependent, name))
        else {
            continue;
        };
        if ideal.tree.edge(edge).to.is_none() || !ideal.tree.is_top(dependent) {
            continue;
        }
        if let Some(spec) = saved_spec(&ideal.tree, edge, &options.prefix) {
            let mut document = ideal.tree.node(dependent).package.json.clone();
            write_spec(&mut document, &name, &spec, options.save_type);
            ideal.tree.node_mut(dependent).package = Arc::new(Package::new(document));
        }
        if !changed.contains(&dependent) {
            changed.push(dependent);
        }
    }
    for &node in &changed {
        // the edges are to have the saved specs too
        let package = ideal.tree.node(node).package.clone();
        ideal.tree.set_package(node, package);
    }
    changed
}

/// Direct dependencies that an update may have changed: those not pinned to exactly what they are.
fn updated_dependencies(tree: &Tree, root: NodeId, names: Option<&[String]>) -> Vec<(NodeId, String)> {
    let mut updated = Vec::new();
    for node in tree.inventory(root) {
        let is_direct = node != root && tree.resolve_parent(node) == Some(root);
        let name = tree.name(node).to_string();
        if !is_direct || names.is_some_and(|names| !names.contains(&name)) || is_pinned(tree, node) {
            continue;
        }
        for edge in tree.node(node).edges_in() {
            let from = tree.edge_from(edge);
            updated.push((tree.node(from).target.unwrap_or(from), name.clone()));
        }
    }
    updated
}

/// Whether some dependent asks for exactly this version.
fn is_pinned(tree: &Tree, node: NodeId) -> bool {
    let Ok(version) = Range::parse(tree.node(node).version(), RangeOptions::STRICT) else { return false };
    tree.node(node).edges_in().any(|edge| {
        Range::parse(&tree.edge_spec(edge), RangeOptions::STRICT).is_ok_and(|spec| spec.is_subset(&version))
    })
}

/// The spec under which a dependency is saved now that it is known what it led to.
fn saved_spec(tree: &Tree, edge: EdgeId, prefix: &str) -> Option<String> {
    let dependent = tree.edge_from(edge);
    let base = tree.node(dependent).realpath().unwrap_or("/");
    let name = tree.edge_name(edge);
    let request = Specifier::resolve(name, &tree.edge_spec(edge), base).ok()?;
    let child = tree.edge(edge).to?;
    let prefixed = |node: NodeId| {
        let version = tree.node(node).version();
        if version.is_empty() { "*".to_owned() } else { format!("{prefix}{version}") }
    };
    if request.is_registry() {
        let inner = match request.kind() {
            SpecifierKind::Alias(target) => target,
            _ => &request,
        };
        let prefixed = prefixed(child);
        let range = match inner.kind() {
            SpecifierKind::Range if !covers(inner.raw_spec(), &prefixed) => inner.raw_spec().to_owned(),
            _ => prefixed,
        };
        let own_name = tree.node(child).package.name()?;
        return Some(if own_name == name { range } else { format!("npm:{own_name}@{range}") });
    }
    match request.kind() {
        SpecifierKind::Git(git) => match git.hosted() {
            // a shortcut has no place for a password
            Some(hosted) if hosted.auth().is_some() => {
                Some(format!("git+{}", hosted.https(UrlOptions::default())))
            }
            Some(hosted) => Some(hosted.shortcut(UrlOptions::default())),
            None => request.save_spec().map(str::to_owned),
        },
        SpecifierKind::File | SpecifierKind::Directory if tree.edge(edge).kind == EdgeKind::Workspace => {
            Some(prefixed(tree.node(child).target.unwrap_or(child)))
        }
        SpecifierKind::File | SpecifierKind::Directory => {
            Some(format!("file:{}", paths::relative(base, request.fetch_spec()?)))
        }
        _ => request.save_spec().map(str::to_owned),
    }
}

/// Whether everything that `prefixed` allows is allowed by what was asked for too.
fn covers(asked: &str, prefixed: &str) -> bool {
    if asked == "*" {
        return true;
    }
    match (Range::parse(asked, RangeOptions::LOOSE), Range::parse(prefixed, RangeOptions::LOOSE)) {
        (Ok(asked), Ok(prefixed)) => prefixed.is_subset(&asked),
        _ => false,
    }
}

fn write_spec(document: &mut Map<String, Value>, name: &str, spec: &str, save_type: Option<SaveType>) {
    let mut set = |section: &str, only_if_apart: bool| {
        let Some(entries) = document.get_mut(section).and_then(Value::as_object_mut) else { return false };
        let Some(known) = entries.get_mut(name) else { return false };
        if !only_if_apart || !intersects(spec, known.as_str().unwrap_or_default()) {
            *known = spec.into();
        }
        true
    };
    if let Some(save_type) = save_type {
        set(save_type.section(), false);
        if save_type == SaveType::Production
            && let Some(optional) = document.get_mut("optionalDependencies").and_then(Value::as_object_mut)
        {
            optional.shift_remove(name);
        }
        return;
    }
    set("dependencies", false);
    let is_dev = set("devDependencies", false);
    for section in ["peerDependencies", "optionalDependencies"] {
        set(section, is_dev);
    }
}

fn intersects(a: &str, b: &str) -> bool {
    match (Range::parse(a, RangeOptions::STRICT), Range::parse(b, RangeOptions::STRICT)) {
        (Ok(a), Ok(b)) => a.intersects(&b),
        _ => false,
    }
}
