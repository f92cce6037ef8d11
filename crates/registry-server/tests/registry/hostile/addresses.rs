//! Addresses that climb out of where they lead, in every spelling.

use serde_json::json;

use super::target::Target;

/// A way up, and a name with what ends strings or headers elsewhere.
const CLIMBS: [&str; 22] = [
    "..",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%252e%252e",
    "..%2f..",
    "..%2F..%2fregistry.db",
    "%2e%2e%2fregistry.db",
    "..%5c..%5cregistry.db",
    "..\\registry.db",
    "%c0%ae%c0%ae",
    "%c0%ae%c0%ae%c0%afregistry.db",
    "%e0%80%ae%e0%80%ae",
    "%f0%80%80%ae",
    "%ff%fe",
    "a%00",
    "a%00.tgz",
    "%2fetc%2fpasswd",
    "a%0d%0aX-Evil:%201",
    "a%0aSet-Cookie:%20b",
    "%e2%80%ae",
    ".%2e%2f.%2e%2f",
];

#[test]
fn nothing_is_read_from_where_no_package_lies() {
    let target = Target::start();
    for climb in CLIMBS {
        for path in [
            format!("/{climb}"),
            format!("/{climb}/registry.db"),
            format!("/{climb}/-/a-1.0.0.tgz"),
            format!("/@acme/{climb}"),
            format!("/@acme%2f{climb}"),
            format!("/@{climb}/tool"),
            format!("/@acme/tool/{climb}"),
            format!("/@acme/tool/-/{climb}"),
            format!("/@acme/tool/-/{climb}/registry.db"),
            format!("/@acme/tool/-/{climb}.tgz"),
            format!("/@acme/tool/-/@acme/{climb}.tgz"),
            format!("/-/package/{climb}/dist-tags"),
            format!("/-/npm/v1/attestations/{climb}@1.0.0"),
            format!("/-/knit/explain/{climb}"),
            format!("/-/user/org.couchdb.user:{climb}"),
        ] {
            let answer = target.refuses("a way up", "GET", &path, b"", &[400, 401, 404]);
            assert!(answer.header("x-evil").is_none() && answer.header("set-cookie").is_none(), "{path}");
        }
        for path in [format!("/-/web/{climb}"), format!("/-/web/package/{climb}")] {
            let page = target.registry.get(&path);
            assert!([400, 404].contains(&page.status), "{path}: {}", page.status);
            assert!(!page.text().contains("SQLite"), "{path}");
        }
    }
}

#[test]
fn nothing_is_written_where_no_package_may_lie() {
    let target = Target::start();
    let before = target.kept();
    let body = json!({ "_id": "x", "name": "x", "versions": {}, "_attachments": {} }).to_string();
    for climb in CLIMBS {
        for (method, path) in [
            ("PUT", format!("/{climb}")),
            ("PUT", format!("/@acme%2f{climb}")),
            ("PUT", format!("/@{climb}%2ftool")),
            ("PUT", format!("/{climb}/-rev/1-a")),
            ("DELETE", format!("/{climb}/-rev/1-a")),
            ("DELETE", format!("/@acme%2ftool/-/{climb}/-rev/1-a")),
            ("PUT", format!("/-/package/{climb}/dist-tags/next")),
        ] {
            target.refuses("a way up", method, &path, body.as_bytes(), &[400, 404, 405]);
        }
    }
    // names that mean something to file systems, to JavaScript or to this registry
    for name in [
        "node_modules",
        "favicon.ico",
        ".hidden",
        "_private",
        "-dash",
        "Capitals",
        "with%20space",
        "tilde~",
        "star*",
        "fs",
        "__proto__",
        "%40acme",
        "@acme%2f.tool",
        "@%2ftool",
        "@acme%2f",
        &"n".repeat(215),
    ] {
        let name_in_body = name.replace("%40", "@").replace("%2f", "/").replace("%20", " ");
        let package = test_support::FixturePackage::new(&name_in_body, "1.0.0");
        let body = test_support::publication(&package).to_string();
        target.refuses("a name for nobody", "PUT", &format!("/{name}"), body.as_bytes(), &[400, 404, 405]);
    }
    assert_eq!(target.kept(), before);
}
