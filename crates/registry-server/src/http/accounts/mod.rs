//! Everything about users, tokens, organisations and permissions, one file for each group of addresses.
//!
//! Source: what npm 11.19.1 (npm-profile, libnpmaccess, libnpmorg, libnpmteam) and npm 6 send and read.

mod access;
mod audit_log;
mod hooks;
pub(super) mod login;
mod members;
mod owners;
mod packages;
pub(super) mod profile;
mod route;
pub(super) mod second_factor;
mod stars;
mod teams;
pub(super) mod token_request;
pub(super) mod tokens;
mod trust;
mod web_login;

use std::net::IpAddr;

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
pub(super) use route::AccountRoute;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::caller::{self, Caller};
use super::failure::Failure;
use super::respond;
use crate::hosted::Hosted;
use crate::identity::AccountName;

/// Bytes of a body: the longest are lists of packages that a token is for.
const MAX_BODY: usize = 256 << 10;

/// A request about accounts, read whole.
struct Call<'a> {
    hosted: &'a Hosted,
    /// Where the client found the registry, with a slash at the end.
    base: &'a str,
    method: Method,
    headers: HeaderMap,
    query: String,
    body: Bytes,
    address: IpAddr,
}

/// Answers a request about accounts. `base` is the registry's address with a slash at the end.
pub(super) async fn answer(hosted: &Hosted, base: &str, route: AccountRoute, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let message = format!("the body was cut off or has more than {MAX_BODY} bytes");
            return respond::error(StatusCode::PAYLOAD_TOO_LARGE, &message);
        }
    };
    let call = Call {
        hosted,
        base,
        method: parts.method,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
        address: caller::address(&parts.extensions),
        headers: parts.headers,
    };
    let answered = match route {
        AccountRoute::User(user) => login::answer(&call, &user).await,
        AccountRoute::OwnToken(token) => tokens::log_out(&call, &token).await,
        AccountRoute::WebLogin => web_login::begin(&call).await,
        AccountRoute::WebLoginDone(session) => web_login::done(&call, &session).await,
        AccountRoute::WhoAmI => profile::who_am_i(&call).await,
        AccountRoute::Profile => profile::answer(&call).await,
        AccountRoute::Tokens => tokens::answer(&call).await,
        AccountRoute::Token(key) => tokens::revoke(&call, &key).await,
        AccountRoute::Members(organisation) => members::answer(&call, &organisation).await,
        AccountRoute::Teams(organisation) => teams::answer(&call, &organisation).await,
        AccountRoute::OrganisationPackages(organisation) => {
            packages::of_organisation(&call, &organisation).await
        }
        AccountRoute::UserPackages(user) => packages::of_user(&call, &user).await,
        AccountRoute::Team(organisation, team) => teams::remove(&call, &organisation, &team).await,
        AccountRoute::TeamMembers(organisation, team) => teams::members(&call, &organisation, &team).await,
        AccountRoute::TeamPackages(organisation, team) => {
            packages::of_team(&call, &organisation, &team).await
        }
        AccountRoute::Access(name) => access::answer(&call, &name).await,
        AccountRoute::Visibility(name) => access::visibility(&call, &name).await,
        AccountRoute::Collaborators(name) => access::collaborators(&call, &name).await,
        AccountRoute::Owners(name) => owners::add(&call, &name).await,
        AccountRoute::Owner(name, user) => owners::remove(&call, &name, &user).await,
        AccountRoute::TrustedPublishers(name) => trust::answer(&call, &name).await,
        AccountRoute::TrustedPublisher(name, id) => trust::remove(&call, &name, &id).await,
        AccountRoute::TokenExchange(name) => trust::exchange(&call, &name).await,
        AccountRoute::Starred => stars::answer(&call).await,
        AccountRoute::OwnStars => stars::own(&call).await,
        AccountRoute::StarsOf(user) => stars::of_user(&call, &user).await,
        AccountRoute::Hooks => hooks::list(&call).await,
        AccountRoute::NewHook => hooks::add(&call).await,
        AccountRoute::Hook(id) => hooks::one(&call, &id).await,
        AccountRoute::AuditLog => audit_log::answer(&call).await,
    };
    let mut response = answered.unwrap_or_else(|failure| failure.response());
    // what an account may do now is nobody's to keep
    let no_store = http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(http::header::CACHE_CONTROL, no_store);
    response
}

impl Call<'_> {
    /// The body as JSON of a shape.
    fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::bad_request(format!("the body cannot be read: {error}")))
    }

    async fn caller(&self) -> Result<Caller, Failure> {
        Caller::of(self.hosted, &self.headers, self.address).await
    }

    /// The first parameter of that name.
    fn parameter(&self, name: &str) -> Option<String> {
        form_fields(self.query.as_bytes()).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// An answer with a document.
fn document(status: StatusCode, value: &Value) -> Response {
    respond::json(status, value.to_string())
}

/// An answer with nothing to say.
fn no_content() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The name of an account in a body or an address.
fn account_name(text: &str) -> Result<AccountName, Failure> {
    AccountName::parse(text).map_err(|refusal| Failure::bad_request(format!("\"{text}\": {refusal}")))
}

/// The fields of `application/x-www-form-urlencoded`, in order. What is no UTF-8 is replaced.
pub(super) fn form_fields(text: &[u8]) -> Vec<(String, String)> {
    let decode = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_encoding::percent_decode(&spaced).decode_utf8_lossy().into_owned()
    };
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or_default()))
        })
        .collect()
}
