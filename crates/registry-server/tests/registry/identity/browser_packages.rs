//! Which packages the pages show to whom.

use super::accounts::{Accounts, PASSWORD};
use serde_json::json;
use test_support::plain_http::request;
use test_support::{FixturePackage, Visitor};

fn signed_in(accounts: &Accounts, name: &str) -> Visitor {
    let visitor = Visitor::at(&accounts.registry.host());
    assert_eq!(visitor.sign_in(name, PASSWORD).status, 303);
    visitor
}

/// A registry where ada published `open`, and `secret` which is not for everybody.
fn published(accounts: &Accounts) {
    let ada = accounts.user("ada");
    accounts.user("bob");
    for name in ["open", "secret"] {
        assert_eq!(accounts.publish(&ada, &FixturePackage::new(name, "1.0.0")).status, 201);
    }
    let restricted = json!({ "access": "restricted" });
    assert_eq!(accounts.call(&ada, "POST", "/-/package/secret/access", &restricted).status, 200);
}

#[test]
fn a_package_is_shown_to_those_who_may_know_of_it() {
    let accounts = Accounts::start();
    published(&accounts);
    let (ada, bob) = (signed_in(&accounts, "ada"), signed_in(&accounts, "bob"));
    let stranger = Visitor::at(&accounts.registry.host());
    let page = ada.get("/-/web/package/secret");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<span class=\"badge\">restricted</span>"));
    for visitor in [&bob, &stranger] {
        let hidden = visitor.get("/-/web/package/secret");
        let missing = visitor.get("/-/web/package/nowhere");
        assert_eq!((hidden.status, missing.status), (404, 404));
        assert_eq!(
            hidden.text().replace("secret", "nowhere"),
            missing.text(),
            "nothing tells the one from the other"
        );
    }
    assert!(
        stranger
            .get("/-/web/package/secret")
            .text()
            .contains("/-/web/login?next=%2F-%2Fweb%2Fpackage%2Fsecret")
    );
    for (visitor, found) in [(&ada, true), (&bob, false), (&stranger, false)] {
        for path in ["/", "/-/web/search?q=secret", "/-/web/user/ada"] {
            assert_eq!(visitor.get(path).text().contains("/-/web/package/secret\""), found, "{path}");
        }
    }
    // a page's link to the tarball works in the browser that shows the page
    let tarball = "/secret/-/secret-1.0.0.tgz";
    assert_eq!([&ada, &bob, &stranger].map(|visitor| visitor.get(tarball).status), [200, 404, 404]);
    assert_eq!(ada.get("/secret").status, 404, "but documents are for clients");
    // a search by a command line finds the same
    let token = super::accounts::token(&accounts.log_in("ada", PASSWORD, &[]));
    assert_eq!(accounts.get(&token, "/-/v1/search?text=secret").json()["total"], 1);
    assert_eq!(accounts.get("", "/-/v1/search?text=secret").json()["total"], 0);
}

#[test]
fn members_of_an_organisation_see_its_packages() {
    let accounts = Accounts::start();
    let (ada, administrator) = (accounts.user("ada"), accounts.administrator());
    accounts.user("bob");
    let member = json!({ "user": "ada", "role": "owner" });
    assert_eq!(accounts.call(&administrator, "PUT", "/-/org/acme/user", &member).status, 200);
    assert_eq!(accounts.publish(&ada, &FixturePackage::new("@acme/tool", "1.0.0")).status, 201);
    let restricted = json!({ "access": "restricted" });
    assert_eq!(accounts.call(&ada, "POST", "/-/package/@acme%2ftool/access", &restricted).status, 200);
    let bob = signed_in(&accounts, "bob");
    assert!(!bob.get("/").text().contains("@acme/tool"));
    let member = json!({ "user": "bob", "role": "developer" });
    assert_eq!(accounts.call(&ada, "PUT", "/-/org/acme/user", &member).status, 200);
    assert!(bob.get("/").text().contains("@acme/tool"));
    assert_eq!(bob.get("/-/web/package/@acme/tool").status, 200);
    assert!(bob.get("/-/web/user/bob").text().contains("acme"));
}

#[test]
fn where_strangers_do_not_read_they_see_the_login_and_nothing_else() {
    let accounts = Accounts::with(|options| options.accounts.access.anonymous_read = false);
    published(&accounts);
    let stranger = Visitor::at(&accounts.registry.host());
    for path in [
        "/",
        "/-/web/search?q=open",
        "/-/web/package/open",
        "/-/web/package/nowhere",
        "/-/web/user/ada",
        "/-/web/unknown",
        "/-/web/admin",
    ] {
        let led = stranger.get(path);
        let location = led.header("location").unwrap_or_default();
        assert!(
            led.status == 303 && location.starts_with("/-/web/login"),
            "{path}: {} {location}",
            led.status
        );
        assert_eq!(stranger.follow(path).status, 200, "{path}");
    }
    assert_eq!(stranger.get("/open/-/open-1.0.0.tgz").status, 401);
    let bob = signed_in(&accounts, "bob");
    for (path, status) in [
        ("/", 200),
        ("/-/web/search?q=open", 200),
        ("/-/web/package/open", 200),
        ("/-/web/package/secret", 404),
        ("/-/web/unknown", 404),
        ("/open/-/open-1.0.0.tgz", 200),
    ] {
        assert_eq!(bob.get(path).status, status, "{path}");
    }
    assert!(bob.get("/").text().contains("/-/web/package/open"));
    // a browser at the address of clients is led to a page, which leads to the login
    let accept = ("Accept", "text/html,*/*;q=0.8");
    let led = request(&accounts.registry.host(), "GET", "/open", &[accept]);
    assert_eq!((led.status, led.header("location")), (303, Some("/-/web/package/open")));
    assert_eq!(request(&accounts.registry.host(), "GET", "/open", &[]).status, 401);
}
