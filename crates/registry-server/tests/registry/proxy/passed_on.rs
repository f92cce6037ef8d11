//! Searches that are passed on to upstreams, where the settings say so: what of their answers is shown, what they are told,
//! and that nobody waits for them.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::{Answer, FixturePackage, Recorder};

use super::proxied::Proxied;
use super::searched::found;

const SEARCH: &str = "/-/v1/search";
const PASSED_ON: &str = "searches = true";

fn object(name: &str, date: &str) -> Value {
    json!({ "package": {
        "name": name, "version": "2.0.0", "description": format!("{name} of another registry"),
        "keywords": ["way"], "date": date, "links": { "homepage": "https://registry.example/way" },
        "publisher": { "username": "zoe" }, "maintainers": [{ "username": "zoe", "email": "" }],
    } })
}

/// An upstream whose search finds packages of these names.
fn upstream(names: &[&str]) -> Recorder {
    let upstream = Recorder::start();
    let objects: Vec<Value> = names.iter().map(|name| object(name, "2025-06-01T00:00:00.000Z")).collect();
    let answer = json!({ "objects": objects, "total": 40, "time": "now" });
    upstream.answer("GET", SEARCH, Answer::json(200, &answer));
    upstream
}

fn asked(upstream: &Recorder) -> Vec<String> {
    upstream.take_requests().iter().map(test_support::RecordedRequest::line).collect()
}

#[test]
fn what_an_upstream_finds_comes_after_what_is_here_but_for_the_very_name() {
    let upstream = upstream(&["router", "routers", "kept-router", "@ours/stolen", "@no/router", "../x"]);
    let kept = json!({ "name": "kept-router", "dist-tags": { "latest": "1.0.0" },
        "versions": { "1.0.0": { "name": "kept-router", "version": "1.0.0" } } });
    upstream.answer("GET", "/kept-router", Answer::json(200, &kept));
    let proxied = Proxied::of(&upstream.url(), PASSED_ON);
    proxied.publish(&FixturePackage::new("@ours/router-kit", "1.0.0"));
    assert_eq!(proxied.get("/kept-router").status, 200);
    upstream.take_requests();
    assert_eq!(found(&proxied, "router"), ["router", "@ours/router-kit", "kept-router", "routers"]);
    assert_eq!(asked(&upstream), [format!("GET {SEARCH}?text=router&from=0&size=20")]);

    let answer = proxied.get(&format!("{SEARCH}?text=router&size=2")).json();
    assert_eq!((&answer["total"], answer["objects"].as_array().map(Vec::len)), (&json!(42), Some(2)));
    let shown = &answer["objects"][0];
    assert_eq!((&shown["upstream"], &shown["package"]["version"]), (&json!("up"), &json!("2.0.0")));
    assert_eq!(shown["package"]["links"]["homepage"], "https://registry.example/way");
    assert_eq!(shown["package"]["date"], "2025-06-01T00:00:00.000Z");
    let page = proxied.get("/-/web/search?q=router").text();
    assert!(page.contains(">routers</a>") && page.contains("<span>from up</span>"), "{page}");

    // later parts go on where those here end
    upstream.take_requests();
    let later = proxied.get(&format!("{SEARCH}?text=router&from=20&size=10")).json();
    assert_eq!(asked(&upstream), [format!("GET {SEARCH}?text=router&from=18&size=10")]);
    assert_eq!(
        later["objects"].as_array().map(Vec::len),
        Some(2),
        "what was shown before is not shown again"
    );
}

#[test]
fn names_that_belong_elsewhere_and_qualifiers_are_not_told() {
    let upstream = upstream(&["x"]);
    let proxied = Proxied::of(&upstream.url(), PASSED_ON);
    for text in
        ["@ours/sec", "tell+%40OURS%2Fsecret", "%40no", "scope:ours", "maintainer:ann", "keywords:x", ""]
    {
        found(&proxied, text);
        assert_eq!(asked(&upstream), [""; 0], "{text}");
    }
    let silent = Proxied::of(&upstream.url(), "");
    assert_eq!(found(&silent, "x"), [""; 0]);
    assert_eq!(asked(&upstream), [""; 0]);
    assert_eq!(found(&proxied, "x"), ["x"]);
}

#[test]
fn what_the_policy_hides_or_may_hide_is_not_shown() {
    let upstream = Recorder::start();
    let objects = [
        object("old", "2025-06-01T00:00:00.000Z"),
        object("young", "2026-01-09T12:00:00.000Z"),
        object("undated", "some day"),
        object("blocked", "2025-06-01T00:00:00.000Z"),
    ];
    upstream.answer("GET", SEARCH, Answer::json(200, &json!({ "objects": objects, "total": 4 })));
    let block = "[[policy.block]]\npackages = [\"blocked\"]";
    for (policy, expected) in [
        (format!("[policy]\nminimum_release_age = \"3d\"\n{block}"), vec!["old"]),
        (
            format!("[policy]\ninstall_scripts = \"hide\"\ninstall_scripts_except = [\"young\"]\n{block}"),
            vec!["young"],
        ),
        (format!("[policy]\nprovenance = \"no-downgrade\"\n{block}"), vec![]),
        (block.to_owned(), vec!["old", "young", "undated"]),
    ] {
        let proxied = Proxied::of(&upstream.url(), &format!("{PASSED_ON}\n{policy}"));
        assert_eq!(found(&proxied, "other"), expected, "{policy}");
    }
}

#[test]
fn an_upstream_that_fails_leaves_what_is_here() {
    for (status, body) in
        [(500, "{}"), (404, "{}"), (200, "<html>"), (200, "[]"), (200, r#"{"objects":[1,{}]}"#)]
    {
        let upstream = Recorder::start();
        upstream.answer("GET", SEARCH, Answer::new(status, body));
        let proxied = Proxied::of(&upstream.url(), PASSED_ON);
        proxied.publish(&FixturePackage::new("@ours/router", "1.0.0"));
        assert_eq!(found(&proxied, "router"), ["@ours/router"], "{status} {body}");
        assert!(!asked(&upstream).is_empty());
    }
}

#[test]
fn an_upstream_that_is_silent_is_left_alone_for_a_while() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    let address = silent.local_addr().expect("its address");
    let proxied = Proxied::of(&format!("http://{address}/"), PASSED_ON);
    proxied.publish(&FixturePackage::new("@ours/router", "1.0.0"));
    silent.set_nonblocking(true).expect("a listener that does not block");
    let mut connections = Vec::new();
    let mut asked = || {
        loop {
            match silent.accept() {
                Ok(connection) => connections.push(connection),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return connections.len(),
                Err(error) => panic!("{error}"),
            }
        }
    };
    let started = Instant::now();
    assert_eq!(found(&proxied, "router"), ["@ours/router"]);
    // a packument would be waited for for half a minute
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(asked(), 1);
    assert_eq!(found(&proxied, "router"), ["@ours/router"]);
    assert_eq!(asked(), 1);
    proxied.pass(31);
    assert_eq!(found(&proxied, "router"), ["@ours/router"]);
    assert_eq!(asked(), 2);
}
