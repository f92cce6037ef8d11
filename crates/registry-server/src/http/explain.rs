//! `GET /-/knit/explain/{pkg}[@range]`: why clients see what they see of a package.
//!
//! Shape: `{"name", "place", "upstream"?, "mode", "versions": [{"version", "published"?, "visible", "reasons": [{"code",
//! "message", ...}], "deprecated"?}], "distTags": [{"tag", "from", "to"}], "holdsUntil"?}`.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::respond;
use crate::names::Place;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

pub(super) async fn answer(
    registry: &Registry,
    name: &PackageName,
    asked: Option<&str>,
) -> Result<Response, RegistryError> {
    let Some(governed) = &registry.governed else {
        return Ok(respond::not_found("rules: this registry shows everything that it has"));
    };
    if *governed.place(name) == Place::Refused {
        let refused = json!({ "name": name.as_str(), "place": "refused", "versions": [] });
        return Ok(uncached(refused));
    }
    let Some(explanation) = governed.explain(name).await? else {
        return Ok(respond::not_found(name.as_str()));
    };
    let Some(wanted) = explanation.wanted(asked) else {
        return Ok(respond::error(
            StatusCode::BAD_REQUEST,
            "that is neither a range of versions nor a dist-tag",
        ));
    };
    Ok(uncached(json!(explanation.explained(name, &wanted))))
}

/// Time passes, and the answer changes with it.
fn uncached(body: Value) -> Response {
    let mut response = respond::json(StatusCode::OK, body.to_string());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
