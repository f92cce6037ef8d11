use insta::assert_snapshot;
use serde_json::Value;

use crate::{sandbox::Sandbox, trees};

/// The locations that selectors find, a line for each selector.
fn found(sandbox: &Sandbox, selectors: &[&str]) -> String {
    let line = |selector: &&str| {
        let said = sandbox.knit(&["query", selector]);
        let (_, answer) = said.split_once("--- stdout\n").unwrap_or_default();
        let (answer, _) = answer.split_once("--- stderr\n").unwrap_or((answer, ""));
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        let name = |found: &Value| match &found["location"] {
            Value::String(location) if location.is_empty() => "(root)".to_owned(),
            Value::String(location) => location.replace("node_modules/", ""),
            _ => format!("missing {}", found["pkgid"].as_str().unwrap_or_default()),
        };
        let found = match &answer {
            Value::Array(all) => all.iter().map(name).collect::<Vec<_>>().join(", "),
            other => format!("{} {}", other["error"]["code"], other["error"]["summary"]),
        };
        format!("{selector}\n    {found}\n")
    };
    selectors.iter().map(line).collect()
}

#[test]
fn packages_are_selected() {
    assert_snapshot!(found(
        &trees::whole(),
        &[
            "*",
            "#b",
            "#@s/c",
            "#a, #e",
            ".prod",
            ".dev",
            ".optional",
            ".peer",
            ":root > *",
            ":root *",
            ":root > .dev *",
            "#@s/c > *",
            "#b ~ *",
            "[license]",
            "[license=MIT]",
            "[license=mit i]",
            "[license*=\"Apache\"]",
            "[license^='(MIT']",
            "[license$=2.0)]",
            "[keywords=one]",
            "[description~=the]",
            ":attr(scripts, [test])",
            ":attr(dependencies, [b^=\"^1\"])",
            ":attr(contributors, [email=x@y.z])",
            ":empty",
            ":has(> #b)",
            ":is(#a, #b):not(#a)",
            ":not(.dev):not(:empty)",
            ":private",
            ":semver(^1.0.0)",
            ":semver(1.2.0)",
            ":semver(>1.0.0)",
            ":semver(2.0.0, [version], gte)",
            ":semver(^1.0.0, :attr(dependencies, [b]))",
            ":type(registry)",
            ":type(tag)",
            ":path(node_modules/*)",
            ":path(**/c/node_modules/b)",
            ":deduped",
            ":missing",
            ":extraneous",
            ":scope",
            // npm finds the root here, too
            ":not(:root)",
            "",
        ],
    ));
}

#[test]
fn what_is_wrong_is_selected() {
    let selectors = [":missing", ":invalid", ":overridden", ":extraneous", "#b > :missing", "#real-g"];
    assert_snapshot!(found(&trees::broken(), &selectors));
}

#[test]
fn workspaces_are_selected() {
    let selectors =
        [".workspace", ":link", ".workspace > *", ":root > :not(.workspace)", "#w1 *", ":type(directory)"];
    let sandbox = trees::workspaces();
    let scoped = sandbox.knit(&["query", "-w", "w1", ":scope"]);
    assert_snapshot!(format!("{}\n{scoped}", found(&sandbox, &selectors)));
}

#[test]
fn selectors_that_mean_nothing_are_refused() {
    let selectors = [
        "foo",
        ".nope",
        ":nope",
        ":outdated",
        ":semver(x.y.z.q)",
        "#a >",
        "#a > > #b",
        "[a",
        ":attr(a)",
        "#",
    ];
    assert_snapshot!(found(&trees::whole(), &selectors));
}

#[test]
fn answers_are_npms_objects_and_can_be_counted() {
    let sandbox = trees::whole();
    let runs = [
        &["query", "#o"][..],
        &["query", "--expect-results", "#nothing"],
        &["query", "--expect-result-count=1", "#o", "--package-lock-only"],
        &["query", "--no-expect-results", "#o"],
    ];
    assert_snapshot!(runs.map(|line| sandbox.knit(line)).join("\n"));
}
