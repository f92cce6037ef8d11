//! What packages carry inside, read once it is known which of them will be unpacked.
//!
//! Where only a lockfile is written, packages are opened while the tree is built, and what they carry takes part in
//! it ([`super::Builder::open_package`]). Where packages are installed npm opens them when it unpacks them, so that
//! those which are left out stay closed, and what shadows a bundled package's dependencies goes afterwards.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{IdealTree, InstalledPackage, should_omit, start};
use crate::error::ResolveError;
use crate::metadata::{Contents, Metadata, Packed};
use crate::options::Options;
use crate::tree::{NodeId, Tree};

/// Adds to a tree that was built without opening packages what those carry that will be unpacked into a folder
/// where `installed` is. Packages that are there already are left as they are.
///
/// *Errors*: a package that cannot be had, a shrinkwrap that leads out of its package, or an override for what is
/// carried that refers to nothing.
pub fn add_carried(
    ideal: &mut IdealTree,
    installed: &[InstalledPackage],
    options: &Options,
    metadata: &mut dyn Metadata,
) -> Result<(), ResolveError> {
    let present = installed.iter().map(|package| (package.location.as_str(), package)).collect();
    let mut opener = Opener { ideal, present, options, metadata };
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
    present: FxHashMap<&'a str, &'a InstalledPackage>,
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
    /// bring packages that have another.
    fn add_shrinkwrapped(&mut self) -> Result<(), ResolveError> {
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        loop {
            let mut nodes = self.nodes(|tree, node| tree.node(node).has_shrinkwrap);
            nodes.retain(|&node| seen.insert(node));
            if nodes.is_empty() {
                return Ok(());
            }
            for node in nodes {
                let has_children = self.ideal.tree.node(node).children().next().is_some();
                if self.ideal.tree.root(node) != self.ideal.root || (has_children && self.is_installed(node))
                {
                    continue;
                }
                let contents = Contents { packages: Vec::new(), ..self.contents(node)? };
                start::add_contents(&mut self.ideal.tree, node, contents)?;
            }
        }
    }

    fn add_bundled(&mut self, node: NodeId, is_fresh: bool) -> Result<(), ResolveError> {
        let contents = if is_fresh {
            Contents { shrinkwrap: None, ..self.contents(node)? }
        } else {
            let mut children = self.ideal.tree.node(node).children();
            if children.any(|child| self.ideal.tree.in_dep_bundle(child)) {
                return Ok(());
            }
            self.installed_below(node)
        };
        start::add_contents(&mut self.ideal.tree, node, contents)
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

    /// What is bundled in a package that is installed already.
    fn installed_below(&self, node: NodeId) -> Contents {
        let location = self.ideal.tree.node(node).location();
        let below = self.present.values().filter_map(|package| {
            let below = package.location.strip_prefix(location)?.strip_prefix('/')?;
            let is_bundled = package.package.get("inBundle").is_none_or(crate::package::is_truthy);
            let is_carried = is_bundled && package.link_target.is_none();
            is_carried.then(|| (below.to_owned(), package.package.clone()))
        });
        let mut packages: Vec<_> = below.collect();
        packages.sort_by(|(a, _), (b, _)| {
            let depth = |location: &str| location.matches("node_modules/").count();
            depth(a).cmp(&depth(b)).then_with(|| a.cmp(b))
        });
        Contents { packages, shrinkwrap: None }
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
