//! The read side of npm's protocol, over a socket.

use std::io::Read;

use serde_json::{Value, json};
use test_support::plain_http::{Answer, request};
use test_support::{FixturePackage, TestRegistry};

const ABBREVIATED: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

fn registry() -> TestRegistry {
    TestRegistry::with([
        FixturePackage::new("plain", "1.0.0").file("index.js", "1").field("readme", json!("long")),
        FixturePackage::new("plain", "1.1.0")
            .dependency("other", "^1")
            .dev_dependency("tool", "2")
            .bin("plain", "cli.js")
            .engine("node", ">=18")
            .script("install", "node build.js")
            .script("test", "node test.js")
            .field("bundledDependencies", json!(["other"]))
            .field("optionalDependencies", json!({}))
            .field("license", json!("MIT"))
            .libc(&["glibc"])
            .deprecated("use another"),
        FixturePackage::new("plain", "2.0.0-rc.1").tag("next"),
        FixturePackage::new("@scope/name", "0.1.0").file("index.js", "2"),
    ])
}

fn get(registry: &TestRegistry, path: &str, headers: &[(&str, &str)]) -> Answer {
    request(&registry.host(), "GET", path, headers)
}

#[test]
fn the_full_document_is_what_was_published_with_tarballs_at_the_host_asked_for() {
    let registry = registry();
    let answer = get(&registry, "/plain", &[]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("vary"), Some("accept, accept-encoding"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(answer.header("last-modified"), Some("Fri, 03 Jan 2020 00:00:00 GMT"));
    let document = answer.json();
    assert_eq!(document["dist-tags"], json!({ "latest": "1.1.0", "next": "2.0.0-rc.1" }));
    assert_eq!(document["versions"]["1.0.0"]["readme"], "long");
    assert_eq!(document["versions"]["1.1.0"]["scripts"]["test"], "node test.js");
    assert_eq!(document["time"]["2.0.0-rc.1"], "2020-01-03T00:00:00.000Z");
    let tarball = format!("{}plain/-/plain-1.0.0.tgz", registry.url());
    assert_eq!(document["versions"]["1.0.0"]["dist"]["tarball"], tarball);
}

#[test]
fn the_abbreviated_document_has_what_an_installation_needs() {
    let registry = registry();
    let answer = get(&registry, "/plain", &[("Accept", ABBREVIATED)]);
    assert_eq!(answer.header("content-type"), Some("application/vnd.npm.install-v1+json"));
    let document = answer.json();
    let keys: Vec<&String> = document.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["name", "dist-tags", "versions", "modified"]);
    let mut manifest = document["versions"]["1.1.0"].clone();
    let dist = manifest.as_object_mut().expect("an object").remove("dist").expect("dist");
    assert_eq!(dist["tarball"], format!("{}plain/-/plain-1.1.0.tgz", registry.url()));
    assert_eq!(
        manifest,
        json!({
            "name": "plain",
            "version": "1.1.0",
            "dependencies": { "other": "^1" },
            "devDependencies": { "tool": "2" },
            "bundleDependencies": ["other"],
            "bin": { "plain": "cli.js" },
            "engines": { "node": ">=18" },
            "deprecated": "use another",
            "libc": ["glibc"],
            "hasInstallScript": true,
        })
    );
}

#[test]
fn a_scoped_name_is_found_however_it_is_spelled() {
    let registry = registry();
    for path in ["/@scope/name", "/@scope%2fname", "/@scope%2Fname", "/%40scope%2fname"] {
        let document = get(&registry, path, &[]).json();
        let tarball = format!("{}@scope/name/-/name-0.1.0.tgz", registry.url());
        assert_eq!(document["versions"]["0.1.0"]["dist"]["tarball"], tarball, "{path}");
    }
}

#[test]
fn what_a_client_has_is_not_sent_again() {
    let registry = registry();
    let first = get(&registry, "/plain", &[("Accept", ABBREVIATED), ("Accept-Encoding", "gzip")]);
    let etag = first.header("etag").expect("an etag").to_owned();
    let again = |headers: &[(&str, &str)]| get(&registry, "/plain", headers).status;
    let weak = format!("\"other\", W/{etag}");
    for (expected, headers) in [
        (304, [("Accept", ABBREVIATED), ("Accept-Encoding", "gzip"), ("If-None-Match", etag.as_str())]),
        (304, [("Accept", ABBREVIATED), ("Accept-Encoding", "gzip"), ("If-None-Match", weak.as_str())]),
        (200, [("Accept", ABBREVIATED), ("Accept-Encoding", "gzip"), ("If-None-Match", "\"other\"")]),
        (200, [("Accept", "*/*"), ("Accept-Encoding", "gzip"), ("If-None-Match", etag.as_str())]),
        (200, [("Accept", ABBREVIATED), ("Accept-Encoding", "identity"), ("If-None-Match", etag.as_str())]),
    ] {
        assert_eq!(again(&headers), expected, "{headers:?}");
    }
    assert_eq!(again(&[("If-Modified-Since", "Fri, 03 Jan 2020 00:00:00 GMT")]), 304);
    assert_eq!(again(&[("If-Modified-Since", "Thu, 02 Jan 2020 00:00:00 GMT")]), 200);
    let not_modified = get(&registry, "/plain", &[("If-None-Match", "*")]);
    assert!(not_modified.body.is_empty() && not_modified.header("etag").is_some());

    registry.publish(FixturePackage::new("plain", "1.2.0"));
    let headers = [("Accept", ABBREVIATED), ("Accept-Encoding", "gzip"), ("If-None-Match", etag.as_str())];
    assert_eq!(again(&headers), 200);
}

#[test]
fn documents_are_compressed_for_those_who_take_it() {
    let registry = registry();
    let plain = get(&registry, "/plain", &[]);
    for _ in 0..2 {
        let compressed = get(&registry, "/plain", &[("Accept-Encoding", "gzip, br")]);
        assert_eq!(compressed.header("content-encoding"), Some("gzip"));
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(compressed.body.as_slice()).read_to_end(&mut text).expect("gzip");
        assert_eq!(text, plain.body);
    }
}

#[test]
fn a_version_or_a_tag_gives_one_manifest() {
    let registry = registry();
    for (path, version) in [
        ("/plain/1.0.0", "1.0.0"),
        ("/plain/latest", "1.1.0"),
        ("/plain/next", "2.0.0-rc.1"),
        ("/@scope%2fname/latest", "0.1.0"),
    ] {
        let manifest = get(&registry, path, &[]).json();
        assert_eq!(manifest["version"], version);
        assert!(manifest["dist"]["tarball"].as_str().expect("an address").starts_with(&registry.url()));
    }
    let missing = get(&registry, "/plain/9.9.9", &[]);
    assert_eq!((missing.status, missing.json()), (404, json!({ "error": "not found: plain@9.9.9" })));
}

#[test]
fn a_tarball_is_its_bytes_for_ever() {
    let registry = registry();
    let package = FixturePackage::new("@scope/name", "0.1.0").file("index.js", "2");
    let path = "/@scope/name/-/name-0.1.0.tgz";
    let answer = get(&registry, path, &[("Accept-Encoding", "gzip")]);
    assert_eq!(answer.body, package.tarball());
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let etag = answer.header("etag").expect("an etag");
    assert_eq!(get(&registry, path, &[("If-None-Match", etag)]).status, 304);

    let length = package.tarball().len();
    let part = get(&registry, path, &[("Range", "bytes=10-")]);
    assert_eq!((part.status, part.body), (206, package.tarball()[10..].to_vec()));
    assert_eq!(part.headers["content-range"], format!("bytes 10-{}/{length}", length - 1));
    let outside = get(&registry, path, &[("Range", "bytes=99999-")]);
    assert_eq!(
        (outside.status, outside.header("content-range").map(str::to_owned)),
        (416, Some(format!("bytes */{length}")))
    );
}

#[test]
fn the_registry_answers_for_itself() {
    let registry = registry();
    assert_eq!(get(&registry, "/-/ping", &[]).json(), json!({}));
    let tags = get(&registry, "/-/package/plain/dist-tags", &[]);
    assert_eq!(tags.json(), json!({ "latest": "1.1.0", "next": "2.0.0-rc.1" }));
    let advisories = request(&registry.host(), "POST", "/-/npm/v1/security/advisories/bulk", &[]);
    assert_eq!((advisories.status, advisories.json()), (200, json!({})));
}

#[test]
fn a_head_request_gets_the_headers_alone() {
    let registry = registry();
    for path in ["/plain", "/plain/-/plain-1.0.0.tgz"] {
        let head = request(&registry.host(), "HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("etag"), get(&registry, path, &[]).header("etag"));
    }
}

#[test]
fn what_is_not_there_or_not_allowed_is_said_in_json() {
    let registry = registry();
    for (method, path, status, error) in [
        ("GET", "/missing", 404, "not found: missing"),
        ("GET", "/@scope%2fmissing", 404, "not found: @scope/missing"),
        ("GET", "/plain/-/plain-9.9.9.tgz", 404, "not found: plain/-/plain-9.9.9.tgz"),
        ("GET", "/-/unknown", 404, "not found: /-/unknown"),
        ("GET", "/%2e%2e/etc", 404, "not found: /%2e%2e/etc"),
        ("PATCH", "/plain", 405, "PATCH is not allowed here"),
        ("GET", "/-/npm/v1/security/advisories/bulk", 405, "GET is not allowed here"),
    ] {
        let answer = request(&registry.host(), method, path, &[]);
        let body: Value = answer.json();
        assert_eq!((answer.status, &body), (status, &json!({ "error": error })), "{method} {path}");
    }
    let allow = request(&registry.host(), "DELETE", "/plain", &[]);
    assert_eq!(allow.header("allow"), Some("GET, HEAD, PUT"));
}
