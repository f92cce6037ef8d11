//! Logging in, as npm 11.19.1 does it in both protocols, and what wrong credentials are told.

use super::accounts::{Accounts, PASSWORD, token};
use registry_server::settings::Registration;
use serde_json::{Value, json};

fn who(accounts: &Accounts, token: &str) -> Value {
    accounts.get(token, "/-/whoami").json()["username"].clone()
}

#[test]
fn the_first_start_makes_an_administrator_who_logs_in_by_the_password_told_once() {
    let accounts = Accounts::start();
    let administrator = accounts.administrator();
    assert_eq!(who(&accounts, &administrator), "admin");
    let made = format!("{:?}", accounts.registry.administrator().expect("a first start"));
    assert_eq!(made, "FirstAdministrator { name: \"admin\", password: *** }");
    // a second process over the same database finds the first one's work
    let replica = accounts.registry.replica();
    assert_eq!(replica.send_as(&administrator, "GET", "/-/whoami", &Value::Null).status, 200);
    assert!(replica.administrator().is_none());
}

#[test]
fn a_user_is_made_once_and_logs_in_with_the_right_password_only() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    assert_eq!(who(&accounts, &ada), "ada");
    let again = token(&accounts.log_in("ada", PASSWORD, &[]));
    assert_ne!(again, ada);
    assert_eq!(who(&accounts, &again), "ada");

    for (name, password) in [("ada", "correct horsf"), ("ada", ""), ("nobody", PASSWORD)] {
        let answer = accounts.log_in(name, password, &[]);
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
        assert_eq!(answer.json()["error"], "incorrect username or password");
    }
    // a stale token in the configuration does not stand in the way of a new one
    let stale = [("Authorization", "Bearer knit_stale")];
    assert_eq!(accounts.log_in("ada", PASSWORD, &stale).status, 201);

    let user = |name: &str, body: Value| {
        accounts.call("", "PUT", &format!("/-/user/org.couchdb.user:{name}"), &body)
    };
    for (name, body, expected) in [
        (
            "Eve",
            json!({ "name": "Eve", "password": PASSWORD, "email": "e@example.com" }),
            "lowercase letters",
        ),
        (
            "eve",
            json!({ "name": "eve", "password": "short", "email": "e@example.com" }),
            "at least 10 characters",
        ),
        ("eve", json!({ "name": "eve", "password": PASSWORD, "email": "e" }), "not an email address"),
        ("eve", json!({ "name": "ada", "password": PASSWORD, "email": "e@example.com" }), "another user"),
        ("eve", json!({ "name": "eve" }), "missing field `password`"),
        ("eve", json!([]), "cannot be read"),
    ] {
        let answer = user(name, body);
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
}

#[test]
fn accounts_are_made_by_strangers_only_where_the_registry_lets_them() {
    let accounts = Accounts::with(|options| options.accounts.access.registration = Registration::Closed);
    let body = json!({ "name": "eve", "password": PASSWORD, "email": "eve@example.com" });
    assert_eq!(accounts.call("", "PUT", "/-/user/org.couchdb.user:eve", &body).status, 401);
    assert_eq!(accounts.get("", "/-/user/org.couchdb.user:eve").status, 404);
}

#[test]
fn a_user_is_looked_up_without_a_secret() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let answer = accounts.get("", "/-/user/org.couchdb.user:ada?write=true");
    assert_eq!(answer.status, 200);
    let document = answer.json();
    assert_eq!((&document["name"], &document["email"]), (&json!("ada"), &json!("ada@example.com")));
    assert!(!answer.text().contains("argon2"));
}

#[test]
fn a_password_in_every_request_works_as_npm_6_sends_it() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let basic = |credentials: &str| {
        let credentials = format!("Basic {}", base64_simd::STANDARD.encode_to_string(credentials));
        accounts.registry.send_with(&[("Authorization", &credentials)], "GET", "/-/whoami", &Value::Null)
    };
    for (credentials, expected) in [
        (format!("ada:{PASSWORD}"), 200),
        (format!("ada:{PASSWORD}"), 200),
        (format!("ada:{ada}"), 200),
        (format!("bob:{ada}"), 401),
        ("ada:wrong password".to_owned(), 401),
        ("ada".to_owned(), 401),
    ] {
        assert_eq!(basic(&credentials).status, expected, "{credentials}");
    }
}

#[test]
fn wrong_credentials_are_told_and_never_taken_for_none() {
    let accounts = Accounts::start();
    let get = |value: &str| {
        accounts.registry.send_with(&[("Authorization", value)], "GET", "/-/whoami", &Value::Null)
    };
    for value in ["Bearer nonsense", "Bearer", "Bearer ", "Basic !", "Negotiate abc", "é"] {
        let answer = get(value);
        assert_eq!(answer.status, 401, "{value}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{value}");
    }
    let answer = accounts.get("", "/-/whoami");
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn attempts_are_limited_by_user_and_by_address_and_time_heals() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    accounts.user("bob");
    // past the minutes for which a password is known to be right without another look
    accounts.pass(301);
    let attempts: Vec<u16> = (0..12).map(|_| accounts.log_in("ada", "wrong password", &[]).status).collect();
    assert_eq!(attempts[..10], [401; 10]);
    assert_eq!(attempts[10..], [429; 2]);
    let refused = accounts.log_in("ada", PASSWORD, &[]);
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("30")));
    // whoever is in stays in, and others are let in
    assert_eq!(who(&accounts, &ada), "ada");
    assert_eq!(accounts.log_in("bob", PASSWORD, &[]).status, 201);
    accounts.pass(31);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 201);

    let strangers: Vec<u16> =
        (0..60).map(|index| accounts.log_in(&format!("stranger{index}"), PASSWORD, &[]).status).collect();
    assert!(strangers.contains(&401) && strangers.last() == Some(&429), "{strangers:?}");
}

#[test]
fn a_token_logs_itself_out_and_no_other() {
    let accounts = Accounts::start();
    let (ada, bob) = (accounts.user("ada"), accounts.user("bob"));
    let out = |with: &str, token: &str| {
        accounts.call(with, "DELETE", &format!("/-/user/token/{token}"), &Value::Null).status
    };
    assert_eq!(out(&bob, &ada), 403);
    assert_eq!(out("", &ada), 403);
    assert_eq!(out(&ada, "knit_nonsense"), 404);
    assert_eq!(who(&accounts, &ada), "ada");
    assert_eq!(out(&ada, &ada), 200);
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 401);
    assert_eq!(who(&accounts, &bob), "bob");
}
