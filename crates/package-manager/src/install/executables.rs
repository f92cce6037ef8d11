//! Executables of packages: `node_modules/.bin`, and for global packages the prefix's `bin` and manual pages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dependency_resolver::IdealTree;
use package_store::{Bin, GlobalLinks, NodeModulesWriter, bin, check_global, link_global, unlink_global};
use serde_json::{Map, Value};

use super::InstallError;
use super::changes::Changes;
use super::layout::Content;
use crate::project::normalized_document;
use crate::settings::Settings;

/// Where executables are linked.
pub(super) struct Places<'a> {
    /// The folder around node_modules.
    pub(super) directory: &'a Path,
    pub(super) settings: &'a Settings,
    pub(super) writer: &'a NodeModulesWriter,
}

/// What of a top-level global package is to be reachable.
struct GlobalPackage {
    name: String,
    directory: PathBuf,
    bins: Vec<Bin>,
    mans: Vec<String>,
}

impl Places<'_> {
    fn is_global_top(&self, location: &str) -> bool {
        let is_top = |name: &str| !name.contains("/node_modules/");
        self.settings.places.is_global && location.strip_prefix("node_modules/").is_some_and(is_top)
    }

    fn global_package(&self, location: &str, document: &Map<String, Value>) -> GlobalPackage {
        let mans = match document.get("man") {
            Some(Value::String(page)) => vec![page.clone()],
            Some(Value::Array(pages)) => pages.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        GlobalPackage {
            name: location.trim_start_matches("node_modules/").to_owned(),
            directory: self.directory.join(location),
            bins: bin::from_manifest(document),
            mans,
        }
    }

    fn links<'a>(&'a self, package: &'a GlobalPackage) -> GlobalLinks<'a> {
        GlobalLinks {
            package: &package.name,
            directory: &package.directory,
            prefix: &self.settings.places.global_prefix,
            bins: &package.bins,
            mans: &package.mans,
            force: self.settings.force,
        }
    }

    /// Links the executables of the package at a location, which is in place.
    pub(super) fn link(&self, location: &str, document: &Map<String, Value>) -> Result<(), InstallError> {
        if !self.is_global_top(location) {
            if document.contains_key("bin") {
                self.writer.link_bins(location, &bin::from_manifest(document))?;
            }
            return Ok(());
        }
        // manual pages are in the package's own document alone
        let own = normalized_document(&self.directory.join(location));
        let package = self.global_package(location, own.as_ref().unwrap_or(document));
        link_global(&self.links(&package))?;
        Ok(())
    }

    /// Removes the executables of a package that is gone, where they are still its own.
    fn unlink(&self, location: &str, document: &Map<String, Value>) -> Result<(), InstallError> {
        if self.is_global_top(location) {
            unlink_global(&self.links(&self.global_package(location, document)))?;
        } else {
            self.writer.unlink_bins(location, &bin::from_manifest(document))?;
        }
        Ok(())
    }
}

/// Whether every global executable can be made, before anything is changed.
///
/// *Errors*: `EEXIST` for a file that belongs to something else.
pub(super) fn check(places: &Places<'_>, ideal: &IdealTree, changes: &Changes) -> Result<(), InstallError> {
    if !places.settings.install.bin_links {
        return Ok(());
    }
    for (location, place) in &changes.fill {
        if places.is_global_top(location) {
            let package = places.global_package(location, &ideal.tree.node(place.node).package().json);
            check_global(&places.links(&package))?;
        }
    }
    Ok(())
}

/// Removes executables of packages that are gone or have given way to another version.
pub(super) fn unlink(places: &Places<'_>, changes: &Changes) -> Result<(), InstallError> {
    changes.replaced.iter().try_for_each(|(location, document)| places.unlink(location, document))
}

/// Links the executables of the whole tree, as those of what stayed may have been lost or taken; of several packages
/// that want a name the first by location gets it. Links to folders come later, as their scripts may make the
/// executables.
pub(super) fn link(
    places: &Places<'_>,
    ideal: &IdealTree,
    changes: &Changes,
    skipped: &[(String, String)],
) -> Result<(), InstallError> {
    if !places.settings.install.bin_links {
        return Ok(());
    }
    let tree = &ideal.tree;
    for (location, place) in &changes.wanted {
        let node = place.node;
        let document = &tree.node(node).package().json;
        if !places.is_global_top(location) && !document.contains_key("bin") {
            continue;
        }
        let id = format!("{}@{}", tree.name(node), tree.node(node).version());
        let is_folder = matches!(place.content, Content::Folder { .. });
        if !is_folder && !skipped.iter().any(|(skipped, _)| *skipped == id) {
            places.link(location, document)?;
        }
    }
    Ok(())
}

/// Links the executables of linked folders, whose scripts have run. Then those that nobody has any more go.
pub(super) fn link_folders(
    places: &Places<'_>,
    ideal: &IdealTree,
    changes: &Changes,
) -> Result<(), InstallError> {
    if !places.settings.install.bin_links {
        return Ok(());
    }
    let mut folders: BTreeSet<&str> = BTreeSet::from(["node_modules"]);
    for (location, place) in &changes.wanted {
        let document = &ideal.tree.node(place.node).package().json;
        if matches!(place.content, Content::Folder { .. }) {
            places.link(location, document)?;
        }
        if document.contains_key("bin") {
            folders.extend(modules_of(location));
        }
    }
    // others may have executables there; those of what went are gone
    if changes.is_partial && !places.settings.places.is_global {
        return Ok(());
    }
    let recovered = places.writer.recovered();
    let replaced = changes.replaced.iter().map(|(location, _)| location);
    let touched = replaced.chain(&recovered.emptied).chain(&recovered.completed);
    folders.extend(touched.filter_map(|path| modules_of(path)));
    // an entry that is gone took its executables along
    folders.into_iter().try_for_each(|folder| Ok(places.writer.remove_stale_bins(folder)?))
}

/// The node_modules that a location is in.
fn modules_of(location: &str) -> Option<&str> {
    location.rfind("node_modules/").and_then(|at| location.get(..at + "node_modules".len()))
}
