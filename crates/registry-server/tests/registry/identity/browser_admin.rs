//! The pages of those who run the registry.

use super::accounts::{Accounts, PASSWORD};
use test_support::{FixturePackage, Keeping, Visitor};

const USERS: &str = "/-/web/admin/users";

fn administrator(accounts: &Accounts) -> (Visitor, String) {
    let made = accounts.registry.administrator().expect("a first start");
    let visitor = Visitor::at(&accounts.registry.host());
    assert_eq!(visitor.sign_in(&made.name, made.password.reveal()).status, 303);
    (visitor, made.password.reveal().to_owned())
}

#[test]
fn only_administrators_see_them() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let (stranger, user) = (Visitor::at(&accounts.registry.host()), Visitor::at(&accounts.registry.host()));
    user.sign_in("ada", PASSWORD);
    let (administrator, _) = administrator(&accounts);
    for path in ["/-/web/admin", USERS, "/-/web/admin/users/ada", "/-/web/admin/audit-log"] {
        let led = stranger.get(path);
        let login = format!("/-/web/login?next={}", path.replace('/', "%2F"));
        assert_eq!((led.status, led.header("location")), (303, Some(login.as_str())), "{path}");
        let refused = user.get(path);
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.text().contains("Only administrators of the registry may do this."));
        assert_eq!(administrator.get(path).status, 200, "{path}");
    }
    let seal = test_support::visitor::seal(&user.get("/-/web/account")).expect("a form");
    let fields = [("seal", seal.as_str()), ("administrator", "yes"), ("password", PASSWORD)];
    assert_eq!(user.send("/-/web/admin/users/ada", &[], &fields).status, 403);
    assert_eq!(user.send(USERS, &[], &[&fields[..], &[("name", "eve")]].concat()).status, 403);
    assert!(!user.get("/").text().contains("/-/web/admin"));
}

#[test]
fn users_are_added_disabled_and_made_administrators() {
    for keeping in Keeping::all() {
        add_disable_and_promote(&Accounts::keeping(keeping, |_| {}));
    }
}

fn add_disable_and_promote(accounts: &Accounts) {
    let ada = accounts.user("ada");
    let (visitor, password) = administrator(accounts);
    let add = |name, email, password: &str| {
        visitor.submit(USERS, &[("name", name), ("email", email), ("password", password)])
    };
    for (name, email, given, status) in [
        ("grace", "", "wrong password", 403),
        ("Grace", "", &password, 400),
        ("grace", "nowhere", &password, 400),
        ("ada", "", &password, 409),
        ("grace", "grace@example.com", &password, 200),
    ] {
        assert_eq!(add(name, email, given).status, status, "{name} {email}");
    }
    let text = add("linus", "", &password).text();
    let theirs = text.split("<pre data-copy><code>").nth(1).and_then(|rest| rest.split('<').next());
    assert_eq!(accounts.log_in("linus", theirs.expect("a password"), &[]).status, 201);
    assert!(visitor.get(USERS).text().contains("grace@example.com"));

    let browser = Visitor::at(&accounts.registry.host());
    browser.sign_in("ada", PASSWORD);
    let set = |name: &str, fields: &[(&str, &str)]| {
        let path = format!("{USERS}/{name}");
        visitor.submit(&path, &[fields, &[("password", password.as_str())]].concat()).status
    };
    assert_eq!(visitor.submit(&format!("{USERS}/ada"), &[("disabled", "yes")]).status, 403);
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 200);
    assert_eq!(set("ada", &[("disabled", "yes")]), 303);
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 401);
    assert_eq!(browser.get("/-/web/account").status, 303);
    let refused = accounts.log_in("ada", PASSWORD, &[]);
    assert_eq!((refused.status, refused.text().contains("disabled")), (403, true));
    assert_eq!(accounts.log_in("ada", "wrong password", &[]).status, 401, "only the user is told");
    assert!(browser.sign_in("ada", PASSWORD).text().contains("disabled"));
    assert_eq!(set("ada", &[]), 303);
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 200);
    assert_eq!(browser.get("/-/web/account").status, 303, "the session is not resurrected");

    // who forgot the password gets another, and whoever had it is out
    browser.sign_in("ada", PASSWORD);
    assert_eq!(browser.get("/-/web/account").status, 200);
    let path = format!("{USERS}/ada");
    assert_eq!(visitor.submit(&path, &[("form", "password"), ("password", "wrong password")]).status, 403);
    let told = visitor.submit(&path, &[("form", "password"), ("password", &password)]);
    let fresh = told.text();
    let fresh = fresh.split("<pre data-copy><code>").nth(1).and_then(|rest| rest.split('<').next());
    let fresh = fresh.expect("a password");
    assert_eq!(browser.get("/-/web/account").status, 303);
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 401);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 401);
    assert_eq!(browser.sign_in("ada", fresh).status, 303);
    browser.sign_out();

    // somebody must be left who can
    assert_eq!(
        [set("admin", &[]), set("admin", &[("administrator", "yes"), ("disabled", "yes")])],
        [400, 400]
    );
    assert_eq!(set("ada", &[("administrator", "yes")]), 303);
    browser.sign_in("ada", fresh);
    assert_eq!(browser.get("/-/web/admin").status, 200);
    assert_eq!(set("admin", &[]), 303);
    assert_eq!(visitor.get("/-/web/admin").status, 403);
    assert_eq!(visitor.get(&format!("{USERS}/nobody")).status, 403);
    assert_eq!(browser.get(&format!("{USERS}/nobody")).status, 404);

    let log = browser.get("/-/web/admin/audit-log").text();
    for action in ["user.create", "user.disable", "user.administrator", "user.password"] {
        assert!(log.contains(&format!("<td>{action}</td>")), "{action} in {log}");
    }
    assert!(!log.contains(&password));
}

#[test]
fn what_is_kept_is_counted_and_the_audit_log_goes_back() {
    for keeping in Keeping::all() {
        count_and_go_back(&Accounts::keeping(keeping, |_| {}), keeping);
    }
}

fn count_and_go_back(accounts: &Accounts, keeping: Keeping) {
    let ada = accounts.user("ada");
    for version in ["1.0.0", "1.1.0"] {
        assert_eq!(accounts.publish(&ada, &FixturePackage::new("tool", version)).status, 201);
    }
    let (visitor, _) = administrator(accounts);
    let text = visitor.get("/-/web/admin").text();
    for part in [
        "<dt>Packages</dt><dd>1</dd>",
        "<dt>Versions</dt><dd>2</dd>",
        "<dt>Tarballs</dt><dd>2</dd>",
        match keeping {
            Keeping::Embedded => "SQLite at ",
            Keeping::Scaled => "PostgreSQL at ",
        },
        "No upstream",
        "No policy",
        "<td>publish</td>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    accounts.pass(1);
    for _ in 0..100 {
        assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 201);
    }
    let first = visitor.get("/-/web/admin/audit-log").text();
    assert!(first.contains("1 to 100 of 10") && first.contains("?from=100\">Next"), "{first}");
    assert!(!first.contains("<td>user.create</td>"));
    let rest = visitor.get("/-/web/admin/audit-log?from=100").text();
    assert!(rest.contains("<td>user.create</td>") && rest.contains("Previous"), "{rest}");
    assert_eq!(visitor.get("/-/web/admin/audit-log?from=99999999999999999999").status, 200);
}
