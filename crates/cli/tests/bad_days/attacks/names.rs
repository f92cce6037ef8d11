//! Names that lead elsewhere: of commands, of dependencies, of keys.

use serde_json::{Value, json};
use test_support::TestRegistry;

use super::surroundings;
use crate::world::{assert_refused, depend_on, outcome, package, project};

#[test]
fn commands_stay_in_bin() {
    let hostile = [
        ("../evil", "index.js"),
        ("../../evil2", "index.js"),
        ("/tmp/evil3", "index.js"),
        ("..\\..\\evil4", "index.js"),
        ("C:\\evil5", "index.js"),
        ("a/b/../../../../evil6", "index.js"),
        ("..", "index.js"),
        (".", "index.js"),
        ("", "index.js"),
        ("evil7", "../../../../../home/.npmrc"),
        ("evil8", "/etc/passwd"),
        ("evil9", "..\\..\\..\\..\\home\\.npmrc"),
        ("nul\u{0}", "index.js"),
    ];
    for (name, target) in hostile {
        let registry = TestRegistry::with([package("hostile", "1.0.0").bin(name, target)]);
        let project = project(&registry);
        depend_on(&project, &[("hostile", "1.0.0")]);
        let before = surroundings(&project);
        let run = project.run(["install"]);
        assert_eq!(run.code, Some(0), "{name} {target}: {}", run.to_snapshot());
        // home has grown its caches by now
        let after: String = surroundings(&project)
            .lines()
            .filter(|line| before.contains(line))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(after, before, "{name} {target}");
        for line in project.tree("node_modules").lines().filter(|line| line.contains(" -> ")) {
            assert!(line.starts_with(".bin/") && line.contains(" -> ../hostile/"), "{name} {target}: {line}");
            assert!(!line.contains("hostile/.."), "{name} {target}: {line}");
        }
        let top: Vec<String> = project
            .tree("")
            .lines()
            .filter(|line| !line.contains('/') || line.ends_with('/') && line.matches('/').count() == 1)
            .map(str::to_owned)
            .collect();
        assert_eq!(top.len(), 3, "{name} {target}: {top:?}");
    }
}

#[test]
fn dependencies_with_names_that_lead_elsewhere_are_refused() {
    for name in [
        "../evil",
        "a/../../b",
        "..",
        ".",
        "/etc/evil",
        "@scope/../evil",
        "@../evil",
        "node_modules",
        ".bin",
        "a\\..\\..\\evil",
        "a\u{0}b",
        "a\nb",
        "",
    ] {
        let registry = TestRegistry::with([
            package("good", "1.0.0"),
            package("carrier", "1.0.0").dependency(name, "npm:good@1.0.0"),
        ]);
        for by in ["project", "dependency"] {
            let project = project(&registry);
            match by {
                "project" => depend_on(&project, &[(name, "npm:good@1.0.0")]),
                _ => depend_on(&project, &[("carrier", "1.0.0")]),
            }
            let before = surroundings(&project);
            let files = outcome(&project);
            let run = project.run(["install"]);
            assert_eq!(run.code, Some(1), "{by} {name:?}: {}", run.to_snapshot());
            assert!(run.stderr.contains("EINVALID"), "{by} {name:?}: {}", run.to_snapshot());
            assert!(!run.stderr.contains("panicked"), "{}", run.to_snapshot());
            let left: Vec<_> = outcome(&project)
                .lines()
                .filter(|line| *line != "node_modules/")
                .map(str::to_owned)
                .collect();
            assert_eq!(left, files.lines().collect::<Vec<_>>(), "{by} {name:?}");
            assert!(
                surroundings(&project)
                    .lines()
                    .filter(|line| !before.contains(line))
                    .all(|line| line.starts_with("home/.")),
                "{by} {name:?}"
            );
        }
    }
}

#[test]
fn prototypes_are_only_names() {
    // (a name that npm's own objects would trip over)
    let registry = TestRegistry::with([package("good", "1.0.0")
        .field("__proto__", json!({ "scripts": { "install": "touch evil" } }))
        .field("constructor", json!({ "prototype": { "bin": "x" } }))
        .field("toString", Value::Null)]);
    let project = project(&registry);
    project.write(
        "package.json",
        r#"{ "name": "project", "version": "1.0.0", "__proto__": { "dependencies": { "evil": "1" } },
            "dependencies": { "good": "1.0.0" }, "hasOwnProperty": 1 }"#,
    );
    project.run(["install"]).success();
    project.run(["ci"]).success();
    assert!(project.exists("node_modules/good/index.js"));
    for name in ["__proto__", "constructor", "hasOwnProperty"] {
        depend_on(&project, &[(name, "1.0.0")]);
        let run = project.run(["install"]);
        assert_refused(&run, &[name]);
        assert!(!run.stderr.contains("panicked"), "{}", run.to_snapshot());
    }
}
