//! The web pages over HTTP: from a page's address to what it shows.
//!
//! Does not own: how pages look (`pages`). Who is signed in is not known to them yet: a visitor sees what everybody sees.

mod described;
mod lists;
mod package;

use axum::body::Body;
use axum::response::Response;
pub(super) use described::Described;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use jiff::Timestamp;

use super::{conditional, respond};
use crate::RegistryError;
use crate::pages::{self, CONTENT_SECURITY_POLICY, Frame, Html, MessagePage, Page};
use crate::server::Registry;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Answers for a page, an asset, or with a page that says why there is none.
pub(super) async fn answer(registry: &Registry, uri: &Uri, headers: &HeaderMap) -> Response {
    let Some(base) = registry.public_url.base(headers) else {
        return respond::error(StatusCode::BAD_REQUEST, "the Host header is not a host");
    };
    let now = registry.hosted.as_ref().and_then(|hosted| Timestamp::from_millisecond(hosted.now()).ok());
    let frame = Frame { base, viewer: None, now: now.unwrap_or_else(Timestamp::now) };
    let answered = match Page::parse(uri.path(), uri.query().unwrap_or_default()) {
        Some(Page::Asset(name)) => return asset(&name, headers),
        Some(Page::Home) => lists::home(registry, &frame).await,
        Some(Page::Search { text, from }) => lists::search(registry, &frame, &text, from).await,
        Some(Page::User(name)) => lists::user(registry, &frame, &name).await,
        Some(Page::Package { name, version, tab, from }) => {
            package::page(registry, &frame, package::Asked { name, version, tab, from }).await
        }
        Some(Page::Tokens | Page::Login | Page::Logout | Page::Admin) | None => Ok(None),
    };
    match answered {
        Ok(Some(html)) => document(StatusCode::OK, html),
        Ok(None) => document(StatusCode::NOT_FOUND, not_found().render(&frame)),
        Err(error) => {
            // as for clients, in words for people
            let status = respond::failure(&error).status();
            document(status, failed(status, &error).render(&frame))
        }
    }
}

/// Whether a browser asks for a package by the address that clients use.
pub(super) fn is_browser(method: &Method, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    *method == Method::GET && accept.split(',').any(|item| item.trim().split(';').next() == Some("text/html"))
}

/// Leads a browser to the page of a package.
pub(super) fn to_package(registry: &Registry, name: &str, headers: &HeaderMap) -> Response {
    let base = registry.public_url.base(headers);
    let root = base
        .as_deref()
        .and_then(|base| base.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let href = Page::package(name).href(root.unwrap_or("/"));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let fields = response.headers_mut();
    fields.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    if let Ok(location) = HeaderValue::try_from(href.as_str()) {
        fields.insert(header::LOCATION, location);
    }
    response
}

fn not_found() -> MessagePage {
    MessagePage {
        title: "Not found".to_owned(),
        text: "There is nothing here, or you may not see it.".to_owned(),
        onward: None,
    }
}

fn failed(status: StatusCode, error: &RegistryError) -> MessagePage {
    let text = match status {
        StatusCode::FORBIDDEN => format!("The rules of this registry do not allow it: {error}."),
        StatusCode::SERVICE_UNAVAILABLE => {
            "The registry that this package comes from does not answer. Try again in a while.".to_owned()
        }
        _ => "The registry could not read what this page shows. Those who run it find the reason in its log."
            .to_owned(),
    };
    let title = status.canonical_reason().unwrap_or("Error").to_owned();
    MessagePage { title, text, onward: None }
}

/// A page as an answer. It is asked for anew each time: what it shows changes.
fn document(status: StatusCode, html: Html) -> Response {
    let mut response = Response::new(Body::from(html.into_string()));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HTML);
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    protect(fields);
    response
}

fn protect(fields: &mut HeaderMap) {
    fields.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}

fn asset(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = pages::asset(name) else {
        return respond::not_found(name);
    };
    let etag = format!("\"{}\"", asset.name);
    let is_known = conditional::not_modified(headers, &etag, None);
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(asset.content) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        fields.insert(header::ETAG, etag);
    }
    protect(fields);
    response
}
