//! What an installation writes: package.json, the lockfile, the hidden lockfile.

use std::collections::BTreeSet;
use std::path::PathBuf;

use dependency_resolver::{
    IdealTree, LockfileOptions, Request, SaveOptions, apply_saved_specs, fill_lockfile, lockfile_entry,
};
use indexmap::IndexMap;
use npm_formats::lockfile::{Lockfile, LockfileEntry};
use npm_formats::manifest::PackageJson;
use serde_json::Map;

use super::changes::{Changes, is_in_modules};
use super::layout::Content;
use super::{InstallContext, InstallError, Operation};
use crate::manifest_file::replace_file;
use crate::project::Project;
use crate::settings::Settings;

/// Files to be written once everything is in place.
#[derive(Debug, Default)]
pub(super) struct Saved {
    files: Vec<(PathBuf, String)>,
}

impl Saved {
    /// Writes what differs from what is there.
    pub(super) fn write(&self) -> Result<(), InstallError> {
        for (file, text) in &self.files {
            if std::fs::read(file).is_ok_and(|present| present == text.as_bytes()) {
                continue;
            }
            replace_file(file, text.as_bytes())
                .map_err(|source| InstallError::Write { file: file.clone(), source })?;
        }
        Ok(())
    }
}

/// Works out what is to be written: saved specs go into the tree's documents, and from there into
/// package.json files and the lockfile.
pub(super) fn prepare(
    context: &InstallContext<'_>,
    operation: &Operation,
    project: &Project,
    request: &Request,
    ideal: &mut IdealTree,
) -> Saved {
    let settings = context.settings;
    let mut saved = Saved::default();
    let has_updates = !request.update.is_nothing();
    let saves = settings.save.save && operation.saves();
    let writes = (saves || has_updates) && !settings.places.is_global && !settings.dry_run;
    if !writes || matches!(operation, Operation::Clean) {
        return saved;
    }
    if saves {
        let options = SaveOptions {
            prefix: settings.save.prefix.clone(),
            save_type: request.save_type,
            update: request.update.clone(),
        };
        for node in apply_saved_specs(ideal, &options) {
            let node = ideal.tree.node(node);
            let file = PathBuf::from(node.path().unwrap_or_default()).join("package.json");
            let present = std::fs::read(&file).ok();
            let parsed = present.and_then(|bytes| PackageJson::parse(&file.to_string_lossy(), &bytes).ok());
            let mut document = parsed.unwrap_or_else(PackageJson::create);
            document.update_dependencies(&node.package().json);
            saved.files.push((file, document.print()));
        }
    }
    if settings.install.package_lock {
        let lockfile = lockfile(context, project, ideal);
        saved.files.push((project.lockfile_path.clone(), lockfile.print()));
    }
    saved
}

fn lockfile(context: &InstallContext<'_>, project: &Project, ideal: &IdealTree) -> Lockfile {
    let settings = context.settings;
    let mut lockfile = match project.lockfile.as_deref() {
        Some(present) => Lockfile {
            lockfile_version: present.lockfile_version,
            original_lockfile_version: present.original_lockfile_version,
            extra: present.extra.clone(),
            ..Lockfile::default()
        },
        None => Lockfile::default(),
    };
    // npm writes lockfiles in package.json's formatting
    lockfile.format = project.manifest.content().format().clone();
    if let Some(version) = settings.install.lockfile_version {
        lockfile.lockfile_version = version.into();
    } else if lockfile.lockfile_version < 2 {
        lockfile.lockfile_version = npm_formats::lockfile::DEFAULT_LOCKFILE_VERSION;
    }
    fill_lockfile(&ideal.tree, ideal.root, &mut lockfile, lockfile_options(settings));
    lockfile
}

/// What is recorded about packages.
pub(super) fn lockfile_options(settings: &Settings) -> LockfileOptions {
    LockfileOptions { omit_registry_resolved: settings.install.omit_lockfile_registry_resolved }
}

/// What is in node_modules now.
pub(super) fn hidden_lockfile(
    ideal: &IdealTree,
    changes: &Changes,
    given_up: &BTreeSet<String>,
    settings: &Settings,
) -> Lockfile {
    let mut lockfile = Lockfile::default();
    let options = lockfile_options(settings);
    fill_lockfile(&ideal.tree, ideal.root, &mut lockfile, options);
    let filled = std::mem::take(&mut lockfile.packages).into_iter();
    let (mut nodes, rest): (IndexMap<String, LockfileEntry>, IndexMap<_, _>) =
        filled.partition(|(location, _)| is_in_modules(location));
    lockfile.packages.extend(rest);
    for (location, place) in changes.wanted.iter().filter(|(location, _)| !given_up.contains(*location)) {
        let entry = match &place.content {
            Content::Folder { target } | Content::Entry { target } => link(target),
            // in the isolated layout packages are elsewhere than in the tree
            Content::Package | Content::Bundled => nodes
                .swap_remove(location)
                .unwrap_or_else(|| lockfile_entry(&ideal.tree, ideal.root, place.node, options)),
        };
        // as npm has it, entries of the isolated layout are there too, and nothing is said of them
        if let Some(entry) = isolated_entry(location) {
            lockfile.packages.entry(entry.to_owned()).or_default();
        }
        lockfile.packages.insert(location.clone(), entry);
    }
    lockfile
}

fn link(target: &str) -> LockfileEntry {
    let members = [("resolved".to_owned(), target.into()), ("link".to_owned(), true.into())];
    LockfileEntry(Map::from_iter(members))
}

/// The entry of the isolated layout that a location is in.
fn isolated_entry(location: &str) -> Option<&str> {
    let store = location.find("node_modules/.store/")? + "node_modules/.store/".len();
    let end = location.get(store..)?.find("/node_modules/")?;
    location.get(..store + end)
}
