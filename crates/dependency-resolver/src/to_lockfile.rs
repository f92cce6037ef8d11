//! A tree as a lockfile, entry by entry as npm writes it.

use npm_formats::lockfile::{Lockfile, LockfileEntry};
use serde_json::{Map, Value};

use crate::package::is_truthy;
use crate::paths;
use crate::to_legacy_lockfile::legacy_dependencies;
use crate::tree::{NodeId, Tree};

/// The fields that an entry takes from the package's document.
const PACKAGE_FIELDS: [&str; 19] = [
    "version",
    "dependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optionalDependencies",
    "bundleDependencies",
    "acceptDependencies",
    "funding",
    "engines",
    "os",
    "cpu",
    "libc",
    "_integrity",
    "license",
    "_hasShrinkwrap",
    "hasInstallScript",
    "bin",
    "deprecated",
    "workspaces",
];

/// What may be left out of a lockfile.
#[derive(Debug, Clone, Copy, Default)]
pub struct LockfileOptions {
    /// `omit-lockfile-registry-resolved`
    pub omit_registry_resolved: bool,
}

/// Puts the tree below `root` into `lockfile`, in place of the packages it had: in the sections that its
/// `lockfile_version` calls for.
pub fn fill_lockfile(tree: &Tree, root: NodeId, lockfile: &mut Lockfile, options: LockfileOptions) {
    let mut packages: indexmap::IndexMap<String, LockfileEntry> = indexmap::IndexMap::new();
    let own = entry(tree, root, root, options);
    if !own.is_empty() {
        packages.insert(String::new(), LockfileEntry(own));
    }
    for node in tree.inventory(root) {
        let known = tree.node(node);
        let location = known.location();
        if node == root || location.is_empty() {
            continue;
        }
        // a folder that once was a workspace or a link's target, and that nothing leads to any more
        let in_node_modules = location.starts_with("node_modules") || location.contains("/node_modules/");
        let is_stale = known.flags.extraneous
            && !in_node_modules
            && known.fs_parent.is_none_or(|parent| tree.is_project_root(parent));
        // an optional package that could not be loaded has nothing to be written down
        if is_stale || (known.inert && known.package.version().is_none()) {
            continue;
        }
        packages.insert(location.to_owned(), LockfileEntry(entry(tree, root, node, options)));
    }
    lockfile.packages = packages;
    let package = &tree.node(root).package;
    lockfile.name = Some(package.name().unwrap_or(tree.name(root)).to_string());
    if let Some(version) = package.version() {
        lockfile.version = Some(version.to_string());
    }
    lockfile.requires = true;
    lockfile.dependencies = match lockfile.lockfile_version {
        ..3 => legacy_dependencies(tree, root, options),
        _ => Map::new(),
    };
}

/// What a lockfile says of one node, wherever it is put.
pub fn lockfile_entry(tree: &Tree, root: NodeId, id: NodeId, options: LockfileOptions) -> LockfileEntry {
    LockfileEntry(entry(tree, root, id, options))
}

/// The entry of one node.
fn entry(tree: &Tree, root: NodeId, id: NodeId, options: LockfileOptions) -> Map<String, Value> {
    let node = tree.node(id);
    let base = tree.node(root).path().unwrap_or("/");
    let mut entry = Map::new();
    if node.is_link {
        let target = paths::relative(base, node.realpath().unwrap_or("/"));
        entry.insert("resolved".to_owned(), target.into());
        entry.insert("link".to_owned(), true.into());
        return entry;
    }
    for key in PACKAGE_FIELDS {
        if let Some(value) = package_field(&node.package.json, key) {
            entry.insert(key.trim_start_matches('_').to_owned(), value);
        }
    }
    if let Some(name) = node.package.name() {
        let folder = paths::name_from_folder(node.realpath().unwrap_or_default());
        if id == tree.root(id) || name != tree.name(id) || folder != **name {
            entry.insert("name".to_owned(), name.to_string().into());
        }
    }
    if tree.is_top(id)
        && let Some(dev) = node.package.json.get("devDependencies").filter(|dev| is_truthy(dev))
    {
        entry.insert("devDependencies".to_owned(), dev.clone());
    }
    if let Some(integrity) = &node.integrity {
        entry.insert("integrity".to_owned(), integrity.to_string().into());
    }
    for (key, holds) in [
        ("inBundle", tree.bundler(id).is_some()),
        ("hasShrinkwrap", node.has_shrinkwrap),
        ("hasInstallScript", node.package.has_install_script()),
    ] {
        if holds {
            entry.insert(key.to_owned(), true.into());
        }
    }
    if let Some(resolved) = node.resolved()
        && !(options.omit_registry_resolved && tree.is_registry_dependency(id))
    {
        let resolved = match resolved.strip_prefix("file:") {
            Some(path) => format!("file:{}", paths::relative(base, path)),
            None => resolved.to_owned(),
        };
        entry.insert("resolved".to_owned(), resolved.into());
    }
    add_flags(&mut entry, node.flags());
    entry
}

pub(crate) fn add_flags(entry: &mut Map<String, Value>, flags: crate::tree::Flags) {
    let mut add = |key: &str, holds: bool| {
        if holds {
            entry.insert(key.to_owned(), true.into());
        }
    };
    if flags.extraneous {
        add("extraneous", true);
        return;
    }
    add("peer", flags.peer);
    add("dev", flags.dev);
    add("optional", flags.optional);
    add("devOptional", flags.dev_optional && !flags.dev && !flags.optional);
}

/// The value of a document's field, less what is empty; of a license object only its type.
fn package_field(document: &Map<String, Value>, key: &str) -> Option<Value> {
    let value = document.get(key).filter(|value| is_truthy(value))?;
    if key == "license"
        && let Some(kind) =
            value.as_object().and_then(|license| license.get("type")).filter(|kind| is_truthy(kind))
    {
        return Some(kind.clone());
    }
    match value {
        Value::Object(entries) if entries.is_empty() => None,
        Value::Array(items) if items.is_empty() => None,
        value => Some(value.clone()),
    }
}
