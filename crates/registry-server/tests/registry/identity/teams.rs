//! Organisations, teams and what they may do with packages, as `npm org`, `npm team` and `npm access` (11.19.1) ask.

use super::accounts::Accounts;
use serde_json::{Value, json};
use test_support::FixturePackage;

const NULL: Value = Value::Null;

/// An organisation `acme` that ada owns; tokens of the administrator, ada, bob and eve.
struct Acme {
    accounts: Accounts,
    administrator: String,
    ada: String,
    bob: String,
    eve: String,
}

impl Acme {
    fn start() -> Acme {
        let accounts = Accounts::start();
        let (administrator, ada) = (accounts.administrator(), accounts.user("ada"));
        let (bob, eve) = (accounts.user("bob"), accounts.user("eve"));
        let owner = json!({ "user": "ada", "role": "owner" });
        accounts.check(&[
            (&ada, "PUT", "/-/org/acme/user", owner.clone(), 404),
            (&administrator, "PUT", "/-/org/acme/user", owner, 200),
        ]);
        Acme { accounts, administrator, ada, bob, eve }
    }
}

#[test]
fn members_are_managed_by_owners() {
    let Acme { accounts, administrator, ada, bob, eve } = Acme::start();
    let members = "/-/org/acme/user";
    let added = accounts.call(&ada, "PUT", members, &json!({ "user": "bob" })).json();
    assert_eq!(added, json!({ "org": { "name": "acme", "size": 2 }, "user": "bob", "role": "developer" }));
    let member = |user: &str, role: &str| json!({ "user": user, "role": role });
    accounts.check(&[
        (&ada, "PUT", members, member("nobody", "admin"), 404),
        (&ada, "PUT", members, member("eve", "king"), 400),
        (&ada, "PUT", "/-/org/bob/user", member("ada", "owner"), 409),
        (&administrator, "PUT", "/-/org/bob/user", member("ada", "owner"), 409),
        (&bob, "PUT", members, member("eve", "developer"), 403),
        (&eve, "GET", members, NULL, 403),
        ("", "GET", members, NULL, 401),
        // somebody has to own it
        (&ada, "PUT", members, member("ada", "admin"), 409),
        (&ada, "DELETE", members, json!({ "user": "ada" }), 409),
        (&bob, "DELETE", members, json!({ "user": "ada" }), 403),
    ]);
    assert_eq!(accounts.get(&bob, members).json(), json!({ "ada": "owner", "bob": "developer" }));
    accounts.check(&[
        (&bob, "DELETE", members, json!({ "user": "bob" }), 204),
        (&ada, "DELETE", members, json!({ "user": "bob" }), 404),
        (&bob, "GET", members, NULL, 403),
        // the name of an organisation is nobody's to log in with
        (
            "",
            "PUT",
            "/-/user/org.couchdb.user:acme",
            json!({ "name": "acme", "password": super::accounts::PASSWORD, "email": "a@example.com" }),
            409,
        ),
    ]);
}

#[test]
fn teams_are_made_filled_and_taken_away() {
    let Acme { accounts, ada, bob, eve, .. } = Acme::start();
    let teams = "/-/org/acme/team";
    let tools = "/-/team/acme/tools/user";
    accounts.check(&[
        (&ada, "PUT", "/-/org/acme/user", json!({ "user": "bob" }), 200),
        (&bob, "PUT", teams, json!({ "name": "tools" }), 403),
        (&ada, "PUT", teams, json!({ "name": "tools" }), 201),
        (&ada, "PUT", teams, json!({ "name": "tools" }), 409),
        (&ada, "PUT", teams, json!({ "name": "../x" }), 400),
        (&ada, "PUT", tools, json!({ "user": "eve" }), 403),
        (&ada, "PUT", tools, json!({ "user": "bob" }), 201),
        (&ada, "PUT", tools, json!({ "user": "bob" }), 201),
        (&ada, "PUT", "/-/team/acme/none/user", json!({ "user": "bob" }), 404),
        // whoever is not in it does not learn which teams there are
        (&eve, "GET", teams, NULL, 404),
        (&eve, "GET", tools, NULL, 404),
    ]);
    assert_eq!(accounts.get(&bob, &format!("{teams}?format=cli")).json(), json!(["acme:tools"]));
    assert_eq!(accounts.get(&bob, &format!("{tools}?format=cli")).json(), json!(["bob"]));
    assert_eq!(accounts.get(&bob, teams).json(), json!([{ "name": "tools" }]));
    assert_eq!(accounts.get(&bob, tools).json(), json!([{ "name": "bob" }]));
    // who leaves the organisation leaves its teams
    accounts.check(&[(&ada, "DELETE", "/-/org/acme/user", json!({ "user": "bob" }), 204)]);
    assert_eq!(accounts.get(&ada, tools).json(), json!([]));
    accounts.check(&[
        (&ada, "DELETE", tools, json!({ "user": "bob" }), 404),
        (&ada, "DELETE", "/-/team/acme/tools", NULL, 200),
        (&ada, "DELETE", "/-/team/acme/tools", NULL, 404),
    ]);
    assert_eq!(accounts.get(&ada, teams).json(), json!([]));
}

#[test]
fn a_restricted_package_is_there_for_those_it_was_granted_to() {
    let Acme { accounts, ada, bob, eve, administrator } = Acme::start();
    let package = |version| FixturePackage::new("@acme/core", version).file("index.js", "1");
    assert_eq!(accounts.publish(&ada, &package("1.0.0")).status, 201);
    let grants = "/-/team/acme/tools/package";
    let access = "/-/package/@acme%2fcore/access";
    accounts.check(&[
        (&eve, "GET", "/@acme%2fcore", NULL, 200),
        (&eve, "POST", access, json!({ "access": "restricted" }), 403),
        (&ada, "POST", access, json!({ "access": "secret" }), 400),
        (&ada, "POST", access, json!({ "access": "restricted" }), 200),
        (&ada, "PUT", "/-/org/acme/user", json!({ "user": "bob" }), 200),
        (&ada, "PUT", "/-/org/acme/team", json!({ "name": "tools" }), 201),
        (&ada, "PUT", "/-/team/acme/tools/user", json!({ "user": "bob" }), 201),
    ]);
    let paths = [
        "/@acme%2fcore",
        "/@acme/core/1.0.0",
        "/@acme/core/-/core-1.0.0.tgz",
        "/-/package/@acme%2fcore/dist-tags",
        "/-/package/@acme%2fcore/visibility",
    ];
    for path in paths {
        for (who, expected) in [("", 404), (&eve, 404), (&bob, 200), (&ada, 200), (&administrator, 200)] {
            assert_eq!(accounts.get(who, path).status, expected, "{path}");
        }
        let missing = accounts.get(&eve, path).text();
        assert_eq!(missing, json!({ "error": "not found: @acme/core" }).to_string());
    }
    for (path, kept) in
        [(paths[0], "private, max-age=300"), (paths[2], "private, max-age=31536000, immutable")]
    {
        assert_eq!(accounts.get(&bob, path).header("cache-control"), Some(kept));
    }
    // a member sees it; a team is needed to write
    assert_eq!(accounts.publish(&bob, &package("1.1.0")).status, 403);
    let grant = |permissions: &str| json!({ "package": "@acme/core", "permissions": permissions });
    accounts.check(&[
        (&bob, "PUT", grants, grant("read-write"), 403),
        (&ada, "PUT", grants, grant("admin"), 400),
        (&ada, "PUT", grants, json!({ "package": "@acme/none", "permissions": "read-only" }), 404),
        (&ada, "PUT", grants, grant("read-only"), 201),
    ]);
    assert_eq!(accounts.publish(&bob, &package("1.1.0")).status, 403);
    accounts.check(&[(&ada, "PUT", grants, grant("read-write"), 201)]);
    assert_eq!(accounts.publish(&bob, &package("1.1.0")).status, 201);
    assert_eq!(accounts.publish(&eve, &package("1.2.0")).status, 404);

    let all = json!({ "@acme/core": "write" });
    assert_eq!(accounts.get(&bob, grants).json(), all);
    assert_eq!(accounts.get(&bob, "/-/user/bob/package").json(), all);
    assert_eq!(accounts.get(&ada, "/-/org/acme/package").json(), all);
    assert_eq!(accounts.get(&eve, "/-/org/acme/package").json(), json!({}));
    assert_eq!(accounts.get(&eve, "/-/user/bob/package").json(), json!({}));
    let collaborators = "/-/package/@acme%2fcore/collaborators";
    assert_eq!(accounts.get(&ada, collaborators).json(), json!({ "ada": "write", "bob": "write" }));
    accounts.check(&[
        (&ada, "DELETE", grants, json!({ "package": "@acme/core" }), 200),
        (&ada, "DELETE", grants, json!({ "package": "@acme/core" }), 404),
        (&ada, "GET", "/-/org/nobody/package", NULL, 404),
    ]);
    assert_eq!(accounts.publish(&bob, &package("1.2.0")).status, 403);
    assert_eq!(accounts.get(&ada, "/-/package/@acme%2fcore/visibility").json(), json!({ "public": false }));
}

#[test]
fn packages_are_changed_by_their_maintainers() {
    let Acme { accounts, ada, bob, eve, .. } = Acme::start();
    let package = |version| FixturePackage::new("tool", version);
    assert_eq!(accounts.publish("", &package("1.0.0")).status, 401);
    assert_eq!(accounts.publish(&ada, &package("1.0.0")).status, 201);
    assert_eq!(accounts.publish(&bob, &package("1.1.0")).status, 403);
    let document = accounts.get(&ada, "/tool").json();
    assert_eq!(document["maintainers"], json!([{ "name": "ada", "email": "ada@example.com" }]));
    let revision = document["_rev"].as_str().expect("a revision");
    let owners = json!({
        "_id": "tool",
        "_rev": revision,
        "maintainers": [{ "name": "ada", "email": "ada@example.com" }, { "name": "bob", "email": "" }],
    });
    let path = format!("/tool/-rev/{revision}");
    let tag = "/-/package/tool/dist-tags/next";
    accounts.check(&[
        (&bob, "PUT", &path, owners.clone(), 403),
        (&bob, "PUT", tag, json!("1.0.0"), 403),
        ("", "PUT", tag, json!("1.0.0"), 401),
        (&bob, "DELETE", &path, NULL, 403),
        (&ada, "PUT", &path, owners, 201),
        (&bob, "PUT", tag, json!("1.0.0"), 201),
        (&eve, "DELETE", tag, NULL, 403),
    ]);
    assert_eq!(accounts.publish(&bob, &package("1.1.0")).status, 201);
    // a scope belongs to whose name it is
    for (who, name, expected) in [
        (&bob, "@ada/x", 403),
        (&ada, "@ada/x", 201),
        (&bob, "@acme/x", 403),
        (&ada, "@acme/x", 201),
        (&bob, "@free/x", 201),
    ] {
        assert_eq!(accounts.publish(who, &FixturePackage::new(name, "1.0.0")).status, expected, "{name}");
    }
}

#[test]
fn stars_are_given_in_ones_own_name() {
    let Acme { accounts, ada, bob, .. } = Acme::start();
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    let document = accounts.get(&bob, "/tool").json();
    let star = json!({ "_id": "tool", "_rev": document["_rev"], "users": { "bob": true, "eve": true } });
    accounts.check(&[("", "PUT", "/tool", star.clone(), 401), (&bob, "PUT", "/tool", star, 201)]);
    let starred = |user: &str| {
        accounts.get("", &format!("/-/_view/starredByUser?key=%22{user}%22")).json()["rows"].clone()
    };
    assert_eq!(starred("bob"), json!([{ "id": "bob", "key": "bob", "value": "tool" }]));
    assert_eq!(starred("eve"), json!([]));
}

#[test]
fn stars_and_owners_are_given_one_at_a_time_as_pnpm_asks() {
    let Acme { accounts, ada, bob, .. } = Acme::start();
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    let own = "/-/user/v1/star";
    let star = json!({ "name": "tool", "package": "tool" });
    accounts.check(&[
        ("", "PUT", own, star.clone(), 401),
        (&bob, "PUT", own, json!({ "package": "none" }), 404),
        (&bob, "PUT", own, star.clone(), 200),
        ("", "GET", "/-/user/nobody/stars", NULL, 404),
    ]);
    assert_eq!(accounts.get(&bob, own).json(), json!(["tool"]));
    assert_eq!(accounts.get("", "/-/user/bob/stars").json(), json!({ "tool": true }));
    assert_eq!(accounts.get(&ada, own).json(), json!([]));
    accounts.check(&[(&bob, "DELETE", own, star, 200)]);
    assert_eq!(accounts.get(&bob, own).json(), json!([]));

    let owners = "/-/package/tool/owners";
    let owner = |user: &str| json!({ "user": user });
    let names = || {
        let document = accounts.get("", "/tool").json();
        let all = document["maintainers"].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    accounts.check(&[
        ("", "PUT", owners, owner("bob"), 401),
        (&bob, "PUT", owners, owner("bob"), 403),
        (&ada, "PUT", owners, owner("nobody"), 404),
        (&ada, "PUT", "/-/package/none/owners", owner("bob"), 404),
        (&ada, "PUT", owners, owner("bob"), 201),
    ]);
    assert_eq!(names(), ["ada", "bob"]);
    accounts.check(&[
        (&bob, "DELETE", "/-/package/tool/owners/ada", NULL, 200),
        (&ada, "DELETE", "/-/package/tool/owners/bob", NULL, 403),
        (&bob, "DELETE", "/-/package/tool/owners/ada", NULL, 404),
        // somebody has to be left
        (&bob, "DELETE", "/-/package/tool/owners/bob", NULL, 400),
    ]);
    assert_eq!(names(), ["bob"]);
}

#[test]
fn a_closed_registry_answers_nobody() {
    let accounts = Accounts::with(|options| options.accounts.access.anonymous_read = false);
    let ada = accounts.user("ada");
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", "1.0.0")).status, 201);
    for path in ["/tool", "/none", "/tool/-/tool-1.0.0.tgz", "/-/user/org.couchdb.user:ada"] {
        let answer = accounts.get("", path);
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{path}");
    }
    accounts.check(&[
        (&ada, "GET", "/tool", NULL, 200),
        (&ada, "GET", "/none", NULL, 404),
        ("", "GET", "/-/ping", NULL, 200),
        ("", "GET", "/-/_view/starredByUser?key=%22ada%22", NULL, 401),
    ]);
}
