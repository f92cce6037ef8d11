//! Which installed packages are from a registry, and from which.

use std::collections::HashSet;

use dependency_resolver::{EdgeId, EdgeKind, NodeId, Requirement};
use registry_client::RegistryClient;
use url::Url;

use super::SignatureError;
use crate::settings::Settings;
use crate::view::ProjectTree;

/// A package as it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledPackage {
    /// Its name in the registry.
    pub name: String,
    pub version: String,
    pub location: String,
    pub registry: Url,
    /// The section of its dependent that has it.
    pub section: &'static str,
}

/// The packages to look at, each once.
///
/// *Errors*: nothing depends on anything.
pub(super) fn packages(
    project: &ProjectTree,
    settings: &Settings,
    client: &RegistryClient,
) -> Result<Vec<InstalledPackage>, SignatureError> {
    let tree = &project.tree;
    let filter = project.workspace_filter(settings, settings.workspaces.include_root)?;
    let is_meant = |node: &NodeId| filter.as_ref().is_none_or(|set| set.contains(&tree.followed(*node)));
    let dependents = tree.inventory(project.root).into_iter().filter(is_meant);
    let edges: Vec<EdgeId> = dependents.flat_map(|node| tree.node(node).edges_out()).collect();
    if edges.is_empty() {
        return Err(SignatureError::NothingInstalled);
    }
    let mut seen = HashSet::new();
    let mut packages = Vec::new();
    for edge in edges {
        if let Some(package) = package(project, settings, client, edge)
            && seen.insert(package.location.clone())
        {
            packages.push(package);
        }
    }
    Ok(packages)
}

/// What an edge leads to, where that is from a registry and not left out.
fn package(
    project: &ProjectTree,
    settings: &Settings,
    client: &RegistryClient,
    edge: EdgeId,
) -> Option<InstalledPackage> {
    let tree = &project.tree;
    let node = tree.edge_to(edge)?;
    let known = tree.node(node);
    let requirement = Requirement::parse(tree.edge_name(edge), &tree.edge_spec(edge));
    let (name, _) = requirement.registry_request(tree.edge_name(edge))?;
    let (omit, flags) = (settings.install.omit, known.flags());
    let is_left_out =
        (omit.dev && flags.dev) || (omit.optional && flags.optional) || (omit.peer && flags.peer);
    if tree.is_workspace(node) || known.version().is_empty() || is_left_out {
        return None;
    }
    let kind = tree.edge_kind(edge);
    Some(InstalledPackage {
        registry: client.options().registry_for(&name)?.clone(),
        name,
        version: known.version().to_owned(),
        location: known.location().to_owned(),
        section: match kind {
            _ if kind.is_optional() => "optionalDependencies",
            _ if kind.is_peer() => "peerDependencies",
            EdgeKind::Dev => "devDependencies",
            _ => "dependencies",
        },
    })
}
