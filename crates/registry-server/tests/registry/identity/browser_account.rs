//! The pages of one's own account and tokens.

use super::accounts::{Accounts, PASSWORD};
use super::authenticator::code_at;
use serde_json::{Value, json};
use test_support::{FixturePackage, Visitor};

const ACCOUNT: &str = "/-/web/account";
const TOKENS: &str = "/-/web/tokens";

fn signed_in(accounts: &Accounts, name: &str) -> Visitor {
    let visitor = Visitor::at(&accounts.registry.host());
    assert_eq!(visitor.sign_in(name, PASSWORD).status, 303);
    visitor
}

/// What stands in a page between two texts.
#[track_caller]
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("no {after} in {rest}")).0
}

#[test]
fn a_user_says_who_they_are() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let visitor = signed_in(&accounts, "ada");
    let fields = |email| [("form", "profile"), ("email", email), ("fullname", "Ada <L.>"), ("homepage", "")];
    let saved = visitor.submit(ACCOUNT, &fields("ada@lovelace.example"));
    assert_eq!(saved.status, 200);
    assert!(saved.text().contains("The profile is saved.") && saved.text().contains("Ada &lt;L.&gt;"));
    let told = accounts.get(&ada, "/-/npm/v1/user").json();
    assert_eq!((&told["email"], &told["fullname"]), (&json!("ada@lovelace.example"), &json!("Ada <L.>")));
    assert_eq!(told["homepage"], Value::Null);
    assert_eq!(visitor.submit(ACCOUNT, &fields("nowhere")).status, 400);
    assert_eq!(visitor.submit(ACCOUNT, &[("form", "unknown")]).status, 400);
    // one's own page is there before one maintains anything, and nobody else's is
    assert_eq!(visitor.get("/-/web/user/ada").status, 200);
    accounts.user("bob");
    assert_eq!(visitor.get("/-/web/user/bob").status, 404);
}

#[test]
fn an_authenticator_is_set_up_used_and_taken_away() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let (visitor, other) = (signed_in(&accounts, "ada"), signed_in(&accounts, "ada"));
    let wanted = |password, mode| [("form", "second-factor"), ("password", password), ("mode", mode)];
    assert_eq!(visitor.submit(ACCOUNT, &wanted("wrong password", "auth-only")).status, 403);
    assert_eq!(visitor.submit(ACCOUNT, &wanted(PASSWORD, "sometimes")).status, 400);
    let begun = visitor.submit(ACCOUNT, &wanted(PASSWORD, "auth-only"));
    assert_eq!((begun.status, begun.header("cache-control")), (200, Some("no-store")));
    let text = begun.text();
    let uri = between(&text, "<a href=\"otpauth:", "\"").replace("&amp;", "&");
    let secret = between(&text, "name=\"secret\" value=\"", "\"").to_owned();
    assert!(uri.contains(&secret) && text.contains("<svg class=\"picture\""), "{text}");
    assert!(text.contains(&format!("{} {}", &secret[..4], &secret[4..8])));
    let code = || code_at(&uri, accounts.now().as_second() / 30);
    let finish = |code: &str, secret: &str| {
        visitor.submit(ACCOUNT, &[("form", "authenticator"), ("secret", secret), ("otp", code)])
    };
    let wrong = finish("000000", &secret);
    assert_eq!(wrong.status, 403);
    assert!(wrong.text().contains(&secret), "it can be tried again");
    let foreign = finish(&code(), &"A".repeat(32));
    assert_eq!(foreign.status, 400);
    assert!(!foreign.text().contains(&secret), "who did not begin is not told the secret");
    let done = finish(&code(), &secret);
    assert_eq!(done.status, 200, "{}", done.text());
    let text = done.text();
    let codes: Vec<&str> = between(&text, "<pre data-copy><code>", "</code>").lines().collect();
    assert_eq!(codes.len(), 8);
    // a browser that is in without it is out
    assert_eq!(other.get(ACCOUNT).status, 303);
    assert_eq!(visitor.get(ACCOUNT).status, 200);

    let renew = |code| [("form", "recovery-codes"), ("password", PASSWORD), ("otp", code)];
    assert_eq!(visitor.submit(ACCOUNT, &renew("")).status, 403);
    let renewed = visitor.submit(ACCOUNT, &renew(codes[0])).text();
    let fresh: Vec<&str> = between(&renewed, "<pre data-copy><code>", "</code>").lines().collect();
    let end = |code| [("form", "second-factor"), ("password", PASSWORD), ("mode", "disable"), ("otp", code)];
    assert_eq!(visitor.submit(ACCOUNT, &end(codes[1])).status, 403, "the old codes are gone");
    let changed =
        [("form", "second-factor"), ("password", PASSWORD), ("mode", "auth-and-writes"), ("otp", fresh[0])];
    assert_eq!(visitor.submit(ACCOUNT, &changed).status, 200);
    let profile = |code| [("form", "profile"), ("email", "a@b.example"), ("otp", code)];
    assert_eq!(visitor.submit(ACCOUNT, &profile("")).status, 403);
    assert_eq!(visitor.submit(ACCOUNT, &profile(fresh[1])).status, 200);
    assert_eq!(visitor.submit(ACCOUNT, &end(fresh[2])).status, 200);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 201);
}

#[test]
fn tokens_are_made_shown_once_and_revoked() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let visitor = signed_in(&accounts, "ada");
    let make = |kind, packages, addresses, days| {
        let fields = [
            ("name", "ci <1>"),
            ("kind", kind),
            ("packages", packages),
            ("addresses", addresses),
            ("days", days),
            ("password", PASSWORD),
        ];
        visitor.submit(TOKENS, &fields)
    };
    let token_in = |text: &str| between(text, "<pre data-copy><code>knit_", "<").to_owned();
    let publish = |token: &str, name: &str| {
        accounts.publish(&format!("knit_{token}"), &FixturePackage::new(name, "1.0.0")).status
    };
    let read_only = token_in(&make("read-only", "", "", "30").text());
    let listed = visitor.get(TOKENS);
    assert!(!listed.text().contains(&read_only), "shown once");
    assert!(listed.text().contains("ci &lt;1&gt;") && listed.text().contains("<td>read</td>"));
    assert_eq!(accounts.get(&format!("knit_{read_only}"), "/-/whoami").status, 200);
    assert_eq!(publish(&read_only, "tool"), 403);

    let some = token_in(&make("read-write", "@acme, tool", "127.0.0.0/8", "7").text());
    assert_eq!([publish(&some, "tool"), publish(&some, "@acme/x"), publish(&some, "other")], [201, 201, 403]);
    // a token from the page is not for the account
    let more = json!({ "password": PASSWORD });
    assert_eq!(accounts.call(&format!("knit_{some}"), "POST", "/-/npm/v1/tokens", &more).status, 403);
    let elsewhere = token_in(&make("automation", "", "10.0.0.0/8", "never").text());
    assert_eq!(accounts.get(&format!("knit_{elsewhere}"), "/-/whoami").status, 401);
    accounts.pass(8 * 24 * 60 * 60);
    assert_eq!(accounts.get(&format!("knit_{some}"), "/-/whoami").status, 401);

    let visitor = signed_in(&accounts, "ada");
    for (fields, status) in [
        ([("kind", "read-only"), ("packages", "../x"), ("days", "7"), ("password", PASSWORD)], 400),
        ([("kind", "read-only"), ("addresses", "nowhere"), ("days", "7"), ("password", PASSWORD)], 400),
        ([("kind", "root"), ("packages", ""), ("days", "7"), ("password", PASSWORD)], 400),
        ([("kind", "read-only"), ("packages", ""), ("days", "soon"), ("password", PASSWORD)], 400),
        ([("kind", "read-only"), ("packages", ""), ("days", "7"), ("password", "wrong password")], 403),
    ] {
        let answer = visitor.submit(TOKENS, &fields);
        assert_eq!(answer.status, status, "{fields:?}");
        assert!(!answer.text().contains("<code>knit_") && answer.text().contains("role=\"alert\""));
    }

    let text = visitor.get(TOKENS).text();
    let row = text.split("<tr>").find(|row| row.contains("<td>read</td>")).expect("the token");
    let key = between(row, "name=\"revoke\" value=\"", "\"");
    accounts.user("bob");
    let bob = signed_in(&accounts, "bob");
    assert_eq!(bob.submit(TOKENS, &[("revoke", key)]).status, 404);
    assert_eq!(accounts.get(&format!("knit_{read_only}"), "/-/whoami").status, 200);
    assert_eq!(visitor.submit(TOKENS, &[("revoke", key)]).status, 200);
    assert_eq!(accounts.get(&format!("knit_{read_only}"), "/-/whoami").status, 401);
}
