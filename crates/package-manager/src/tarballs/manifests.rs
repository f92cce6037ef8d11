//! What is read out of packages for those who resolve: manifests, and what they carry inside.

use std::sync::Arc;

use dependency_resolver::{Contents, FetchError, Packed};
use http::Method;
use npm_formats::lockfile::Lockfile;
use npm_formats::manifest::{Manifest, Step};
use npm_formats::package_name::PackageName;
use npm_formats::specifier::{Specifier, SpecifierKind};
use package_store::Entry;
use registry_client::{ApiRequest, PackumentKind};
use serde_json::{Map, Value};

use super::{Source, Tarballs, store_error};
use crate::entry_folder::EntryFolder;
use crate::git::Purpose;
use crate::registry_metadata::fetch_error;

impl Tarballs {
    /// The registry's whole manifest of one version: asked for alone, which takes few bytes, or where a
    /// registry does not have that, out of the full packument.
    pub async fn registry_manifest(&self, source: &Source) -> Result<Map<String, Value>, FetchError> {
        let client = &self.shared.client;
        let escaped = PackageName::parse(&source.name)
            .map(|name| name.escaped().into_owned())
            .map_err(|error| FetchError::new("EINVALIDPACKAGENAME", error.to_string()))?;
        let mut request = ApiRequest::new(Method::GET, format!("/{escaped}/{}", source.version));
        request.package = Some(source.name.clone());
        if let Ok(answer) = client.request(&request).await
            && let Ok(document) = answer.json::<Map<String, Value>>()
            && document.get("version").and_then(Value::as_str) == Some(&source.version)
        {
            return Ok(document);
        }
        let packument = client.packument(&source.name, PackumentKind::Full).await;
        let packument = packument.map_err(|error| fetch_error(&error))?;
        let missing = || {
            let message = format!("{} is not in its registry any more", source.id());
            FetchError::new("ETARGET", message)
        };
        let version = packument.version(&source.version).ok_or_else(missing)?;
        packument.manifest(version).map_err(|error| FetchError::new("EBADMANIFEST", error.to_string()))
    }

    /// The manifest of something outside registries. Blocks.
    pub fn manifest(&self, specifier: &Specifier) -> Result<Map<String, Value>, FetchError> {
        let fetch_spec = specifier.fetch_spec().unwrap_or_default().to_owned();
        let source = |resolved: String| Source {
            name: specifier.name().unwrap_or(&fetch_spec).to_owned(),
            version: String::new(),
            resolved: Some(resolved),
            integrity: None,
        };
        let (entry, resolved, records_integrity) = match specifier.kind() {
            SpecifierKind::Git(_) => {
                let (git, store, id) = (&self.shared.git, &self.shared.store, specifier.raw());
                let checkout = git.checkout(store, specifier, id, Purpose::Metadata)?;
                (checkout.entry, checkout.resolved, false)
            }
            SpecifierKind::Remote => {
                let source = source(fetch_spec.clone());
                (self.shared.runtime.block_on(self.entry(&source))?, fetch_spec, true)
            }
            SpecifierKind::File | SpecifierKind::Directory => {
                let resolved = format!("file:{fetch_spec}");
                let source = source(resolved.clone());
                (self.shared.runtime.block_on(self.entry(&source))?, resolved, true)
            }
            kind => {
                let message =
                    format!("{} is a {}, which a registry answers for", specifier.raw(), kind.as_str());
                return Err(FetchError::new("EINVALIDSPEC", message));
            }
        };
        let mut document = document_of(&entry, entry.package_json(), specifier.raw())?;
        document.insert("_resolved".to_owned(), resolved.into());
        if records_integrity && !matches!(specifier.kind(), SpecifierKind::Directory) {
            document.insert("_integrity".to_owned(), entry.key().integrity().to_string().into());
        }
        Ok(document)
    }

    /// What a package carries inside. Blocks.
    pub fn contents(&self, package: &Packed<'_>) -> Result<Contents, FetchError> {
        let source = Source {
            name: package.name.to_owned(),
            version: package.version.to_owned(),
            resolved: package.resolved.map(str::to_owned),
            integrity: package.integrity.map(str::to_owned),
        };
        let entry = self.shared.runtime.block_on(self.entry(&source))?;
        let mut packages = Vec::new();
        for location in entry.bundled() {
            let path = format!("{location}/package.json");
            let bytes = entry.read(&path).map_err(|error| store_error(&error))?;
            packages.push((location.to_owned(), document_of(&entry, &bytes, &path)?));
        }
        packages.sort_by_key(|(location, _)| location.matches("node_modules/").count());
        let shrinkwrap = match entry.file("npm-shrinkwrap.json") {
            Some(_) => {
                let bytes = entry.read("npm-shrinkwrap.json").map_err(|error| store_error(&error))?;
                let parsed = Lockfile::parse(&format!("npm-shrinkwrap.json of {}", source.id()), &bytes);
                parsed.ok().map(|mut shrinkwrap| {
                    // one of an old version says nothing about its package, which knows itself; its paths are
                    // relative to the package
                    shrinkwrap.fill_packages("/", &Map::new());
                    Arc::new(shrinkwrap)
                })
            }
            None => None,
        };
        Ok(Contents { packages, shrinkwrap })
    }
}

/// The normalised package.json of something that was unpacked.
pub(super) fn document_of(entry: &Entry, bytes: &[u8], what: &str) -> Result<Map<String, Value>, FetchError> {
    let parsed = npm_formats::json::parse(what, bytes).map_err(|error| {
        FetchError::new("EJSONPARSE", format!("the package.json of {what} does not parse: {error}"))
    })?;
    let Value::Object(members) = parsed else {
        return Err(FetchError::new("EJSONPARSE", format!("the package.json of {what} is no object")));
    };
    let folder = EntryFolder::new(entry);
    let unchanged = members.clone();
    Ok(Manifest::normalize(members, Step::INSTALLED, Some(&folder)).map_or(unchanged, |manifest| manifest.0))
}
