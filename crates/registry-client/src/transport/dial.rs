//! A new connection to an origin: addresses, TCP, proxy, TLS.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls;
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
        let Some(proxy) = origin.proxy.as_deref() else {
            let tcp = self.connect_host(&origin.host, origin.port).await?;
            return if origin.https { self.secure(tcp, origin).await } else { Ok(plain(Box::new(tcp))) };
        };
        let io = self.connect_proxy(proxy).await?;
        if origin.https {
            self.secure(self.tunnel(io, proxy, origin).await?, origin).await
        } else {
            Ok(plain(io))
        }
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
        let (io, _) = self.handshake(tcp, &proxy.host, None, false).await?;
        Ok(io)
    }

    async fn tunnel(
        &self,
        mut io: Box<dyn Io>,
        proxy: &Proxy,
        origin: &OriginKey,
    ) -> Result<Box<dyn Io>, DialFailure> {
        let bracketed =
            if origin.host.contains(':') { format!("[{}]", origin.host) } else { origin.host.clone() };
        let target = format!("{bracketed}:{}", origin.port);
        open_tunnel(&mut io, proxy, &target)
            .await
            .map_err(|problem| DialFailure::Proxy { proxy: proxy.shown(), problem })?;
        Ok(io)
    }

    async fn secure(&self, io: impl Io + 'static, origin: &OriginKey) -> Result<Dialled, DialFailure> {
        let (io, http2) = self.handshake(io, &origin.host, Some(origin), true).await?;
        Ok(Dialled { io, http2 })
    }

    async fn handshake(
        &self,
        io: impl Io + 'static,
        host: &str,
        origin: Option<&OriginKey>,
        offer_http2: bool,
    ) -> Result<(Box<dyn Io>, bool), DialFailure> {
        let tls = self.tls.clone();
        let identity = origin.and_then(|origin| origin.identity.clone());
        // reading the platform's roots takes milliseconds of file reading and parsing
        let built = tokio::task::spawn_blocking(move || tls.configuration(identity.as_deref())).await;
        let failed =
            |reason: String, untrusted| DialFailure::Tls { peer: host.to_owned(), reason, untrusted };
        let mut configuration =
            built.map_err(|error| failed(error.to_string(), false))?.map_err(DialFailure::Setting)?;
        if !offer_http2 {
            Arc::make_mut(&mut configuration).alpn_protocols.clear();
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string(), false))?;
        let stream = TlsConnector::from(configuration)
            .connect(name, io)
            .await
            .map_err(|error| failed(error.to_string(), is_untrusted(&error)))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::new(stream), http2))
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

fn plain(io: Box<dyn Io>) -> Dialled {
    Dialled { io, http2: false }
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
