//! Packuments: fetched once, confirmed when they are old, used all the same when the upstream fails.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;
use test_support::{Fault, FixturePackage, Keeping, TestRegistry, Times};

use super::proxied::Proxied;

fn upstream() -> TestRegistry {
    TestRegistry::with([
        FixturePackage::new("plain", "1.0.0").file("index.js", "1"),
        FixturePackage::new("@scope/name", "0.1.0"),
    ])
}

#[test]
fn a_packument_is_fetched_once_then_confirmed() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), "max_age = \"5m\"");
        let document = proxied.get("/plain").json();
        let tarball = format!("http://{}/plain/-/plain-1.0.0.tgz", proxied.host());
        assert_eq!(document["versions"]["1.0.0"]["dist"]["tarball"], tarball);
        assert_eq!(proxied.get("/@scope%2fname").status, 200);
        proxied.pass(299);
        proxied.get("/plain");
        assert_eq!(upstream.request_lines(), ["GET /@scope%2fname", "GET /plain"]);

        upstream.clear_requests();
        proxied.pass(1);
        assert_eq!(proxied.get("/plain").json(), document);
        let confirmed: Vec<u16> = upstream.requests().iter().map(|request| request.status).collect();
        assert_eq!(confirmed, [304]);
        proxied.pass(299);
        proxied.get("/plain");
        assert_eq!(upstream.requests().len(), 1, "a confirmation counts as new");

        upstream.publish(FixturePackage::new("plain", "1.1.0"));
        proxied.pass(1);
        assert_eq!(
            proxied.seen("plain"),
            (vec!["1.0.0".into(), "1.1.0".into()], json!({ "latest": "1.1.0" }))
        );
    }
}

#[test]
fn many_who_want_it_at_once_cost_one_request_and_one_who_leaves_costs_nothing() {
    let upstream = upstream();
    upstream.fault("/plain", Fault::Delayed(Duration::from_millis(500)), Times::Always);
    let proxied = Proxied::of(&upstream.url(), "");
    {
        // the first to ask is gone before the answer comes
        let mut leaves = TcpStream::connect(proxied.host()).expect("a connection");
        leaves.write_all(b"GET /plain HTTP/1.0\r\nHost: x\r\n\r\n").expect("the request to be sent");
        super::proxied::eventually("the upstream is asked", || !upstream.requests().is_empty());
    }
    thread::scope(|scope| {
        let asking: Vec<_> = (0..16).map(|_| scope.spawn(|| proxied.get("/plain").status)).collect();
        assert!(asking.into_iter().all(|asked| asked.join().expect("an answer") == 200));
    });
    assert_eq!(upstream.request_lines(), ["GET /plain"]);
}

/// Everything that keeps an upstream from saying what it has.
fn failures() -> Vec<(&'static str, Fault)> {
    vec![
        ("500", Fault::Status(500)),
        ("502", Fault::Status(502)),
        ("401", Fault::Status(401)),
        ("403", Fault::Status(403)),
        ("429", Fault::TooManyRequests { retry_after: 7 }),
        ("cut off", Fault::Truncated { bytes: 20 }),
        ("silent", Fault::Stalled { bytes: 20 }),
        ("no JSON", Fault::Replaced(b"<html>sorry</html>".to_vec())),
        ("no packument", Fault::Replaced(b"[]".to_vec())),
        ("another package's", Fault::Replaced(br#"{"name":"other","versions":{}}"#.to_vec())),
    ]
}

#[test]
fn what_is_kept_is_used_when_the_upstream_fails_and_what_is_not_is_never_said_to_be_missing() {
    for (what, fault) in failures() {
        let upstream = upstream();
        let proxied = Proxied::of(&upstream.url(), "timeout = \"250ms\"");
        let before = proxied.get("/plain").json();
        upstream.fault("*", fault, Times::Always);
        proxied.pass(3600);
        let after = proxied.get("/plain");
        assert_eq!((after.status, after.json()), (200, before), "{what}");
        let never_seen = proxied.get("/@scope%2fname");
        assert_eq!(never_seen.status, 503, "{what}: {}", never_seen.text());
        let patience = never_seen.header("retry-after").and_then(|after| after.parse::<u64>().ok());
        assert_eq!(patience, Some(if what == "429" { 7 } else { 10 }), "{what}");
        assert!(never_seen.text().contains("up"), "{what}");
        // and all is well when the upstream is
        upstream.clear_faults();
        proxied.pass(3600);
        assert_eq!(proxied.get("/@scope%2fname").status, 200, "{what}");
    }
}

#[test]
fn an_upstream_that_is_down_is_not_asked_again_and_again_for_what_is_kept() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "");
    proxied.get("/plain");
    upstream.fault("*", Fault::Status(500), Times::Always);
    proxied.pass(3600);
    proxied.get("/plain");
    upstream.clear_requests();
    for _ in 0..5 {
        assert_eq!(proxied.get("/plain").status, 200);
    }
    assert!(upstream.requests().is_empty());
    proxied.pass(11);
    proxied.get("/plain");
    assert!(!upstream.requests().is_empty());
}

#[test]
fn everything_that_was_seen_is_there_after_a_restart_without_the_upstream() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), "connect_timeout = \"1s\"");
        let before = proxied.get("/plain").json();
        let tarball = proxied.get("/plain/-/plain-1.0.0.tgz").body;
        assert_eq!(proxied.get("/nothing").status, 404);
        drop(upstream);
        proxied.pass(86_400);
        let proxied = proxied.restarted();
        let after = proxied.get("/plain").json();
        assert_eq!(after["dist-tags"], before["dist-tags"]);
        assert_eq!(proxied.get("/plain/1.0.0").status, 200);
        assert_eq!(proxied.get("/plain/-/plain-1.0.0.tgz").body, tarball);
        assert_eq!(proxied.get("/@scope%2fname").status, 503);
        // what was missing a day ago may be there now: nobody can say
        assert_eq!(proxied.get("/nothing").status, 503);
    }
}

#[test]
fn a_missing_package_is_remembered_for_a_while() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "missing_age = \"60s\"");
    for _ in 0..3 {
        assert_eq!(proxied.get("/new").status, 404);
    }
    assert_eq!(upstream.requests().len(), 1);
    upstream.publish(FixturePackage::new("new", "1.0.0"));
    proxied.pass(59);
    assert_eq!(proxied.get("/new").status, 404);
    proxied.pass(1);
    assert_eq!(proxied.get("/new").status, 200);
    // unpublished there, gone here when that is noticed
    upstream.unpublish("new");
    proxied.pass(301);
    assert_eq!(proxied.get("/new").status, 404);
}

#[test]
fn a_version_a_tag_or_a_tarball_that_is_not_there_yet_is_asked_for_at_once() {
    for path in ["/plain/1.1.0", "/plain/next", "/plain/-/plain-1.1.0.tgz"] {
        let upstream = upstream();
        let proxied = Proxied::of(&upstream.url(), "");
        assert_eq!(proxied.get("/plain").status, 200);
        proxied.pass(6);
        upstream.publish(FixturePackage::new("plain", "1.1.0").tag("next"));
        assert_eq!(proxied.get(path).status, 200, "{path}");
    }
    // what does not exist costs a request each five seconds, not each time
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "");
    for _ in 0..10 {
        assert_eq!(proxied.get("/plain/9.9.9").status, 404);
    }
    assert_eq!(upstream.requests().len(), 1);
    proxied.pass(6);
    assert_eq!(proxied.get("/plain/9.9.9").status, 404);
    assert_eq!(upstream.requests().len(), 2);
}

#[test]
fn a_clock_that_is_set_back_makes_what_is_kept_old() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "");
    proxied.get("/plain");
    proxied.pass(-86_400 * 365);
    upstream.publish(FixturePackage::new("plain", "1.1.0"));
    assert_eq!(proxied.seen("plain").0, ["1.0.0", "1.1.0"]);
    assert_eq!(proxied.get("/plain").status, 200);
}

#[test]
fn what_was_damaged_on_the_disk_is_fetched_again() {
    let upstream = upstream();
    let mut proxied = Proxied::of(&upstream.url(), "");
    proxied.get("/plain");
    for damage in [Some(&b"short"[..]), Some(&b""[..]), None] {
        let file = proxied.kept_files().pop().expect("a kept packument");
        match damage {
            Some(bytes) => std::fs::write(file, bytes).expect("damage"),
            None => std::fs::remove_file(file).expect("damage"),
        }
        upstream.clear_requests();
        proxied = proxied.restarted();
        assert_eq!(proxied.get("/plain").status, 200, "{damage:?}");
        assert_eq!(upstream.requests().len(), 1, "{damage:?}");
    }
}
