//! Packages on their way into the store: looked up there, else fetched, verified and unpacked, each once.

mod bundled;
mod vetting;
mod whole;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use dependency_resolver::{Contents, FetchError, Packed};
use http::Method;
use npm_formats::integrity::Integrity;
use npm_formats::lockfile::Lockfile;
use npm_formats::manifest::{Manifest, Step};
use npm_formats::package_name::PackageName;
use npm_formats::specifier::{Specifier, SpecifierKind};
use package_store::{Entry, Store, StoreError};
use registry_client::{ApiRequest, PackumentKind, RegistryClient, TarballRequest};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::git::{GitRepositories, Purpose};
use crate::registry_metadata::fetch_error;
use bundled::{Bundler, Delivered};

/// What is to be had.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// The package's own name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from: a URL, `file:` and an absolute path, or a git URL. `None` for what its
    /// registry says.
    pub resolved: Option<String>,
    /// What its tarball must hash to.
    pub integrity: Option<String>,
}

impl Source {
    /// `name@version`.
    pub fn id(&self) -> String {
        if self.version.is_empty() {
            return self.name.clone();
        }
        format!("{}@{}", self.name, self.version)
    }

    pub(crate) fn parsed_integrity(&self) -> Option<Integrity> {
        self.integrity.as_deref().and_then(|text| Integrity::parse(text).ok())
    }
}

type Slot = Arc<OnceCell<Result<Entry, FetchError>>>;

/// Gets packages. Cheap to clone; what was fetched once is known to all clones.
#[derive(Clone)]
pub struct Tarballs {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    runtime: Handle,
    pub(crate) client: RegistryClient,
    pub(crate) store: Store,
    git: GitRepositories,
    slots: Mutex<FxHashMap<Source, Slot>>,
    /// Tarballs on their way, from the first byte asked for until unpacked: each is in memory as a whole.
    under_way: Arc<Semaphore>,
    bundler: Bundler,
}

/// Enough to keep a connection of some latency busy, and few enough to keep memory small.
const TARBALLS_UNDER_WAY: usize = 24;

impl Tarballs {
    /// What requests are made with.
    pub(crate) fn client(&self) -> &RegistryClient {
        &self.shared.client
    }

    /// Gets packages through `client` into `store`.
    pub fn new(runtime: Handle, client: RegistryClient, store: Store, git: GitRepositories) -> Self {
        Self {
            shared: Arc::new(Shared {
                runtime,
                client,
                store,
                git,
                slots: Mutex::default(),
                under_way: Arc::new(Semaphore::new(TARBALLS_UNDER_WAY)),
                bundler: Bundler::default(),
            }),
        }
    }

    /// The store's entry, if it is there already. Does no network.
    pub fn lookup(store: &Store, source: &Source) -> Option<Entry> {
        match source.parsed_integrity() {
            Some(integrity) => store.lookup(&integrity),
            None => store.lookup_alias(source.resolved.as_deref().filter(|resolved| is_immutable(resolved))?),
        }
    }

    /// The store's entry, fetched if it is not there.
    ///
    /// *Errors*: what the registry answers, or `EINTEGRITY` and the store's other errors. Nothing of a
    /// package that fails is in the store.
    pub async fn entry(&self, source: &Source) -> Result<Entry, FetchError> {
        let slot = {
            let mut slots = self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.entry(source.clone()).or_default().clone()
        };
        slot.get_or_init(|| self.get(source)).await.clone()
    }

    async fn get(&self, source: &Source) -> Result<Entry, FetchError> {
        let store = self.shared.store.clone();
        if let Some(entry) = Self::lookup(&store, source) {
            return Ok(entry);
        }
        match source.resolved.as_deref() {
            Some(resolved) if resolved.starts_with("file:") => {
                let (path, source) = (resolved["file:".len()..].to_owned(), source.clone());
                self.blocking(move |store| ingest_local(&store, &source, Path::new(&path))).await
            }
            Some(resolved) if is_git(resolved) => self.get_from_git(source, resolved).await,
            _ => self.download(source).await,
        }
    }

    async fn get_from_git(&self, source: &Source, resolved: &str) -> Result<Entry, FetchError> {
        let specifier = Specifier::parse(resolved, "/")
            .map_err(|error| FetchError::new(error.code(), error.to_string()))?;
        let (git, id) = (self.shared.git.clone(), source.id());
        self.blocking(move |store| {
            git.checkout(&store, &specifier, &id, Purpose::Installation).map(|checkout| checkout.entry)
        })
        .await
    }

    async fn download(&self, source: &Source) -> Result<Entry, FetchError> {
        let url = self.tarball_url(source)?;
        let mut place = None;
        if !self.may_bundle(source, &url) {
            // what its registry offers is known once something of it has come
            place = self.place().await;
        }
        if self.may_bundle(source, &url) {
            drop(place.take());
            if let Some(delivered) = self.bundled(source, &url).await {
                // what it came with counts for nothing: where it is not what it must be, it is fetched alone
                match self.ingest(source, &url, delivered).await? {
                    Err(error) if error.is_corrupt_data() => {}
                    ingested => return ingested.map_err(|error| unpack_error(source, &error)),
                }
            }
            place = self.place().await;
        }
        self.download_alone(source, &url, place).await
    }

    /// A place among the tarballs under way.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // never closed, so there is always a place in the end
        self.shared.under_way.clone().acquire_owned().await.ok()
    }

    async fn download_alone(
        &self,
        source: &Source,
        url: &Url,
        _place: Option<OwnedSemaphorePermit>,
    ) -> Result<Entry, FetchError> {
        match self.download_once(source, url).await? {
            Ok(entry) => Ok(entry),
            // A proxy or a cache on the way may have spoilt it; whoever publishes wrong bytes does so twice.
            Err(error) if error.is_corrupt_data() => {
                self.download_once(source, url).await?.map_err(|error| unpack_error(source, &error))
            }
            Err(error) => Err(unpack_error(source, &error)),
        }
    }

    async fn download_once(
        &self,
        source: &Source,
        url: &Url,
    ) -> Result<Result<Entry, StoreError>, FetchError> {
        let mut request = TarballRequest::new(url.clone());
        request.name = Some(source.name.clone());
        request.version = Some(source.version.clone()).filter(|version| !version.is_empty());
        let mut bytes: Vec<u8> = Vec::new();
        let fetched = self.shared.client.tarball(&request, &mut bytes).await;
        fetched.map_err(|error| fetch_error(&error))?;
        let ingest = package_store::TarballRequest::new(source.id(), url.path(), source.parsed_integrity());
        self.blocking(move |store| Ok(store.ingest_tarball(ingest, &bytes).map(|ingested| ingested.entry)))
            .await
    }

    /// Verifies and unpacks what came with others.
    async fn ingest(
        &self,
        source: &Source,
        url: &Url,
        delivered: Delivered,
    ) -> Result<Result<Entry, StoreError>, FetchError> {
        let ingest = package_store::TarballRequest::new(source.id(), url.path(), source.parsed_integrity());
        let ingesting = move |store: Store| {
            Ok(store.ingest_tarball(ingest, &delivered.bytes).map(|ingested| ingested.entry))
        };
        self.blocking(ingesting).await
    }

    /// Where the tarball is: as recorded, or where registries keep it.
    fn tarball_url(&self, source: &Source) -> Result<Url, FetchError> {
        let options = self.shared.client.options();
        if let Some(resolved) = &source.resolved {
            let url = Url::parse(resolved).map_err(|_| {
                FetchError::new(
                    "EINVALIDRESOLVED",
                    format!("{} is recorded at {resolved}, which is no URL", source.id()),
                )
            })?;
            return Ok(self.shared.client.tarball_url(&url));
        }
        let registry = options.registry_for(&source.name).cloned();
        let no_registry = || {
            let mut error = FetchError::new(
                "ENOREGISTRY",
                format!("no registry is set from which to get {}", source.id()),
            );
            error.hint = Some("set one with `knit config set registry <url>`".to_owned());
            error
        };
        let registry = registry.ok_or_else(no_registry)?;
        let base = source.name.rsplit('/').next().unwrap_or(&source.name);
        let path = format!("{}/-/{base}-{}.tgz", source.name, source.version);
        let mut directory = registry;
        if !directory.path().ends_with('/') {
            directory.set_path(&format!("{}/", directory.path()));
        }
        directory.join(&path).map_err(|_| no_registry())
    }

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

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Store) -> Result<T, FetchError> + Send + 'static,
    ) -> Result<T, FetchError> {
        let store = self.shared.store.clone();
        match self.shared.runtime.spawn_blocking(move || work(store)).await {
            Ok(result) => result,
            Err(error) => Err(FetchError::new("EINTERNAL", format!("a worker stopped: {error}"))),
        }
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

/// Whether what is at a URL can never change.
fn is_immutable(resolved: &str) -> bool {
    is_git(resolved) && resolved.rsplit('#').next().is_some_and(|commit| commit.len() >= 40)
}

fn is_git(resolved: &str) -> bool {
    resolved.starts_with("git+") || resolved.starts_with("git://") || resolved.starts_with("git@")
}

fn ingest_local(store: &Store, source: &Source, path: &Path) -> Result<Entry, FetchError> {
    let request =
        package_store::TarballRequest::new(source.id(), path.to_string_lossy(), source.parsed_integrity());
    if path.is_dir() {
        return ingest_folder(store, &source.id(), path);
    }
    store.ingest_file(request, path).map(|ingested| ingested.entry).map_err(|error| store_error(&error))
}

/// Takes the files that belong to the package in a folder into the store.
pub fn ingest_folder(store: &Store, package: &str, folder: &Path) -> Result<Entry, FetchError> {
    let files = crate::packlist::files(folder).map_err(|error| {
        FetchError::new("EIO", format!("could not list the files of {}: {error}", folder.display()))
    })?;
    let request = package_store::DirectoryRequest {
        package: package.to_owned(),
        root: folder.to_owned(),
        files,
        limits: package_store::Limits::default(),
    };
    store.ingest_directory(&request).map(|ingested| ingested.entry).map_err(|error| store_error(&error))
}

/// The normalised package.json of something that was unpacked.
fn document_of(entry: &Entry, bytes: &[u8], what: &str) -> Result<Map<String, Value>, FetchError> {
    let parsed = npm_formats::json::parse(what, bytes).map_err(|error| {
        FetchError::new("EJSONPARSE", format!("the package.json of {what} does not parse: {error}"))
    })?;
    let Value::Object(members) = parsed else {
        return Err(FetchError::new("EJSONPARSE", format!("the package.json of {what} is no object")));
    };
    let folder = crate::entry_folder::EntryFolder::new(entry);
    let unchanged = members.clone();
    Ok(Manifest::normalize(members, Step::INSTALLED, Some(&folder)).map_or(unchanged, |manifest| manifest.0))
}

/// A store's error about a package that it was to keep.
fn unpack_error(source: &Source, error: &StoreError) -> FetchError {
    let mut failure = store_error(error);
    if matches!(error, StoreError::DiskFull { .. } | StoreError::FileSystem { .. }) {
        failure.message = format!("{} could not be unpacked: {}", source.id(), failure.message);
    }
    failure
}

/// A store's error as the resolver passes it on.
pub fn store_error(error: &StoreError) -> FetchError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    FetchError::new(error.code(), message)
}
