//! Bundles of what comes from an upstream.

use serde_json::{Value, json};
use test_support::{Bundle, Fault, FixturePackage, TestRegistry, Times};

use super::proxied::Proxied;

fn post(proxied: &Proxied, path: &str, body: &Value) -> Bundle {
    let answer = proxied.post(path, &[("Content-Type", "application/json")], body.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    Bundle::read(&answer.body)
}

fn resolve(proxied: &Proxied, name: &str) -> Bundle {
    let wanted = json!([{ "name": name, "spec": "*" }]);
    let body = json!({ "wanted": wanted, "nodeVersion": "24.0.0", "npmVersion": "11.0.0" });
    post(proxied, "/-/knit/v1/resolve", &body)
}

fn missing(proxied: &Proxied, names: &[&str]) -> Bundle {
    let files: Vec<Value> =
        names.iter().map(|name| json!({ "name": name, "file": format!("{name}-1.0.0.tgz") })).collect();
    post(proxied, "/-/knit/v1/missing", &json!({ "tarballs": files }))
}

fn upstream() -> TestRegistry {
    TestRegistry::with([
        FixturePackage::new("top", "1.0.0").dependency("mid", "^1").dependency("bad", "*"),
        FixturePackage::new("mid", "1.0.0").dependency("@ours/tool", "*").dependency("@no/thing", "*"),
        FixturePackage::new("mid", "1.1.0").published("2026-01-09T00:00:00.000Z").dependency("new", "*"),
        FixturePackage::new("bad", "1.0.0"),
        FixturePackage::new("new", "1.0.0"),
        FixturePackage::new("@no/thing", "1.0.0"),
    ])
}

#[test]
fn names_and_policy_hold_for_each_package() {
    let upstream = upstream();
    let policy =
        "[policy]\nminimum_release_age = \"3d\"\n[[policy.block]]\npackages = [\"bad\"]\nreason = \"bad\"";
    let proxied = Proxied::of(&upstream.url(), policy);
    // mid@1.1.0 is too new to lead anywhere, @no/thing is refused, @ours/tool is not published
    assert_eq!(resolve(&proxied, "top").names(), ["bad", "mid", "top"]);
    assert!(!upstream.request_lines().iter().any(|line| line.contains("thing") || line.contains("tool")));
    let bundle = missing(&proxied, &["bad", "mid", "top"]);
    let statuses: Vec<u16> = bundle.entries.iter().map(|entry| entry.head.status).collect();
    assert_eq!(statuses, [403, 200, 200]);
    assert!(bundle.entries[1].content == Some(proxied.get("/mid/-/mid-1.0.0.tgz").body));
}

#[test]
fn an_upstream_that_fails_takes_its_package_with_it_and_nothing_else() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "");
    upstream.fault("/new", Fault::Status(500), Times::Always);
    let bundle = resolve(&proxied, "top");
    assert_eq!((bundle.names(), bundle.complete), (vec!["bad", "mid", "top"], Some(true)));
    upstream.fault("/bad/-/bad-1.0.0.tgz", Fault::Status(404), Times::Always);
    let bundle = missing(&proxied, &["bad", "top"]);
    let statuses: Vec<u16> = bundle.entries.iter().map(|entry| entry.head.status).collect();
    assert_eq!((statuses, bundle.complete), (vec![404, 200], Some(true)));
}
