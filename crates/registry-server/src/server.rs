//! A registry and the server that answers for it.

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::RegistryError;
use crate::hosted::{Hosted, HostedOptions};
use crate::http::{self, PublicUrl};
use crate::storage::{HostedStorage, Storage};

/// What is served: the storage, and how the registry calls itself. A clone is a handle to the same registry.
#[derive(Clone)]
pub struct Registry {
    pub(crate) storage: Arc<dyn Storage>,
    /// What accepts packages; none where they are only read.
    pub(crate) hosted: Option<Arc<Hosted>>,
    pub(crate) public_url: PublicUrl,
}

impl Registry {
    /// A registry over `storage`, whose tarballs are at the address a client asked.
    pub fn new(storage: impl Storage) -> Registry {
        Registry { storage: Arc::new(storage), hosted: None, public_url: PublicUrl::FromHost }
    }

    /// A registry that accepts packages. What it needs is made where it is missing.
    ///
    /// # Errors
    /// A database or a store of tarballs that cannot be used.
    pub async fn open(options: &HostedOptions) -> Result<Registry, RegistryError> {
        let hosted = Hosted::open(options).await?;
        let storage = HostedStorage::new(hosted.database.clone(), hosted.blobs.clone());
        let hosted = Some(Arc::new(hosted));
        Ok(Registry { storage: Arc::new(storage), hosted, public_url: PublicUrl::FromHost })
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

/// Serves `registry` on `listener` until `shutdown` is done and the requests then running are answered.
///
/// Errors: a listener that fails for good.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_router(listener, router(registry), shutdown).await
}

/// The same for [`router`] with layers around it.
pub async fn serve_router(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Answers are written whole: waiting to fill packets only delays the last one.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
