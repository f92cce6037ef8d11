//! The HTTP face: from a request to what storage is asked for, and back.
//!
//! Does not own: what is kept and how documents look.

mod advisories;
mod arriving;
mod caller;
mod changes;
mod conditional;
mod dist_tags;
mod explain;
mod negotiation;
mod observe;
mod packument;
mod public_url;
mod respond;
mod route;
mod service;
mod tarball;
mod version;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use http::{Method, StatusCode};
pub(crate) use observe::Metrics;
pub use public_url::PublicUrl;
use route::Route;

use crate::RegistryError;
use crate::names::Place;
use crate::server::Registry;

pub(crate) fn router(registry: Registry) -> Router {
    // One parser of addresses instead of a route table: a scoped name is one segment or two, as the client likes.
    let observed = from_fn_with_state(registry.metrics.clone(), observe::observe);
    Router::new().fallback(answer).layer(observed).with_state(registry)
}

async fn answer(State(registry): State<Registry>, request: Request) -> Response {
    let Some(route) = Route::parse(request.uri().path()) else {
        return respond::not_found(request.uri().path());
    };
    if !route.allows(request.method()) {
        return respond::method_not_allowed(&route, request.method());
    }
    let head = request.method() == Method::HEAD;
    if let Some(target) = route.change(request.method()) {
        if let Some(refused) = refused_by_name(&registry, &target) {
            return refused;
        }
        return match &registry.hosted {
            Some(hosted) => changes::answer(hosted, target, request).await,
            None => respond::error(StatusCode::METHOD_NOT_ALLOWED, "packages are only read here"),
        };
    }
    let answered = match route {
        Route::Ping | Route::Health => Ok(service::ping()),
        Route::Ready => Ok(service::ready(&registry).await),
        Route::Metrics => Ok(registry.metrics.answer()),
        Route::AdvisoriesBulk => advisories::answer(&registry, request).await,
        Route::Packument(name) => packument::answer(&registry, &name, request.headers()).await,
        Route::Version { name, version } => {
            version::answer(&registry, &name, &version, request.headers()).await
        }
        Route::DistTags(name) => dist_tags::answer(&registry, &name).await,
        Route::Keys => service::keys(&registry).await,
        Route::Attestations { name, version } => service::attestations(&registry, &name, &version).await,
        Route::Explain { name, range } => explain::answer(&registry, &name, range.as_deref()).await,
        // told apart above
        Route::Change(_) => Ok(respond::not_found("")),
        Route::Tarball { name, file } => tarball::answer(&registry, &name, &file, request.headers()).await,
    };
    let response = answered.unwrap_or_else(|error| respond::failure(&error));
    if head { response.map(|_| Body::empty()) } else { response }
}

/// Packages of names that belong elsewhere are not changed here.
fn refused_by_name(registry: &Registry, target: &changes::Target) -> Option<Response> {
    let name = target.name();
    match registry.governed.as_ref()?.place(name) {
        Place::Here => None,
        Place::Upstream(upstream) => {
            let message =
                format!("{name} comes from the upstream {upstream}; nothing is published here by that name");
            Some(respond::error(StatusCode::FORBIDDEN, &message))
        }
        Place::Refused => {
            let refused = RegistryError::NameRefused { name: name.to_string() };
            Some(respond::failure(&refused))
        }
    }
}
