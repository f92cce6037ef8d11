//! Which nodes belong to the workspaces that a command is about. Source: npm 11.19.1 (`@npmcli/arborist`).

use std::collections::HashSet;

use dependency_resolver::{EdgeKind, NodeId, Tree};

use super::{ProjectTree, TreeError};
use crate::settings::Settings;
use crate::workspaces::{relative_path, selected_names};

/// Nodes to look at; `None` stands for all of them.
pub type NodeSet = Option<HashSet<NodeId>>;

impl ProjectTree {
    /// The nodes of the workspaces that the settings select; empty where they select none.
    ///
    /// *Errors*: filters that mean no workspace.
    pub fn selected_workspaces(&self, settings: &Settings) -> Result<Vec<NodeId>, TreeError> {
        if self.is_global || !settings.workspaces.enabled || !settings.workspaces.selected() {
            return Ok(Vec::new());
        }
        let names = selected_names(settings)?;
        let folders = self.workspaces.iter().filter(|(name, _)| names.contains(name));
        let nodes = folders.filter_map(|(_, folder)| {
            self.tree.at_location(self.root, &relative_path(&self.directory, folder))
        });
        Ok(nodes.collect())
    }

    /// The nodes that the settings' workspace options leave: the selected workspaces and all that they depend on,
    /// or with `--no-workspaces` what the root depends on.
    pub fn workspace_filter(&self, settings: &Settings, with_root: bool) -> Result<NodeSet, TreeError> {
        if !settings.workspaces.enabled {
            return Ok(Some(self.without_workspaces()).filter(|set| !set.is_empty()));
        }
        let selected = self.selected_workspaces(settings)?;
        if selected.is_empty() {
            return Ok(None);
        }
        Ok(Some(dependencies_of(&self.tree, self.root, selected, with_root)))
    }

    fn without_workspaces(&self) -> HashSet<NodeId> {
        let tree = &self.tree;
        let mut set = HashSet::new();
        let mut seen = HashSet::from([self.root]);
        let mut pending = vec![self.root];
        while let Some(node) = pending.pop() {
            for to in tree.node(node).edges_out().filter_map(|edge| tree.edge_to(edge)) {
                let is_needed = tree.node(to).edges_in().any(|edge| {
                    let from = tree.edge_from(edge);
                    from == self.root || set.contains(&from)
                });
                if is_needed && !tree.is_workspace(to) {
                    set.insert(to);
                }
                if seen.insert(to) {
                    pending.push(to);
                }
            }
        }
        set
    }
}

/// Nodes and all that they depend on; `with_root` adds what the root depends on besides its workspaces.
pub(crate) fn dependencies_of(
    tree: &Tree,
    root: NodeId,
    mut start: Vec<NodeId>,
    with_root: bool,
) -> HashSet<NodeId> {
    if with_root {
        let own = tree.node(root).edges_out();
        let own = own.filter(|&edge| tree.edge_kind(edge) != EdgeKind::Workspace);
        start.extend(own.filter_map(|edge| tree.edge_to(edge)));
    }
    let mut set: HashSet<NodeId> = start.iter().copied().collect();
    let mut extraneous = Vec::new();
    while let Some(node) = start.pop() {
        for to in tree.node(node).edges_out().filter_map(|edge| tree.edge_to(edge)) {
            for reached in [to, tree.followed(to)] {
                if set.insert(reached) {
                    start.push(reached);
                }
            }
        }
        extraneous.extend(tree.node(node).children().filter(|&child| tree.node(child).flags().extraneous));
    }
    set.extend(extraneous);
    set
}
