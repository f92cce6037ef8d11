use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::sandbox::Sandbox;

/// Answers one request on loopback and hands back the request's head.
fn answer_once(status: &'static str, body: &'static str) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_lowercase());
        }
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        );
        reader.get_mut().write_all(answer.as_bytes()).expect("answered");
        head
    });
    (port, served)
}

#[test]
fn the_configured_registry_is_asked_with_its_credentials() {
    let (port, served) = answer_once("200 OK", r#"{"hello":"there"}"#);
    let sandbox = Sandbox::new();
    sandbox.file(
        "home/.npmrc",
        &format!(
            "registry=http://127.0.0.1:{port}/npm\n//127.0.0.1:{port}/npm/:username=me\n\
             //127.0.0.1:{port}/npm/:_password=cGFzcw==\n"
        ),
    );
    let said = sandbox.knit(&["ping", "--json"]);
    assert!(said.contains(r#""hello": "there""#), "{said}");
    let head = served.join().expect("served");
    assert_eq!(head[0], "get /npm/-/ping?write=true http/1.1");
    assert!(head.contains(&"authorization: basic bwu6cgfzcw==".to_owned()), "{head:?}");
    assert!(head.contains(&"npm-command: ping".to_owned()), "{head:?}");
    assert!(head.iter().any(|line| line.starts_with("user-agent: npm/11.19.1 knit/")), "{head:?}");
}

#[test]
fn a_refusal_is_told_with_its_code() {
    let (port, served) = answer_once("401 Unauthorized", "{}");
    let sandbox = Sandbox::new();
    let registry = format!("--registry=http://127.0.0.1:{port}/");
    let said = sandbox.knit(&["ping", &registry]);
    served.join().expect("served");
    assert!(said.contains("exit: 1") && said.contains("error[E401]"), "{said}");
}
