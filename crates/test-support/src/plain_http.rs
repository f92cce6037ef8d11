//! The smallest HTTP client: one request, one connection, the answer as it came.
//!
//! For tests of servers. It does not decode, follow or retry, and speaks HTTP/1.0, so bodies come unchunked.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The bytes that came, be they fewer than the headers promised.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Sends `method path` to `host` (`127.0.0.1:1234`) with further headers and no body.
#[track_caller]
pub fn request(host: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(host, method, path, headers, b"")
}

/// The same with a body.
#[track_caller]
pub fn send(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    send_within(Duration::from_secs(20), host, method, path, headers, body)
}

/// The same for an answer that may take longer than usual.
#[track_caller]
pub fn send_within(
    patience: Duration,
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(host).expect("a connection");
    // A server that never answers fails the test instead of hanging it.
    stream.set_read_timeout(Some(patience)).expect("a time limit");
    let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).expect("the request to be sent");
    // a server that has heard enough of a body answers and closes
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    // A connection that is cut still leaves what came before.
    let _ = stream.read_to_end(&mut answer);
    parse(&answer)
}

#[track_caller]
fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("the end of the headers");
    let head = std::str::from_utf8(&answer[..end]).expect("headers of text");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    });
    Answer { status, headers: headers.collect(), body: answer[end + 4..].to_vec() }
}
