//! Through a proxy: absolute addresses for http, a tunnel for https.

use std::sync::{Arc, Mutex};

use registry_client::{ClientOptions, PackumentKind, ProxyOptions, RegistryClient, TlsOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use crate::support::authority::Authority;
use crate::support::{Reply, Server, options};

/// A proxy that only tunnels, and keeps the heads it was asked with.
struct Tunnel {
    url: Url,
    heads: Arc<Mutex<Vec<String>>>,
    _accepting: JoinSet<()>,
}

impl Tunnel {
    async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://user:pass@{}", listener.local_addr().unwrap())).unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = heads.clone();
        let mut accepting = JoinSet::new();
        accepting.spawn(async move {
            let mut tunnels = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                tunnels.spawn(tunnel(tcp, answer, kept.clone()));
            }
        });
        Tunnel { url, heads, _accepting: accepting }
    }
}

async fn tunnel(mut tcp: TcpStream, answer: &'static str, heads: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if tcp.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    heads.lock().unwrap().push(head);
    if tcp.write_all(answer.as_bytes()).await.is_err() || !answer.contains(" 200 ") {
        return;
    }
    if let Ok(mut there) = TcpStream::connect(target).await {
        drop(copy_bidirectional(&mut tcp, &mut there).await);
    }
}

fn through(proxy: &Url, options: ClientOptions) -> ClientOptions {
    ClientOptions {
        proxy: ProxyOptions { https_proxy: Some(proxy.clone()), ..ProxyOptions::default() },
        ..options
    }
}

#[tokio::test]
async fn http_goes_through_a_proxy_with_the_whole_address() {
    let proxy = Server::start(|_| Reply::ok("{}")).await;
    let mut proxy_url = proxy.url("/");
    proxy_url.set_username("user").unwrap();
    proxy_url.set_password(Some("pass")).unwrap();
    let registry = Some(Url::parse("http://registry.example/npm/").unwrap());
    let options = through(&proxy_url, ClientOptions { registry, ..options(&proxy) });
    let client = RegistryClient::new(options).unwrap();
    client.packument("x", PackumentKind::Full).await.unwrap();
    let asked = proxy.last();
    assert_eq!(asked.target, "http://registry.example/npm/x");
    assert_eq!(asked.header("host"), Some("registry.example"));
    assert_eq!(asked.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
}

#[tokio::test]
async fn https_goes_through_a_tunnel() {
    let authority = Authority::new();
    let server = Server::start_secure(authority.server(&["h2"], false), |_| Reply::ok("{}")).await;
    let proxy = Tunnel::start("HTTP/1.1 200 Connection established\r\n\r\n").await;
    let tls = TlsOptions { ca: vec![authority.pem()], ..TlsOptions::default() };
    let client = RegistryClient::new(through(&proxy.url, ClientOptions { tls, ..options(&server) })).unwrap();
    client.packument("x", PackumentKind::Full).await.unwrap();
    let heads = proxy.heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address)), "{}", heads[0]);
    assert!(heads[0].contains("proxy-authorization: Basic dXNlcjpwYXNz\r\n"));
    assert_eq!(server.last().header("proxy-authorization"), None);
}

#[tokio::test]
async fn what_a_proxy_does_wrong_is_named() {
    let rows = [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "wants other credentials (407)"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "refused a tunnel to registry.example:443 (403)"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "did not answer CONNECT as a proxy does"),
    ];
    for (answer, problem) in rows {
        let proxy = Tunnel::start(answer).await;
        let registry = Some(Url::parse("https://registry.example/").unwrap());
        let client =
            RegistryClient::new(through(&proxy.url, ClientOptions { registry, ..ClientOptions::default() }))
                .unwrap();
        let error = client.packument("x", PackumentKind::Full).await.unwrap_err();
        assert_eq!(error.code(), "EINVALIDPROXY");
        assert!(error.to_string().ends_with(problem), "{error}");
        assert!(!error.to_string().contains("pass"), "{error}");
    }
}

#[tokio::test]
async fn an_excluded_host_is_reached_directly() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let mut options = through(&Url::parse("http://127.0.0.1:9").unwrap(), options(&server));
    options.proxy.no_proxy = vec!["127.0.0.1".into()];
    RegistryClient::new(options).unwrap().packument("x", PackumentKind::Full).await.unwrap();
    assert_eq!(server.last().target, "/x");
}
