//! The web pages over HTTP: from a page's address, and the cookie that came with it, to what it shows.
//!
//! Owns: sessions of browsers, forms and what they do. Does not own: how pages look (`pages`), and what a user may do
//! (`identity::permission`, asked by `Caller`). A cookie says who reads pages and who sends their forms, and is worth
//! nothing for clients' routes: no other site can make a browser change anything there.

mod account;
mod admin;
mod command_line;
mod described;
mod form;
mod lists;
mod package;
mod sign_in;
mod tokens;
mod users;
mod visit;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
pub(super) use described::Described;
use form::Form;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use visit::Visit;

use super::caller::{self, Caller};
use super::failure::Failure;
use super::{conditional, respond};
use crate::RegistryError;
use crate::accounts::LoginError;
use crate::hosted::Hosted;
use crate::identity::permission::Refusal;
use crate::pages::{self, CONTENT_SECURITY_POLICY, Html, MessagePage, Page};
use crate::server::Registry;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// What a visitor gets.
enum Reply {
    Page(StatusCode, Html),
    /// Another page, asked for anew.
    To(Page),
}

impl Reply {
    fn page(html: Html) -> Reply {
        Reply::Page(StatusCode::OK, html)
    }
}

/// Answers for a page, an asset, or with a page that says why there is none.
pub(super) async fn answer(registry: &Registry, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(base) = registry.public_url.base(&parts.headers) else {
        return respond::error(StatusCode::BAD_REQUEST, "the Host header is not a host");
    };
    let page = Page::parse(parts.uri.path(), parts.uri.query().unwrap_or_default());
    if let Some(Page::Asset(name)) = &page {
        return asset(name, &parts.headers);
    }
    if let Some(page) = page.as_ref().filter(|_| parts.uri.path().starts_with("/package/")) {
        return see_other(page.href(registry_root(&base)).as_str());
    }
    let mut visit = Visit::new(registry, base, &parts.extensions);
    let replied = match visit.recognise(&parts.headers).await {
        Err(error) => Err(error.into()),
        Ok(()) if parts.method == Method::POST => post(&mut visit, page.clone(), &parts.headers, body).await,
        Ok(()) => get(&mut visit, page.clone()).await,
    };
    let reply = replied.unwrap_or_else(|failure| visit.failed(&failure, page));
    let mut response = match reply {
        Reply::Page(status, html) => document(status, html),
        Reply::To(page) => see_other(page.href(visit.frame.root()).as_str()),
    };
    visit.finish(response.headers_mut());
    response
}

/// Who reads, by the cookie of a browser if one came with the request.
pub(super) async fn reader(
    registry: &Registry,
    hosted: &Hosted,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Caller, Failure> {
    if let Some(base) = registry.public_url.base(headers).filter(|_| headers.contains_key(header::COOKIE)) {
        let mut visit = Visit::new(registry, base, extensions);
        visit.recognise(headers).await?;
        if let Ok((_, caller)) = visit.signed_in() {
            return Ok(caller);
        }
    }
    Caller::of(hosted, headers, caller::address(extensions)).await
}

async fn get(visit: &mut Visit<'_>, page: Option<Page>) -> Result<Reply, Failure> {
    match page {
        Some(Page::Login { next }) => return sign_in::login(visit, next).await,
        Some(Page::OneTimePassword { next }) => return sign_in::one_time_password(visit, next).await,
        Some(Page::CommandLine(code)) => return command_line::show(visit, code).await,
        _ => {}
    }
    if let Some(hosted) = &visit.registry.hosted {
        // where strangers do not read, they do not learn either what is there
        visit.reader(hosted).await?;
    }
    match page {
        Some(Page::Home) => lists::home(visit).await,
        Some(Page::Search { text, from }) => lists::search(visit, &text, from).await,
        Some(Page::User(name)) => lists::user(visit, &name).await,
        Some(Page::Package { name, version, tab, from }) => {
            package::page(visit, package::Asked { name, version, tab, from }).await
        }
        Some(Page::Account) => account::show(visit).await,
        Some(Page::Tokens { from }) => tokens::show(visit, from).await,
        Some(Page::Admin) => admin::show(visit).await,
        Some(Page::AuditLog { from }) => admin::audit_log(visit, from).await,
        Some(Page::AdminUsers { from }) => users::show(visit, from).await,
        Some(Page::AdminUser(name)) => users::show_one(visit, &name).await,
        // left by its form
        Some(Page::Logout) => Ok(Reply::To(Page::Home)),
        Some(Page::Asset(_) | Page::Login { .. } | Page::OneTimePassword { .. } | Page::CommandLine(_))
        | None => Err(Failure::not_found("the page")),
    }
}

async fn post(
    visit: &mut Visit<'_>,
    page: Option<Page>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Reply, Failure> {
    let form = Form::read(headers, body).await?;
    form.check_own(visit, headers)?;
    match page {
        Some(Page::Login { next }) => sign_in::log_in(visit, &form, next).await,
        Some(Page::OneTimePassword { next }) => sign_in::take_one_time_password(visit, &form, next).await,
        Some(Page::Logout) => sign_in::log_out(visit).await,
        Some(Page::CommandLine(code)) => command_line::let_in(visit, &form, code).await,
        Some(Page::Account) => account::change(visit, &form).await,
        Some(Page::Tokens { .. }) => tokens::change(visit, &form).await,
        Some(Page::AdminUsers { .. }) => users::add(visit, &form).await,
        Some(Page::AdminUser(name)) => users::change_one(visit, &form, &name).await,
        _ => Err(Failure::told(StatusCode::METHOD_NOT_ALLOWED, "no form leads here")),
    }
}

impl Visit<'_> {
    /// Why a form is shown again: the status of the page, and a sentence. What the form can do nothing about is a
    /// failure still.
    fn explained(&mut self, failure: Failure) -> Result<(StatusCode, String), Failure> {
        match failure {
            Failure::Login(LoginError::Registry(error)) => Err(Failure::Registry(error)),
            Failure::Login(LoginError::TooMany { wait }) => {
                self.retry_after = Some(wait);
                let error = LoginError::TooMany { wait };
                Ok((StatusCode::TOO_MANY_REQUESTS, sentence(&error.to_string())))
            }
            Failure::Login(error) => Ok((StatusCode::FORBIDDEN, sentence(&error.to_string()))),
            Failure::Refused(refusal @ Refusal::OneTimePasswordNeeded) => {
                Ok((StatusCode::FORBIDDEN, sentence(&refusal.to_string())))
            }
            Failure::Told { status, message } => Ok((status, sentence(&message))),
            failure => Err(failure),
        }
    }

    /// What is shown in place of a page.
    fn failed(&mut self, failure: &Failure, page: Option<Page>) -> Reply {
        let next = match page {
            Some(Page::Login { next } | Page::OneTimePassword { next }) => next,
            page => page.map(Box::new),
        };
        let (status, text) = match failure {
            Failure::Refused(Refusal::LoginNeeded) => return Reply::To(Page::Login { next }),
            Failure::Refused(Refusal::Hidden { .. })
            | Failure::Told { status: StatusCode::NOT_FOUND, .. } => {
                (StatusCode::NOT_FOUND, "There is nothing here, or you may not see it.".to_owned())
            }
            Failure::Refused(refusal) => (StatusCode::FORBIDDEN, sentence(&refusal.to_string())),
            Failure::Told { status, message } => (*status, sentence(message)),
            Failure::Login(error) => (StatusCode::FORBIDDEN, sentence(&error.to_string())),
            Failure::Registry(error) => {
                // as for clients, in words for people
                let status = respond::failure(error).status();
                (status, unanswered(status, error))
            }
        };
        let title = status.canonical_reason().unwrap_or("Error");
        let title = if status == StatusCode::NOT_FOUND { "Not found" } else { title };
        let is_for_others = matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
        let has_accounts = self.registry.hosted.is_some();
        let onward = (is_for_others && has_accounts && self.user().is_none())
            .then(|| ("Sign in".to_owned(), Page::Login { next }.href(self.frame.root())));
        let page = MessagePage { title: title.to_owned(), text, onward };
        Reply::Page(status, page.render(&self.frame))
    }
}

/// A clause with a capital and a stop.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str().trim_end_matches('.')),
        None => String::new(),
    }
}

/// Whether a browser asks for a package by the address that clients use.
pub(super) fn is_browser(method: &Method, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    *method == Method::GET && accept.split(',').any(|item| item.trim().split(';').next() == Some("text/html"))
}

/// Leads a browser to the page of a package.
pub(super) fn to_package(registry: &Registry, name: &str, headers: &HeaderMap) -> Response {
    let base = registry.public_url.base(headers).unwrap_or_default();
    let mut response = see_other(Page::package(name).href(registry_root(&base)).as_str());
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    response
}

/// The path of a registry's address.
fn registry_root(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

fn see_other(address: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::try_from(address) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    protect(response.headers_mut());
    response
}

fn unanswered(status: StatusCode, error: &RegistryError) -> String {
    match status {
        StatusCode::FORBIDDEN => format!("The rules of this registry do not allow it: {error}."),
        StatusCode::SERVICE_UNAVAILABLE => {
            "Something that this page is made from does not answer. Try again in a while.".to_owned()
        }
        _ => "The registry could not read what this page shows. Those who run it find the reason in its log."
            .to_owned(),
    }
}

/// A page as an answer.
fn document(status: StatusCode, html: Html) -> Response {
    let mut response = Response::new(Body::from(html.into_string()));
    *response.status_mut() = status;
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HTML);
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
