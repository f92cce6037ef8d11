//! `pack`: tarballs of packages, from folders, repositories, other tarballs and registries.
//!
//! Owns what goes into a tarball and in which form, the scripts around packing, and where it is written. Which files
//! of a folder belong to its package is [`crate::packlist`]'s. Source of the order of things: npm 11.19.1.

mod archive;
mod contents;
mod error;
mod folder;
mod source;

use std::path::PathBuf;
use std::sync::Arc;

use npm_formats::specifier::{Place, Specifier};
use package_store::{StoreError, TarballRequest, UnpackedFile, unpacked_files};
use registry_client::RegistryClient;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use crate::install::InstallContext;
use crate::lifecycle::Output;
use crate::settings::Settings;
use crate::tarballs::Tarballs;
use crate::workspaces::targets;
pub(crate) use contents::hexadecimal;
pub use contents::{Contents, PackedFile};
pub use error::PackError;
pub(crate) use folder::OwnScripts;
use source::{Found, Sources};

/// How to pack.
#[derive(Debug, Clone)]
pub struct PackOptions {
    /// The folder that tarballs are written to; `None` writes none.
    pub destination: Option<PathBuf>,
    /// Where the output of scripts goes.
    pub scripts: Output,
}

/// A package that was packed.
#[derive(Debug, Clone)]
pub struct Packed {
    pub contents: Contents,
    pub tarball: Vec<u8>,
    /// Its manifest, normalised.
    pub manifest: Map<String, Value>,
    /// The folder that it was packed from.
    pub folder: Option<PathBuf>,
}

impl Packed {
    /// The files of the tarball, as clients unpack it: of several entries of one path the one that stays.
    ///
    /// *Errors*: bytes that are no tarball, or one that clients may unpack differently.
    pub fn files(&self) -> Result<Vec<UnpackedFile>, StoreError> {
        unpacked_files(
            &TarballRequest::new(self.contents.id(), &*self.contents.file_name, None),
            &self.tarball,
        )
    }
}

/// What the arguments of `pack` mean under `--workspace`: each selected workspace in place of `.`, and of nothing.
///
/// *Errors*: those of selecting workspaces.
pub fn specifiers(settings: &Settings, arguments: &[String]) -> Result<Vec<String>, PackError> {
    let is_named = |argument: &&String| *argument != ".";
    if !selects_workspaces(settings, arguments) {
        return Ok(if arguments.is_empty() { vec![".".to_owned()] } else { arguments.to_vec() });
    }
    let folders =
        targets(settings)?.into_iter().map(|target| target.directory.to_string_lossy().into_owned());
    Ok(folders.chain(arguments.iter().filter(is_named).cloned()).collect())
}

/// Whether the selected workspaces are meant, rather than what is named.
pub fn selects_workspaces(settings: &Settings, arguments: &[String]) -> bool {
    settings.workspaces.selected()
        && (arguments.is_empty() || arguments.iter().any(|argument| argument == "."))
}

/// Packs each of the specifiers, in order. All of their manifests are read before the first is packed.
///
/// *Errors*: [`PackError`]; tarballs of what came before the one that failed stay.
pub fn pack(
    context: &InstallContext<'_>,
    specifiers: &[String],
    options: &PackOptions,
) -> Result<Vec<Packed>, PackError> {
    let packer = Packer::new(context)?;
    let specifiers = specifiers.iter().map(|text| packer.specifier(text)).collect::<Result<Vec<_>, _>>()?;
    let found = specifiers.iter().map(|each| packer.find(each)).collect::<Result<Vec<_>, _>>()?;
    found.into_iter().map(|found| packer.pack(found, options)).collect()
}

/// Packs one package after the other.
pub(crate) struct Packer<'a> {
    pub(crate) context: &'a InstallContext<'a>,
    pub(crate) runtime: Runtime,
    tarballs: Tarballs,
}

impl<'a> Packer<'a> {
    pub(crate) fn new(context: &'a InstallContext<'a>) -> Result<Self, PackError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|source| PackError::Threads { source })?;
        let client = {
            let _inside = runtime.enter();
            RegistryClient::new(context.client.clone())?
        };
        let tarballs = source::tarballs(context, &runtime, client)?;
        Ok(Self { context, runtime, tarballs })
    }

    pub(crate) fn specifier(&self, text: &str) -> Result<Specifier, PackError> {
        let places = &self.context.settings.places;
        let directory = places.working_directory.to_string_lossy();
        let home = places.home.as_ref().map(|home| home.to_string_lossy().into_owned());
        let place = Place { directory: &directory, home: home.as_deref() };
        Specifier::parse(text, place).map_err(|source| PackError::Specifier { source: Box::new(source) })
    }

    /// What a specifier leads to, and its manifest.
    pub(crate) fn find(&self, specifier: &Specifier) -> Result<Found, PackError> {
        let sources = Sources { context: self.context, runtime: &self.runtime, tarballs: &self.tarballs };
        sources.find(specifier)
    }

    pub(crate) fn pack(&self, found: Found, options: &PackOptions) -> Result<Packed, PackError> {
        let Found { manifest, name, version, origin } = found;
        let (tarball, folder) = match origin {
            source::Origin::Folder(folder) => {
                let packing = folder::Packing {
                    context: self.context,
                    runtime: &self.runtime,
                    folder: &folder,
                    manifest: &manifest,
                    output: options.scripts,
                };
                (packing.pack(|tarball| write(options, &name, &version, tarball))?, Some(folder))
            }
            source::Origin::Tarball(tarball) => {
                write(options, &name, &version, &tarball)?;
                (tarball, None)
            }
        };
        let contents = Contents::of(&name, &version, &tarball)
            .map_err(|source| PackError::Tarball { package: format!("{name}@{version}"), source })?;
        Ok(Packed { contents, tarball, manifest: Arc::unwrap_or_clone(manifest), folder })
    }
}

fn write(options: &PackOptions, name: &str, version: &str, tarball: &[u8]) -> Result<(), PackError> {
    let Some(destination) = &options.destination else { return Ok(()) };
    let file = destination.join(contents::file_name(name, version));
    std::fs::metadata(destination)
        .and_then(|_| crate::manifest_file::replace_file(&file, tarball))
        .map_err(|source| PackError::Write { folder: destination.clone(), file, source })
}
