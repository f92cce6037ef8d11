//! Upstreams that mean harm, or are in a bad way: clients hear so in time, and nothing of it is kept.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use test_support::{Answer, FixturePackage, Recorder, TestRegistry, Times};

use super::proxied::{Proxied, eventually};

fn document(versions: &Value) -> Value {
    json!({ "name": "pkg", "dist-tags": { "latest": "1.0.0" }, "versions": versions })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("written")
}

#[test]
fn documents_that_cannot_be_used_are_no_packuments_and_are_not_kept() {
    let nested = "[".repeat(100_000) + &"]".repeat(100_000);
    let text = |value: Value| value.to_string().into_bytes();
    let packed = |bytes: &[u8]| Answer::new(200, gzip(bytes)).header("content-encoding", "gzip");
    // a megabyte is allowed; packed it is less than that
    let large = text(document(&json!({ "1.0.0": { "x": "y".repeat(2 << 20) } })));
    let rows: Vec<(&str, Answer)> = vec![
        ("nothing", Answer::new(200, "")),
        ("HTML", Answer::new(200, "<html>sorry</html>")),
        ("a list", Answer::new(200, "[]")),
        ("another package", Answer::new(200, text(json!({ "name": "other", "versions": {} })))),
        ("versions that are none", Answer::new(200, text(document(&json!([1, 2]))))),
        ("cut off", Answer::new(200, r#"{"name":"pkg","versions":{"1.0.0":{"#)),
        ("lists in lists", Answer::new(200, nested.into_bytes())),
        ("more than is allowed", Answer::new(200, large.clone())),
        ("more than is allowed, packed", packed(&large)),
        ("no gzip", Answer::new(200, "{}").header("content-encoding", "gzip")),
        (
            "gzip that is cut off",
            Answer::new(200, gzip(&large)[..500].to_vec()).header("content-encoding", "gzip"),
        ),
        ("an encoding that nobody asked for", Answer::new(200, "x").header("content-encoding", "evil")),
        ("no content", Answer::new(204, "")),
        ("not modified since never", Answer::new(304, "")),
    ];
    for (row, answer) in rows {
        let upstream = Recorder::start();
        upstream.answer("GET", "/pkg", answer);
        let proxied = Proxied::of(&upstream.url(), "timeout = \"2s\"\n[cache]\nmax_packument = \"1 MB\"");
        let answer = proxied.get("/pkg");
        assert_eq!(answer.status, 503, "{row}: {}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{row}");
        assert_eq!(proxied.kept_files(), Vec::<std::path::PathBuf>::new(), "{row}");
        // and what comes after it is used
        let right = document(&json!({ "1.0.0": { "name": "pkg", "version": "1.0.0" } }));
        upstream.answer("GET", "/pkg", Answer::json(200, &right));
        let found = eventually_found(&proxied, "/pkg");
        assert!(found["versions"]["1.0.0"].is_object(), "{row}");
    }
}

/// What is answered when an upstream that failed is asked again.
fn eventually_found(proxied: &Proxied, path: &str) -> Value {
    eventually("the upstream is asked again", || {
        proxied.pass(60);
        proxied.get(path).status == 200
    });
    proxied.get(path).json()
}

#[test]
fn redirects_without_end_end() {
    let upstream = Recorder::start();
    let loops = format!("{}pkg", upstream.url());
    upstream.answer("GET", "/pkg", Answer::new(302, "").header("location", &loops));
    let proxied = Proxied::of(&upstream.url(), "timeout = \"2s\"");
    let started = Instant::now();
    assert_eq!(proxied.get("/pkg").status, 503);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let asked = upstream.take_requests().len();
    assert!(asked < 50, "it was asked {asked} times");

    let package = FixturePackage::new("tar", "1.0.0");
    let upstream = TestRegistry::with([package]);
    let path = "/tar/-/tar-1.0.0.tgz";
    let loops = format!("{}{}", upstream.url(), &path[1..]);
    upstream.fault(path, test_support::Fault::Redirected(loops), Times::Always);
    let proxied = Proxied::of(&upstream.url(), "timeout = \"2s\"");
    assert_eq!(proxied.get(path).status, 503);
    assert!(upstream.requests().len() < 50);
}

/// A server that begins an answer and sends a byte of it from time to time.
fn dripping(begun: String, pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let begun = begun.clone();
            thread::spawn(move || drip(stream, &begun, pause));
        }
    });
    address
}

fn drip(mut stream: TcpStream, begun: &str, pause: Duration) {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request);
    let mut goes_on = stream.write_all(begun.as_bytes()).is_ok();
    while goes_on {
        thread::sleep(pause);
        goes_on = stream.write_all(b" ").is_ok();
    }
}

/// Nobody can tell it from a slow line but by its speed; meanwhile everything else is answered, and who wants the same
/// waits for the same request.
#[test]
fn an_upstream_that_drips_holds_up_nobody_else() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{";
    let upstream = dripping(head.to_owned(), Duration::from_millis(100));
    let proxied = Proxied::of(&upstream, "timeout = \"1s\"\nconnections = 2");
    thread::scope(|scope| {
        for _ in 0..10 {
            let host = proxied.host();
            scope.spawn(move || {
                // the client leaves before the answer
                let mut stream = TcpStream::connect(&host).expect("a connection");
                stream.write_all(b"GET /slow HTTP/1.0\r\nHost: x\r\n\r\n").expect("a request");
                thread::sleep(Duration::from_millis(1500));
            });
        }
        thread::sleep(Duration::from_millis(300));
        for _ in 0..20 {
            let started = Instant::now();
            assert_eq!(proxied.get("/-/ready").status, 200);
            assert_eq!(proxied.get("/@ours/none").status, 404);
            assert!(started.elapsed() < Duration::from_secs(1));
        }
        let package = FixturePackage::new("@ours/own", "1.0.0");
        assert_eq!(proxied.publish(&package).status, 201);
    });
}

#[test]
fn an_upstream_killed_in_the_middle_of_a_packument_is_asked_again_later() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"name\":\"pkg\"";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    let dying = thread::spawn(move || {
        // a first try and a second one
        for stream in listener.incoming().flatten().take(2) {
            let mut stream = stream;
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(head.as_bytes());
        }
    });
    let proxied = Proxied::of(&address, "connect_timeout = \"500ms\"\ntimeout = \"1s\"");
    let answer = proxied.get("/pkg");
    assert_eq!(answer.status, 503, "{}", answer.text());
    dying.join().expect("no panic");
    assert_eq!(proxied.kept_files(), Vec::<std::path::PathBuf>::new());
    assert_eq!(proxied.get("/pkg").status, 503, "not 404: it may have it");
}
