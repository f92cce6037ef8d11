//! `audit signatures`. Codes, JSON and wording are those of npm 11.19.1, but that nothing is called verified whose signer
//! was not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use serde_json::{Value, json};
use test_support::fixture::SigningKey;
use test_support::{FixturePackage, TestRegistry};

use crate::sandbox::Sandbox;

const KEYS: &str = "/-/npm/v1/keys";

/// A project that depends on all of these.
fn world(packages: &[FixturePackage], keys: Option<Value>) -> (TestRegistry, Sandbox) {
    let registry = TestRegistry::with(packages.iter().cloned());
    if let Some(keys) = keys {
        registry.put_document(KEYS, json!({ "keys": keys }));
    }
    let mut sandbox = Sandbox::new();
    let dependencies: serde_json::Map<String, Value> =
        packages.iter().map(|package| (package.name().to_owned(), package.version().into())).collect();
    let manifest = json!({ "name": "demo", "version": "1.0.0", "dependencies": dependencies });
    sandbox.file("project/package.json", &manifest.to_string());
    sandbox.set("npm_config_registry", &registry.url()).set("npm_config_audit", "false");
    let installed = sandbox.knit(&["install"]);
    assert!(installed.contains("exit: 0"), "{installed}");
    (registry, sandbox)
}

fn ask(world: &(TestRegistry, Sandbox), line: &[&str]) -> String {
    let (registry, sandbox) = world;
    let said = sandbox.knit(line).replace(&registry.url(), "[REGISTRY]/");
    let start = said.find("audited ").map_or(0, |at| at);
    let time = said[start..].find(" in ").map(|at| start + at);
    match time.and_then(|at| Some((at, at + said[at..].find('\n')?))) {
        Some((from, to)) if start > 0 => format!("{} in [TIME]{}", &said[..from], &said[to..]),
        _ => said,
    }
}

#[test]
fn good_signatures_are_counted() {
    let key = SigningKey::generate();
    let packages = [
        FixturePackage::new("a", "1.0.0").signed_by(&key),
        FixturePackage::new("@s/b", "2.0.0").signed_by(&key).signed_by(&key),
    ];
    let world = world(&packages, Some(json!([key.listed(None)])));
    let text = ask(&world, &["audit", "signatures"]);
    assert_snapshot!(format!("{text}\n{}", ask(&world, &["audit", "signatures", "--json"])));
}

#[test]
fn missing_and_wrong_signatures_are_told() {
    let (key, other) = (SigningKey::generate(), SigningKey::generate());
    // signed for one tarball, served with another's integrity
    let signature = key.signature("b@1.0.0:sha512-AAAA");
    let packages = [
        FixturePackage::new("a", "1.0.0"),
        FixturePackage::new("b", "1.0.0").dist("signatures", json!([signature])),
        FixturePackage::new("c", "1.0.0").signed_by(&key),
    ];
    let world = world(&packages, Some(json!([key.listed(None), other.listed(None)])));
    assert_snapshot!(ask(&world, &["audit", "signatures"]));
    let said = ask(&world, &["audit", "signatures", "--json"]);
    let (_, answer) = said.split_once("--- stdout\n").expect("an answer");
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    assert_eq!(answer["missing"][0]["name"], "a");
    assert_eq!(answer["missing"][0]["location"], "node_modules/a");
    assert_eq!(answer["invalid"][0]["code"], "EINTEGRITYSIGNATURE");
    assert_eq!(answer["invalid"][0]["keyid"], key.id());
    assert_eq!(answer["invalid"][0]["signature"], signature["sig"]);
    assert_eq!(answer["invalid"][0]["type"], "dependencies");
}

#[test]
fn keys_must_be_listed_and_in_force() {
    let (key, other) = (SigningKey::generate(), SigningKey::generate());
    let signed = FixturePackage::new("a", "1.0.0").signed_by(&key).published("2022-05-01T00:00:00.000Z");
    let rows = [
        (Some(json!([other.listed(None)])), "EMISSINGSIGNATUREKEY"),
        (Some(json!([key.listed(Some("2022-04-30T00:00:00.000Z"))])), "EEXPIREDSIGNATUREKEY"),
        (Some(json!([key.listed(Some("2022-05-02T00:00:00.000Z"))])), "verified registry signature"),
        (Some(json!([{ "keyid": key.id(), "key": "AAAA", "expires": null }])), "ESIGNATUREKEY"),
        (None, "EMISSINGSIGNATUREKEY"),
    ];
    for (keys, expected) in rows {
        let said = ask(&world(std::slice::from_ref(&signed), keys), &["audit", "signatures"]);
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let unsigned = world(&[FixturePackage::new("a", "1.0.0")], None);
    let said = ask(&unsigned, &["audit", "signatures"]);
    assert!(
        said.contains("exit: 1") && said.contains("no dependency is from a registry that signs"),
        "{said}"
    );
}

/// A package with an attestation by the registry, about `subject` and with `digest`.
fn attested(key: &SigningKey, subject: &str, digest: Option<&str>) -> (FixturePackage, Value) {
    let listed = json!({ "url": "https://registry.example/-/npm/v1/attestations/a@1.0.0", "provenance": {} });
    let package = FixturePackage::new("a", "1.0.0").signed_by(key).dist("attestations", listed);
    let integrity = package.integrity();
    let hash = STANDARD.decode(integrity.trim_start_matches("sha512-")).expect("base64");
    let own: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let statement =
        json!({ "subject": [{ "name": subject, "digest": { "sha512": digest.unwrap_or(&own) } }] });
    let (payload, kind) = (statement.to_string(), "application/vnd.in-toto+json");
    let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
    let bundle = json!({
        "dsseEnvelope": {
            "payload": STANDARD.encode(&payload), "payloadType": kind,
            "signatures": [{ "keyid": key.id(), "sig": STANDARD.encode(key.sign(signed.as_bytes())) }],
        },
        "verificationMaterial": { "tlogEntries": [{ "integratedTime": "1660000000" }] },
    });
    (package, json!({ "attestations": [{ "predicateType": "publish", "bundle": bundle }] }))
}

#[test]
fn attestations_must_fit_the_package() {
    let key = SigningKey::generate();
    let ask_about = |package: FixturePackage, document: Value| {
        let world = world(&[package], Some(json!([key.listed(None)])));
        world.0.put_document("/-/npm/v1/attestations/a@1.0.0", document);
        ask(&world, &["audit", "signatures", "--json", "--include-attestations"])
    };
    let (package, document) = attested(&key, "pkg:npm/a@1.0.0", None);
    let said = ask_about(package, document.clone());
    let (_, answer) = said.split_once("--- stdout\n").expect("an answer");
    let answer: Value = serde_json::from_str(answer).expect("JSON");
    assert!(said.contains("exit: 0"), "{said}");
    assert_eq!(answer["verified"][0]["name"], "a");
    assert_eq!(answer["verified"][0]["attestationBundles"], document["attestations"]);

    let (package, document) = attested(&key, "pkg:npm/b@1.0.0", None);
    let said = ask_about(package, document);
    assert!(said.contains("exit: 1") && said.contains("EATTESTATIONSUBJECT"), "{said}");

    let (package, document) = attested(&key, "pkg:npm/a@1.0.0", Some("00ff"));
    let said = ask_about(package, document);
    assert!(said.contains("exit: 1") && said.contains("EATTESTATIONSUBJECT"), "{said}");

    let (package, mut document) = attested(&key, "pkg:npm/a@1.0.0", None);
    let forged = STANDARD.encode(key.sign(b"something else"));
    document["attestations"][0]["bundle"]["dsseEnvelope"]["signatures"][0]["sig"] = forged.into();
    let said = ask_about(package, document);
    assert!(said.contains("exit: 1") && said.contains("\"code\": \"EATTESTATIONVERIFY\""), "{said}");

    // without a certificate nobody has signed it
    let (package, mut document) = attested(&key, "pkg:npm/a@1.0.0", None);
    document["attestations"][0]["bundle"]["dsseEnvelope"]["signatures"][0]["keyid"] = "".into();
    let said = ask_about(package, document);
    assert!(said.contains("exit: 1") && said.contains("EATTESTATIONVERIFY"), "{said}");
}
