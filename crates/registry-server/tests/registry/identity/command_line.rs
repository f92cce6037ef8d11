//! npm's login by a browser: a command line waits, a user who is signed in lets it in.

use super::accounts::{Accounts, PASSWORD, token};
use super::authenticator::{code_at, enable};
use serde_json::{Value, json};
use test_support::Visitor;

/// A login that was begun: the page for the browser, and where the command line asks.
fn begin(accounts: &Accounts) -> (String, String) {
    let agent = [("User-Agent", "npm/11.19.1 <b>")];
    let begun = accounts.registry.send_with(&agent, "POST", "/-/v1/login", &json!({})).json();
    let path = |url: &Value| {
        let root = accounts.registry.url();
        let path = url.as_str().and_then(|url| url.strip_prefix(root.trim_end_matches('/')));
        path.expect("an address here").to_owned()
    };
    (path(&begun["loginUrl"]), path(&begun["doneUrl"]))
}

#[test]
fn a_command_line_waits_for_a_browser_and_gets_one_token() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let registry = &accounts.registry;
    let (page, done) = begin(&accounts);
    let waiting = registry.get(&done);
    assert_eq!((waiting.status, waiting.header("retry-after")), (202, Some("2")));

    let visitor = Visitor::at(&registry.host());
    let led = visitor.get(&page);
    let login = led.header("location").expect("a way to the login").to_owned();
    assert_eq!(led.status, 303);
    let form = visitor.get(&login);
    assert!(
        form.text().contains("npm/11.19.1 &lt;b&gt;") && form.text().contains("127.0.0.1"),
        "{}",
        form.text()
    );
    let signed_in = visitor.submit(&login, &[("username", "ada"), ("password", PASSWORD)]);
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some(page.as_str())));
    // signing in alone lets nobody else in
    assert_eq!(registry.get(&done).status, 202);
    let asked = visitor.get(&page);
    assert!(asked.text().contains("npm/11.19.1 &lt;b&gt;") && asked.text().contains("Let it in as ada"));
    let let_in = visitor.submit(&page, &[]);
    assert_eq!(let_in.status, 200);
    assert!(let_in.text().contains("Go back to the command line"));
    // and nobody twice
    assert_eq!(visitor.get(&page).status, 404);

    let token = token(&registry.get(&done));
    assert_eq!(accounts.get(&token, "/-/whoami").json()["username"], "ada");
    assert_eq!(registry.get(&done).status, 404);
}

#[test]
fn a_command_line_is_let_in_with_a_one_time_password_unless_one_was_just_given() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let (uri, recovery) = enable(&accounts, &ada, "auth-only");
    accounts.pass(60);
    let visitor = Visitor::at(&accounts.registry.host());
    visitor.sign_in("ada", PASSWORD);
    visitor.submit("/-/web/otp", &[("otp", &recovery[0])]);
    let (page, done) = begin(&accounts);
    assert!(!visitor.get(&page).text().contains("name=\"otp\""));
    assert_eq!(visitor.submit(&page, &[]).status, 200);
    assert_eq!(accounts.registry.get(&done).status, 200);

    accounts.pass(301);
    let (page, done) = begin(&accounts);
    assert!(visitor.get(&page).text().contains("name=\"otp\""));
    for code in ["", "000000", &recovery[0]] {
        assert_eq!(visitor.submit(&page, &[("otp", code)]).status, 403, "{code}");
    }
    assert_eq!(accounts.registry.get(&done).status, 202);
    let code = code_at(&uri, accounts.now().as_second() / 30);
    assert_eq!(visitor.submit(&page, &[("otp", &code)]).status, 200);
    assert_eq!(accounts.registry.get(&done).status, 200);
}

#[test]
fn a_login_in_a_browser_expires() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let (page, done) = begin(&accounts);
    let visitor = Visitor::at(&accounts.registry.host());
    visitor.sign_in("ada", PASSWORD);
    accounts.pass(601);
    let ended = visitor.get(&page);
    assert_eq!(ended.status, 404);
    assert!(ended.text().contains("waited too long"));
    assert_eq!(accounts.registry.get(&done).status, 404);
    assert_eq!(accounts.registry.get("/-/v1/done/x").status, 404);
    assert_eq!(visitor.get("/-/web/command-line/x").status, 404);
}
