//! Requests that are no HTTP, too much of it, or too slow.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use test_support::plain_http::send;

use super::target::Target;

/// What follows what was sent.
#[derive(PartialEq)]
enum End {
    /// Whoever sent it waits.
    Waits,
    /// Whoever sent it has hung up.
    Hangs,
}

/// What is answered to bytes; empty where the connection is closed without a word.
fn answer_to(host: &str, bytes: &[u8], end: End) -> String {
    let mut stream = TcpStream::connect(host).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    let _ = stream.write_all(bytes);
    if end == End::Hangs {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn what_is_no_request_is_refused_and_means_nothing_to_the_next() {
    let target = Target::start();
    let before = target.kept();
    let host = target.registry.host();
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(5000));
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "b".repeat(2 << 20));
    let address = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(2 << 20));
    let smuggled = "GET /-/ping HTTP/1.1\r\nHost: x\r\n\r\n";
    let rows: [(&str, String); 12] = [
        ("noise", "\u{16}\u{3}\u{1}".to_owned()),
        ("many headers", many),
        ("a long header", long),
        ("a long address", address),
        ("no version", "GET /\r\n\r\n".to_owned()),
        ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (
            "two lengths",
            format!("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n{smuggled}"),
        ),
        ("a negative length", "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_owned()),
        (
            "a length that is none",
            "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n".to_owned(),
        ),
        ("a line end in a header", "GET / HTTP/1.1\r\nHost: x\r\nA: b\rX: y\r\n\r\n".to_owned()),
        ("a space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n".to_owned()),
        ("a NUL", "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
    ];
    for (row, request) in rows {
        let answer = answer_to(&host, request.as_bytes(), End::Hangs);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        let refused = ["", "400", "404", "414", "431"].contains(&status);
        assert!(refused && answer.matches("HTTP/1.1").count() <= 1, "{row}: {answer}");
        assert_eq!(target.registry.get("/-/ping").status, 200, "{row}");
    }
    for host in ["a\"b", "a b", "a/b", "", "<script>", &"h".repeat(300)] {
        let answer = answer_to(
            &target.registry.host(),
            format!("GET /@acme%2ftool HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes(),
            End::Waits,
        );
        assert!(
            answer.starts_with("HTTP/1.0 400") || answer.starts_with("HTTP/1.1 400"),
            "{host:?}: {answer}"
        );
    }
    assert_eq!(target.kept(), before);
}

#[test]
fn packed_bodies_that_unpack_to_a_thousand_times_as_much_are_refused() {
    let target = Target::start();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..80 {
        encoder.write_all(&spaces).expect("written");
    }
    let bomb = encoder.finish().expect("written");
    let headers = [("Content-Encoding", "gzip"), ("Content-Type", "application/json")];
    let path = "/-/npm/v1/security/advisories/bulk";
    for (row, body) in
        [("a bomb", bomb.clone()), ("no gzip", b"{}".to_vec()), ("cut off", bomb[..1000].to_vec())]
    {
        let answer = send(&target.registry.host(), "POST", path, &headers, &body);
        // where nothing is governed there are no advisories, and the list is not looked at
        assert!([200, 400].contains(&answer.status), "{row}: {}", answer.text());
    }
    // publications may be packed as well: their limit is of what comes out
    let answer = send(&target.registry.host(), "PUT", "/@acme%2ftool", &headers, &bomb);
    assert_eq!(answer.status, 413, "{}", answer.text());
}

#[test]
fn many_who_say_nothing_keep_nobody_waiting() {
    let target = Target::start();
    let host = target.registry.host();
    let silent: Vec<TcpStream> = (0..300)
        .map(|number| {
            let mut stream = TcpStream::connect(&host).expect("a connection");
            let begun = match number % 3 {
                0 => "",
                1 => "GET / HTTP/1.1\r\nHost: x\r\nSlow: ",
                _ => "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{",
            };
            stream.write_all(begun.as_bytes()).expect("a beginning");
            stream
        })
        .collect();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let started = Instant::now();
                    assert_eq!(target.registry.get("/@acme%2ftool").status, 200);
                    assert!(started.elapsed() < Duration::from_secs(2));
                }
            });
        }
    });
    drop(silent);
}
