//! Tarballs, handed on while they arrive.
//!
//! Owns where a tarball is fetched from and when it is fetched again. Does not own what is in it: hashing and
//! unpacking are the store's.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::BoxStream;
use http::header;
use http::header::HeaderValue;
use url::Url;

use crate::answer::{Answer, AnswerBody, Watch};
use crate::error::RegistryError;
use crate::exchange::{Exchange, Outgoing};
use crate::gate::Priority;
use crate::name::identifier;
use crate::options::{ClientOptions, ReplaceRegistryHost};
use crate::retry::Attempts;

/// What to fetch.
#[derive(Clone, Debug)]
pub struct TarballRequest {
    /// Where it is: `dist.tarball`, or what [`tarball_url`](crate::RegistryClient::tarball_url) made of a
    /// lockfile's `resolved`.
    pub url: Url,
    /// The package, for messages and to know whose credentials may be sent.
    pub name: Option<String>,
    /// Its version, for messages.
    pub version: Option<String>,
    /// The greater goes first; a natural weight is the expected size in bytes.
    pub weight: u64,
    /// Largest size accepted, in bytes as sent.
    pub limit: Option<u64>,
}

impl TarballRequest {
    /// A tarball of no special weight and any size.
    pub fn new(url: Url) -> Self {
        TarballRequest { url, name: None, version: None, weight: 0, limit: None }
    }
}

/// The receiver wants no more bytes; why is its own business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Receives a tarball.
pub trait TarballSink: Send {
    /// A try begins: whatever an earlier one delivered is void. `length` is the size that the server announced.
    ///
    /// # Errors
    /// `Stopped` ends the request.
    fn begin(&mut self, length: Option<u64>) -> impl Future<Output = Result<(), Stopped>> + Send;

    /// The next bytes. The connection is not read while this waits.
    ///
    /// # Errors
    /// `Stopped` ends the request.
    fn chunk(&mut self, bytes: Bytes) -> impl Future<Output = Result<(), Stopped>> + Send;
}

/// Collects a tarball in memory.
impl TarballSink for Vec<u8> {
    async fn begin(&mut self, length: Option<u64>) -> Result<(), Stopped> {
        self.clear();
        // a server that lies about the length gets no memory for it
        self.reserve(usize::try_from(length.unwrap_or(0).min(16 << 20)).unwrap_or(0));
        Ok(())
    }

    async fn chunk(&mut self, bytes: Bytes) -> Result<(), Stopped> {
        self.extend_from_slice(&bytes);
        Ok(())
    }
}

/// A tarball as a stream; not begun again when it breaks.
pub struct TarballStream {
    /// The size that the server announced, in bytes.
    pub length: Option<u64>,
    chunks: BoxStream<'static, Result<Bytes, RegistryError>>,
}

impl Stream for TarballStream {
    type Item = Result<Bytes, RegistryError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(context)
    }
}

fn outgoing(options: &ClientOptions, request: &TarballRequest) -> Outgoing {
    let mut outgoing = Outgoing::get(request.url.clone(), Priority::Tarball { weight: request.weight });
    outgoing.package = identifier(request.name.as_deref(), request.version.as_deref());
    outgoing.registry = match &request.name {
        Some(name) => options.registry_for(name).cloned(),
        None => options.registry.clone(),
    };
    outgoing.tells_features = true;
    outgoing.headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    outgoing
}

fn check_length(body: &AnswerBody, outgoing: &Outgoing, limit: Option<u64>) -> Result<(), RegistryError> {
    match limit {
        Some(limit) if body.expected.is_some_and(|length| length > limit) => {
            Err(RegistryError::TooLarge { request: outgoing.info(), limit })
        }
        _ => Ok(()),
    }
}

/// Delivers a tarball to a sink, from the start again when the transfer breaks. Answers its size in bytes.
pub(crate) async fn deliver(
    exchange: &Exchange,
    request: &TarballRequest,
    sink: &mut impl TarballSink,
) -> Result<u64, RegistryError> {
    let outgoing = outgoing(&exchange.options, request);
    let mut attempts = Attempts::new(&exchange.options.retry);
    let (watch, _finish) = exchange.watch();
    loop {
        match deliver_once(exchange, &outgoing, &watch, request.limit, sink).await {
            Ok(size) => return Ok(size),
            Err(error) => exchange.pause(&outgoing, &watch, &mut attempts, error).await?,
        }
    }
}

async fn deliver_once(
    exchange: &Exchange,
    outgoing: &Outgoing,
    watch: &Watch,
    limit: Option<u64>,
    sink: &mut impl TarballSink,
) -> Result<u64, RegistryError> {
    let Answer { mut body, .. } = exchange.once(outgoing, watch).await?;
    check_length(&body, outgoing, limit)?;
    let stopped = |_: Stopped| RegistryError::Stopped { request: outgoing.info() };
    sink.begin(body.expected).await.map_err(stopped)?;
    let mut size = 0;
    while let Some(bytes) = body.chunk().await? {
        size += bytes.len() as u64;
        if let Some(limit) = limit.filter(|limit| size > *limit) {
            return Err(RegistryError::TooLarge { request: outgoing.info(), limit });
        }
        sink.chunk(bytes).await.map_err(stopped)?;
    }
    Ok(size)
}

/// A tarball as a stream, tried again until its answer begins.
pub(crate) async fn open(
    exchange: &Exchange,
    request: &TarballRequest,
) -> Result<TarballStream, RegistryError> {
    let outgoing = outgoing(&exchange.options, request);
    let mut attempts = Attempts::new(&exchange.options.retry);
    let (watch, finish) = exchange.watch();
    let body = loop {
        match exchange.once(&outgoing, &watch).await {
            Ok(answer) => break answer.body,
            Err(error) => exchange.pause(&outgoing, &watch, &mut attempts, error).await?,
        }
    };
    check_length(&body, &outgoing, request.limit)?;
    let length = body.expected;
    let limit = request.limit.unwrap_or(u64::MAX);
    let info = outgoing.info();
    let chunks = futures_util::stream::try_unfold((body, 0, finish), move |(mut body, size, finish)| {
        let request = info.clone();
        async move {
            let Some(bytes) = body.chunk().await? else { return Ok(None) };
            let size = size + bytes.len() as u64;
            if size > limit {
                return Err(RegistryError::TooLarge { request, limit });
            }
            Ok(Some((bytes, (body, size, finish))))
        }
    });
    Ok(TarballStream { length, chunks: Box::pin(chunks) })
}

/// The address to fetch a recorded tarball from: `replace-registry-host` applied. Source: Arborist
/// `#registryResolved`, npm 11.19.1. What is no URL, or no URL of the web, stays as it is.
pub(crate) fn replace_host(options: &ClientOptions, recorded: &Url) -> Url {
    let Some(registry) = options.registry.as_ref() else { return recorded.clone() };
    let (matches, prefix) = match &options.replace_registry_host {
        ReplaceRegistryHost::Never => (false, None),
        ReplaceRegistryHost::Always => (true, None),
        ReplaceRegistryHost::Npmjs => {
            let public = options.public_registry.as_ref().and_then(Url::host_str);
            (public.is_some() && public == recorded.host_str(), None)
        }
        ReplaceRegistryHost::Host(wanted) => match Url::parse(wanted).ok().filter(Url::has_host) {
            Some(url) => {
                let prefix = url.path().trim_end_matches('/').to_owned();
                let below = prefix.is_empty() || has_prefix(recorded.path(), &prefix);
                (url.host_str() == recorded.host_str() && below, Some(prefix))
            }
            None => (recorded.host_str() == Some(wanted), None),
        },
    };
    if !matches || !matches!(recorded.scheme(), "http" | "https") {
        return recorded.clone();
    }
    let mut replaced = recorded.clone();
    let base = registry.path().trim_end_matches('/');
    let path = match prefix.filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => Some(format!("{base}{}", recorded.path().get(prefix.len()..).unwrap_or_default())),
        None if !base.is_empty() && !has_prefix(recorded.path(), base) => {
            Some(format!("{base}{}", recorded.path()))
        }
        None => None,
    };
    if let Some(path) = path {
        replaced.set_path(&path);
    }
    // none of these fails between URLs of the web
    let _ = replaced.set_scheme(registry.scheme());
    let _ = replaced.set_host(registry.host_str());
    let _ = replaced.set_port(registry.port());
    replaced
}

fn has_prefix(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_hosts_are_replaced_as_configured() {
        use ReplaceRegistryHost::{Always, Host, Never, Npmjs};
        let host = |text: &str| Host(text.to_owned());
        let public = "https://public.example/x/-/x-1.0.0.tgz";
        let other = "https://other.example/x/-/x-1.0.0.tgz";
        let rows = [
            (Npmjs, "https://mirror.example/", public, "https://mirror.example/x/-/x-1.0.0.tgz"),
            (Npmjs, "http://mirror.example:4873/", public, "http://mirror.example:4873/x/-/x-1.0.0.tgz"),
            (Npmjs, "https://mirror.example/npm/", public, "https://mirror.example/npm/x/-/x-1.0.0.tgz"),
            (Npmjs, "https://mirror.example/", other, other),
            (Never, "https://mirror.example/", public, public),
            (Always, "https://mirror.example/", other, "https://mirror.example/x/-/x-1.0.0.tgz"),
            (
                host("other.example"),
                "https://mirror.example",
                other,
                "https://mirror.example/x/-/x-1.0.0.tgz",
            ),
            (host("other.example"), "https://mirror.example", public, public),
            (
                host("https://old.example/a/"),
                "https://mirror.example/b/",
                "https://old.example/a/x/-/x-1.0.0.tgz",
                "https://mirror.example/b/x/-/x-1.0.0.tgz",
            ),
            (
                host("https://old.example/a/"),
                "https://mirror.example/b/",
                "https://old.example/ab/x.tgz",
                "https://old.example/ab/x.tgz",
            ),
            (Always, "https://mirror.example/", "file:///x.tgz", "file:///x.tgz"),
        ];
        for (replace_registry_host, registry, recorded, expected) in rows {
            let options = ClientOptions {
                registry: Some(Url::parse(registry).unwrap()),
                public_registry: Some(Url::parse("https://public.example/").unwrap()),
                replace_registry_host,
                ..ClientOptions::default()
            };
            let replaced = replace_host(&options, &Url::parse(recorded).unwrap());
            assert_eq!(replaced.as_str(), expected, "{:?}", options.replace_registry_host);
        }
    }
}
