//! Connections: accepting them, TLS, how long they may be silent, and ending them when the registry stops.
//!
//! Does not own: what is answered (`http`).

mod tls;

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::RegistryError;
use crate::http::Encrypted;

/// How connections are treated.
#[derive(Clone, Debug)]
pub struct ServingOptions {
    /// The certificate chain and its private key, PEM; without them the registry speaks HTTP.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// How long the head of a request may take to arrive, and a TLS handshake.
    pub head_timeout: Duration,
    /// How long a client may be silent while its body is read.
    pub body_timeout: Duration,
    /// How long running requests may take after the registry was told to stop.
    pub shutdown_grace: Duration,
}

impl Default for ServingOptions {
    fn default() -> Self {
        ServingOptions {
            tls: None,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(30),
        }
    }
}

/// Serves `router` on `listener` until `shutdown` is done and the requests then running are answered, or their time is
/// over.
///
/// # Errors
/// A certificate that cannot be used.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: &ServingOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), RegistryError> {
    let acceptor = options.tls.as_ref().map(|(chain, key)| tls::acceptor(chain, key)).transpose()?;
    let body_timeout = RequestBodyTimeoutLayer::new(options.body_timeout);
    let service = ServiceBuilder::new().layer(body_timeout).service(router);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(options.head_timeout);
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    after_failure(&error).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        // answers are written whole: waiting to fill packets only delays the last one
        let _ = stream.set_nodelay(true);
        let (http, watcher) = (http.clone(), graceful.watcher());
        // attempts are counted by address, and tokens may be limited to some
        let is_encrypted = acceptor.is_some();
        let told = move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(from));
            if is_encrypted {
                request.extensions_mut().insert(Encrypted);
            }
            request
        };
        let service = TowerToHyperService::new(service.clone().map_request(told));
        match acceptor.clone() {
            None => {
                tokio::spawn(async move {
                    let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
                });
            }
            Some(acceptor) => {
                let handshake_time = options.head_timeout;
                tokio::spawn(async move {
                    let Ok(Ok(stream)) = tokio::time::timeout(handshake_time, acceptor.accept(stream)).await
                    else {
                        return;
                    };
                    let stream = boxed(stream);
                    let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
                });
            }
        }
    }
    // those that wait for their next request end at once
    let _ = tokio::time::timeout(options.shutdown_grace, graceful.shutdown()).await;
    Ok(())
}

/// TLS streams are large; connections of both kinds are to be moved about cheaply.
fn boxed<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(stream: S) -> Box<S> {
    Box::new(stream)
}

/// A connection that ended before it was accepted is nobody's loss; one for which there is no descriptor may find one
/// when others have ended.
async fn after_failure(error: &io::Error) {
    let is_the_clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_the_clients {
        tracing::error!(%error, "no connection could be accepted");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
