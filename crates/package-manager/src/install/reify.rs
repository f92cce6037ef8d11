//! Making node_modules what the ideal tree says: packages that the store has are linked at once, others as
//! soon as they have arrived.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};

use dependency_resolver::{FetchError, IdealTree, NodeId, Tree, is_isolated};
use package_store::{Entry, HIDDEN_LOCKFILE, LinkMode, LinkTask, NodeModulesWriter, Store, StoreError};
use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::InstallError;
use super::changes::Changes;
use super::executables::{self, Places};
use super::layout::{Content, Place};
use super::scripts::Scripts;
use crate::tarballs::{Source, Tarballs};

/// What is needed to make the changes.
pub(super) struct Reify<'a> {
    pub(super) scripts: &'a Scripts<'a>,
    pub(super) runtime: &'a Runtime,
    pub(super) tarballs: Tarballs,
    pub(super) writer: NodeModulesWriter,
    pub(super) ideal: &'a IdealTree,
    pub(super) changes: &'a Changes,
}

/// The packages beside their places, before anything has changed.
pub(super) struct Filled {
    writer: NodeModulesWriter,
    /// Optional packages that could not be had, and why.
    pub(super) skipped: Vec<(String, String)>,
    /// Locations that were to be filled and are not, as a package could not be had.
    pub(super) given_up: BTreeSet<String>,
}

/// Fills locations.
///
/// *Errors*: a package that is not optional and cannot be had. node_modules is as before then.
pub(super) fn fill(mut work: Reify<'_>) -> Result<Filled, InstallError> {
    let changes = work.changes;
    let settings = work.scripts.context.settings;
    let directory = &work.scripts.project.directory;
    executables::check(&Places { directory, settings, writer: &work.writer }, work.ideal, changes)?;
    work.writer.plan(
        changes.fill.iter().map(|(location, _)| location.as_str()),
        changes.remove.iter().map(String::as_str),
    )?;
    let mut skipped = Vec::new();
    let mut given_up = BTreeSet::new();
    for (location, id, error) in fill_places(&work)? {
        given_up.extend(what_goes_with(&location, changes));
        given_up.insert(location);
        skipped.push((id, error.message));
    }
    for location in &given_up {
        work.writer.discard(location)?;
    }
    Ok(Filled { writer: work.writer, skipped, given_up })
}

/// In the isolated layout the links to a package that could not be had, and all that is in its entry.
fn what_goes_with(location: &str, changes: &Changes) -> Vec<String> {
    let modules = location.rfind("node_modules/").and_then(|at| location.get(..at + "node_modules/".len()));
    let entry = modules.filter(|_| is_isolated(location));
    let goes = |(other, place): &(&String, &Place)| {
        let is_link = matches!(&place.content, Content::Entry { target } if target == location);
        is_link || entry.is_some_and(|entry| other.starts_with(entry))
    };
    changes.wanted.iter().filter(goes).map(|(other, _)| other.clone()).collect()
}

/// What is needed to put what was filled into its place.
pub(super) struct Settle<'a> {
    pub(super) scripts: &'a Scripts<'a>,
    pub(super) ideal: &'a IdealTree,
    pub(super) changes: &'a Changes,
    /// Nothing stays that is not part of the tree.
    pub(super) is_clean: bool,
    /// What the tree will be, where that is recorded.
    pub(super) hidden_lockfile: Option<&'a str>,
}

/// Puts everything into its place, empties locations and links executables; scripts have not run then.
pub(super) fn settle(filled: Filled, work: &Settle<'_>) -> Result<NodeModulesWriter, InstallError> {
    let Filled { mut writer, skipped, .. } = filled;
    let hidden_lockfile = work.hidden_lockfile.map(|text| (HIDDEN_LOCKFILE, text.as_bytes()));
    writer.commit_described(hidden_lockfile.as_slice())?;
    if work.is_clean {
        for folder in module_folders(work) {
            writer.remove_unplanned(&folder)?;
        }
    }
    let settings = work.scripts.context.settings;
    let places = Places { directory: &work.scripts.project.directory, settings, writer: &writer };
    executables::unlink(&places, work.changes)?;
    executables::link(&places, work.ideal, work.changes, &skipped)?;
    Ok(writer)
}

type Failed = Vec<(String, String, FetchError)>;

fn fill_places(work: &Reify<'_>) -> Result<Failed, InstallError> {
    let tree = &work.ideal.tree;
    let store = Store::open(&work.scripts.context.settings.places.store)?;
    let (packages, links): (Vec<_>, Vec<_>) =
        work.changes.fill.iter().partition(|(_, place)| place.content == Content::Package);
    let (writer, tarballs) = (&work.writer, &work.tarballs);
    let targets = links.into_iter().filter_map(|(location, place)| {
        let target = match &place.content {
            Content::Entry { target } => target,
            _ => tree.node(tree.followed(place.node)).realpath()?,
        };
        Some((location, Path::new(target)))
    });
    let targets: Vec<(&String, &Path)> = targets.collect();
    targets.into_par_iter().try_for_each(|(location, target)| writer.link_directory(location, target))?;
    // Looking up an entry reads its index; all threads do that and link what is there.
    let places = packages.into_iter().map(|(location, place)| PackagePlace {
        location,
        source: source_of(tree, place.node),
        is_vetted: tree.is_registry_dependency(place.node) && !tree.in_dep_bundle(place.node),
        may_run_scripts: work.scripts.may_run(tree, place.node),
        is_optional: tree.node(place.node).flags().optional,
    });
    let places: Vec<PackagePlace<'_>> = places.collect();
    let missing: Vec<Option<PackagePlace<'_>>> = places
        .into_par_iter()
        .with_max_len(1)
        .map(|place| match place.find(tarballs, &store) {
            Some(entry) => place.link(writer, entry).map(|()| None),
            None => Ok(Some(place)),
        })
        .collect::<Result<_, StoreError>>()?;
    fetch_and_link(work, &missing.into_iter().flatten().collect::<Vec<_>>())
}

/// A location and the package that belongs there.
struct PackagePlace<'a> {
    location: &'a str,
    source: Source,
    /// A registry's package: what is recorded of it must be what the registry says.
    is_vetted: bool,
    may_run_scripts: bool,
    is_optional: bool,
}

impl PackagePlace<'_> {
    fn find(&self, tarballs: &Tarballs, store: &Store) -> Option<Entry> {
        match self.is_vetted {
            true => tarballs.find_vetted(&self.source),
            false => Tarballs::lookup(store, &self.source),
        }
    }

    fn link(&self, writer: &NodeModulesWriter, entry: Entry) -> Result<(), StoreError> {
        let flags = entry.flags();
        // scripts may write into the package's own files, which must not be the store's
        let mode = match self.may_run_scripts && (flags.install_script || flags.binding_gyp) {
            true => LinkMode::Copy,
            false => LinkMode::Auto,
        };
        writer.link(&LinkTask { location: self.location.to_owned(), entry, mode })
    }
}

fn fetch_and_link(work: &Reify<'_>, missing: &[PackagePlace<'_>]) -> Result<Failed, InstallError> {
    let (sender, arrivals) = mpsc::channel();
    for (at, place) in missing.iter().enumerate() {
        let (tarballs, source, sender) = (work.tarballs.clone(), place.source.clone(), sender.clone());
        let is_vetted = place.is_vetted;
        work.runtime.spawn(async move {
            let entry = match is_vetted {
                true => tarballs.vetted_entry(&source).await,
                false => tarballs.entry(&source).await,
            };
            // nobody listens any more once another package has failed
            let _ = sender.send((at, entry));
        });
    }
    drop(sender);
    let writer = &work.writer;
    let mut failed = Vec::new();
    let first_error = Mutex::new(None);
    rayon::in_place_scope(|scope| {
        for (at, entry) in arrivals {
            let Some(place) = missing.get(at) else { continue };
            match entry {
                Ok(entry) => {
                    let first_error = &first_error;
                    scope.spawn(move |_| {
                        if let Err(error) = place.link(writer, entry) {
                            first_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        }
                    });
                }
                Err(error) if place.is_optional => {
                    failed.push((place.location.to_owned(), place.source.id(), error));
                }
                Err(error) => return Err(InstallError::Fetch(error)),
            }
        }
        Ok(())
    })?;
    match first_error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error.into()),
        None => Ok(failed),
    }
}

/// Where a node's package comes from.
pub(super) fn source_of(tree: &Tree, id: NodeId) -> Source {
    let node = tree.node(id);
    Source {
        name: node.package().name().map_or_else(|| tree.name(id).to_string(), |name| name.to_string()),
        version: node.version().to_owned(),
        resolved: node.resolved().map(str::to_owned),
        integrity: node.integrity().map(str::to_owned),
    }
}

/// The node_modules folders of the project, its workspaces and linked folders: those in no package.
fn module_folders(work: &Settle<'_>) -> BTreeSet<String> {
    let mut folders: BTreeSet<String> = BTreeSet::from(["node_modules".to_owned()]);
    folders.extend(work.changes.wanted.keys().filter_map(|location| outermost_modules(location)));
    let project = work.scripts.project;
    let members =
        project.workspaces.iter().filter_map(|each| each.path.strip_prefix(&project.directory).ok());
    folders.extend(members.map(|member| format!("{}/node_modules", member.to_string_lossy())));
    folders
}

/// `packages/a/node_modules` of `packages/a/node_modules/b/node_modules/c`.
fn outermost_modules(location: &str) -> Option<String> {
    let parts: Vec<&str> = location.split('/').collect();
    let at = parts.iter().position(|part| *part == "node_modules")?;
    Some(parts[..=at].join("/"))
}
