//! How upstreams are, as those who run the registry see it.

use serde_json::json;
use test_support::{Answer, FixturePackage, Recorder, TestRegistry, Visitor};

use super::proxied::Proxied;

/// An administrator's browser.
fn administrator(proxied: &Proxied) -> Visitor {
    let password = proxied.administrator("root");
    let visitor = Visitor::at(&proxied.host());
    assert_eq!(visitor.sign_in("root", &password).status, 303);
    visitor
}

#[test]
fn the_health_of_an_upstream_is_shown_and_counted() {
    let upstream = Recorder::start();
    upstream.answer("GET", "/broken", Answer::json(500, &json!({})));
    upstream.answer(
        "GET",
        "/plain",
        Answer::json(200, &json!({ "name": "plain", "dist-tags": {}, "versions": {} })),
    );
    let proxied = Proxied::of(&upstream.url(), "");
    let admin = administrator(&proxied);
    let page = admin.get("/-/web/admin").text();
    assert!(page.contains("<th scope=\"row\">up<br>") && page.contains("not asked yet"), "{page}");

    assert_eq!(proxied.get("/plain").status, 200);
    let page = admin.get("/-/web/admin").text();
    assert!(page.contains(">answers</span>") && page.contains(" ms</td>"), "{page}");
    assert_eq!(proxied.number("knit_registry_upstream_up{upstream=\"up\"}"), Some(1.0));

    proxied.pass(3600);
    assert_eq!(proxied.get("/broken").status, 503);
    let page = admin.get("/-/web/admin").text();
    assert!(page.contains(">fails</span>") && page.contains("500"), "{page}");
    assert!(page.contains("1 hour ago") && page.contains("just now"), "{page}");
    // that there is no such package is an answer
    assert_eq!(proxied.get("/missing").status, 404);
    assert!(admin.get("/-/web/admin").text().contains(">answers</span>"));

    for (outcome, expected) in [("answered", 2.0), ("failed", 1.0)] {
        let line = format!("knit_registry_upstream_requests_total{{upstream=\"up\",outcome=\"{outcome}\"}}");
        assert_eq!(proxied.number(&line), Some(expected), "{outcome}");
    }
    let time = |what: &str| {
        proxied.number(&format!("knit_registry_upstream_last_{what}_timestamp_seconds{{upstream=\"up\"}}"))
    };
    // the test's clock began on 10 January 2026
    assert_eq!((time("answer"), time("failure")), (Some(1_768_006_800.0), Some(1_768_006_800.0)));
    assert_eq!(proxied.number("knit_registry_upstream_request_seconds_count{upstream=\"up\"}"), Some(3.0));
}

#[test]
fn policies_are_shown_with_what_they_hide() {
    let upstream = TestRegistry::with([
        FixturePackage::new("pkg", "1.0.0").published("2025-06-01T00:00:00.000Z"),
        FixturePackage::new("pkg", "1.1.0").published("2026-01-09T00:00:00.000Z"),
        FixturePackage::new("pkg", "1.2.0").published("2026-01-09T12:00:00.000Z"),
        FixturePackage::new("bad", "1.0.0").published("2025-06-01T00:00:00.000Z"),
    ]);
    let policy = "[policy]\nminimum_release_age = \"3d\"\nminimum_release_age_except = [\"@acme/*\"]\n\
                  [[policy.block]]\npackages = [\"bad\"]\n\
                  [[policy.deprecate]]\npackages = [\"old\"]\nmessage = \"x\"";
    let proxied = Proxied::of(&upstream.url(), policy);
    let admin = administrator(&proxied);
    assert!(admin.get("/-/web/admin").text().contains("Counted in the 0 packages"));
    for name in ["/pkg", "/bad"] {
        assert_eq!(proxied.get(name).status, 200);
    }
    assert_eq!(proxied.get("/pkg/-/pkg-1.0.0.tgz").status, 200);
    let page = admin.get("/-/web/admin").text();
    for part in [
        "Counted in the 2 packages",
        "Except @acme/*.",
        "<summary>2 versions</summary>",
        "?show=versions\">pkg</a> 1.2.0</li>",
        "Nobody gets bad.",
        "<summary>1 version</summary>",
        "A warning is put on old.",
        "enforced",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // the tarball that was fetched is counted
    assert!(page.contains("<td class=\"number\">2</td><td class=\"number\">"), "{page}");
    assert!(!page.contains("<td class=\"number\">0 B</td>"), "{page}");
}
