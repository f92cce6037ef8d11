//! A registry and the server that answers for it.

use std::sync::Arc;

use axum::Router;

use crate::RegistryError;
use crate::hosted::{Hosted, HostedOptions};
use crate::http::{self, Metrics, PublicUrl};
use crate::storage::{HostedStorage, Storage};

/// What is served: the storage, and how the registry calls itself. A clone is a handle to the same registry.
#[derive(Clone)]
pub struct Registry {
    pub(crate) storage: Arc<dyn Storage>,
    /// What accepts packages; none where they are only read.
    pub(crate) hosted: Option<Arc<Hosted>>,
    pub(crate) public_url: PublicUrl,
    pub(crate) metrics: Arc<Metrics>,
}

impl Registry {
    /// A registry over `storage`, whose tarballs are at the address a client asked.
    pub fn new(storage: impl Storage) -> Registry {
        Registry {
            storage: Arc::new(storage),
            hosted: None,
            public_url: PublicUrl::FromHost,
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

    /// Lets go of the database, when nothing is served any more.
    pub async fn close(&self) {
        if let Some(hosted) = &self.hosted {
            hosted.database.close().await;
        }
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
