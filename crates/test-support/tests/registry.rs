//! The registry's faults, log and pace, as a client meets them.

use std::time::{Duration, Instant};

use test_support::plain_http::{Answer, request};
use test_support::{Fault, FixturePackage, NetworkLimits, TestRegistry, Times, integrity_of};

const TARBALL: &str = "/a/-/a-1.0.0.tgz";

fn package() -> FixturePackage {
    FixturePackage::new("a", "1.0.0").file("index.js", "module.exports = 1\n")
}

fn get(registry: &TestRegistry, path: &str) -> Answer {
    request(&registry.host(), "GET", path, &[])
}

#[test]
fn a_fixture_is_the_same_bytes_every_time_and_its_integrity_is_theirs() {
    let registry = TestRegistry::with([package()]);
    let manifest = get(&registry, "/a/latest").json();
    let tarball = get(&registry, TARBALL).body;
    assert_eq!(tarball, package().tarball());
    assert_eq!(manifest["dist"]["integrity"], integrity_of(&tarball));
    registry.publish(package().with_integrity("sha512-AAAA"));
    assert_eq!(get(&registry, "/a/latest").json()["dist"]["integrity"], "sha512-AAAA");
}

#[test]
fn a_fault_applies_where_and_as_often_as_it_was_asked_for() {
    let registry = TestRegistry::with([package(), FixturePackage::new("@s/p", "1.0.0")]);
    registry.fault("/a", Fault::Status(503), Times::First(2));
    registry.fault("/@s/*", Fault::TooManyRequests { retry_after: 7 }, Times::Always);
    let statuses: Vec<u16> =
        ["/a", TARBALL, "/a", "/a", "/@s%2fp"].map(|path| get(&registry, path).status).into();
    assert_eq!(statuses, [503, 200, 503, 200, 429]);
    assert_eq!(get(&registry, "/@s/p").header("retry-after"), Some("7"));
    registry.clear_faults();
    assert_eq!(get(&registry, "/@s/p").status, 200);
    let logged: Vec<u16> = registry.requests().iter().map(|request| request.status).collect();
    assert_eq!(logged, [503, 200, 503, 200, 429, 429, 200]);
}

#[test]
fn bodies_can_be_cut_changed_and_replaced() {
    let registry = TestRegistry::with([package()]);
    let good = package().tarball();
    registry.fault(TARBALL, Fault::Truncated { bytes: 20 }, Times::First(1));
    registry.fault(TARBALL, Fault::Corrupted, Times::First(1));
    registry.fault(TARBALL, Fault::Replaced(b"lies".to_vec()), Times::First(1));
    registry.fault(TARBALL, Fault::Redirected("/elsewhere".into()), Times::First(1));
    let cut = get(&registry, TARBALL);
    assert_eq!(cut.header("content-length"), Some(good.len().to_string().as_str()));
    assert_eq!(cut.body, good[..20]);
    let changed = get(&registry, TARBALL).body;
    assert_eq!(changed.iter().zip(&good).filter(|(a, b)| a != b).count(), 1);
    assert_eq!(get(&registry, TARBALL).text(), "lies");
    let elsewhere = get(&registry, TARBALL);
    assert_eq!((elsewhere.status, elsewhere.header("location")), (302, Some("/elsewhere")));
    assert_eq!(get(&registry, TARBALL).body, good);
}

#[test]
fn a_stalled_answer_does_not_keep_the_registry_from_stopping() {
    use std::io::{Read, Write};
    let registry = TestRegistry::with([package()]);
    registry.fault(TARBALL, Fault::Stalled { bytes: 5 }, Times::Always);
    let mut stream = std::net::TcpStream::connect(registry.host()).expect("a connection");
    write!(stream, "GET {TARBALL} HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
    let mut start = [0; 16];
    stream.read_exact(&mut start).expect("the start of an answer");
    drop(registry);
    let mut rest = Vec::new();
    // Cut or closed: either way it ends.
    let _ = stream.read_to_end(&mut rest);
}

#[test]
fn authorization_can_be_demanded() {
    let registry = TestRegistry::with([package()]);
    registry.require_authorization("Bearer secret");
    assert_eq!(get(&registry, "/a").status, 401);
    let allowed = request(&registry.host(), "GET", "/a", &[("Authorization", "Bearer secret")]);
    assert_eq!(allowed.status, 200);
    assert_eq!(registry.requests()[1].header("authorization"), Some("Bearer secret"));
    assert_eq!(registry.request_lines(), ["GET /a", "GET /a"]);
    registry.clear_requests();
    assert!(registry.requests().is_empty());
}

#[test]
fn the_line_has_a_latency_and_a_bandwidth() {
    let registry = TestRegistry::with([package()]);
    registry.put_tarball("a", "big.tgz", vec![7; 50_000]);
    let latency = Duration::from_millis(30);
    registry.limit(NetworkLimits { latency, bytes_per_second: Some(1_000_000) });
    let started = Instant::now();
    assert_eq!(get(&registry, "/a/-/big.tgz").body.len(), 50_000);
    assert!(started.elapsed() >= latency + Duration::from_millis(50));
}
