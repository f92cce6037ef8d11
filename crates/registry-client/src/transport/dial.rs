//! A new connection to an origin: addresses, TCP, proxy, TLS.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::try_join;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::pool::OriginKey;
use super::proxy::{Proxy, open_tunnel};
use super::tls::Tls;
use crate::error::{RegistryError, RequestInfo, TimeoutPhase};

/// How long an address may take before the next one is tried as well (RFC 8305).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Bytes both ways.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Io for T {}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum DialFailure {
    HostNotFound { host: String, source: io::Error },
    Connect { peer: String, source: io::Error },
    Timeout { after: Duration },
    Tls { peer: String, reason: String, untrusted: bool },
    Proxy { proxy: String, problem: String },
    Setting(RegistryError),
}

impl DialFailure {
    /// The failure of a request that needed the connection.
    pub(crate) fn into_error(self, request: RequestInfo) -> RegistryError {
        match self {
            DialFailure::HostNotFound { host, source } => RegistryError::HostNotFound {
                request,
                host,
                // the only trace that std leaves of EAI_AGAIN
                temporary: source.to_string().contains("emporary failure"),
                source: Arc::new(source),
            },
            DialFailure::Connect { peer, source } => {
                RegistryError::Connect { request, peer, source: Arc::new(source) }
            }
            DialFailure::Timeout { after } => {
                RegistryError::Timeout { request, phase: TimeoutPhase::Connect, after }
            }
            DialFailure::Tls { peer, reason, untrusted } => {
                RegistryError::Tls { request, peer, reason, untrusted }
            }
            DialFailure::Proxy { proxy, problem } => RegistryError::Proxy { request, proxy, problem },
            DialFailure::Setting(error) => error,
        }
    }
}

/// A connection, and whether it speaks HTTP/2.
pub(crate) struct Dialled {
    pub(crate) io: Box<dyn Io>,
    pub(crate) http2: bool,
}

/// Makes connections.
pub(crate) struct Dialer {
    tls: Arc<Tls>,
    timeout: Duration,
    addresses: Mutex<HashMap<String, Arc<OnceCell<Vec<IpAddr>>>>>,
}

impl Dialer {
    pub(crate) fn new(tls: Tls, timeout: Duration) -> Self {
        Dialer { tls: Arc::new(tls), timeout, addresses: Mutex::default() }
    }

    /// Connects to an origin, through its proxy if it has one.
    pub(crate) async fn dial(&self, origin: &OriginKey) -> Result<Dialled, DialFailure> {
        timeout(self.timeout, self.connect(origin))
            .await
            .unwrap_or(Err(DialFailure::Timeout { after: self.timeout }))
    }

    async fn connect(&self, origin: &OriginKey) -> Result<Dialled, DialFailure> {
        let plain = |io| Ok(Dialled { io, http2: false });
        match (origin.proxy.as_deref(), origin.https) {
            (None, false) => plain(Box::new(self.connect_host(&origin.host, origin.port).await?)),
            (Some(proxy), false) => plain(self.connect_proxy(proxy).await?),
            (None, true) => {
                let tcp = self.connect_host(&origin.host, origin.port);
                let (tcp, configuration) = try_join(tcp, self.configuration(origin)).await?;
                handshake(tcp, &origin.host, configuration).await
            }
            (Some(proxy), true) => {
                let (io, configuration) =
                    try_join(self.connect_proxy(proxy), self.configuration(origin)).await?;
                handshake(tunnel(io, proxy, origin).await?, &origin.host, configuration).await
            }
        }
    }

    /// Reading the platform's roots takes milliseconds the first time, spent while TCP connects.
    async fn configuration(&self, origin: &OriginKey) -> Result<Arc<ClientConfig>, DialFailure> {
        let (tls, identity) = (self.tls.clone(), origin.identity.clone());
        let built = tokio::task::spawn_blocking(move || tls.configuration(identity.as_deref())).await;
        let failed = |reason| DialFailure::Tls { peer: origin.host.clone(), reason, untrusted: false };
        built.map_err(|error| failed(error.to_string()))?.map_err(DialFailure::Setting)
    }

    async fn connect_proxy(&self, proxy: &Proxy) -> Result<Box<dyn Io>, DialFailure> {
        let failed = |problem: String| DialFailure::Proxy { proxy: proxy.shown(), problem };
        let tcp = self.connect_host(&proxy.host, proxy.port).await.map_err(|failure| match failure {
            DialFailure::Connect { source, .. } => failed(format!("cannot be reached: {source}")),
            DialFailure::HostNotFound { .. } => failed("has no address".into()),
            other => other,
        })?;
        if !proxy.https {
            return Ok(Box::new(tcp));
        }
        let host = proxy.host.clone();
        let itself = OriginKey { https: true, host, port: proxy.port, proxy: None, identity: None };
        let mut configuration = self.configuration(&itself).await?;
        Arc::make_mut(&mut configuration).alpn_protocols.clear();
        Ok(handshake(tcp, &proxy.host, configuration).await?.io)
    }

    async fn connect_host(&self, host: &str, port: u16) -> Result<TcpStream, DialFailure> {
        let addresses = self
            .resolve(host)
            .await
            .map_err(|source| DialFailure::HostNotFound { host: host.to_owned(), source })?;
        let peer = || format!("{host}:{port}");
        let stream = connect_first(&addresses, port)
            .await
            .map_err(|source| DialFailure::Connect { peer: peer(), source })?;
        stream.set_nodelay(true).map_err(|source| DialFailure::Connect { peer: peer(), source })?;
        Ok(stream)
    }

    /// The addresses of a host, asked for once in the life of the client.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let cell = {
            let mut known = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(host.to_owned()).or_default().clone()
        };
        let found = cell
            .get_or_try_init(|| async {
                let mut found: Vec<IpAddr> = Vec::new();
                for address in lookup_host((host, 0)).await? {
                    if !found.contains(&address.ip()) {
                        found.push(address.ip());
                    }
                }
                if found.is_empty() { Err(io::Error::other("no address")) } else { Ok(interleave(found)) }
            })
            .await?;
        Ok(found.clone())
    }
}

async fn tunnel(mut io: Box<dyn Io>, proxy: &Proxy, origin: &OriginKey) -> Result<Box<dyn Io>, DialFailure> {
    let bracketed =
        if origin.host.contains(':') { format!("[{}]", origin.host) } else { origin.host.clone() };
    let target = format!("{bracketed}:{}", origin.port);
    open_tunnel(&mut io, proxy, &target)
        .await
        .map_err(|problem| DialFailure::Proxy { proxy: proxy.shown(), problem })?;
    Ok(io)
}

async fn handshake(
    io: impl Io + 'static,
    host: &str,
    configuration: Arc<ClientConfig>,
) -> Result<Dialled, DialFailure> {
    let failed = |reason: String, untrusted| DialFailure::Tls { peer: host.to_owned(), reason, untrusted };
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string(), false))?;
    let stream =
        TlsConnector::from(configuration).connect(name, io).await.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::Other => {
                failed(error.to_string(), is_untrusted(&error))
            }
            // the other side hung up, which may be better the next time
            _ => DialFailure::Connect { peer: host.to_owned(), source: error },
        })?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Dialled { io: Box::new(stream), http2 })
}

/// Alternates the two address families, beginning with the resolver's first choice (RFC 8305, section 4).
fn interleave(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let first_is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut others = others.into_iter();
    let mut mixed = Vec::new();
    for address in preferred {
        mixed.push(address);
        mixed.extend(others.next());
    }
    mixed.extend(others);
    mixed
}

/// Connects to the first address that answers, starting one after the other.
async fn connect_first(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::other("no address");
    loop {
        let started = waiting.next().map(|address| TcpStream::connect(SocketAddr::new(*address, port)));
        let last = started.is_none();
        attempts.extend(started);
        let ended = if last {
            attempts.next().await
        } else {
            match timeout(NEXT_ADDRESS_AFTER, attempts.next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => failure = error,
            None if last => return Err(failure),
            None => {}
        }
    }
}

fn is_untrusted(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}
