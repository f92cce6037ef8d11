//! The second factor: where a registry wants more than a token, the person whose account it is gives a code or
//! visits a page, and the request is made again with what came of it.
//!
//! Owns the flow, for every request of the client. Does not own the terminal: the person is an [`AccountHolder`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::answer::decoded;
use crate::credentials::Secret;
use crate::error::{Refusal, RegistryError, RequestInfo};
use crate::exchange::{Exchange, Outgoing};
use crate::gate::Priority;
use crate::options::ClientOptions;
use crate::request::{self, ApiRequest, ApiResponse};

/// Codes tried for one request: a mistyped one is worth another question.
const MAX_CODES: usize = 3;
/// Between two questions whether the user is done, where the registry names no time.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(60);
const MAX_ANSWER: u64 = 1 << 20;

/// The person whose account it is.
pub trait AccountHolder: Send + Sync {
    /// The code that the person's authenticator shows. May block. `None` where there is nobody to ask.
    fn one_time_password(&self, request: &RequestInfo) -> Option<Secret>;

    /// Shows a page to the person and returns at once; the registry tells when the person is done, and then
    /// what is returned is dropped. `None` where there is nobody to show it to.
    fn visit(&self, page: &Url, purpose: VisitPurpose) -> Option<Visit>;
}

/// A page being shown; dropped when that is over.
pub type Visit = Box<dyn Send + Sync>;

/// Why a page is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitPurpose {
    /// To log in.
    Login,
    /// To make an account.
    CreateAccount,
    /// To confirm a request.
    SecondFactor,
}

/// A page of a registry, and the address that tells when the person is done there: it answers 202 until then,
/// and 200 with `{"token"}` after. Both are hidden from `Debug`: who knows the address gets the token.
#[derive(Clone)]
pub struct WebSession {
    pub page: Url,
    pub done: Url,
}

impl WebSession {
    /// `None` unless both are addresses of the web.
    pub fn new(page: &str, done: &str) -> Option<Self> {
        let web = |text: &str| Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        Some(WebSession { page: web(page)?, done: web(done)? })
    }

    /// The session that a refusal names: `{"authUrl", "doneUrl"}` in its body.
    pub(crate) fn of_refusal(refusal: &Refusal) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            auth_url: String,
            done_url: String,
        }
        let body: Body = serde_json::from_slice(&refusal.body).ok()?;
        Self::new(&body.auth_url, &body.done_url)
    }
}

impl fmt::Debug for WebSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebSession(***)")
    }
}

/// Codes that served, by the origin of the registry that took them: what is done in several requests is asked
/// for once.
#[derive(Default)]
pub(crate) struct KnownCodes(Mutex<Option<(url::Origin, Secret)>>);

/// Makes a call, and again with the person's code where the registry wants one.
pub(crate) async fn call(
    exchange: &Exchange,
    known: &KnownCodes,
    request: &ApiRequest,
) -> Result<ApiResponse, RegistryError> {
    let origin = request::url_of(exchange, request)?.origin();
    let mut request = request.clone();
    if request.otp.is_none() {
        let known = known.0.lock().await;
        request.otp = known.as_ref().filter(|(of, _)| *of == origin).map(|(_, code)| code.clone());
    }
    let mut codes = 0;
    loop {
        let refused = match request::call(exchange, &request).await {
            Err(RegistryError::OneTimePassword { request, refusal }) => (request, refusal),
            outcome => return outcome,
        };
        // held while the person is asked: a second request waits for the answer instead of asking too
        let mut known = known.0.lock().await;
        let newer = known.as_ref().filter(|(of, code)| *of == origin && Some(code) != request.otp.as_ref());
        if let Some((_, code)) = newer {
            request.otp = Some(code.clone());
            continue;
        }
        *known = None;
        codes += 1;
        let code = if codes > MAX_CODES { None } else { ask(exchange, &request, &refused).await? };
        let Some(code) = code else {
            let (request, refusal) = refused;
            return Err(RegistryError::OneTimePassword { request, refusal });
        };
        *known = Some((origin.clone(), code.clone()));
        request.otp = Some(code);
    }
}

async fn ask(
    exchange: &Exchange,
    request: &ApiRequest,
    (info, refusal): &(RequestInfo, Arc<Refusal>),
) -> Result<Option<Secret>, RegistryError> {
    let Some(holder) = exchange.options.account_holder.clone() else { return Ok(None) };
    if let Some(session) = WebSession::of_refusal(refusal) {
        let Some(_visit) = holder.visit(&session.page, VisitPurpose::SecondFactor) else { return Ok(None) };
        let registry = request::registry_of(&exchange.options, request);
        return outcome(exchange, &session, registry).await.map(Some);
    }
    let info = info.clone();
    // a question that cannot be asked is nobody's answer
    Ok(tokio::task::spawn_blocking(move || holder.one_time_password(&info)).await.unwrap_or_default())
}

/// Asks the address of a session until the person is done, and answers the token. Source: npm-profile,
/// npm 11.19.1, which asks as often as it can where no `retry-after` is named.
///
/// # Errors
/// `InvalidAnswer` for an answer that is neither; what the registry refuses, such as a session that is over.
pub(crate) async fn outcome(
    exchange: &Exchange,
    session: &WebSession,
    registry: Option<&Url>,
) -> Result<Secret, RegistryError> {
    #[derive(Deserialize)]
    struct Done {
        token: String,
    }
    let done = through_mirror(&exchange.options, &session.done, registry);
    let outgoing = Outgoing { registry: registry.cloned(), ..Outgoing::get(done, Priority::Metadata) };
    loop {
        let fetched = exchange.fetch(&outgoing, MAX_ANSWER).await?;
        let unusable = |problem: String| RegistryError::InvalidAnswer { request: outgoing.info(), problem };
        match fetched.status {
            StatusCode::OK => {
                let body = decoded(&fetched.headers, fetched.body, MAX_ANSWER).map_err(unusable)?;
                let done: Done = serde_json::from_slice(&body)
                    .map_err(|_| unusable("it has no token, though the user is done".into()))?;
                return Ok(Secret::new(done.token));
            }
            StatusCode::ACCEPTED => {
                let named = fetched.headers.get(http::header::RETRY_AFTER);
                let seconds = named.and_then(|value| value.to_str().ok()?.trim().parse().ok());
                let wait = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
                tokio::time::sleep(wait.unwrap_or(DEFAULT_WAIT).min(MAX_WAIT)).await;
            }
            status => return Err(unusable(format!("status {status} says neither yes nor wait"))),
        }
    }
}

/// A mirror hands through the public registry's own addresses: they are asked for at the mirror, which has the
/// session. Source: npm-profile, npm 11.19.1.
fn through_mirror(options: &ClientOptions, done: &Url, registry: Option<&Url>) -> Url {
    let (Some(public), Some(registry)) = (&options.public_registry, registry) else { return done.clone() };
    if done.host_str() != public.host_str() || registry.host_str() == public.host_str() {
        return done.clone();
    }
    let mut url = registry.clone();
    let prefix = registry.path().trim_end_matches('/');
    let below = done.path().strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let path = if below { done.path().to_owned() } else { format!("{prefix}{}", done.path()) };
    url.set_path(&path);
    url.set_query(done.query());
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrors_session_is_asked_for_at_the_mirror() {
        let url = |text: &str| Url::parse(text).unwrap();
        let options =
            ClientOptions { public_registry: Some(url("https://public.example/")), ..Default::default() };
        // done, registry, asked
        let rows = [
            ("https://public.example/-/d?x=1", "https://mirror.example/", "https://mirror.example/-/d?x=1"),
            ("https://public.example/-/d", "https://mirror.example/npm/", "https://mirror.example/npm/-/d"),
            ("https://public.example/npm/d", "https://mirror.example/npm/", "https://mirror.example/npm/d"),
            ("https://public.example/npmd", "https://mirror.example/npm/", "https://mirror.example/npm/npmd"),
            ("https://public.example/-/d", "https://public.example/", "https://public.example/-/d"),
            ("https://login.example/-/d", "https://mirror.example/", "https://login.example/-/d"),
        ];
        for (done, registry, asked) in rows {
            let found = through_mirror(&options, &url(done), Some(&url(registry)));
            assert_eq!(found.as_str(), asked, "{done} {registry}");
        }
    }

    #[test]
    fn addresses_that_are_not_of_the_web_make_no_session() {
        for (page, done) in
            [("javascript:1", "https://r.example/"), ("https://r.example/", "file:///x"), ("", "")]
        {
            assert!(WebSession::new(page, done).is_none(), "{page} {done}");
        }
        let session = WebSession::new("https://r.example/a", "https://r.example/s3cret").unwrap();
        assert!(!format!("{session:?}").contains("s3cret"));
    }
}
