//! Publications that lie, or that are made to be too much for who reads them.

use serde_json::{Value, json};
use test_support::publication;

use super::target::{Target, honest};

/// The next version of the honest package, with something changed in the body.
fn with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut body = publication(&next());
    change(&mut body);
    body.to_string().into_bytes()
}

fn next() -> test_support::FixturePackage {
    test_support::FixturePackage::new("@acme/tool", "1.1.0").dependency("left", "^1.0.0")
}

const ATTACHMENT: &str = "/_attachments/@acme~1tool-1.1.0.tgz";

fn manifest(body: &mut Value) -> &mut Value {
    &mut body["versions"]["1.1.0"]
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn bodies_that_cannot_be_what_they_should_be_are_refused() {
    let target = Target::start();
    let before = target.kept();
    let text = |text: &str| text.as_bytes().to_vec();
    let deep = |member: &str, depth: usize| {
        let body = String::from_utf8(with(|body| manifest(body)["here"] = json!("HERE"))).expect("text");
        body.replace("\"here\":\"HERE\"", &format!("\"{member}\":{}", nested(depth))).into_bytes()
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", text("")),
        ("no JSON", text("{")),
        ("JSON and more", [with(|_| {}), text("{}")].concat()),
        ("another value", text("7")),
        ("not UTF-8", vec![b'"', 0xff, b'"']),
        ("half of a surrogate pair as a name", text(r#"{"_id":"\ud800"}"#)),
        ("lists in lists", text(&nested(200_000))),
        ("lists in lists in a member", text(&format!("{{\"versions\":{}}}", nested(200_000)))),
        ("a manifest of lists in lists", deep("here", 200_000)),
        ("a manifest of too many lists in lists", deep("here", 200)),
        ("numbers that are none", text(r#"{"_id":1e9999}"#)),
        ("a version for each letter", with(|body| body["versions"] = json!({ "a": {}, "b": {} }))),
        ("a version that climbs", with(|body| body["versions"] = json!({ "../../1.0.0": {} }))),
        ("no attachments but one", with(|body| body["_attachments"] = json!([1]))),
        (
            "an attachment with a way up",
            with(|body| body["_attachments"]["../../x.tgz"] = json!({ "data": "" })),
        ),
        (
            "an attachment from elsewhere",
            with(|body| body["_attachments"]["/etc/passwd"] = json!({ "data": "AA==" })),
        ),
        ("no base64", with(|body| body.pointer_mut(ATTACHMENT).expect("it")["data"] = json!("????"))),
        (
            "base64 with spaces",
            with(|body| body.pointer_mut(ATTACHMENT).expect("it")["data"] = json!("AA AA")),
        ),
        (
            "base64 that is cut off",
            with(|body| body.pointer_mut(ATTACHMENT).expect("it")["data"] = json!("AAA")),
        ),
        (
            "another length",
            with(|body| body.pointer_mut(ATTACHMENT).expect("it")["length"] = json!(u64::MAX)),
        ),
        ("a negative length", with(|body| body.pointer_mut(ATTACHMENT).expect("it")["length"] = json!(-1))),
        ("a tag with a line end", with(|body| body["dist-tags"] = json!({ "a\r\nX-Evil: 1": "1.1.0" }))),
        ("a tag with an escape", with(|body| body["dist-tags"] = json!({ "\u{1b}[31m": "1.1.0" }))),
        ("a tag without a name", with(|body| body["dist-tags"] = json!({ "": "1.1.0" }))),
        ("a tag that is a range", with(|body| body["dist-tags"] = json!({ "*": "1.1.0" }))),
        (
            "provenance that is none",
            with(|body| body["_attachments"]["@acme/tool-1.1.0.sigstore"] = json!({ "data": "{}" })),
        ),
        (
            "provenance of lists in lists",
            with(|body| {
                let bundle = format!(r#"{{"dsseEnvelope":{{"payload":"e30="}},"x":{}}}"#, nested(10_000));
                body["_attachments"]["@acme/tool-1.1.0.sigstore"] = json!({ "data": bundle });
            }),
        ),
    ];
    for (row, body) in rows {
        target.refuses_publication(row, &body);
    }
    assert_eq!(target.kept(), before);
}

#[test]
fn versions_that_are_none_or_others_in_disguise_are_refused() {
    let target = Target::start();
    let before = target.kept();
    for version in [
        "",
        " ",
        "1",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "v1.1.0",
        "=1.1.0",
        " 1.1.0",
        "1.1.0 ",
        "1.1.0\n",
        "1.1.0\0",
        "1.1.0+build",
        "1.0.0+again",
        "1.1.0-",
        "1.1.0-a..b",
        "1.1.0/../..",
        "..",
        "latest",
        "*",
        "99999999999999999999.0.0",
        "1.1.0-\u{202e}",
        "__proto__",
    ] {
        let package = test_support::FixturePackage::new("@acme/tool", version);
        let body = publication(&package).to_string();
        target.refuses_publication(&format!("version {version:?}"), body.as_bytes());
    }
    assert_eq!(target.kept(), before);
}

#[test]
fn a_manifest_says_what_the_tarball_does_or_is_refused() {
    let target = Target::start();
    let before = target.kept();
    let packed = next().script("postinstall", "node x").bin("tool", "cli.js").bundled("left");
    let body = |change: &dyn Fn(&mut Value)| {
        let mut body = publication(&packed);
        change(manifest(&mut body));
        body.to_string().into_bytes()
    };
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Value));
    let rows: [Change<'_>; 14] = [
        ("name", &|manifest| manifest["name"] = json!("other")),
        ("no name", &|manifest| manifest["name"] = Value::Null),
        ("version", &|manifest| manifest["version"] = json!("1.1.1")),
        ("a script less", &|manifest| manifest["scripts"] = json!({})),
        ("another script", &|manifest| manifest["scripts"]["postinstall"] = json!("true")),
        ("a dependency less", &|manifest| manifest["dependencies"] = json!({})),
        ("a dependency more", &|manifest| manifest["dependencies"]["more"] = json!("1")),
        ("another range", &|manifest| manifest["dependencies"]["left"] = json!("*")),
        ("an optional one more", &|manifest| manifest["optionalDependencies"] = json!({ "more": "1" })),
        ("a peer more", &|manifest| manifest["peerDependencies"] = json!({ "more": "1" })),
        ("a command less", &|manifest| manifest["bin"] = Value::Null),
        ("another command", &|manifest| manifest["bin"] = json!({ "npm": "cli.js" })),
        ("another file of a command", &|manifest| manifest["bin"] = json!({ "tool": "evil.js" })),
        ("nothing bundled", &|manifest| manifest["bundleDependencies"] = json!([])),
    ];
    for (row, change) in rows {
        let answer = target.refuses_publication(row, &body(change));
        assert!(answer.text().contains("published manifest"), "{row}: {}", answer.text());
    }
    assert_eq!(target.kept(), before);
    // as npm 11.19.1 writes it: `bin` as an object, `bundleDependencies` as a list
    let honest = body(&|manifest| manifest["bin"] = json!({ "tool": "cli.js" }));
    let answer =
        target.registry.send("PUT", "/@acme%2ftool", &serde_json::from_slice(&honest).expect("JSON"));
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[test]
fn keys_that_mean_something_to_javascript_mean_nothing_here() {
    let target = Target::start();
    let package = test_support::FixturePackage::new("constructor", "1.0.0")
        .dependency("__proto__", "1.0.0")
        .dependency("hasOwnProperty", "1.0.0")
        .field("toString", json!({ "__proto__": { "polluted": true } }));
    let mut body = publication(&package);
    body["dist-tags"] = json!({ "latest": "1.0.0", "constructor": "1.0.0", "__proto__": "1.0.0" });
    body["users"] = json!({ "__proto__": true });
    let answer = target.registry.send("PUT", "/constructor", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    for accept in ["application/json", "application/vnd.npm.install-v1+json"] {
        let found = test_support::plain_http::request(
            &target.registry.host(),
            "GET",
            "/constructor",
            &[("Accept", accept)],
        );
        let found = found.json();
        assert_eq!(found["dist-tags"], body["dist-tags"]);
        assert_eq!(found["versions"]["1.0.0"]["dependencies"], package.package_json()["dependencies"]);
    }
    for path in ["/constructor/__proto__", "/constructor/constructor", "/constructor/latest"] {
        assert_eq!(target.registry.get(path).json()["version"], "1.0.0", "{path}");
    }
    assert_eq!(target.registry.get("/constructor/toString").status, 404);
    assert_eq!(target.registry.get("/__proto__").status, 404);
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_ends() {
    let registry = test_support::HostedRegistry::with(|options| options.max_publication = 100_000);
    let body = publication(&honest().file("noise", vec![b'x'; 100])).to_string() + &" ".repeat(200_000);
    let answer =
        test_support::plain_http::send(&registry.host(), "PUT", "/@acme%2ftool", &[], body.as_bytes());
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(registry.get("/@acme%2ftool").status, 404);
    assert_eq!(registry.publish(&honest()).status, 201);
}
