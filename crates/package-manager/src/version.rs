//! `version`: the versions of the project and its workspaces, listed or set.

mod error;
mod repository;
mod set;

use crate::manifest_file::ManifestFile;
use crate::settings::Settings;
use crate::workspaces::{self, WorkspaceError};

pub use error::VersionError;
pub use set::{SetRequest, set};

/// Names and versions of the packages that the command acts on. Empty where there is no manifest, or
/// one without name or version.
///
/// Errors: those of finding workspaces. A project's manifest that does not parse counts as absent, as in
/// npm 11.19.1.
pub fn list(settings: &Settings) -> Result<Vec<(String, String)>, WorkspaceError> {
    let root = ManifestFile::read_if_there(settings.places.prefix()).ok().flatten();
    let mut found = Vec::new();
    let wants_workspaces = settings.workspaces.selected() && !settings.workspaces.implicit;
    if wants_workspaces && let Some(root) = &root {
        let selection = &settings.workspaces;
        let relative_to = &settings.places.working_directory;
        let selected = workspaces::select(root, &selection.filters, selection.include_root, relative_to)?;
        for workspace in selected {
            let manifest = ManifestFile::read(&workspace.path).map_err(WorkspaceError::from)?;
            found.extend(name_and_version(&manifest));
        }
    }
    found.extend(root.as_ref().and_then(name_and_version));
    Ok(found)
}

fn name_and_version(manifest: &ManifestFile) -> Option<(String, String)> {
    Some((manifest.name()?.to_owned(), manifest.version()?.to_owned()))
}
