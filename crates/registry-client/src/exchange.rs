//! One request and its answer, redirects followed, failures named: what every call of the client is made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::answer::{Answer, AnswerBody, Context, Fetched, Finish, Watch, read_refusal};
use crate::credentials::{ClientIdentity, Credential, Secret, host_and_port};
use crate::error::{Refusal, RegistryError, RequestInfo, TimeoutPhase};
use crate::features::Features;
use crate::gate::{Gate, Priority};
use crate::options::{CachePolicy, ClientOptions};
use crate::progress::{RequestId, Stage};
use crate::redact::redact_url;
use crate::retry::Attempts;
use crate::transport::{Dialer, Lease, OriginKey, Pool, ProxyRules, SendFailure, Tls};

/// Source: minipass-fetch `follow`, npm 11.19.1.
const MAX_REDIRECTS: usize = 20;
/// What npm's timeout of zero means.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A request as its caller wants it.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Everything but `host`, `user-agent`, the command's headers and the credentials.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) priority: Priority,
    /// `name` or `name@version`.
    pub(crate) package: Option<Arc<str>>,
    /// The registry of the package, whose credentials may serve the URL.
    pub(crate) registry: Option<Url>,
    pub(crate) follows_redirects: bool,
    /// Whether the registry says with its answer what it offers.
    pub(crate) tells_features: bool,
}

impl Outgoing {
    pub(crate) fn get(url: Url, priority: Priority) -> Self {
        Outgoing {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            priority,
            package: None,
            registry: None,
            follows_redirects: true,
            tells_features: false,
        }
    }

    pub(crate) fn info(&self) -> RequestInfo {
        RequestInfo::new(self.method.clone(), &self.url, self.package.clone())
    }

    /// Source: make-fetch-happen, npm 11.19.1: what could be in a cache is not asked for offline; what could
    /// not, such as a publication, is.
    fn is_cacheable(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// Source: make-fetch-happen, npm 11.19.1: everything but POST is tried again.
    fn is_repeatable(&self) -> bool {
        self.method != Method::POST
    }
}

/// Sends requests.
pub(crate) struct Exchange {
    pub(crate) options: Arc<ClientOptions>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) features: Features,
    pool: Pool,
    proxies: ProxyRules,
    requests: AtomicU64,
}

/// One hop of a request.
struct Hop {
    method: Method,
    url: Url,
    body: Bytes,
    authorization: Option<Secret>,
    identity: Option<Arc<ClientIdentity>>,
}

impl Exchange {
    pub(crate) fn new(mut options: ClientOptions) -> Result<Self, RegistryError> {
        for patience in [&mut options.fetch_timeout, &mut options.connect_timeout] {
            if patience.is_zero() {
                *patience = FOREVER;
            }
        }
        let dialer = Dialer::new(Tls::new(options.tls.clone()), options.connect_timeout);
        Ok(Exchange {
            pool: Pool::new(dialer, options.fetch_timeout),
            proxies: ProxyRules::new(&options.proxy)?,
            gate: Gate::new(options.max_sockets),
            features: Features::new(options.cache_directory.clone()),
            requests: AtomicU64::new(0),
            options: Arc::new(options),
        })
    }

    /// Names a request towards the progress hook; what is returned second ends its story when dropped.
    pub(crate) fn watch(&self) -> (Watch, Finish) {
        let id = RequestId(self.requests.fetch_add(1, Ordering::Relaxed));
        let watch = Watch::new(id, self.options.progress.clone());
        (watch.clone(), Finish(watch))
    }

    /// Waits before the next try, or answers the error when there is none.
    pub(crate) async fn pause(
        &self,
        outgoing: &Outgoing,
        watch: &Watch,
        attempts: &mut Attempts<'_>,
        error: RegistryError,
    ) -> Result<(), RegistryError> {
        let delay =
            attempts.after(&error).filter(|_| outgoing.is_repeatable()).ok_or_else(|| error.clone())?;
        watch.retrying(&error, attempts.failed(), delay);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Ok(())
    }

    /// The whole answer to a request, tried again as configured.
    pub(crate) async fn fetch(&self, outgoing: &Outgoing, limit: u64) -> Result<Fetched, RegistryError> {
        let mut attempts = Attempts::new(&self.options.retry);
        let (watch, _finish) = self.watch();
        loop {
            let outcome = match self.once(outgoing, &watch).await {
                Ok(Answer { status, headers, body }) => {
                    body.collect(limit).await.map(|body| Fetched { status, headers, body })
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(fetched) => return Ok(fetched),
                Err(error) => self.pause(outgoing, &watch, &mut attempts, error).await?,
            }
        }
    }

    /// One try: waits for its turn, follows redirects, and makes an error of every status from 400.
    pub(crate) async fn once(&self, outgoing: &Outgoing, watch: &Watch) -> Result<Answer, RegistryError> {
        let info = outgoing.info();
        if self.options.cache_policy == CachePolicy::Offline && outgoing.is_cacheable() {
            return Err(RegistryError::NotCached { request: info });
        }
        watch.stage(&info, Stage::Queued);
        let permit = self.gate.enter(outgoing.priority).await;
        watch.stage(&info, Stage::Waiting);

        let mut hop = self.first_hop(outgoing);
        for redirects in 0..=MAX_REDIRECTS {
            let (response, lease) = self.send(outgoing, &hop, &info).await?;
            let (head, incoming) = response.into_parts();
            let request = RequestInfo { method: hop.method.clone(), ..info.clone() };
            let silence = self.options.fetch_timeout;
            let context = Context { request, silence, watch: watch.clone() };
            let body = AnswerBody::new(&head, incoming, lease, context);
            if head.status.as_u16() >= 400 {
                return Err(self.refused(outgoing, &hop, info, &head, body).await);
            }
            if is_redirect(head.status) && outgoing.follows_redirects {
                hop = next_hop(hop, &head, &info)?;
                body.skip().await;
                continue;
            }
            self.notice(&head.headers);
            if let Some(registry) = outgoing.registry.as_ref().filter(|_| outgoing.tells_features)
                && redirects == 0
                && hop.url.as_str().starts_with(registry.as_str())
            {
                self.features.hear(registry, &head.headers);
            }
            return Ok(Answer { status: head.status, headers: head.headers, body: body.holding(permit) });
        }
        Err(RegistryError::Redirect { request: info, problem: format!("more than {MAX_REDIRECTS} times") })
    }

    fn first_hop(&self, outgoing: &Outgoing) -> Hop {
        let credential = self.options.credentials.for_request(&outgoing.url, outgoing.registry.as_ref());
        let authorization = credential.as_ref().and_then(|found| found.authorization().cloned());
        let mut url = outgoing.url.clone();
        let in_url = take_user_info(&mut url);
        Hop {
            method: outgoing.method.clone(),
            url,
            body: outgoing.body.clone(),
            authorization: authorization.or(in_url),
            identity: credential.and_then(|found| found.identity().cloned()),
        }
    }

    async fn send(
        &self,
        outgoing: &Outgoing,
        hop: &Hop,
        info: &RequestInfo,
    ) -> Result<(Response<Incoming>, Lease), RegistryError> {
        let key = origin_key(&hop.url, &self.proxies, hop.identity.clone())?;
        let headers = self.headers(outgoing, hop, &key)?;
        let target = Target::new(&hop.url, &key)?;
        let build = |http2: bool| {
            let mut request = Request::new(Full::new(hop.body.clone()));
            *request.method_mut() = hop.method.clone();
            *request.uri_mut() = target.uri(http2);
            *request.headers_mut() = headers.clone();
            if http2 {
                request.headers_mut().remove(header::HOST);
            }
            request
        };
        self.pool.send(&key, outgoing.is_repeatable(), &build).await.map_err(|failure| match failure {
            SendFailure::Dial(failure) => failure.into_error(info.clone()),
            SendFailure::Lost { peer, source } => {
                RegistryError::ConnectionLost { request: info.clone(), peer, source: Arc::new(source) }
            }
            SendFailure::Silent => RegistryError::Timeout {
                request: info.clone(),
                phase: TimeoutPhase::Answer,
                after: self.options.fetch_timeout,
            },
        })
    }

    fn headers(&self, outgoing: &Outgoing, hop: &Hop, key: &OriginKey) -> Result<HeaderMap, RegistryError> {
        let mut headers = HeaderMap::with_capacity(outgoing.headers.len() + 8);
        let command = &self.options.command;
        let host = host_and_port(&hop.url);
        let proxy = key.proxy.as_ref().filter(|_| !key.https);
        let own = [
            (header::HOST, Some(host.as_str()), "registry"),
            (header::USER_AGENT, Some(self.options.user_agent.as_str()), "user-agent"),
            (HeaderName::from_static("npm-command"), command.command.as_deref(), "npm-command"),
            (HeaderName::from_static("npm-session"), command.session.as_deref(), "npm-session"),
            (HeaderName::from_static("npm-scope"), command.scope.as_deref(), "scope"),
            (HeaderName::from_static("npm-auth-type"), command.auth_type.as_deref(), "auth-type"),
            (header::AUTHORIZATION, hop.authorization.as_ref().map(Secret::reveal), "_authToken"),
            (header::PROXY_AUTHORIZATION, proxy.and_then(|proxy| proxy.authorization.as_deref()), "proxy"),
        ];
        for (name, value, setting) in own {
            let Some(value) = value else { continue };
            let mut value = HeaderValue::from_str(value).map_err(|_| RegistryError::InvalidSetting {
                setting,
                problem: "it holds characters that a header cannot".into(),
            })?;
            value.set_sensitive(name == header::AUTHORIZATION || name == header::PROXY_AUTHORIZATION);
            headers.insert(name, value);
        }
        for (name, value) in &outgoing.headers {
            headers.insert(name, value.clone());
        }
        Ok(headers)
    }

    async fn refused(
        &self,
        outgoing: &Outgoing,
        hop: &Hop,
        request: RequestInfo,
        head: &http::response::Parts,
        body: AnswerBody,
    ) -> RegistryError {
        let elsewhere = outgoing.registry.as_ref().filter(|registry| {
            hop.authorization.is_none()
                && Some(*registry) != self.options.registry.as_ref()
                && self.options.credentials.nearest(registry).is_some()
        });
        let refusal = read_refusal(head, body, &self.options.clock).await;
        let refusal = Refusal { credentials_elsewhere: elsewhere.map(redact_url), ..refusal };
        RegistryError::from_refusal(request, refusal)
    }

    fn notice(&self, headers: &HeaderMap) {
        let notice = headers.get("npm-notice").and_then(|notice| notice.to_str().ok());
        if let (Some(progress), Some(notice)) = (&self.options.progress, notice) {
            progress.notice(notice);
        }
    }
}

/// How a request names what it wants: its path, or its whole URL where HTTP/2 or a proxy need that.
struct Target {
    path: Uri,
    whole: Uri,
    absolute: bool,
}

impl Target {
    fn new(url: &Url, key: &OriginKey) -> Result<Self, RegistryError> {
        let invalid = |error: http::uri::InvalidUri| invalid_url(url, &error.to_string());
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let whole = format!("{}://{}{path}", url.scheme(), host_and_port(url));
        Ok(Target {
            path: Uri::try_from(path).map_err(invalid)?,
            whole: Uri::try_from(whole).map_err(invalid)?,
            absolute: key.proxy.is_some() && !key.https,
        })
    }

    fn uri(&self, http2: bool) -> Uri {
        if http2 || self.absolute { self.whole.clone() } else { self.path.clone() }
    }
}

fn invalid_url(url: &Url, problem: &str) -> RegistryError {
    RegistryError::InvalidUrl { url: redact_url(url), problem: problem.to_owned() }
}

fn origin_key(
    url: &Url,
    proxies: &ProxyRules,
    identity: Option<Arc<ClientIdentity>>,
) -> Result<OriginKey, RegistryError> {
    let https = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(invalid_url(url, "only http: and https: are supported")),
    };
    let host = match url.host() {
        Some(Host::Domain(domain)) => domain.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(invalid_url(url, "it names no host")),
    };
    let port = url.port_or_known_default().unwrap_or(if https { 443 } else { 80 });
    // a certificate of ours means nothing without TLS
    Ok(OriginKey {
        https,
        host,
        port,
        proxy: proxies.for_url(url).cloned(),
        identity: identity.filter(|_| https),
    })
}

/// Takes `user:password@` out of a URL. Source: minipass-fetch, npm 11.19.1, sends it as Basic where there is
/// no other authorization.
fn take_user_info(url: &mut Url) -> Option<Secret> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credential =
        Credential::user_password(&decoded(url.username()), &decoded(url.password().unwrap_or_default()));
    // both fail only for URLs without a host, which have no user either
    let _ = url.set_username("");
    let _ = url.set_password(None);
    credential.authorization().cloned()
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The request that follows a redirect. Source: make-fetch-happen `getRedirect`, npm 11.19.1: credentials
/// stay behind when the host name changes; stricter than npm, also when TLS is given up or another port is named,
/// where another server listens.
fn next_hop(hop: Hop, head: &http::response::Parts, info: &RequestInfo) -> Result<Hop, RegistryError> {
    let wrong = |problem: String| RegistryError::Redirect { request: info.clone(), problem };
    let location = head.headers.get(header::LOCATION).ok_or_else(|| wrong("without a location".into()))?;
    let location = location.to_str().map_err(|_| wrong("to an unreadable location".into()))?;
    let mut url =
        hop.url.join(location).map_err(|error| wrong(format!("to an unusable location: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("to {}", redact_url(&url))));
    }
    let in_url = take_user_info(&mut url);
    let usual_ports = url.port().is_none() && hop.url.port().is_none();
    let same = url.host_str() == hop.url.host_str()
        && (usual_ports || url.port_or_known_default() == hop.url.port_or_known_default())
        && !(hop.url.scheme() == "https" && url.scheme() == "http");
    let becomes_get = head.status == StatusCode::SEE_OTHER
        || (hop.method == Method::POST && matches!(head.status.as_u16(), 301 | 302));
    let (method, body) = if becomes_get { (Method::GET, Bytes::new()) } else { (hop.method, hop.body) };
    Ok(Hop {
        method,
        body,
        authorization: if same { hop.authorization } else { None }.or(in_url),
        identity: hop.identity.filter(|_| same),
        url,
    })
}
