//! kill -9 at any moment, then the same command: the same tree as of a run that nobody disturbed.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use test_support::{TestProject, TestRegistry};

use crate::world::{
    assert_store_is_whole, common, configure, difference, edition, forget_everything, outcome, project,
    want_edition,
};

fn registry() -> TestRegistry {
    TestRegistry::with(edition(1).into_iter().chain(edition(2)).chain(common()))
}

/// The user approves the one package with an install script.
fn approving_project(registry: &TestRegistry) -> TestProject {
    let project = project(registry);
    configure(&project, "allow-scripts=builds");
    project
}

/// Starts the command and kills it after a while. Whether it was still running then.
fn kill_after(project: &TestProject, arguments: &[&str], delay: Duration) -> bool {
    let mut child =
        project.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("knit starts");
    std::thread::sleep(delay);
    child.kill().expect("it can be killed, dead or alive");
    !child.wait().expect("it is gone").success()
}

/// Kills the command at `moments` moments spread over the time that it takes, each time after `prepare`.
#[track_caller]
fn check(project: &TestProject, moments: u32, arguments: &[&str], prepare: impl Fn(&TestProject)) {
    // the first run finds the machine cold, and takes longer than those that are to be killed
    prepare(project);
    project.run(arguments).success();
    prepare(project);
    let started = Instant::now();
    project.run(arguments).success();
    let whole = started.elapsed();
    let expected = outcome(project);
    let mut killed = 0;
    for moment in 0..moments {
        prepare(project);
        let delay = whole * moment / moments;
        killed += u32::from(kill_after(project, arguments, delay));
        if moment % 3 == 2 {
            // and the one that clears up after it too
            kill_after(project, arguments, whole * (moment * 7 % moments) / moments);
        }
        let interrupted = outcome(project);
        project.run(arguments).success();
        let found = outcome(project);
        assert!(
            found == expected,
            "killed after {delay:?} of {whole:?}\n{}\nafter the kill:\n{interrupted}",
            difference(&expected, &found)
        );
    }
    assert!(killed > moments / 3, "only {killed} of {moments} runs were killed before their end");
    assert_store_is_whole(project);
}

#[test]
fn a_first_installation_with_nothing_in_the_store() {
    let registry = registry();
    let project = approving_project(&registry);
    check(&project, 30, &["install"], |project| {
        forget_everything(project);
        project.remove("node_modules").remove("package-lock.json");
        want_edition(project, 1);
    });
}

#[test]
fn a_first_installation_from_the_store() {
    let registry = registry();
    let project = approving_project(&registry);
    check(&project, 30, &["install"], |project| {
        project.remove("node_modules").remove("package-lock.json");
        want_edition(project, 1);
    });
}

#[test]
fn an_update_that_replaces_packages() {
    let registry = registry();
    let project = approving_project(&registry);
    check(&project, 30, &["install"], |project| {
        project.remove("node_modules").remove("package-lock.json");
        want_edition(project, 1);
        project.run(["install"]).success();
        want_edition(project, 2);
    });
}

#[test]
fn a_clean_installation() {
    let registry = registry();
    let project = approving_project(&registry);
    want_edition(&project, 1);
    project.run(["install"]).success();
    check(&project, 18, &["ci"], |project| {
        project.write("node_modules/p1/mine.txt", "changed by hand");
    });
}

#[test]
fn a_first_installation_of_the_isolated_layout() {
    let registry = registry();
    let project = approving_project(&registry);
    configure(&project, "install-strategy=linked");
    check(&project, 20, &["install"], |project| {
        remove_all_modules(project);
        project.remove("package-lock.json");
        want_edition(project, 1);
    });
}

#[test]
fn an_update_of_the_isolated_layout() {
    let registry = registry();
    let project = approving_project(&registry);
    configure(&project, "install-strategy=linked");
    check(&project, 20, &["install"], |project| {
        remove_all_modules(project);
        project.remove("package-lock.json");
        want_edition(project, 1);
        project.run(["install"]).success();
        want_edition(project, 2);
    });
}

#[test]
fn one_layout_taking_the_place_of_the_other() {
    let registry = registry();
    let project = approving_project(&registry);
    want_edition(&project, 1);
    for (before, after) in [("hoisted", "linked"), ("linked", "hoisted")] {
        let (before, after) = (format!("--install-strategy={before}"), format!("--install-strategy={after}"));
        check(&project, 12, &["install", &after], |project| {
            remove_all_modules(project);
            project.run(["install", &before]).success();
        });
    }
}

/// What is to have a name is written under another first, and is left there by whoever is killed right before the
/// change of names. No clock finds these moments; strace does.
#[test]
fn right_before_every_change_of_names() {
    let works = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        eprintln!("not tested: there is no strace that may trace");
        return;
    }
    let registry = registry();
    let project = approving_project(&registry);
    for strategy in ["hoisted", "linked"] {
        let arguments = ["install", &format!("--install-strategy={strategy}")];
        check_changes_of_names(&project, &arguments, |project| {
            remove_all_modules(project);
            project.remove("package-lock.json");
            want_edition(project, 1);
        });
        check_changes_of_names(&project, &arguments, |project| {
            remove_all_modules(project);
            project.remove("package-lock.json");
            want_edition(project, 1);
            project.run(arguments).success();
            want_edition(project, 2);
        });
    }
}

/// Kills the command when any of its threads is about to change a name for the first time, the second, and so on.
#[track_caller]
fn check_changes_of_names(project: &TestProject, arguments: &[&str], prepare: impl Fn(&TestProject)) {
    prepare(project);
    project.run(arguments).success();
    let expected = outcome(project);
    let mut killed = 0;
    loop {
        prepare(project);
        if !kill_before_change_of_names(project, arguments, killed + 1) {
            break;
        }
        killed += 1;
        let interrupted = outcome(project);
        project.run(arguments).success();
        let found = outcome(project);
        assert!(
            found == expected,
            "{arguments:?} killed before change {killed}\n{}\nafter the kill:\n{interrupted}",
            difference(&expected, &found)
        );
    }
    // the hidden lockfile, before the commit and at the end; the lockfile; the state file
    assert!(killed >= 4, "only {killed} changes of names were seen");
}

/// Whether it came to that change.
fn kill_before_change_of_names(project: &TestProject, arguments: &[&str], number: u32) -> bool {
    let command = project.command(arguments);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=/^rename"]);
    strace.args(["-e", &format!("inject=/^rename:signal=KILL:when={number}")]);
    strace.arg(command.get_program()).args(command.get_args()).current_dir(project.path()).env_clear();
    strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let status = strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.expect("strace runs");
    let was_killed = status.signal() == Some(9);
    assert!(was_killed || status.success(), "{arguments:?}, change {number}: {status}");
    was_killed
}

/// Those of workspaces too, which hold links in the isolated layout.
fn remove_all_modules(project: &TestProject) {
    for folder in ["", "packages/one/", "packages/two/", "folder/"] {
        project.remove(&format!("{folder}node_modules"));
    }
}
