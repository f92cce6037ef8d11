//! Running programs of packages that are not installed.

use std::fs;

use serde_json::json;
use test_support::{FixturePackage, TestProject, TestRegistry};

fn project(registry: &TestRegistry) -> TestProject {
    let project = TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry);
    project.write_json("package.json", &json!({ "name": "p", "version": "1.0.0" }));
    project
}

fn says(name: &str, version: &str) -> FixturePackage {
    FixturePackage::new(name, version)
        .bin(name.rsplit('/').next().unwrap_or(name), "cli.js")
        .executable("cli.js", format!("#!/bin/sh\necho {name} {version} \"$@\"\n"))
}

fn programs() -> TestRegistry {
    TestRegistry::with([
        says("tool", "1.0.0").dependency("part", "1.0.0"),
        FixturePackage::new("part", "1.0.0"),
        says("@s/other", "2.0.0").script("install", "echo built > built.txt"),
        says("create-thing", "3.0.0"),
        FixturePackage::new("two-bins", "1.0.0")
            .bin("a", "a.sh")
            .bin("b", "b.sh")
            .executable("a.sh", "#!/bin/sh\n"),
    ])
}

fn exec_folders(project: &TestProject) -> Vec<std::path::PathBuf> {
    let folder = project.home().join(".cache/knit/exec");
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn a_program_is_fetched_and_run_and_kept() {
    let registry = programs();
    let project = project(&registry);
    let first = project.run(["exec", "--", "tool", "x", "--y"]).success();
    assert_eq!(first.stdout, "tool 1.0.0 x --y\n");
    assert_eq!(
        first.stderr,
        "warning[EFETCHED]: the following package was not found and will be installed: tool@1.0.0\n"
    );
    assert!(!project.exists("node_modules") && !project.exists("package-lock.json"));
    let [folder] = &exec_folders(&project)[..] else { panic!("one folder") };
    let kept: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("package.json")).expect("a file")).expect("JSON");
    assert_eq!(kept, json!({ "dependencies": { "tool": "^1.0.0" }, "_npx": { "packages": ["tool"] } }));
    // an exact version that is there is run without asking anybody
    project.run(["exec", "--yes", "tool@1.0.0"]).success();
    registry.clear_requests();
    let again = project.run(["exec", "--no", "--", "tool@1.0.0", "--version"]).success();
    assert_eq!(again.stdout, "tool 1.0.0 --version\n");
    assert_eq!(again.stderr, "");
    assert_eq!(registry.request_lines(), [""; 0]);
    // a name alone means the newest
    registry.publish(says("tool", "1.1.0"));
    assert_eq!(project.run(["exec", "-y", "tool"]).success().stdout, "tool 1.1.0\n");
}

#[test]
fn packages_are_named_apart_from_programs() {
    let registry = programs();
    let project = project(&registry);
    let both =
        project.run(["exec", "-y", "--package=tool", "--package=@s/other@2", "-c", "tool a && other b"]);
    assert_eq!(both.success().stdout, "tool 1.0.0 a\n@s/other 2.0.0 b\n");
    assert!(!exec_folders(&project)[0].join("node_modules/@s/other/built.txt").exists());
    let single = project.run(["exec", "-y", "--package", "@s/other", "--", "other", "c"]).success();
    assert_eq!(single.stdout, "@s/other 2.0.0 c\n");
    let folder = project.home().join("local");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("package.json"), r#"{"name":"local-tool","version":"1.0.0","bin":"run.sh"}"#)
        .expect("a file");
    fs::write(folder.join("run.sh"), "#!/bin/sh\necho local\n").expect("a file");
    assert_eq!(project.run(["exec", "../home/local"]).success().stdout, "local\n");
}

#[test]
fn what_cannot_be_run_is_an_error() {
    let registry = programs();
    let project = project(&registry);
    for (line, code) in [
        ("exec --no tool", "ECANCELED"),
        ("exec absent", "E404"),
        ("exec tool@9", "ETARGET"),
        ("exec -y two-bins", "ENOBIN"),
        ("exec --offline tool", "ENOTCACHED"),
        ("exec -y --strict-allow-scripts @s/other", "ESTRICTALLOWSCRIPTS"),
    ] {
        let output = project.run(line.split(' '));
        assert_eq!(output.code, Some(1), "{line}: {}", output.to_snapshot());
        assert!(output.stderr.contains(&format!("error[{code}]")), "{line}: {}", output.stderr);
    }
}

#[test]
fn scripts_of_fetched_packages_run_when_the_command_line_allows_them() {
    let registry = programs();
    let project = project(&registry);
    project.write_json(
        "package.json",
        &json!({ "name": "p", "version": "1.0.0", "allowScripts": { "@s/other": true } }),
    );
    project.run(["exec", "-y", "@s/other"]).success();
    let built = || exec_folders(&project)[0].join("node_modules/@s/other/built.txt").exists();
    assert!(!built());
    fs::remove_dir_all(&exec_folders(&project)[0]).expect("removed");
    project.run(["exec", "-y", "--allow-scripts=@s/other", "--", "@s/other"]).success();
    assert!(built());
}

#[test]
fn an_initializer_is_fetched() {
    let registry = programs();
    let project = project(&registry);
    assert_eq!(project.run(["init", "-y", "thing", "here"]).success().stdout, "create-thing 3.0.0 here\n");
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let registry = programs();
    let project = project(&registry);
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = project.command(["exec", "-y", "tool", "x"]);
            command.stdout(std::process::Stdio::piped()).spawn().expect("knit starts")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("knit ends");
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "tool 1.0.0 x\n");
    }
}
