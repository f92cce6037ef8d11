//! TLS: whom we trust, who we are, and what we speak over it.

use std::collections::HashSet;

use registry_client::{ClientOptions, Credential, PackumentKind, RegistryClient, RegistryError, TlsOptions};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::authority::Authority;
use crate::support::{Reply, Server, options};

async fn get(server: &Server, tls: TlsOptions) -> Result<(), RegistryError> {
    let options = ClientOptions { tls, ..options(server) };
    RegistryClient::new(options)?.packument("x", PackumentKind::Full).await.map(drop)
}

fn trusting(authority: &Authority) -> TlsOptions {
    TlsOptions { ca: vec![authority.pem()], ..TlsOptions::default() }
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_named() {
    let authority = Authority::new();
    let server = Server::start_secure(authority.server(&[], false), |_| Reply::ok("{}")).await;
    get(&server, trusting(&authority)).await.unwrap();
    get(&server, TlsOptions { extra_ca: vec![authority.pem()], ..TlsOptions::default() }).await.unwrap();
    get(&server, TlsOptions { extra_ca: vec![authority.pem()], ..trusting(&Authority::new()) })
        .await
        .unwrap();
    get(&server, TlsOptions { strict_ssl: false, ..TlsOptions::default() }).await.unwrap();
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted() {
    let authority = Authority::new();
    let server = Server::start_secure(authority.server(&[], false), |_| Reply::ok("{}")).await;
    for tls in [TlsOptions::default(), trusting(&Authority::new())] {
        let error = get(&server, tls).await.unwrap_err();
        assert_eq!(error.code(), "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("cafile")));
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn a_server_that_hangs_up_instead_of_shaking_hands_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let registry = format!("https://{}/", listener.local_addr().unwrap()).parse().ok();
    let somewhere = Server::start(|_| Reply::ok("{}")).await;
    let options = ClientOptions { registry, ..options(&somewhere) };
    let client = RegistryClient::new(options).unwrap();
    let asking = client.packument("x", PackumentKind::Full);
    let hanging_up = async {
        for _ in 0..3 {
            let (mut tcp, _) = listener.accept().await.unwrap();
            // the greeting is read, so that the end is an end and not a reset
            assert!(tcp.read(&mut [0; 4096]).await.unwrap() > 0);
        }
    };
    let (outcome, ()) = tokio::join!(asking, hanging_up);
    assert_eq!(outcome.unwrap_err().code(), "ECONNRESET");
}

#[tokio::test]
async fn certificates_that_are_none_are_refused_when_first_needed() {
    let authority = Authority::new();
    let server = Server::start_secure(authority.server(&["h2"], false), |_| Reply::ok("{}")).await;
    let rows = [
        TlsOptions { ca: vec!["nonsense".into()], ..TlsOptions::default() },
        TlsOptions { extra_ca: vec!["-----BEGIN CERTIFICATE-----\n".into()], ..TlsOptions::default() },
    ];
    for tls in rows {
        let error = get(&server, tls).await.unwrap_err();
        assert_eq!(error.code(), "EINVALIDCONFIG", "{error}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_who_wants_it() {
    let authority = Authority::new();
    let server = Server::start_secure(authority.server(&["h2"], true), |_| Reply::ok("{}")).await;
    get(&server, trusting(&authority)).await.unwrap_err();
    let identity = authority.identity();
    get(&server, TlsOptions { identity: Some(identity.clone().into()), ..trusting(&authority) })
        .await
        .unwrap();
    let mut options = ClientOptions { tls: trusting(&authority), ..options(&server) };
    options.credentials.insert(format!("//{}/", server.address), Credential::certificate(identity));
    RegistryClient::new(options).unwrap().packument("x", PackumentKind::Full).await.unwrap();
}

#[tokio::test]
async fn many_requests_share_few_http2_connections() {
    let authority = Authority::new();
    let server =
        Server::start_secure(authority.server(&["h2", "http/1.1"], false), |_| Reply::ok("{}")).await;
    let options = ClientOptions { tls: trusting(&authority), ..options(&server) };
    let client = RegistryClient::new(options).unwrap();
    let names: Vec<String> = (0..200).map(|number| format!("p{number}")).collect();
    let wanted = names.iter().map(|name| client.packument(name, PackumentKind::Full));
    for outcome in futures_util::future::join_all(wanted).await {
        outcome.unwrap();
    }
    let connections: HashSet<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert!((1..=2).contains(&connections.len()), "{connections:?}");
}

#[tokio::test]
async fn http1_over_tls_uses_as_many_connections_as_there_are_places() {
    let authority = Authority::new();
    let server = Server::start_secure(authority.server(&["http/1.1"], false), |_| Reply::ok("{}")).await;
    let options = ClientOptions { tls: trusting(&authority), max_sockets: 4, ..options(&server) };
    let client = RegistryClient::new(options).unwrap();
    let names: Vec<String> = (0..40).map(|number| format!("p{number}")).collect();
    let wanted = names.iter().map(|name| client.packument(name, PackumentKind::Full));
    for outcome in futures_util::future::join_all(wanted).await {
        outcome.unwrap();
    }
    let connections: HashSet<usize> = server.asked().iter().map(|asked| asked.connection).collect();
    assert!((1..=4).contains(&connections.len()), "{connections:?}");
}
