//! Installing: from what was asked for to a lockfile and a node_modules that agree.
//!
//! 1. Read the project and what is installed ([`crate::project`], [`crate::installed`]).
//! 2. Resolve on a thread of its own while packuments are fetched ahead ([`resolution`]).
//! 3. Lay the ideal tree out ([`layout`]) and compare that with what is installed ([`changes`]).
//! 4. Get what is missing and link it, both as soon as possible ([`reify`]).
//! 5. Complete what abbreviated metadata lacks ([`complete`]), run scripts ([`scripts`]), save package.json and
//!    the lockfile ([`save`]), write the hidden lockfile and the state from which the next run sees that nothing is to be done ([`state`]).

mod auditing;
mod changes;
mod complete;
mod error;
mod executables;
mod global;
mod layout;
mod lockfile_trust;
mod rebuild;
mod reify;
mod resolution;
mod save;
mod scope;
mod scripts;
mod state;

use std::path::PathBuf;

use dependency_resolver::{
    IdealTree, Platform, Request, Tree, Update, Warning, duplicated_names, lacks_dependencies,
};
use package_store::{BeginOptions, NodeModulesWriter, Replacement, Store};
use registry_client::ClientOptions;

use crate::audit::AuditReport;
use crate::installed::Installed;
use crate::lifecycle::ScriptEnvironment;
use crate::project::{LockfileUse, Project, ProjectError};
use crate::reporter::{Event, Reporter, Step};
use crate::script_approval::{PolicyScope, Unreviewed};
use crate::settings::Settings;
use auditing::Auditing;
use changes::{Anew, Changes};
pub use error::InstallError;
use layout::Content;
pub use rebuild::{RebuildError, rebuild};
use scope::Scope;
use scripts::Scripts;
pub use state::{STATE_FILE, is_up_to_date};

/// What an installation needs besides its request.
pub struct InstallContext<'a> {
    /// Settings of the run.
    pub settings: &'a Settings,
    /// How registries are reached.
    pub client: ClientOptions,
    /// The machine to install for.
    pub platform: Platform,
    /// What scripts see.
    pub scripts: ScriptEnvironment,
    /// The git executable.
    pub git: PathBuf,
    /// Files whose change makes an installation stale, such as `.npmrc`.
    pub configuration_files: Vec<PathBuf>,
    /// Receives what happens on the way.
    pub reporter: &'a dyn Reporter,
}

/// What to do.
#[derive(Debug, Clone)]
pub enum Operation {
    /// `install`, `uninstall`, `update`: changes as requested, the rest as the lockfile has it.
    Change(Request),
    /// `link`: folders linked into the project, what else is there stays.
    Link(Request),
    /// `exec`: packages for a run, into a folder of knit's own.
    Fetch(Request),
    /// `audit fix`: what was found vulnerable gives way.
    Fix(Request),
    /// `ci`: exactly the lockfile, into an empty node_modules.
    Clean,
    /// `dedupe`: fewer copies, where the ranges allow it.
    Dedupe,
    /// `prune`: away with what nothing depends on.
    Prune,
    /// A checkout of a repository gets what it depends on. Its own scripts are its caller's business.
    Prepare,
}

impl Operation {
    /// Whether package.json is its business, and with it a lockfile in which nothing was asked to change.
    fn saves(&self) -> bool {
        !matches!(self, Self::Clean | Self::Dedupe)
    }
}

/// What was done.
#[derive(Debug, Default, Clone)]
pub struct InstallReport {
    /// The folder around node_modules, to which locations are relative.
    pub directory: PathBuf,
    /// Names of the packages that were asked for, in their order.
    pub requested: Vec<String>,
    /// Packages that were not there before: name and version, by location.
    pub added: Vec<PackageChange>,
    /// Packages of which another version is there now.
    pub changed: Vec<PackageChange>,
    /// Packages that are gone.
    pub removed: Vec<PackageChange>,
    /// How many packages the tree has.
    pub total: usize,
    /// How many of them ask for funding.
    pub funding: usize,
    /// What the resolver wants to be heard.
    pub warnings: Vec<Warning>,
    /// Packages with a `deprecated` notice that were added: `name@version` and the notice.
    pub deprecated: Vec<(String, String)>,
    /// Optional packages that could not be had: `name@version` and why.
    pub skipped_optional: Vec<(String, String)>,
    /// Packages whose install scripts were not run, as nobody decided about them.
    pub unreviewed_scripts: Vec<Unreviewed>,
    /// What is vulnerable now; `None` where no registry was asked, or none answered.
    pub audit: Option<AuditReport>,
}

/// One package of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageChange {
    /// The name it stands under.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it is.
    pub location: String,
}

/// Carries out an installation.
///
/// *Errors*: [`InstallError`]. Where one occurs, package.json and the lockfile are as before, and every
/// package in node_modules is whole.
pub fn install(context: &InstallContext<'_>, operation: &Operation) -> Result<InstallReport, InstallError> {
    let settings = context.settings;
    let directory = settings.places.prefix().clone();
    if settings.places.is_global {
        std::fs::create_dir_all(settings.places.global_modules())
            .map_err(|source| InstallError::Folder { path: settings.places.global_modules(), source })?;
    }
    let directory = if settings.places.is_global { directory.join("lib") } else { directory };
    let is_clean = matches!(operation, Operation::Clean);
    let lock_only = settings.install.package_lock_only;
    let writes = !lock_only && !settings.dry_run;
    let writer = match writes {
        true => Some(NodeModulesWriter::begin(
            &directory,
            &BeginOptions {
                state_files: vec![STATE_FILE.to_owned()],
                replacement: if is_clean { Replacement::Whole } else { Replacement::Package },
                ..BeginOptions::default()
            },
        )?),
        false => None,
    };
    let use_lockfile = match settings.install.package_lock && !settings.places.is_global {
        true => LockfileUse::Read,
        false => LockfileUse::Ignore,
    };
    let project = Project::read(&directory, use_lockfile)?;
    let members = project.members();
    let installed = match (operation, &writer) {
        (Operation::Clean, _) => Installed::read_folders(&project.directory, &members),
        _ if settings.places.is_global => Installed::read_folders(&project.directory, &members),
        (_, Some(_)) => Installed::read_as_writer(&project.directory, &members),
        (_, None) => Installed::read(&project.directory, &members),
    };
    if is_clean && project.lockfile.is_none() {
        return Err(InstallError::NoLockfile { directory: project.directory });
    }
    let scripts = Scripts::new(context, &project, scope_of(settings, operation))?;
    let runtime = resolution::runtime()?;
    let store = Store::open(&settings.places.store)?;
    let resolving = resolution::Resolving {
        context,
        project: &project,
        installed: &installed,
        runtime: runtime.handle().clone(),
        store: store.clone(),
        policy: &scripts.policy,
    };
    let step = |step| context.reporter.report(Event::Step(step));
    step(Step::Resolving);
    let (request, prefers_dedupe) = requested(operation, &installed, &project);
    let (mut ideal, tarballs) = resolving.resolve(&request, prefers_dedupe, operation)?;
    if is_clean {
        changes::check_in_sync(&ideal, &project)?;
    }
    let unfinished =
        writer.as_ref().map(|writer| writer.recovered().completed.as_slice()).unwrap_or_default();
    let anew = if is_clean { Anew::Everything } else { Anew::These(unfinished) };
    let nothing = Installed::default();
    let before = if is_clean { &nothing } else { &installed };
    let scope = match operation {
        _ if settings.places.is_global => Scope::of_global(&ideal, &request),
        Operation::Fetch(_) => Scope::Whole,
        _ => Scope::of_workspaces(&ideal, before, &project, settings).map_err(ProjectError::from)?,
    };
    let changes = Changes::between(&ideal, &installed, settings, &scope, &anew);
    lockfile_trust::check(&ideal, &project, &changes)?;
    let mut report = InstallReport { directory: project.directory.clone(), ..report(&ideal, &changes) };
    let client = tarballs.client();
    let auditing = Auditing::begin(context, operation, &project, &ideal, client, &runtime)?;
    let audited = |auditing: Option<Auditing>, ideal: &IdealTree| match auditing {
        Some(auditing) => auditing.finish(context, &project, ideal, &runtime),
        None => Ok(None),
    };
    let Some(writer) = writer else {
        report.audit = audited(auditing, &ideal)?;
        if lock_only && !settings.dry_run {
            save::prepare(context, operation, &project, &request, &mut ideal).write()?;
        }
        return Ok(report);
    };
    scripts.check_strict(&ideal, &changes)?;
    let runs_root = is_clean || matches!(operation, Operation::Change(_));
    if runs_root {
        scripts.run_root_first(&runtime, &request)?;
    }
    step(Step::Filling);
    let filled = reify::fill(reify::Reify {
        scripts: &scripts,
        runtime: &runtime,
        tarballs: tarballs.clone(),
        writer,
        ideal: &ideal,
        changes: &changes,
    })?;
    report.skipped_optional = filled.skipped.clone();
    step(Step::Finishing);
    complete::complete(&mut ideal, &runtime, &tarballs, &store)?;
    let saved = save::prepare(context, operation, &project, &request, &mut ideal);
    let mut hidden = save::hidden_lockfile(&ideal, &changes, &filled.given_up, settings);
    scope.keep_rest(&mut hidden, before, &project, save::lockfile_options(settings));
    let hidden_text = hidden.print_hidden();
    let writer = reify::settle(
        filled,
        &reify::Settle {
            scripts: &scripts,
            ideal: &ideal,
            changes: &changes,
            is_clean,
            hidden_lockfile: (!settings.places.is_global).then_some(&*hidden_text),
        },
    )?;
    scripts.run_dependencies(&runtime, &ideal, &changes)?;
    scripts.run_links(&runtime, &ideal, &changes)?;
    let places = executables::Places { directory: &project.directory, settings, writer: &writer };
    executables::link_folders(&places, &ideal, &changes)?;
    saved.write()?;
    if runs_root {
        scripts.run_root_rest(&runtime, &request)?;
    }
    report.unreviewed_scripts = scripts.unreviewed(&ideal, &changes);
    report.audit = audited(auditing, &ideal)?;
    if settings.places.is_global {
        // only what the command named is in the tree, and npm records nothing here either
        writer.finish(&[])?;
        return Ok(report);
    }
    let state = state::State::record(context, &project, &hidden, &hidden_text);
    let state = state.print();
    let mut files = vec![(package_store::HIDDEN_LOCKFILE, hidden_text.as_bytes())];
    // with a part of it there is something left to do, as there is where something is missing
    if matches!(scope, Scope::Whole) && !lacks_dependencies(&ideal) {
        files.push((STATE_FILE, state.as_bytes()));
    }
    writer.finish(&files)?;
    Ok(report)
}

/// Whose decisions about scripts count.
fn scope_of(settings: &Settings, operation: &Operation) -> PolicyScope {
    match operation {
        Operation::Fetch(_) => PolicyScope::Elsewhere,
        _ => PolicyScope::of(settings),
    }
}

/// The request that an operation makes of the resolver, and whether duplicates are to go.
fn requested(operation: &Operation, installed: &Installed, project: &Project) -> (Request, bool) {
    match operation {
        Operation::Change(request)
        | Operation::Link(request)
        | Operation::Fetch(request)
        | Operation::Fix(request) => (request.clone(), false),
        Operation::Clean | Operation::Prune | Operation::Prepare => (Request::default(), false),
        Operation::Dedupe => {
            let names = duplicated_names(project.start(Some(installed), Update::Nothing));
            (Request { update: Update::Names(names), ..Request::default() }, true)
        }
    }
}

fn report(ideal: &IdealTree, changes: &Changes) -> InstallReport {
    let tree: &Tree = &ideal.tree;
    let is_package = |id| !tree.is_project_root(id) && !tree.node(id).is_link() && !tree.is_workspace(id);
    let places = changes.wanted.values().filter(|place| !matches!(place.content, Content::Entry { .. }));
    let packages: Vec<_> = places.map(|place| place.node).filter(|&id| is_package(id)).collect();
    let asks = |id: &&dependency_resolver::NodeId| tree.node(**id).package().json.contains_key("funding");
    let deprecated = changes.added.iter().chain(&changes.changed).filter_map(|change| {
        let node = tree.node(changes.wanted.get(&change.location)?.node);
        let notice = node.package().json.get("deprecated")?.as_str()?;
        Some((format!("{}@{}", change.name, change.version), notice.to_owned()))
    });
    InstallReport {
        total: packages.len(),
        funding: packages.iter().filter(asks).count(),
        deprecated: deprecated.collect(),
        requested: ideal.requested.iter().map(|requested| requested.name.clone()).collect(),
        added: changes.added.clone(),
        changed: changes.changed.clone(),
        removed: changes.removed.clone(),
        warnings: ideal.warnings.clone(),
        ..InstallReport::default()
    }
}
