//! A registry and the server that answers for it.

use std::sync::Arc;

use axum::Router;

use crate::RegistryError;
use crate::hosted::{Hosted, HostedOptions};
use crate::http::{self, Bundles, Forwarding, Metrics, PublicUrl};
use crate::proxy::Kept;
use crate::settings::{RegistrySettings, ServerSettings};
use crate::storage::{GovernedStorage, HostedStorage, Storage};

/// What is served: the storage, and how the registry calls itself. A clone is a handle to the same registry.
#[derive(Clone)]
pub struct Registry {
    pub(crate) storage: Arc<dyn Storage>,
    /// What accepts packages; none where they are only read.
    pub(crate) hosted: Option<Arc<Hosted>>,
    /// The rules that `storage` follows; none where everything is seen and lives here.
    pub(crate) governed: Option<Arc<GovernedStorage>>,
    pub(crate) public_url: PublicUrl,
    pub(crate) forwarding: Arc<Forwarding>,
    /// What answers many GETs at once; none where that is not offered.
    pub(crate) bundles: Option<Arc<Bundles>>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Registry {
    /// A registry over `storage`, whose tarballs are at the address a client asked.
    pub fn new(storage: impl Storage) -> Registry {
        Registry {
            storage: Arc::new(storage),
            hosted: None,
            governed: None,
            public_url: PublicUrl::FromHost,
            forwarding: Arc::default(),
            bundles: None,
            metrics: Arc::new(Metrics::new(0)),
        }
    }

    /// A registry that accepts packages. What it needs is made where it is missing.
    ///
    /// # Errors
    /// A database or a store of tarballs that cannot be used.
    pub async fn open(options: &HostedOptions) -> Result<Registry, RegistryError> {
        let hosted = Hosted::open(options).await?;
        let storage = HostedStorage::new(hosted.database.clone(), hosted.blobs.clone());
        let metrics = Arc::new(Metrics::new(hosted.now().unsigned_abs()));
        Ok(Registry { hosted: Some(Arc::new(hosted)), metrics, ..Registry::new(storage) })
    }

    /// The same registry by the names, upstreams and policy of the settings. What is published elsewhere is fetched.
    ///
    /// # Errors
    /// An upstream that cannot be used as it is set up; `ReadOnly` for a registry that does not accept packages.
    pub fn governed(self, settings: &RegistrySettings) -> Result<Registry, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let kept = Kept::new(
            hosted.database.clone(),
            &hosted.blobs,
            hosted.clock.clone(),
            &settings.cache,
            self.metrics.upstreams.clone(),
        )?;
        let governed = GovernedStorage::new(self.storage.clone(), settings, kept, hosted.clock.clone())?;
        let governed = Arc::new(governed);
        if settings.cache.searched {
            hosted.search.find_fetched(settings.names.clone());
        }
        Ok(Registry { storage: governed.clone(), governed: Some(governed), ..self })
    }

    /// The same registry, reached as the settings say: at a fixed address, by proxies that are believed.
    pub fn reached(self, server: &ServerSettings) -> Registry {
        let public_url = server.public_url.as_ref().map(|url| PublicUrl::fixed(url.as_str()));
        Registry {
            public_url: public_url.unwrap_or(self.public_url),
            forwarding: Arc::new(Forwarding::new(server)),
            ..self
        }
    }

    /// Writes the downloads that were counted, which happens by itself twice a minute.
    ///
    /// # Errors
    /// A registry that does not accept packages, a database that fails.
    pub async fn write_downloads(&self) -> Result<(), RegistryError> {
        self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?.downloads.flush().await
    }

    /// Makes the index that searches are answered from; who searches meanwhile waits for it.
    pub(crate) async fn fill_search(&self) {
        let Some(hosted) = &self.hosted else { return };
        if let Err(error) = hosted.search.follow(&hosted.database).await {
            // whoever searches next tries again, and is told
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the index of packages could not be made"
            );
        }
    }

    /// Counts what is kept of upstreams, so that it is known before something is fetched.
    pub(crate) async fn count_kept(&self) {
        let Some(governed) = &self.governed else { return };
        if let Err(error) = governed.kept().count().await {
            // counted again when something is fetched
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what is kept of upstreams could not be counted"
            );
        }
    }

    /// Lets go of the database, when nothing is served any more.
    pub async fn close(&self) {
        if let Some(hosted) = &self.hosted {
            if let Err(error) = self.write_downloads().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "downloads could not be written");
            }
            hosted.database.close().await;
        }
    }

    /// The same registry, which offers clients to answer many of their GETs at once, so many of these answers at a time;
    /// none with zero.
    pub fn with_bundles(self, at_once: u32) -> Registry {
        let bundles = (at_once > 0).then(|| Arc::new(Bundles::new(at_once)));
        Registry { bundles, ..self }
    }

    /// The same registry with a fixed address.
    pub fn with_public_url(self, public_url: PublicUrl) -> Registry {
        Registry { public_url, ..self }
    }
}

/// The routes of a registry, to be served or wrapped in further layers.
pub fn router(registry: Registry) -> Router {
    http::router(registry)
}
