//! The part of node_modules that an installation may change: all of it, the global packages that were named, or
//! what selected workspaces need.

use std::collections::BTreeSet;

use dependency_resolver::{
    EdgeKind, IdealTree, LockfileOptions, NodeId, Request, Tree, TreeOptions, Update, fill_lockfile,
    load_tree,
};
use npm_formats::lockfile::Lockfile;

use crate::installed::Installed;
use crate::project::Project;
use crate::settings::Settings;
use crate::workspaces::{self, WorkspaceError};

/// The part of node_modules that an installation may change.
#[derive(Debug)]
pub(super) enum Scope {
    /// All of it.
    Whole,
    /// Packages of these names at the top, with what is nested in them.
    Names(BTreeSet<String>),
    /// Just these places.
    Locations(BTreeSet<String>),
}

impl Scope {
    /// What a global request names.
    pub(super) fn of_global(ideal: &IdealTree, request: &Request) -> Self {
        let mut names: BTreeSet<String> = ideal.requested.iter().map(|each| each.name.clone()).collect();
        names.extend(request.remove.iter().cloned());
        match &request.update {
            Update::Nothing => {}
            Update::Names(updated) => names.extend(updated.iter().cloned()),
            Update::All => return Self::Whole,
        }
        Self::Names(names)
    }

    /// What the selected workspaces need, or needed so far; all where none are selected.
    ///
    /// *Errors*: a selection that no workspace matches.
    pub(super) fn of_workspaces(
        ideal: &IdealTree,
        installed: &Installed,
        project: &Project,
        settings: &Settings,
    ) -> Result<Self, WorkspaceError> {
        let selection = &settings.workspaces;
        let names = match (selection.enabled, selection.selected()) {
            (true, false) => return Ok(Self::Whole),
            (true, true) => workspaces::selected_names(settings)?,
            (false, _) => Vec::new(),
        };
        let actual = installed_tree(installed, project);
        let trees: Vec<(&Tree, NodeId)> = std::iter::once((&ideal.tree, ideal.root))
            .chain(actual.as_ref().map(|(tree, root)| (tree, *root)))
            .collect();
        let mut open: Vec<String> = names.iter().map(|name| format!("node_modules/{name}")).collect();
        open.retain(|location| trees.iter().any(|(tree, root)| tree.at_location(*root, location).is_some()));
        if !selection.enabled || (selection.include_root && !names.is_empty()) {
            for &(tree, root) in &trees {
                let edges = tree.node(root).edges_out();
                let needed = edges.filter(|&edge| tree.edge_kind(edge) != EdgeKind::Workspace);
                open.extend(needed.filter_map(|edge| location_of(tree, tree.edge_to(edge)?)));
            }
        }
        if open.is_empty() {
            return Ok(Self::Whole);
        }
        let mut locations: BTreeSet<String> = BTreeSet::new();
        while let Some(location) = open.pop() {
            for &(tree, root) in &trees {
                let Some(node) = tree.at_location(root, &location) else { continue };
                open.extend(reached_from(tree, node).into_iter().filter(|next| !locations.contains(next)));
            }
            locations.insert(location);
        }
        Ok(Self::Locations(locations))
    }

    /// Whether a location may be changed.
    pub(super) fn contains(&self, location: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Locations(locations) => locations.contains(location),
            Self::Names(names) => {
                let below = location.strip_prefix("node_modules/").unwrap_or(location);
                let name = below.split("/node_modules/").next().unwrap_or(below);
                names.contains(name)
            }
        }
    }

    /// Adds what stays in node_modules outside the scope to what is recorded of it, and takes out folders to which
    /// nothing leads.
    pub(super) fn keep_rest(
        &self,
        hidden: &mut Lockfile,
        installed: &Installed,
        project: &Project,
        options: LockfileOptions,
    ) {
        let Self::Locations(_) = self else { return };
        if let Some((tree, root)) = installed_tree(installed, project) {
            let mut present = Lockfile::default();
            fill_lockfile(&tree, root, &mut present, options);
            present.packages.retain(|location, _| !location.is_empty() && !self.contains(location));
            for (location, entry) in present.packages {
                hidden.packages.entry(location).or_insert(entry);
            }
        }
        let targets: BTreeSet<String> = hidden
            .packages
            .values()
            .filter(|entry| entry.is_link())
            .filter_map(|entry| entry.resolved().map(str::to_owned))
            .collect();
        let is_in_modules = super::changes::is_in_modules;
        hidden.packages.retain(|location, _| {
            location.is_empty() || is_in_modules(location) || targets.contains(location)
        });
    }
}

/// What is installed as a tree; `None` where it cannot be made one.
fn installed_tree(installed: &Installed, project: &Project) -> Option<(Tree, NodeId)> {
    let mut start = project.start(Some(installed), Update::Nothing);
    start.lockfile = None;
    load_tree(start, TreeOptions::default()).ok()
}

fn location_of(tree: &Tree, node: NodeId) -> Option<String> {
    Some(tree.node(node).location().to_owned()).filter(|location| !location.is_empty())
}

/// Where a node's dependencies are, its target if it is a link, and what lies about in it.
fn reached_from(tree: &Tree, node: NodeId) -> Vec<String> {
    let target = tree.followed(node);
    let dependencies = tree.node(target).edges_out().filter_map(|edge| tree.edge_to(edge));
    let superfluous = tree.node(target).children().filter(|&child| tree.node(child).flags().extraneous);
    let own = std::iter::once(target).filter(|&target| target != node);
    own.chain(dependencies).chain(superfluous).filter_map(|node| location_of(tree, node)).collect()
}
