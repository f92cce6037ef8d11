//! What the registry knows of packages. Fields and JSON were compared with npm 11.19.1.

use serde_json::{Value, json};
use test_support::{FixturePackage, TestRegistry};

use crate::{sandbox::Sandbox, trees};

fn registry() -> TestRegistry {
    let tool = |version: &str| {
        FixturePackage::new("tool", version)
            .field("description", json!("does things"))
            .field("license", json!("MIT"))
            .field("keywords", json!(["one", "two"]))
            .field("homepage", json!("https://tool.example/"))
            .field("author", json!({ "name": "Ann", "email": "ann@tool.example" }))
            .field("contributors", json!([{ "name": "Bo" }, { "name": "Cy", "url": "https://cy.example/" }]))
            .dependency("debug", "^4.0.0")
            .bin("tool", "cli.js")
    };
    TestRegistry::with([
        tool("1.0.0").deprecated("use 2"),
        tool("1.10.0"),
        tool("1.9.0"),
        tool("2.0.0"),
        tool("3.0.0-rc.1").tag("next"),
        FixturePackage::new("w1", "1.0.0").field("keywords", json!(["only"])),
        FixturePackage::new("w2", "2.1.0"),
    ])
}

fn sandbox(registry: &TestRegistry) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("npm_config_registry", &registry.url());
    sandbox
}

/// What stands on standard output, where the command went well.
fn shown(sandbox: &Sandbox, line: &str) -> String {
    let said = sandbox.knit(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(said.lines().nth(1), Some("exit: 0"), "{said}");
    said.split_once("--- stdout\n").map(|(_, shown)| shown.to_owned()).unwrap_or_default()
}

#[test]
fn fields_are_printed_for_scripts() {
    let registry = registry();
    let sandbox = sandbox(&registry);
    for (line, expected) in [
        ("view tool version", "2.0.0\n"),
        ("info tool@1 version", "tool@1.0.0 '1.0.0'\ntool@1.10.0 '1.10.0'\ntool@1.9.0 '1.9.0'\n"),
        ("show tool@next version", "3.0.0-rc.1\n"),
        ("v tool@>=2 version license", "version = '2.0.0'\nlicense = 'MIT'\n"),
        ("view tool dependencies.debug", "^4.0.0\n"),
        ("view tool dependencies", "{ debug: '^4.0.0' }\n"),
        ("view tool keywords[1]", "two\n"),
        ("view tool time[1.9.0]", "2020-01-03T00:00:00.000Z\n"),
        ("view tool author", "Ann <ann@tool.example>\n"),
        ("view tool contributors.name", "contributors[0].name = 'Bo'\ncontributors[1].name = 'Cy'\n"),
        ("view tool contributors", "[ 'Bo', 'Cy (https://cy.example/)' ]\n"),
        ("view tool dist-tags", "{ next: '3.0.0-rc.1', latest: '2.0.0' }\n"),
        ("view tool versions", "[ '1.0.0', '1.9.0', '1.10.0', '2.0.0', '3.0.0-rc.1' ]\n"),
        ("view w1 keywords", "only\n"),
        ("view w1 nothing", ""),
        ("view tool@1.0.0 deprecated", "use 2\n"),
    ] {
        let found = shown(&sandbox, line);
        // the order of dist-tags is the registry's
        let found = found
            .replace("{ latest: '2.0.0', next: '3.0.0-rc.1' }", "{ next: '3.0.0-rc.1', latest: '2.0.0' }");
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn json_is_a_value_an_object_or_a_list() {
    let registry = registry();
    let sandbox = sandbox(&registry);
    let json = |line: &str| serde_json::from_str::<Value>(&shown(&sandbox, line)).expect(line);
    assert_eq!(json("view tool version --json"), json!("2.0.0"));
    assert_eq!(json("view tool@1 version --json"), json!(["1.0.0", "1.10.0", "1.9.0"]));
    assert_eq!(json("view tool version license --json"), json!({ "version": "2.0.0", "license": "MIT" }));
    assert_eq!(
        json("view tool@1 version license --json")[2],
        json!({ "version": "1.9.0", "license": "MIT" })
    );
    assert_eq!(json("view w1 keywords --json"), json!(["only"]), "a list stays one");
    let whole = json("view tool --json");
    assert_eq!((&whole["version"], &whole["author"]), (&json!("2.0.0"), &json!("Ann <ann@tool.example>")));
    assert_eq!(whole["versions"].as_array().map(Vec::len), Some(5));
    assert_eq!(json("view tool@^1.9 --json").as_array().map(Vec::len), Some(2));
    assert_eq!(shown(&sandbox, "view w1 nothing --json"), "");
}

#[test]
fn a_page_is_shown_to_people() {
    let registry = registry();
    let sandbox = sandbox(&registry);
    let page = shown(&sandbox, "view tool@1.0.0");
    for line in [
        "tool@1.0.0, MIT, 5 versions",
        "deprecated: use 2",
        "does things",
        "https://tool.example/",
        "keywords: one, two",
        "programs: tool",
        "published: 2020-01-01T00:00:00.000Z",
        "dependencies (1)",
        "  debug ^4.0.0",
        "tags",
        "  latest 2.0.0",
        "  next 3.0.0-rc.1",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}: {page}");
    }
    assert!(shown(&sandbox, "view w2").starts_with("w2@2.1.0, no license, its only version\n"));
}

#[test]
fn the_package_of_the_folder_is_meant_without_a_name() {
    let registry = registry();
    let mut sandbox = sandbox(&registry);
    sandbox.file("project/package.json", r#"{ "name": "tool", "version": "0.0.0" }"#);
    assert_eq!(shown(&sandbox, "view . version"), "2.0.0\n");
    assert_eq!(shown(&sandbox, "view .@1.9 version"), "1.9.0\n");
    assert!(shown(&sandbox, "view").starts_with("tool@2.0.0"));
    sandbox.enter("elsewhere");
    sandbox.file("elsewhere/package.json", "{}");
    let said = sandbox.knit(&["view"]);
    assert!(said.contains("error[EPACKAGEJSON]: [ROOT]/elsewhere/package.json has no name"), "{said}");
}

#[test]
fn workspaces_are_shown_by_name() {
    let registry = registry();
    let mut sandbox = trees::workspaces();
    sandbox.set("npm_config_registry", &registry.url());
    assert_eq!(shown(&sandbox, "view . version --workspaces"), "w1:\n1.0.0\nw2:\n2.1.0\n");
    let json: Value = serde_json::from_str(&shown(&sandbox, "view . version -w w1 --json")).expect("JSON");
    assert_eq!(json, json!({ "w1": "1.0.0" }));
    registry.unpublish("w1");
    let said = sandbox.knit(&["view", ".", "version", "--workspaces"]);
    assert!(
        said.contains("exit: 1") && said.contains("error[E404]") && said.contains("w2:\n2.1.0"),
        "{said}"
    );
    let named = sandbox.knit(&["view", "tool", "version", "--workspaces"]);
    assert!(named.contains("warning[EWORKSPACES]") && named.contains("2.0.0"), "{named}");
}

#[test]
fn what_does_not_exist_is_told_with_the_nearest_that_does() {
    let registry = registry();
    let sandbox = sandbox(&registry);
    sandbox.file("project/package.json", r#"{ "dependencies": { "tool": "1" } }"#);
    for (line, code, meant) in [
        ("view tolo", "E404", "`knit view tool`"),
        ("view tool@nxet", "E404", "`knit view tool@next`"),
        ("view tool@2.0.9", "E404", "`knit view tool@2.0.0`"),
        ("view tool@9", "E404", "`knit view tool versions dist-tags`"),
        ("view ./folder", "EUSAGE", "`knit view <name>@<version>`"),
        ("view tool keywords[]", "EINVALIDSYNTAX", "keywords[0]"),
        ("view -g", "EUSAGE", "`knit view <name>`"),
    ] {
        let said = sandbox.knit(&line.split(' ').collect::<Vec<_>>());
        let is_told = said.contains("exit: 1") && said.contains(&format!("error[{code}]"));
        assert!(is_told && said.contains(meant), "{line}: {said}");
    }
    let json = sandbox.knit(&["view", "tool@9", "--json"]);
    assert!(json.contains(r#""code": "E404""#), "{json}");
}
