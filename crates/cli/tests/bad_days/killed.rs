//! kill -9 at any moment, then the same command: the same tree as of a run that nobody disturbed.

use std::process::Stdio;
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

/// Those of workspaces too, which hold links in the isolated layout.
fn remove_all_modules(project: &TestProject) {
    for folder in ["", "packages/one/", "packages/two/", "folder/"] {
        project.remove(&format!("{folder}node_modules"));
    }
}
