//! Packages of which the tarball itself is wanted, not only what is in it.

use dependency_resolver::{FetchError, PickOptions, Platform, Requirement, pick_manifest};
use npm_formats::integrity::{Algorithm, Integrity};
use npm_formats::specifier::Specifier;
use package_store::Entry;
use registry_client::PackumentKind;
use serde_json::{Map, Value};

use super::manifests::document_of;
use super::{Source, Tarballs, store_error, unpack_error};
use crate::git::Purpose;
use crate::registry_metadata::fetch_error;
use crate::settings::Settings;

impl Tarballs {
    /// A tarball, verified and unpacked into the store, and the manifest in it.
    ///
    /// *Errors*: as [`Tarballs::entry`].
    pub(crate) async fn whole(&self, source: &Source) -> Result<(Map<String, Value>, Vec<u8>), FetchError> {
        let local = source.resolved.as_deref().and_then(|resolved| resolved.strip_prefix("file:"));
        let (origin, bytes) = match local {
            Some(path) => {
                let bytes = std::fs::read(path).map_err(|error| {
                    FetchError::new(diagnostics::io_code(&error), format!("could not read {path}: {error}"))
                })?;
                (path.to_owned(), bytes)
            }
            None => {
                let url = self.tarball_url(source)?;
                (url.path().to_owned(), self.bytes(source, &url).await?)
            }
        };
        let ingest = package_store::TarballRequest::new(source.id(), origin, source.parsed_integrity());
        let id = source.clone();
        self.blocking(move |store| {
            let ingested = store.ingest_tarball(ingest, &bytes).map_err(|error| unpack_error(&id, &error))?;
            let document = document_of(&ingested.entry, ingested.entry.package_json(), &id.id())?;
            Ok((document, bytes))
        })
        .await
    }

    /// The version of a registry's package that an installation would choose: where its tarball is, and its manifest.
    /// Its full packument is then in the cache.
    ///
    /// *Errors*: what the registry answers, and `ETARGET` where nothing matches.
    pub(crate) async fn choose(
        &self,
        specifier: &Specifier,
        settings: &Settings,
        platform: &Platform,
    ) -> Result<(Source, Map<String, Value>), FetchError> {
        let name = specifier.name().unwrap_or_default();
        let packument = self.shared.client.packument(name, PackumentKind::Full).await;
        let packument = packument.map_err(|error| fetch_error(&error))?;
        let options = PickOptions {
            default_tag: &settings.install.tag,
            before: settings.install.before,
            node_version: &platform.node_version,
            npm_version: &platform.npm_version,
            avoid: None,
        };
        let wanted = Requirement::parse(name, specifier.fetch_spec().unwrap_or("*"));
        let version = pick_manifest(&packument, &wanted, &options)?;
        let manifest = packument.manifest(version);
        let manifest = manifest.map_err(|error| FetchError::new("EBADMANIFEST", error.to_string()))?;
        let dist = |key: &str| manifest.get("dist")?.get(key)?.as_str().map(str::to_owned);
        let shasum = || Integrity::from_hex(Algorithm::Sha1, &dist("shasum")?).ok();
        let source = Source {
            name: name.to_owned(),
            version: manifest.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
            resolved: dist("tarball"),
            integrity: dist("integrity").or_else(|| Some(shasum()?.to_string())),
        };
        Ok((source, manifest))
    }

    /// The package of a repository, checked out, built where that is approved, and taken into the store. Blocks.
    ///
    /// *Errors*: those of git, and of scripts.
    pub(crate) fn checked_out(
        &self,
        specifier: &Specifier,
    ) -> Result<(Map<String, Value>, Entry), FetchError> {
        let shared = &self.shared;
        let raw = specifier.raw();
        let checkout = shared.git.checkout(&shared.store, specifier, raw, Purpose::Installation)?;
        let bytes = checkout.entry.read("package.json").map_err(|error| store_error(&error))?;
        Ok((document_of(&checkout.entry, &bytes, raw)?, checkout.entry))
    }
}
