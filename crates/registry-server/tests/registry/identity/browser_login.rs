//! Signing in with a browser: sessions, what ends them, and forms of other sites.

use super::accounts::{Accounts, PASSWORD};
use super::authenticator::{code_at, enable};
use registry_server::settings::DatabaseLocation;
use serde_json::json;
use sha2::{Digest, Sha256};
use test_support::plain_http::Answer;
use test_support::visitor::seal;
use test_support::{Keeping, Visitor};

const LOGIN: &str = "/-/web/login";
const OTP: &str = "/-/web/otp";
const TOKENS: &str = "/-/web/tokens";

fn browser(accounts: &Accounts) -> Visitor {
    Visitor::at(&accounts.registry.host())
}

/// Whom the pages take a browser for.
#[track_caller]
fn seen_as(visitor: &Visitor) -> Option<String> {
    let page = visitor.get("/");
    assert_eq!(page.status, 200);
    let text = page.text();
    let (_, rest) = text.split_once("<nav aria-label=\"Account\">")?;
    let (_, rest) = rest.split_once("/-/web/user/")?;
    rest.split('"').next().map(str::to_owned)
}

#[track_caller]
fn led(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.header("location")), (303, Some(to)), "{}", answer.text());
}

#[test]
fn a_user_signs_in_and_out() {
    for keeping in Keeping::all() {
        sign_in_and_out(&Accounts::keeping(keeping, |_| {}));
    }
}

fn sign_in_and_out(accounts: &Accounts) {
    accounts.user("ada");
    let visitor = browser(accounts);
    assert_eq!(seen_as(&visitor), None);
    let form = visitor.get(LOGIN);
    let planted = visitor.cookies();
    let set = form.header("set-cookie").expect("a cookie");
    assert!(set.contains("; Path=/; HttpOnly; SameSite=Lax") && !set.contains("Secure"), "{set}");
    assert_eq!(form.header("cache-control"), Some("no-store"));
    assert_eq!(form.header("vary"), Some("cookie"));
    let policy = form.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(form.header("x-content-type-options"), Some("nosniff"));

    let wrong = visitor.sign_in("ada", "wrong password");
    assert_eq!(wrong.status, 403);
    assert!(
        wrong.text().contains("Incorrect username or password.") && wrong.text().contains("value=\"ada\"")
    );
    assert!(!wrong.text().contains("wrong password"));
    assert_eq!(visitor.sign_in("\"><script>", "x").status, 403);
    assert_eq!(seen_as(&visitor), None);

    led(&visitor.sign_in("ada", PASSWORD), "/");
    assert_eq!(seen_as(&visitor).as_deref(), Some("ada"));
    assert_ne!(visitor.cookies(), planted, "a key from before the login is not the key of the login");
    let own = visitor.get("/");
    assert_eq!(own.header("cache-control"), Some("no-store"));
    led(&visitor.get(LOGIN), "/");
    // every process knows the session
    let replica = accounts.registry.replica();
    let there =
        test_support::plain_http::request(&replica.host(), "GET", "/", &[("Cookie", &visitor.cookies())]);
    assert!(there.text().contains("/-/web/user/ada"));

    let stolen = visitor.thief();
    assert_eq!(seen_as(&stolen).as_deref(), Some("ada"));
    led(&visitor.sign_out(), "/");
    assert_eq!((seen_as(&visitor), seen_as(&stolen)), (None, None));
    assert_eq!(visitor.cookies(), "");
}

#[test]
fn a_session_ends_by_itself() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let visitor = browser(&accounts);
    let signed_in = visitor.sign_in("ada", PASSWORD);
    let set = signed_in.header("set-cookie").expect("a cookie");
    let age = set.split("Max-Age=").nth(1).and_then(|rest| rest.split(';').next()).expect("an age");
    let age: i64 = age.parse().expect("seconds");
    accounts.pass(age - 1);
    assert_eq!(seen_as(&visitor).as_deref(), Some("ada"));
    accounts.pass(1);
    assert_eq!(seen_as(&visitor), None);
}

#[test]
fn what_is_kept_of_a_session_lets_nobody_in() {
    let mut file = None;
    let accounts = Accounts::with(|options| {
        if let DatabaseLocation::Sqlite(path) = &options.storage.database {
            file = Some(path.clone());
        }
    });
    accounts.user("ada");
    let visitor = browser(&accounts);
    visitor.sign_in("ada", PASSWORD);
    let cookies = visitor.cookies();
    let (_, key) = cookies.split_once('=').expect("a cookie");
    let digest: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = file.expect("a database in a file");
    let mut bytes = std::fs::read(&file).expect("the database");
    bytes.extend(std::fs::read(file.with_extension("db-wal")).expect("its log"));
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has(&digest) && !has(key));
}

#[test]
fn forms_of_other_sites_do_nothing() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let (visitor, other) = (browser(&accounts), browser(&accounts));
    let login = [("username", "ada"), ("password", PASSWORD)];
    // no cookie, and no seal to it
    assert_eq!(other.send(LOGIN, &[], &login).status, 403);
    let seal_of = |visitor: &Visitor, path: &str| seal(&visitor.get(path)).expect("a form");
    let (own, foreign) = (seal_of(&visitor, LOGIN), seal_of(&other, LOGIN));
    let host = format!("http://{}", accounts.registry.host());
    for (headers, seal, status) in [
        (vec![], foreign.as_str(), 403),
        (vec![], "", 403),
        (vec![("Origin", "https://evil.example")], &own, 403),
        (vec![("Origin", "null")], &own, 403),
        (vec![("Sec-Fetch-Site", "cross-site"), ("Origin", &host)], &own, 403),
        (vec![("Sec-Fetch-Site", "same-site")], &own, 403),
        (vec![("Origin", &host)], &own, 303),
    ] {
        let answer = visitor.send(LOGIN, &headers, &[&[("seal", seal)], &login[..]].concat());
        assert_eq!(answer.status, status, "{headers:?} {seal}");
    }
    assert_eq!(seen_as(&visitor).as_deref(), Some("ada"));
    for path in ["/-/web/logout", TOKENS, "/-/web/account", "/-/web/admin/users", "/-/web/command-line/x"] {
        assert_eq!(visitor.send(path, &[], &[("seal", &foreign)]).status, 403, "{path}");
    }
    assert_eq!(seen_as(&visitor).as_deref(), Some("ada"));
    // what browsers send from other sites without asking
    let json = [("Content-Type", "text/plain"), ("Cookie", &visitor.cookies())];
    let sent = test_support::plain_http::send(&accounts.registry.host(), "POST", TOKENS, &json, b"seal=x");
    assert_eq!(sent.status, 415);
    // and no route of clients takes a cookie for credentials
    let who = test_support::plain_http::request(
        &accounts.registry.host(),
        "GET",
        "/-/whoami",
        &[("Cookie", &visitor.cookies())],
    );
    assert_eq!(who.status, 401);
}

#[test]
fn after_signing_in_one_is_where_one_wanted_to_be_and_never_elsewhere() {
    let accounts = Accounts::start();
    accounts.user("ada");
    for (next, expected) in [
        ("%2F-%2Fweb%2Ftokens", TOKENS),
        ("%2F-%2Fweb%2Fsearch%3Fq%3Da%2520b", "/-/web/search?q=a%20b"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example%2F-%2Fweb%2Ftokens", "/"),
        ("%2F%5Cevil.example", "/"),
        ("javascript%3Aalert(1)", "/"),
        ("%2F-%2Fweb%2Ftokens%0d%0aSet-Cookie%3Ax", "/"),
    ] {
        let visitor = browser(&accounts);
        let path = format!("{LOGIN}?next={next}");
        led(&visitor.submit(&path, &[("username", "ada"), ("password", PASSWORD)]), expected);
    }
    let visitor = browser(&accounts);
    led(&visitor.get("/-/web/account"), "/-/web/login?next=%2F-%2Fweb%2Faccount");
}

#[test]
fn the_second_factor_is_the_second_step() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let (uri, recovery) = enable(&accounts, &ada, "auth-only");
    accounts.pass(60);
    let visitor = browser(&accounts);
    let first = visitor
        .submit("/-/web/login?next=%2F-%2Fweb%2Ftokens", &[("username", "ada"), ("password", PASSWORD)]);
    let second = "/-/web/otp?next=%2F-%2Fweb%2Ftokens";
    led(&first, second);
    let half_way = visitor.cookies();
    // halfway there is nowhere
    assert_eq!(seen_as(&visitor), None);
    led(&visitor.get(TOKENS), "/-/web/login?next=%2F-%2Fweb%2Ftokens");
    let wrong = visitor.submit(second, &[("otp", "000000")]);
    assert_eq!(wrong.status, 403);
    assert!(wrong.text().contains("Incorrect one-time password."));
    let code = code_at(&uri, accounts.now().as_second() / 30);
    led(&visitor.submit(second, &[("otp", &code)]), TOKENS);
    assert_eq!(visitor.get(TOKENS).status, 200);
    assert_ne!(visitor.cookies(), half_way);

    let again = browser(&accounts);
    led(&again.sign_in("ada", PASSWORD), OTP);
    assert_eq!(again.submit(OTP, &[("otp", &code)]).status, 403, "each code once");
    led(&again.submit(OTP, &[("otp", &recovery[0])]), "/");
    assert_eq!(seen_as(&again).as_deref(), Some("ada"));

    let late = browser(&accounts);
    led(&late.sign_in("ada", PASSWORD), OTP);
    accounts.pass(601);
    led(&late.get(OTP), LOGIN);
}

#[test]
fn guessing_is_limited_as_it_is_for_command_lines() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let (uri, _) = enable(&accounts, &ada, "auth-only");
    // past the minutes for which a password is known to be right without another look
    accounts.pass(301);
    let visitor = browser(&accounts);
    let statuses: Vec<u16> = (0..12).map(|_| visitor.sign_in("ada", "wrong password").status).collect();
    assert_eq!((&statuses[..10], &statuses[10..]), (&[403; 10][..], &[429; 2][..]));
    let refused = visitor.sign_in("ada", PASSWORD);
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("30")));
    assert_eq!(accounts.log_in("ada", PASSWORD, &[]).status, 429);
    accounts.pass(3600);

    // who knows the password does not get more guesses at the code by it
    let statuses: Vec<u16> = (0..12)
        .map(|_| {
            let visitor = browser(&accounts);
            led(&visitor.sign_in("ada", PASSWORD), OTP);
            visitor.submit(OTP, &[("otp", "000000")]).status
        })
        .collect();
    assert_eq!((&statuses[..10], &statuses[10..]), (&[403; 10][..], &[429; 2][..]));
    let code = code_at(&uri, accounts.now().as_second() / 30);
    assert_eq!(accounts.log_in("ada", PASSWORD, &[("npm-otp", &code)]).status, 429);
}

#[test]
fn a_new_password_ends_all_sessions() {
    let accounts = Accounts::start();
    let ada = accounts.user("ada");
    let (one, other) = (browser(&accounts), browser(&accounts));
    for visitor in [&one, &other] {
        led(&visitor.sign_in("ada", PASSWORD), "/");
    }
    let stolen = one.thief();
    let fields = |old, new, again| [("form", "password"), ("password", old), ("new", new), ("again", again)];
    for (fields, status) in [
        (fields("wrong password", "staple battery", "staple battery"), 403),
        (fields(PASSWORD, "staple battery", "staple batterie"), 400),
        (fields(PASSWORD, "short", "short"), 400),
        (fields(PASSWORD, "staple battery", "staple battery"), 200),
    ] {
        let answer = one.submit("/-/web/account", &fields);
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    assert_eq!(seen_as(&one).as_deref(), Some("ada"), "who changed it stays, with another key");
    assert_eq!((seen_as(&other), seen_as(&stolen)), (None, None));
    assert_eq!(accounts.get(&ada, "/-/whoami").status, 401);

    let token = super::accounts::token(&accounts.log_in("ada", "staple battery", &[]));
    let change = json!({ "password": { "old": "staple battery", "new": "another battery" } });
    assert_eq!(accounts.call(&token, "POST", "/-/npm/v1/user", &change).status, 200);
    assert_eq!(seen_as(&one), None);
}

#[test]
fn logins_are_in_the_audit_log() {
    let accounts = Accounts::start();
    accounts.user("ada");
    let visitor = browser(&accounts);
    visitor.sign_in("ada", "wrong password");
    visitor.sign_in("ada", PASSWORD);
    visitor.sign_out();
    let log = accounts.get(&accounts.administrator(), "/-/knit/v1/audit-log").json();
    let told: Vec<String> = (log["entries"].as_array().expect("entries").iter())
        .filter(|entry| entry["action"].as_str().is_some_and(|action| action.ends_with(".browser")))
        .map(|entry| format!("{} {} {}", entry["actor"], entry["action"], entry["address"]).replace('"', ""))
        .collect();
    let mut told = told;
    told.sort();
    assert_eq!(told, ["ada login.browser 127.0.0.1", "ada logout.browser 127.0.0.1"]);
}
