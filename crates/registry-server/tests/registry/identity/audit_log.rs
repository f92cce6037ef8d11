//! What of changes is written down, and who may read it.

use super::accounts::{Accounts, PASSWORD};
use serde_json::{Value, json};
use test_support::FixturePackage;

const LOG: &str = "/-/knit/v1/audit-log?limit=1000";

#[test]
fn every_change_is_written_down_with_who_and_where_and_no_secret() {
    let accounts = Accounts::start();
    let (administrator, ada) = (accounts.administrator(), accounts.user("ada"));
    let made = accounts
        .call(&ada, "POST", "/-/npm/v1/tokens", &json!({ "password": PASSWORD, "name": "ci" }))
        .json();
    let key = made["key"].as_str().expect("a key");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    // what is refused changed nothing
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 403);
    accounts.check(&[
        (&ada, "PUT", "/-/package/tool/dist-tags/next", json!("1.0.0"), 201),
        (&ada, "POST", "/-/package/tool/access", json!({ "access": "restricted" }), 200),
        (&ada, "DELETE", &format!("/-/npm/v1/tokens/token/{key}"), Value::Null, 204),
        (&administrator, "PUT", "/-/org/acme/user", json!({ "user": "ada", "role": "owner" }), 200),
        (&ada, "DELETE", &format!("/-/user/token/{ada}"), Value::Null, 200),
    ]);
    let answer = accounts.get(&administrator, LOG);
    for secret in [ada.as_str(), made["token"].as_str().expect("a token"), PASSWORD] {
        assert!(!answer.text().contains(secret));
    }
    let log = answer.json();
    let entries = log["entries"].as_array().expect("entries");
    assert!(entries.iter().all(|entry| entry["address"] != "" || entry["action"] == "user.create"));
    let told: Vec<String> = entries
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().expect("a text").replace(key, "KEY");
            format!("{} {} {}", text("actor"), text("action"), text("object"))
        })
        .filter(|line| !line.contains(" login "))
        .collect();
    for line in [
        "the first start user.create admin",
        "ada user.create ada",
        "ada token.create KEY",
        "ada publish tool@1.0.0",
        "ada dist-tag.set tool",
        "ada access.visibility tool",
        "ada token.revoke KEY",
        "admin organisation.create acme",
        "admin organisation.member acme",
    ] {
        assert_eq!(told.iter().filter(|entry| *entry == line).count(), 1, "{line} in {told:#?}");
    }
    assert!(told.iter().any(|line| line.starts_with("ada logout ")));
}

#[test]
fn the_log_is_for_administrators_and_nobody_changes_it() {
    let accounts = Accounts::start();
    let (administrator, ada) = (accounts.administrator(), accounts.user("ada"));
    accounts.check(&[
        ("", "GET", LOG, Value::Null, 401),
        (&ada, "GET", LOG, Value::Null, 403),
        (&administrator, "DELETE", LOG, Value::Null, 405),
        (&administrator, "PUT", LOG, json!({}), 405),
        (&administrator, "GET", LOG, Value::Null, 200),
    ]);
}
