//! Connections and what is told of requests, over real sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use registry_server::{MemoryStorage, Registry, RegistryError, ServingOptions, router, serve};
use test_support::plain_http::request;
use tokio::sync::oneshot;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Serves an empty registry while `check` runs.
fn while_serving(
    options: ServingOptions,
    check: impl FnOnce(SocketAddr, oneshot::Sender<()>),
) -> Result<(), RegistryError> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket that does not block");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let router = router(Registry::new(MemoryStorage::default()));
            serve(listener, router, &options, async { drop(stopped.await) }).await
        })
    });
    check(address, stop);
    serving.join().expect("no panic")
}

#[test]
fn every_answer_has_an_id_and_is_counted_by_its_route() {
    while_serving(ServingOptions::default(), |address, _stop| {
        let host = address.to_string();
        for path in ["/-/health", "/-/ready", "/-/ping"] {
            assert_eq!(request(&host, "GET", path, &[]).status, 200, "{path}");
        }
        let own = request(&host, "GET", "/none", &[("X-Request-Id", "mine-1")]);
        assert_eq!((own.status, own.header("x-request-id")), (404, Some("mine-1")));
        let hostile = request(&host, "GET", "/none", &[("X-Request-Id", "a b\"c")]);
        assert!(hostile.header("x-request-id").is_some_and(|id| !id.contains(' ')));
        let numbers = request(&host, "GET", "/-/metrics", &[]).text();
        let line = "knit_registry_requests_total{route=\"packument\",method=\"GET\",status=\"404\"} 2";
        assert!(numbers.contains(line), "{numbers}");
    })
    .expect("served");
}

#[test]
fn a_request_that_never_ends_costs_no_connection_for_long() {
    let options = ServingOptions { head_timeout: Duration::from_millis(200), ..ServingOptions::default() };
    while_serving(options, |address, _stop| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nSlow: ").expect("half a head");
        let mut answer = Vec::new();
        // closed by the server, with or without words
        assert!(stream.read_to_end(&mut answer).is_ok());
    })
    .expect("served");
}

#[test]
fn idle_connections_do_not_hold_up_the_end() {
    let started = Instant::now();
    while_serving(ServingOptions::default(), |address, stop| {
        let mut idle = TcpStream::connect(address).expect("a connection");
        idle.write_all(b"GET /-/ping HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
        let mut begun = [0; 12];
        idle.read_exact(&mut begun).expect("an answer");
        stop.send(()).expect("a server");
        let mut rest = Vec::new();
        idle.read_to_end(&mut rest).expect("the end");
    })
    .expect("served");
    assert!(started.elapsed() < ServingOptions::default().shutdown_grace);
}

#[test]
fn certificates_of_files_are_shown_and_bad_ones_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    let options = |chain: &std::path::Path| ServingOptions {
        tls: Some((chain.to_owned(), key.clone())),
        ..ServingOptions::default()
    };
    while_serving(options(&chain), |address, _stop| {
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a root");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
        let mut stream = StreamOwned::new(connection, TcpStream::connect(address).expect("a connection"));
        stream
            .write_all(b"GET /-/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    })
    .expect("served");
    let refused = while_serving(options(&key), |_, _stop| {}).expect_err("a key is no chain");
    assert!(refused.to_string().contains("key.pem"), "{refused}");
}
