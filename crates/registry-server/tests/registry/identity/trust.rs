//! Trusted publishing with an issuer on loopback: as `npm trust` and `npm publish` (11.19.1) ask.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::accounts::Accounts;
use base64_simd::URL_SAFE_NO_PAD;
use registry_server::{Provider, TrustedIssuer};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use test_support::FixturePackage;

const AUDIENCE: &str = "npm:registry.example";

/// An issuer of id-tokens.
struct Issuer {
    key: EcdsaKeyPair,
    url: String,
    asked: Arc<AtomicUsize>,
    down: Arc<AtomicBool>,
}

impl Issuer {
    fn start() -> Issuer {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).expect("the same key");
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode_to_string(x), URL_SAFE_NO_PAD.encode_to_string(y));
        let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y }] });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let configuration = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let (asked, down) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, is_down) = (asked.clone(), down.clone());
        // ends with the process: it waits for a connection that does not come
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut head = [0; 4096];
                let length = stream.read(&mut head).unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let body = match head.split(' ').nth(1) {
                    Some("/keys") => {
                        counted.fetch_add(1, Ordering::Relaxed);
                        keys.to_string()
                    }
                    Some("/.well-known/openid-configuration") => configuration.to_string(),
                    _ => String::new(),
                };
                let status = if is_down.load(Ordering::Relaxed) { "500 Down" } else { "200 OK" };
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        Issuer { key, url, asked, down }
    }

    fn trusted(&self) -> TrustedIssuer {
        TrustedIssuer::new(Provider::GitHub, self.url.clone(), AUDIENCE)
    }

    /// An id-token for a run of acme/core's release workflow, with other claims than usual.
    fn id_token(&self, accounts: &Accounts, changes: Value) -> String {
        let now = accounts.now().as_second();
        let mut claims = json!({
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "repo:acme/core:ref:refs/heads/main",
            "iat": now,
            "exp": now + 300,
            "repository": "acme/core",
            "workflow_ref": "acme/core/.github/workflows/release.yml@refs/heads/main",
        });
        let changes = changes.as_object().expect("claims").clone();
        claims.as_object_mut().expect("an object").extend(changes);
        let header = json!({ "alg": "ES256", "kid": "k" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode_to_string(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode_to_string(signature))
    }
}

const TRUST: &str = "/-/package/tool/trust";
const EXCHANGE: &str = "/-/npm/v1/oidc/token/exchange/package/tool";

fn workflow() -> Value {
    json!([{
        "type": "github",
        "claims": { "repository": "acme/core", "workflow_ref": { "file": "release.yml" } },
        "permissions": ["createPackage"],
    }])
}

/// A registry that trusts an issuer, with a package `tool` of ada's; her token.
fn start() -> (Accounts, Issuer, String) {
    let issuer = Issuer::start();
    let accounts = Accounts::with(|options| options.accounts.issuers = vec![issuer.trusted()]);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    (accounts, issuer, ada)
}

#[test]
fn publishers_are_trusted_by_who_administers_the_package() {
    let (accounts, _, ada) = start();
    let bob = accounts.user("bob");
    accounts.check(&[
        ("", "POST", TRUST, workflow(), 401),
        (&bob, "POST", TRUST, workflow(), 403),
        (&bob, "GET", TRUST, Value::Null, 403),
        (&ada, "POST", TRUST, json!([]), 400),
        (&ada, "POST", TRUST, json!([{ "type": "github", "claims": {} }]), 400),
        (&ada, "POST", "/-/package/none/trust", workflow(), 404),
    ]);
    let added = accounts.call(&ada, "POST", TRUST, &workflow());
    assert_eq!(added.status, 201);
    let added = added.json();
    assert_eq!(added[0]["claims"]["workflow_ref"]["file"], "release.yml");
    assert_eq!(accounts.get(&ada, TRUST).json(), added);
    let path = format!("{TRUST}/{}", added[0]["id"].as_str().expect("an id"));
    accounts.check(&[
        (&bob, "DELETE", &path, Value::Null, 403),
        (&ada, "DELETE", &path, Value::Null, 204),
        (&ada, "DELETE", &path, Value::Null, 404),
    ]);
    assert_eq!(accounts.get(&ada, TRUST).json(), json!([]));
}

#[test]
fn a_workflow_publishes_its_package_for_some_minutes_and_nothing_else() {
    let (accounts, issuer, ada) = start();
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    let id_token = issuer.id_token(&accounts, json!({}));
    let exchanged = accounts.call(&id_token, "POST", EXCHANGE, &Value::Null);
    let token = super::accounts::token(&exchanged);
    assert_eq!(accounts.publish(&token, &FixturePackage::new("tool", "1.1.0")).status, 201);
    accounts.check(&[
        (&token, "PUT", "/-/package/tool/dist-tags/next", json!("1.0.0"), 403),
        (&token, "GET", TRUST, Value::Null, 403),
        (&token, "GET", "/-/npm/v1/tokens", Value::Null, 403),
        (&token, "GET", "/tool", Value::Null, 200),
        // an id-token is good once
        (&id_token, "POST", EXCHANGE, Value::Null, 401),
    ]);
    assert_eq!(accounts.publish(&token, &FixturePackage::new("other", "1.0.0")).status, 403);
    let manifest = accounts.get("", "/tool/1.1.0").json();
    assert_eq!(manifest["version"], "1.1.0");
    accounts.pass(15 * 60 + 1);
    assert_eq!(accounts.publish(&token, &FixturePackage::new("tool", "1.2.0")).status, 401);
}

#[test]
fn nobody_else_gets_a_token() {
    let (accounts, issuer, ada) = start();
    let untrusted = issuer.id_token(&accounts, json!({}));
    assert_eq!(accounts.call(&untrusted, "POST", EXCHANGE, &Value::Null).status, 401);
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    let now = accounts.now().as_second();
    let stranger = Issuer::start();
    for (token, expected) in [
        (issuer.id_token(&accounts, json!({ "repository": "evil/core" })), "no trusted publisher of tool"),
        (issuer.id_token(&accounts, json!({ "aud": "npm:other.example" })), "for somebody else"),
        (issuer.id_token(&accounts, json!({ "exp": now - 100 })), "expired"),
        (stranger.id_token(&accounts, json!({})), "which this registry does not trust"),
        (stranger.id_token(&accounts, json!({ "iss": issuer.url })), "signature is wrong"),
        ("nonsense".to_owned(), "not a signed JSON Web Token"),
        (String::new(), "missing"),
    ] {
        let answer = accounts.call(&token, "POST", EXCHANGE, &Value::Null);
        assert_eq!(answer.status, 401, "{}", answer.text());
        let message = answer.json()["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(stranger.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn keys_are_fetched_once_and_used_while_the_issuer_is_down() {
    let (accounts, issuer, ada) = start();
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    issuer.down.store(true, Ordering::Relaxed);
    let exchange = |jti: u32| {
        let id_token = issuer.id_token(&accounts, json!({ "jti": jti }));
        accounts.call(&id_token, "POST", EXCHANGE, &Value::Null).status
    };
    assert_eq!(exchange(0), 503);
    issuer.down.store(false, Ordering::Relaxed);
    assert_eq!([exchange(1), exchange(2)], [201, 201]);
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 1);
    accounts.pass(2 * 60 * 60);
    issuer.down.store(true, Ordering::Relaxed);
    assert_eq!(exchange(3), 201);
}

#[test]
fn of_several_issuers_of_one_kind_a_publisher_means_one() {
    let (company, public) = (Issuer::start(), Issuer::start());
    let issuers = vec![company.trusted(), public.trusted()];
    let accounts = Accounts::with(|options| options.accounts.issuers = issuers);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    let refused = accounts.call(&ada, "POST", TRUST, &workflow());
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains(&company.url) && refused.text().contains("iss"), "{}", refused.text());
    let mut ours = workflow();
    ours[0]["claims"]["iss"] = json!(company.url);
    assert_eq!(accounts.call(&ada, "POST", TRUST, &ours).status, 201);
    for (issuer, status) in [(&company, 201), (&public, 401)] {
        let id_token = issuer.id_token(&accounts, json!({}));
        assert_eq!(accounts.call(&id_token, "POST", EXCHANGE, &Value::Null).status, status);
    }
}

#[test]
fn keys_are_fetched_from_where_the_settings_say() {
    let (issuer, keys) = (Issuer::start(), Issuer::start());
    let trusted = TrustedIssuer { jwks_url: Some(format!("{}/keys", keys.url)), ..issuer.trusted() };
    let accounts = Accounts::with(|options| options.accounts.issuers = vec![trusted]);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    let by_its_own_key = issuer.id_token(&accounts, json!({}));
    assert_eq!(accounts.call(&by_its_own_key, "POST", EXCHANGE, &Value::Null).status, 401);
    let by_that_key = keys.id_token(&accounts, json!({ "iss": issuer.url }));
    assert_eq!(accounts.call(&by_that_key, "POST", EXCHANGE, &Value::Null).status, 201);
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_workflow_may_publish_or_stage_as_it_was_given() {
    let (accounts, issuer, ada) = start();
    let publishes =
        |token: &str, version: &str| accounts.publish(token, &FixturePackage::new("tool", version)).status;
    let stages = |token: &str, version: &str| {
        let body = test_support::hosted::publication(&FixturePackage::new("tool", version));
        accounts.call(token, "POST", "/-/stage/package/tool", &body).status
    };
    for (number, (permissions, published, staged)) in [
        (json!(["createStagedPackage"]), 403, 201),
        (json!(["createPackage"]), 201, 403),
        (json!(["createPackage", "createStagedPackage"]), 201, 201),
    ]
    .into_iter()
    .enumerate()
    {
        let mut wanted = workflow();
        wanted[0]["permissions"] = permissions.clone();
        let added = accounts.call(&ada, "POST", TRUST, &wanted).json();
        let id_token = issuer.id_token(&accounts, json!({ "jti": number }));
        let token = super::accounts::token(&accounts.call(&id_token, "POST", EXCHANGE, &Value::Null));
        assert_eq!(publishes(&token, &format!("2.{number}.0")), published, "{permissions}");
        assert_eq!(stages(&token, &format!("3.{number}.0")), staged, "{permissions}");
        assert!(accounts.get(&token, "/-/stage").json()["total"].is_u64());
        let path = format!("{TRUST}/{}", added[0]["id"].as_str().expect("an id"));
        assert_eq!(accounts.call(&ada, "DELETE", &path, &Value::Null).status, 204);
    }
    let mut wanted = workflow();
    wanted[0]["permissions"] = json!([]);
    assert_eq!(accounts.call(&ada, "POST", TRUST, &wanted).status, 400);
}
