//! Id-tokens signed here and by OpenSSL, and what packages trust.

use base64_simd::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::{Claims, IdToken, IdTokenRefusal, KeySet, TrustRefusal, TrustedPublisher};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "npm:registry.example";
const NOW: i64 = 2_000_000_000;

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// An issuer with one P-256 key.
struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Issuer {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        Issuer(EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("the same key"))
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": "ec", "x": base64(x), "y": base64(y) })
    }

    fn keys(&self) -> KeySet {
        KeySet::parse(json!({ "keys": [self.jwk()] }).to_string().as_bytes()).expect("a set of keys")
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", base64(signature))
    }
}

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "ec" })
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "repo:acme/core", "exp": NOW + 300, "nbf": NOW, "iat": NOW })
}

/// `object` with some members set, or removed by null.
fn with(mut object: Value, changes: &Value) -> Value {
    let members = object.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}

fn verify(token: &str, keys: &KeySet) -> Result<Claims, IdTokenRefusal> {
    let now = Timestamp::from_second(NOW).expect("a time");
    IdToken::parse(token)?.verify(keys, ISSUER, AUDIENCE, now)
}

#[test]
fn a_token_is_believed_for_its_time_and_audience() {
    let issuer = Issuer::new();
    let audience = || Err(IdTokenRefusal::Audience { audience: AUDIENCE.into() });
    let other = || Err(IdTokenRefusal::Issuer { issuer: "https://issuer.example/".into() });
    let missing = |claim| Err(IdTokenRefusal::MissingClaim { claim });
    for (changes, expected) in [
        (json!({}), Ok(())),
        (json!({ "aud": ["else", AUDIENCE] }), Ok(())),
        (json!({ "nbf": null, "iat": null }), Ok(())),
        (json!({ "exp": NOW - 59 }), Ok(())),
        (json!({ "exp": NOW - 60 }), Err(IdTokenRefusal::Expired)),
        (json!({ "exp": null }), missing("exp")),
        (json!({ "exp": "never" }), missing("exp")),
        (json!({ "nbf": NOW + 60 }), Ok(())),
        (json!({ "nbf": NOW + 61 }), Err(IdTokenRefusal::NotYet)),
        (json!({ "iat": NOW + 61 }), Err(IdTokenRefusal::NotYet)),
        (json!({ "aud": "npm:registry.example.evil" }), audience()),
        (json!({ "aud": ["else"] }), audience()),
        (json!({ "aud": null }), audience()),
        (json!({ "iss": "https://issuer.example/" }), other()),
        (json!({ "iss": null }), Err(IdTokenRefusal::Issuer { issuer: String::new() })),
        (json!({ "sub": null }), missing("sub")),
        (json!({ "sub": "" }), missing("sub")),
    ] {
        let token = issuer.token(&header(), &with(claims(), &changes));
        assert_eq!(verify(&token, &issuer.keys()).map(|_| ()), expected, "{changes}");
    }
}

#[test]
fn a_signature_must_be_the_issuers_own() {
    let issuer = Issuer::new();
    let good = issuer.token(&header(), &claims());
    let keys = issuer.keys();
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let (head, _) = signed.split_once('.').expect("a header");
    let changed = base64(with(claims(), &json!({ "sub": "repo:evil/core" })).to_string());
    let unsigned =
        |header: Value| format!("{}.{}.", base64(header.to_string()), base64(claims().to_string()));
    let algorithm = |name: &str| IdTokenRefusal::Algorithm { algorithm: name.into() };
    let key = |name: &str| IdTokenRefusal::UnknownKey { key: name.into() };
    let sign = |changes| issuer.token(&with(header(), &changes), &claims());
    for (token, expected) in [
        (format!("{head}.{changed}.{signature}"), IdTokenRefusal::Signature),
        (Issuer::new().token(&header(), &claims()), IdTokenRefusal::Signature),
        (format!("{signed}."), IdTokenRefusal::Signature),
        (unsigned(json!({ "alg": "none" })), algorithm("none")),
        (unsigned(json!({ "alg": "HS256", "kid": "ec" })), algorithm("HS256")),
        (sign(json!({ "alg": "RS256" })), key("ec")),
        (sign(json!({ "kid": "other" })), key("other")),
        (sign(json!({ "crit": ["b64"] })), IdTokenRefusal::Critical),
        (String::new(), IdTokenRefusal::Malformed),
        ("a.b".into(), IdTokenRefusal::Malformed),
        ("e30.e30.e30".into(), IdTokenRefusal::Malformed),
        (format!("{good}="), IdTokenRefusal::Malformed),
        (format!("{good}.{}", "x".repeat(40_000)), IdTokenRefusal::Malformed),
    ] {
        assert_eq!(verify(&token, &keys).map(|_| ()), Err(expected), "{token:.300}");
    }
    assert_eq!(verify(&sign(json!({ "kid": null })), &keys).map(|_| ()), Ok(()));
    assert_eq!(verify(&good, &KeySet::default()).map(|_| ()), Err(key("ec")));
}

#[test]
fn rsa_signatures_are_those_openssl_makes_and_other_keys_are_left_out() {
    let made: Value = serde_json::from_str(include_str!("rs256.json")).expect("JSON");
    let token = made["token"].as_str().expect("a token");
    let set = |changes: Value| {
        let keys = json!({ "keys": [{ "kty": "OKP" }, 7, with(made["jwk"].clone(), &changes)] });
        KeySet::parse(keys.to_string().as_bytes()).expect("a set of keys")
    };
    let claims = verify(token, &set(json!({}))).expect("a believed token");
    assert_eq!(claims.subject(), "repo:acme/core");
    assert!(set(json!({})).contains("one") && !set(json!({})).contains("two"));
    let unknown = Err(IdTokenRefusal::UnknownKey { key: "one".into() });
    for changes in
        [json!({ "use": "enc" }), json!({ "alg": "RS512" }), json!({ "n": "!" }), json!({ "kty": "oct" })]
    {
        assert_eq!(verify(token, &set(changes)).map(|_| ()), unknown);
    }
    assert_eq!(verify(token, &set(json!({ "n": "AQAB" }))).map(|_| ()), Err(IdTokenRefusal::Signature));
    for broken in ["", "[]", "{}", "{\"keys\":{}}"] {
        assert!(KeySet::parse(broken.as_bytes()).is_err(), "{broken}");
    }
}

fn publisher(provider: &str, claims: Value) -> TrustedPublisher {
    TrustedPublisher::from_json(json!({ "type": provider, "claims": claims })).expect("a trusted publisher")
}

#[test]
fn a_workflow_is_trusted_by_its_repository_file_and_environment() {
    let github = json!({ "repository": "acme/core", "workflow_ref": { "file": "release.yml" } });
    let protected = with(github.clone(), &json!({ "environment": "production" }));
    let token = json!({
        "repository": "Acme/core",
        "workflow_ref": "Acme/core/.github/workflows/release.yml@refs/heads/main",
        "environment": "production",
    });
    let gitlab =
        json!({ "project_path": "acme/tools/core", "ci_config_ref_uri": { "file": ".gitlab-ci.yml" } });
    let pipeline = json!({
        "project_path": "acme/tools/core",
        "ci_config_ref_uri": "git.example/acme/tools/core//.gitlab-ci.yml@refs/heads/main",
    });
    let own = json!({ "sub": "job:release", "groups": ["a", "b"] });
    let of_one = json!({ "groups": "a" });
    for (provider, trusted, token, changes, expected) in [
        ("github", &github, &token, json!({}), true),
        ("github", &github, &token, json!({ "environment": null }), true),
        ("github", &protected, &token, json!({}), true),
        ("github", &protected, &token, json!({ "environment": "Production" }), false),
        ("github", &protected, &token, json!({ "environment": null }), false),
        ("github", &github, &token, json!({ "repository": "evil/core" }), false),
        (
            "github",
            &github,
            &token,
            json!({ "workflow_ref": "Acme/core/.github/workflows/x.yml@refs" }),
            false,
        ),
        ("github", &github, &token, json!({ "workflow_ref": "e/c/.github/workflows/release.yml@r" }), false),
        (
            "github",
            &github,
            &token,
            json!({ "workflow_ref": "Acme/core/.github/workflows/release.yml" }),
            false,
        ),
        ("github", &github, &token, json!({ "workflow_ref": null }), false),
        ("gitlab", &gitlab, &pipeline, json!({}), true),
        ("gitlab", &gitlab, &pipeline, json!({ "project_path": "acme/tools/other" }), false),
        ("gitlab", &gitlab, &pipeline, json!({ "ci_config_ref_uri": "h/a//.gitlab-ci.yml@r" }), false),
        ("gitlab", &gitlab, &pipeline, json!({ "ci_config_ref_uri": null }), false),
        ("oidc", &own, &json!({ "sub": "job:release", "groups": ["b", "c", "a"] }), json!({}), true),
        ("oidc", &own, &json!({ "sub": "job:release", "groups": ["b"] }), json!({}), false),
        ("oidc", &of_one, &json!({ "groups": ["b", "a"] }), json!({}), true),
        ("oidc", &of_one, &json!({ "groups": "a" }), json!({}), true),
        ("oidc", &of_one, &json!({ "groups": ["b"] }), json!({}), false),
        ("oidc", &own, &json!({ "sub": "job:other", "groups": ["a", "b"] }), json!({}), false),
    ] {
        let said = with(token.clone(), &changes);
        let claims = Claims(said.as_object().expect("an object").clone());
        assert_eq!(publisher(provider, trusted.clone()).trusts(&claims), expected, "{trusted} {said}");
    }
}

#[test]
fn a_description_that_names_no_one_workflow_is_refused() {
    let missing = |claim: &str| TrustRefusal::Missing { claim: claim.into() };
    let file = json!({ "file": "release.yml" });
    for (document, expected) in [
        (json!({ "type": "github", "claims": { "repository": "a/b" } }), missing("workflow_ref")),
        (
            json!({ "type": "github", "claims": { "repository": "", "workflow_ref": file } }),
            missing("repository"),
        ),
        (
            json!({ "type": "github", "claims": { "repository": 1, "workflow_ref": file } }),
            missing("repository"),
        ),
        (
            json!({ "type": "github", "claims": { "repository": "a/b", "workflow_ref": {} } }),
            missing("workflow_ref"),
        ),
        (json!({ "type": "gitlab", "claims": {} }), missing("project_path")),
        (json!({ "type": "circleci", "claims": {} }), missing("oidc.circleci.com/org-id")),
        (json!({ "type": "oidc", "claims": {} }), TrustRefusal::Anybody),
        (json!({ "type": "oidc", "claims": { "iss": "x", "aud": "y", "jti": "z" } }), TrustRefusal::Anybody),
        (json!({ "type": "oidc", "claims": { "sub": "x", "iss": ["y"] } }), missing("iss")),
        (json!({ "type": "oidc", "claims": { "ref": { "file": "y" } } }), missing("ref")),
        (
            json!({ "type": "oidc", "claims": { "sub": "x" }, "permissions": ["createAnything"] }),
            TrustRefusal::Permissions,
        ),
        (
            json!({ "type": "gitlab", "claims": { "project_path": "a", "ci_config_ref_uri": file, "ref": "x" } }),
            TrustRefusal::Shape { problem: "there is no claim \"ref\"".into() },
        ),
    ] {
        assert_eq!(TrustedPublisher::from_json(document.clone()), Err(expected), "{document}");
    }
    assert!(matches!(TrustedPublisher::from_json(json!([])), Err(TrustRefusal::Shape { .. })));
    let sent = json!({ "type": "oidc", "claims": { "sub": "x" }, "permissions": ["createPackage"] });
    assert_eq!(TrustedPublisher::from_json(sent.clone()).expect("a publisher").to_json(), sent);
}
