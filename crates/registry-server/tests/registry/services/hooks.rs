//! Hooks: made as `npm hook` (npm 10) asks, told of changes by signed requests, again until they are taken.

use std::time::Duration;

use ring::hmac;
use serde_json::{Value, json};
use test_support::{Answer, FixturePackage, Keeping, RecordedRequest, Recorder};

use super::served::Served;

const HOOKS: &str = "/-/npm/v1/hooks";
const HOOK: &str = "/-/npm/v1/hooks/hook";
const PRIVATE: &str = "[hooks]\nprivate_addresses = true\n";

/// A registry with a user `ann` whose requests need no token.
fn start(keeping: Keeping, settings: &str) -> Served {
    let served = Served::keeping(keeping, settings, |_| {});
    let made = served.runtime.block_on(served.registry.add_user("ann", "ann@example.com", true));
    made.expect("a database").expect("a new name");
    served
}

#[track_caller]
fn add(served: &Served, kind: &str, name: &str, endpoint: &str) -> Value {
    let body = json!({ "type": kind, "name": name, "endpoint": endpoint, "secret": "shh" });
    let answer = served.json("POST", HOOK, &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// What an endpoint was told, once it was told so often.
#[track_caller]
fn told(endpoint: &Recorder, count: usize) -> Vec<RecordedRequest> {
    let mut all = Vec::new();
    for _ in 0..400 {
        all.extend(endpoint.take_requests());
        if all.len() >= count {
            return all;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("it was told {} times instead of {count}", all.len());
}

fn body(request: &RecordedRequest) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

#[test]
fn who_wants_to_know_of_a_package_a_scope_or_a_person_is_told_by_a_signed_request() {
    for keeping in Keeping::all() {
        let served = start(keeping, PRIVATE);
        let endpoint = Recorder::start();
        endpoint.answer("POST", "/hook", Answer::json(200, &json!({})));
        served.publish(&FixturePackage::new("@acme/tool", "1.0.0"));
        let url = format!("{}hook", endpoint.url());
        add(&served, "package", "@acme/tool", &url);
        add(&served, "scope", "@acme", &url);
        add(&served, "owner", "ann", &url);
        add(&served, "package", "other", &url);
        served.publish(&FixturePackage::new("@acme/tool", "1.1.0"));
        let requests = told(&endpoint, 3);
        let request = &requests[0];
        let signature = request.header("x-npm-signature").expect("a signature").to_owned();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"shh");
        let tag: String =
            hmac::sign(&key, &request.body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(signature, format!("sha256={tag}"));
        let sent = body(request);
        assert_eq!(
            (&sent["event"], &sent["name"], &sent["version"], &sent["hookOwner"]["username"]),
            (&json!("package:publish"), &json!("@acme/tool"), &json!("1.1.0"), &json!("ann"))
        );
        assert_eq!(sent["payload"]["dist-tags"], json!({ "latest": "1.1.0" }));
        let listed = served.get(HOOKS).json();
        assert_eq!(listed["objects"].as_array().map(Vec::len), Some(4));
        served.json("PUT", "/-/package/@acme%2ftool/dist-tags/old", &json!("1.0.0"));
        assert_eq!(body(&told(&endpoint, 3)[0])["event"], "package:dist-tag");
    }
}

#[test]
fn what_was_not_taken_is_told_again_later_and_given_up_in_the_end() {
    let served = start(Keeping::Embedded, PRIVATE);
    let endpoint = Recorder::start();
    endpoint.answer("POST", "/hook", Answer::json(500, &json!({})));
    served.publish(&FixturePackage::new("tool", "1.0.0"));
    let hook = add(&served, "package", "tool", &format!("{}hook", endpoint.url()));
    let star = || assert_eq!(served.json("PUT", "/-/user/v1/star", &json!({ "name": "tool" })).status, 200);
    star();
    let first = body(&told(&endpoint, 1)[0]);
    let path = format!("{HOOK}/{}", hook["id"].as_str().expect("an id"));
    let shown = || served.get(&path).json();
    for _ in 0..400 {
        if shown()["response_code"] == 500 {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    assert_eq!((&shown()["response_code"], &shown()["delivered"]), (&json!(500), &json!(false)));
    for seconds in [61, 301, 1801, 7201] {
        served.pass(seconds);
        assert_eq!(body(&told(&endpoint, 1)[0])["time"], first["time"]);
    }
    endpoint.answer("POST", "/hook", Answer::json(204, &json!({})));
    served.pass(100 * 3600);
    star();
    let last = body(&told(&endpoint, 1)[0]);
    assert_ne!(last["time"], first["time"]);
}

#[test]
fn hooks_are_ones_own_and_changed_and_taken_away_by_their_id() {
    let served = start(Keeping::Embedded, PRIVATE);
    served.publish(&FixturePackage::new("tool", "1.0.0"));
    let hook = add(&served, "package", "tool", "https://one.example/");
    let path = format!("{HOOK}/{}", hook["id"].as_str().expect("an id"));
    let changed = served.json("PUT", &path, &json!({ "endpoint": "https://two.example/x", "secret": "new" }));
    assert_eq!((changed.status, changed.json()["endpoint"].clone()), (200, json!("https://two.example/x")));
    assert!(!served.get(HOOKS).text().contains("shh"));
    let stranger = served.runtime.block_on(async {
        served.registry.add_user("bob", "bob@example.com", false).await.expect("a database");
        served.registry.add_token("bob").await.expect("a database").expect("a token")
    });
    let headers = format!("Bearer {}", stranger.reveal());
    let headers = [("Authorization", headers.as_str())];
    assert_eq!(served.send("GET", &path, &headers, b"").status, 404);
    assert_eq!(served.send("DELETE", &path, &headers, b"").status, 404);
    assert_eq!(served.send("GET", HOOKS, &headers, b"").json()["objects"], json!([]));
    assert_eq!(served.get(&format!("{HOOKS}?package=other")).json()["total"], 0);
    assert_eq!(served.json("DELETE", &path, &Value::Null).status, 200);
    assert_eq!(served.get(&path).status, 404);
}

#[test]
fn nobody_has_the_registrys_own_network_asked() {
    let served = start(Keeping::Embedded, "");
    for (endpoint, status) in [
        ("https://hooks.example/", 201),
        ("http://127.0.0.1:1/", 400),
        ("http://localhost/", 400),
        ("http://[::1]/", 400),
        ("http://[::ffff:10.0.0.1]/", 400),
        ("http://0x7f000001/", 400),
        ("http://169.254.169.254/latest/meta-data", 400),
        ("ftp://hooks.example/", 400),
        ("https://user:word@hooks.example/", 400),
        ("nonsense", 400),
    ] {
        let body = json!({ "type": "owner", "name": "ann", "endpoint": endpoint, "secret": "s" });
        assert_eq!(served.json("POST", HOOK, &body).status, status, "{endpoint}");
    }
    for (kind, name) in [("team", "x"), ("package", "../x"), ("owner", "")] {
        let body = json!({ "type": kind, "name": name, "endpoint": "https://hooks.example/", "secret": "s" });
        assert_eq!(served.json("POST", HOOK, &body).status, 400, "{kind}");
    }
}
