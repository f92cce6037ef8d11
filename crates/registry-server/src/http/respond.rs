//! Answers every route shares: JSON and errors.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};

use super::route::Route;
use crate::RegistryError;
use crate::trouble::Trouble;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer of JSON.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// Shape: `{"error": "..."}`, which clients show.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    json(status, serde_json::json!({ "error": message }).to_string())
}

pub(super) fn not_found(what: &str) -> Response {
    error(StatusCode::NOT_FOUND, &format!("not found: {what}"))
}

pub(super) fn method_not_allowed(route: &Route, method: &Method) -> Response {
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, &format!("{method} is not allowed here"));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(route.allowed_methods()));
    response
}

/// Seconds after which it is worth to ask again what does not answer now.
const PATIENCE: u64 = 5;

fn troubled(trouble: Trouble) -> Response {
    match trouble {
        Trouble::Unreachable => {
            let message = "what this registry keeps packages in does not answer; try again later";
            let mut response = error(StatusCode::SERVICE_UNAVAILABLE, message);
            response.headers_mut().insert(header::RETRY_AFTER, PATIENCE.into());
            response
        }
        Trouble::NoRoom => {
            let message = "this registry has no room for more; those who run it have to make some";
            error(StatusCode::INSUFFICIENT_STORAGE, message)
        }
        Trouble::Other => {
            let message = "this registry could not do its work; those who run it find the reason in its log";
            error(StatusCode::INTERNAL_SERVER_ERROR, message)
        }
    }
}

/// What kept the registry from answering, as far as it is the client's business: paths of the server are not.
pub(super) fn failure(failed: &RegistryError) -> Response {
    match failed {
        RegistryError::Shared { source } => failure(source),
        RegistryError::UpstreamDown(down) => {
            let message = format!("the upstream {} cannot be asked now; try again later", down.upstream);
            let mut response = error(StatusCode::SERVICE_UNAVAILABLE, &message);
            response.headers_mut().insert(header::RETRY_AFTER, down.retry_after.as_secs().max(1).into());
            response
        }
        RegistryError::NoIntegrity { .. } => error(StatusCode::BAD_GATEWAY, &failed.to_string()),
        RegistryError::NameRefused { .. } => error(StatusCode::FORBIDDEN, &failed.to_string()),
        RegistryError::Hidden { reasons, .. } => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            error(StatusCode::FORBIDDEN, &format!("{failed}: {}", reasons.join("; ")))
        }
        _ => {
            tracing::error!(error = failed as &dyn std::error::Error, "a request failed");
            troubled(failed.trouble())
        }
    }
}
