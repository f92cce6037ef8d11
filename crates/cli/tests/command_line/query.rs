use insta::assert_snapshot;
use serde_json::{Value, json};
use test_support::{Fault, FixturePackage, TestRegistry, Times};

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
        ":outdated(never)",
        ":vuln([title=x])",
        ":vuln(#a)",
        ":vuln([severity^=h])",
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

fn registry() -> TestRegistry {
    let versions = [
        ("a", &["1.0.0", "1.2.0", "1.2.1", "2.0.0"][..]),
        ("b", &["1.0.0", "1.5.0", "2.0.0", "2.0.1-beta.0"]),
        ("@s/c", &["1.0.0"]),
        ("d", &["3.0.0", "3.1.0"]),
        ("e", &["1.0.0"]),
    ];
    TestRegistry::with(
        versions.into_iter().flat_map(|(name, versions)| {
            versions.iter().map(move |version| FixturePackage::new(name, version))
        }),
    )
}

/// Every row was run through npm 11.19.1 with the same tree and registry. What is private is never asked about.
#[test]
fn outdated_packages_are_selected() {
    let registry = registry();
    let mut sandbox = trees::whole();
    sandbox.set("npm_config_registry", &registry.url());
    sandbox.knit(&["query", "#d:outdated"]);
    assert_eq!(registry.request_lines(), ["GET /d"], "only of what is left is asked");
    let rows = [
        (":outdated", "a, b, d"),
        (":outdated(any)", "a, b, d"),
        (":outdated(major)", "a, b"),
        (":outdated(minor)", "b, d"),
        (":outdated(patch)", "a"),
        (":outdated(in-range)", "a, b, d"),
        (":outdated(out-of-range)", "a, b"),
        (":root > :outdated", "a, d"),
        (":outdated:not(.dev)", ""),
        (":outdated:not(#a)", "b, d"),
        ("#e:outdated", ""),
    ];
    for (selector, expected) in rows {
        assert_eq!(found(&sandbox, &[selector]), format!("{selector}\n    {expected}\n"));
    }
    let answer = answer(&sandbox, "#a:outdated(in-range)");
    assert_eq!(
        answer[0]["queryContext"],
        json!({
            "versions": ["1.0.0", "1.2.0", "1.2.1", "2.0.0"],
            "outdated": { "inRange": [
                { "from": "", "versions": ["1.2.1"] },
                { "from": "node_modules/b", "versions": ["1.2.1"] },
                { "from": "node_modules/@s/c", "versions": ["1.2.1"] },
            ] },
        })
    );
    let unknown = sandbox.knit(&["query", "#o:outdated"]);
    assert!(unknown.contains("exit: 0") && unknown.contains("warning[E404]: the versions of o"), "{unknown}");
    let before = sandbox.knit(&["query", "#d:outdated", "--before", "2020-01-01T12:00:00Z"]);
    assert!(before.contains("--- stdout\n[]\n"), "{before}");
}

fn answer(sandbox: &Sandbox, selector: &str) -> Value {
    let said = sandbox.knit(&["query", selector]);
    let (_, answer) = said.split_once("--- stdout\n").expect("an answer");
    serde_json::from_str(answer.split("--- stderr").next().unwrap_or_default()).expect("JSON")
}

#[test]
fn vulnerable_packages_are_selected() {
    let registry = registry();
    let advisory = |severity: &str, cwe: &[&str], range: &str| {
        json!({
            "id": 7, "title": "bad", "severity": severity, "cwe": cwe, "vulnerable_versions": range,
        })
    };
    let advisories = json!({
        "a": [advisory("high", &["CWE-79", "CWE-20"], "<1.2.1")],
        "b": [advisory("low", &[], ">=1.0.0 <1.1.0"), advisory("critical", &["CWE-20"], ">5")],
    });
    let bulk = "/-/npm/v1/security/advisories/bulk";
    registry.fault(bulk, Fault::Replaced(advisories.to_string().into_bytes()), Times::Always);
    let mut sandbox = trees::whole();
    sandbox.set("npm_config_registry", &registry.url());
    let rows = [
        (":vuln", "a, b"),
        (":vuln([severity=high])", "a"),
        (":vuln([severity=high], [severity=low])", "a, b"),
        (":vuln([severity=critical])", ""),
        (":vuln([cwe])", "a"),
        (":vuln([cwe=79])", "a"),
        (":vuln([cwe=79][cwe=20])", "a"),
        (":vuln([cwe=79][cwe=21])", ""),
        (":vuln([cwe=20][severity=low])", ""),
        (":root > :vuln", "a"),
    ];
    for (selector, expected) in rows {
        assert_eq!(found(&sandbox, &[selector]), format!("{selector}\n    {expected}\n"));
    }
    let answer = answer(&sandbox, "#a:vuln");
    assert_eq!(answer[0]["queryContext"]["advisories"], advisories["a"]);
    registry.clear_faults();
    registry.fault(bulk, Fault::Status(404), Times::Always);
    let refused = sandbox.knit(&["query", ":vuln"]);
    assert!(refused.contains("exit: 1") && refused.contains("error[E404]"), "{refused}");
}
