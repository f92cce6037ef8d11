//! The layout beside npm's own.

use std::process::Command;

use serde_json::{Value, json};
use test_support::{FixturePackage, TestProject, TestRegistry};

use crate::{assert_same, configured, links, package, project};

const NPM: &str = "11.19.1";

/// Whether the npm on the PATH is the one to compare with; if not, this is said.
fn has_npm() -> bool {
    let version = Command::new("npm").arg("--version").output().ok().map(|run| run.stdout);
    let version = version.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
    if version.as_deref() != Some(NPM) {
        eprintln!("not compared with npm {NPM}, as there is {version:?}");
    }
    version.as_deref() == Some(NPM)
}

fn packages() -> Vec<FixturePackage> {
    vec![
        package("a", "1.0.0", &[("b", "1.x"), ("@s/c", "1.x")]).bin("a", "index.js"),
        package("b", "1.0.0", &[("cycle", "1.x")]).bin("b", "index.js"),
        package("b", "2.0.0", &[]).bin("b", "index.js").bin("bee", "index.js"),
        package("@s/c", "1.0.0", &[("b", "2.x"), ("@s/d", "*")]),
        package("@s/d", "1.0.0", &[]).bin("d", "index.js"),
        package("cycle", "1.0.0", &[("b", "1.x")]),
        package("host", "1.0.0", &[]),
        package("host", "2.0.0", &[]),
        FixturePackage::new("plugin", "1.0.0").peer_dependency("host", "*").dependency("b", "1.x"),
        FixturePackage::new("shy", "1.0.0").optional_peer_dependency("host", "*"),
        FixturePackage::new("meta", "1.0.0")
            .field("peerDependenciesMeta", json!({ "host": { "optional": true } }))
            .dependency("b", "2.x"),
        FixturePackage::new("native", "1.0.0")
            .optional_dependency("native-other", "1.x")
            .optional_dependency("b", "1.x"),
        FixturePackage::new("native-other", "1.0.0").os(&["aix"]),
        package("bundles", "1.0.0", &[("inner", "1.x"), ("b", "1.x")])
            .bundled("inner")
            .file("node_modules/inner/package.json", r#"{"name":"inner","version":"1.5.0"}"#),
        package("inner", "1.0.0", &[("b", "2.x")]),
        package("alias", "1.0.0", &[("renamed", "npm:@s/c@1.x")]),
    ]
}

/// Name, package.json of the project, folders with package.json, and what is said on the command line.
type Row = (&'static str, Value, Vec<(&'static str, Value)>, &'static [&'static str]);

fn rows() -> Vec<Row> {
    let member = |name: &str, more: Value| {
        let mut members = json!({ "name": name, "version": "1.0.0" });
        members.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        members
    };
    vec![
        (
            "scopes, versions, cycles, commands",
            member("p", json!({ "dependencies": { "a": "1.x", "b": "2.x" } })),
            vec![],
            &[],
        ),
        (
            "peers of two dependents",
            member(
                "p",
                json!({ "workspaces": ["packages/*"], "dependencies": { "plugin": "1.x", "host": "1.x" } }),
            ),
            vec![
                ("packages/w", member("w", json!({ "dependencies": { "plugin": "1.x", "host": "2.x" } }))),
                (
                    "packages/v",
                    member("v", json!({ "dependencies": { "shy": "1.x", "meta": "1.x", "host": "2.x" } })),
                ),
            ],
            &[],
        ),
        (
            "workspaces and folders",
            member(
                "p",
                json!({
                    "workspaces": ["packages/*"], "dependencies": { "w": "*", "f": "file:f" }, "devDependencies": { "@s/x": "*" },
                }),
            ),
            vec![
                (
                    "packages/w",
                    member("w", json!({ "bin": "w.js", "dependencies": { "v": "*", "b": "1.x" } })),
                ),
                (
                    "packages/v",
                    member(
                        "v",
                        json!({ "devDependencies": { "a": "1.x" }, "dependencies": { "@s/x": "*" } }),
                    ),
                ),
                ("packages/x", member("@s/x", json!({ "dependencies": { "b": "2.x" } }))),
                ("f", member("f", json!({ "dependencies": { "@s/c": "1.x" } }))),
            ],
            &[],
        ),
        (
            "other platforms, bundles, aliases",
            member(
                "p",
                json!({ "dependencies": { "native": "1.x", "bundles": "1.x", "alias": "1.x", "named": "npm:b@1.x" } }),
            ),
            vec![],
            &[],
        ),
        (
            "what the project bundles",
            member(
                "p",
                json!({ "bundleDependencies": ["inner"], "dependencies": { "inner": "1.x", "a": "1.x" } }),
            ),
            vec![],
            &[],
        ),
        (
            "what is left out",
            member(
                "p",
                json!({ "dependencies": { "b": "1.x" }, "devDependencies": { "a": "1.x", "b": "1.x" }, "optionalDependencies": { "native": "1.x" } }),
            ),
            vec![],
            &["--omit=dev", "--omit=optional"],
        ),
        (
            "peers that nobody asks for",
            member("p", json!({ "dependencies": { "plugin": "1.x", "host": "2.x", "meta": "1.x" } })),
            vec![],
            &["--legacy-peer-deps"],
        ),
    ]
}

fn fill(project: &TestProject, row: &Row) {
    project.write_json("package.json", &row.1);
    for (folder, manifest) in &row.2 {
        project.write_json(&format!("{folder}/package.json"), manifest);
        project.write(&format!("{folder}/w.js"), "#!/usr/bin/env node\n");
    }
}

#[test]
fn entries_links_commands_and_lockfile_are_npms() {
    if !has_npm() {
        return;
    }
    let registry = TestRegistry::with(packages());
    for row in rows() {
        let (knit, npm) = (project(&registry), configured("npm", &registry, "install-strategy=linked\n"));
        for project in [&knit, &npm] {
            fill(project, &row);
            project.run(["install"].iter().chain(row.3)).success();
        }
        assert_same(&knit.read("package-lock.json"), &npm.read("package-lock.json"), row.0);
        assert_same(&links(&knit), &links(&npm), row.0);
        // npm takes what knit made for its own, and knit what npm made
        let before = links(&npm);
        let arguments: Vec<&str> = ["install"].iter().chain(row.3).copied().collect();
        let mine = TestProject::new(env!("CARGO_BIN_EXE_knit"));
        let run = mine.command(&arguments).current_dir(npm.path()).env("HOME", knit.home()).output();
        assert!(run.expect("knit runs").status.success(), "{}", row.0);
        assert_same(&links(&npm), &before, row.0);
        let other = TestProject::new("npm");
        let run = other.command(&arguments).current_dir(knit.path()).env("HOME", npm.home()).output();
        assert!(run.expect("npm runs").status.success(), "{}", row.0);
        assert_same(&links(&knit), &before, row.0);
    }
}

/// As npm 11.19.1 made it from the same lockfile, in which no addresses are.
#[test]
fn the_shape_is_the_one_that_was_recorded() {
    let registry = TestRegistry::with(packages());
    let project = configured(env!("CARGO_BIN_EXE_knit"), &registry, LINES);
    fill(&project, &rows()[0]);
    project.run(["install"]).success();
    assert_same(&links(&project), RECORDED, "the first time");
    project.remove("node_modules");
    project.run(["install"]).success();
    assert_same(&links(&project), RECORDED, "from the lockfile");
    if has_npm() {
        let npm = configured("npm", &registry, LINES);
        fill(&npm, &rows()[0]);
        npm.run(["install"]).success();
        npm.remove("node_modules").run(["install"]).success();
        assert_same(&links(&npm), RECORDED, "npm itself");
    }
}

const LINES: &str = "install-strategy=linked\nomit-lockfile-registry-resolved\n";

const RECORDED: &str = "\
node_modules/.bin/a -> ../a/index.js
node_modules/.bin/b -> ../b/index.js
node_modules/.bin/bee -> ../b/index.js
node_modules/.store/@s/
node_modules/.store/@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/
node_modules/.store/@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/node_modules/.bin/b -> ../b/index.js
node_modules/.store/@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/node_modules/.bin/bee -> ../b/index.js
node_modules/.store/@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/node_modules/.bin/d -> ../@s/d/index.js
node_modules/.store/@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/node_modules/@s/d -> ../../../d@1.0.0-XyqrbY_T6sSbWxgx38E67Q/node_modules/@s/d
node_modules/.store/@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/node_modules/b -> ../../../b@2.0.0-cR2RISYrdog2ujlMWktdIA/node_modules/b
node_modules/.store/@s/d@1.0.0-XyqrbY_T6sSbWxgx38E67Q/
node_modules/.store/@s/d@1.0.0-XyqrbY_T6sSbWxgx38E67Q/node_modules/.bin/d -> ../@s/d/index.js
node_modules/.store/a@1.0.0-R7Py4Cu7VS1P9y_lsrpGAA/
node_modules/.store/a@1.0.0-R7Py4Cu7VS1P9y_lsrpGAA/node_modules/.bin/a -> ../a/index.js
node_modules/.store/a@1.0.0-R7Py4Cu7VS1P9y_lsrpGAA/node_modules/.bin/b -> ../b/index.js
node_modules/.store/a@1.0.0-R7Py4Cu7VS1P9y_lsrpGAA/node_modules/@s/c -> ../../../@s/c@1.0.0-wgkJhvhmMs0qx3PIi0Gj8Q/node_modules/@s/c
node_modules/.store/a@1.0.0-R7Py4Cu7VS1P9y_lsrpGAA/node_modules/b -> ../../b@1.0.0--9MJO0BVH6dQbsUQRFwrqA/node_modules/b
node_modules/.store/b@1.0.0--9MJO0BVH6dQbsUQRFwrqA/
node_modules/.store/b@1.0.0--9MJO0BVH6dQbsUQRFwrqA/node_modules/.bin/b -> ../b/index.js
node_modules/.store/b@1.0.0--9MJO0BVH6dQbsUQRFwrqA/node_modules/cycle -> ../../cycle@1.0.0-ncZivQiJvAfQ1a_05ciQfw/node_modules/cycle
node_modules/.store/b@1.0.0-6YnxvjbFjceWzCoMZjnklw/
node_modules/.store/b@1.0.0-6YnxvjbFjceWzCoMZjnklw/node_modules/.bin/b -> ../b/index.js
node_modules/.store/b@1.0.0-6YnxvjbFjceWzCoMZjnklw/node_modules/cycle -> ../../cycle@1.0.0-ncZivQiJvAfQ1a_05ciQfw/node_modules/cycle
node_modules/.store/b@2.0.0-cR2RISYrdog2ujlMWktdIA/
node_modules/.store/b@2.0.0-cR2RISYrdog2ujlMWktdIA/node_modules/.bin/b -> ../b/index.js
node_modules/.store/b@2.0.0-cR2RISYrdog2ujlMWktdIA/node_modules/.bin/bee -> ../b/index.js
node_modules/.store/cycle@1.0.0-ncZivQiJvAfQ1a_05ciQfw/
node_modules/.store/cycle@1.0.0-ncZivQiJvAfQ1a_05ciQfw/node_modules/.bin/b -> ../b/index.js
node_modules/.store/cycle@1.0.0-ncZivQiJvAfQ1a_05ciQfw/node_modules/b -> ../../b@1.0.0-6YnxvjbFjceWzCoMZjnklw/node_modules/b
node_modules/a -> .store/a@1.0.0-R7Py4Cu7VS1P9y_lsrpGAA/node_modules/a
node_modules/b -> .store/b@2.0.0-cR2RISYrdog2ujlMWktdIA/node_modules/b
";
