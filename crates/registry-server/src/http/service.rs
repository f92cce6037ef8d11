//! Routes that are about the registry itself or answer for all packages.

use axum::response::Response;
use http::StatusCode;

use super::respond;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

pub(super) fn ping() -> Response {
    respond::json(StatusCode::OK, "{}")
}

/// Whether the database answers: a load balancer sends nothing where it does not.
pub(super) async fn ready(registry: &Registry) -> Response {
    let answers = match &registry.hosted {
        Some(hosted) => hosted.database.answers().await,
        None => Ok(()),
    };
    match answers {
        Ok(()) => respond::json(StatusCode::OK, "{}"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
            respond::error(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}

/// The keys that versions are signed with, here and at the upstreams.
pub(super) async fn keys(registry: &Registry) -> Result<Response, RegistryError> {
    let Some(hosted) = &registry.hosted else { return Ok(respond::not_found("keys")) };
    let mut all = hosted.signing.keys();
    for proxy in registry.governed.iter().flat_map(|governed| governed.proxies()) {
        let theirs = proxy.keys().await?;
        if let Some(keys) = all["keys"].as_array_mut() {
            keys.extend(theirs);
        }
    }
    Ok(respond::json(StatusCode::OK, all.to_string()))
}

/// Where a version was built.
pub(super) async fn attestations(
    registry: &Registry,
    name: &PackageName,
    version: &str,
) -> Result<Response, RegistryError> {
    let proxy = registry.governed.as_ref().and_then(|governed| governed.proxy(name));
    if let Some(proxy) = proxy {
        let path = format!("/-/npm/v1/attestations/{}@{version}", name.escaped());
        return Ok(match proxy.ask_for(&path).await? {
            Some(bundle) => respond::json(StatusCode::OK, bundle),
            None => respond::not_found(&format!("attestations of {name}@{version}")),
        });
    }
    let found = match &registry.hosted {
        Some(hosted) => hosted.database.attestations(name, version).await?,
        None => None,
    };
    Ok(match found {
        Some(bundle) => respond::json(StatusCode::OK, bundle),
        None => respond::not_found(&format!("attestations of {name}@{version}")),
    })
}
