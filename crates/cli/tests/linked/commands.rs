//! What the other commands say of the layout. Compared with npm 11.19.1, which knows no shortest way.

use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

use crate::{assert_same, links, outcome, package, project};

fn installed() -> (TestRegistry, TestProject) {
    let bundles = package("bundles", "1.0.0", &[("inner", "1.x")])
        .bundled("inner")
        .file("node_modules/inner/package.json", r#"{"name":"inner","version":"1.5.0"}"#)
        .file("node_modules/inner/index.js", "module.exports = 'the bundled one'\n");
    let registry = TestRegistry::with([
        package("a", "1.0.0", &[("b", "1.x")]).dev_dependency("never", "1.x"),
        package("a", "1.1.0", &[("b", "1.x")]),
        package("b", "1.0.0", &[]),
        package("inner", "1.0.0", &[]),
        bundles,
    ]);
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({
            "name": "project", "version": "1.0.0", "workspaces": ["packages/*"],
            "dependencies": { "a": "1.0.0", "bundles": "1.x" },
        }),
    );
    let w = json!({ "name": "w", "version": "1.0.0", "dependencies": { "b": "1.x" } });
    project.write_json("packages/w/package.json", &w);
    project.run(["install"]).success();
    (registry, project)
}

#[test]
fn the_tree_is_listed_explained_and_compared_with_the_registry() {
    let (_registry, project) = installed();
    // by the hidden lockfile, and by the folders
    for _ in 0..2 {
        let shown = project.run(["ls", "--all"]).success().stdout;
        for line in ["a@1.0.0 -> ./node_modules/.store/a@1.0.0-", "w@1.0.0 -> ./packages/w", "inner@1.5.0"] {
            assert!(shown.contains(line), "{line} in {shown}");
        }
        assert!(
            !shown.contains("UNMET") && !shown.contains("extraneous") && !shown.contains("never"),
            "{shown}"
        );
        let parseable = project.run(["ls", "--parseable"]).success().stdout;
        let expected =
            ["", "/node_modules/a", "/node_modules/bundles", "/node_modules/w", "/packages/w/node_modules/b"];
        let expected: Vec<String> = expected.iter().map(|path| format!("[project]{path}")).collect();
        let mut found: Vec<&str> = parseable.lines().collect();
        found.sort_unstable();
        assert_eq!(found, expected);
        let why = project.run(["explain", "b"]).success().stdout;
        assert!(why.contains("b@\"1.x\" from a@1.0.0") && why.contains("b@\"1.x\" from w@1.0.0"), "{why}");
        let old = project.run(["outdated"]);
        assert_eq!(old.code, Some(1), "{}", old.to_snapshot());
        let rows: Vec<Vec<&str>> =
            old.stdout.lines().skip(1).map(|row| row.split_whitespace().collect()).collect();
        assert_eq!(rows, [["a", "1.0.0", "1.0.0", "1.1.0", "node_modules/a", "project"]], "{}", old.stdout);
        project.remove("node_modules/.package-lock.json");
    }
    assert_eq!(
        project.run(["query", "#w"]).success().stdout.matches("\"location\": \"packages/w\"").count(),
        1
    );
    let bill = project.run(["sbom", "--sbom-format=cyclonedx"]).success().stdout;
    assert!(bill.contains("pkg:npm/b@1.0.0") && !bill.contains(".store/a@1.0.0-"), "{bill}");
}

#[test]
fn pruning_rebuilding_and_updating_change_what_they_should() {
    let (_registry, project) = installed();
    let before = outcome(&project);
    for command in ["prune", "rebuild", "dedupe", "update"] {
        project.run([command]).success();
        assert_same(&outcome(&project), &before, command);
    }
    // what somebody put there goes, what somebody linked stays
    project
        .write_json("node_modules/strange/package.json", &json!({ "name": "strange", "version": "1.0.0" }));
    let outside = project.path().parent().expect("has a parent").join("outside");
    std::fs::create_dir_all(&outside).expect("created");
    std::os::unix::fs::symlink(&outside, project.path().join("node_modules/mine")).expect("linked");
    project.run(["prune"]).success();
    assert!(!project.exists("node_modules/strange") && project.exists("node_modules/mine"));
    project.remove("node_modules/mine");
    let manifest = project.read("package.json").replace("\"a\": \"1.0.0\"", "\"a\": \"^1.0.0\"");
    project.write("package.json", manifest);
    project.run(["update"]).success();
    let found = links(&project);
    assert!(found.contains("node_modules/a -> .store/a@1.1.0-") && !found.contains("a@1.0.0"), "{found}");
}

#[test]
fn scripts_run_in_entries_and_find_what_they_depend_on() {
    let tool = FixturePackage::new("tool", "1.0.0")
        .bin("tool", "tool.js")
        .executable("tool.js", "#!/usr/bin/env node\nconsole.log(require('needed'))\n");
    let builds = FixturePackage::new("builds", "1.0.0")
        .dependency("tool", "1.x")
        .dependency("needed", "1.x")
        .script("preinstall", "pwd > where")
        .script("install", "tool > told && node -p \"require('needed')\" >> told");
    let registry = TestRegistry::with([
        tool,
        builds,
        package("needed", "1.0.0", &[]).script("postinstall", "touch built"),
        FixturePackage::new("denied", "1.0.0").script("install", "touch ran"),
    ]);
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({
            "name": "project", "version": "1.0.0",
            "dependencies": { "builds": "1.x", "denied": "1.x" },
            "allowScripts": { "builds": true, "needed": true },
        }),
    );
    let run = project.run(["install"]).success();
    assert!(format!("{}{}", run.stdout, run.stderr).contains("denied"), "{}", run.to_snapshot());
    let folder = std::fs::canonicalize(project.path().join("node_modules/builds")).expect("it is there");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("the script ran");
    let check = || {
        assert_eq!(read("where").trim(), folder.to_str().expect("text"));
        assert_eq!(read("told"), "needed@1.0.0()\nneeded@1.0.0()\n");
        assert!(!project.exists("node_modules/denied/ran"));
    };
    check();
    std::fs::remove_file(folder.join("told")).expect("removed");
    std::fs::remove_file(folder.join("where")).expect("removed");
    project.run(["rebuild"]).success();
    check();
    project.remove("node_modules/.package-lock.json");
    std::fs::remove_file(folder.join("told")).expect("removed");
    project.run(["rebuild", "builds"]).success();
    check();
}
