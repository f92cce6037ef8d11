//! Routes that are about the registry itself or answer for all packages.

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use tokio::time::timeout;

use super::respond;
use crate::server::Registry;
use crate::trouble::in_one_line;
use crate::{PackageName, RegistryError};

pub(super) fn ping() -> Response {
    respond::json(StatusCode::OK, "{}")
}

/// How long what packages are kept in may take to say that it is there.
const READY: Duration = Duration::from_secs(3);

/// Whether the database and the store of tarballs answer: a load balancer sends nothing where they do not.
pub(super) async fn ready(registry: &Registry) -> Response {
    let Some(hosted) = &registry.hosted else { return respond::json(StatusCode::OK, "{}") };
    let (database, blobs) =
        tokio::join!(timeout(READY, hosted.database.answers()), timeout(READY, hosted.blobs.answers()));
    for (what, answer) in [("the database", database), ("the store of tarballs", blobs)] {
        let problem = match answer {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => in_one_line(&error),
            Err(_) => "it says nothing".to_owned(),
        };
        tracing::warn!(%problem, "{what} does not answer");
        return respond::error(StatusCode::SERVICE_UNAVAILABLE, &format!("{what} does not answer"));
    }
    respond::json(StatusCode::OK, "{}")
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
