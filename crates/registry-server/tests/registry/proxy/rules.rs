//! Names and policies, as clients see them.

use serde_json::json;
use test_support::{FixturePackage, TestRegistry};

use super::proxied::Proxied;

#[test]
fn a_name_lives_at_one_place_only() {
    let upstream = TestRegistry::with([
        FixturePackage::new("plain", "1.0.0"),
        FixturePackage::new("@ours/tool", "9.9.9").file("evil.js", "evil"),
        FixturePackage::new("@no/thing", "1.0.0"),
    ]);
    let proxied = Proxied::of(&upstream.url(), "");
    // ours, not yet published: nobody else is asked
    assert_eq!(proxied.get("/@ours%2ftool").status, 404);
    assert_eq!(proxied.get("/@ours/tool/-/tool-9.9.9.tgz").status, 404);
    let ours = FixturePackage::new("@ours/tool", "1.0.0");
    assert_eq!(proxied.publish(&ours).status, 201);
    assert_eq!(proxied.seen("@ours%2ftool").0, ["1.0.0"]);
    assert!(proxied.get("/@ours/tool/-/tool-1.0.0.tgz").body == ours.tarball());
    // refused: neither read nor published
    for answer in [
        proxied.get("/@no%2fthing"),
        proxied.get("/@no/thing/-/thing-1.0.0.tgz"),
        proxied.publish(&FixturePackage::new("@no/thing", "1.0.0")),
    ] {
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("@no/thing"), "{}", answer.text());
    }
    assert!(upstream.requests().is_empty(), "{:?}", upstream.request_lines());
    // the upstream's: nothing shadows it
    let shadow = proxied.publish(&FixturePackage::new("plain", "2.0.0"));
    assert_eq!(shadow.status, 403);
    assert!(shadow.text().contains("upstream up"), "{}", shadow.text());
    assert_eq!(proxied.seen("plain").0, ["1.0.0"]);
}

fn aged() -> TestRegistry {
    TestRegistry::with([
        FixturePackage::new("pkg", "1.0.0").published("2025-06-01T00:00:00.000Z"),
        FixturePackage::new("pkg", "1.1.0")
            .published("2026-01-01T00:00:00.000Z")
            .script("postinstall", "node ."),
        FixturePackage::new("pkg", "2.0.0").published("2026-01-09T00:00:00.000Z"),
        FixturePackage::new("bad", "1.0.0"),
    ])
}

const POLICY: &str = r#"
[policy]
minimum_release_age = "3d"
[[policy.block]]
packages = ["bad"]
reason = "see ticket 42"
[[policy.deprecate]]
packages = ["pkg@<1.1"]
message = "move on"
"#;

#[test]
fn what_the_policy_hides_is_hidden_everywhere_and_explained() {
    let upstream = aged();
    let proxied = Proxied::of(&upstream.url(), POLICY);
    // the test's clock stands at 10 January 2026
    assert_eq!(proxied.seen("pkg"), (vec!["1.0.0".into(), "1.1.0".into()], json!({ "latest": "1.1.0" })));
    assert_eq!(proxied.get("/pkg/latest").json()["version"], "1.1.0");
    assert_eq!(proxied.get("/-/package/pkg/dist-tags").json(), json!({ "latest": "1.1.0" }));
    assert_eq!(proxied.get("/pkg/1.0.0").json()["deprecated"], "move on");
    assert_eq!(proxied.get("/pkg/2.0.0").status, 404);
    assert!(proxied.get("/pkg").json()["time"].get("2.0.0").is_none());
    assert_eq!(proxied.get("/pkg/-/pkg-1.1.0.tgz").status, 200);
    let hidden = proxied.get("/pkg/-/pkg-2.0.0.tgz");
    assert_eq!(hidden.status, 403);
    assert!(hidden.text().contains("held back until 2026-01-12T00:00:00Z"), "{}", hidden.text());
    assert!(!upstream.request_lines().iter().any(|line| line.contains("2.0.0")), "it is not even fetched");

    assert_eq!(proxied.seen("bad"), (vec![], json!({})));
    let blocked = proxied.get("/bad/-/bad-1.0.0.tgz");
    assert_eq!(blocked.status, 403);
    assert!(blocked.text().contains("see ticket 42"), "{}", blocked.text());

    let explained = proxied.get("/-/knit/explain/pkg@%3E=1.1").json();
    assert_eq!(
        explained,
        json!({
            "name": "pkg",
            "place": "upstream",
            "mode": "enforce",
            "upstream": "up",
            "versions": [
                { "version": "1.1.0", "visible": true, "reasons": [], "published": "2026-01-01T00:00:00Z" },
                {
                    "version": "2.0.0",
                    "visible": false,
                    "reasons": [{
                        "code": "too-young",
                        "message": "it was published at 2026-01-09T00:00:00Z and is held back until 2026-01-12T00:00:00Z",
                        "published": "2026-01-09T00:00:00Z",
                        "visibleFrom": "2026-01-12T00:00:00Z",
                    }],
                    "published": "2026-01-09T00:00:00Z",
                },
            ],
            "distTags": [{ "tag": "latest", "from": "2.0.0", "to": "1.1.0" }],
            "holdsUntil": "2026-01-12T00:00:00Z",
        })
    );
    assert_eq!(proxied.get("/-/knit/explain/pkg@latest").json()["versions"][0]["version"], "2.0.0");
    assert_eq!(proxied.get("/-/knit/explain/pkg@no!range").status, 400);
    assert_eq!(proxied.get("/-/knit/explain/nothing").status, 404);
    assert_eq!(proxied.get("/-/knit/explain/@no%2fthing").json()["place"], "refused");
}

#[test]
fn a_version_shows_up_when_it_is_old_enough_without_the_upstream_changing() {
    let upstream = aged();
    let proxied = Proxied::of(&upstream.url(), POLICY);
    let before = proxied.get("/pkg");
    // two days later, to the second
    proxied.pass(2 * 86_400 - 1);
    assert_eq!(proxied.seen("pkg").0, ["1.0.0", "1.1.0"]);
    proxied.pass(1);
    assert_eq!(
        proxied.seen("pkg"),
        (vec!["1.0.0".into(), "1.1.0".into(), "2.0.0".into()], json!({ "latest": "2.0.0" }))
    );
    assert_eq!(proxied.get("/pkg/-/pkg-2.0.0.tgz").status, 200);
    let etag = before.header("etag").expect("a tag").to_owned();
    assert_eq!(proxied.get_with("/pkg", &[("If-None-Match", &etag)]).status, 200);
    // and is hidden again by a clock that goes back
    proxied.pass(-86_400);
    assert_eq!(proxied.seen("pkg").0, ["1.0.0", "1.1.0"]);
}

#[test]
fn observing_shows_everything_and_says_what_it_would_hide() {
    let upstream = aged();
    let policy = POLICY.replace("[policy]\n", "[policy]\nmode = \"observe\"\ninstall_scripts = \"hide\"\n");
    let proxied = Proxied::of(&upstream.url(), &policy);
    assert_eq!(proxied.seen("pkg").0, ["1.0.0", "1.1.0", "2.0.0"]);
    assert_eq!(proxied.get("/bad/-/bad-1.0.0.tgz").status, 200);
    let explained = proxied.get("/-/knit/explain/pkg").json();
    assert_eq!(explained["mode"], "observe");
    assert_eq!(explained["versions"][1]["reasons"][0]["code"], "install-script");
    assert_eq!(explained["versions"][2]["visible"], true);
    assert_eq!(explained["versions"][2]["reasons"][0]["code"], "too-young");
}

#[test]
fn what_is_published_here_is_seen_at_once_unless_it_is_to_be_judged_as_well() {
    for (own, status) in [(false, 200), (true, 403)] {
        let upstream = aged();
        let policy = POLICY.replace("[policy]\n", &format!("[policy]\nown_packages = {own}\n"));
        let proxied = Proxied::of(&upstream.url(), &policy);
        assert_eq!(proxied.publish(&FixturePackage::new("@ours/new", "1.0.0")).status, 201);
        assert_eq!(proxied.seen("@ours%2fnew").0.is_empty(), own);
        assert_eq!(proxied.get("/@ours/new/-/new-1.0.0.tgz").status, status);
    }
}
