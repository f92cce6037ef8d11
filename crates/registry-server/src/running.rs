//! A registry from its settings to its end.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::RegistryError;
use crate::accounts::{AccountOptions, FirstAdministrator};
use crate::hosted::{Clock, HostedOptions};
use crate::server::{Registry, router};
use crate::serving::{ServingOptions, serve};
use crate::settings::RegistrySettings;

/// A registry that has begun to listen.
#[derive(Clone, Debug)]
pub struct Started {
    /// The address it has, with the port that the system chose where the settings leave it open.
    pub address: SocketAddr,
    /// What clients are to be told.
    pub url: String,
    /// Whom the first start made. Whoever starts a registry must be told, for it is told once.
    pub administrator: Option<FirstAdministrator>,
}

/// Serves a registry by its settings until `shutdown` is done. `started` is told when it listens.
///
/// # Errors
/// An address, a certificate, a database or a store that cannot be used.
pub async fn run(
    settings: &RegistrySettings,
    clock: Clock,
    started: impl FnOnce(&Started),
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RegistryError> {
    let server = &settings.server;
    let registry = open(settings, clock).await?;
    let administrator = registry.first_administrator().await?;
    let registry = registry.reached(server);
    let unusable = |source| RegistryError::Listen { address: server.listen, source };
    let listener = TcpListener::bind(server.listen).await.map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    let scheme = if server.tls.is_some() { "https" } else { "http" };
    let url =
        server.public_url.as_ref().map_or_else(|| format!("{scheme}://{address}/"), ToString::to_string);
    started(&Started { address, url, administrator });
    let serving = ServingOptions {
        tls: server.tls.as_ref().map(|files| (files.certificate.clone(), files.key.clone())),
        head_timeout: settings.limits.head_timeout,
        body_timeout: settings.limits.body_timeout,
        shutdown_grace: server.shutdown_grace,
    };
    // many packages take a while to look through, so it begins before somebody searches
    let filled = registry.clone();
    let filling = tokio::spawn(async move {
        filled.fill_search().await;
        filled.count_kept().await;
    });
    let served = serve(listener, router(registry.clone()), &serving, shutdown).await;
    filling.abort();
    registry.close().await;
    served
}

/// The registry of some settings, not served yet.
///
/// # Errors
/// A database, a store or an upstream that cannot be used.
pub async fn open(settings: &RegistrySettings, clock: Clock) -> Result<Registry, RegistryError> {
    let registry = Registry::open(&options(settings, clock)).await?;
    registry.with_bundles(settings.limits.bundles).governed(settings)
}

/// What of the settings is about keeping and accepting packages.
pub fn options(settings: &RegistrySettings, clock: Clock) -> HostedOptions {
    HostedOptions {
        storage: settings.storage.clone(),
        max_publication: usize::try_from(settings.limits.publish_body).unwrap_or(usize::MAX),
        everyone: None,
        accounts: AccountOptions::new(&settings.access, &settings.limits, &settings.trusted_issuers),
        advisories: settings.advisories,
        hooks: settings.hooks,
        clock,
    }
}
