//! Bundled dependencies: the installed packages that are packed with the package that depends on them.

use std::collections::BTreeSet;
use std::path::Path;

use dependency_resolver::{EdgeKind, NodeId, Tree, TreeOptions, Update, load_tree};
use serde_json::{Map, Value};

use super::{PacklistError, PacklistRequest, walk};
use crate::installed::Installed;
use crate::project::{LockfileUse, Project};

/// The files of what a package bundles, and of what that depends on, relative to the package.
pub(super) fn files(request: &PacklistRequest<'_>) -> Result<Vec<String>, PacklistError> {
    let names: Vec<&str> = match request.manifest.get("bundleDependencies").and_then(Value::as_array) {
        Some(names) if !names.is_empty() => names.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(Vec::new()),
    };
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| PacklistError::Bundle(error);
    let mut project =
        Project::read(request.folder, LockfileUse::Ignore).map_err(|error| failed(error.into()))?;
    project.workspaces.clear();
    let installed = Installed::read_folders(&project.directory, &[]);
    let start = project.start(Some(&installed), Update::Nothing);
    let (tree, root) = load_tree(start, TreeOptions::default()).map_err(|error| failed(error.into()))?;
    let mut bundle =
        Bundle { tree: &tree, root, folder: &project.directory, seen: BTreeSet::new(), found: Vec::new() };
    bundle.seen.insert(root);
    bundle.gather(root, &names)?;
    Ok(bundle.found)
}

struct Bundle<'a> {
    tree: &'a Tree,
    root: NodeId,
    folder: &'a Path,
    seen: BTreeSet<NodeId>,
    found: Vec<String>,
}

impl Bundle<'_> {
    fn gather(&mut self, from: NodeId, names: &[&str]) -> Result<(), PacklistError> {
        let mut pending: Vec<(NodeId, Vec<String>)> =
            vec![(from, names.iter().map(|name| (*name).to_owned()).collect())];
        while let Some((from, names)) = pending.pop() {
            for name in names {
                let Some(edge) = self.tree.edge_named(from, &name) else { continue };
                let is_left_out = matches!(
                    self.tree.edge_kind(edge),
                    EdgeKind::Peer | EdgeKind::PeerOptional | EdgeKind::Dev
                );
                // what is not installed was optional
                let Some(node) = self.tree.edge_to(edge).filter(|_| !is_left_out) else { continue };
                let target = self.tree.followed(node);
                self.add(node, target)?;
                if self.seen.insert(target) {
                    pending.push((target, dependencies(&self.tree.node(target).package().json)));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, node: NodeId, target: NodeId) -> Result<(), PacklistError> {
        let known = self.tree.node(node);
        let Some(path) = known.path().filter(|_| target != self.root) else { return Ok(()) };
        let manifest = &self.tree.node(target).package().json;
        let files = walk::bundled(Path::new(path), manifest, known.is_link())?;
        let below = crate::workspaces::relative_path(self.folder, Path::new(path));
        self.found.extend(files.into_iter().map(|file| format!("{below}/{file}")));
        Ok(())
    }
}

fn dependencies(manifest: &Map<String, Value>) -> Vec<String> {
    ["dependencies", "optionalDependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_object())
        .flat_map(|section| section.keys().cloned())
        .collect()
}
