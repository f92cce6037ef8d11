//! A disk that is full, and files that may not grow: a clear error, and everything that was there still is.

use std::process::Command;

use test_support::{RunOutput, TestProject, TestRegistry};

use crate::world::{
    assert_refused, assert_store_is_whole, bulky, configure, depend_on, outcome, package, project,
    store_directory,
};

const BIG: usize = 3 << 20;

fn registry() -> TestRegistry {
    TestRegistry::with([package("small", "1.0.0"), bulky("big", "1.0.0", BIG), package("small", "2.0.0")])
}

/// Runs the command by a shell script that has its arguments as `"$@"`.
fn run_by(script: &str, project: &TestProject, arguments: &[&str]) -> RunOutput {
    let known = project.command(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_knit")]).args(arguments).env_clear();
    command.current_dir(project.path());
    for (name, value) in known.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let output = command.output().expect("sh");
    RunOutput {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn files_that_may_not_grow_are_named() {
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("small", "1.0.0")]);
    project.run(["install"]).success();
    depend_on(&project, &[("small", "2.0.0"), ("big", "1.0.0")]);
    let before = outcome(&project);
    // units of 512 bytes; with the signal ignored, writing fails with EFBIG
    let run = run_by("trap '' XFSZ; ulimit -f 2048; exec \"$@\"", &project, &["install"]);
    assert_refused(&run, &["EFBIG", "big"]);
    assert_eq!(outcome(&project), before);
    assert_store_is_whole(&project);
    // by default the signal ends the process: no different from any other kill
    let run = run_by("ulimit -f 2048; exec \"$@\"", &project, &["install"]);
    assert_eq!(run.code, None, "{}", run.to_snapshot());
    project.run(["install"]).success();
    assert!(project.exists("node_modules/big/noise.bin"));
    assert_store_is_whole(&project);
}

/// Whether this system lets a test make a file system of its own.
fn can_mount() -> bool {
    let mounted =
        Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]).output();
    mounted.is_ok_and(|output| output.status.success())
}

/// Runs with a small file system where `directory` is.
fn run_on_small_disk(project: &TestProject, directory: &str, size: &str, after: &str) -> RunOutput {
    let script = format!(
        "directory='{directory}'; mkdir -p \"$directory\"; mount -t tmpfs -o size={size} none \"$directory\" \
         && {{ \"$@\"; code=$?; {after}; exit $code; }}"
    );
    let wrapped = format!("exec unshare -rm sh -c '{}' sh \"$@\"", script.replace('\'', "'\\''"));
    run_by(&wrapped, project, &["install"])
}

#[test]
fn a_full_disk_of_the_store_loses_nothing() {
    if !can_mount() {
        eprintln!("not tested: this system allows no file system in a namespace of its own");
        return;
    }
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("small", "1.0.0")]);
    project.run(["install"]).success();
    depend_on(&project, &[("small", "2.0.0"), ("big", "1.0.0")]);
    let before = outcome(&project);
    let store = project.path().parent().expect("has a parent").join("disk");
    configure(&project, &format!("store-dir={}", store.display()));
    let run = run_on_small_disk(&project, &store.to_string_lossy(), "1m", "true");
    assert_refused(&run, &["ENOSPC", "no space is left", &*store.to_string_lossy()]);
    assert_eq!(outcome(&project), before);
}

#[test]
fn a_full_disk_of_the_project_loses_nothing() {
    if !can_mount() {
        eprintln!("not tested: this system allows no file system in a namespace of its own");
        return;
    }
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("big", "1.0.0")]);
    // node_modules on the small disk: what is in the store has to be copied there
    let modules = project.path().join("node_modules");
    let list = "ls -A node_modules; test ! -e package-lock.json";
    let run = run_on_small_disk(&project, &modules.to_string_lossy(), "1m", list);
    assert_refused(&run, &["ENOSPC", "no space is left", "node_modules"]);
    assert_eq!(run.stdout.trim(), "", "something was left in node_modules");
    assert!(!project.exists("package-lock.json"));
    assert!(store_directory(&project).exists());
    project.run(["install"]).success();
}

#[test]
fn a_cache_without_room_is_no_reason_to_fail() {
    if !can_mount() {
        eprintln!("not tested: this system allows no file system in a namespace of its own");
        return;
    }
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("small", "1.0.0")]);
    let cache = project.path().parent().expect("has a parent").join("cache");
    configure(&project, &format!("cache={}", cache.display()));
    let run = run_on_small_disk(&project, &cache.to_string_lossy(), "4k", "true");
    assert_eq!(run.code, Some(0), "{}", run.to_snapshot());
    assert!(project.exists("node_modules/small/package.json"));
}
