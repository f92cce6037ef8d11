//! The queue of nodes whose dependencies are to be looked at: shallow ones first, as they affect what is
//! deeper, then by path, so that every installation does the same.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::tree::{NodeId, Tree};

/// A queue in which each node stands once.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: BTreeSet<Entry>,
    queued: FxHashSet<NodeId>,
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    depth: usize,
    path: Arc<str>,
    node: NodeId,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.depth
            .cmp(&other.depth)
            .then_with(|| npm_formats::collation::compare(&self.path, &other.path))
            .then_with(|| self.node.cmp(&other.node))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Queue {
    /// Adds a node that is not yet in the queue.
    pub(super) fn push(&mut self, tree: &Tree, node: NodeId) {
        if self.queued.insert(node) {
            let path = tree.node(node).path.clone().unwrap_or_default();
            self.entries.insert(Entry { depth: tree.depth(node), path, node });
        }
    }

    /// Takes the first node.
    pub(super) fn pop(&mut self) -> Option<NodeId> {
        let entry = self.entries.pop_first()?;
        self.queued.remove(&entry.node);
        Some(entry.node)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
