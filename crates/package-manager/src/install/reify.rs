//! Making node_modules what the ideal tree says: packages that the store has are linked at once, others as
//! soon as they have arrived.

use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};

use dependency_resolver::{FetchError, IdealTree, NodeId, Tree};
use package_store::{Entry, LinkMode, LinkTask, NodeModulesWriter, Store, StoreError};
use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::InstallError;
use super::changes::Changes;
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

/// The changes as made; executables are linked, scripts have not run.
pub(super) struct Reified {
    pub(super) writer: NodeModulesWriter,
    /// Optional packages that could not be had, and why.
    pub(super) skipped: Vec<(String, String)>,
}

/// Fills and empties locations, and links executables.
///
/// *Errors*: a package that is not optional and cannot be had. node_modules is as before then.
pub(super) fn reify(mut work: Reify<'_>) -> Result<Reified, InstallError> {
    let changes = work.changes;
    let links_bins = work.scripts.context.settings.install.bin_links;
    if links_bins {
        work.check_executables()?;
    }
    work.writer.plan(
        changes.fill.iter().map(|(location, _)| location.as_str()),
        changes.remove.iter().map(String::as_str),
    )?;
    let failed = fill(&work)?;
    let mut skipped = Vec::new();
    for (location, id, error) in failed {
        work.writer.discard(&location)?;
        skipped.push((id, error.message));
    }
    work.writer.commit()?;
    work.unlink_executables()?;
    if links_bins {
        work.link_executables(&skipped)?;
    }
    Ok(Reified { writer: work.writer, skipped })
}

type Failed = Vec<(String, String, FetchError)>;

fn fill(work: &Reify<'_>) -> Result<Failed, InstallError> {
    let tree = &work.ideal.tree;
    let store = Store::open(&work.scripts.context.settings.places.store)?;
    let (links, packages): (Vec<_>, Vec<_>) =
        work.changes.fill.iter().partition(|(_, node)| tree.node(*node).is_link());
    for (location, node) in links {
        if let Some(target) = tree.node(*node).realpath() {
            work.writer.link_directory(location, Path::new(target))?;
        }
    }
    // Looking up an entry reads its index; all threads do that and link what is there.
    let places = packages.into_iter().map(|(location, node)| Place {
        location,
        source: source_of(tree, *node),
        may_run_scripts: work.scripts.may_run(tree, *node),
        is_optional: tree.node(*node).flags().optional,
    });
    let places: Vec<Place<'_>> = places.collect();
    let writer = &work.writer;
    let missing: Vec<Option<Place<'_>>> = places
        .into_par_iter()
        .with_max_len(1)
        .map(|place| match Tarballs::lookup(&store, &place.source) {
            Some(entry) => place.link(writer, entry).map(|()| None),
            None => Ok(Some(place)),
        })
        .collect::<Result<_, StoreError>>()?;
    fetch_and_link(work, &missing.into_iter().flatten().collect::<Vec<_>>())
}

/// A location and the package that belongs there.
struct Place<'a> {
    location: &'a str,
    source: Source,
    may_run_scripts: bool,
    is_optional: bool,
}

impl Place<'_> {
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

fn fetch_and_link(work: &Reify<'_>, missing: &[Place<'_>]) -> Result<Failed, InstallError> {
    let (sender, arrivals) = mpsc::channel();
    for (at, place) in missing.iter().enumerate() {
        let (tarballs, source, sender) = (work.tarballs.clone(), place.source.clone(), sender.clone());
        work.runtime.spawn(async move {
            let entry = tarballs.entry(&source).await;
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
