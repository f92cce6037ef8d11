//! What publishers would have browsers run, on the pages of their packages.

use serde_json::json;
use test_support::{FixturePackage, publication};

use super::target::Target;

/// Each with a word that must not come through as it is.
const READMES: [(&str, &str); 14] = [
    ("<script>alert(1)</script>", "<script>alert"),
    ("<img src=x onerror=alert(1)>", "onerror"),
    ("<svg onload=alert(1)><script>alert(2)</script></svg>", "onload"),
    ("<style>*{background:url(//evil.example)}</style>", "evil.example"),
    ("<div style=\"background:url(//evil.example)\">x</div>", "evil.example"),
    ("<iframe src=//evil.example></iframe>", "<iframe"),
    ("<form action=//evil.example><input name=password></form>", "<form action=//evil"),
    ("<base href=//evil.example>", "<base"),
    ("<meta http-equiv=refresh content=\"0;url=//evil.example\">", "http-equiv=\"refresh"),
    ("[click](javascript:alert(1))", "javascript:"),
    ("[click](JaVaScRiPt&colon;alert(1))", "JaVaScRiPt"),
    ("[click](data:text/html;base64,PHNjcmlwdD4=)", "data:text/html"),
    ("<a href=\"vbscript:x\">x</a>", "vbscript:"),
    ("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "onerror"),
];

#[test]
fn readmes_are_shown_without_what_could_run() {
    let target = Target::start();
    for (number, (readme, never)) in READMES.into_iter().enumerate() {
        let name = format!("shown-{number}");
        let mut body = publication(&FixturePackage::new(&name, "1.0.0"));
        body["readme"] = json!(format!("# Title\n\n{readme}\n"));
        body["readmeFilename"] = json!("README.md");
        assert_eq!(target.registry.send("PUT", &format!("/{name}"), &body).status, 201);
        let page = target.registry.get(&format!("/-/web/package/{name}"));
        assert_eq!(page.status, 200, "{}", page.text());
        let html = page.text();
        let shown = html.split_once("Title").expect("the README is shown").1;
        assert!(!shown.contains(never), "{readme}\nis shown as\n{shown}");
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn fields_are_shown_as_text_and_addresses_only_of_the_web() {
    let target = Target::start();
    let hostile = "\"><script>alert(1)</script>";
    let package = FixturePackage::new("fields", "1.0.0")
        .field("description", json!(hostile))
        .field("keywords", json!([hostile, "javascript:alert(1)"]))
        .field("license", json!(hostile))
        .field("author", json!({ "name": hostile, "url": "javascript:alert(1)" }))
        .field("homepage", json!("javascript:alert(1)//https://x.example"))
        .field("bugs", json!({ "url": "data:text/html,<script>alert(1)</script>" }))
        .field("repository", json!({ "url": "javascript:alert(1)" }))
        .field("funding", json!("javascript:alert(1)"))
        .dependency(hostile, "javascript:alert(1)");
    let mut body = publication(&package);
    body["versions"]["1.0.0"]["deprecated"] = json!(hostile);
    let answer = target.registry.send("PUT", "/fields", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    for path in [
        "/-/web/package/fields",
        "/-/web/package/fields?tab=dependencies",
        "/-/web/package/fields?tab=versions",
        "/",
        "/-/web/search?q=fields",
        "/-/web/search?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/-/web/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/-/web/user/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ] {
        let page = target.registry.get(path).text();
        assert!(!page.contains("<script>alert"), "{path}: {page}");
        for scheme in ["javascript:", "data:text", "vbscript:"] {
            for attribute in ["href", "src", "action"] {
                assert!(!page.contains(&format!("{attribute}=\"{scheme}")), "{path}: {page}");
            }
        }
    }
    let found = target.registry.get("/-/v1/search?text=fields").json();
    assert!(
        found["objects"][0]["package"]["links"].as_object().is_some_and(serde_json::Map::is_empty),
        "{found}"
    );
}
