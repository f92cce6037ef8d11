//! What is asked for, what is accepted, and what is said about refusals.

use registry_client::{
    ApiBody, ApiRequest, CachePolicy, ClientOptions, CommandHeaders, PackumentKind, RegistryClient, Secret,
    TarballRequest,
};
use serde_json::json;

use crate::support::{Reply, Server, client, gzip, options};

#[tokio::test]
async fn packuments_are_asked_for_as_npm_asks() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let command = CommandHeaders {
        command: Some("install".into()),
        session: Some("5e551".into()),
        scope: Some("@acme".into()),
        auth_type: Some("web".into()),
    };
    let options = ClientOptions { command, user_agent: "knit/test".into(), ..options(&server) };
    let client = RegistryClient::new(options).unwrap();
    let packument = client.packument("@acme/x", PackumentKind::Abbreviated).await.unwrap();
    assert_eq!(packument.text(), b"{}");
    client.packument("lodash", PackumentKind::Full).await.unwrap();

    let [abbreviated, full] = server.asked().try_into().unwrap();
    let host = server.address.to_string();
    let rows = [
        ("host", host.as_str()),
        ("user-agent", "knit/test"),
        ("npm-command", "install"),
        ("npm-session", "5e551"),
        ("npm-scope", "@acme"),
        ("npm-auth-type", "web"),
        ("accept", "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"),
        ("accept-encoding", "gzip"),
    ];
    for (name, value) in rows {
        assert_eq!(abbreviated.header(name), Some(value), "{name}");
    }
    assert_eq!(abbreviated.target, "/@acme%2fx");
    assert_eq!((full.target.as_str(), full.header("accept")), ("/lodash", Some("application/json")));
    assert_eq!(abbreviated.connection, full.connection, "the connection is kept");
}

#[tokio::test]
async fn many_who_want_one_packument_cause_one_request() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let client = client(&server);
    let wanted = (0..20).map(|_| client.packument("lodash", PackumentKind::Abbreviated));
    for packument in futures_util::future::join_all(wanted).await {
        packument.unwrap();
    }
    client.packument("lodash", PackumentKind::Abbreviated).await.unwrap();
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_failed_packument_is_asked_for_again() {
    let server = Server::start(|asked| Reply::new(if asked.number == 0 { 403 } else { 200 }, "{}")).await;
    let client = client(&server);
    client.packument("lodash", PackumentKind::Full).await.unwrap_err();
    client.packument("lodash", PackumentKind::Full).await.unwrap();
}

#[tokio::test]
async fn a_registry_without_abbreviated_packuments_is_asked_for_the_full_one() {
    let server = Server::start(|asked| {
        let full = asked.header("accept") == Some("application/json");
        Reply::new(if full { 200 } else { 404 }, "{}")
    })
    .await;
    client(&server).packument("lodash", PackumentKind::Abbreviated).await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn answers_are_accepted_only_when_they_are_packuments() {
    let text = br#"{"name":"x"}"#;
    let packed = gzip(text);
    let mut damaged = packed.clone();
    damaged[12] ^= 0xff;
    let encoded = |body: &[u8], encoding: &str| Reply::ok(body).header("content-encoding", encoding);
    let rows = [
        (Reply::ok(text), None),
        (encoded(text, "identity"), None),
        (encoded(&packed, "gzip"), None),
        (encoded(&damaged, "gzip"), Some("gzip stream is damaged")),
        (encoded(b"x", "gzip"), Some("gzip stream is cut off")),
        (encoded(&packed, "br"), Some("content-encoding br was not asked for")),
        (Reply::ok("<html>"), Some("not a packument")),
        (Reply::ok(""), Some("not a packument")),
        (Reply::new(304, ""), Some("was not asked that")),
    ];
    for (reply, problem) in rows {
        let server = Server::start(move |_| reply.clone()).await;
        let outcome = client(&server).packument("x", PackumentKind::Full).await;
        match (outcome, problem) {
            (Ok(packument), None) => assert_eq!(packument.text(), text),
            (Err(error), Some(problem)) => {
                assert_eq!(error.code(), "EINVALIDRESPONSE");
                assert!(error.to_string().contains(problem), "{error}");
            }
            (outcome, problem) => panic!("{outcome:?} where {problem:?} was expected"),
        }
    }
}

#[tokio::test]
async fn a_document_past_the_limit_is_refused_packed_or_not() {
    let text = format!("{{\"readme\":\"{}\"}}", "x".repeat(5000));
    let rows = [Reply::ok(text.clone()), Reply::ok(gzip(text.as_bytes())).header("content-encoding", "gzip")];
    for reply in rows {
        let server = Server::start(move |_| reply.clone()).await;
        let options = ClientOptions { max_metadata_bytes: 4096, ..options(&server) };
        let client = RegistryClient::new(options).unwrap();
        let error = client.packument("x", PackumentKind::Full).await.unwrap_err();
        assert!(error.to_string().contains("limit of 4096 bytes"), "{error}");
    }
}

#[tokio::test]
async fn refusals_have_npms_codes_and_name_package_and_url() {
    let html = "<html>";
    let rows = [
        (404, None, r#"{"error":"not_found"}"#, "E404", "Not Found: not_found"),
        (404, None, html, "E404", "was not found: 404 Not Found"),
        (401, None, "{}", "E401", "needs valid credentials"),
        (401, Some("OTP"), "{}", "EOTP", "one-time password"),
        (401, Some("Basic, otp"), "{}", "EOTP", "one-time password"),
        (401, None, "You must provide a one-time pass.", "EOTP", "one-time password"),
        (401, Some("Basic"), "one-time pass", "E401", "credentials"),
        (401, Some("ipaddress"), "{}", "EAUTHIP", "IP address"),
        (403, None, r#"{"message":"blocked by policy"}"#, "E403", "blocked by policy"),
        (402, None, "{}", "E402", "402 Payment Required"),
        (500, None, r#"{"error":"oh"}"#, "E500", "500 Internal Server Error: oh"),
    ];
    for (status, challenge, body, code, text) in rows {
        let server = Server::start(move |_| {
            let reply = Reply::new(status, body);
            challenge.map_or(reply.clone(), |challenge| reply.header("www-authenticate", challenge))
        })
        .await;
        let error = client(&server).packument("@s/x", PackumentKind::Full).await.unwrap_err();
        let message = error.to_string();
        assert_eq!(error.code(), code, "{message}");
        assert!(message.contains(text), "{message}");
        let url = format!("GET {} (package @s/x)", server.url("/@s%2fx"));
        assert!(message.contains(&url), "{message}");
        assert!(error.hint().is_some() || matches!(code, "E402" | "EAUTHIP"), "{code} has no hint");
    }
}

#[tokio::test]
async fn names_that_could_mean_other_paths_are_not_asked_for() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    for name in ["", "..", "a/b", "@s/../x", "@s"] {
        let error = client(&server).packument(name, PackumentKind::Full).await.unwrap_err();
        assert_eq!(error.code(), "EINVALIDPACKAGENAME");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn without_a_registry_the_error_says_so() {
    let client = RegistryClient::new(ClientOptions::default()).unwrap();
    let error = client.packument("x", PackumentKind::Full).await.unwrap_err();
    assert_eq!(error.to_string(), "no registry is configured for x");
}

#[tokio::test]
async fn compressed_bodies_say_so() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let body = ApiBody::GzippedJson(json!({"lodash": ["1.0.0"]}));
    let request = ApiRequest { body, ..ApiRequest::new(http::Method::POST, "/-/audit") };
    client(&server).request(&request).await.unwrap();
    assert_eq!(server.last().header("content-encoding"), Some("gzip"));
    assert_eq!(server.last().body, gzip(br#"{"lodash":["1.0.0"]}"#));
}

#[tokio::test]
async fn offline_nothing_is_asked_for_but_changes_are_sent() {
    let server = Server::start(|_| Reply::ok("{}")).await;
    let options = ClientOptions { cache_policy: CachePolicy::Offline, ..options(&server) };
    let client = RegistryClient::new(options).unwrap();
    let tarball = TarballRequest::new(server.url("/x.tgz"));
    assert_eq!(client.tarball(&tarball, &mut Vec::new()).await.unwrap_err().code(), "ENOTCACHED");
    let whoami = ApiRequest::new(http::Method::GET, "/-/whoami");
    assert_eq!(client.request(&whoami).await.unwrap_err().code(), "ENOTCACHED");
    client.request(&ApiRequest::new(http::Method::PUT, "/x")).await.unwrap();
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn calls_of_commands_carry_body_query_and_password() {
    let server =
        Server::start(|_| Reply::new(201, gzip(br#"{"ok":true}"#)).header("content-encoding", "gzip")).await;
    let request = ApiRequest {
        query: vec![("text".into(), "a b&c".into())],
        body: ApiBody::Json(json!({"name": "x"})),
        otp: Some(Secret::new("123456")),
        package: Some("@s/x".into()),
        ..ApiRequest::new(http::Method::PUT, "/-/thing?size=1")
    };
    let response = client(&server).request(&request).await.unwrap();
    assert_eq!(response.status, 201);
    assert_eq!(response.json::<serde_json::Value>().unwrap(), json!({"ok": true}));
    let asked = server.last();
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("PUT", "/-/thing?size=1&text=a+b%26c"));
    assert_eq!(asked.body, br#"{"name":"x"}"#);
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("npm-otp"), Some("123456"));
}
