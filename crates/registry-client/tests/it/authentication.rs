//! Which credentials go where.

use registry_client::{
    ApiRequest, ClientOptions, Credential, PackumentKind, RegistryClient, RegistryError, TarballRequest,
};
use url::Url;

use crate::support::{Reply, Server, options};

fn nerf_dart(url: &Url) -> String {
    format!("//{}:{}{}", url.host_str().unwrap(), url.port().unwrap(), url.path())
}

fn with_token(server: &Server, at: &Url) -> ClientOptions {
    let mut options = options(server);
    options.credentials.insert(nerf_dart(at), Credential::token("t0ken"));
    options
}

async fn fetch(options: ClientOptions, url: Url, name: Option<&str>) -> Result<u64, RegistryError> {
    let request = TarballRequest { name: name.map(str::to_owned), ..TarballRequest::new(url) };
    RegistryClient::new(options).unwrap().tarball(&request, &mut Vec::new()).await
}

#[tokio::test]
async fn credentials_go_to_their_registry_only() {
    let server = Server::start(|_| Reply::ok("x")).await;
    let private = server.url("/private/");
    // credentials at, registry, tarball, whether sent
    let rows = [
        (server.url("/"), server.url("/"), server.url("/x.tgz"), true),
        (private.clone(), private.clone(), server.url("/private/x.tgz"), true),
        (private.clone(), private.clone(), server.url("/files/x.tgz"), true),
        (private.clone(), server.url("/"), server.url("/files/x.tgz"), false),
        (server.url("/"), server.url("/"), server.url_at("localhost", "/x.tgz"), false),
    ];
    for (at, registry, tarball, sent) in rows {
        let options = ClientOptions { registry: Some(registry), ..with_token(&server, &at) };
        fetch(options, tarball.clone(), None).await.unwrap();
        assert_eq!(server.last().header("authorization"), sent.then_some("Bearer t0ken"), "{tarball}");
    }
}

#[tokio::test]
async fn a_scopes_registry_gets_the_scopes_credentials() {
    let (public, private) =
        (Server::start(|_| Reply::ok("{}")).await, Server::start(|_| Reply::ok("{}")).await);
    let mut options = options(&public);
    options.scoped_registries.insert("@acme".into(), private.url("/npm/"));
    options.credentials.insert(nerf_dart(&private.url("/npm/")), Credential::user_password("u", "p"));
    let client = RegistryClient::new(options).unwrap();
    client.packument("@acme/x", PackumentKind::Full).await.unwrap();
    client.packument("lodash", PackumentKind::Full).await.unwrap();
    assert_eq!(private.last().target, "/npm/@acme%2fx");
    assert_eq!(private.last().header("authorization"), Some("Basic dTpw"));
    assert_eq!(public.last().header("authorization"), None);
}

#[tokio::test]
async fn a_refusal_where_only_the_scope_has_credentials_says_so() {
    let server = Server::start(|_| Reply::new(404, "{}")).await;
    let elsewhere = Server::start(|_| Reply::ok("{}")).await;
    let mut options = options(&elsewhere);
    options.scoped_registries.insert("@acme".into(), elsewhere.url("/npm/"));
    options.credentials.insert(nerf_dart(&elsewhere.url("/npm/")), Credential::token("t0ken"));
    let error = fetch(options, server.url("/x.tgz"), Some("@acme/x")).await.unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.contains(elsewhere.url("/npm/").as_str()), "{hint}");
}

#[tokio::test]
async fn a_redirect_to_another_host_leaves_credentials_behind() {
    let server = Server::start(|asked| match asked.target.split_once("/to/") {
        Some((_, location)) => Reply::redirect(302, &location.replace("%3A", ":")),
        None => Reply::ok("x"),
    })
    .await;
    let other_host = server.url_at("localhost", "/x.tgz");
    let rows = [
        ("/x.tgz".to_owned(), true),
        (server.url("/x.tgz").to_string(), true),
        (other_host.to_string(), false),
    ];
    for (location, sent) in rows {
        let url = server.url(&format!("/to/{location}"));
        fetch(with_token(&server, &server.url("/")), url, None).await.unwrap();
        assert_eq!(server.last().target, "/x.tgz");
        assert_eq!(server.last().header("authorization").is_some(), sent, "{location}");
    }
}

#[tokio::test]
async fn a_redirect_to_another_port_leaves_credentials_behind() {
    let elsewhere = Server::start(|_| Reply::ok("x")).await;
    let location = elsewhere.url("/x.tgz").to_string();
    let server = Server::start(move |_| Reply::redirect(302, &location)).await;
    fetch(with_token(&server, &server.url("/")), server.url("/y.tgz"), None).await.unwrap();
    assert!(server.last().header("authorization").is_some());
    assert_eq!(elsewhere.last().target, "/x.tgz");
    assert_eq!(elsewhere.last().header("authorization"), None);
}

#[tokio::test]
async fn redirects_that_cannot_be_followed_are_errors() {
    let rows = [
        (Reply::redirect(301, "/again"), "more than 20 times"),
        (Reply::new(302, ""), "without a location"),
        (Reply::redirect(302, "ftp://registry.example/x"), "to ftp://registry.example/x"),
    ];
    for (reply, problem) in rows {
        let server = Server::start(move |_| reply.clone()).await;
        let error = fetch(options(&server), server.url("/x.tgz"), None).await.unwrap_err();
        assert_eq!(error.code(), "EINVALIDREDIRECT");
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[tokio::test]
async fn a_redirected_post_becomes_a_get_and_a_redirected_put_stays_one() {
    for (status, method, becomes) in
        [(302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"), (308, "PUT", "PUT")]
    {
        let server = Server::start(move |asked| {
            if asked.number == 0 { Reply::redirect(status, "/there") } else { Reply::ok("{}") }
        })
        .await;
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let client = RegistryClient::new(options(&server)).unwrap();
        client.request(&ApiRequest::new(method, "/here")).await.unwrap();
        assert_eq!((server.last().target.as_str(), server.last().method.as_str()), ("/there", becomes));
    }
}

#[tokio::test]
async fn user_and_password_in_an_address_are_sent_and_never_shown() {
    let server = Server::start(|asked| Reply::new(if asked.number == 0 { 200 } else { 403 }, "x")).await;
    let mut url = server.url("/x.tgz");
    url.set_username("us%40er").unwrap();
    url.set_password(Some("s3cret")).unwrap();
    fetch(options(&server), url.clone(), None).await.unwrap();
    assert_eq!(server.last().header("authorization"), Some("Basic dXNAZXI6czNjcmV0"));
    let error = fetch(options(&server), url, None).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
}
