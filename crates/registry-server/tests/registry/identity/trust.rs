//! Trusted publishing with an issuer on loopback: as `npm trust` and `npm publish` (11.19.1) ask.

use registry_server::{Provider, TrustedIssuer};
use serde_json::{Value, json};
use test_support::{FixturePackage, Issuer};

use super::accounts::Accounts;

const AUDIENCE: &str = "npm:registry.example";

fn trusted(issuer: &Issuer) -> TrustedIssuer {
    TrustedIssuer::new(Provider::GitHub, issuer.url(), AUDIENCE)
}

/// An id-token for a run of acme/core's release workflow, with other claims than usual.
fn id_token(issuer: &Issuer, accounts: &Accounts, changes: Value) -> String {
    let now = accounts.now().as_second();
    let mut claims = json!({
        "iss": issuer.url(),
        "aud": AUDIENCE,
        "sub": "repo:acme/core:ref:refs/heads/main",
        "iat": now,
        "exp": now + 300,
        "repository": "acme/core",
        "workflow_ref": "acme/core/.github/workflows/release.yml@refs/heads/main",
    });
    let changes = changes.as_object().expect("claims").clone();
    claims.as_object_mut().expect("an object").extend(changes);
    issuer.sign(&claims)
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
    let accounts = Accounts::with(|options| options.accounts.issuers = vec![trusted(&issuer)]);
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
    let id_token = id_token(&issuer, &accounts, json!({}));
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
    let untrusted = id_token(&issuer, &accounts, json!({}));
    assert_eq!(accounts.call(&untrusted, "POST", EXCHANGE, &Value::Null).status, 401);
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    let now = accounts.now().as_second();
    let stranger = Issuer::start();
    for (token, expected) in [
        (id_token(&issuer, &accounts, json!({ "repository": "evil/core" })), "no trusted publisher of tool"),
        (id_token(&issuer, &accounts, json!({ "aud": "npm:other.example" })), "for somebody else"),
        (id_token(&issuer, &accounts, json!({ "exp": now - 100 })), "expired"),
        (id_token(&stranger, &accounts, json!({})), "which this registry does not trust"),
        (id_token(&stranger, &accounts, json!({ "iss": issuer.url() })), "signature is wrong"),
        ("nonsense".to_owned(), "not a signed JSON Web Token"),
        (String::new(), "missing"),
    ] {
        let answer = accounts.call(&token, "POST", EXCHANGE, &Value::Null);
        assert_eq!(answer.status, 401, "{}", answer.text());
        let message = answer.json()["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(stranger.asked(), 0);
}

#[test]
fn keys_are_fetched_once_and_used_while_the_issuer_is_down() {
    let (accounts, issuer, ada) = start();
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    issuer.set_down(true);
    let exchange = |jti: u32| {
        let id_token = id_token(&issuer, &accounts, json!({ "jti": jti }));
        accounts.call(&id_token, "POST", EXCHANGE, &Value::Null).status
    };
    assert_eq!(exchange(0), 503);
    issuer.set_down(false);
    assert_eq!([exchange(1), exchange(2)], [201, 201]);
    assert_eq!(issuer.asked(), 1);
    accounts.pass(2 * 60 * 60);
    issuer.set_down(true);
    assert_eq!(exchange(3), 201);
}

#[test]
fn of_several_issuers_of_one_kind_a_publisher_means_one() {
    let (company, public) = (Issuer::start(), Issuer::start());
    let issuers = vec![trusted(&company), trusted(&public)];
    let accounts = Accounts::with(|options| options.accounts.issuers = issuers);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    let refused = accounts.call(&ada, "POST", TRUST, &workflow());
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains(company.url()) && refused.text().contains("iss"), "{}", refused.text());
    let mut ours = workflow();
    ours[0]["claims"]["iss"] = json!(company.url());
    assert_eq!(accounts.call(&ada, "POST", TRUST, &ours).status, 201);
    for (issuer, status) in [(&company, 201), (&public, 401)] {
        let id_token = id_token(issuer, &accounts, json!({}));
        assert_eq!(accounts.call(&id_token, "POST", EXCHANGE, &Value::Null).status, status);
    }
}

#[test]
fn keys_are_fetched_from_where_the_settings_say() {
    let (issuer, keys) = (Issuer::start(), Issuer::start());
    let elsewhere = TrustedIssuer { jwks_url: Some(format!("{}/keys", keys.url())), ..trusted(&issuer) };
    let accounts = Accounts::with(|options| options.accounts.issuers = vec![elsewhere]);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    assert_eq!(accounts.call(&ada, "POST", TRUST, &workflow()).status, 201);
    let by_its_own_key = id_token(&issuer, &accounts, json!({}));
    assert_eq!(accounts.call(&by_its_own_key, "POST", EXCHANGE, &Value::Null).status, 401);
    let by_that_key = id_token(&keys, &accounts, json!({ "iss": issuer.url() }));
    assert_eq!(accounts.call(&by_that_key, "POST", EXCHANGE, &Value::Null).status, 201);
    assert_eq!(issuer.asked(), 0);
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
        let id_token = id_token(&issuer, &accounts, json!({ "jti": number }));
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

/// The refusal of a trusted publisher.
#[track_caller]
fn refused(accounts: &Accounts, token: &str, kind: &str, claims: Value) -> String {
    let answer = accounts.call(token, "POST", TRUST, &json!([{ "type": kind, "claims": claims }]));
    assert_eq!(answer.status, 400, "{}", answer.text());
    answer.json()["error"].as_str().expect("a message").to_owned()
}

#[test]
fn a_publisher_of_an_issuer_that_is_not_known_is_refused_with_the_setting_that_is_missing() {
    let (accounts, issuer, ada) = start();
    let setting = |kind: &str, url: &str| {
        format!(
            "whoever runs it adds to its settings a [[trusted_issuer]] with provider = \"{kind}\" and {url}"
        )
    };
    let (known, other) = (issuer.url(), "https://ci.example");
    let job = |issuer: &str| json!({ "sub": "job:release", "iss": issuer });
    let workflow = |issuer: &str| json!({ "repository": "acme/core", "workflow_ref": { "file": "ci.yml" }, "iss": issuer });
    let pipeline = json!({ "project_path": "a/b", "ci_config_ref_uri": { "file": "ci.yml" } });
    for (kind, claims, expected) in [
        (
            "gitlab",
            pipeline,
            format!(
                "this registry trusts no issuer for \"gitlab\"; {}",
                setting("gitlab", "the issuer's url")
            ),
        ),
        (
            "oidc",
            job(other),
            format!(
                "this registry does not trust the issuer \"{other}\"; {}",
                setting("oidc", &format!("url = \"{other}\""))
            ),
        ),
        (
            "github",
            workflow(&format!("{known}/")),
            format!(
                "this registry does not trust the issuer \"{known}/\", but \"{known}\"; {}",
                setting("github", &format!("url = \"{known}/\""))
            ),
        ),
        ("oidc", job(known), format!("this registry trusts \"{known}\" for \"github\", not for \"oidc\"")),
        (
            "oidc",
            json!({ "iss": known }),
            "the trusted publisher must say by a claim whose workflow it means, as \"sub\" does".to_owned(),
        ),
    ] {
        assert_eq!(refused(&accounts, &ada, kind, claims), expected);
    }
    assert_eq!(accounts.get(&ada, TRUST).json(), json!([]));
}

#[test]
fn the_claims_of_an_issuer_of_ones_own_are_compared_as_they_are() {
    let issuer = Issuer::start();
    let own = TrustedIssuer { provider: Provider::Oidc, ..trusted(&issuer) };
    let accounts = Accounts::with(|options| options.accounts.issuers = vec![own]);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    let claims = json!({ "iss": issuer.url(), "repository": "acme/core", "groups": ["release"] });
    let publisher = json!([{ "type": "oidc", "claims": claims, "permissions": ["createPackage"] }]);
    let added = accounts.call(&ada, "POST", TRUST, &publisher).json();
    assert_eq!(added[0]["claims"], publisher[0]["claims"]);
    for (number, (changes, status)) in [
        (json!({ "groups": ["release", "staff"] }), 201),
        (json!({ "groups": "release" }), 201),
        (json!({ "groups": ["staff"] }), 401),
        (json!({}), 401),
        (json!({ "groups": ["release"], "repository": "Acme/core" }), 401),
    ]
    .into_iter()
    .enumerate()
    {
        let mut said = changes.clone();
        said["jti"] = json!(number);
        let exchanged = accounts.call(&id_token(&issuer, &accounts, said), "POST", EXCHANGE, &Value::Null);
        assert_eq!(exchanged.status, status, "{changes}: {}", exchanged.text());
    }
}
