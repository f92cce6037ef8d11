//! What reverse proxies say of clients: believed from those that are trusted, of everything that it matters for.

use serde_json::{Value, json};
use test_support::FixturePackage;
use test_support::plain_http::Answer;

use super::served::Served;

const TRUSTING: &str = "[server]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n";
const STRANGER: &str = "[server]\ntrusted_proxies = [\"192.0.2.1\"]\n";

fn logging_in(served: &Served, from: &str, user: &str, password: &str) -> Answer {
    let path = format!("/-/user/org.couchdb.user:{user}");
    let body = json!({ "name": user, "password": password }).to_string();
    served.send("PUT", &path, &[("X-Forwarded-For", from)], body.as_bytes())
}

#[test]
fn tarballs_are_where_the_client_found_the_registry() {
    let forwarded = "for=203.0.113.9;proto=https;host=registry.example";
    let apart = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "registry.example")];
    let together = [("Forwarded", forwarded)];
    let with = |text: &str, more: &str| format!("{text}{more}\n");
    for (settings, headers, expected) in [
        (TRUSTING.to_owned(), &apart[..], Some("https://registry.example/")),
        (TRUSTING.to_owned(), &together[..], None),
        (with(TRUSTING, "proxy_headers = \"forwarded\""), &together[..], Some("https://registry.example/")),
        (with(TRUSTING, "proxy_headers = \"forwarded\""), &apart[..], None),
        (STRANGER.to_owned(), &apart[..], None),
        (String::new(), &apart[..], None),
        (
            with(TRUSTING, "public_url = \"https://fixed.example/npm\""),
            &apart[..],
            Some("https://fixed.example/npm/"),
        ),
    ] {
        let served = Served::by(&settings);
        served.publish(&FixturePackage::new("tool", "1.0.0"));
        let found = served.send("GET", "/tool", headers, b"").json();
        let expected = expected.map_or_else(|| format!("http://{}/", served.host()), str::to_owned);
        let tarball = &found["versions"]["1.0.0"]["dist"]["tarball"];
        assert_eq!(*tarball, format!("{expected}tool/-/tool-1.0.0.tgz"), "{settings}");
    }
}

#[test]
fn attempts_are_counted_and_logged_by_the_clients_address() {
    let limits = "[limits]\nlogins_per_minute = 1\n";
    for (settings, last) in [(format!("{TRUSTING}{limits}"), 401), (format!("{STRANGER}{limits}"), 429)] {
        let served = Served::by(&settings);
        let attempts: Vec<u16> = (1..=4)
            .map(|attempt| {
                let address = format!("1.1.1.1, 203.0.113.{attempt}, 10.0.0.7");
                logging_in(&served, &address, &format!("nobody{attempt}"), "wrong").status
            })
            .collect();
        assert_eq!(attempts, [401, 401, 401, last], "{settings}");
    }
    let served = Served::by(TRUSTING);
    let made = served.runtime.block_on(served.registry.add_user("ada", "ada@example.com", true));
    let password = made.expect("a database").expect("a new name");
    let logged_in = logging_in(&served, "203.0.113.77", "ada", password.reveal());
    assert_eq!(logged_in.status, 201, "{}", logged_in.text());
    let log = served.get("/-/knit/v1/audit-log").json();
    let entries = log["entries"].as_array().expect("entries");
    let login = entries.iter().find(|entry| entry["action"] == "login").expect("the login");
    assert_eq!(login["address"], "203.0.113.77", "{log}");
}

#[test]
fn tokens_for_some_addresses_are_good_from_there_only() {
    let served = Served::by(TRUSTING);
    let made = served.runtime.block_on(served.registry.add_user("ada", "ada@example.com", false));
    let password = made.expect("a database").expect("a new name");
    let session = logging_in(&served, "203.0.113.1", "ada", password.reveal()).json();
    let session = format!("Bearer {}", session["token"].as_str().expect("a token"));
    let wanted = json!({ "password": password.reveal(), "cidr_whitelist": ["203.0.113.0/24"] });
    let headers = [("Authorization", session.as_str())];
    let made = served.send("POST", "/-/npm/v1/tokens", &headers, wanted.to_string().as_bytes());
    let token: Value = made.json();
    let token = format!("Bearer {}", token["token"].as_str().expect("a token"));
    for (from, status) in
        [("203.0.113.9", 200), ("198.51.100.1", 401), ("203.0.113.9, 198.51.100.1", 401), ("", 401)]
    {
        let headers = [("Authorization", token.as_str()), ("X-Forwarded-For", from)];
        assert_eq!(served.send("GET", "/-/whoami", &headers, b"").status, status, "{from}");
    }
}
