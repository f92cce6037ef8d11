//! Routes that are about the registry itself or answer for all packages.

use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http_body_util::{BodyExt, Limited};

use super::respond;

/// Bytes of a (compressed) list of what is installed; npm's own for thousands of packages is below one mebibyte.
const MAX_AUDIT_BODY: usize = 16 << 20;

pub(super) fn ping() -> Response {
    respond::json(StatusCode::OK, "{}")
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
