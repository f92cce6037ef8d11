//! Nodes: a package at a place in the tree.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::EdgeId;
use crate::error::LoadError;
use crate::names::{Folded, Name};
use crate::overrides::RuleId;
use crate::package::Package;

pub(crate) type OrderedMap<K, V> = IndexMap<K, V, FxBuildHasher>;

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// Why a node is in the tree, in the negative: each flag is cleared where a path from the root shows
/// that it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// Nothing depends on it.
    pub extraneous: bool,
    /// Only dev dependencies lead to it.
    pub dev: bool,
    /// Only optional dependencies lead to it.
    pub optional: bool,
    /// Dev dependencies and optional ones lead to it, and nothing else.
    pub dev_optional: bool,
    /// Only peer dependencies lead to it.
    pub peer: bool,
}

impl Flags {
    /// What a node starts with.
    pub const SET: Self =
        Self { extraneous: true, dev: true, optional: true, dev_optional: true, peer: true };
    /// What the root has.
    pub const UNSET: Self =
        Self { extraneous: false, dev: false, optional: false, dev_optional: false, peer: false };
}

/// A package at a place.
#[derive(Debug)]
pub struct Node {
    pub(crate) name: Name,
    /// `None` while it is not placed in any tree.
    pub(crate) path: Option<Arc<str>>,
    pub(crate) realpath: Option<Arc<str>>,
    pub(crate) location: Arc<str>,
    pub(crate) package: Arc<Package>,
    pub(crate) resolved: Option<Arc<str>>,
    pub(crate) integrity: Option<Arc<str>>,
    pub(crate) has_shrinkwrap: bool,
    pub(crate) is_link: bool,
    pub(crate) target: Option<NodeId>,
    pub(crate) links_in: Vec<NodeId>,
    pub(crate) parent: Option<NodeId>,
    pub(crate) fs_parent: Option<NodeId>,
    pub(crate) root: NodeId,
    pub(crate) children: OrderedMap<Folded, NodeId>,
    pub(crate) fs_children: Vec<NodeId>,
    pub(crate) edges_in: Vec<EdgeId>,
    pub(crate) edges_out: OrderedMap<Folded, EdgeId>,
    pub(crate) flags: Flags,
    /// Kept in the lockfile but not installed: an optional package that does not fit or could not be had.
    pub(crate) inert: bool,
    pub(crate) errors: Vec<LoadError>,
    pub(crate) rule: Option<RuleId>,
    /// The node whose dependencies a virtual root stands for.
    pub(crate) source: Option<NodeId>,
    pub(crate) inventory: Option<Box<Inventory>>,
    pub(crate) workspaces: Option<Vec<(Name, Arc<str>)>>,
    pub(crate) global: bool,
}

/// What a root knows of the nodes below it.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) by_location: OrderedMap<Arc<str>, NodeId>,
    pub(crate) by_name: FxHashMap<Name, Vec<NodeId>>,
    pub(crate) by_realpath: FxHashMap<Arc<str>, Vec<NodeId>>,
    /// Nodes without a parent: the root, and targets of links.
    pub(crate) tops: Vec<NodeId>,
}

impl Node {
    /// Where it stands, relative to the root: `node_modules/a/node_modules/b`, or empty for the root.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Its package document.
    pub fn package(&self) -> &Arc<Package> {
        &self.package
    }

    /// The URL, `git+...` or `file:` it comes from, where known.
    pub fn resolved(&self) -> Option<&str> {
        self.resolved.as_deref()
    }

    /// The subresource integrity of its tarball, where known.
    pub fn integrity(&self) -> Option<&str> {
        self.integrity.as_deref()
    }

    /// Whether it is a symbolic link to a folder.
    pub fn is_link(&self) -> bool {
        self.is_link
    }

    /// What the link leads to.
    pub fn target(&self) -> Option<NodeId> {
        self.target
    }

    /// The absolute path of the folder it stands for, links followed.
    pub fn realpath(&self) -> Option<&str> {
        self.realpath.as_deref()
    }

    /// Its absolute path.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Why it is in the tree.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Kept in the lockfile but not installed.
    pub fn is_inert(&self) -> bool {
        self.inert
    }

    /// The node in whose node_modules it is.
    pub fn parent(&self) -> Option<NodeId> {
        self.parent
    }

    /// The nodes in its node_modules.
    pub fn children(&self) -> impl Iterator<Item = NodeId> {
        self.children.values().copied()
    }

    /// What it depends on.
    pub fn edges_out(&self) -> impl Iterator<Item = EdgeId> {
        self.edges_out.values().copied()
    }

    /// What depends on it.
    pub fn edges_in(&self) -> impl Iterator<Item = EdgeId> {
        self.edges_in.iter().copied()
    }

    /// Its version, or an empty string.
    pub fn version(&self) -> &str {
        self.package.version().map_or("", |version| version)
    }

    /// What went wrong when it was to be loaded.
    pub fn errors(&self) -> &[LoadError] {
        &self.errors
    }
}
