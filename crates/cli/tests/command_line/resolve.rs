use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    let exports = r#"{
        ".": {"browser": "./browser.js", "import": "./index.mjs", "default": "./index.cjs"},
        "./features/*": "./lib/*.js",
        "./features/private/*": null,
        "./list": ["bad", {"custom": "./lib/custom.js"}, "./lib/a.js"]
    }"#;
    sandbox
        .file("project/package.json", r##"{"name": "app", "imports": {"#pkg": "pkg", "#no": null}}"##)
        .file("project/src/main.js", "")
        .file(
            "project/node_modules/pkg/package.json",
            &format!(r#"{{"name": "pkg", "type": "module", "exports": {exports}}}"#),
        )
        .file("project/node_modules/pkg/index.mjs", "")
        .file("project/node_modules/pkg/index.cjs", "")
        .file("project/node_modules/pkg/lib/a.js", "")
        .file("project/node_modules/pkg/lib/custom.js", "")
        .file("project/notes.txt", "");
    sandbox
}

#[test]
fn a_specifier_leads_where_node_says() {
    assert_snapshot!(project().knit_all(&[
        "resolve pkg",
        "resolve pkg --require --from src/main.js",
        "resolve pkg/list",
        "resolve pkg/list -C custom",
        "resolve #pkg --from src --json",
        "resolve node:fs",
        "resolve ./notes.txt",
        "resolve pkg/hidden",
        "resolve nothing --require --json",
        "resolve",
        "resolve pkg --import --require",
    ]));
}

#[test]
fn every_step_is_told() {
    assert_snapshot!(project().knit_all(&[
        "resolve pkg/list --explain --no-unicode",
        "resolve #pkg --from src/main.js --explain --require --no-unicode",
        "resolve pkg/features/private/x --explain --unicode",
    ]));
}
