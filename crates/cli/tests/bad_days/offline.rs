//! Without a network: what is in store and cache is enough, and what is not is named.

use test_support::{TestProject, TestRegistry};

use crate::world::{assert_refused, assert_same, depend_on, outcome, package, project};

fn registry() -> TestRegistry {
    TestRegistry::with([
        package("wanted", "1.0.0").dependency("below", "^1.0.0").bin("wanted", "index.js"),
        package("below", "1.0.0"),
        package("other", "1.0.0"),
    ])
}

fn warm_project(registry: &TestRegistry) -> (TestProject, String) {
    let project = project(registry);
    depend_on(&project, &[("wanted", "^1.0.0")]);
    project.run(["install"]).success();
    let installed = outcome(&project);
    (project, installed)
}

#[test]
fn what_was_installed_once_can_be_installed_again() {
    let registry = registry();
    let (project, installed) = warm_project(&registry);
    drop(registry);
    for (flag, keeps_lockfile) in [("--offline", true), ("--offline", false), ("--prefer-offline", false)] {
        project.remove("node_modules");
        if !keeps_lockfile {
            project.remove("package-lock.json");
        }
        let run = project.run(["install", flag]);
        assert_eq!(run.code, Some(0), "{flag}: {}", run.to_snapshot());
        assert_same(&outcome(&project), &installed, flag);
    }
    project.remove("node_modules");
    project.run(["ci", "--offline"]).success();
    assert_same(&outcome(&project), &installed, "it differs");
}

#[test]
fn preferring_the_cache_asks_for_what_is_not_in_it_only() {
    let registry = registry();
    let (project, _) = warm_project(&registry);
    registry.clear_requests();
    project.remove("node_modules").remove("package-lock.json");
    project.run(["install", "--prefer-offline", "--no-audit"]).success();
    assert_eq!(registry.request_lines(), [] as [&str; 0]);
    project.run(["install", "other", "--prefer-offline", "--no-audit"]).success();
    assert_eq!(registry.request_lines(), ["GET /other", "GET /other/-/other-1.0.0.tgz"]);
}

#[test]
fn what_is_missing_is_named() {
    let registry = registry();
    let cold = project(&registry);
    depend_on(&cold, &[("wanted", "^1.0.0")]);
    let run = cold.run(["install", "--offline"]);
    assert_refused(&run, &["ENOTCACHED", "wanted", "--offline"]);

    let (warm, installed) = warm_project(&registry);
    let run = warm.run(["install", "--offline", "other"]);
    assert_refused(&run, &["ENOTCACHED", "other", "--offline"]);
    assert_same(&outcome(&warm), &installed, "it differs");

    // the lockfile knows everything, the store nothing
    std::fs::remove_dir_all(crate::world::store_directory(&warm)).expect("removed");
    warm.remove("node_modules");
    registry.clear_requests();
    let run = warm.run(["ci", "--offline"]);
    assert_refused(&run, &["ENOTCACHED", "@1.0.0", "--offline"]);
    assert_eq!(registry.request_lines(), [] as [&str; 0]);
    assert!(!warm.exists("node_modules/wanted"));
}

#[test]
fn a_registry_that_is_away_is_not_needed_for_what_is_locked_and_kept() {
    let registry = registry();
    let (project, installed) = warm_project(&registry);
    drop(registry);
    project.remove("node_modules");
    project.run(["install"]).success();
    assert_same(&outcome(&project), &installed, "it differs");
    project.run(["ci"]).success();
    assert_same(&outcome(&project), &installed, "it differs");
    let run = project.run(["install", "other"]);
    assert_refused(&run, &["ECONNREFUSED", "other", "network"]);
    assert_same(&outcome(&project), &installed, "it differs");
}
