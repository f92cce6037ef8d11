//! Packages where the ideal tree has them, as high up as they can be (`hoisted`, `nested`, `shallow`).

use dependency_resolver::{IdealTree, NodeId, Tree};

use super::{Place, Places, content, is_left_out};
use crate::settings::Settings;

/// Every node at its own location.
pub(super) fn places(ideal: &IdealTree, settings: &Settings) -> Places {
    let tree = &ideal.tree;
    let nodes = tree.inventory(ideal.root).into_iter().filter(|&node| {
        node != ideal.root
            && !std::iter::successors(Some(node), |&at| tree.node(at).parent())
                .any(|at| is_left_out(tree, at, settings))
            && (settings.workspaces.enabled || !tree.is_workspace(node))
    });
    nodes.map(|node| (tree.node(node).location().to_owned(), place(tree, node))).collect()
}

fn place(tree: &Tree, node: NodeId) -> Place {
    // what is deeper was probably asked for by what is above it
    let depth = tree.node(node).location().matches("node_modules/").count();
    Place { node, content: content(tree, node), rank: usize::MAX - depth }
}
