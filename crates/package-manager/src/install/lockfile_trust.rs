//! What a lockfile says must be something that somebody asked for.
//!
//! npm 11.19.1 installs whatever a lockfile has under a wanted name as long as the version fits: another package, a
//! tarball or folder anywhere on the machine. Here a place that only registries are asked for is filled from a
//! registry, with the package of that name, and a link needs somebody who asks for a folder.

use std::collections::BTreeSet;

use dependency_resolver::{EdgeId, IdealTree, NodeId, Requirement, Tree};

use super::InstallError;
use super::changes::{Changes, is_in_modules};
use crate::project::Project;

/// Checks everything that is to be in node_modules and is in the lockfile.
///
/// *Errors*: [`InstallError::Untrusted`] with every entry that nobody asked for.
pub(super) fn check(ideal: &IdealTree, project: &Project, changes: &Changes) -> Result<(), InstallError> {
    let Some(lockfile) = &project.lockfile else { return Ok(()) };
    let mut problems = Vec::new();
    let nodes: BTreeSet<NodeId> = changes.wanted.values().map(|place| place.node).collect();
    for node in nodes {
        let location = ideal.tree.node(node).location();
        if lockfile.get(location).is_some()
            && let Some(problem) = problem_with(&ideal.tree, node)
        {
            problems.push(format!("{location} is locked to {problem}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(InstallError::Untrusted { problems }) }
}

fn problem_with(tree: &Tree, id: NodeId) -> Option<String> {
    let node = tree.node(id);
    let asked = || wishes(tree, id);
    if node.is_link() {
        let is_wanted = tree.is_workspace(id)
            || node.target().is_some_and(|target| tree.is_workspace(target))
            || node.edges_in().any(|edge| asks_for_folder(&tree.edge_requirement(edge)))
            || is_repetition(tree, id);
        let target = || node.target().map(|target| tree.node(target).location()).unwrap_or("nothing");
        return (!is_wanted)
            .then(|| format!("a link to {:?}, but what is asked for is {}", target(), asked()));
    }
    if tree.in_dep_bundle(id) || !tree.is_registry_dependency(id) {
        return None;
    }
    if let Some(resolved) = node.resolved().filter(|resolved| !resolved.starts_with("http")) {
        return Some(format!("{resolved}, but what is asked for is {}", asked()));
    }
    let name = node.package().name()?;
    let is_asked_for =
        node.edges_in().any(|edge| registry_name(tree, edge).is_some_and(|asked| asked == **name));
    (!is_asked_for).then(|| format!("{name}@{}, but what is asked for is {}", node.version(), asked()))
}

/// Whether a link leads back to a package of the tree that is just what is asked for: where packages would be nested
/// in each other without end, one of these is put in their place.
fn is_repetition(tree: &Tree, id: NodeId) -> bool {
    let is_above = |target: &NodeId| {
        let above = tree.node(*target).location();
        let is_inside =
            tree.node(id).location().strip_prefix(above).is_some_and(|rest| rest.starts_with('/'));
        is_inside && tree.name(*target) == tree.name(id) && is_in_modules(above)
    };
    tree.node(id).target().filter(is_above).is_some_and(|target| problem_with(tree, target).is_none())
        && tree.node(id).edges_in().all(|edge| tree.edge_is_valid(edge))
}

fn asks_for_folder(requirement: &Requirement) -> bool {
    matches!(requirement, Requirement::Directory | Requirement::File)
}

/// The name under which an edge asks a registry, which an alias says.
fn registry_name(tree: &Tree, edge: EdgeId) -> Option<String> {
    tree.edge_requirement(edge).registry_request(tree.edge_name(edge)).map(|(name, _)| name)
}

/// What dependents ask for.
fn wishes(tree: &Tree, id: NodeId) -> String {
    let mut wishes: Vec<String> = tree
        .node(id)
        .edges_in()
        .map(|edge| format!("{}@{}", tree.edge_name(edge), tree.edge_spec(edge)))
        .collect();
    wishes.sort_unstable();
    wishes.dedup();
    if wishes.is_empty() { "nothing of that name".to_owned() } else { wishes.join(", ") }
}
