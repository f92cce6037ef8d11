//! What a specifier of `pack` and `publish` leads to: a folder to be packed, or a tarball that there is already.

use std::path::PathBuf;
use std::sync::Arc;

use npm_formats::specifier::{Specifier, SpecifierKind};
use package_store::Store;
use registry_client::RegistryClient;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::archive::Archive;
use super::{PackError, folder};
use crate::git::{GitRepositories, Preparation};
use crate::install::InstallContext;
use crate::manifest_file::ManifestFile;
use crate::packlist;
use crate::script_approval::{PolicyScope, ScriptPolicy};
use crate::tarballs::{Source, Tarballs};

/// A package that can be packed.
pub(crate) struct Found {
    pub(crate) manifest: Arc<Map<String, Value>>,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) origin: Origin,
}

pub(crate) enum Origin {
    Folder(PathBuf),
    Tarball(Vec<u8>),
}

/// Where packages are looked for.
pub(super) struct Sources<'a> {
    pub(super) context: &'a InstallContext<'a>,
    pub(super) runtime: &'a Runtime,
    pub(super) tarballs: &'a Tarballs,
}

/// The way to packages outside folders. Repositories are built where the project approved of their scripts.
pub(super) fn tarballs(
    context: &InstallContext<'_>,
    runtime: &Runtime,
    client: RegistryClient,
) -> Result<Tarballs, PackError> {
    let settings = context.settings;
    let project = ManifestFile::read_if_there(&settings.places.local_prefix)?;
    let members = project.map(|manifest| manifest.members().clone()).unwrap_or_default();
    let (policy, _) = ScriptPolicy::resolve(settings, &members, PolicyScope::Project)?;
    let git = GitRepositories {
        executable: context.git.clone(),
        scratch: settings.places.cache.join("git"),
        preparation: Some(Arc::new(Preparation::new(context, policy))),
    };
    let store = Store::open(&settings.places.store)?;
    Ok(Tarballs::new(runtime.handle().clone(), client, store, git))
}

impl Sources<'_> {
    pub(super) fn find(&self, specifier: &Specifier) -> Result<Found, PackError> {
        let specifier = specifier.alias_target().unwrap_or(specifier);
        let mut raw = specifier.raw().to_owned();
        let place = || specifier.fetch_spec().unwrap_or_default().to_owned();
        let (manifest, origin) = match specifier.kind() {
            SpecifierKind::Directory => {
                let folder = PathBuf::from(place());
                raw = format!("in {}", folder.display());
                (folder::read(&folder)?, Origin::Folder(folder))
            }
            SpecifierKind::File => self.tarball(&raw, format!("file:{}", place()))?,
            SpecifierKind::Remote => self.tarball(&raw, place())?,
            SpecifierKind::Git(_) => self.repository(specifier)?,
            _ => self.published(specifier)?,
        };
        let text = |key: &str| manifest.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(name), Some(version)) = (text("name"), text("version")) else {
            return Err(PackError::Nameless { package: raw });
        };
        let (name, version) = (name.to_owned(), version.to_owned());
        Ok(Found { manifest: Arc::new(manifest), name, version, origin })
    }

    fn tarball(&self, name: &str, resolved: String) -> Result<(Map<String, Value>, Origin), PackError> {
        let source = Source {
            name: name.to_owned(),
            version: String::new(),
            resolved: Some(resolved),
            integrity: None,
        };
        let (manifest, bytes) = self.runtime.block_on(self.tarballs.whole(&source))?;
        Ok((manifest, Origin::Tarball(bytes)))
    }

    /// The version that an installation would choose.
    fn published(&self, specifier: &Specifier) -> Result<(Map<String, Value>, Origin), PackError> {
        let chosen = self.tarballs.choose(specifier, self.context.settings, &self.context.platform);
        let (source, manifest) = self.runtime.block_on(chosen)?;
        let (_, bytes) = self.runtime.block_on(self.tarballs.whole(&source))?;
        Ok((manifest, Origin::Tarball(bytes)))
    }

    /// The files of a checkout are in the store; what is there belongs to the package.
    fn repository(&self, specifier: &Specifier) -> Result<(Map<String, Value>, Origin), PackError> {
        let (manifest, entry) = self.tarballs.checked_out(specifier)?;
        let paths = packlist::ordered(entry.files().map(|file| file.path.to_owned()).collect());
        let mut archive = Archive::default();
        for path in paths {
            let mode = entry.file(&path).map_or(0o644, |file| file.mode);
            archive.add(&path, mode, &entry.read(&path)?);
        }
        Ok((manifest, Origin::Tarball(archive.finish())))
    }
}

impl Found {
    /// The folder that it is packed from, if it is.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        match &self.origin {
            Origin::Folder(folder) => Some(folder),
            Origin::Tarball(_) => None,
        }
    }
}
