//! `cache add`: packages into the cache, for later.

use npm_formats::specifier::{Place, Specifier};
use package_store::Store;
use registry_client::RegistryClient;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::CacheError;
use crate::git::GitRepositories;
use crate::install::InstallContext;
use crate::tarballs::Tarballs;

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
    let fetcher = Fetcher { context, runtime: &runtime, tarballs: &tarballs };
    let added = specifiers.iter().map(|specifier| fetcher.fetch(specifier)).collect();
    runtime.block_on(client.flush());
    added
}

struct Fetcher<'a> {
    context: &'a InstallContext<'a>,
    runtime: &'a Runtime,
    tarballs: &'a Tarballs,
}

impl Fetcher<'_> {
    /// The full packument is then in the cache, and serves installations too.
    fn fetch(&self, specifier: &Specifier) -> Result<String, CacheError> {
        let specifier = specifier.alias_target().unwrap_or(specifier);
        if !specifier.is_registry() {
            return Ok(id(&self.tarballs.manifest(specifier)?));
        }
        let chosen = self.tarballs.choose(specifier, self.context.settings, &self.context.platform);
        let (source, _) = self.runtime.block_on(chosen)?;
        self.runtime.block_on(self.tarballs.entry(&source))?;
        Ok(source.id())
    }
}

fn id(manifest: &Map<String, Value>) -> String {
    let text = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or_default();
    format!("{}@{}", text("name"), text("version"))
}
