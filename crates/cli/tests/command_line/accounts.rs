//! Accounts at a registry: logging in and out, tokens, the profile. Output, exit codes, requests and what is left in
//! .npmrc were compared with npm 11.19.1 over the same answers; a second factor on a terminal is tested in the
//! crate `registry-client`.

use serde_json::{Value, json};
use test_support::{Answer, Recorder};

use crate::sandbox::Sandbox;

/// A home whose .npmrc names the registry, with these further lines; `HOST` in them stands for its address.
fn sandbox(registry: &Recorder, lines: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let lines = lines.replace("HOST", &registry.host());
    sandbox.file("home/.npmrc", &format!("registry={}\nfetch-retries=0\n{lines}", registry.url()));
    sandbox
}

fn logged_in(registry: &Recorder) -> Sandbox {
    sandbox(registry, "//HOST/:_authToken=t0ken\n")
}

/// The further lines of .npmrc after a command.
fn kept(sandbox: &Sandbox, registry: &Recorder) -> Vec<String> {
    let text = sandbox.read("home/.npmrc").replace(&registry.host(), "HOST");
    text.lines().skip(2).map(str::to_owned).collect()
}

/// Exit code and standard output.
fn run(sandbox: &Sandbox, line: &str, input: &str) -> (String, String) {
    let said = sandbox.knit_with_input(&line.split(' ').collect::<Vec<_>>(), input);
    let exit = said.lines().nth(1).unwrap_or_default().to_owned();
    let shown = said.split_once("--- stdout\n").map(|(_, rest)| rest).unwrap_or_default();
    (exit, shown.split("--- stderr\n").next().unwrap_or_default().to_owned())
}

/// Runs, and compares standard output and the bodies of requests.
fn check(registry: &Recorder, sandbox: &Sandbox, line: &str, stdout: &str, requests: &[(&str, Value)]) {
    let (exit, shown) = run(sandbox, line, "");
    assert_eq!((exit.as_str(), shown.as_str()), ("exit: 0", stdout), "{line}");
    let asked = registry.take_requests();
    let asked: Vec<(String, Value)> = asked.iter().map(|request| (request.line(), request.json())).collect();
    let expected: Vec<(String, Value)> =
        requests.iter().map(|(line, body)| ((*line).to_owned(), body.clone())).collect();
    assert_eq!(asked, expected, "{line}");
}

fn pages(registry: &Recorder) {
    let page = |path: &str| format!("{}{path}", registry.url());
    let answer = Answer::json(200, &json!({ "loginUrl": page("page"), "doneUrl": page("done") }));
    registry.answer("POST", "/-/v1/login", answer);
    registry.answer("GET", "/done", Answer::new(202, "{}").header("retry-after", "1"));
    registry.answer("GET", "/done", Answer::json(200, &json!({ "token": "fr0m-page" })));
}

#[test]
fn a_page_is_shown_and_its_token_kept() {
    for (command, title, body) in
        [("login", "Login at", json!({})), ("adduser", "Create your account at", json!({ "create": true }))]
    {
        let registry = Recorder::start();
        pages(&registry);
        let sandbox = sandbox(&registry, "//HOST/:username=ann\n//HOST/:_password=cGFzcw==\n");
        let url = registry.url();
        let stdout = format!("{title}:\n{url}page\nLogged in on {url}.\n");
        let waiting = ("GET /done", Value::Null);
        check(&registry, &sandbox, command, &stdout, &[("POST /-/v1/login", body), waiting.clone(), waiting]);
        assert_eq!(kept(&sandbox, &registry), ["//HOST/:_authToken=fr0m-page"]);
    }
}

#[test]
fn a_scope_gets_the_registry_that_was_logged_in_to() {
    let registry = Recorder::start();
    pages(&registry);
    let sandbox = Sandbox::new();
    let registry_option = format!("--registry={}", registry.url());
    let said = sandbox.knit(&["login", "--scope=acme", &registry_option]);
    assert!(said.contains(&format!("Logged in to scope @acme on {}.\n", registry.url())), "{said}");
    let npmrc = sandbox.read("home/.npmrc").replace(&registry.host(), "HOST");
    assert_eq!(npmrc, "//HOST/:_authToken=fr0m-page\n@acme:registry=http://HOST/\n");
}

#[test]
fn without_a_page_name_and_password_are_asked_for() {
    let registry = Recorder::start();
    registry.answer("PUT", "/-/user/org.couchdb.user:ann", Answer::json(201, &json!({ "token": "made" })));
    let sandbox = sandbox(&registry, "");
    // the first name is none
    let said = sandbox.knit_with_input(&["adduser"], "Ann\nann\ns3cret\nno address\nann@a.example\n");
    assert!(said.contains("exit: 0") && !said.contains("s3cret") && said.contains("lower case"), "{said}");
    let asked = registry.take_requests();
    let mut account = asked[1].json();
    let date = account["date"].take();
    assert!(date.as_str().is_some_and(|date| date.len() == 24 && date.ends_with('Z')), "{date}");
    let expected = json!({
        "_id": "org.couchdb.user:ann", "name": "ann", "password": "s3cret", "email": "ann@a.example",
        "type": "user", "roles": [], "date": null
    });
    assert_eq!((asked[0].line().as_str(), account), ("POST /-/v1/login", expected));
    assert_eq!(kept(&sandbox, &registry), ["//HOST/:_authToken=made"]);
}

#[test]
fn an_account_of_couchdb_is_changed_at_its_revision() {
    let registry = Recorder::start();
    let path = "/-/user/org.couchdb.user:ann";
    registry.answer("PUT", path, Answer::json(409, &json!({ "error": "conflict" })));
    registry.answer("GET", path, Answer::json(200, &json!({ "_rev": "1-x", "name": "ann", "roles": ["r"] })));
    registry.answer("PUT", &format!("{path}/-rev/1-x"), Answer::json(201, &json!({ "token": "again" })));
    let sandbox = sandbox(&registry, "");
    assert_eq!(run(&sandbox, "login --auth-type=legacy", "ann\npw\n").0, "exit: 0");
    let asked = registry.take_requests();
    assert_eq!(asked[1].line(), format!("GET {path}?write=true"));
    let last = &asked[2];
    assert_eq!((&last.json()["_rev"], &last.json()["roles"]), (&json!("1-x"), &json!(["r"])));
    assert_eq!(last.header("authorization"), Some("Basic YW5uOnB3"));
    assert_eq!(kept(&sandbox, &registry), ["//HOST/:_authToken=again"]);
}

#[test]
fn a_refused_login_keeps_what_was_there() {
    let registry = Recorder::start();
    let refusal = Answer::json(401, &json!({ "error": "wrong" })).header("www-authenticate", "Basic");
    registry.answer("PUT", "/-/user/org.couchdb.user:ann", refusal);
    let sandbox = logged_in(&registry);
    for (line, input, code) in [
        ("login --auth-type=legacy", "ann\ns3cret\n", "E401"),
        ("login --auth-type=legacy", "ann\n", "ENOINPUT"),
        ("login --auth-type=legacy", "", "ENOINPUT"),
    ] {
        let said = sandbox.knit_with_input(&line.split(' ').collect::<Vec<_>>(), input);
        assert!(said.contains("exit: 1") && said.contains(code) && !said.contains("s3cret"), "{said}");
    }
    assert_eq!(kept(&sandbox, &registry), ["//HOST/:_authToken=t0ken"]);
}

#[test]
fn logging_out_revokes_the_token_and_forgets_it() {
    let revoke = "DELETE /-/user/token/t0ken";
    type Lines<'a> = &'a [&'a str];
    // credentials, answer, exit, requests, what is kept
    let rows: [(&str, Option<u16>, &str, Lines<'_>, Lines<'_>); 5] = [
        ("//HOST/:_authToken=t0ken\n", Some(200), "exit: 0", &[revoke], &[]),
        ("//HOST/:_authToken=t0ken\n", Some(401), "exit: 0", &[revoke], &[]),
        ("//HOST/:_authToken=t0ken\n", Some(500), "exit: 1", &[revoke], &["//HOST/:_authToken=t0ken"]),
        ("//HOST/:_auth=YW5uOnB3\n", None, "exit: 0", &[], &[]),
        ("", None, "exit: 1", &[], &[]),
    ];
    for (credentials, status, exit, requests, left) in rows {
        let registry = Recorder::start();
        if let Some(status) = status {
            registry.answer("DELETE", "/-/user/token/t0ken", Answer::new(status, "{}"));
        }
        let sandbox = sandbox(&registry, credentials);
        let said = sandbox.knit(&["logout"]);
        assert!(said.contains(exit) && !said.contains("t0ken"), "{status:?} {said}");
        let lines: Vec<String> = registry.take_requests().iter().map(|request| request.line()).collect();
        assert_eq!(lines, requests, "{status:?}");
        assert_eq!(kept(&sandbox, &registry), left, "{status:?}");
    }
}

#[test]
fn credentials_of_the_environment_are_not_forgotten_silently() {
    let registry = Recorder::start();
    registry.answer("DELETE", "/-/user/token/t0ken", Answer::new(200, "{}"));
    let mut sandbox = sandbox(&registry, "");
    sandbox.set(&format!("npm_config_//{}/:_authToken", registry.host()), "t0ken");
    let said = sandbox.knit(&["logout"]);
    assert!(said.contains("exit: 1") && said.contains("ENOCONFIGFILE"), "{said}");
}

#[test]
fn one_is_who_the_credentials_or_the_registry_say() {
    let registry = Recorder::start();
    registry.answer("GET", "/-/whoami", Answer::json(200, &json!({ "username": "ann" })));
    let by_token = logged_in(&registry);
    check(&registry, &by_token, "whoami", "ann\n", &[("GET /-/whoami", Value::Null)]);
    check(&registry, &by_token, "whoami --json", "\"ann\"\n", &[("GET /-/whoami", Value::Null)]);
    let by_password = sandbox(&registry, "//HOST/:_auth=Ym86cHc=\n");
    check(&registry, &by_password, "whoami", "bo\n", &[]);
    let said = sandbox(&registry, "").knit(&["whoami"]);
    assert!(said.contains("exit: 1") && said.contains("error[ENEEDAUTH]"), "{said}");
}

fn tokens(registry: &Recorder) {
    let one = json!({
        "token": "npm_ab", "key": "aaaaaa1111", "cidr_whitelist": ["10.0.0.0/8"], "readonly": true,
        "created": "2026-01-02T03:04:05.000Z", "name": "one"
    });
    let two = json!({ "token": "npm_cd", "key": "aaaaaa2222", "cidr_whitelist": null, "readonly": false,
        "created": "2026-02-02T03:04:05.000Z" });
    let next = format!("{}-/npm/v1/tokens?page=1", registry.url());
    let page = |token: Value, urls: Value| Answer::json(200, &json!({ "objects": [token], "urls": urls }));
    registry.answer("GET", "/-/npm/v1/tokens", page(one, json!({ "next": next })));
    registry.answer("GET", "/-/npm/v1/tokens?page=1", page(two, json!({})));
}

const LISTING: [(&str, Value); 2] =
    [("GET /-/npm/v1/tokens", Value::Null), ("GET /-/npm/v1/tokens?page=1", Value::Null)];

#[test]
fn tokens_are_listed_from_all_pages() {
    let registry = Recorder::start();
    tokens(&registry);
    let sandbox = logged_in(&registry);
    let people = "Token npm_ab… with id aaaaaa1 name one created 2026-01-02\nwith IP whitelist: 10.0.0.0/8\n\
                  read-only\n\nToken npm_cd… with id aaaaaa2 created 2026-02-02\n\n";
    check(&registry, &sandbox, "token", people, &LISTING);
    let columns = "key\ttoken\tid\tname\tcreated\treadonly\tCIDR whitelist\n\
                   aaaaaa1111\tnpm_ab\taaaaaa1\tone\t2026-01-02T03:04:05.000Z\ttrue\t10.0.0.0/8\n\
                   aaaaaa2222\tnpm_cd\taaaaaa2\t\t2026-02-02T03:04:05.000Z\tfalse\t\n";
    check(&registry, &sandbox, "token ls --parseable", columns, &LISTING);
    let listed: Value = serde_json::from_str(&run(&sandbox, "token list --json", "").1).expect("JSON");
    assert_eq!((&listed[0]["id"], &listed[1]["key"]), (&json!("aaaaaa1"), &json!("aaaaaa2222")));
}

#[test]
fn tokens_are_revoked_by_their_ids_or_themselves() {
    let registry = Recorder::start();
    tokens(&registry);
    for key in ["aaaaaa1111", "aaaaaa2222", "npm_abcdef"] {
        registry.answer("DELETE", &format!("/-/npm/v1/tokens/token/{key}"), Answer::new(204, ""));
    }
    let sandbox = logged_in(&registry);
    let delete = |key: &'static str| (key, Value::Null);
    let one = delete("DELETE /-/npm/v1/tokens/token/aaaaaa1111");
    let two = delete("DELETE /-/npm/v1/tokens/token/aaaaaa2222");
    let whole = delete("DELETE /-/npm/v1/tokens/token/npm_abcdef");
    let requests = |more: &[(&'static str, Value)]| [&LISTING[..], more].concat();
    check(
        &registry,
        &sandbox,
        "token revoke aaaaaa1",
        "Removed 1 token\n",
        &requests(std::slice::from_ref(&one)),
    );
    check(&registry, &sandbox, "token rm aaaaaa1 aaaaaa2", "Removed 2 tokens\n", &requests(&[one, two]));
    check(&registry, &sandbox, "token delete npm_abcdef --parseable", "npm_abcdef\n", &requests(&[whole]));
    for (name, code) in [("aaaaaa", "EAMBIGUOUSTOKEN"), ("npm_zz", "EUNKNOWNTOKEN")] {
        let said = sandbox.knit(&["token", "revoke", "aaaaaa1", name]);
        assert!(said.contains("exit: 1") && said.contains(code), "{said}");
        let methods: Vec<String> =
            registry.take_requests().iter().map(|request| request.method.clone()).collect();
        assert_eq!(methods, ["GET", "GET"], "nothing is revoked when one name is wrong");
    }
}

#[test]
fn a_new_token_is_limited_as_asked_and_shown_once() {
    let registry = Recorder::start();
    let made = json!({ "token": "n3w", "key": "k", "updated": "x", "cidr_whitelist": ["10.0.0.0/8"] });
    registry.answer("POST", "/-/npm/v1/tokens", Answer::json(200, &made));
    let sandbox = logged_in(&registry);
    let post = |body: Value| [("POST /-/npm/v1/tokens", body)];
    check(
        &registry,
        &sandbox,
        "token create --password=pw --name=n",
        "Created token n3w\nwith IP whitelist: 10.0.0.0/8\n",
        &post(json!({ "name": "n", "password": "pw" })),
    );
    check(
        &registry,
        &sandbox,
        "token create --password=pw --json --packages=a --packages=b --scopes=@acme --orgs=acme --expires=30 \
         --packages-and-scopes-permission=read-only --orgs-permission=no-access --bypass-2fa \
         --token-description=d --cidr=10.0.0.0/8 --read-only",
        "{\n  \"token\": \"n3w\",\n  \"cidr_whitelist\": [\n    \"10.0.0.0/8\"\n  ]\n}\n",
        &post(json!({
            "name": null, "password": "pw", "description": "d", "packages": ["a", "b"], "scopes": ["@acme"],
            "orgs": ["acme"], "packages_and_scopes_permission": "read-only", "orgs_permission": "no-access",
            "expires": 30, "cidr_whitelist": ["10.0.0.0/8"], "bypass_2fa": true, "readonly": true
        })),
    );
    let asked = sandbox.knit_with_input(&["token", "create", "--parseable"], "typed\n");
    assert!(
        asked.contains("exit: 0") && asked.contains("token\tn3w\n") && !asked.contains("typed"),
        "{asked}"
    );
    assert_eq!(registry.take_requests()[0].json()["password"], "typed");
    let said = sandbox.knit(&["token", "create", "--password=pw", "--cidr=::1/128"]);
    assert!(said.contains("exit: 1") && said.contains("EINVALIDCIDR"), "{said}");
    assert!(registry.take_requests().is_empty());
}

fn profile(registry: &Recorder, tfa: Value) {
    let profile = json!({
        "tfa": tfa, "name": "ann", "email": "ann@a.example", "email_verified": true, "cidr_whitelist": null,
        "fullname": "Ann", "homepage": "", "extra": [1, 2]
    });
    registry.answer("GET", "/-/npm/v1/user", Answer::json(200, &profile));
}

#[test]
fn the_profile_is_shown_whole_or_by_key() {
    let registry = Recorder::start();
    profile(&registry, json!({ "mode": "auth-only", "pending": false }));
    let sandbox = logged_in(&registry);
    let asked = [("GET /-/npm/v1/user", Value::Null)];
    let whole = "name: ann\nemail: ann@a.example (verified)\ntwo-factor auth: auth-only\nfullname: Ann\n\
                 homepage: \nfreenode: \ntwitter: \ngithub: \ncreated: \nupdated: \nextra: 1,2\n";
    check(&registry, &sandbox, "profile get", whole, &asked);
    check(
        &registry,
        &sandbox,
        "profile get name,email fullname",
        "ann\tann@a.example (verified)\tAnn\n",
        &asked,
    );
    let columns = "tfa\tauth-only\nname\tann\nemail\tann@a.example\nemail_verified\ttrue\nfullname\tAnn\n\
                   homepage\t\nextra\t1,2\n";
    check(&registry, &sandbox, "profile get --parseable", columns, &asked);
}

#[test]
fn setting_one_property_keeps_the_others() {
    let registry = Recorder::start();
    profile(&registry, Value::Null);
    registry.answer("POST", "/-/npm/v1/user", Answer::json(200, &json!({ "fullname": "Ann B" })));
    let sandbox = logged_in(&registry);
    let body = json!({ "email": "ann@a.example", "fullname": "Ann B", "homepage": null });
    let requests = [("GET /-/npm/v1/user", Value::Null), ("POST /-/npm/v1/user", body)];
    check(&registry, &sandbox, "profile set fullname Ann B", "Set fullname to Ann B\n", &requests);
    let said = sandbox.knit_with_input(&["profile", "set", "password"], "old\nnew\nother\nnew\nnew\n");
    assert!(said.contains("exit: 0") && said.contains("do not match"), "{said}");
    let sent = registry.take_requests();
    assert_eq!(sent[1].json()["password"], json!({ "old": "old", "new": "new" }));
    for line in ["profile set what x", "profile set fullname", "profile set password hunter2", "profile"] {
        let said = sandbox.knit(&line.split(' ').collect::<Vec<_>>());
        assert!(said.contains("exit: 1") && said.contains("EUSAGE"), "{said}");
    }
    assert!(registry.take_requests().is_empty());
}

#[test]
fn a_second_factor_is_enabled_and_disabled() {
    let registry = Recorder::start();
    profile(&registry, Value::Null);
    let challenge = json!({ "tfa": "otpauth://totp/ann?secret=ABC234&issuer=x" });
    registry.answer("POST", "/-/npm/v1/user", Answer::json(200, &challenge));
    registry.answer("POST", "/-/npm/v1/user", Answer::json(200, &json!({ "tfa": ["c0de1", "c0de2"] })));
    let sandbox = logged_in(&registry);
    let (exit, shown) = run(&sandbox, "profile enable-2fa auth-only", "pw\n123 456\n");
    assert_eq!(exit, "exit: 0");
    assert!(
        shown.starts_with("Scan into your authenticator app:\n") && shown.matches('█').count() > 50,
        "{shown}"
    );
    assert!(shown.contains("Or enter code: ABC234") && shown.ends_with("\tc0de1\n\tc0de2\n"), "{shown}");
    let bodies: Vec<Value> = registry.take_requests().iter().skip(1).map(|request| request.json()).collect();
    let wanted = json!({ "tfa": { "mode": "auth-only", "password": "pw" } });
    assert_eq!(bodies, [wanted, json!({ "tfa": ["123456"] })]);
    let (exit, shown) = run(&sandbox, "profile disable-2fa", "");
    assert_eq!((exit.as_str(), shown.as_str()), ("exit: 0", "Two factor authentication not enabled.\n"));

    let registry = Recorder::start();
    profile(&registry, json!({ "mode": "auth-only", "pending": false }));
    registry.answer("POST", "/-/npm/v1/user", Answer::json(200, &json!({ "tfa": null })));
    let sandbox = logged_in(&registry);
    let (exit, shown) = run(&sandbox, "profile disable-2fa --json", "pw\n");
    assert_eq!((exit.as_str(), shown.as_str()), ("exit: 0", "{\n  \"tfa\": false\n}\n"));
    assert_eq!(registry.take_requests()[1].json(), json!({ "tfa": { "password": "pw", "mode": "disable" } }));
}

#[test]
fn a_code_is_sent_when_given_and_wanted_when_not() {
    let registry = Recorder::start();
    tokens(&registry);
    let path = "/-/npm/v1/tokens/token/aaaaaa1111";
    let refusal = || Answer::new(401, "{}").header("www-authenticate", "OTP");
    registry.answer("DELETE", path, Answer::new(204, "").to_header("npm-otp", "012345"));
    registry.answer("DELETE", path, refusal());
    let sandbox = logged_in(&registry);
    assert_eq!(run(&sandbox, "token revoke aaaaaa1 --otp=012345", "").1, "Removed 1 token\n");
    let said = sandbox.knit(&["token", "revoke", "aaaaaa1"]);
    assert!(
        said.contains("exit: 1") && said.contains("error[EOTP]") && said.contains("--otp=<code>"),
        "{said}"
    );
}
