//! `GET /{pkg}/{version or tag}`.

use axum::response::Response;
use http::{HeaderMap, StatusCode, header};

use super::packument::CACHE_CONTROL;
use super::respond;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

pub(super) async fn answer(
    registry: &Registry,
    name: &PackageName,
    version_or_tag: &str,
    headers: &HeaderMap,
) -> Result<Response, RegistryError> {
    let Some(base) = registry.public_url.base(headers) else {
        return Ok(respond::error(StatusCode::BAD_REQUEST, "the Host header is not a host"));
    };
    let Some(packument) = registry.storage.packument(name).await? else {
        return Ok(respond::not_found(name.as_str()));
    };
    let mut manifest = packument.manifest(version_or_tag, &base);
    if manifest.is_none() {
        // it may be there since the packument was fetched
        let packument = registry.storage.packument_lately(name).await?;
        manifest = packument.and_then(|packument| packument.manifest(version_or_tag, &base));
    }
    let Some(manifest) = manifest else {
        return Ok(respond::not_found(&format!("{name}@{version_or_tag}")));
    };
    let mut response = respond::json(StatusCode::OK, manifest);
    response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
    Ok(response)
}
