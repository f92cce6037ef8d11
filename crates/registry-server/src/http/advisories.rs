//! `POST /-/npm/v1/security/advisories/bulk`: what upstreams know against what is installed.
//!
//! Each upstream is asked about its own names only: names of packages that are published here go nowhere.

use std::io::Read;

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};

use super::respond;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

/// Bytes of a (compressed) list of what is installed; npm's own for thousands of packages is below one mebibyte.
const MAX_BODY: usize = 16 << 20;
/// Bytes of the same unpacked.
const MAX_UNPACKED: u64 = 64 << 20;

pub(super) async fn answer(registry: &Registry, request: Request) -> Result<Response, RegistryError> {
    let packed = request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    // read to its end in any case, so that the connection can be used again
    let Ok(body) = Limited::new(request.into_body(), MAX_BODY).collect().await else {
        let message = "the list of packages is too long or was cut off";
        return Ok(respond::error(StatusCode::PAYLOAD_TOO_LARGE, message));
    };
    let Some(governed) = &registry.governed else { return Ok(respond::json(StatusCode::OK, "{}")) };
    let Some(installed) = read(body.to_bytes(), packed).await else {
        return Ok(respond::error(StatusCode::BAD_REQUEST, "the list of packages cannot be read"));
    };
    let mut found = Map::new();
    for proxy in governed.proxies() {
        let is_theirs = |name: &str| {
            let name = PackageName::parse(name).ok();
            let of = name.and_then(|name| Some(governed.proxy(&name)?.settings().name.clone()));
            of.is_some_and(|of| of == proxy.settings().name)
        };
        let theirs: Map<String, Value> = installed
            .iter()
            .filter(|(name, _)| is_theirs(name))
            .map(|(name, versions)| (name.clone(), versions.clone()))
            .collect();
        // an answer about names that it was not asked about is none of its business
        let known = proxy.advisories(theirs).await?;
        found.extend(known.into_iter().filter(|(name, _)| is_theirs(name)));
    }
    Ok(respond::json(StatusCode::OK, Value::Object(found).to_string()))
}

/// Shape: `{"name": ["version"]}`, perhaps packed.
async fn read(body: Bytes, packed: bool) -> Option<Map<String, Value>> {
    let reading = tokio::task::spawn_blocking(move || {
        if !packed {
            return serde_json::from_slice(&body).ok();
        }
        let mut text = Vec::new();
        GzDecoder::new(&*body).take(MAX_UNPACKED).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    });
    reading.await.ok()?
}
