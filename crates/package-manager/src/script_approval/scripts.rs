//! Which scripts a package would run at its installation.

use std::path::Path;

use dependency_resolver::{NodeId, Tree};
use serde_json::{Map, Value};

use super::identity::displayed;
use super::policy::{ScriptPolicy, Verdict};
use crate::manifest_file::ManifestFile;

/// Said for scripts of which only the lockfile knows, as the package is not there yet.
const PRESENT: &str = "(install scripts present)";

/// A package whose install scripts nobody decided about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreviewed {
    /// Its trusted name, where there is one.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is, relative to the project.
    pub location: String,
    /// Event and command.
    pub scripts: Vec<(String, String)>,
}

impl Unreviewed {
    /// `name@version (event: command; event: command)`.
    pub fn describe(&self) -> String {
        let events: Vec<String> =
            self.scripts.iter().map(|(event, command)| format!("{event}: {command}")).collect();
        let at = if self.version.is_empty() { "" } else { "@" };
        format!("{}{at}{} ({})", self.name, self.version, events.join("; "))
    }
}

/// The nodes that have install scripts about which the policy says nothing, in the tree's order. Links,
/// workspaces and bundled packages are not among them: nobody is asked about those. `place` tells the location at
/// which a node is installed, if it is.
pub fn unreviewed(
    tree: &Tree,
    root: NodeId,
    project: &Path,
    policy: &ScriptPolicy,
    place: impl Fn(NodeId) -> Option<String>,
) -> Vec<Unreviewed> {
    if policy.allows_all() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for node in tree.inventory(root) {
        if !is_candidate(tree, root, node) {
            continue;
        }
        let Some(location) = place(node) else { continue };
        if policy.verdict(tree, node) != Verdict::Unreviewed {
            continue;
        }
        let scripts = install_scripts(tree, node, &project.join(&location));
        if !scripts.is_empty() {
            let (name, version) = displayed(tree, node);
            found.push(Unreviewed { name, version, location, scripts });
        }
    }
    found
}

/// Whether scripts of a node are anybody's decision.
pub(super) fn is_candidate(tree: &Tree, root: NodeId, node: NodeId) -> bool {
    let known = tree.node(node);
    node != root
        && !tree.is_workspace(node)
        && !known.is_link()
        && !tree.in_dep_bundle(node)
        && !known.is_inert()
}

/// Event and command of what a package runs at its installation. What does not come from a registry runs
/// `prepare` too.
pub fn install_scripts(tree: &Tree, node: NodeId, folder: &Path) -> Vec<(String, String)> {
    let package = tree.node(node).package();
    let with_prepare = !tree.is_registry_dependency(node);
    let mut scripts = declared(&package.json, with_prepare);
    let has_gate = scripts.iter().any(|(event, _)| event == "preinstall" || event == "install");
    if !has_gate
        && package.json.get("gypfile") != Some(&Value::Bool(false))
        && folder.join("binding.gyp").is_file()
    {
        scripts.retain(|(event, _)| event != "install");
        scripts.push(("install".to_owned(), "node-gyp rebuild".to_owned()));
    }
    if scripts.is_empty() && package.has_install_script() {
        if let Ok(Some(manifest)) = ManifestFile::read_if_there(folder) {
            scripts = declared(manifest.members(), with_prepare);
        }
        if scripts.is_empty() {
            scripts.push(("install".to_owned(), PRESENT.to_owned()));
        }
    }
    scripts
}

fn declared(document: &Map<String, Value>, with_prepare: bool) -> Vec<(String, String)> {
    let Some(scripts) = document.get("scripts").and_then(Value::as_object) else { return Vec::new() };
    let events = ["preinstall", "install", "postinstall", "prepare"];
    events
        .into_iter()
        .filter(|event| with_prepare || *event != "prepare")
        .filter_map(|event| {
            let command = scripts.get(event)?.as_str().filter(|command| !command.is_empty())?;
            Some((event.to_owned(), command.to_owned()))
        })
        .collect()
}
