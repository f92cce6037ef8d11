//! `pack --check`: packages that do not work for those who install them, and what is said.

use insta::assert_snapshot;
use serde_json::{Value, json};

use test_support::Recorder;

use crate::sandbox::Sandbox;

/// A package by its manifest, without name and version, and its files.
struct Case {
    manifest: Value,
    files: &'static [(&'static str, &'static str)],
}

const ESM: &str = "export const one = 1;\n";
const CJS: &str = "exports.one = 1;\n";
const TYPES: &str = "export declare const one: number;\n";

fn check(case: &Case) -> (String, Value) {
    let sandbox = Sandbox::new();
    let mut manifest = json!({"name": "one", "version": "1.0.0"});
    for (key, value) in case.manifest.as_object().expect("an object") {
        manifest[key] = value.clone();
    }
    sandbox.file("project/package.json", &manifest.to_string());
    for (path, content) in case.files {
        sandbox.file(&format!("project/{path}"), content);
    }
    let said = sandbox.knit(&["pack", "--check", "--json"]);
    let exit = said.lines().nth(1).unwrap_or_default().to_owned();
    let json = said.split_once("--- stdout\n").expect("output").1;
    let json = json.split("--- stderr").next().unwrap_or_default();
    (exit, serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {said}")))
}

/// `level code place` of each problem.
fn problems(report: &Value) -> Vec<String> {
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    let all = report[0]["problems"].as_array().expect("a list");
    all.iter()
        .map(|each| format!("{} {} {}", text(each, "level"), text(each, "code"), text(each, "place")))
        .collect()
}

#[test]
fn packages_that_work_have_no_problems() {
    let rows = [
        Case { manifest: json!({}), files: &[("index.js", CJS)] },
        Case { manifest: json!({"main": "lib"}), files: &[("lib/index.js", CJS)] },
        Case {
            manifest: json!({"type": "module", "exports": {"types": "./a.d.ts", "default": "./a.js"}}),
            files: &[("a.js", ESM), ("a.d.ts", TYPES)],
        },
        Case {
            manifest: json!({"type": "module", "exports": {"./*": "./lib/*.js", "./style.css": "./style.css", "./package.json": "./package.json"}}),
            files: &[("lib/a.js", ESM), ("lib/b.js", ESM), ("style.css", "")],
        },
        Case {
            manifest: json!({"bin": "cli.js", "dependencies": {"dep": "1"}, "peerDependencies": {"@s/peer": "1"}}),
            files: &[(
                "cli.js",
                "#!/usr/bin/env node\nrequire('dep/sub'); require('node:fs'); require('path'); require('@s/peer'); try { require('opt') } catch {}\n",
            )],
        },
        // a wrapper: the ES module hands on the CommonJS one
        Case {
            manifest: json!({"exports": {"import": "./w.mjs", "require": "./a.js"}}),
            files: &[("w.mjs", "export { one } from './a.js';\n"), ("a.js", CJS)],
        },
        Case { manifest: json!({"types": "index.d.ts"}), files: &[("index.d.ts", TYPES)] },
    ];
    for case in rows {
        let (exit, report) = check(&case);
        assert_eq!((exit.as_str(), problems(&report)), ("exit: 0", Vec::new()), "{}", case.manifest);
    }
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let rows: Vec<(Case, &str, &[&str])> = vec![
        (
            Case {
                manifest: json!({"exports": {"import": "./a.mjs", "default": "./b.js"}}),
                files: &[("b.js", CJS)],
            },
            "exit: 1",
            &["error missing-target exports.import"],
        ),
        (
            Case {
                manifest: json!({
                    "type": "module",
                    "exports": {".": {"types": "./dist/a.d.ts", "default": "./dist/a.js"}, "./b": "./dist/b.js"},
                }),
                files: &[],
            },
            "exit: 1",
            &["error missing-target exports[\".\"].types"],
        ),
        (
            Case {
                manifest: json!({"type": "module", "exports": {".": "./dist/a.js", "./b": "./dist/a.js", "./c": "./dist/c.js"}}),
                files: &[("dist/c.js", ESM)],
            },
            "exit: 1",
            &["error missing-target exports[\".\"]"],
        ),
        (
            Case {
                manifest: json!({"exports": {".": "./a.js", "./b": "b.js"}}),
                files: &[("a.js", CJS), ("b.js", CJS)],
            },
            "exit: 1",
            &["error invalid-target exports[\"./b\"]"],
        ),
        (
            Case {
                manifest: json!({"exports": {".": "./a.js", "import": "./a.js"}}),
                files: &[("a.js", CJS)],
            },
            "exit: 1",
            &["error mixed-exports exports"],
        ),
        (
            Case {
                manifest: json!({"exports": {"default": "./a.js", "import": "./b.mjs"}}),
                files: &[("a.js", CJS), ("b.mjs", ESM)],
            },
            "exit: 1",
            &["error unreachable-condition exports"],
        ),
        (
            Case { manifest: json!({"main": "dist/a.js"}), files: &[("a.js", CJS)] },
            "exit: 1",
            &["error missing-main main"],
        ),
        (
            Case { manifest: json!({"main": "dist/a.js"}), files: &[("index.js", CJS)] },
            "exit: 1",
            &["error missing-main main"],
        ),
        (
            Case { manifest: json!({"bin": {"x": "x.js"}}), files: &[("y.js", CJS)] },
            "exit: 1",
            &["error missing-bin bin.x"],
        ),
        (
            Case { manifest: json!({"bin": {"x": "x.js"}}), files: &[("x.js", CJS)] },
            "exit: 1",
            &["error no-interpreter bin.x"],
        ),
        (
            Case { manifest: json!({"bin": {"x": "x.js"}}), files: &[("x.js", "#!/usr/bin/env node\r\n")] },
            "exit: 1",
            &["error carriage-return bin.x"],
        ),
        (
            Case { manifest: json!({"types": "a.d.ts"}), files: &[("index.js", CJS)] },
            "exit: 1",
            &["error missing-types types"],
        ),
        (
            Case { manifest: json!({"files": ["dist", "index.js"]}), files: &[("index.js", CJS)] },
            "exit: 0",
            &["warning files-unmatched files"],
        ),
        (
            Case { manifest: json!({"type": "commonjs"}), files: &[("index.js", ESM)] },
            "exit: 1",
            &["error wrong-format index.js"],
        ),
        (
            Case { manifest: json!({"type": "module", "exports": "./a.js"}), files: &[("a.js", CJS)] },
            "exit: 1",
            &["error wrong-format a.js"],
        ),
        (
            Case { manifest: json!({}), files: &[("index.js", ESM)] },
            "exit: 0",
            &["warning no-type package.json"],
        ),
        (
            Case {
                manifest: json!({"type": "module", "exports": "./a.js"}),
                files: &[("a.js", "import './b';\n"), ("b.js", ESM)],
            },
            "exit: 1",
            &["error missing-import a.js"],
        ),
        (
            Case {
                manifest: json!({"files": ["a.js"], "main": "a.js"}),
                files: &[("a.js", "require('./lib/b')"), ("lib/b.js", CJS)],
            },
            "exit: 1",
            &["error missing-import a.js"],
        ),
        (
            Case {
                manifest: json!({"devDependencies": {"dev": "1"}}),
                files: &[("index.js", "require('dev'); require('@s/none/x')")],
            },
            "exit: 1",
            &["error undeclared-dependency index.js", "error dev-dependency index.js"],
        ),
        (
            Case { manifest: json!({}), files: &[("index.js", "module.exports = () => require('later')")] },
            "exit: 0",
            &["warning undeclared-dependency index.js"],
        ),
        (
            Case {
                manifest: json!({"type": "module", "exports": {"import": "./a.js"}}),
                files: &[("a.js", ESM)],
            },
            "exit: 0",
            &["note import-only exports[\".\"]"],
        ),
        (
            Case { manifest: json!({"exports": {"require": "./a.js"}}), files: &[("a.js", CJS)] },
            "exit: 0",
            &["warning require-only exports[\".\"]"],
        ),
        (
            Case {
                manifest: json!({"exports": {"import": "./a.mjs", "require": "./a.js"}}),
                files: &[("a.mjs", ESM), ("a.js", CJS)],
            },
            "exit: 0",
            &["note dual-package exports[\".\"]"],
        ),
        (
            Case {
                manifest: json!({"type": "module", "exports": {"import": "./a.js", "require": "./b.js"}}),
                files: &[("a.js", ESM), ("b.js", ESM)],
            },
            "exit: 0",
            &["warning require-finds-module exports[\".\"]"],
        ),
        (
            Case {
                manifest: json!({"exports": {"default": {"import": "./a.mjs", "types": "./t.d.mts"}}}),
                files: &[("a.mjs", ESM), ("t.d.mts", TYPES)],
            },
            "exit: 0",
            &[
                "warning types-not-first exports.default",
                "warning no-types exports[\".\"]",
                "note import-only exports[\".\"]",
            ],
        ),
        (
            Case {
                manifest: json!({"types": "a.d.ts", "exports": "./b.mjs"}),
                files: &[("b.mjs", ESM), ("a.d.ts", TYPES)],
            },
            "exit: 0",
            &["warning no-types exports[\".\"]"],
        ),
        (
            Case {
                manifest: json!({"exports": {"types": "./a.d.ts", "default": "./a.mjs"}}),
                files: &[("a.mjs", ESM), ("a.d.ts", TYPES)],
            },
            "exit: 0",
            &["warning types-say-commonjs exports[\".\"]"],
        ),
        (
            Case { manifest: json!({}), files: &[("lib/a.js", CJS)] },
            "exit: 0",
            &["warning no-entry package.json"],
        ),
        (
            Case { manifest: json!({"exports": {"./*": "./lib/*.js"}}), files: &[("lib/a.ts", TYPES)] },
            "exit: 1",
            &["error missing-target exports[\"./*\"]"],
        ),
    ];
    let mut wrong = Vec::new();
    for (case, exit, expected) in rows {
        let (found_exit, report) = check(&case);
        let found = problems(&report);
        if found_exit != exit || found != expected {
            wrong.push(format!(
                "{}\n  {found_exit} {found:?}\n  instead of {exit} {expected:?}",
                case.manifest
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A package with several mistakes at once.
fn mistaken() -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = json!({
        "name": "@scope/lib",
        "version": "2.0.0",
        "type": "module",
        "exports": {
            ".": {"import": "./dist/index.js", "require": "./dist/index.cjs", "types": "./dist/index.d.ts"},
            "./features/*": "./dist/features/*.js",
            "./old": {"require": "./dist/old.cjs"},
            "./gone": "./dist/gone.mjs",
        },
        "bin": {"lib": "./dist/cli.js"},
        "devDependencies": {"chalk": "5"},
    });
    sandbox
        .file("project/package.json", &manifest.to_string())
        .file("project/dist/index.js", "import chalk from 'chalk';\nexport { a } from './features/a.js';\n")
        .file("project/dist/index.cjs", CJS)
        .file("project/dist/index.d.ts", TYPES)
        .file("project/dist/features/a.js", "export const a = 1;\n")
        .file("project/dist/features/b.js", "export * from './c';\n")
        .file("project/dist/old.cjs", CJS)
        .file("project/dist/gone.js", ESM)
        .file("project/dist/cli.js", "import './index.js';\n");
    sandbox
}

#[test]
fn problems_are_told_for_people() {
    assert_snapshot!(mistaken().knit(&["pack", "--check"]));
}

#[test]
fn publishing_warns_of_what_does_not_work() {
    let registry = Recorder::start();
    let sandbox = mistaken();
    let said = sandbox.knit(&["publish", "--dry-run", "--loglevel=warn", "--registry", &registry.url()]);
    assert_snapshot!(said.replace(&registry.host(), "[HOST]"));
}

#[test]
fn nothing_that_is_packed_makes_the_check_fall_over() {
    let hostile = [
        json!({"exports": {"./a": {"import": [null, 5, {"default": ["./x", "../../y", "./node_modules/z"]}]}}}),
        json!({"exports": [], "main": "../../../etc/passwd", "bin": {"": "", "x": "/"}, "types": ""}),
        json!({"exports": {"./*": "./*/*", "./**": "./*", "": "./x"}, "imports": {"#*": "./*"}, "files": ["", "***", "!"]}),
        json!({"name": "node:fs", "exports": "./index.js"}),
        json!({"browser": {"./a": false, "b": "./c"}, "man": [1, "./m"], "bin": 5, "files": "x", "exports": 7}),
    ];
    for manifest in hostile {
        let case = Case {
            manifest,
            files: &[(
                "index.js",
                "require(''); require('/'); import('../../..'); require('@'); require('#a')",
            )],
        };
        let sandbox = Sandbox::new();
        let mut whole = json!({"name": "one", "version": "1.0.0"});
        for (key, value) in case.manifest.as_object().expect("an object") {
            whole[key] = value.clone();
        }
        sandbox.file("project/package.json", &whole.to_string()).file("project/index.js", case.files[0].1);
        let said = sandbox.knit(&["pack", "--check"]);
        assert!(
            !said.contains("panicked") && (said.contains("exit: 1") || said.contains("exit: 0")),
            "{said}"
        );
    }
}
