//! `GET /{pkg}`.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{conditional, negotiation, respond};
use crate::server::Registry;
use crate::{PackageName, Packument, RegistryError};

/// How long a client may use a document without asking, as the public registry has it.
pub(super) const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");

pub(super) async fn answer(
    registry: &Registry,
    name: &PackageName,
    headers: &HeaderMap,
) -> Result<Response, RegistryError> {
    match registry.storage.packument(name).await? {
        Some(packument) => Ok(answer_with(registry, &packument, headers).await),
        None => Ok(respond::not_found(name.as_str())),
    }
}

/// The answer with a packument that was found.
pub(super) async fn answer_with(
    registry: &Registry,
    packument: &Arc<Packument>,
    headers: &HeaderMap,
) -> Response {
    let Some(base) = registry.public_url.base(headers) else {
        return respond::error(StatusCode::BAD_REQUEST, "the Host header is not a host");
    };
    let form = negotiation::form(headers);
    let gzip = negotiation::takes_gzip(headers);
    // A strong tag names bytes: those of one form, at one address, in one encoding.
    let encoding = if gzip { "-gzip" } else { "" };
    let etag = format!("\"{}-{:x}{encoding}\"", packument.digest(form), address_digest(&base));
    let modified = packument.modified();

    let mut response = if conditional::not_modified(headers, &etag, modified) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else if gzip {
        let mut response = Response::new(Body::from(packument.document_gzip(form, &base).await));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        Response::new(Body::from(packument.document(form, &base)))
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(negotiation::media_type(form)));
    fields.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    fields.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    insert(fields, header::ETAG, Some(etag));
    insert(fields, header::LAST_MODIFIED, modified.and_then(conditional::http_date));
    response
}

fn insert(fields: &mut HeaderMap, name: header::HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        fields.insert(name, value);
    }
}

/// FNV-1a: tells a handful of addresses apart, the same in every process.
fn address_digest(address: &str) -> u32 {
    address.bytes().fold(0x811c_9dc5, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
