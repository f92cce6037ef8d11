//! What can go wrong between us and a registry, with npm's codes.
//!
//! A message names method, redacted URL and package, never a secret. What to do about it is [`RegistryError::hint`].

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use url::Url;

use crate::redact::redact_url;
use crate::second_factor::WebSession;

/// What was asked for, fit to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestInfo {
    /// The method.
    pub method: Method,
    /// The URL, redacted.
    pub url: Arc<str>,
    /// The package it is about, as `name` or `name@version`.
    pub package: Option<Arc<str>>,
}

impl RequestInfo {
    pub(crate) fn new(method: Method, url: &Url, package: Option<Arc<str>>) -> Self {
        RequestInfo { method, url: redact_url(url).into(), package }
    }
}

impl fmt::Display for RequestInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.url)?;
        self.package.as_ref().map_or(Ok(()), |package| write!(formatter, " (package {package})"))
    }
}

impl fmt::Debug for RequestInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// An answer of status 400 or above.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What the registry said: `error` or `message` of its JSON answer.
    pub message: Option<String>,
    /// The whole answer, decompressed, at most 64 KiB.
    pub body: bytes::Bytes,
    /// The `www-authenticate` header.
    pub challenge: Option<String>,
    /// The `retry-after` header.
    pub retry_after: Option<Duration>,
    /// The registry of the package's scope, where we have credentials for it that this URL may not carry.
    pub credentials_elsewhere: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.status)?;
        let reason =
            http::StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        if let Some(reason) = reason {
            write!(formatter, " {reason}")?;
        }
        self.message.as_ref().map_or(Ok(()), |message| write!(formatter, ": {message}"))
    }
}

/// Where a request ran out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutPhase {
    /// While connecting.
    Connect,
    /// While waiting for an answer or for more of its body.
    Answer,
}

/// Why a request has no result. Cheap to clone: one failure may have several waiters.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Status 404.
    #[error("{request} was not found: {refusal}")]
    NotFound { request: RequestInfo, refusal: Arc<Refusal> },
    /// Status 401.
    #[error("{request} needs valid credentials: {refusal}")]
    Unauthorized { request: RequestInfo, refusal: Arc<Refusal> },
    /// Status 401 that asks for a one-time password.
    #[error("{request} needs a one-time password")]
    OneTimePassword { request: RequestInfo, refusal: Arc<Refusal> },
    /// Status 401 because of the address we come from.
    #[error("{request} is not allowed from this IP address")]
    AddressNotAllowed { request: RequestInfo, refusal: Arc<Refusal> },
    /// Status 403.
    #[error("{request} is forbidden: {refusal}")]
    Forbidden { request: RequestInfo, refusal: Arc<Refusal> },
    /// Status 429.
    #[error("{request} was refused because of too many requests: {refusal}")]
    TooManyRequests { request: RequestInfo, refusal: Arc<Refusal> },
    /// Any other status of 400 or above.
    #[error("{request} failed: {refusal}")]
    Status { request: RequestInfo, refusal: Arc<Refusal> },

    /// The host has no address.
    #[error("{request} failed: no address found for host {host}")]
    HostNotFound { request: RequestInfo, host: String, temporary: bool, source: Arc<io::Error> },
    /// Nobody listens at the host's addresses, or they cannot be reached.
    #[error("{request} failed: cannot connect to {peer}")]
    Connect { request: RequestInfo, peer: String, source: Arc<io::Error> },
    /// The connection broke.
    #[error("{request} failed: the connection to {peer} was lost")]
    ConnectionLost {
        request: RequestInfo,
        peer: String,
        source: Arc<dyn std::error::Error + Send + Sync + 'static>,
    },
    /// The body ended early.
    #[error("{request} was cut off after {received} of {expected} bytes")]
    Truncated { request: RequestInfo, received: u64, expected: u64 },
    /// Connecting, or the silence of the server, took too long.
    #[error("{request} got no answer within {} seconds", after.as_secs_f32())]
    Timeout { request: RequestInfo, phase: TimeoutPhase, after: Duration },
    /// No trusted TLS connection.
    #[error("{request} failed: no secure connection to {peer}: {reason}")]
    Tls { request: RequestInfo, peer: String, reason: String, untrusted: bool },
    /// The proxy does not do what it is asked.
    #[error("{request} failed: proxy {proxy} {problem}")]
    Proxy { request: RequestInfo, proxy: String, problem: String },

    /// Not cached, and the policy forbids to ask.
    #[error("{request} is not in the cache, and the network may not be used")]
    NotCached { request: RequestInfo },
    /// Larger than allowed.
    #[error("{request} is larger than the limit of {limit} bytes")]
    TooLarge { request: RequestInfo, limit: u64 },
    /// A redirect that cannot be followed.
    #[error("{request} was redirected wrongly: {problem}")]
    Redirect { request: RequestInfo, problem: String },
    /// An answer that is not what it claims to be.
    #[error("{request} has an unusable answer: {problem}")]
    InvalidAnswer { request: RequestInfo, problem: String },
    /// The receiver of a body wants no more of it.
    #[error("{request} was stopped by its receiver")]
    Stopped { request: RequestInfo },

    /// A package name that cannot be asked for.
    #[error("{name:?} is no package name")]
    InvalidName { name: String },
    /// A URL that cannot be asked for.
    #[error("{url:?} is no URL of a registry: {problem}")]
    InvalidUrl { url: String, problem: String },
    /// No registry is configured.
    #[error("no registry is configured{}", for_what.as_ref().map(|name| format!(" for {name}")).unwrap_or_default())]
    NoRegistry { for_what: Option<String> },
    /// Settings that cannot be used.
    #[error("the setting {setting} cannot be used: {problem}")]
    InvalidSetting { setting: &'static str, problem: String },
}

impl RegistryError {
    /// Names an answer of status 400 or above. Source: npm-registry-fetch `check-response`, npm 11.19.1, which
    /// finds out what a 401 is about from its challenge, else from its text.
    pub(crate) fn from_refusal(request: RequestInfo, refusal: Refusal) -> Self {
        let challenges = |scheme: &str| {
            let challenge = refusal.challenge.as_deref().unwrap_or_default();
            challenge.split(',').any(|part| part.trim().eq_ignore_ascii_case(scheme))
        };
        let wants_code = || {
            challenges("otp")
                || refusal.challenge.is_none()
                    && memchr::memmem::find(&refusal.body, b"one-time pass").is_some()
        };
        let asks_address = refusal.status == 401 && challenges("ipaddress");
        let asks_code = refusal.status == 401 && wants_code();
        let refusal = Arc::new(refusal);
        match refusal.status {
            401 if asks_address => Self::AddressNotAllowed { request, refusal },
            401 if asks_code => Self::OneTimePassword { request, refusal },
            401 => Self::Unauthorized { request, refusal },
            403 => Self::Forbidden { request, refusal },
            404 => Self::NotFound { request, refusal },
            429 => Self::TooManyRequests { request, refusal },
            _ => Self::Status { request, refusal },
        }
    }

    /// npm's and Node's code, such as `E404` or `ECONNREFUSED`.
    pub fn code(&self) -> String {
        let code = match self {
            Self::NotFound { refusal, .. }
            | Self::Unauthorized { refusal, .. }
            | Self::Forbidden { refusal, .. }
            | Self::TooManyRequests { refusal, .. }
            | Self::Status { refusal, .. } => return format!("E{}", refusal.status),
            Self::OneTimePassword { .. } => "EOTP",
            Self::AddressNotAllowed { .. } => "EAUTHIP",
            Self::HostNotFound { temporary: true, .. } => "EAI_AGAIN",
            Self::HostNotFound { .. } => "ENOTFOUND",
            Self::Connect { source, .. } => connect_code(source.kind()),
            Self::ConnectionLost { .. } | Self::Truncated { .. } => "ECONNRESET",
            Self::Timeout { phase: TimeoutPhase::Connect, .. } => "ETIMEDOUT",
            Self::Timeout { phase: TimeoutPhase::Answer, .. } => "ERR_SOCKET_TIMEOUT",
            Self::Tls { untrusted: true, .. } => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            Self::Tls { .. } => "EPROTO",
            Self::Proxy { .. } => "EINVALIDPROXY",
            Self::NotCached { .. } => "ENOTCACHED",
            Self::TooLarge { .. } => "ETOOLARGE",
            Self::Redirect { .. } => "EINVALIDREDIRECT",
            Self::InvalidAnswer { .. } => "EINVALIDRESPONSE",
            Self::Stopped { .. } => "ABORT_ERR",
            Self::InvalidName { .. } => "EINVALIDPACKAGENAME",
            Self::InvalidUrl { .. } => "ERR_INVALID_URL",
            Self::NoRegistry { .. } => "ENOREGISTRY",
            Self::InvalidSetting { .. } => "EINVALIDCONFIG",
        };
        code.to_owned()
    }

    /// The HTTP answer, where there was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::NotFound { refusal, .. }
            | Self::Unauthorized { refusal, .. }
            | Self::OneTimePassword { refusal, .. }
            | Self::AddressNotAllowed { refusal, .. }
            | Self::Forbidden { refusal, .. }
            | Self::TooManyRequests { refusal, .. }
            | Self::Status { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<String> {
        if let Some(registry) = self.refusal().and_then(|refusal| refusal.credentials_elsewhere.as_ref()) {
            return Some(format!(
                "there are credentials for {registry}, the registry of this scope, but the address above is \
                 not below it, so they were not sent; set credentials for its host with \
                 `npm config set //<host>/:_authToken <token>`"
            ));
        }
        if let Self::OneTimePassword { refusal, .. } = self
            && let Some(session) = WebSession::of_refusal(refusal)
        {
            return Some(format!(
                "open {} in a browser; when you are done there, {} answers a token: pass it with \
                 `--otp=<token>`",
                session.page, session.done
            ));
        }
        let hint = match self {
            Self::NotFound { request, .. } => {
                let what = request.package.as_deref().unwrap_or("it");
                return Some(format!(
                    "{what} does not exist, or you may not see it; check the name and the registry \
                     (`knit config get registry`), or log in with `npm login`; tarballs, folders and git \
                     addresses can be installed too"
                ));
            }
            Self::Unauthorized { .. } => "log in again with `npm login`, or check the `_authToken` in .npmrc",
            Self::OneTimePassword { .. } => "pass the code of your authenticator with `--otp=<code>`",
            Self::Forbidden { .. } => {
                "a policy of the registry forbids this version, or your account may not do this; see who you \
                 are with `npm whoami`"
            }
            Self::TooManyRequests { .. } => "wait a while, or lower `maxsockets`",
            Self::Status { refusal, .. } if refusal.status >= 500 => {
                "the registry has a problem; try again later, or use what is cached with `--prefer-offline`"
            }
            Self::HostNotFound { .. } | Self::Connect { .. } | Self::ConnectionLost { .. } => NETWORK_HINT,
            Self::Timeout { .. } => {
                "the network or the registry is slow; raise `fetch-timeout`, or check `proxy` and `https-proxy`"
            }
            Self::Tls { untrusted: true, .. } => {
                "behind a company proxy, name its certificate with `cafile=<file>` in .npmrc or with \
                 NODE_EXTRA_CA_CERTS; where no certificate is trusted at all, install the system's \
                 ca-certificates"
            }
            Self::Proxy { .. } => "check `proxy`, `https-proxy` and `noproxy` in .npmrc and the environment",
            Self::NotCached { .. } => "run again without `--offline`",
            Self::NoRegistry { .. } => "set it with `registry=<address>` in .npmrc",
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Whether trying again can help. Source: make-fetch-happen, npm 11.19.1, which retries 408, 420, 429, 5xx
    /// and network errors; a host without an address is not worth a minute of waiting and is not retried.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TooManyRequests { .. }
            | Self::ConnectionLost { .. }
            | Self::Truncated { .. }
            | Self::Timeout { .. }
            | Self::Connect { .. }
            | Self::HostNotFound { temporary: true, .. } => true,
            Self::Status { refusal, .. } => {
                refusal.status >= 500 || matches!(refusal.status, 408 | 420 | 429)
            }
            _ => false,
        }
    }

    /// Whether the registry could not be reached or could not answer, so that older metadata is better than
    /// none.
    pub(crate) fn is_outage(&self) -> bool {
        self.is_retryable() || matches!(self, Self::HostNotFound { .. })
    }
}

const NETWORK_HINT: &str = "check the network; behind a proxy, set `proxy` or `https-proxy` in .npmrc";

fn connect_code(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => "ECONNRESET",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        io::ErrorKind::HostUnreachable => "EHOSTUNREACH",
        io::ErrorKind::NetworkUnreachable => "ENETUNREACH",
        io::ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
        _ => "ECONNFAILED",
    }
}
