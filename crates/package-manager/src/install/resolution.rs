//! The resolver on a thread of its own, with metadata from a registry.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use dependency_resolver::{
    IdealTree, Options, Request, Requirement, ResolveError, Start, Wanted, add_carried, build_ideal_tree,
    is_isolated, prune,
};
use npm_formats::config::InstallStrategy;
use npm_formats::package_name::split_range;
use package_store::Store;
use registry_client::RegistryClient;
use serde_json::Value;
use tokio::runtime::{Handle, Runtime};

use super::{InstallContext, InstallError, Operation, layout};
use crate::git::{GitRepositories, Preparation};
use crate::installed::{Installed, relative_location};
use crate::project::Project;
use crate::registry_metadata::{FetchAhead, RegistryMetadata};
use crate::script_approval::ScriptPolicy;
use crate::tarballs::Tarballs;

/// Peer sets are followed by recursion.
const STACK_BYTES: usize = 256 << 20;

/// The runtime on which requests run.
pub(super) fn runtime() -> Result<Runtime, InstallError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // unpacking takes all of a core, and each one under way holds a package in memory
        .max_blocking_threads(3)
        .enable_all()
        .build()
        .map_err(|source| InstallError::Threads { source })
}

/// A resolution about to start.
pub(super) struct Resolving<'a> {
    pub(super) context: &'a InstallContext<'a>,
    pub(super) project: &'a Project,
    pub(super) installed: &'a Installed,
    pub(super) runtime: Handle,
    pub(super) store: Store,
    /// Whose scripts may run.
    pub(super) policy: &'a ScriptPolicy,
}

/// Takes out the folders outside node_modules to which nothing leads any more, with what is in them.
fn forget_folders(start: &mut Start) {
    let project = Path::new(&start.path);
    let leads = start.installed.iter().filter_map(|package| package.link_target.clone());
    let members = start.workspaces.iter().map(|(_, path)| relative_location(project, Path::new(path)));
    let known: HashSet<String> = leads.chain(members).collect();
    let is_folder = |location: &str| !location.contains("node_modules/");
    let locations = start.installed.iter().map(|package| package.location.clone());
    let gone: Vec<String> = locations.filter(|at| is_folder(at) && !known.contains(at)).collect();
    let is_below = |location: &str, folder: &str| {
        location.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    start.installed.retain(|package| !gone.iter().any(|folder| is_below(&package.location, folder)));
}

/// What overrides put in place of dependencies' own specs, as far as registries have it.
fn overridden(overrides: Option<&Value>) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut open: Vec<(&str, &Value)> = Vec::new();
    open.extend(overrides.map(|overrides| (".", overrides)));
    while let Some((name, value)) = open.pop() {
        match value {
            Value::Object(inner) => open.extend(inner.iter().map(|(key, value)| match key.as_str() {
                "." => (name, value),
                key => (split_range(key).0, value),
            })),
            Value::String(spec) if !spec.starts_with('$') => {
                let request = Requirement::parse(name, spec).registry_request(name);
                wanted.extend(request.map(|(name, spec)| Wanted { name: name.into(), spec: spec.into() }));
            }
            _ => {}
        }
    }
    wanted
}

impl Resolving<'_> {
    /// Resolves. The tarballs are those that were fetched on the way, and the way to get others.
    pub(super) fn resolve(
        &self,
        request: &Request,
        prefers_dedupe: bool,
        operation: &Operation,
    ) -> Result<(IdealTree, Tarballs), InstallError> {
        let settings = self.context.settings;
        let client = {
            let _inside = self.runtime.enter();
            RegistryClient::new(self.context.client.clone())?
        };
        let git = GitRepositories {
            executable: self.context.git.clone(),
            scratch: settings.places.cache.join("git"),
            preparation: Some(Arc::new(Preparation::new(self.context, self.policy.clone()))),
        };
        let tarballs = Tarballs::new(self.runtime.clone(), client.clone(), self.store.clone(), git);
        let mut options = self.options();
        options.prefer_dedupe |= prefers_dedupe;
        options.save &= operation.saves();
        options.prune = !matches!(operation, Operation::Link(_));
        let only_locks = settings.install.package_lock_only || settings.dry_run;
        let mut start = self.project.start(Some(self.installed), request.update.clone());
        // npm takes the places of the isolated layout for those of a tree, and writes a lockfile of them
        start.installed.retain(|package| {
            let is_in_entry = |location: &str| is_isolated(location);
            !is_in_entry(&package.location) && !package.link_target.as_deref().is_some_and(is_in_entry)
        });
        forget_folders(&mut start);
        if settings.places.is_global {
            start.package = super::global::document(self.installed, &self.project.directory, &request.update);
            start.workspaces.clear();
        }
        let ahead = if only_locks { FetchAhead::Metadata } else { FetchAhead::Packages };
        let is_linked = layout::strategy(settings) == InstallStrategy::Linked;
        options.opens_bundles = only_locks || !is_linked;
        options.complete = only_locks || is_linked;
        let is_prune = matches!(operation, Operation::Prune);
        let installed = match operation {
            Operation::Clean => &[][..],
            _ => &self.installed.packages,
        };
        let bare = start.bare();
        let overrides = overridden(start.package.get("overrides"));
        let (runtime, fetched, request) = (self.runtime.clone(), tarballs.clone(), request.clone());
        let resolve = move || {
            let mut metadata =
                RegistryMetadata::new(runtime, client, fetched, options.clone(), ahead, overrides);
            let mut ideal = build_ideal_tree(start, &request, &options, &mut metadata)?;
            if is_prune {
                prune(&mut ideal);
            }
            if !options.complete {
                add_carried(&mut ideal, &bare, installed, &options, &mut metadata)?;
            }
            Ok::<_, ResolveError>(ideal)
        };
        let resolved = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("resolver".to_owned()).stack_size(STACK_BYTES);
            let resolver = thread.spawn_scoped(scope, resolve);
            resolver.map(|resolver| resolver.join()).map_err(|source| InstallError::Threads { source })
        })?;
        match resolved {
            Ok(result) => Ok((result?, tarballs)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn options(&self) -> Options {
        let settings = self.context.settings;
        let install = &settings.install;
        let mut platform = self.context.platform.clone();
        if let Some(os) = &install.os {
            platform.os.clone_from(os);
        }
        if let Some(cpu) = &install.cpu {
            platform.cpu.clone_from(cpu);
        }
        if install.libc.is_some() {
            platform.libc.clone_from(&install.libc);
        }
        settings.resolver_options(platform)
    }
}
