//! Where the packages of an ideal tree go in node_modules. The tree and its lockfile are the same for every layout.

mod hoisted;
mod linked;

use std::collections::BTreeMap;

use dependency_resolver::{IdealTree, NodeId, Tree, should_omit};
use npm_formats::config::InstallStrategy;

use super::changes::is_in_modules;
use crate::settings::Settings;

/// What is at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The node of the ideal tree that it stands for.
    pub(super) node: NodeId,
    pub(super) content: Content,
    /// Install scripts run from the lowest to the highest: what others need is built before them.
    pub(super) rank: usize,
}

/// What a location is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// The package.
    Package,
    /// Nothing: the package comes with the one that bundles it.
    Bundled,
    /// A symbolic link to a folder that is somebody's own, by its location.
    Folder { target: String },
    /// A symbolic link to a package of the isolated layout, by its location.
    Entry { target: String },
}

/// Every location and what is there.
pub(super) type Places = BTreeMap<String, Place>;

/// Lays a tree out as the settings have it.
pub(super) fn lay_out(ideal: &IdealTree, settings: &Settings) -> Places {
    let mut places = match strategy(settings) {
        InstallStrategy::Linked => linked::places(ideal, settings),
        InstallStrategy::Hoisted | InstallStrategy::Nested | InstallStrategy::Shallow => {
            hoisted::places(ideal, settings)
        }
    };
    places.retain(|location, _| is_in_modules(location));
    places
}

/// The layout that is really made: global packages stand side by side whatever is wished, as in npm.
pub(super) fn strategy(settings: &Settings) -> InstallStrategy {
    match settings.install.strategy {
        InstallStrategy::Linked if settings.places.is_global => InstallStrategy::Shallow,
        strategy => strategy,
    }
}

/// Whether a node is in the lockfile but not to be installed, for itself.
fn is_left_out(tree: &Tree, node: NodeId, settings: &Settings) -> bool {
    tree.node(node).is_inert() || should_omit(tree, node, settings.install.omit)
}

/// What a node is at its own location.
fn content(tree: &Tree, node: NodeId) -> Content {
    if tree.node(node).is_link() {
        folder(tree, node)
    } else if tree.in_dep_bundle(node) && !has_source(tree, node) {
        Content::Bundled
    } else {
        Content::Package
    }
}

/// What only counts as bundled because it stands where a bundled package finds it has a source of its own.
fn has_source(tree: &Tree, node: NodeId) -> bool {
    tree.node(node).resolved().is_some() || tree.node(node).integrity().is_some()
}

/// The folder that a link leads to, by its location.
fn folder(tree: &Tree, link: NodeId) -> Content {
    let target = tree.node(tree.followed(link)).location().to_owned();
    Content::Folder { target }
}
