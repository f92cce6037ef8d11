//! Questions that are passed on: audits, keys, attestations.

use std::io::Write;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use test_support::{Answer, Recorder};

use super::proxied::Proxied;

const BULK: &str = "/-/npm/v1/security/advisories/bulk";

fn packed(value: &Value) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(value.to_string().as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn an_audit_asks_the_upstream_about_its_own_names_only() {
    let upstream = Recorder::start();
    let advisory = json!([{ "id": 1, "title": "bad", "severity": "high", "vulnerable_versions": "<2" }]);
    // what it says about names that it was not asked about is none of its business
    let said = json!({ "plain": advisory, "@ours/secret": advisory });
    upstream.answer("POST", BULK, Answer::json(200, &said));
    let proxied = Proxied::of(&upstream.url(), "");
    let installed =
        json!({ "plain": ["1.0.0"], "@ours/secret": ["1.0.0"], "@no/x": ["1.0.0"], "../x": ["1"] });
    for (headers, body) in [
        (vec![("Content-Encoding", "gzip")], packed(&installed)),
        (vec![], installed.to_string().into_bytes()),
    ] {
        let answer = proxied.post(BULK, &headers, &body);
        assert_eq!((answer.status, answer.json()), (200, json!({ "plain": advisory })));
    }
    for asked in upstream.take_requests() {
        let body: Value = serde_json::from_reader(GzDecoder::new(&*asked.body)).expect("JSON");
        assert_eq!(body, json!({ "plain": ["1.0.0"] }));
    }
    // an audit without the upstream's knowledge would look clean
    upstream.answer("POST", BULK, Answer::json(500, &json!({})));
    let ours = packed(&json!({ "@ours/secret": ["1.0.0"] }));
    assert_eq!(proxied.post(BULK, &[("Content-Encoding", "gzip")], &ours).status, 200);
    assert!(upstream.take_requests().is_empty(), "there was nothing to ask");
    for wrong in [&b"[]"[..], b"", b"\xff"] {
        assert_eq!(proxied.post(BULK, &[], wrong).status, 400);
    }
}

#[test]
fn an_audit_that_the_upstream_cannot_answer_fails() {
    let upstream = Recorder::start();
    upstream.answer("POST", BULK, Answer::json(500, &json!({})));
    let proxied = Proxied::of(&upstream.url(), "");
    let installed = packed(&json!({ "plain": ["1.0.0"] }));
    assert_eq!(proxied.post(BULK, &[("Content-Encoding", "gzip")], &installed).status, 503);
    // one that is not to be asked says nothing
    let silent = Proxied::of(&upstream.url(), "audits = false");
    assert_eq!(silent.post(BULK, &[("Content-Encoding", "gzip")], &installed).json(), json!({}));
}

#[test]
fn keys_of_the_upstream_stand_beside_our_own_and_outlive_it() {
    let upstream = Recorder::start();
    let key = json!({ "keyid": "SHA256:theirs", "keytype": "ecdsa-sha2-nistp256", "key": "AAAA" });
    upstream.answer("GET", "/-/npm/v1/keys", Answer::json(200, &json!({ "keys": [key] })));
    let proxied = Proxied::of(&upstream.url(), "connect_timeout = \"500ms\"");
    let keys = proxied.get("/-/npm/v1/keys").json();
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(keys["keys"][1], key);
    proxied.get("/-/npm/v1/keys");
    assert_eq!(upstream.take_requests().len(), 1);
    drop(upstream);
    proxied.pass(7200);
    assert_eq!(proxied.get("/-/npm/v1/keys").json(), keys);
}

#[test]
fn attestations_of_the_upstreams_packages_are_its_own() {
    let upstream = Recorder::start();
    let bundle = json!({ "attestations": [{ "predicateType": "x" }] });
    upstream.answer("GET", "/-/npm/v1/attestations/@s%2fpkg@1.0.0", Answer::json(200, &bundle));
    let proxied = Proxied::of(&upstream.url(), "");
    assert_eq!(proxied.get("/-/npm/v1/attestations/@s%2fpkg@1.0.0").json(), bundle);
    assert_eq!(proxied.get("/-/npm/v1/attestations/@s%2fpkg@2.0.0").status, 404);
    upstream.take_requests();
    assert_eq!(proxied.get("/-/npm/v1/attestations/@ours%2fpkg@1.0.0").status, 404);
    assert!(upstream.take_requests().is_empty());
}
