//! The profile, the password and the second factor, as `npm profile` (11.19.1) changes them.

use super::accounts::{Accounts, PASSWORD, token};
use super::authenticator::{code_at, enable};
use serde_json::{Value, json};
use test_support::FixturePackage;
use test_support::plain_http::Answer;

const PROFILE: &str = "/-/npm/v1/user";

#[test]
fn a_profile_is_what_its_user_says() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let before = accounts.get(&ada, PROFILE).json();
    assert_eq!((&before["name"], &before["tfa"]), (&json!("ada"), &Value::Null));
    assert_eq!((&before["email"], &before["fullname"]), (&json!("ada@example.com"), &Value::Null));

    let body =
        json!({ "email": "ada@lovelace.example", "fullname": "Ada L.", "github": null, "homepage": null });
    let after = accounts.call(&ada, "POST", PROFILE, &body).json();
    assert_eq!((&after["email"], &after["fullname"]), (&json!("ada@lovelace.example"), &json!("Ada L.")));
    let after = accounts.call(&ada, "POST", PROFILE, &json!({ "fullname": null })).json();
    assert_eq!(after["fullname"], Value::Null);
    accounts.check(&[
        ("", "GET", PROFILE, Value::Null, 401),
        (&ada, "POST", PROFILE, json!({ "administrator": "1" }), 400),
        (&ada, "POST", PROFILE, json!({ "email": "nowhere" }), 400),
        (&ada, "POST", PROFILE, json!({ "fullname": 1 }), 400),
        (&ada, "POST", PROFILE, json!([]), 400),
    ]);
}

#[test]
fn a_new_password_ends_other_logins() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let other = token(&accounts.log_in("ada", PASSWORD, &[]));
    let change = |old: &str, new: &str| json!({ "password": { "old": old, "new": new } });
    accounts.check(&[
        (&ada, "POST", PROFILE, change("wrong password", "staple battery"), 401),
        (&ada, "POST", PROFILE, change(PASSWORD, "short"), 400),
        (&ada, "POST", PROFILE, json!({ "password": "staple battery" }), 400),
        (&other, "GET", "/-/whoami", Value::Null, 200),
        (&ada, "POST", PROFILE, change(PASSWORD, "staple battery"), 200),
        (&ada, "GET", "/-/whoami", Value::Null, 200),
        (&other, "GET", "/-/whoami", Value::Null, 401),
    ]);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 401);
    assert_eq!(accounts.log_in("ada", "staple battery", &[]).status, 201);
}

pub fn asked(answer: &Answer) -> bool {
    answer.status == 401
        && answer.header("www-authenticate") == Some("OTP")
        && answer.text().contains("one-time pass")
}

#[test]
fn a_second_factor_is_asked_for_at_logins_and_writes() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let (uri, recovery) = enable(&accounts, &ada, "auth-and-writes");
    assert_eq!(recovery.len(), 8);
    let step = accounts.now().as_second() / 30;

    // the code that finished the setup is used up
    assert!(asked(&accounts.log_in("ada", PASSWORD, &[])));
    assert!(asked(&accounts.log_in("ada", PASSWORD, &[("npm-otp", &code_at(&uri, step))])));
    accounts.pass(60);
    let next = code_at(&uri, step + 2);
    assert_eq!(accounts.log_in("ada", "wrong password", &[("npm-otp", &next)]).status, 401);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[("npm-otp", &next)]).status, 201);
    assert!(asked(&accounts.log_in("ada", PASSWORD, &[("npm-otp", &next)])));
    // each recovery code once
    assert_eq!(accounts.log_in("ada", PASSWORD, &[("npm-otp", &recovery[0])]).status, 201);
    assert!(asked(&accounts.log_in("ada", PASSWORD, &[("npm-otp", &recovery[0])])));

    let publish = |token: &str, version: &str, otp: &str| {
        let body = test_support::hosted::publication(&FixturePackage::new("tool", version));
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("npm-otp", otp)];
        accounts.registry.send_with(&headers[..if otp.is_empty() { 1 } else { 2 }], "PUT", "/tool", &body)
    };
    assert!(asked(&publish(&ada, "1.0.0", "")));
    assert!(asked(&publish(&ada, "1.0.0", "123456")));
    assert_eq!(publish(&ada, "1.0.0", &recovery[1]).status, 201);
    // reading is not asked about
    assert_eq!(accounts.get(&ada, "/tool").status, 200);
    assert_eq!(
        accounts.get(&ada, PROFILE).json()["tfa"],
        json!({ "pending": false, "mode": "auth-and-writes" })
    );

    // a token for machines is made with a code and publishes without
    let body = json!({ "password": PASSWORD, "bypass_2fa": true });
    assert!(asked(&accounts.call(&ada, "POST", "/-/npm/v1/tokens", &body)));
    let bearer = format!("Bearer {ada}");
    let headers = [("Authorization", bearer.as_str()), ("npm-otp", recovery[2].as_str())];
    let machine = token(&accounts.registry.send_with(&headers, "POST", "/-/npm/v1/tokens", &body));
    assert_eq!(publish(&machine, "1.1.0", "").status, 201);
    // unless the package wants a person
    let wants = json!({ "publish_requires_tfa": true, "automation_token_overrides_tfa": false });
    let headers = [("Authorization", bearer.as_str()), ("npm-otp", recovery[3].as_str())];
    assert_eq!(accounts.registry.send_with(&headers, "POST", "/-/package/tool/access", &wants).status, 200);
    assert!(asked(&publish(&machine, "1.2.0", "")));
}

#[test]
fn a_second_factor_is_taken_away_with_password_and_code() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let (_, recovery) = enable(&accounts, &ada, "auth-only");
    // only logins and the account are asked about
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    let disable = |password: &str| json!({ "tfa": { "password": password, "mode": "disable" } });
    assert!(asked(&accounts.call(&ada, "POST", PROFILE, &disable(PASSWORD))));
    let bearer = format!("Bearer {ada}");
    let with = |code: &str, body: &Value| {
        accounts.registry.send_with(&[("Authorization", &bearer), ("npm-otp", code)], "POST", PROFILE, body)
    };
    let wrong = with(&recovery[0], &disable("wrong password"));
    assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, Some("Basic")));
    let change = json!({ "tfa": { "password": PASSWORD, "mode": "auth-and-writes" } });
    assert_eq!(with(&recovery[0], &change).json()["tfa"]["mode"], "auth-and-writes");
    assert_eq!(with(&recovery[1], &disable(PASSWORD)).json()["tfa"], Value::Null);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 201);
    // the codes of an authenticator that is gone are gone
    assert_eq!(accounts.get(&ada, PROFILE).json()["tfa"], Value::Null);
}
