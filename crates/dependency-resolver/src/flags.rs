//! Which nodes are extraneous, dev, optional or peer: every flag starts set and is cleared along edges
//! that show the contrary, until nothing changes.

use rustc_hash::FxHashSet;

use crate::tree::{Flags, NodeId, Tree};

/// Sets all flags of every node below a root.
pub(crate) fn reset_flags(tree: &mut Tree, root: NodeId) {
    for node in tree.inventory(root) {
        tree.node_mut(node).flags = Flags::SET;
    }
}

/// Clears the flags that do not hold. `reset_root` declares the root to be none of them first.
pub(crate) fn calculate_flags(tree: &mut Tree, root: NodeId, reset_root: bool) {
    if reset_root {
        tree.node_mut(root).flags = Flags::UNSET;
    }
    let mut seen: FxHashSet<NodeId> = FxHashSet::default();
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        seen.insert(node);
        let flags = tree.node(node).flags;
        if !flags.extraneous {
            spare_ancestors(tree, node);
        }
        if tree.node(node).is_link {
            if let Some(target) = tree.node(node).target {
                let changed = clear(tree, target, |mine| Flags {
                    extraneous: mine.extraneous && flags.extraneous,
                    dev: mine.dev && flags.dev,
                    optional: mine.optional && flags.optional,
                    dev_optional: mine.dev_optional && flags.dev_optional,
                    peer: mine.peer && flags.peer,
                });
                if changed || !seen.contains(&target) {
                    stack.push(target);
                }
            }
            continue;
        }
        for index in 0..tree.node(node).edges_out.len() {
            let edge = tree.edge(tree.node(node).edges_out[index]);
            let (Some(to), kind) = (edge.to, edge.kind) else { continue };
            let (is_dev, is_optional, is_peer) =
                (kind == crate::tree::EdgeKind::Dev, kind.is_optional(), kind.is_peer());
            let changed = clear(tree, to, |mine| Flags {
                // an optional peer alone does not keep a package
                extraneous: mine.extraneous && (flags.extraneous || (is_peer && is_optional)),
                dev: mine.dev && (flags.dev || is_dev),
                optional: mine.optional && (flags.optional || is_optional),
                dev_optional: mine.dev_optional
                    && (flags.dev_optional || flags.dev || flags.optional || is_dev || is_optional),
                peer: mine.peer && (flags.peer || is_peer),
            });
            if changed {
                stack.push(to);
            }
        }
    }
    // devOptional is the overlap of dev and optional; it says nothing beside either
    seen.remove(&root);
    for node in seen {
        let flags = &mut tree.node_mut(node).flags;
        flags.dev_optional &= !(flags.dev || flags.optional);
    }
}

fn clear(tree: &mut Tree, node: NodeId, change: impl FnOnce(Flags) -> Flags) -> bool {
    let before = tree.node(node).flags;
    let after = change(before);
    tree.node_mut(node).flags = after;
    before != after
}

/// What holds a needed package is needed too.
fn spare_ancestors(tree: &mut Tree, node: NodeId) {
    let mut at = tree.resolve_parent(node);
    while let Some(above) = at.filter(|&above| tree.node(above).flags.extraneous) {
        tree.node_mut(above).flags.extraneous = false;
        at = tree.resolve_parent(above);
    }
}

/// The nodes that go when an optional node cannot be had: what needs it up to the optional edges, and
/// what only they need.
pub(crate) fn optional_set(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    let mut set = vec![node];
    let mut at = 0;
    while at < set.len() {
        for edge in tree.node(set[at]).edges_in() {
            let known = tree.edge(edge);
            if let Some(from) = known.from.filter(|from| !known.kind.is_optional() && !set.contains(from)) {
                set.push(from);
            }
        }
        at += 1;
    }
    let outside = |edge| {
        let known = tree.edge(edge);
        known.to.is_none_or(|to| !set.contains(&to)) && known.from.is_none_or(|from| !tree.node(from).inert)
    };
    tree.gather_dep_set(&set, outside).into_iter().collect()
}
