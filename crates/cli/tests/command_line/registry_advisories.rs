//! A vulnerability database, imported into a registry's own.

use serde_json::json;

use crate::sandbox::Sandbox;

#[test]
fn a_folder_of_documents_is_imported_and_said_to_be() {
    let sandbox = Sandbox::new();
    let document = json!({
        "id": "GHSA-aaaa-bbbb-cccc",
        "modified": "2026-01-01T00:00:00Z",
        "summary": "bad",
        "affected": [{
            "package": { "name": "one", "ecosystem": "npm" },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.2.0" }] }],
        }],
    });
    sandbox.file("project/osv/deep/one.json", &document.to_string());
    sandbox.file("project/osv/two.json", "{}");
    sandbox.file("project/empty/readme.txt", "x");
    let import = |path: &str| sandbox.knit(&["registry", "advisories", "import", path, "--data", "registry"]);
    let said = import("osv");
    assert!(
        said.contains("exit: 0")
            && said.contains("read 2 advisories: 1 new or changed, 0 withdrawn, 1 unreadable"),
        "{said}"
    );
    assert!(said.contains("osv/two.json: missing field `id`"), "{said}");
    assert!(import("osv/deep/one.json").contains("0 new or changed"));
    for (path, words) in
        [("empty", "there is no advisory in"), ("osv/two.json", "is no advisory"), ("none", "cannot read")]
    {
        let said = import(path);
        assert!(said.contains("exit: 1") && said.contains(words), "{said}");
    }
}
