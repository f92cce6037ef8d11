//! A company's own issuer of id-tokens, from the command that trusts it to the job that publishes without a token.

use registry_server::settings::Registration;
use registry_server::{Provider, TrustedIssuer};
use serde_json::{Value, json};
use test_support::{FixturePackage, HostedRegistry, Issuer, publication};

use crate::sandbox::Sandbox;

/// What npm asks its provider for.
const AUDIENCE: &str = "npm:127.0.0.1";

/// A registry that trusts an issuer, and a user's token for it.
fn registry(issuer: &Issuer) -> (HostedRegistry, String) {
    let registry = HostedRegistry::with(|options| {
        options.everyone = None;
        options.accounts.access.registration = Registration::Open;
        options.accounts.issuers = vec![TrustedIssuer::new(Provider::Oidc, issuer.url(), AUDIENCE)];
    });
    let body = json!({ "name": "ann", "password": "correct horse", "email": "ann@example.com" });
    let made = registry.send("PUT", "/-/user/org.couchdb.user:ann", &body);
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    let first = publication(&FixturePackage::new("@acme/x", "1.0.0"));
    assert_eq!(registry.send_as(&token, "PUT", "/@acme%2fx", &first).status, 201);
    (registry, token)
}

/// What the issuer says of a job.
fn id_token(issuer: &Issuer, job: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    issuer.sign(&json!({
        "iss": issuer.url(), "aud": AUDIENCE, "sub": job, "branch": "main", "iat": now, "exp": now + 60,
    }))
}

/// A sandbox with the package in some version.
fn project(registry: &HostedRegistry, version: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("home/.npmrc", &format!("registry={}\nfetch-retries=0\n", registry.url()));
    sandbox.file("project/package.json", &format!(r#"{{"name":"@acme/x","version":"{version}"}}"#));
    sandbox
}

#[test]
fn a_job_publishes_by_the_word_of_an_issuer_that_the_package_trusts() {
    let issuer = Issuer::start();
    let (registry, token) = registry(&issuer);
    let maintainer = project(&registry, "1.0.0");
    let (url, host) = (registry.url(), registry.host());
    maintainer.file("home/.npmrc", &format!("registry={url}\n//{host}/:_authToken={token}\n"));
    let publish = |version: &str, job: &str| {
        let mut build = project(&registry, version);
        build.set("NPM_ID_TOKEN", &id_token(&issuer, job));
        build.knit(&["publish"])
    };
    let early = publish("1.1.0", "job:release");
    assert!(early.contains("exit: 1") && early.contains("error[ENEEDAUTH]"), "{early}");
    assert!(early.contains("no trusted publisher of @acme/x is \"job:release\""), "{early}");

    let elsewhere = maintainer.knit(&[
        "trust",
        "oidc",
        "--issuer",
        "https://ci.example",
        "--claim",
        "sub=job:release",
        "--allow-publish",
        "--yes",
    ]);
    assert!(elsewhere.contains("exit: 1") && elsewhere.contains("[[trusted_issuer]]"), "{elsewhere}");
    assert!(elsewhere.contains("url = \"https://ci.example\""), "{elsewhere}");
    let claims = ["--claim", "sub=job:release", "--claim", "branch=main", "--allow-publish", "--yes"];
    let made = maintainer.knit(&[&["trust", "oidc", "--issuer", issuer.url()], &claims[..]].concat());
    assert!(made.contains("exit: 0"), "{made}");

    let other = publish("1.1.0", "job:test");
    assert!(other.contains("exit: 1") && other.contains("no trusted publisher"), "{other}");
    let released = publish("1.1.0", "job:release");
    assert!(released.contains("exit: 0") && released.contains("+ @acme/x@1.1.0\n"), "{released}");
    assert_eq!(registry.get("/@acme%2fx").json()["dist-tags"]["latest"], "1.1.0");

    let listed = maintainer.knit(&["trust", "list", "--json"]);
    let shown = listed.split_once("--- stdout\n").expect("an answer").1;
    let relation: Value = serde_json::from_str(shown).expect("JSON");
    assert_eq!(relation["issuer"], issuer.url());
    assert_eq!(relation["claims"], json!({ "sub": "job:release", "branch": "main" }));
    let id = relation["id"].as_str().expect("an id");
    let revoked = maintainer.knit(&["trust", "revoke", "--id", id]);
    assert!(revoked.contains("exit: 0"), "{revoked}");
    assert!(publish("1.2.0", "job:release").contains("error[ENEEDAUTH]"));
}
