//! Many GETs answered at once: what is in a bundle, and what it is held to.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::plain_http::{Answer, request};
use test_support::{Bundle, FixturePackage, HostedRegistry, Keeping, TestRegistry};

const ABBREVIATED: &str = "application/vnd.npm.install-v1+json";

fn registry(keeping: Keeping) -> HostedRegistry {
    let registry = HostedRegistry::start(keeping);
    for package in [
        FixturePackage::new("app", "1.0.0").dependency("old", "^1"),
        FixturePackage::new("app", "2.0.0")
            .dependency("left", "^1")
            .dependency("other", "npm:@scope/real@~1.0")
            .dependency("here", "file:../here")
            .dependency("gone", "^1")
            .optional_dependency("maybe", "*")
            .dev_dependency("tool", "*")
            .peer_dependency("host", ">=1")
            .optional_peer_dependency("guest", "*"),
        FixturePackage::new("left", "1.0.0").dependency("app", "*").dependency("deep", "latest"),
        FixturePackage::new("deep", "1.0.0"),
        FixturePackage::new("@scope/real", "1.0.3").dependency("deep", "^1.0.0"),
        FixturePackage::new("maybe", "1.0.0"),
        FixturePackage::new("host", "1.0.0").dependency("of-host-1", "*"),
        FixturePackage::new("host", "2.0.0").dependency("of-host-2", "*"),
        FixturePackage::new("of-host-1", "1.0.0"),
        FixturePackage::new("of-host-2", "1.0.0"),
        FixturePackage::new("guest", "1.0.0"),
        FixturePackage::new("tool", "1.0.0"),
        FixturePackage::new("old", "1.0.0"),
    ] {
        assert_eq!(registry.publish(&package).status, 201, "{}", package.name());
    }
    registry
}

fn resolve(registry: &HostedRegistry, wanted: &[(&str, &str)], more: Value) -> Answer {
    let wanted: Vec<Value> =
        wanted.iter().map(|(name, spec)| json!({ "name": name, "spec": spec })).collect();
    let mut body = json!({ "wanted": wanted, "nodeVersion": "24.0.0", "npmVersion": "11.0.0" });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    registry.send("POST", "/-/knit/v1/resolve", &body)
}

fn missing(registry: &HostedRegistry, files: &[(&str, &str)]) -> Answer {
    let files: Vec<Value> = files.iter().map(|(name, file)| json!({ "name": name, "file": file })).collect();
    registry.send("POST", "/-/knit/v1/missing", &json!({ "tarballs": files }))
}

#[test]
fn a_registry_says_what_it_offers_with_every_package() {
    let registry = registry(Keeping::Embedded);
    for path in ["/app", "/left/-/left-1.0.0.tgz", "/-/knit/v1"] {
        assert_eq!(registry.get(path).header("knit-features"), Some("resolve, missing, confirm"), "{path}");
    }
    assert_eq!(registry.get("/-/knit/v1").json(), json!({ "features": ["resolve", "missing", "confirm"] }));
    // one that was not told to
    let plain = TestRegistry::with([FixturePackage::new("a", "1.0.0")]);
    for path in ["/a", "/a/-/a-1.0.0.tgz", "/-/knit/v1"] {
        let answer = request(&plain.host(), "GET", path, &[]);
        assert_eq!((answer.status, answer.header("knit-features")), (200, None), "{path}");
    }
    assert_eq!(request(&plain.host(), "GET", "/-/knit/v1", &[]).json(), json!({ "features": [] }));
    assert_eq!(request(&plain.host(), "POST", "/-/knit/v1/resolve", &[]).status, 404);
    assert_eq!(request(&plain.host(), "GET", "/-/knit/v1/resolve", &[]).status, 405);
}

#[test]
fn the_packuments_on_the_way_are_answered_as_gets_would_be() {
    for keeping in Keeping::all() {
        let registry = registry(keeping);
        let answer = resolve(&registry, &[("app", "^2")], json!({}));
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
        let bundle = Bundle::read(&answer.body);
        assert_eq!(bundle.complete, Some(true));
        assert_eq!(
            bundle.names(),
            ["@scope/real", "app", "deep", "host", "left", "maybe", "of-host-2"],
            "{keeping:?}"
        );
        for form in [ABBREVIATED, "application/json"] {
            let word = if form == ABBREVIATED { "abbreviated" } else { "full" };
            let bundle = Bundle::read(&resolve(&registry, &[("app", "^2")], json!({ "form": word })).body);
            for entry in &bundle.entries {
                let headers = [("Accept", form), ("Accept-Encoding", "gzip")];
                let path = format!("/{}", entry.head.name.replace('/', "%2f"));
                let alone = request(&registry.host(), "GET", &path, &headers);
                assert_eq!(entry.head.status, alone.status);
                assert!(entry.content.as_ref() == Some(&alone.body), "{path}");
                for name in ["content-type", "content-encoding", "etag", "last-modified", "cache-control"] {
                    assert_eq!(entry.header(name), alone.header(name), "{path} {name}");
                }
            }
        }
    }
}

#[test]
fn of_packuments_that_are_there_only_their_tags_are_sent() {
    for keeping in Keeping::all() {
        let registry = registry(keeping);
        let has = json!({ "has": ["app", "left", "nothing"], "confirm": true });
        let bundle = Bundle::read(&resolve(&registry, &[("app", "^2"), ("nothing", "1")], has).body);
        assert_eq!(bundle.names(), ["@scope/real", "app", "deep", "host", "left", "maybe", "of-host-2"]);
        for entry in &bundle.entries {
            let name = entry.head.name.as_str();
            let path = format!("/{}", name.replace('/', "%2f"));
            let headers = [("Accept", ABBREVIATED), ("Accept-Encoding", "gzip")];
            let alone = request(&registry.host(), "GET", &path, &headers);
            let is_known = ["app", "left"].contains(&name);
            assert_eq!(entry.head.status, if is_known { 304 } else { 200 }, "{name}");
            assert_eq!(entry.content.as_ref().map(Vec::is_empty), Some(is_known), "{name}");
            assert_eq!(entry.header("etag"), alone.header("etag"), "{name}");
            assert_eq!(entry.header("cache-control"), alone.header("cache-control"), "{name}");
            assert!(!is_known || entry.head.headers.len() == 2, "{name}: {:?}", entry.head.headers);
        }
    }
}

#[test]
fn the_walk_goes_where_the_resolver_would() {
    let registry = registry(Keeping::Embedded);
    let names = |wanted: &[(&str, &str)], more: Value| -> Vec<String> {
        let answer = resolve(&registry, wanted, more);
        Bundle::read(&answer.body).names().into_iter().map(str::to_owned).collect()
    };
    // by tag, by range, an old version
    assert_eq!(names(&[("left", "latest")], json!({ "legacyPeerDeps": true })).len(), 5);
    assert_eq!(names(&[("app", "1.x")], json!({})), ["app", "old"]);
    // a peer that is met already is not looked for again
    assert_eq!(
        names(&[("app", "2.0.0"), ("host", "^1")], json!({})),
        ["@scope/real", "app", "deep", "host", "left", "maybe", "of-host-1"]
    );
    let without_peers = ["@scope/real", "app", "deep", "left", "maybe"].map(str::to_owned).to_vec();
    assert_eq!(names(&[("app", "2.0.0")], json!({ "legacyPeerDeps": true })), without_peers);
    // what is there is followed, not sent
    let has = json!({ "has": ["app", "left", "host", "of-host-2"] });
    assert_eq!(names(&[("app", "2.0.0")], has), ["@scope/real", "deep", "maybe"]);
    // nothing was published so long ago
    assert_eq!(names(&[("app", "^2")], json!({ "form": "full", "before": 1_000_000 })), ["app"]);
    let exempt = json!({ "form": "full", "before": 1_000_000, "beforeExclude": ["app", "@scope/*"] });
    assert_eq!(names(&[("app", "^2")], exempt), ["@scope/real", "app", "deep", "host", "left", "maybe"]);
    // what is not there is nobody's concern
    assert_eq!(names(&[("nothing", "*"), ("deep", "^7"), ("../x", "*")], json!({})), ["deep"]);
}

#[test]
fn tarballs_come_as_gets_would_answer_them() {
    for keeping in Keeping::all() {
        let registry = registry(keeping);
        let large: Vec<u8> =
            (0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let large = FixturePackage::new("large", "1.0.0").file("noise", large);
        assert_eq!(registry.publish(&large).status, 201);
        let answer = missing(
            &registry,
            &[
                ("left", "left-1.0.0.tgz"),
                ("@scope/real", "real-1.0.3.tgz"),
                ("large", "large-1.0.0.tgz"),
                ("left", "left-7.0.0.tgz"),
            ],
        );
        let bundle = Bundle::read(&answer.body);
        assert_eq!((bundle.entries.len(), bundle.complete), (4, Some(true)), "{keeping:?}");
        for entry in &bundle.entries {
            let path = format!("/{}/-/{}", entry.head.name, entry.head.file.as_deref().expect("a file"));
            let alone = registry.get(&path);
            assert_eq!(entry.head.status, alone.status, "{path}");
            assert!(entry.content.as_ref() == Some(&alone.body), "{path}");
        }
    }
}

#[test]
fn manifests_come_as_gets_would_answer_them() {
    let registry = registry(Keeping::Embedded);
    let manifests = json!([{ "name": "app", "version": "1.0.0" }, { "name": "app", "version": "7.0.0" }]);
    let answer = registry.send("POST", "/-/knit/v1/missing", &json!({ "manifests": manifests }));
    let bundle = Bundle::read(&answer.body);
    for (entry, version) in bundle.entries.iter().zip(["1.0.0", "7.0.0"]) {
        let alone = registry.get(&format!("/app/{version}"));
        assert_eq!((entry.head.status, entry.head.version.as_deref()), (alone.status, Some(version)));
        assert!(entry.content.as_ref() == Some(&alone.body), "{version}");
    }
    assert_eq!((bundle.entries.len(), bundle.complete), (2, Some(true)));
}

#[test]
fn requests_that_make_no_sense_are_refused_in_words() {
    let registry = registry(Keeping::Embedded);
    let wanted = json!([{ "name": "app", "spec": "*" }]);
    let engines = json!({ "wanted": wanted, "nodeVersion": "x", "npmVersion": "11.0.0" });
    let globs: Vec<String> = (0..1000).map(|n| format!("a{n}*")).collect();
    let excluding =
        json!({ "wanted": wanted, "nodeVersion": "24.0.0", "npmVersion": "11.0.0", "beforeExclude": globs });
    let climbing = json!({ "tarballs": [{ "name": "app", "file": "../app.tgz" }] });
    let nameless = json!({ "tarballs": [{ "name": "..", "file": "app-1.0.0.tgz" }] });
    let many: Vec<Value> = vec![json!({ "name": "a", "file": "a-1.0.0.tgz" }); 10_001];
    let long = json!({ "tarballs": [], "x": "x".repeat(3 << 20) });
    for (path, body, status) in [
        ("/-/knit/v1/resolve", json!([]), 400),
        ("/-/knit/v1/resolve", json!({}), 400),
        ("/-/knit/v1/resolve", engines, 400),
        ("/-/knit/v1/resolve", excluding, 400),
        ("/-/knit/v1/missing", climbing, 400),
        ("/-/knit/v1/missing", nameless, 400),
        ("/-/knit/v1/missing", json!({ "tarballs": many }), 400),
        ("/-/knit/v1/missing", long, 413),
    ] {
        let answer = registry.send("POST", path, &body);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert!(answer.json()["error"].is_string());
    }
}

#[test]
fn hostile_requirements_end() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    // each version asks for all others by other words
    for version in 0..20 {
        let mut package = FixturePackage::new("round", &format!("{version}.0.0"));
        for other in 0..20 {
            package =
                package.dependency(&format!("alias-{other}"), &format!("npm:round@^{other}.0.{version}"));
        }
        assert_eq!(registry.publish(&package).status, 201);
    }
    let nested = "(".repeat(900);
    let spaces = " ".repeat(100_000);
    let wanted = [
        ("round", "*"),
        ("round", ""),
        ("round", nested.as_str()),
        ("round", spaces.as_str()),
        ("round", "npm:round@npm:round@*"),
        ("round", ">=1 || >=2 || <1 - 3"),
        ("round", "99999999999999999999.0.0"),
        ("\u{0}", "*"),
        ("", ""),
    ];
    let bundle = Bundle::read(&resolve(&registry, &wanted, json!({})).body);
    assert_eq!((bundle.names(), bundle.complete), (vec!["round"], Some(true)));
}

#[test]
fn so_many_bundles_at_once_and_no_more() {
    let registry = registry(Keeping::Embedded);
    let noise: Vec<u8> = (0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    assert_eq!(registry.publish(&FixturePackage::new("large", "1.0.0").file("noise", noise)).status, 201);
    let large = json!({ "name": "large", "file": "large-1.0.0.tgz" });
    let body = json!({ "tarballs": vec![large; 40] }).to_string();
    let head = format!("POST /-/knit/v1/missing HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    // who does not read keeps a bundle open: it is larger than what sockets hold
    let mut open: Vec<TcpStream> = (0..4)
        .map(|_| {
            let mut stream = TcpStream::connect(registry.host()).expect("a connection");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
            stream.write_all(head.as_bytes()).expect("a request");
            let mut first = [0; 12];
            stream.read_exact(&mut first).expect("an answer");
            assert_eq!(&first, b"HTTP/1.0 200");
            stream
        })
        .collect();
    assert_eq!(missing(&registry, &[("left", "left-1.0.0.tgz")]).status, 503);
    assert_eq!(registry.get("/left/-/left-1.0.0.tgz").status, 200);
    // one that goes away makes room
    drop(open.pop());
    let answered = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        missing(&registry, &[("left", "left-1.0.0.tgz")]).status == 200
    });
    assert!(answered, "the place of a client that went away is taken");
}
