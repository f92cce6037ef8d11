//! Tokens with limits, as npm 6 and npm 11.19.1 ask for them, and what they are held to.

use super::accounts::{Accounts, PASSWORD, token};
use serde_json::{Value, json};
use test_support::FixturePackage;

const TOKENS: &str = "/-/npm/v1/tokens";

/// A request for a token with further fields.
fn request(fields: Value) -> Value {
    let mut request = json!({ "password": PASSWORD });
    let (all, fields) = (request.as_object_mut(), fields.as_object().cloned());
    all.expect("an object").extend(fields.expect("an object"));
    request
}

#[test]
fn tokens_are_told_once_listed_by_their_beginning_and_revoked() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let fields =
        json!({ "name": "ci", "description": "builds", "expires": 7, "cidr_whitelist": ["127.0.0.0/8"] });
    let made = accounts.call(&ada, "POST", TOKENS, &request(fields)).json();
    let ci = made["token"].as_str().expect("a token").to_owned();
    let list = accounts.get(&ada, TOKENS);
    assert!(!list.text().contains(&ci) && !list.text().contains(&ada));
    let list = list.json();
    assert_eq!(list["total"], 2);
    let listed = list["objects"].as_array().expect("tokens");
    let listed = listed.iter().find(|token| token["name"] == "ci").expect("the new one");
    assert_eq!(listed["token"], ci[..9]);
    assert_eq!((&listed["key"], &listed["description"]), (&made["key"], &json!("builds")));
    assert_eq!(listed["cidr_whitelist"], json!(["127.0.0.0/8"]));
    assert_eq!((&listed["readonly"], &listed["expires"]), (&json!(false), &made["expires"]));
    assert_eq!(accounts.get(&ci, "/-/whoami").status, 200);

    let bob = accounts.user("bob");
    let key = format!("{TOKENS}/token/{}", made["key"].as_str().expect("a key"));
    accounts.check(&[
        (&bob, "DELETE", &key, Value::Null, 404),
        ("", "DELETE", &key, Value::Null, 401),
        (&ada, "DELETE", &key, Value::Null, 204),
        (&ada, "DELETE", &key, Value::Null, 404),
        (&ci, "GET", "/-/whoami", Value::Null, 401),
        // npm sends what it does not find in the list as it is
        (&ada, "DELETE", &format!("{TOKENS}/token/{ada}"), Value::Null, 204),
        (&ada, "GET", "/-/whoami", Value::Null, 401),
    ]);
}

#[test]
fn long_lists_come_in_pages() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    for _ in 0..4 {
        token(&accounts.call(&ada, "POST", TOKENS, &request(json!({}))));
    }
    let mut next = format!("{TOKENS}?perPage=2");
    let mut keys = Vec::new();
    loop {
        let page = accounts.get(&ada, &next).json();
        keys.extend(page["objects"].as_array().expect("tokens").iter().map(|token| token["key"].to_string()));
        match page["urls"]["next"].as_str() {
            Some(address) => next = address.to_owned(),
            None => break,
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 5);
}

#[test]
fn requests_that_make_no_sense_are_explained() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    for (fields, status, expected) in [
        (json!({ "password": "wrong password" }), 401, "incorrect"),
        (json!({ "packages": ["a"] }), 400, "what the token may do with its packages"),
        (json!({ "packages_and_scopes_permission": "read-write" }), 400, "which packages"),
        (
            json!({ "packages": ["../a"], "packages_and_scopes_permission": "read-only" }),
            400,
            "no package's name",
        ),
        (json!({ "orgs": ["A B"], "orgs_permission": "read-only" }), 400, "lowercase"),
        (json!({ "packages_all": true, "packages_and_scopes_permission": "all" }), 400, "unknown variant"),
        (json!({ "cidr_whitelist": ["10.0.0.0/40"] }), 400, "no range of addresses"),
        (json!({ "expires": 4_000_000_000_u32 }), 400, "too late"),
        (json!({ "expires": -1 }), 400, "cannot be read"),
    ] {
        let answer = accounts.call(&ada, "POST", TOKENS, &request(fields));
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
}

#[test]
fn a_token_does_what_it_was_made_for() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let make = |fields| token(&accounts.call(&ada, "POST", TOKENS, &request(fields)));
    let publish = |token: &str, name: &str, version: &str| {
        accounts.publish(token, &FixturePackage::new(name, version)).status
    };
    assert_eq!(publish(&ada, "tool", "1.0.0"), 201);

    let read_only = make(json!({ "readonly": true }));
    let write = "packages_and_scopes_permission";
    let tool = make(json!({ "packages": ["tool"], write: "read-write" }));
    let scope = make(json!({ "scopes": ["@ada"], write: "read-write" }));
    let elsewhere = make(json!({ "cidr_whitelist": ["192.0.2.0/24"] }));
    for (token, name, version, expected) in [
        (&read_only, "tool", "1.1.0", 403),
        (&tool, "tool", "1.1.0", 201),
        (&tool, "other", "1.0.0", 403),
        (&scope, "tool", "1.2.0", 403),
        (&scope, "@ada/core", "1.0.0", 201),
        (&elsewhere, "tool", "1.2.0", 401),
    ] {
        assert_eq!(publish(token, name, version), expected, "{name} {version}");
    }
    let refused = accounts.get(&elsewhere, "/tool");
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("ipaddress")));
    // the account is not in their reach
    for limited in [&read_only, &tool] {
        accounts.check(&[
            (limited, "GET", TOKENS, Value::Null, 403),
            (limited, "POST", TOKENS, request(json!({})), 403),
            (limited, "POST", "/-/npm/v1/user", json!({ "fullname": "Eve" }), 403),
            (limited, "GET", "/-/whoami", Value::Null, 200),
        ]);
    }
}

#[test]
fn a_token_ends_on_its_day() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let short = token(&accounts.call(&ada, "POST", TOKENS, &request(json!({ "expires": 1 }))));
    accounts.pass(24 * 60 * 60 - 5);
    assert_eq!(accounts.get(&short, "/-/whoami").status, 200);
    accounts.pass(6);
    let ended = accounts.get(&short, "/-/whoami");
    assert_eq!((ended.status, ended.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 200);
}
