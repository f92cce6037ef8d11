//! Publishing, against a registry that records. Requests, their bodies and what is refused were
//! compared with npm 11.19.1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use serde_json::{Value, json};
use test_support::{Answer, RecordedRequest, Recorder, TarballBuilder};

use crate::sandbox::Sandbox;

/// A registry that takes everything, and the account of somebody.
pub fn registry(sandbox: &Sandbox) -> Recorder {
    let recorder = Recorder::start();
    let (url, host) = (recorder.url(), recorder.host());
    sandbox.file("home/.npmrc", &format!("registry={url}\n//{host}/:_authToken=secret-token\n"));
    recorder
}

pub fn takes(recorder: &Recorder, package: &str) {
    recorder.answer("PUT", package, Answer::json(201, &json!({"ok": true})));
}

pub fn lines(requests: &[RecordedRequest]) -> Vec<String> {
    requests.iter().map(RecordedRequest::line).collect()
}

/// What stands on standard output.
pub fn shown(said: &str) -> &str {
    let (_, rest) = said.split_once("--- stdout\n").unwrap_or_default();
    rest.split("--- stderr\n").next().unwrap_or_default()
}

/// The document that was put, without what depends on compression and on the machine.
fn document(requests: &[RecordedRequest]) -> Value {
    let put = requests.iter().find(|request| request.method == "PUT").expect("a PUT");
    let mut document = put.json();
    for attachment in document["_attachments"].as_object_mut().expect("attachments").values_mut() {
        if attachment["content_type"] == "application/octet-stream" {
            let data = attachment["data"].as_str().expect("base64");
            assert_eq!(data.len(), attachment["length"].as_u64().expect("a number").div_ceil(3) as usize * 4);
            attachment["data"] = "[BYTES]".into();
            attachment["length"] = "[LENGTH]".into();
        }
    }
    for version in document["versions"].as_object_mut().expect("versions").values_mut() {
        let dist = &mut version["dist"];
        assert!(
            dist["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-") && hash.len() == 95)
        );
        assert!(dist["shasum"].as_str().is_some_and(|hash| hash.len() == 40));
        dist["integrity"] = "[SHA512]".into();
        dist["shasum"] = "[SHA1]".into();
        let tarball = dist["tarball"].as_str().expect("an address").to_owned();
        dist["tarball"] = tarball.splitn(4, '/').last().unwrap_or_default().into();
    }
    document
}

#[test]
fn the_document_is_npms() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/@scope%2fone");
    let manifest = json!({
        "name": "@scope/one",
        "version": "v1.2.3",
        "keywords": "a, b",
        "author": "Ann <ann@one.example> (https://one.example)",
        "repository": {"type": "git", "url": "git+https://git.example/one.git"},
        "bin": {"one": "./bin/one.js"},
        "dependencies": {"x": "^1"},
        "_hidden": true,
    });
    sandbox
        .file("project/package.json", &manifest.to_string())
        .file("project/README.md", "# One\n\nDoes one thing.\n")
        .file("project/bin/one.js", "#!/usr/bin/env node\n")
        .file("project/index.js", "module.exports = 1;\n");
    let said = sandbox.knit(&["publish", "--access", "public"]);
    assert_eq!(shown(&said), "+ @scope/one@1.2.3\n", "{said}");
    assert!(
        said.contains("warning[EPACKAGEJSON]") && said.contains("with tag latest and public access"),
        "{said}"
    );
    let requests = recorder.take_requests();
    assert_eq!(lines(&requests).last().map(String::as_str), Some("PUT /@scope%2fone"));
    let put = requests.last().expect("a request");
    assert_eq!(put.header("authorization"), Some("Bearer secret-token"));
    assert_eq!(put.header("npm-command"), Some("publish"));
    assert_eq!(put.header("content-type"), Some("application/json"));
    assert!(!said.contains("secret-token"));
    assert_snapshot!(format!("{:#}", document(&requests)));
}

#[test]
fn scripts_run_in_npms_order() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/one");
    let events = ["prepublish", "prepublishOnly", "prepack", "prepare", "postpack", "publish", "postpublish"];
    let scripts: serde_json::Map<String, Value> = events
        .iter()
        .map(|event| ((*event).to_owned(), "echo $npm_lifecycle_event >> ../home/order".into()))
        .collect();
    let manifest = json!({"name": "one", "version": "1.0.0", "scripts": scripts});
    sandbox.file("project/package.json", &manifest.to_string()).file("project/index.js", "");
    assert!(sandbox.knit(&["publish"]).contains("exit: 0"));
    assert_eq!(
        sandbox.read("home/order"),
        "prepublishOnly\nprepack\nprepare\npostpack\npublish\npostpublish\n"
    );
    recorder.take_requests();
    assert!(sandbox.knit(&["publish", "--ignore-scripts", "--dry-run"]).contains("exit: 0"));
    assert_eq!(sandbox.read("home/order").lines().count(), 6);
    assert!(recorder.take_requests().iter().all(|request| request.method == "GET"));
    sandbox.file(
        "project/package.json",
        r#"{"name":"one","version":"1.0.0","scripts":{"prepublishOnly":"exit 3"}}"#,
    );
    let failed = sandbox.knit(&["publish"]);
    assert!(failed.contains("exit: 3"), "{failed}");
    assert_eq!(lines(&recorder.take_requests()), [""; 0]);
}

/// A package that is published in versions 1.0.0, 2.0.0 and 3.0.0-rc.1.
pub fn published() -> Value {
    let version = |version: &str| json!({"name": "two", "version": version, "dist": {"tarball": format!("http://two.example/two/-/two-{version}.tgz")}});
    json!({
        "_id": "two", "_rev": "5-abc", "name": "two",
        "dist-tags": {"latest": "2.0.0", "next": "3.0.0-rc.1", "lts": "1.0.0"},
        "versions": {"1.0.0": version("1.0.0"), "2.0.0": version("2.0.0"), "3.0.0-rc.1": version("3.0.0-rc.1")},
        "time": {},
    })
}

#[test]
fn what_must_not_be_published_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/two");
    recorder.answer("GET", "/two", Answer::json(200, &published()));
    let other = Recorder::start();
    let elsewhere = format!("--registry={}", other.url());
    let rows: [(Value, &[&str], &str); 13] = [
        (json!({"version": "2.0.0"}), &[], "error[EPUBLISHCONFLICT]"),
        (json!({"version": "3.0.0-rc.1"}), &["--tag=next"], "error[EPUBLISHCONFLICT]"),
        (json!({"version": "1.5.0"}), &[], "error[ETAGREQUIRED]"),
        (json!({"version": "3.0.0-rc.2"}), &[], "error[ETAGREQUIRED]"),
        (json!({"version": "3.0.0"}), &["--tag=v3"], "error[EINVALIDTAGNAME]"),
        (json!({"version": "3.0.0"}), &["--tag=a b"], "error[EINVALIDTAGNAME]"),
        (json!({"version": "3.0.0", "private": true}), &[], "error[EPRIVATE]"),
        (json!({"version": "3.0.0"}), &["--access=restricted"], "error[EUNSCOPED]"),
        (json!({"version": "3.0.0"}), &[&elsewhere], "error[ENEEDAUTH]"),
        (json!({"version": "3"}), &[], "is not valid"),
        (json!({"version": "3.0.0", "name": "_two"}), &[], "error[EINVALIDPACKAGENAME]"),
        (json!({"version": "3.0.0"}), &["--provenance"], "error[EUSAGE]"),
        (json!({"version": "3.0.0"}), &["one", "two"], "error[EUSAGE]"),
    ];
    for (mut manifest, arguments, expected) in rows {
        if manifest.get("name").is_none() {
            manifest["name"] = "two".into();
        }
        sandbox.file("project/package.json", &manifest.to_string());
        let line: Vec<&str> = ["publish"].into_iter().chain(arguments.iter().copied()).collect();
        let said = sandbox.knit(&line);
        assert!(said.contains("exit: 1") && said.contains(expected), "{manifest}\n{said}");
        assert!(recorder.take_requests().iter().all(|request| request.method == "GET"), "{manifest}");
    }
    for (version, arguments, tag) in [
        ("1.5.0", &["--tag=legacy"][..], "legacy"),
        ("1.5.0", &["--tag=latest"], "latest"),
        ("1.5.0", &["--force"], "latest"),
        ("3.0.0-rc.2", &["--tag=next"], "next"),
        ("3.0.0", &[], "latest"),
    ] {
        sandbox.file("project/package.json", &json!({"name": "two", "version": version}).to_string());
        let line: Vec<&str> = ["publish"].into_iter().chain(arguments.iter().copied()).collect();
        assert_eq!(shown(&sandbox.knit(&line)), format!("+ two@{version}\n"));
        assert_eq!(document(&recorder.take_requests())["dist-tags"], json!({ tag: version }));
    }
}

#[test]
fn publish_config_holds_unless_the_command_line_says_otherwise() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    let (url, host) = (recorder.url(), recorder.host());
    sandbox
        .file("home/.npmrc", &format!("registry=http://127.0.0.1:9/\n//{host}/:_authToken=secret-token\n"));
    takes(&recorder, "/@s%2fone");
    let config = json!({"registry": url, "access": "restricted", "tag": "later", "mistaken": 1});
    let manifest = json!({"name": "@s/one", "version": "1.0.0-a", "publishConfig": config});
    sandbox.file("project/package.json", &manifest.to_string());
    let said = sandbox.knit(&["publish"]);
    assert!(said.contains("exit: 0") && said.contains("publishConfig has the key mistaken"), "{said}");
    let sent = document(&recorder.take_requests());
    assert_eq!((&sent["access"], &sent["dist-tags"]), (&json!("restricted"), &json!({"later": "1.0.0-a"})));
    assert!(sandbox.knit(&["publish", "--access=public", "--tag=now"]).contains("exit: 0"));
    let sent = document(&recorder.take_requests());
    assert_eq!((&sent["access"], &sent["dist-tags"]), (&json!("public"), &json!({"now": "1.0.0-a"})));
}

#[test]
fn a_tarball_is_published_as_it_is_and_tells_nothing_of_this_machine() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/one");
    sandbox
        .file(
            "project/package.json",
            r#"{"name":"one","version":"1.0.0","scripts":{"prepack":"touch ../home/ran"}}"#,
        )
        .file("project/README.md", "# One\n");
    sandbox.knit(&["pack", "--ignore-scripts", "--pack-destination", "../home"]);
    let said = sandbox.knit(&["publish", "../home/one-1.0.0.tgz"]);
    assert_eq!(shown(&said), "+ one@1.0.0\n", "{said}");
    assert!(!sandbox.path("home/ran").exists());
    let requests = recorder.take_requests();
    let put = requests.last().expect("a request").json();
    let kept = std::fs::metadata(sandbox.path("home/one-1.0.0.tgz")).expect("there").len();
    assert_eq!(put["_attachments"]["one-1.0.0.tgz"]["length"], kept);
    assert_eq!(put["versions"]["1.0.0"]["readme"], "# One\n");
    let home = sandbox.path("home").to_string_lossy().into_owned();
    assert!(!put.to_string().contains(&home));
}

#[test]
fn the_manifest_of_a_tarball_is_the_one_that_clients_unpack() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/one");
    let needing = |other: &str| {
        json!({ "name": "one", "version": "1.0.0", "dependencies": { other: "1.0.0" } }).to_string()
    };
    let twice = TarballBuilder::new().file("package/package.json", 0o644, needing("first")).file(
        "other/./package.json",
        0o644,
        needing("second"),
    );
    std::fs::write(sandbox.path("home/one-1.0.0.tgz"), twice.gzip()).expect("written");
    let said = sandbox.knit(&["publish", "../home/one-1.0.0.tgz"]);
    assert_eq!(shown(&said), "+ one@1.0.0\n", "{said}");
    let found = document(&recorder.take_requests());
    assert_eq!(found["versions"]["1.0.0"]["dependencies"], json!({ "second": "1.0.0" }));
}

#[test]
fn provenance_goes_with_the_tarball_that_it_is_about() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/@s%2fone");
    sandbox.file("project/package.json", r#"{"name":"@s/one","version":"1.0.0"}"#);
    let packed = sandbox.knit(&["pack", "--dry-run", "--json"]);
    let packed: Value = serde_json::from_str(shown(&packed)).expect("JSON");
    let integrity = packed[0]["integrity"].as_str().expect("a hash").trim_start_matches("sha512-");
    let digest = STANDARD
        .decode(integrity)
        .expect("base64")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let bundle = |name: &str, digest: &str| {
        let statement = json!({"subject": [{"name": name, "digest": {"sha512": digest}}]}).to_string();
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "dsseEnvelope": {"payload": STANDARD.encode(statement)},
        });
        bundle.to_string()
    };
    let good = bundle("pkg:npm/%40s/one@1.0.0", &digest);
    sandbox.file("home/good", &good);
    sandbox.file("home/other", &bundle("pkg:npm/%40s/two@1.0.0", &digest));
    sandbox.file("home/stale", &bundle("pkg:npm/%40s/one@1.0.0", "00"));
    sandbox.file("home/junk", "{");
    for wrong in ["other", "stale", "junk", "absent"] {
        let said = sandbox.knit(&["publish", "--provenance-file", &format!("../home/{wrong}")]);
        assert!(said.contains("exit: 1") && said.contains("error[EPROVENANCE]"), "{said}");
        assert!(recorder.take_requests().iter().all(|request| request.method == "GET"));
    }
    assert!(sandbox.knit(&["publish", "--provenance-file", "../home/good"]).contains("exit: 0"));
    let sent = recorder.take_requests().last().expect("a request").json();
    let attached = &sent["_attachments"]["@s/one-1.0.0.sigstore"];
    assert_eq!(attached["content_type"], "application/vnd.dev.sigstore.bundle.v0.3+json");
    assert_eq!(attached["length"], good.len());
    let data: Value = serde_json::from_str(attached["data"].as_str().expect("text")).expect("JSON");
    assert_eq!(data, serde_json::from_str::<Value>(&good).expect("JSON"));
}

#[test]
fn a_trusted_build_publishes_without_credentials_of_its_own() {
    let mut sandbox = Sandbox::new();
    let recorder = Recorder::start();
    sandbox.file("home/.npmrc", &format!("registry={}\n", recorder.url()));
    sandbox.file("project/package.json", r#"{"name":"@s/one","version":"1.0.0"}"#);
    takes(&recorder, "/@s%2fone");
    let exchange = "/-/npm/v1/oidc/token/exchange/package/@s%2fone";
    recorder
        .answer(
            "GET",
            "/token",
            Answer::json(200, &json!({"value": "id-token"})).to_header("authorization", "Bearer asking"),
        )
        .answer(
            "POST",
            exchange,
            Answer::json(201, &json!({"token": "short-lived"})).to_header("authorization", "Bearer id-token"),
        );
    let address = format!("{}token?run=7", recorder.url());
    sandbox.set("GITHUB_ACTIONS", "true").set("ACTIONS_ID_TOKEN_REQUEST_URL", &address);
    let untrusted = sandbox.knit(&["publish"]);
    assert!(untrusted.contains("error[ENEEDAUTH]"), "{untrusted}");
    recorder.take_requests();
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "asking");
    let said = sandbox.knit(&["publish", "--loglevel=silly"]);
    assert_eq!(shown(&said), "+ @s/one@1.0.0\n", "{said}");
    assert!(["asking", "id-token", "short-lived"].iter().all(|secret| !said.contains(secret)), "{said}");
    let requests = recorder.take_requests();
    let asked: Vec<String> =
        lines(&requests).into_iter().filter(|line| !line.starts_with("GET /@s")).collect();
    assert_eq!(
        asked,
        ["GET /token?run=7&audience=npm%3A127.0.0.1", &format!("POST {exchange}"), "PUT /@s%2fone"]
    );
    assert_eq!(requests.last().and_then(|put| put.header("authorization")), Some("Bearer short-lived"));
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "wrong");
    assert!(sandbox.knit(&["publish"]).contains("error[ENEEDAUTH]"));
}

#[test]
fn workspaces_are_published_but_for_private_ones() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/a");
    takes(&recorder, "/c");
    sandbox
        .file(
            "project/package.json",
            r#"{"name":"root","version":"1.0.0","private":true,"workspaces":["a","b","c"]}"#,
        )
        .file("project/a/package.json", r#"{"name":"a","version":"1.0.0"}"#)
        .file(
            "project/b/package.json",
            r#"{"name":"b","version":"1.0.0","private":true,"scripts":{"prepack":"touch ran"}}"#,
        )
        .file("project/c/package.json", r#"{"name":"c","version":"2.0.0"}"#);
    let said = sandbox.knit(&["publish", "--ws"]);
    assert_eq!(shown(&said), "+ a@1.0.0\n+ c@2.0.0\n", "{said}");
    assert!(said.contains("warning[EPRIVATE]: the workspace b is private"), "{said}");
    assert!(!sandbox.path("project/b/ran").exists());
    let json: Value =
        serde_json::from_str(shown(&sandbox.knit(&["publish", "--ws", "--json"]))).expect("JSON");
    let names: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(json["c"]["filename"], "c-2.0.0.tgz");
}
