//! The manifest of a package as a registry is to have it: mistakes mended, README and commit filled in.

use std::path::Path;

use npm_formats::manifest::{Action, Manifest, Note, PackageFolder, PackageJson, Step};

use super::PublishError;
use crate::manifest_file::{DiskFolder, ManifestFile};
use crate::pack::{PackError, Packed};

/// Of the package in a folder, and what had to be mended.
pub(super) fn of_folder(folder: &Path) -> Result<(Manifest, Vec<String>), PublishError> {
    let file = ManifestFile::read(folder)?;
    let disk = DiskFolder(folder);
    let fixed = Manifest::normalize_with_notes(file.members().clone(), Step::FIX, Some(&disk));
    let (fixed, notes) = fixed.map_err(|problem| file.error(problem))?;
    let manifest = Manifest::normalize(fixed.0, Step::PUBLISH, Some(&disk));
    let manifest = manifest.map_err(|problem| file.error(problem))?;
    let is_correction = |note: &&Note| !matches!(note.action, Action::Doubted(_));
    Ok((manifest, notes.iter().filter(is_correction).map(Note::to_string).collect()))
}

/// Of the package in a tarball.
pub(super) fn of_tarball(packed: &Packed) -> Result<Manifest, PublishError> {
    let files = packed.files().map_err(PackError::from)?;
    let folder = TarballFolder { files: files.into_iter().map(|file| (file.path, file.content)).collect() };
    let own = format!("package.json of {}", packed.contents.id());
    let content = |problem| crate::ManifestError::Content { file: own.clone().into(), problem };
    let text = folder.files.iter().find(|(path, _)| path == "package.json");
    let text = text.map(|(_, content)| content.as_slice()).unwrap_or_default();
    let parsed = PackageJson::parse(&own, text).map_err(content)?;
    let manifest = Manifest::normalize(parsed.members().clone(), Step::PUBLISH, Some(&folder));
    manifest.map_err(content).map_err(PublishError::from)
}

/// The files of a tarball by path.
struct TarballFolder {
    files: Vec<(String, Vec<u8>)>,
}

impl PackageFolder for TarballFolder {
    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.files.iter().filter_map(|(path, _)| path.strip_prefix(&prefix));
        let mut names: Vec<String> = below
            .map(|path| match path.split_once('/') {
                Some((folder, _)) => format!("{folder}/"),
                None => path.to_owned(),
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn read(&self, path: &str) -> Option<String> {
        let (_, content) = self.files.iter().find(|(known, _)| known == path)?;
        Some(String::from_utf8_lossy(content).into_owned())
    }

    fn git_head(&self) -> Option<String> {
        None
    }
}
