//! `GET /-/package/{pkg}/dist-tags`.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::respond;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

pub(super) async fn answer(registry: &Registry, name: &PackageName) -> Result<Response, RegistryError> {
    let Some(packument) = registry.storage.packument(name).await? else {
        return Ok(respond::not_found(name.as_str()));
    };
    let mut response = respond::json(StatusCode::OK, packument.dist_tags());
    // A tag that was just moved must be seen by who moved it.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
