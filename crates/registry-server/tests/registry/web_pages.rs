//! The web pages over HTTP, from a registry that packages were published to.

use serde_json::json;
use test_support::plain_http::{Answer, request};
use test_support::{FixturePackage, HostedRegistry, Keeping};

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

fn registry(keeping: Keeping) -> HostedRegistry {
    let registry = HostedRegistry::start(keeping);
    for package in [
        FixturePackage::new("plain", "1.0.0").field("description", json!("<b>first</b>")),
        FixturePackage::new("plain", "1.1.0")
            .field("description", json!("<script>alert(1)</script>"))
            .field("license", json!("MIT"))
            .field("repository", json!("github:acme/plain"))
            .field("homepage", json!("javascript:alert(1)"))
            .dependency("@acme/other", "^1.0.0")
            .bin("plain-command", "cli.js"),
        FixturePackage::new("@acme/other", "1.0.0"),
    ] {
        let mut body = test_support::publication(&package);
        body["readme"] = json!("# Read me\n\n<img src=x alt=\"a picture\" onerror=alert(1)>");
        let path = format!("/{}", package.name().replace('/', "%2f"));
        assert_eq!(registry.send("PUT", &path, &body).status, 201);
    }
    registry
}

#[test]
fn a_package_has_a_page_of_what_was_published() {
    for keeping in Keeping::all() {
        let registry = registry(keeping);
        let page = registry.get("/-/web/package/plain");
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let html = text(&page);
        for part in [
            "<h1>plain</h1>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "<span class=\"version\">1.1.0</span>",
            "<h1 id=\"readme-read-me\">Read me</h1>",
            "<span class=\"image\">a picture</span>",
            "npm install plain",
            "https://github.com/acme/plain",
            "<code>plain-command</code>",
            "<span class=\"badge good\">signed</span>",
            "Versions <small>2</small>",
            "by <a href=\"/-/web/user/ann\">ann</a>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        for part in ["<script>alert", "javascript:", "onerror"] {
            assert!(!html.contains(part), "{part} in {html}");
        }
        let old = text(&registry.get("/-/web/package/plain?version=1.0.0"));
        assert!(old.contains("npm install plain@1.0.0") && old.contains("&lt;b&gt;first"), "{old}");
        let versions = text(&registry.get("/-/web/package/plain?show=versions"));
        let place = |version: &str| {
            versions.find(&format!("?version={version}\">{version}</a> ")).unwrap_or(usize::MAX)
        };
        assert!(versions.contains("?version=1.0.0") && place("1.1.0") < versions.len(), "{versions}");
        assert!(html.contains("<dt>Downloads</dt><dd>0 in 7 days</dd>"), "{html}");
        for version in ["1.0.0", "1.1.0", "1.1.0"] {
            assert_eq!(registry.get(&format!("/plain/-/plain-{version}.tgz")).status, 200);
        }
        let versions = text(&registry.get("/-/web/package/plain?show=versions"));
        assert!(versions.contains("<dt>Downloads</dt><dd>3 in 7 days</dd>"), "{versions}");
        for (version, downloads) in [("1.0.0", 1), ("1.1.0", 2)] {
            let row = versions.split("<tr>").find(|row| row.contains(&format!("?version={version}\"")));
            assert!(row.expect("a row").contains(&format!("<td class=\"number\">{downloads}</td></tr>")));
        }
        let dependencies = text(&registry.get("/-/web/package/plain?show=dependencies"));
        assert!(
            dependencies
                .contains("<a href=\"/-/web/package/@acme/other\">@acme/other</a> <code>^1.0.0</code>")
        );
        let dependents = text(&registry.get("/-/web/package/@acme%2fother?show=dependents"));
        assert!(dependents.contains("<li><a href=\"/-/web/package/plain\">plain</a></li>"), "{dependents}");
    }
}

#[test]
fn packages_are_listed_searched_and_told_by_who_maintains_them() {
    let registry = registry(Keeping::Embedded);
    for (path, parts) in [
        ("/", &["A registry of 2 packages", ">@acme/other</a>", "@acme:registry=http://127.0.0.1:"][..]),
        (
            "/-/web/search?q=plain",
            &["1 package matches <q>plain</q>", "<a href=\"/-/web/package/plain\">plain</a>"],
        ),
        ("/-/web/search?q=%3Cb%3E+x", &["0 packages match <q>&lt;b&gt; x</q>"]),
        ("/-/web/user/ann", &["Maintains 2 packages"]),
    ] {
        let page = registry.get(path);
        assert_eq!(page.status, 200, "{path}");
        let html = text(&page);
        for part in parts {
            assert!(html.contains(part), "{part} of {path} in {html}");
        }
    }
}

#[test]
fn what_is_not_there_is_said_in_a_page() {
    let registry = registry(Keeping::Embedded);
    for path in [
        "/-/web/package/missing",
        "/-/web/package/plain?version=9.9.9",
        "/-/web/package/..%2f..%2fetc",
        "/-/web/user/nobody",
        "/-/web/unknown",
    ] {
        let page = registry.get(path);
        assert_eq!(
            (page.status, page.header("content-type")),
            (404, Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert!(text(&page).contains("<h1>Not found</h1>"), "{path}");
    }
}

#[test]
fn browsers_are_protected_and_assets_kept() {
    let registry = registry(Keeping::Embedded);
    let page = registry.get("/");
    assert!(page.header("content-security-policy").expect("a policy").starts_with("default-src 'none'"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let html = text(&page);
    let path = html.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let path = path.expect("a stylesheet");
    let sheet = registry.get(path);
    assert_eq!((sheet.status, sheet.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert_eq!(sheet.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let etag = sheet.header("etag").expect("a tag");
    assert_eq!(request(&registry.host(), "GET", path, &[("If-None-Match", etag)]).status, 304);
    assert_eq!(registry.get("/-/web/assets/style-0.css").status, 404);
}

#[test]
fn a_browser_at_a_clients_address_is_led_to_the_page() {
    let registry = registry(Keeping::Embedded);
    let accept = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let led = request(&registry.host(), "GET", "/@acme%2fother", &[accept]);
    assert_eq!((led.status, led.header("location")), (303, Some("/-/web/package/@acme/other")));
    for (path, page) in [
        ("/package/plain", "/-/web/package/plain"),
        ("/package/@acme/other", "/-/web/package/@acme/other"),
        ("/package/@acme%2fother", "/-/web/package/@acme/other"),
    ] {
        let led = request(&registry.host(), "GET", path, &[accept]);
        assert_eq!((led.status, led.header("location")), (303, Some(page)), "{path}");
    }
    // for clients that is a version of the package of that name
    assert_eq!(
        request(&registry.host(), "GET", "/package/plain", &[("Accept", "application/json")]).status,
        404
    );
    for accept in [
        "application/json",
        "*/*",
        "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
    ] {
        assert_eq!(request(&registry.host(), "GET", "/plain", &[("Accept", accept)]).json()["name"], "plain");
    }
}
