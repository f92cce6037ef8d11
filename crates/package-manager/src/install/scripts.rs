//! Scripts around an installation: the root's own, those of workspaces and linked folders, and those of
//! dependencies that the project approved.

use std::path::Path;

use dependency_resolver::{IdealTree, NodeId, Request, Tree};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::changes::Changes;
use super::layout::{Content, Place};
use super::{InstallContext, InstallError};
use crate::lifecycle::{self, Output};
use crate::project::Project;
use crate::reporter::{Event, Step};
use crate::script_approval::{self, PolicyScope, ScriptPolicy, Unreviewed, Verdict};

pub(super) const INSTALL_EVENTS: [&str; 3] = ["preinstall", "install", "postinstall"];
pub(super) const LINK_EVENTS: [&str; 4] = ["preinstall", "prepare", "install", "postinstall"];
/// Run for the root project at a bare installation, `preinstall` before anything else.
const ROOT_EVENTS: [&str; 6] =
    ["install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

/// Where scripts run, and which may.
pub(super) struct Scripts<'a> {
    pub(super) context: &'a InstallContext<'a>,
    pub(super) project: &'a Project,
    pub(super) policy: ScriptPolicy,
}

impl<'a> Scripts<'a> {
    /// Resolves the policy of an installation; what it has to say is said.
    pub(super) fn new(
        context: &'a InstallContext<'a>,
        project: &'a Project,
        scope: PolicyScope,
    ) -> Result<Self, InstallError> {
        let members = project.manifest.members();
        let (policy, warnings) = ScriptPolicy::resolve(context.settings, members, scope)?;
        for warning in &warnings {
            context.reporter.report(Event::Warning(warning));
        }
        Ok(Self { context, project, policy })
    }

    pub(super) fn ignores(&self) -> bool {
        self.context.settings.scripts.ignore
    }

    /// Whether scripts of a node run. A package's own files must not be the store's then.
    pub(super) fn may_run(&self, tree: &Tree, node: NodeId) -> bool {
        !self.ignores() && self.policy.verdict(tree, node) == Verdict::Allowed
    }

    /// Packages in the tree whose scripts nobody decided about.
    pub(super) fn unreviewed(&self, ideal: &IdealTree, changes: &Changes) -> Vec<Unreviewed> {
        if self.ignores() {
            return Vec::new();
        }
        let locations = changes.locations();
        let place = |node: NodeId| {
            let own = ideal.tree.node(node).location();
            let is_folder = !own.contains("node_modules/");
            locations.get(&node).copied().or(is_folder.then_some(own)).map(str::to_owned)
        };
        let directory = &self.project.directory;
        script_approval::unreviewed(&ideal.tree, ideal.root, directory, &self.policy, place)
    }

    /// With `strict-allow-scripts`, nothing is installed while a script is undecided.
    pub(super) fn check_strict(&self, ideal: &IdealTree, changes: &Changes) -> Result<(), InstallError> {
        if !self.context.settings.scripts.strict {
            return Ok(());
        }
        let packages = self.unreviewed(ideal, changes);
        if packages.is_empty() { Ok(()) } else { Err(InstallError::Unreviewed { packages }) }
    }

    /// Runs the root project's first script, unless packages were named: then the project itself is not what is
    /// installed.
    pub(super) fn run_root_first(&self, runtime: &Runtime, request: &Request) -> Result<(), InstallError> {
        self.run_root(runtime, &["preinstall"], request)
    }

    /// Runs the root project's other scripts.
    pub(super) fn run_root_rest(&self, runtime: &Runtime, request: &Request) -> Result<(), InstallError> {
        self.run_root(runtime, &ROOT_EVENTS, request)
    }

    fn run_root(&self, runtime: &Runtime, events: &[&str], request: &Request) -> Result<(), InstallError> {
        let is_bare = request.add.is_empty()
            && request.remove.is_empty()
            && request.update == dependency_resolver::Update::Nothing;
        if self.ignores() || self.context.settings.places.is_global || !is_bare {
            return Ok(());
        }
        let project = self.project;
        for event in events {
            self.run(runtime, event, &project.directory, project.manifest.members(), Output::Inherit)?;
        }
        Ok(())
    }

    /// Runs the install scripts of packages that were put into place and are approved.
    pub(super) fn run_dependencies(
        &self,
        runtime: &Runtime,
        ideal: &IdealTree,
        changes: &Changes,
    ) -> Result<(), InstallError> {
        if self.ignores() {
            return Ok(());
        }
        let tree = &ideal.tree;
        let mut packages: Vec<&(String, Place)> =
            changes.fill.iter().filter(|(_, place)| place.content == Content::Package).collect();
        packages.sort_by_key(|(_, place)| place.rank);
        for (location, place) in packages {
            let node = place.node;
            if !self.may_run(tree, node) {
                continue;
            }
            let folder = self.project.directory.join(location);
            if script_approval::install_scripts(tree, node, &folder).is_empty() {
                continue;
            }
            match self.run_events(runtime, &INSTALL_EVENTS, &folder) {
                // an optional package whose script fails is as good as absent
                Err(InstallError::Script(_)) if tree.node(node).flags().optional => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Runs the scripts of workspaces, and of linked folders that are approved: at every installation, as their
    /// contents change without anybody's notice.
    pub(super) fn run_links(
        &self,
        runtime: &Runtime,
        ideal: &IdealTree,
        changes: &Changes,
    ) -> Result<(), InstallError> {
        if self.ignores() {
            return Ok(());
        }
        let tree = &ideal.tree;
        for link in changes.links(ideal) {
            let node = tree.node(link);
            let Some(target) = node.target() else { continue };
            let verdicts = [self.policy.verdict(tree, link), self.policy.verdict(tree, target)];
            let is_own = tree.is_workspace(target)
                || target == ideal.root
                || node.realpath().is_some_and(|folder| self.is_standing_in(folder));
            let is_wanted = is_own || verdicts.contains(&Verdict::Allowed);
            let Some(folder) = node.realpath().filter(|_| is_wanted && !verdicts.contains(&Verdict::Denied))
            else {
                continue;
            };
            if target != ideal.root {
                self.run_events(runtime, &LINK_EVENTS, Path::new(folder))?;
            }
        }
        Ok(())
    }

    /// Whether a global command links the folder that it was started in.
    fn is_standing_in(&self, folder: &str) -> bool {
        let places = &self.context.settings.places;
        places.is_global && places.local_prefix.canonicalize().is_ok_and(|own| own == Path::new(folder))
    }

    fn output(&self) -> Output {
        if self.context.settings.scripts.foreground { Output::Inherit } else { Output::Capture }
    }

    /// Runs what a folder's package has for some events.
    pub(super) fn run_events(
        &self,
        runtime: &Runtime,
        events: &[&str],
        folder: &Path,
    ) -> Result<(), InstallError> {
        let Some(manifest) = crate::project::normalized_document(folder) else { return Ok(()) };
        let output = self.output();
        events.iter().try_for_each(|event| self.run(runtime, event, folder, &manifest, output))
    }

    fn run(
        &self,
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
        let context = self.context;
        if output == Output::Capture {
            let package = lifecycle::package_id(manifest).unwrap_or_else(|| folder.display().to_string());
            context.reporter.report(Event::Step(Step::Script { package: &package, event }));
        }
        let outcome = runtime.block_on(lifecycle::run_script(&script, &context.scripts, context.reporter))?;
        if outcome.succeeded() {
            return Ok(());
        }
        Err(InstallError::Script(Box::new(lifecycle::failure(&script, &outcome))))
    }
}

/// Whether a project has scripts that run at every installation, its own or those of workspaces.
pub(super) fn has_own_scripts(context: &InstallContext<'_>, project: &Project) -> bool {
    if context.settings.scripts.ignore {
        return false;
    }
    let events = || ["preinstall"].into_iter().chain(ROOT_EVENTS);
    let has = |directory: &Path, manifest: &Map<String, Value>| {
        events().any(|event| lifecycle::script_for(event, directory, manifest).is_some())
    };
    has(&project.directory, project.manifest.members())
        || project.workspaces.iter().any(|workspace| {
            crate::project::normalized_document(&workspace.path)
                .is_some_and(|manifest| has(&workspace.path, &manifest))
        })
}
