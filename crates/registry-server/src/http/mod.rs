//! The HTTP face: from a request to what storage is asked for, and back.
//!
//! Does not own: what is kept and how documents look.

mod accounts;
mod advisories;
mod arriving;
mod bundle;
mod caller;
mod changes;
mod conditional;
mod dist_tags;
mod downloads;
mod explain;
mod failure;
mod forwarded;
mod found;
mod negotiation;
mod observe;
mod offered;
mod packument;
mod part;
mod public_url;
mod receiving;
mod respond;
mod route;
mod search;
mod service;
mod stage;
mod tarball;
mod version;
mod visible;
mod web;

use accounts::AccountRoute;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
pub(crate) use bundle::Bundles;
use caller::Caller;
use failure::Failure;
pub(crate) use forwarded::{Encrypted, Forwarding};
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
pub(crate) use observe::Metrics;
pub use public_url::PublicUrl;
use route::Route;

use crate::hosted::Hosted;
use crate::identity::permission::{Action, Visibility};
use crate::names::Place;
use crate::server::Registry;
use crate::{PackageName, RegistryError};

pub(crate) fn router(registry: Registry) -> Router {
    // One parser of addresses instead of a route table: a scoped name is one segment or two, as the client likes.
    let observed = from_fn_with_state(registry.metrics.clone(), observe::observe);
    let believed = from_fn_with_state(registry.forwarding.clone(), forwarded::believe);
    Router::new().fallback(answer).layer(observed).layer(believed).with_state(registry)
}

async fn answer(State(registry): State<Registry>, request: Request) -> Response {
    let Some(route) = Route::parse(request.uri().path()) else {
        return respond::not_found(request.uri().path());
    };
    if !route.allows(request.method()) {
        return respond::method_not_allowed(&route, request.method());
    }
    let head = request.method() == Method::HEAD;
    let route = match route {
        Route::Packument(name) if web::is_browser(request.method(), request.headers()) => {
            return web::to_package(&registry, name.as_str(), request.headers());
        }
        // the page of a package as clients of npm's open it; for others a version of the package of that name
        Route::Version { name, .. }
            if name.as_str() == "package" && web::is_browser(request.method(), request.headers()) =>
        {
            Route::Web
        }
        route => route,
    };
    if route == Route::Web {
        let response = web::answer(&registry, request).await;
        return if head { response.map(|_| Body::empty()) } else { response };
    }
    if let Some(target) = route.change(request.method()) {
        if let Some(refused) = refused_by_name(&registry, target.name()) {
            return refused;
        }
        return match &registry.hosted {
            Some(hosted) => changes::answer(hosted, target, request).await,
            None => respond::error(StatusCode::METHOD_NOT_ALLOWED, "packages are only read here"),
        };
    }
    if let Route::Bundle(kind) = route {
        return bundle::answer(&registry, kind, request).await;
    }
    if let Route::Stage(asked) = route {
        let response = stage_answer(&registry, asked, request).await;
        return if head { response.map(|_| Body::empty()) } else { response };
    }
    if let Route::Account(route) = route {
        let response = account(&registry, route, request).await;
        return if head { response.map(|_| Body::empty()) } else { response };
    }
    let from = caller::address(request.extensions());
    let is_content = matches!(route, Route::Packument(_) | Route::Tarball { .. });
    let readers = match may_read(&registry, &route, request.headers(), request.extensions()).await {
        Ok(readers) => readers,
        Err(failure) => {
            let response = failure.response();
            return if head { response.map(|_| Body::empty()) } else { response };
        }
    };
    let answered = match route {
        Route::Ping | Route::Health => Ok(service::ping()),
        Route::Ready => Ok(service::ready(&registry).await),
        Route::Metrics => Ok(registry.metrics.answer()),
        Route::AdvisoriesBulk => advisories::answer(&registry, request).await,
        Route::AuditReport => advisories::report(&registry, request).await,
        Route::Features => Ok(bundle::features(&registry)),
        Route::Search => {
            let query = request.uri().query().unwrap_or_default();
            search::answer(&registry, query, request.headers(), from).await
        }
        Route::Packument(name) => packument::answer(&registry, &name, request.headers()).await,
        Route::Version { name, version } => {
            version::answer(&registry, &name, &version, request.headers()).await
        }
        Route::DistTags(name) => dist_tags::answer(&registry, &name).await,
        Route::Keys => service::keys(&registry).await,
        Route::Attestations { name, version } => service::attestations(&registry, &name, &version).await,
        Route::Explain { name, range } => explain::answer(&registry, &name, range.as_deref()).await,
        // told apart above
        Route::Change(_) | Route::Account(_) | Route::Bundle(_) | Route::Stage(_) | Route::Web => {
            Ok(respond::not_found(""))
        }
        Route::Tarball { name, file } => {
            let answered = tarball::answer(&registry, &name, &file, request.headers()).await;
            if let (Some(hosted), Ok(response), false) = (&registry.hosted, &answered, head)
                && response.status() == StatusCode::OK
            {
                hosted.downloads.count(&name, tarball::version_of(&name, &file));
            }
            answered
        }
        Route::Downloads(asked) => match &registry.hosted {
            Some(hosted) => {
                let answered = downloads::answer(hosted, &asked, request.headers(), from).await;
                Ok(answered.unwrap_or_else(|failure| failure.response()))
            }
            None => Ok(respond::not_found(request.uri().path())),
        },
    };
    let mut response = answered.unwrap_or_else(|error| respond::failure(&error));
    if readers == Readers::Some {
        keep_private(&mut response);
    }
    if is_content {
        bundle::announce(&registry, response.headers_mut());
    }
    if head { response.map(|_| Body::empty()) } else { response }
}

/// Packages of names that belong elsewhere are not changed here.
fn refused_by_name(registry: &Registry, name: &PackageName) -> Option<Response> {
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

/// Versions wait where packages are accepted.
async fn stage_answer(registry: &Registry, asked: stage::Asked, request: Request) -> Response {
    let Some(hosted) = &registry.hosted else { return respond::not_found(request.uri().path()) };
    if let stage::Asked::Publish(name) = &asked
        && let Some(refused) = refused_by_name(registry, name)
    {
        return refused;
    }
    stage::answer(hosted, asked, request).await
}

/// Accounts are those of a registry that accepts packages.
async fn account(registry: &Registry, route: AccountRoute, request: Request) -> Response {
    let Some(hosted) = &registry.hosted else { return respond::not_found(request.uri().path()) };
    match registry.public_url.base(request.headers()) {
        Some(base) => accounts::answer(hosted, &base, route, request).await,
        None => respond::error(StatusCode::BAD_REQUEST, "the Host header is not a host"),
    }
}

/// Who may read what was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readers {
    Everybody,
    Some,
}

/// What some may read is not kept by caches that answer others.
fn keep_private(response: &mut Response) {
    let fields = response.headers_mut();
    let shared = fields.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    if let Some(rest) = shared.and_then(|value| value.strip_prefix("public"))
        && let Ok(private) = HeaderValue::try_from(format!("private{rest}"))
    {
        fields.insert(header::CACHE_CONTROL, private);
    }
}

/// Whether who asks may read the package that a route is about, and who else may.
async fn may_read(
    registry: &Registry,
    route: &Route,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Readers, Failure> {
    let Some(hosted) = &registry.hosted else { return Ok(Readers::Everybody) };
    let (Route::Packument(name)
    | Route::Version { name, .. }
    | Route::DistTags(name)
    | Route::Attestations { name, .. }
    | Route::Explain { name, .. }
    | Route::Tarball { name, .. }) = route
    else {
        return Ok(Readers::Everybody);
    };
    let mut caller = match route {
        // pages link to tarballs, and a browser has no other credentials; whoever reads is all that it decides
        Route::Tarball { .. } if !headers.contains_key(header::AUTHORIZATION) => {
            web::reader(registry, hosted, headers, extensions).await?
        }
        _ => Caller::of(hosted, headers, caller::address(extensions)).await?,
    };
    readers(hosted, &mut caller, name).await
}

/// Whether a caller may read a package, and who else may.
async fn readers(hosted: &Hosted, caller: &mut Caller, name: &PackageName) -> Result<Readers, Failure> {
    let standing = caller.may(hosted, Action::Read, name).await?;
    let open = hosted.accounts.access.anonymous_read && standing.visibility == Visibility::Public;
    Ok(if open { Readers::Everybody } else { Readers::Some })
}
