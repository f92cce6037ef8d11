//! One upstream over HTTP: what it is asked, and what its answers mean.
//!
//! Its credentials go to its own address only: `registry-client` leaves them behind where a redirect goes elsewhere.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use jiff::Timestamp;
use registry_client::{
    ApiRequest, ClientOptions, Credential, CredentialTable, ProxyOptions, RegistryClient,
    RegistryError as ClientError, RetryOptions, TarballRequest, TarballSink, TlsOptions,
};
use url::Url;

use super::UpstreamDown;
use super::health::{UpstreamNumbers, Watch};
use crate::settings::{CacheSettings, UpstreamSettings};
use crate::trouble::in_one_line;
use crate::{PackageName, RegistryError};

/// How long an upstream that failed is left alone where there is something old to answer with.
const PATIENCE: Duration = Duration::from_secs(10);

/// An upstream.
pub(super) struct Upstream {
    settings: UpstreamSettings,
    max_tarball: u64,
    client: RegistryClient,
    /// Milliseconds since the epoch until which it is not bothered.
    down_until: AtomicI64,
    /// How it answers questions. Tarballs are not in it: how long they take says more of them than of the upstream.
    pub watch: Watch,
}

/// What tells whether a packument changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// What an upstream says about a package.
pub(super) enum Said {
    /// What we have is what it has.
    NotModified,
    /// This is its full packument.
    Document { bytes: Bytes, validators: Validators },
    /// It has none.
    Missing,
}

impl Upstream {
    /// Nothing is connected yet.
    ///
    /// Errors: a proxy that cannot be used.
    pub fn new(
        settings: UpstreamSettings,
        cache: &CacheSettings,
        numbers: UpstreamNumbers,
    ) -> Result<Upstream, RegistryError> {
        let mut credentials = CredentialTable::default();
        if let Some(token) = &settings.token {
            credentials.insert(nerf_dart(&settings.url), Credential::token(token.reveal()));
        }
        let options = ClientOptions {
            registry: Some(settings.url.clone()),
            credentials,
            proxy: ProxyOptions { https_proxy: settings.proxy.clone(), ..ProxyOptions::default() },
            tls: TlsOptions { ca: settings.ca.iter().cloned().collect(), ..TlsOptions::default() },
            // clients of ours are waiting, and try again themselves
            retry: RetryOptions {
                retries: 1,
                factor: 1.0,
                min_timeout: Duration::from_millis(200),
                max_timeout: Duration::from_secs(2),
            },
            fetch_timeout: settings.timeout,
            connect_timeout: settings.connect_timeout,
            max_sockets: usize::try_from(settings.connections).unwrap_or(usize::MAX),
            max_metadata_bytes: cache.max_packument,
            user_agent: concat!("knit-registry/", env!("CARGO_PKG_VERSION")).to_owned(),
            ..ClientOptions::default()
        };
        let client = RegistryClient::new(options).map_err(|source| RegistryError::Upstream {
            upstream: settings.name.clone(),
            source: source.into(),
        })?;
        Ok(Upstream {
            watch: Watch::new(&settings.name, numbers),
            settings,
            max_tarball: cache.max_tarball,
            client,
            down_until: AtomicI64::new(i64::MIN),
        })
    }

    pub fn settings(&self) -> &UpstreamSettings {
        &self.settings
    }

    /// Whether it failed a moment ago.
    pub fn is_down(&self, now: Timestamp) -> bool {
        let until = self.down_until.load(Ordering::Relaxed);
        // a clock that was set back must not keep it down for long
        let left = until.saturating_sub(now.as_millisecond());
        left > 0 && left <= milliseconds(PATIENCE)
    }

    fn note<T>(&self, outcome: &Result<T, UpstreamDown>, now: Timestamp) {
        let until = match outcome {
            Ok(_) => i64::MIN,
            Err(_) => now.as_millisecond().saturating_add(milliseconds(PATIENCE)),
        };
        self.down_until.store(until, Ordering::Relaxed);
    }

    /// Asks for a full packument, or whether the one with these validators is still right.
    ///
    /// Errors: every answer that does not say whether there is such a package.
    pub async fn packument(
        &self,
        name: &PackageName,
        known: Option<&Validators>,
        now: Timestamp,
    ) -> Result<Said, UpstreamDown> {
        let mut request = ApiRequest::new(Method::GET, format!("/{}", name.escaped()));
        request.package = Some(name.to_string());
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let validators = known.into_iter().flat_map(|known| {
            [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)]
        });
        for (header, value) in validators {
            let value = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
            request.headers.extend(value.map(|value| (header, value)));
        }
        let started = Instant::now();
        let said = match self.client.request(&request).await {
            Ok(answer) if answer.status == StatusCode::NOT_MODIFIED && known.is_some() => {
                Ok(Said::NotModified)
            }
            Ok(answer) if answer.status == StatusCode::OK => {
                Ok(Said::Document { validators: validators_of(&answer.headers), bytes: answer.body })
            }
            Ok(answer) => Err(self.down(format!("it answered with status {}", answer.status.as_u16()))),
            Err(error) => self.missing_or_down(&error).map(|()| Said::Missing),
        };
        self.note(&said, now);
        self.watch.note(&said, now, started.elapsed());
        said
    }

    /// Delivers a tarball to a sink; `false` where the upstream has none.
    ///
    /// Errors: every answer that does not say whether there is one, transfers that break again and again, and a sink
    /// that stops.
    pub async fn tarball(
        &self,
        name: &PackageName,
        url: Url,
        sink: &mut impl TarballSink,
    ) -> Result<bool, UpstreamDown> {
        let request = TarballRequest {
            name: Some(name.to_string()),
            limit: Some(self.max_tarball),
            ..TarballRequest::new(url)
        };
        match self.client.tarball(&request, sink).await {
            Ok(_) => Ok(true),
            Err(error) => self.missing_or_down(&error).map(|()| false),
        }
    }

    /// Passes a question on, and the answer back: JSON both. `None` where it knows no such thing.
    ///
    /// Errors: no answer, or one of status 400 or above.
    pub async fn ask(&self, request: &ApiRequest, now: Timestamp) -> Result<Option<Bytes>, UpstreamDown> {
        let started = Instant::now();
        let said = match self.client.request(request).await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(error) => self.missing_or_down(&error).map(|()| None),
        };
        self.watch.note(&said, now, started.elapsed());
        said
    }

    /// Where a tarball is that a packument does not say to be elsewhere.
    pub fn tarball_url(&self, name: &PackageName, file: &str) -> Option<Url> {
        let mut url = self.settings.url.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend(name.as_str().split('/')).extend(["-", file]);
        Some(url)
    }

    /// Only 404 and 410 say that there is nothing. What a registry does not show to us, it may have.
    fn missing_or_down(&self, error: &ClientError) -> Result<(), UpstreamDown> {
        match error.refusal().map(|refusal| refusal.status) {
            Some(404 | 410) => Ok(()),
            _ => Err(UpstreamDown {
                retry_after: error.refusal().and_then(|refusal| refusal.retry_after).unwrap_or(PATIENCE),
                ..self.down(in_one_line(error))
            }),
        }
    }

    /// That it cannot be asked now, and why.
    pub fn down(&self, reason: String) -> UpstreamDown {
        UpstreamDown { upstream: self.settings.name.clone(), reason, retry_after: PATIENCE }
    }
}

/// Where credentials of a registry stand in npm's tables.
fn nerf_dart(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("//{host}{port}{}", url.path())
}

fn validators_of(headers: &HeaderMap) -> Validators {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
