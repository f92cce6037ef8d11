//! Packing a folder: `prepack`, `prepare`, its files, the tarball, `postpack`.

use std::path::{Path, PathBuf};

use npm_formats::integrity::{Algorithm, Integrity};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha512};
use tokio::runtime::Runtime;

use super::PackError;
use super::archive::Archive;
use crate::install::InstallContext;
use crate::lifecycle::{self, Output, Script};
use crate::manifest_file::ManifestFile;
use crate::packlist::{PackingProject, PacklistRequest, packlist};
use crate::workspaces;

/// A folder about to be packed.
pub(super) struct Packing<'a> {
    pub(super) context: &'a InstallContext<'a>,
    pub(super) runtime: &'a Runtime,
    pub(super) folder: &'a Path,
    pub(super) manifest: &'a Map<String, Value>,
    pub(super) output: Output,
}

impl Packing<'_> {
    /// Packs, and hands the tarball to `written` before `postpack` runs.
    pub(super) fn pack(
        &self,
        written: impl FnOnce(&[u8]) -> Result<(), PackError>,
    ) -> Result<Vec<u8>, PackError> {
        self.run("prepack", self.manifest, &[])?;
        // each script may have changed package.json
        let manifest = read(self.folder)?;
        let place = self.folder.to_string_lossy().into_owned();
        let own = self.folder.join("package.json").to_string_lossy().into_owned();
        self.run("prepare", &manifest, &[("npm_package_resolved", &place), ("npm_package_json", &own)])?;
        let manifest = read(self.folder)?;
        let tarball = self.archive(&manifest)?;
        written(&tarball)?;
        let integrity = Integrity::from_digest(Algorithm::Sha512, &Sha512::digest(&tarball)).to_string();
        let facts = [
            ("npm_package_from", place.as_str()),
            ("npm_package_resolved", place.as_str()),
            ("npm_package_integrity", integrity.as_str()),
        ];
        self.run("postpack", &manifest, &facts)?;
        Ok(tarball)
    }

    fn archive(&self, manifest: &Map<String, Value>) -> Result<Vec<u8>, PackError> {
        let executables: Vec<&str> = match manifest.get("bin") {
            Some(Value::Object(bin)) => bin.values().filter_map(Value::as_str).collect(),
            Some(Value::String(only)) => vec![only],
            _ => Vec::new(),
        };
        let mut archive = Archive::default();
        for path in self.files(manifest)? {
            let file = self.folder.join(&path);
            let unreadable = |source| PackError::Read { file: file.clone(), source };
            let content = std::fs::read(&file).map_err(unreadable)?;
            let mut mode = mode_of(&std::fs::metadata(&file).map_err(unreadable)?);
            if executables.iter().any(|executable| executable.trim_start_matches("./") == path) {
                mode |= 0o111;
            }
            archive.add(&path, mode, &content);
        }
        Ok(archive.finish())
    }

    fn files(&self, manifest: &Map<String, Value>) -> Result<Vec<String>, PackError> {
        let settings = self.context.settings;
        let root = &settings.places.local_prefix;
        let members: Vec<PathBuf> = match settings.workspaces.selected() {
            true => workspaces::targets(settings)?.into_iter().map(|target| target.directory).collect(),
            false => Vec::new(),
        };
        let project = (!members.is_empty()).then_some(PackingProject { root, workspaces: &members });
        packlist(&PacklistRequest { folder: self.folder, manifest, project })
            .map_err(|source| PackError::Files { folder: self.folder.to_owned(), source })
    }

    fn run(
        &self,
        event: &str,
        manifest: &Map<String, Value>,
        facts: &[(&str, &str)],
    ) -> Result<(), PackError> {
        let scripts = OwnScripts { context: self.context, runtime: self.runtime, output: self.output };
        scripts.run(event, self.folder, manifest, facts)
    }
}

/// Runs scripts of the package itself, unless scripts are ignored.
pub(crate) struct OwnScripts<'a> {
    pub(crate) context: &'a InstallContext<'a>,
    pub(crate) runtime: &'a Runtime,
    pub(crate) output: Output,
}

impl OwnScripts<'_> {
    /// Runs the script of an event, if there is one, with some more variables.
    pub(crate) fn run(
        &self,
        event: &str,
        folder: &Path,
        manifest: &Map<String, Value>,
        facts: &[(&str, &str)],
    ) -> Result<(), PackError> {
        if self.context.settings.scripts.ignore {
            return Ok(());
        }
        let Some(command) = lifecycle::script_for(event, folder, manifest) else { return Ok(()) };
        let mut environment = self.context.scripts.clone();
        for (name, value) in facts {
            environment.variables.retain(|(known, _)| known != name);
            environment.variables.push(((*name).into(), (*value).into()));
        }
        let script = Script {
            event,
            command: &command,
            arguments: &[],
            directory: folder,
            manifest,
            bin_directories: &[],
            output: self.output,
        };
        let running = lifecycle::run_script(&script, &environment, self.context.reporter);
        let outcome = self.runtime.block_on(running)?;
        if outcome.succeeded() {
            return Ok(());
        }
        Err(PackError::Script(Box::new(lifecycle::failure(&script, &outcome))))
    }
}

/// The manifest of a folder as npm reads it for packing.
pub(super) fn read(folder: &Path) -> Result<Map<String, Value>, PackError> {
    Ok(ManifestFile::read(folder)?.normalized()?.0)
}

#[cfg(unix)]
fn mode_of(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode()
}

#[cfg(not(unix))]
fn mode_of(_: &std::fs::Metadata) -> u32 {
    0o644
}
