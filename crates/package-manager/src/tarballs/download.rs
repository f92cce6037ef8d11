//! A tarball from its registry: with others in one answer where that is offered, else alone, and once more where it came
//! damaged.

use dependency_resolver::FetchError;
use package_store::{Entry, Store, StoreError};
use registry_client::TarballRequest;
use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use super::bundled::Delivered;
use super::{Source, Tarballs, unpack_error};
use crate::registry_metadata::fetch_error;

impl Tarballs {
    /// The store's entry of what only its registry has.
    pub(super) async fn download(&self, source: &Source) -> Result<Entry, FetchError> {
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
        let bytes = self.bytes(source, url).await?;
        let ingest = package_store::TarballRequest::new(source.id(), url.path(), source.parsed_integrity());
        self.blocking(move |store| Ok(store.ingest_tarball(ingest, &bytes).map(|ingested| ingested.entry)))
            .await
    }

    /// The tarball as the registry sends it.
    pub(super) async fn bytes(&self, source: &Source, url: &Url) -> Result<Vec<u8>, FetchError> {
        let mut request = TarballRequest::new(url.clone());
        request.name = Some(source.name.clone());
        request.version = Some(source.version.clone()).filter(|version| !version.is_empty());
        let mut bytes: Vec<u8> = Vec::new();
        let fetched = self.shared.client.tarball(&request, &mut bytes).await;
        fetched.map_err(|error| fetch_error(&error))?;
        Ok(bytes)
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
    pub(super) fn tarball_url(&self, source: &Source) -> Result<Url, FetchError> {
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
}
