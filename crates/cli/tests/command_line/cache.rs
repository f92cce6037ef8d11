//! What is kept between runs, looked at and looked after.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use test_support::{FixturePackage, TestProject, TestRegistry};

fn registry() -> TestRegistry {
    TestRegistry::with([
        FixturePackage::new("a", "1.0.0").dependency("b", "^1.0.0").file("index.js", "1"),
        FixturePackage::new("a", "1.1.0").dependency("b", "^1.0.0").file("index.js", "2"),
        FixturePackage::new("b", "1.0.0").file("lib/b.js", "b".repeat(3000)),
        FixturePackage::new("@s/c", "2.0.0").bin("c", "c.sh").executable("c.sh", "#!/bin/sh\necho c\n"),
    ])
}

fn project(registry: &TestRegistry) -> TestProject {
    let project = TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry);
    project.write_json("package.json", &json!({ "name": "p", "version": "1.0.0" }));
    project
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for item in fs::read_dir(folder).into_iter().flatten() {
        let path = item.expect("an entry").path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

fn listed(project: &TestProject, line: &[&str]) -> Vec<String> {
    let run = project.run([&["cache", "ls"], line].concat()).success();
    run.stdout.lines().map(|line| line.split(" sha512-").next().expect("a word").to_owned()).collect()
}

fn store(project: &TestProject) -> PathBuf {
    project.home().join(".local/share/knit/store")
}

#[test]
fn what_is_added_can_be_listed_and_installed_without_a_network() {
    let registry = registry();
    let project = project(&registry);
    project.write("here/package.json", r#"{ "name": "here", "version": "0.1.0" }"#);
    let added = project.run(["cache", "add", "a@1.0.0", "b", "@s/c@^2", "./here"]).success();
    assert_eq!((added.stdout.as_str(), added.stderr.as_str()), ("", ""));
    let all = listed(&project, &[]);
    assert_eq!(
        all,
        [
            "[registry]/@s%2fc",
            "[registry]/a",
            "[registry]/b",
            "@s/c@2.0.0",
            "a@1.0.0",
            "b@1.0.0",
            "here@0.1.0"
        ]
    );
    assert_eq!(listed(&project, &["a"]), ["[registry]/a", "a@1.0.0"]);
    assert_eq!(
        listed(&project, &["a@^1.1", "@s/c@2.0.0"]),
        ["[registry]/@s%2fc", "[registry]/a", "@s/c@2.0.0"]
    );
    assert_eq!(listed(&project, &["other"]), [""; 0]);
    assert!(!project.exists("node_modules") && !project.exists("package-lock.json"));
    project.run(["install", "--offline", "a@1.0.0"]).success();
    assert!(project.exists("node_modules/b/lib/b.js"));
    let json: Value =
        serde_json::from_str(&project.run(["cache", "ls", "b", "--json"]).success().stdout).expect("JSON");
    assert_eq!(json["packages"][0]["name"], "b");
    assert_eq!(json["packages"][0]["unpackedSize"].as_u64().map(|size| size > 3000), Some(true));
    assert_eq!(json["packuments"][0]["full"], true);
}

#[test]
fn what_cannot_be_listed_or_added_is_named() {
    let registry = registry();
    let project = project(&registry);
    for (line, code) in [
        (&["cache", "ls", "a@latest"][..], "EUSAGE"),
        (&["cache", "add"], "EUSAGE"),
        (&["cache"], "EUSAGE"),
        (&["cache", "frobnicate"], "EUSAGE"),
        (&["cache", "npx"], "EUSAGE"),
        (&["cache", "npx", "info"], "EUSAGE"),
        (&["cache", "npx", "rm"], "EUSAGE"),
        (&["cache", "add", "absent"], "E404"),
        (&["cache", "add", "a@9"], "ETARGET"),
    ] {
        let run = project.run(line.iter().copied());
        assert_eq!(run.code, Some(1), "{line:?}");
        assert!(run.stderr.contains(&format!("error[{code}]")), "{line:?}: {}", run.stderr);
    }
}

#[test]
fn damage_is_found_and_removed() {
    let registry = registry();
    let project = project(&registry);
    project.run(["cache", "add", "a", "b", "@s/c"]).success();
    let verified = project.run(["cache", "verify"]).success().stdout;
    assert!(verified.contains("Metadata verified: 3 ("), "{verified}");
    assert!(verified.contains("Packages verified: 3 ("), "{verified}");
    assert!(!verified.contains("emoved"), "{verified}");
    let metadata = files_below(&project.home().join(".cache/knit"));
    let damaged = metadata.iter().find(|path| path.ends_with("full/b")).expect("b is cached");
    let mut bytes = fs::read(damaged).expect("read");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(damaged, bytes).expect("written");
    let half = damaged.with_file_name(".staged-x");
    fs::write(&half, "half").expect("written");
    let file = files_below(&store(&project)).into_iter().find(|path| path.ends_with("lib/b.js"));
    fs::write(file.expect("b is in the store"), "short").expect("written");
    let run = project.run(["cache", "verify", "--json"]).success();
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((&found["metadata"]["verified"], &found["metadata"]["removed"]), (&json!(2), &json!(1)));
    assert_eq!((&found["packages"]["verified"], &found["packages"]["removed"]), (&json!(2), &json!(1)));
    assert!(half.exists(), "somebody may still be writing it");
    let old = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
    fs::File::options().write(true).open(&half).and_then(|file| file.set_modified(old)).expect("aged");
    let verified = project.run(["cache", "verify"]).success().stdout;
    assert!(verified.contains("Remains of killed processes removed: 1"), "{verified}");
    assert!(!half.exists());
    assert_eq!(listed(&project, &["b"]), [""; 0]);
}

#[test]
fn packages_that_nothing_uses_go_after_a_month() {
    let registry = registry();
    let project = project(&registry);
    project.run(["install", "a@1.1.0"]).success();
    project.run(["cache", "add", "@s/c"]).success();
    let month = SystemTime::now() - Duration::from_secs(31 * 24 * 3600);
    for index in files_below(&store(&project)).iter().filter(|path| path.ends_with("index")) {
        fs::File::options().write(true).open(index).and_then(|file| file.set_modified(month)).expect("aged");
    }
    let verified = project.run(["cache", "verify"]).success().stdout;
    assert!(verified.contains("Unused packages removed: 1 ("), "{verified}");
    let left: Vec<String> = listed(&project, &[]).into_iter().filter(|line| !line.starts_with('[')).collect();
    assert_eq!(left, ["a@1.1.0", "b@1.0.0"], "what a project links to stays");
}

#[test]
fn keys_and_everything_can_be_cleaned() {
    let registry = registry();
    let project = project(&registry);
    project.run(["install", "a"]).success();
    project.run(["cache", "add", "a@1.0.0", "@s/c"]).success();
    let integrity = project.run(["cache", "ls", "@s/c"]).success().stdout;
    let integrity = integrity.split_whitespace().last().expect("a line").to_owned();
    let run = project.run(["cache", "clean", &integrity, "a@1.0.0", "nothing"]).success();
    assert!(run.stdout.starts_with("deleted @s/c@2.0.0 sha512-"), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(run.stderr.contains("warning[ENOTFOUND]: nothing is kept under nothing"), "{}", run.stderr);
    let url = format!("{}a", registry.url());
    project.run(["cache", "rm", &url]).success();
    assert_eq!(listed(&project, &[]), ["[registry]/@s%2fc", "[registry]/b", "a@1.1.0", "b@1.0.0"]);
    project.run(["cache", "clean", "b"]).success();
    assert_eq!(listed(&project, &[]), ["[registry]/@s%2fc", "a@1.1.0"]);
    let refused = project.run(["cache", "clean"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(listed(&project, &["a"]), ["a@1.1.0"]);
    project.run(["cache", "clean", "--force"]).success();
    assert_eq!(listed(&project, &[]), [""; 0]);
    assert!(project.exists("node_modules/b/lib/b.js"), "installed packages stay whole");
    fs::remove_dir_all(project.path().join("node_modules")).expect("removed");
    project.run(["install"]).success();
    assert!(project.exists("node_modules/b/lib/b.js"));
}

#[test]
fn a_store_in_use_is_not_emptied() {
    let registry = registry();
    let project = project(&registry);
    project.run(["cache", "add", "b"]).success();
    let open = package_store::Store::open(store(&project)).expect("the store");
    let run = project.run(["cache", "clean", "--force"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("error[EINUSE]"), "{}", run.stderr);
    let verified = project.run(["cache", "verify"]).success().stdout;
    assert!(verified.contains("another process uses the store"), "{verified}");
    drop(open);
    assert_eq!(listed(&project, &["b"]), ["[registry]/b", "b@1.0.0"]);
}

#[test]
fn sets_of_packages_for_exec_are_listed_and_removed() {
    let registry = registry();
    let project = project(&registry);
    let none = project.run(["cache", "npx", "ls"]).success();
    assert_eq!(none.stdout, "npx cache does not exist\n");
    project.run(["exec", "--yes", "--", "@s/c"]).success();
    fs::create_dir_all(project.home().join(".cache/knit/exec/!empty")).expect("created");
    let sets = project.run(["cache", "npx", "ls"]).success().stdout;
    let lines: Vec<&str> = sets.lines().collect();
    assert_eq!(lines[0], "!empty: (empty/invalid)");
    let (key, what) = lines[1].split_once(": ").expect("a key");
    assert_eq!((key.len(), what), (16, "@s/c"));
    let info = project.run(["cache", "npx", "info", &key[..6]]).success().stdout;
    assert_eq!(
        info,
        format!(
            "valid npx cache entry with key {key}\nlocation: [home]/.cache/knit/exec/{key}\npackages:\n\
             - @s/c (@s/c@2.0.0)\n\n"
        )
    );
    let info = project.run(["cache", "npx", "info", "!e"]).success().stdout;
    assert!(info.starts_with("invalid npx cache entry with key !empty\n"), "{info}");
    let wrong = project.run(["cache", "npx", "info", "zz"]);
    assert_eq!((wrong.code, wrong.stderr.contains("there is no set of packages zz")), (Some(1), true));
    project.run(["cache", "npx", "rm", key, "--dry-run"]).success();
    assert_eq!(project.run(["cache", "npx", "ls"]).success().stdout, sets);
    let removed = project.run(["cache", "npx", "rm", key]).success().stdout;
    assert_eq!(removed, format!("removing [home]/.cache/knit/exec/{key}\n"));
    project.run(["cache", "npx", "rm", "--force"]).success();
    assert_eq!(project.run(["cache", "npx", "ls"]).success().stdout, "");
}
