//! Routes that are about the registry itself or answer for all packages.

use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http_body_util::{BodyExt, Limited};

use super::respond;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

/// Bytes of a (compressed) list of what is installed; npm's own for thousands of packages is below one mebibyte.
const MAX_AUDIT_BODY: usize = 16 << 20;

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

/// The keys that versions are signed with.
pub(super) fn keys(registry: &Registry) -> Response {
    match &registry.hosted {
        Some(hosted) => respond::json(StatusCode::OK, hosted.signing.keys().to_string()),
        None => respond::not_found("keys"),
    }
}

/// Where a version was built.
pub(super) async fn attestations(
    registry: &Registry,
    name: &PackageName,
    version: &str,
) -> Result<Response, RegistryError> {
    let found = match &registry.hosted {
        Some(hosted) => hosted.database.attestations(name, version).await?,
        None => None,
    };
    Ok(match found {
        Some(bundle) => respond::json(StatusCode::OK, bundle),
        None => respond::not_found(&format!("attestations of {name}@{version}")),
    })
}

/// No advisories are known here. The body is read to its end, so that the connection can be used again.
pub(super) async fn advisories(request: Request) -> Response {
    match Limited::new(request.into_body(), MAX_AUDIT_BODY).collect().await {
        Ok(_) => respond::json(StatusCode::OK, "{}"),
        Err(_) => {
            respond::error(StatusCode::PAYLOAD_TOO_LARGE, "the list of packages is too long or was cut off")
        }
    }
}
