//! Packages on their way into the store: looked up there, else fetched, verified and unpacked, each once.
//!
//! Owns: what is had from where, and that it is had once. Does not own: how a tarball comes from its registry
//! (`download`, `bundled`), what is read out of packages (`manifests`).

mod bundled;
mod download;
mod manifests;
mod vetting;
mod whole;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bundled::Bundler;
use dependency_resolver::FetchError;
use npm_formats::integrity::Integrity;
use npm_formats::specifier::Specifier;
use package_store::{Entry, Store, StoreError};
use registry_client::RegistryClient;
use rustc_hash::FxHashMap;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, Semaphore};

use crate::git::{GitRepositories, Purpose};

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
