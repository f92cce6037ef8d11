//! What is known against what is installed: `POST /-/npm/v1/security/advisories/bulk` of npm 7 and later, and
//! `/-/npm/v1/security/audits` and `/audits/quick` of npm 6 and Yarn 1.
//!
//! Each upstream is asked about its own names only: names of packages that are published here go nowhere.

use std::collections::HashMap;
use std::io::Read;

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use npm_semver::Version;
use serde_json::{Map, Value};

use super::caller::{self, Caller};
use super::respond;
use crate::advisories::{Extent, Known, LockTree, Report, Versions, versions_of};
use crate::identity::permission::Action;
use crate::server::Registry;
use crate::{Form, PackageName, RegistryError};

/// Bytes of a (compressed) list of what is installed; npm's own for thousands of packages is below one mebibyte.
const MAX_BODY: usize = 16 << 20;
/// Bytes of the same unpacked.
const MAX_UNPACKED: u64 = 64 << 20;

/// Answers a bulk request.
///
/// Shape: `{"name": ["version"]}`, answered by `{"name": [{"id", "url", "title", "severity", "vulnerable_versions"}]}`.
pub(super) async fn answer(registry: &Registry, request: Request) -> Result<Response, RegistryError> {
    if registry.hosted.is_none() && registry.governed.is_none() {
        // whoever is asked without anything to know is asked about nothing
        let _ = Limited::new(request.into_body(), MAX_BODY).collect().await;
        return Ok(respond::json(StatusCode::OK, "{}"));
    }
    let installed = match body(request).await {
        Ok((installed, _)) => installed,
        Err(refused) => return Ok(refused),
    };
    let known = known(registry, installed, Extent::Bulk).await?;
    Ok(respond::json(StatusCode::OK, Value::Object(known).to_string()))
}

/// Answers with the report of clients before npm 7.
pub(super) async fn report(registry: &Registry, request: Request) -> Result<Response, RegistryError> {
    let from = caller::address(request.extensions());
    let (document, headers) = match body(request).await {
        Ok(read) => read,
        Err(refused) => return Ok(refused),
    };
    let Some(tree) = LockTree::read(&document) else {
        return Ok(respond::error(StatusCode::BAD_REQUEST, "the tree of what is installed is too large"));
    };
    let known = known(registry, tree.installed(), Extent::All).await?;
    let caller = match &registry.hosted {
        Some(hosted) => Caller::of(hosted, &headers, from).await.ok(),
        None => None,
    };
    let versions = versions(registry, &known, caller).await?;
    let telling = tokio::task::spawn_blocking(move || {
        Report { tree: &tree, known: &known, versions: &versions }.document().to_string()
    });
    let told = telling.await.map_err(|_| RegistryError::Interrupted)?;
    Ok(respond::json(StatusCode::OK, told))
}

/// A body's object and the request's headers; or why it cannot be read.
async fn body(request: Request) -> Result<(Map<String, Value>, HeaderMap), Response> {
    let (parts, body) = request.into_parts();
    let packed = parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    // read to its end in any case, so that the connection can be used again
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let message = "the list of packages is too long or was cut off";
        return Err(respond::error(StatusCode::PAYLOAD_TOO_LARGE, message));
    };
    match read(body.to_bytes(), packed).await {
        Some(object) => Ok((object, parts.headers)),
        None => Err(respond::error(StatusCode::BAD_REQUEST, "the list of packages cannot be read")),
    }
}

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

/// What is known against these versions, by whom the settings say.
async fn known(
    registry: &Registry,
    installed: Map<String, Value>,
    extent: Extent,
) -> Result<Known, RegistryError> {
    let source = registry.hosted.as_ref().map(|hosted| hosted.advisories).unwrap_or_default();
    let mut known = Known::new();
    if let Some(governed) = registry.governed.as_ref().filter(|_| source.has_upstream()) {
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
            let said = proxy.advisories(theirs).await?;
            known.extend(said.into_iter().filter(|(name, _)| is_theirs(name)));
        }
    }
    if let Some(hosted) = registry.hosted.as_ref().filter(|_| source.has_local()) {
        let names: Vec<String> = installed.keys().cloned().collect();
        for advisory in hosted.database.advisories_about(&names).await? {
            let versions = installed.get(&advisory.package).map(versions_of).unwrap_or_default();
            if !advisory.affects(&versions) {
                continue;
            }
            let list = known.entry(advisory.package.clone()).or_insert_with(|| Value::Array(Vec::new()));
            let Some(list) = list.as_array_mut() else { continue };
            match list.iter_mut().find(|said| advisory.is_same(said)) {
                // what is known here completes what the upstream says
                Some(Value::Object(said)) if extent == Extent::All => {
                    let ours = advisory.to_json(extent);
                    for (key, value) in ours.as_object().into_iter().flatten() {
                        said.entry(key).or_insert_with(|| value.clone());
                    }
                }
                Some(_) => {}
                None => list.push(advisory.to_json(extent)),
            }
        }
    }
    Ok(known)
}

/// The versions that there are of what something is known against, as far as who asks may see them.
async fn versions(
    registry: &Registry,
    known: &Known,
    mut caller: Option<Caller>,
) -> Result<Versions, RegistryError> {
    let mut versions = HashMap::new();
    for name in known.keys() {
        let Ok(package) = PackageName::parse(name) else { continue };
        if let Some(hosted) = &registry.hosted {
            let Some(caller) = &mut caller else { break };
            if caller.may(hosted, Action::Read, &package).await.is_err() {
                continue;
            }
        }
        // without it the report says to look oneself
        let Ok(Some(packument)) = registry.storage.packument(&package).await else { continue };
        let document = packument.document(Form::Abbreviated, "");
        let reading = tokio::task::spawn_blocking(move || read_versions(&document));
        versions.insert(name.clone(), reading.await.map_err(|_| RegistryError::Interrupted)?);
    }
    Ok(versions)
}

fn read_versions(document: &[u8]) -> Vec<Version> {
    #[derive(serde::Deserialize)]
    struct Packument {
        versions: HashMap<String, serde::de::IgnoredAny>,
    }
    let Ok(packument) = serde_json::from_slice::<Packument>(document) else { return Vec::new() };
    packument.versions.keys().filter_map(|version| Version::parse(version).ok()).collect()
}
