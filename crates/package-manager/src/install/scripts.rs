//! Scripts around an installation: the root's own, and those of dependencies that the project approved.

use std::path::Path;

use dependency_resolver::{IdealTree, NodeId, Request, Tree};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::changes::Changes;
use super::{InstallContext, InstallError};
use crate::lifecycle::{self, Output};
use crate::project::Project;

const INSTALL_EVENTS: [&str; 3] = ["preinstall", "install", "postinstall"];

/// Runs the root project's scripts for some events, unless packages were named: then the project itself is
/// not what is installed.
pub(super) fn run_root(
    context: &InstallContext<'_>,
    runtime: &Runtime,
    project: &Project,
    events: &[&str],
    request: &Request,
) -> Result<(), InstallError> {
    let settings = context.settings;
    let is_bare = request.add.is_empty()
        && request.remove.is_empty()
        && request.update == dependency_resolver::Update::Nothing;
    if settings.scripts.ignore || settings.places.is_global || !is_bare {
        return Ok(());
    }
    for event in events {
        run(context, runtime, event, &project.directory, project.manifest.members(), Output::Inherit)?;
    }
    Ok(())
}

/// Runs the install scripts of packages that were put into place and are approved. Gives the others that
/// have such scripts.
pub(super) fn run_dependencies(
    context: &InstallContext<'_>,
    runtime: &Runtime,
    ideal: &IdealTree,
    changes: &Changes,
    project: &Project,
) -> Result<Vec<String>, InstallError> {
    let mut unapproved = Vec::new();
    if context.settings.scripts.ignore {
        return Ok(unapproved);
    }
    let tree = &ideal.tree;
    // what is deeper was probably asked for by what is above it, so it comes first
    let mut nodes = changes.fill.clone();
    nodes.sort_by_key(|(location, _)| std::cmp::Reverse(location.matches("node_modules/").count()));
    for (location, node) in nodes {
        let package = tree.node(node).package();
        if tree.node(node).is_link() {
            continue;
        }
        let folder = project.directory.join(&location);
        if !package.has_install_script() && !folder.join("binding.gyp").is_file() {
            continue;
        }
        if !may_run(context, tree, node) {
            unapproved.push(format!("{}@{}", tree.name(node), tree.node(node).version()));
            continue;
        }
        let Some(manifest) = crate::project::normalized_document(&folder) else { continue };
        let output = if context.settings.scripts.foreground { Output::Inherit } else { Output::Capture };
        for event in INSTALL_EVENTS {
            let result = run(context, runtime, event, &folder, &manifest, output);
            match result {
                // an optional package whose script fails is as good as absent
                Err(InstallError::Script(_)) if tree.node(node).flags().optional => break,
                other => other?,
            }
        }
    }
    unapproved.sort_unstable();
    unapproved.dedup();
    Ok(unapproved)
}

/// Whether the install scripts of a node have the project's approval. Approval is of a package from the
/// registry: the same name from elsewhere does not have it.
pub(super) fn may_run(context: &InstallContext<'_>, tree: &Tree, node: NodeId) -> bool {
    let scripts = &context.settings.scripts;
    if scripts.ignore {
        return false;
    }
    if scripts.allow_all {
        return true;
    }
    let known = tree.node(node);
    let Some(name) = known.package().name() else { return false };
    tree.is_registry_dependency(node)
        && crate::script_approval::approves(&scripts.allow, name, known.version())
}

fn run(
    context: &InstallContext<'_>,
    runtime: &Runtime,
    event: &str,
    folder: &Path,
    manifest: &Map<String, Value>,
    output: Output,
) -> Result<(), InstallError> {
    let Some(command) = lifecycle::script_for(event, folder, manifest) else { return Ok(()) };
    let script = lifecycle::Script {
        event,
        command: &command,
        arguments: &[],
        directory: folder,
        manifest,
        bin_directories: &[],
        output,
    };
    let outcome = runtime.block_on(lifecycle::run_script(&script, &context.scripts, context.reporter))?;
    if outcome.succeeded() {
        return Ok(());
    }
    Err(InstallError::Script(Box::new(lifecycle::failure(&script, &outcome))))
}
