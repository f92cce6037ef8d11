//! Bundles: many GETs answered at once, for clients that ask for hundreds of packages.
//!
//! - `GET /-/knit/v1`: which features there are. Answers about packuments and tarballs name them in a header too, so a
//!   client that was told nothing sends nothing.
//! - `POST /-/knit/v1/resolve` ([`resolve`]): follows dependencies from package to package by the resolver's own choice
//!   of versions, and answers the packuments on the way, whole, as GETs would; of those that the client has, only which
//!   ones there are, by their tags, if it wants to know that. Resolution itself stays the client's:
//!   it knows workspaces, overrides, what is locked and what is installed, and the result cannot differ from the one
//!   it comes to by itself. What it finds lacking it asks for as ever.
//! - `POST /-/knit/v1/missing` ([`missing`]): tarballs by their addresses, and manifests of single versions. Whether
//!   tarballs are the right ones the client finds out by hashing, as ever.
//!
//! The shape of requests and answers is `npm_formats::bundle`'s. Every entry is what the GET of the same address would
//! be answered, by the same functions: permissions and policy are those of the package ([`reader`]).
//!
//! Limits: a body of [`MAX_BODY`] bytes, so many bundles at once as the settings say (`limits.bundles`; past them 503,
//! and the client goes the ordinary way), and for each the packages, requirements and seconds that its file says.

mod missing;
mod reader;
mod resolve;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use npm_formats::bundle::{CONFIRM, FEATURES_HEADER, MEDIA_TYPE, MISSING, RESOLVE};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::caller;
use super::failure::Failure;
use super::respond;
use crate::proxy::memory::Memory;
use crate::server::Registry;
use reader::Reader;
use resolve::Indexed;

/// Bytes of a request: some ten thousand names.
const MAX_BODY: usize = 2 << 20;

/// The two requests for a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Resolve,
    Missing,
}

/// What a registry needs to answer bundles.
pub(crate) struct Bundles {
    places: Arc<Semaphore>,
    /// Packuments as the walk reads them.
    indexed: Mutex<Memory<Indexed>>,
}

impl Bundles {
    /// So many at once.
    pub fn new(at_once: u32) -> Bundles {
        let places = usize::try_from(at_once).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Bundles { places: Arc::new(Semaphore::new(places)), indexed: Mutex::default() }
    }

    fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let full = |_| Failure::told(StatusCode::SERVICE_UNAVAILABLE, "too many bundles are under way");
        self.places.clone().try_acquire_owned().map_err(full)
    }

    fn indexed(&self) -> MutexGuard<'_, Memory<Indexed>> {
        self.indexed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says in an answer what is offered.
pub(super) fn announce(registry: &Registry, fields: &mut HeaderMap) {
    if registry.bundles.is_some() {
        fields.insert(FEATURES_HEADER, HeaderValue::from_static("resolve, missing, confirm"));
    }
}

/// `GET /-/knit/v1`
pub(super) fn features(registry: &Registry) -> Response {
    let offered = if registry.bundles.is_some() { &[RESOLVE, MISSING, CONFIRM][..] } else { &[] };
    let mut response = respond::json(StatusCode::OK, json!({ "features": offered }).to_string());
    announce(registry, response.headers_mut());
    response
}

pub(super) async fn answer(registry: &Registry, kind: Kind, request: Request) -> Response {
    let answered = match &registry.bundles {
        Some(bundles) => bundle(registry, bundles, kind, request).await,
        None => Err(Failure::not_found("bundles")),
    };
    answered.unwrap_or_else(|failure| failure.response())
}

async fn bundle(
    registry: &Registry,
    bundles: &Arc<Bundles>,
    kind: Kind,
    request: Request,
) -> Result<Response, Failure> {
    let place = bundles.enter()?;
    let from: IpAddr = caller::address(request.extensions());
    let (head, body) = request.into_parts();
    let reader = Reader::new(registry, &head.headers, from).await?;
    match kind {
        Kind::Resolve => {
            let walk = resolve::Walk::new(reader, bundles.clone(), place, read(body).await?)?;
            Ok(response(walk.stream()))
        }
        Kind::Missing => {
            let packing = missing::Packing::new(reader, place, read(body).await?)?;
            Ok(response(packing.stream()))
        }
    }
}

async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    // read to its end in any case, so that the connection can be used again
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Err(Failure::told(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long or was cut off"));
    };
    serde_json::from_slice(&body.to_bytes())
        .map_err(|error| Failure::bad_request(format!("the request cannot be read: {error}")))
}

fn response(stream: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    use futures_util::StreamExt as _;
    let mut response = Response::new(Body::from_stream(stream.map(Ok::<_, std::convert::Infallible>)));
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
