//! Searches: packages of upstreams are found as long as their packuments are kept, and only what everybody may see of
//! them.

use serde_json::{Value, json};
use test_support::{FixturePackage, Keeping, TestRegistry};

use super::proxied::{Proxied, eventually};
use crate::operations::kept::sql;

pub fn found(proxied: &Proxied, text: &str) -> Vec<String> {
    let answer = proxied.get(&format!("/-/v1/search?text={text}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let objects = answer["objects"].as_array().expect("objects");
    objects.iter().map(|object| object["package"]["name"].as_str().expect("a name").to_owned()).collect()
}

fn package(name: &str, description: &str) -> FixturePackage {
    FixturePackage::new(name, "1.0.0")
        .field("description", json!(description))
        .published("2025-06-01T00:00:00.000Z")
}

fn upstream() -> TestRegistry {
    TestRegistry::with([
        package("router", "Finds a way"),
        package("routers", "Several ways"),
        package("compass", "A router for people"),
        package("@ours/router", "Not ours at all"),
        package("@no/router", "Refused"),
    ])
}

fn ask_for_all(proxied: &Proxied) {
    for name in ["/router", "/routers", "/compass"] {
        assert_eq!(proxied.get(name).status, 200);
    }
}

#[test]
fn what_was_fetched_is_found_after_what_is_published_here_and_is_as_good() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), "");
        proxied.publish(&package("@ours/routers", "Ours"));
        assert_eq!(found(&proxied, "router"), ["@ours/routers"]);
        ask_for_all(&proxied);
        // nobody has these from upstreams
        for name in ["/@ours%2frouter", "/@no%2frouter"] {
            assert!(proxied.get(name).status >= 400);
        }
        upstream.clear_requests();
        // the very name first, then names alike, then a description
        let expected = ["router", "@ours/routers", "routers", "compass"];
        assert_eq!(found(&proxied, "router"), expected);
        assert_eq!(found(&proxied, "routers"), ["routers", "@ours/routers"]);
        let answer = proxied.get("/-/v1/search?text=compass").json();
        let object = &answer["objects"][0];
        assert_eq!((&answer["total"], &object["upstream"]), (&json!(1), &json!("up")));
        assert_eq!(object["package"]["date"], "2025-06-01T00:00:00.000Z");
        assert_eq!(object["package"]["description"], "A router for people");
        let page = proxied.get("/-/web/search?q=router").text();
        assert!(page.contains(">compass</a>") && page.contains("<span>from up</span>"), "{page}");
        // what comes from upstreams is not new here
        assert!(!proxied.get("/").text().contains("compass"));
        assert!(upstream.requests().is_empty(), "upstreams are not asked");
        let proxied = proxied.restarted();
        assert_eq!(found(&proxied, "router"), expected);

        // a new version is found by what it says
        upstream.publish(FixturePackage::new("compass", "2.0.0").field("description", json!("Points north")));
        proxied.pass(3600);
        assert_eq!(proxied.get("/compass").status, 200);
        assert_eq!(found(&proxied, "north"), ["compass"]);
        assert_eq!(found(&proxied, "people"), [""; 0]);
    }
}

#[test]
fn what_is_kept_no_more_is_not_found() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), "[cache]\npackuments = \"500 B\"");
        assert_eq!(proxied.get("/router").status, 200);
        eventually("it went", || found(&proxied, "router").is_empty());
        // nor is it counted by who comes later
        let proxied = proxied.restarted();
        assert_eq!(proxied.get("/-/v1/search?text=router").json()["total"], 0);
    }
}

#[test]
fn what_the_policy_hides_is_not_found() {
    for keeping in Keeping::all() {
        let upstream = TestRegistry::with([
            package("router", "Finds a way"),
            FixturePackage::new("router", "1.1.0")
                .field("description", json!("Loses its way"))
                .published("2026-01-09T12:00:00.000Z"),
            package("routers", "Several ways"),
            FixturePackage::new("young-router", "1.0.0").published("2026-01-09T12:00:00.000Z"),
            package("old-router", "Was good"),
        ]);
        let policy = "[policy]\nminimum_release_age = \"3d\"\n[[policy.block]]\npackages = [\"routers\"]\n\
                      [[policy.deprecate]]\npackages = [\"old-router\"]\nmessage = \"use router\"";
        let proxied = Proxied::keeping(keeping, &upstream.url(), policy);
        for name in ["/router", "/routers", "/young-router", "/old-router"] {
            proxied.get(name);
        }
        assert_eq!(found(&proxied, "router"), ["router", "old-router"]);
        let answer = proxied.get("/-/v1/search?text=router").json();
        let shown = |at: usize, key: &str| -> Value { answer["objects"][at]["package"][key].clone() };
        assert_eq!((shown(0, "version"), shown(0, "description")), (json!("1.0.0"), json!("Finds a way")));
        assert_eq!(shown(1, "deprecated"), "use router");
        let page = proxied.get("/-/web/search?q=router").text();
        assert!(page.contains("Finds a way") && !page.contains("Loses its way"), "{page}");
        // time goes by
        proxied.pass(3 * 86_400);
        assert_eq!(found(&proxied, "router"), ["router", "young-router", "old-router"]);
    }
}

#[test]
fn names_are_found_where_the_rules_say_that_they_belong() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "");
    ask_for_all(&proxied);
    // as if the rules had been others: what is kept of a name that is ours now, or of nobody's
    sql(
        proxied.options(),
        &[
            "INSERT INTO upstream_packuments (upstream, package, checked, digest, summary, changed)
             SELECT upstream, '@ours/stolen', checked, digest, summary, changed FROM upstream_packuments
             WHERE package = 'router'",
            "INSERT INTO upstream_packuments (upstream, package, checked, digest, summary, changed)
             SELECT 'other', 'elsewhere', checked, digest, summary, changed FROM upstream_packuments
             WHERE package = 'router'",
        ],
    );
    for text in ["stolen", "elsewhere", "scope:ours"] {
        assert_eq!(found(&proxied, text), [""; 0], "{text}");
    }
    assert_eq!(found(&proxied, "router"), ["router", "routers", "compass"]);
}

#[test]
fn what_was_kept_before_it_was_searched_is_found_when_it_is_asked_for() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), "");
        ask_for_all(&proxied);
        let proxied = proxied.restarted();
        sql(proxied.options(), &["UPDATE upstream_packuments SET summary = NULL, changed = 0"]);
        assert_eq!(found(&proxied, "router"), [""; 0]);
        proxied.get("/router");
        assert_eq!(found(&proxied, "router"), ["router"]);
    }
}

#[test]
fn upstreams_are_not_searched_where_the_settings_say_so() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), "[cache]\nsearched = false");
    ask_for_all(&proxied);
    assert_eq!(found(&proxied, "router"), [""; 0]);
}
