//! `cache add`: packages into the cache, for later.

use dependency_resolver::{FetchError, PickOptions, Requirement, pick_manifest};
use npm_formats::integrity::{Algorithm, Integrity};
use npm_formats::specifier::{Place, Specifier};
use package_store::Store;
use registry_client::{PackumentKind, RegistryClient};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::CacheError;
use crate::git::GitRepositories;
use crate::install::InstallContext;
use crate::registry_metadata::fetch_error;
use crate::tarballs::{Source, Tarballs};

/// Fetches packages and what their registry says of them. Answers `name@version` of each.
///
/// *Errors*: [`CacheError`]; what came before the one that failed is kept.
pub fn add(context: &InstallContext<'_>, arguments: &[String]) -> Result<Vec<String>, CacheError> {
    let settings = context.settings;
    let directory = settings.places.working_directory.to_string_lossy();
    let home = settings.places.home.as_ref().map(|home| home.to_string_lossy().into_owned());
    let place = Place { directory: &directory, home: home.as_deref() };
    let specifiers = arguments
        .iter()
        .map(|text| Specifier::parse(text, place))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| CacheError::Specifier { source: Box::new(source) })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|source| CacheError::Threads { source })?;
    let client = {
        let _inside = runtime.enter();
        RegistryClient::new(context.client.clone())?
    };
    let store = Store::open(&settings.places.store)?;
    // What is built depends on the project that asks for it, so nothing is.
    let git = GitRepositories {
        executable: context.git.clone(),
        scratch: settings.places.cache.join("git"),
        preparation: None,
    };
    let tarballs = Tarballs::new(runtime.handle().clone(), client.clone(), store, git);
    let fetcher = Fetcher { context, runtime: &runtime, client: &client, tarballs: &tarballs };
    let added = specifiers.iter().map(|specifier| fetcher.fetch(specifier)).collect();
    runtime.block_on(client.flush());
    added
}

struct Fetcher<'a> {
    context: &'a InstallContext<'a>,
    runtime: &'a Runtime,
    client: &'a RegistryClient,
    tarballs: &'a Tarballs,
}

impl Fetcher<'_> {
    fn fetch(&self, specifier: &Specifier) -> Result<String, CacheError> {
        let specifier = specifier.alias_target().unwrap_or(specifier);
        let name = specifier.name().unwrap_or_default();
        if !specifier.is_registry() {
            return Ok(id(&self.tarballs.manifest(specifier)?));
        }
        let manifest = self.choose(name, specifier.fetch_spec().unwrap_or("*"))?;
        let dist = |key: &str| manifest.get("dist")?.get(key)?.as_str().map(str::to_owned);
        let shasum = || Integrity::from_hex(Algorithm::Sha1, &dist("shasum")?).ok();
        let source = Source {
            name: name.to_owned(),
            version: manifest.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
            resolved: dist("tarball"),
            integrity: dist("integrity").or_else(|| Some(shasum()?.to_string())),
        };
        self.runtime.block_on(self.tarballs.entry(&source))?;
        Ok(source.id())
    }

    /// The manifest of the version that an installation would choose. Its full packument is then in the cache, and
    /// serves installations too.
    fn choose(&self, name: &str, spec: &str) -> Result<Map<String, Value>, FetchError> {
        let packument = self.runtime.block_on(self.client.packument(name, PackumentKind::Full));
        let packument = packument.map_err(|error| fetch_error(&error))?;
        let install = &self.context.settings.install;
        let options = PickOptions {
            default_tag: &install.tag,
            before: install.before,
            node_version: &self.context.platform.node_version,
            npm_version: &self.context.platform.npm_version,
        };
        let version = pick_manifest(&packument, &Requirement::parse(name, spec), &options)?;
        packument.manifest(version).map_err(|error| FetchError::new("EBADMANIFEST", error.to_string()))
    }
}

fn id(manifest: &Map<String, Value>) -> String {
    let text = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or_default();
    format!("{}@{}", text("name"), text("version"))
}
