//! Versions that wait for approval, as `npm stage` (11.19.1) asks for them.

use serde_json::{Value, json};
use test_support::hosted::publication;
use test_support::plain_http::Answer;
use test_support::{FixturePackage, Keeping};

use super::accounts::{Accounts, PASSWORD};
use super::authenticator::{code_at, enable};
use super::profile::asked;

const STAGE: &str = "/-/stage";

fn stage(accounts: &Accounts, token: &str, package: &FixturePackage) -> Answer {
    let path = format!("/-/stage/package/{}", package.name().replace('/', "%2f"));
    accounts.call(token, "POST", &path, &publication(package))
}

#[track_caller]
fn staged(accounts: &Accounts, token: &str, package: &FixturePackage) -> String {
    let answer = stage(accounts, token, package);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["stageId"].as_str().expect("an id").to_owned()
}

fn tool(version: &str) -> FixturePackage {
    FixturePackage::new("@ada/tool", version).file("index.js", version)
}

#[test]
fn a_version_waits_unseen_until_it_is_approved() {
    for keeping in Keeping::all() {
        let accounts = Accounts::with(|options| {
            let folder = tempfile::tempdir().expect("a folder").keep();
            options.storage = keeping.options(&folder).storage;
        });
        let (ada, bob) = (accounts.user("ada"), accounts.user("bob"));
        assert_eq!(stage(&accounts, &ada, &tool("1.0.0")).status, 404);
        assert_eq!(accounts.publish(&ada, &tool("1.0.0")).status, 201);
        assert_eq!(stage(&accounts, &ada, &tool("1.0.0")).status, 403);
        assert_eq!(stage(&accounts, &bob, &tool("1.1.0")).status, 403);
        assert_eq!(stage(&accounts, "", &tool("1.1.0")).status, 401);
        let id = staged(&accounts, &ada, &tool("1.1.0"));
        let path = format!("{STAGE}/{id}");
        assert_eq!(accounts.get("", "/@ada%2ftool/1.1.0").status, 404);
        let listed = accounts.get(&ada, &format!("{STAGE}?page=0&perPage=100&package=@ada%2ftool")).json();
        assert_eq!(listed["total"], 1);
        let item = &listed["items"][0];
        assert_eq!(*item, accounts.get(&ada, &path).json());
        assert_eq!(
            (&item["packageName"], &item["version"], &item["tag"], &item["actor"], &item["actorType"]),
            (&json!("@ada/tool"), &json!("1.1.0"), &json!("latest"), &json!("ada"), &json!("user"))
        );
        assert_eq!(accounts.get(&ada, &format!("{path}/tarball")).body, tool("1.1.0").tarball());
        assert_eq!(accounts.get(&bob, STAGE).json()["total"], 0);
        // its number is taken
        assert_eq!(stage(&accounts, &ada, &tool("1.1.0")).status, 403);
        let refused = accounts.publish(&ada, &tool("1.1.0"));
        assert!(refused.status == 403 && refused.text().contains("waits for approval"), "{}", refused.text());
        accounts.check(&[
            (&bob, "GET", &path, Value::Null, 404),
            (&bob, "GET", &format!("{path}/tarball"), Value::Null, 404),
            (&bob, "POST", &format!("{path}/approve"), Value::Null, 404),
            (&bob, "DELETE", &path, Value::Null, 404),
            ("", "GET", STAGE, Value::Null, 401),
            (&ada, "POST", &format!("{STAGE}/none/approve"), Value::Null, 404),
            (&ada, "PUT", &path, Value::Null, 405),
            (&ada, "POST", &format!("{path}/approve"), Value::Null, 200),
            (&ada, "POST", &format!("{path}/approve"), Value::Null, 404),
        ]);
        let found = accounts.get("", "/@ada%2ftool").json();
        assert_eq!(found["dist-tags"], json!({ "latest": "1.1.0" }));
        assert!(found["versions"]["1.1.0"]["dist"]["signatures"].is_array());
        assert_eq!(accounts.get("", "/@ada/tool/-/tool-1.1.0.tgz").body, tool("1.1.0").tarball());
        // what is rejected was never there
        let path = format!("{STAGE}/{}", staged(&accounts, &ada, &tool("1.2.0")));
        accounts.check(&[(&ada, "DELETE", &path, Value::Null, 200), (&ada, "GET", &path, Value::Null, 404)]);
        assert_eq!(accounts.publish(&ada, &tool("1.2.0").file("other.js", "2")).status, 201);
    }
}

#[test]
fn staging_takes_no_second_factor_and_approving_does() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &tool("1.0.0")).status, 201);
    let machine = accounts.call(
        &ada,
        "POST",
        "/-/npm/v1/tokens",
        &json!({ "password": PASSWORD, "packages_all": true, "packages_and_scopes_permission": "read-write",
            "bypass_2fa": true }),
    );
    let machine = super::accounts::token(&machine);
    let (uri, _) = enable(&accounts, &ada, "auth-and-writes");
    assert!(asked(&accounts.publish(&ada, &tool("1.1.0"))));
    let id = staged(&accounts, &ada, &tool("1.1.0"));
    let path = format!("{STAGE}/{id}");
    let approve = format!("{path}/approve");
    for token in [&ada, &machine] {
        assert_eq!(accounts.get(token, &path).status, 200);
        assert!(asked(&accounts.call(token, "POST", &approve, &Value::Null)));
        assert!(asked(&accounts.call(token, "DELETE", &path, &Value::Null)));
    }
    accounts.pass(3600);
    let code = code_at(&uri, accounts.now().as_second() / 30);
    let bearer = format!("Bearer {ada}");
    let headers = [("Authorization", bearer.as_str()), ("npm-otp", code.as_str())];
    let approved = accounts.registry.send_with(&headers, "POST", &approve, &Value::Null);
    assert_eq!(approved.status, 200, "{}", approved.text());
    assert_eq!(accounts.get("", "/@ada%2ftool/1.1.0").status, 200);
}
