//! What packages carry inside, read once it is known which of them will be unpacked.
//!
//! Where only a lockfile is written, packages are opened while the tree is built, and what they carry takes part in
//! it ([`super::Builder::open_package`]). Where packages are installed npm opens them when it unpacks them, so that
//! those which are left out stay closed, and what shadows a bundled package's dependencies goes afterwards.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{IdealTree, InstalledPackage, Start, load_installed, should_omit, start};
use crate::error::ResolveError;
use crate::metadata::{Contents, Metadata, Packed};
use crate::options::Options;
use crate::tree::{NodeId, NodeInit, Tree, TreeOptions};

/// Adds to a tree that was built without opening packages what those carry that will be unpacked into the folder
/// of `project`, where `installed` is. What packages bundle that are there already is taken as it is there.
///
/// *Errors*: a package that cannot be had, a shrinkwrap that leads out of its package, or an override for what is
/// carried that refers to nothing.
pub fn add_carried(
    ideal: &mut IdealTree,
    project: &Start,
    installed: &[InstalledPackage],
    options: &Options,
    metadata: &mut dyn Metadata,
) -> Result<(), ResolveError> {
    let present = installed.iter().map(|package| (package.location.as_str(), package)).collect();
    let mut opener = Opener { ideal, project, installed, present, actual: None, options, metadata };
    opener.add_shrinkwrapped()?;
    let mut bundlers = opener.nodes(|tree, node| !tree.node(node).package.bundled().is_empty());
    bundlers.retain(|&node| !opener.ideal.tree.in_dep_bundle(node));
    let fresh: Vec<NodeId> = bundlers.iter().copied().filter(|&node| !opener.is_installed(node)).collect();
    for &node in &bundlers {
        // a shallower one may have taken its place
        if opener.ideal.tree.root(node) == opener.ideal.root {
            opener.add_bundled(node, fresh.contains(&node))?;
        }
    }
    remove_shadowed(&mut opener.ideal.tree, &fresh);
    super::check_references(&ideal.tree)
}

struct Opener<'a> {
    ideal: &'a mut IdealTree,
    project: &'a Start,
    installed: &'a [InstalledPackage],
    present: FxHashMap<&'a str, &'a InstalledPackage>,
    /// The tree of what is installed, once it was asked for.
    actual: Option<(Tree, NodeId)>,
    options: &'a Options,
    metadata: &'a mut dyn Metadata,
}

impl Opener<'_> {
    /// The nodes that are to be installed and of which `is_wanted` holds, shallow ones first.
    fn nodes(&self, is_wanted: impl Fn(&Tree, NodeId) -> bool) -> Vec<NodeId> {
        let tree = &self.ideal.tree;
        let is_left_out = |node: NodeId| {
            tree.ancestry(node).any(|at| tree.node(at).inert || should_omit(tree, at, self.options.omit))
        };
        let mut nodes = tree.inventory(self.ideal.root);
        nodes.retain(|&node| {
            node != self.ideal.root && !tree.node(node).is_link && is_wanted(tree, node) && !is_left_out(node)
        });
        nodes.sort_by_key(|&node| tree.depth(node));
        nodes
    }

    /// Shrinkwraps decide about everything below their package, so that they come before what is bundled; one may
    /// bring packages that have another. That of a package which is installed is read again: what it brings is
    /// installed even where building the tree found that it does not fit this machine, or is not needed.
    fn add_shrinkwrapped(&mut self) -> Result<(), ResolveError> {
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        loop {
            let mut nodes = self.nodes(|tree, node| tree.node(node).has_shrinkwrap);
            nodes.retain(|&node| seen.insert(node));
            if nodes.is_empty() {
                return Ok(());
            }
            for node in nodes {
                if self.ideal.tree.root(node) != self.ideal.root {
                    continue;
                }
                let has_children = self.ideal.tree.node(node).children().next().is_some();
                let contents = match self.contents(node) {
                    // what it brought is known, and there
                    Err(_) if has_children && self.is_installed(node) => continue,
                    contents => Contents { packages: Vec::new(), ..contents? },
                };
                start::add_contents(&mut self.ideal.tree, node, contents)?;
            }
        }
    }

    fn add_bundled(&mut self, node: NodeId, is_fresh: bool) -> Result<(), ResolveError> {
        if is_fresh {
            let contents = Contents { shrinkwrap: None, ..self.contents(node)? };
            return start::add_contents(&mut self.ideal.tree, node, contents);
        }
        self.keep_bundled(node)
    }

    /// Puts what a package bundles that is installed in the place of what the tree has: with the reasons for being
    /// there that it has in the tree of what is installed, as npm does.
    fn keep_bundled(&mut self, node: NodeId) -> Result<(), ResolveError> {
        let Self { ideal, actual, .. } = self;
        let (actual, actual_root) = match actual {
            Some((tree, root)) => (&*tree, *root),
            None => {
                let options = TreeOptions {
                    install_links: self.options.install_links,
                    legacy_peer_deps: self.options.legacy_peer_deps,
                    global: self.options.global,
                };
                let (tree, root) = actual.insert(load_installed(self.project, self.installed, options)?);
                (&*tree, *root)
            }
        };
        let Some(bundler) = actual.at_location(actual_root, ideal.tree.node(node).location()) else {
            return Ok(());
        };
        let bundled = actual.node(bundler).children().filter(|&child| actual.bundler(child).is_some());
        let mut pending: Vec<NodeId> = bundled.filter(|&child| !actual.node(child).is_link).collect();
        for &child in &pending {
            if let Some(known) = ideal.tree.at_location(ideal.root, actual.node(child).location()) {
                ideal.tree.remove(known);
            }
        }
        while let Some(id) = pending.pop() {
            let known = actual.node(id);
            ideal.tree.add_node(NodeInit {
                path: known.path().map(Into::into),
                package: Some(known.package.clone()),
                resolved: known.resolved.clone(),
                integrity: known.integrity.clone(),
                has_shrinkwrap: known.has_shrinkwrap,
                root: Some(ideal.root),
                flags: Some(known.flags()),
                ..NodeInit::default()
            });
            pending.extend(known.children().filter(|&child| !actual.node(child).is_link));
        }
        Ok(())
    }

    fn contents(&mut self, node: NodeId) -> Result<Contents, ResolveError> {
        let known = self.ideal.tree.node(node);
        let package = known.package.clone();
        let (resolved, integrity) = (known.resolved.clone(), known.integrity.clone());
        let contents = self.metadata.contents(&Packed {
            name: package.name().map_or("", |name| name),
            version: package.version().map_or("", |version| version),
            resolved: resolved.as_deref(),
            integrity: integrity.as_deref(),
        });
        match contents {
            Ok(contents) => Ok(contents),
            // it will be left out when it is to be unpacked
            Err(_) if self.ideal.tree.node(node).flags.optional => Ok(Contents::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether just this is in its place already.
    fn is_installed(&self, node: NodeId) -> bool {
        let known = self.ideal.tree.node(node);
        let Some(present) = self.present.get(known.location()) else { return false };
        let version = present.package.get("version").and_then(serde_json::Value::as_str);
        let agree = |ours: Option<&str>, theirs: &Option<String>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        present.link_target.is_none()
            && version == Some(known.version())
            && agree(known.integrity(), &present.integrity)
            && (known.integrity().is_some() || agree(known.resolved(), &present.resolved))
    }
}

/// Removes what only served dependencies of bundled packages that are now met inside the bundle.
fn remove_shadowed(tree: &mut Tree, bundlers: &[NodeId]) {
    let mut shadowed: Vec<NodeId> = Vec::new();
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    for &node in bundlers {
        let Some(parent) = tree.node(node).parent else { continue };
        let names: Vec<_> = tree.node(node).children().map(|child| tree.node(child).name).collect();
        let shadows = names.into_iter().filter_map(|name| tree.resolve(parent, name));
        shadowed.extend(shadows.filter(|&shadow| seen.insert(shadow)));
    }
    let mut at = 0;
    while at < shadowed.len() {
        for edge in tree.node(shadowed[at]).edges_out() {
            shadowed.extend(tree.edge(edge).to.filter(|&to| seen.insert(to)));
        }
        at += 1;
    }
    loop {
        let is_needed = |node: &NodeId| {
            tree.node(*node)
                .edges_in
                .iter()
                .any(|&edge| tree.edge(edge).from.is_some_and(|from| !seen.contains(&from)))
        };
        let needed: Vec<NodeId> = seen.iter().copied().filter(is_needed).collect();
        if needed.is_empty() {
            break;
        }
        for node in needed {
            seen.remove(&node);
        }
    }
    for node in shadowed {
        if seen.contains(&node) {
            tree.remove(node);
        }
    }
}
