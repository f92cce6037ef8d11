//! Global packages, links to folders, and building again what is installed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

fn project(registry: &TestRegistry) -> TestProject {
    let project = TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry);
    let npmrc = project.home().join(".npmrc");
    let text = fs::read_to_string(&npmrc).expect("the user's .npmrc");
    fs::write(&npmrc, format!("{text}prefix={}\n", prefix(&project).display())).expect("written");
    project.write_json("package.json", &json!({ "name": "p", "version": "1.0.0" }));
    project
}

fn prefix(project: &TestProject) -> PathBuf {
    project.home().join("global")
}

/// Every file and link below the prefix.
fn global(project: &TestProject) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![prefix(project)];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.expect("an entry").path())
        {
            let shown = entry.strip_prefix(prefix(project)).expect("below").display().to_string();
            match fs::read_link(&entry) {
                Ok(target) => found.push(format!("{shown} -> {}", target.display())),
                Err(_) if entry.is_dir() => pending.push(entry),
                Err(_) => found.push(shown),
            }
        }
    }
    found.sort();
    found
}

fn tool(name: &str, version: &str) -> FixturePackage {
    FixturePackage::new(name, version)
        .bin(name, "cli.js")
        .executable("cli.js", format!("#!/bin/sh\necho {name} {version}\n"))
        .script("postinstall", "echo built > built.txt")
        .dependency("helper", "^1.0.0")
}

fn tools() -> TestRegistry {
    TestRegistry::with([
        tool("one", "1.0.0").field("man", json!(["./one.1"])).file("one.1", "one"),
        tool("two", "1.0.0"),
        FixturePackage::new("helper", "1.0.0").bin("helper", "h.js").executable("h.js", "#!/bin/sh\n"),
    ])
}

#[test]
fn global_packages_are_installed_updated_and_removed_one_by_one() {
    let registry = tools();
    let project = project(&registry);
    project.run(["install", "-g", "one", "--allow-scripts=one"]).success();
    project.run(["i", "-g", "two@1.0.0"]).success();
    assert_eq!(
        global(&project),
        [
            "bin/one -> ../lib/node_modules/one/cli.js",
            "bin/two -> ../lib/node_modules/two/cli.js",
            "lib/node_modules/one/built.txt",
            "lib/node_modules/one/cli.js",
            "lib/node_modules/one/node_modules/.bin/helper -> ../helper/h.js",
            "lib/node_modules/one/node_modules/helper/h.js",
            "lib/node_modules/one/node_modules/helper/package.json",
            "lib/node_modules/one/one.1",
            "lib/node_modules/one/package.json",
            "lib/node_modules/two/cli.js",
            "lib/node_modules/two/node_modules/.bin/helper -> ../helper/h.js",
            "lib/node_modules/two/node_modules/helper/h.js",
            "lib/node_modules/two/node_modules/helper/package.json",
            "lib/node_modules/two/package.json",
            "share/man/man1/one.1 -> ../../../lib/node_modules/one/one.1",
        ]
    );
    let listed = project.run(["ls", "-g"]).success().stdout;
    assert!(listed.contains("one@1.0.0") && listed.contains("two@1.0.0"), "{listed}");
    // the next version has another command, and the one after it is for later
    registry.publish(tool("one", "1.1.0").field("bin", json!({ "uno": "cli.js" })));
    project.run(["update", "-g", "one", "--prefer-online"]).success();
    registry.publish(tool("two", "1.2.0"));
    let after = global(&project);
    assert!(after.contains(&"bin/uno -> ../lib/node_modules/one/cli.js".to_owned()), "{after:#?}");
    assert!(!after.iter().any(|line| line.starts_with("bin/one") || line.starts_with("share")), "{after:#?}");
    assert!(after.contains(&"bin/two -> ../lib/node_modules/two/cli.js".to_owned()), "{after:#?}");
    project.run(["update", "-g", "--prefer-online"]).success();
    let two = fs::read_to_string(prefix(&project).join("lib/node_modules/two/cli.js")).expect("a file");
    assert!(two.contains("two 1.2.0"), "{two}");
    project.run(["rm", "-g", "one"]).success();
    project.run(["uninstall", "--global", "two"]).success();
    assert_eq!(global(&project), [""; 0]);
    assert_eq!(project.read_json("package.json"), json!({ "name": "p", "version": "1.0.0" }));
}

#[test]
fn global_executables_overwrite_nothing_of_others() {
    let registry = tools();
    let project = project(&registry);
    fs::create_dir_all(prefix(&project).join("bin")).expect("a folder");
    fs::write(prefix(&project).join("bin/one"), "mine").expect("a file");
    let refused = project.run(["install", "-g", "one"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("error[EEXIST]"), "{}", refused.stderr);
    assert_eq!(global(&project), ["bin/one"]);
    project.run(["install", "-g", "one", "--force"]).success();
    assert!(global(&project).contains(&"bin/one -> ../lib/node_modules/one/cli.js".to_owned()));
}

#[test]
fn a_folder_is_linked_and_unlinked() {
    let registry = tools();
    let project = project(&registry);
    let folder = project.home().join("own");
    fs::create_dir_all(&folder).expect("a folder");
    let manifest = json!({
        "name": "@s/own", "version": "2.0.0", "bin": { "own": "cli.sh" },
        "scripts": { "prepare": "printf '#!/bin/sh\\necho own\\n' > cli.sh" }
    });
    fs::write(folder.join("package.json"), manifest.to_string()).expect("written");
    let in_folder = |line: &[&str]| {
        let output = project.command(line).current_dir(&folder).output().expect("knit runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    in_folder(&["link"]);
    assert_eq!(
        global(&project),
        ["bin/own -> ../lib/node_modules/@s/own/cli.sh", "lib/node_modules/@s/own -> ../../../../own",]
    );
    project.run(["link", "@s/own", "two"]).success();
    let link = |path: &str| fs::read_link(project.path().join(path)).ok();
    assert_eq!(link("node_modules/@s/own").as_deref(), Some(Path::new("../../../home/own")));
    assert_eq!(link("node_modules/.bin/own").as_deref(), Some(Path::new("../@s/own/cli.sh")));
    assert_eq!(
        link("node_modules/two").as_deref(),
        Some(Path::new("../../home/global/lib/node_modules/two"))
    );
    assert!(!project.exists("package-lock.json"));
    assert_eq!(project.read_json("package.json"), json!({ "name": "p", "version": "1.0.0" }));
    let refused = project.run(["link", "-g"]);
    assert!(refused.stderr.contains("error[ELINKGLOBAL]"), "{}", refused.stderr);
    in_folder(&["unlink", "-g"]);
    assert!(!prefix(&project).join("bin/own").exists());
    assert!(folder.join("package.json").exists());
}

#[test]
fn linked_folders_can_be_saved() {
    let registry = tools();
    let project = project(&registry);
    project.run(["link", "two", "--save"]).success();
    let saved = project.read_json("package.json");
    assert_eq!(saved["dependencies"]["two"], "file:../home/global/lib/node_modules/two");
    assert!(project.exists("package-lock.json"));
}

#[test]
fn approved_packages_are_built_again_and_executables_linked() {
    let registry = tools();
    let project = project(&registry);
    project.run(["install", "one", "two"]).success();
    assert!(!project.exists("node_modules/one/built.txt"));
    project.run(["approve-scripts", "one"]).success();
    project.remove("node_modules/.bin");
    let rebuilt = project.run(["rebuild"]).success();
    assert_eq!(rebuilt.stdout, "rebuilt dependencies successfully\n");
    assert!(rebuilt.stderr.contains("two@1.0.0 (postinstall: "), "{}", rebuilt.stderr);
    assert!(project.exists("node_modules/one/built.txt") && !project.exists("node_modules/two/built.txt"));
    assert!(project.exists("node_modules/.bin/one") && project.exists("node_modules/.bin/helper"));
    project.remove("node_modules/one/built.txt").remove("node_modules/.bin");
    project.run(["rb", "one@^2"]).success();
    assert!(!project.exists("node_modules/one/built.txt") && !project.exists("node_modules/.bin/one"));
    project.run(["rb", "one@^1"]).success();
    assert!(project.exists("node_modules/one/built.txt") && project.exists("node_modules/.bin/one"));
    assert!(!project.exists("node_modules/.bin/two"));
    assert_eq!(project.run(["rebuild", "one@latest"]).code, Some(1));
    assert!(project.run(["ls"]).success().stdout.contains("one@1.0.0"));
}

#[test]
fn rebuilding_leaves_the_store_alone() {
    let registry = TestRegistry::with([FixturePackage::new("writer", "1.0.0")
        .file("data.txt", "clean")
        .script("install", "echo dirty > data.txt")]);
    let first = project(&registry);
    first.run(["install", "writer"]).success();
    first.run(["approve-scripts", "writer"]).success();
    first.run(["rebuild"]).success();
    assert_eq!(first.read("node_modules/writer/data.txt"), "dirty\n");
    first.remove("node_modules");
    first.run(["ci", "--ignore-scripts"]).success();
    assert_eq!(first.read("node_modules/writer/data.txt"), "clean");
}

#[test]
fn executables_of_removed_packages_go_too() {
    let registry = tools();
    let project = project(&registry);
    project.run(["install", "one", "two"]).success();
    project.run(["uninstall", "one"]).success();
    assert!(!project.exists("node_modules/.bin/one") && project.exists("node_modules/.bin/two"));
}
