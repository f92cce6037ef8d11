//! Installations at the same time: in one project, and in several projects that share one store.

use std::process::{Child, Command, Stdio};

use test_support::{TestProject, TestRegistry};

use crate::world::{
    assert_store_is_whole, common, configure, edition, outcome, project, store_directory, want_edition,
};

fn registry() -> TestRegistry {
    TestRegistry::with(edition(1).into_iter().chain(common()))
}

/// Runs all of them at once; all must end well.
#[track_caller]
fn run_together(commands: Vec<Command>) {
    let children: Vec<Child> = commands
        .into_iter()
        .map(|mut command| {
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("knit starts")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("knit ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", output.status);
        assert!(!said.contains("warn"), "{said}");
    }
}

#[track_caller]
fn undisturbed(registry: &TestRegistry) -> String {
    let alone = project(registry);
    configure(&alone, "allow-scripts=builds");
    want_edition(&alone, 1);
    alone.run(["install"]).success();
    outcome(&alone)
}

#[test]
fn several_in_one_project_end_as_one() {
    let registry = registry();
    let expected = undisturbed(&registry);
    for count in [2, 4] {
        let project = project(&registry);
        configure(&project, "allow-scripts=builds");
        want_edition(&project, 1);
        run_together((0..count).map(|_| project.command(["install"])).collect());
        assert_eq!(outcome(&project), expected, "{count} at once");
        assert_store_is_whole(&project);
    }
}

#[test]
fn projects_that_share_a_cold_store_and_cache_do_not_notice() {
    let registry = registry();
    let expected = undisturbed(&registry);
    for count in [2, 4] {
        let projects: Vec<TestProject> = (0..count).map(|_| project(&registry)).collect();
        let shared = &projects[0];
        for each in &projects {
            let (store, cache) = (store_directory(shared), shared.home().join(".cache/knit"));
            configure(
                each,
                &format!("allow-scripts=builds\nstore-dir={}\ncache={}", store.display(), cache.display()),
            );
            want_edition(each, 1);
        }
        run_together(projects.iter().map(|each| each.command(["install"])).collect());
        for each in &projects {
            assert_eq!(outcome(each), expected, "{count} at once");
        }
        assert_store_is_whole(shared);
    }
}

#[test]
fn different_wishes_in_one_project_are_both_granted() {
    let registry = registry();
    let project = project(&registry);
    configure(&project, "allow-scripts=builds");
    want_edition(&project, 1);
    run_together(vec![project.command(["install", "p5"]), project.command(["install", "p6"])]);
    let manifest = project.read_json("package.json");
    for name in ["p5", "p6"] {
        assert_eq!(manifest["dependencies"][name], "^1.0.0", "{manifest}");
        assert!(project.exists(&format!("node_modules/{name}/package.json")));
    }
    project.run(["ci"]).success();
}
