//! Projects: isolation, normalised output, trees as text.

use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

#[test]
fn npm_itself_installs_fixtures_from_the_registry() {
    let registry = TestRegistry::with([
        FixturePackage::new("a", "1.0.0").dependency("@s/b", "^1.0.0").file("index.js", "1\n"),
        FixturePackage::new("@s/b", "1.2.0").bin("b", "cli.js").executable("cli.js", "#!/usr/bin/env node\n"),
    ]);
    let project = TestProject::new("npm").with_registry(&registry);
    project.write_json(
        "package.json",
        &json!({ "name": "p", "version": "1.0.0", "dependencies": { "a": "*" } }),
    );
    project.run(["install", "--no-audit", "--no-fund"]).success();
    let lock = project.read_json("package-lock.json");
    assert_eq!(lock["packages"]["node_modules/a"]["resolved"], format!("{}a/-/a-1.0.0.tgz", registry.url()));
    let tree: Vec<String> = project.tree("node_modules").lines().map(str::to_owned).collect();
    for line in [".bin/b -> ../@s/b/cli.js", "@s/b/", "a/index.js 644 2 4355a46b19d3"] {
        assert!(tree.iter().any(|found| found == line), "{line} in {tree:#?}");
    }
}

#[test]
fn output_names_no_directory_or_port_of_this_run() {
    let registry = TestRegistry::start();
    let project = TestProject::new("sh").with_registry(&registry);
    let output =
        project.run(["-c", "pwd; echo $HOME; cat $HOME/.npmrc; echo $CARGO_MANIFEST_DIR >&2; exit 3"]);
    assert_eq!(
        output.to_snapshot(),
        "exit: 3\n--- stdout\n[project]\n[home]\nregistry=[registry]/\n--- stderr\n\n"
    );
}
