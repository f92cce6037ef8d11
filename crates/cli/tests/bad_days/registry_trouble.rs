//! Registries that fail, lie or know nothing: tried again where that helps, else an error that says what, where and
//! what to do; nothing half-done stays.

use serde_json::json;
use test_support::{Fault, FixturePackage, RunOutput, TestProject, TestRegistry, Times, integrity_of};

use crate::world::{
    assert_refused, assert_store_is_whole, bulky, configure, depend_on, outcome, package, project,
};

fn registry() -> TestRegistry {
    TestRegistry::with([
        package("wanted", "1.0.0").dependency("below", "^1.0.0"),
        package("wanted", "1.5.0-beta.1"),
        package("below", "1.0.0"),
        package("lodash", "1.0.0"),
    ])
}

fn wanting(registry: &TestRegistry) -> TestProject {
    let project = project(registry);
    depend_on(&project, &[("wanted", "^1.0.0")]);
    project
}

#[track_caller]
fn assert_installed(project: &TestProject, run: RunOutput) {
    run.success();
    for name in ["wanted", "below"] {
        assert!(project.exists(&format!("node_modules/{name}/package.json")), "{name}");
    }
}

/// Nothing came of a run that was refused.
#[track_caller]
fn assert_untouched(project: &TestProject) {
    let left = outcome(project);
    assert_eq!(
        left.lines().filter(|line| !line.starts_with("package.json ")).collect::<Vec<_>>(),
        ["node_modules/"]
    );
}

#[test]
fn trouble_that_passes_is_waited_for() {
    let rows = [
        ("/wanted", Fault::Status(500)),
        ("/wanted", Fault::Status(503)),
        ("/wanted", Fault::TooManyRequests { retry_after: 0 }),
        ("/below", Fault::Truncated { bytes: 20 }),
        ("/below/-/below-1.0.0.tgz", Fault::Status(502)),
        ("/below/-/below-1.0.0.tgz", Fault::TooManyRequests { retry_after: 0 }),
        ("/below/-/below-1.0.0.tgz", Fault::Truncated { bytes: 100 }),
        ("/wanted/-/*", Fault::Truncated { bytes: 0 }),
    ];
    for (path, fault) in rows {
        let registry = registry();
        let project = wanting(&registry);
        registry.fault(path, fault.clone(), Times::First(1));
        let run = project.run(["install"]);
        assert_eq!(run.code, Some(0), "{path} {fault:?}: {}", run.to_snapshot());
        assert_installed(&project, run);
        let asked =
            registry.requests().iter().filter(|request| request.path.replace("%2f", "/") == path).count();
        assert!(path.ends_with('*') || asked == 2, "{path} {fault:?}: asked {asked} times");
    }
}

#[test]
fn retry_after_is_respected() {
    let registry = registry();
    let project = wanting(&registry);
    registry.fault("/wanted", Fault::TooManyRequests { retry_after: 1 }, Times::First(1));
    let started = std::time::Instant::now();
    assert_installed(&project, project.run(["install"]));
    assert!(started.elapsed() >= std::time::Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn silence_ends_with_the_time_limit() {
    for path in ["/below", "/below/-/below-1.0.0.tgz"] {
        let registry = registry();
        let project = wanting(&registry);
        configure(&project, "fetch-timeout=200\nfetch-retries=1");
        registry.fault(path, Fault::Stalled { bytes: 30 }, Times::First(1));
        assert_installed(&project, project.run(["install"]));

        let project = wanting(&registry);
        configure(&project, "fetch-timeout=200\nfetch-retries=1");
        registry.fault(path, Fault::Stalled { bytes: 30 }, Times::Always);
        let run = project.run(["install"]);
        assert_refused(&run, &["ERR_SOCKET_TIMEOUT", &format!("[registry]{path}"), "below", "fetch-timeout"]);
        assert_untouched(&project);
    }
}

#[test]
fn refusals_name_the_address_and_say_what_to_do() {
    let tarball = "/below/-/below-1.0.0.tgz";
    let rows: [(&str, Fault, &[&str]); 9] = [
        ("/below", Fault::Status(500), &["E500", "below", "try again"]),
        (tarball, Fault::Status(500), &["E500", "below@1.0.0", "try again"]),
        ("/below", Fault::Status(401), &["E401", "below", "login"]),
        (tarball, Fault::Status(401), &["E401", "below@1.0.0", "login"]),
        ("/below", Fault::Status(403), &["E403", "below", "policy"]),
        (tarball, Fault::Status(403), &["E403", "below@1.0.0", "policy"]),
        (tarball, Fault::Status(404), &["E404", "below@1.0.0"]),
        (tarball, Fault::Truncated { bytes: 100 }, &["ECONNRESET", "below@1.0.0", "100 of"]),
        ("/below", Fault::TooManyRequests { retry_after: 0 }, &["E429", "below"]),
    ];
    for (path, fault, said) in rows {
        let registry = registry();
        let project = wanting(&registry);
        configure(&project, "fetch-retries=1");
        registry.fault(path, fault, Times::Always);
        let run = project.run(["install"]);
        assert_refused(&run, said);
        assert_refused(&run, &[&format!("[registry]{path}")]);
        assert_untouched(&project);
        assert_store_is_whole(&project);
    }
}

#[test]
fn metadata_that_is_none_is_refused_by_name() {
    let rows: [&[u8]; 6] = [
        b"{\"name\": \"below\", \"versions\": {",
        b"<html>welcome to our hotel's wireless network</html>",
        b"",
        b"[]",
        b"null",
        b"{\"name\":\"below\",\"versions\":{\"1.0.0\":7},\"dist-tags\":{\"latest\":\"1.0.0\"}}",
    ];
    for body in rows {
        let registry = registry();
        let project = wanting(&registry);
        registry.fault("/below", Fault::Replaced(body.to_vec()), Times::Always);
        let run = project.run(["install"]);
        assert_refused(&run, &["below"]);
        assert_untouched(&project);
        // and the next day
        registry.clear_faults();
        assert_installed(&project, project.run(["install"]));
    }
}

#[test]
fn a_package_that_does_not_exist_is_traced_to_who_wants_it() {
    let registry = registry();
    registry.publish(package("wanted", "1.0.1").dependency("lodahs", "^1.0.0"));
    let project = wanting(&registry);
    let run = project.run(["install"]);
    assert_refused(&run, &["E404", "lodahs", "wanted@1.0.1"]);
    assert_untouched(&project);

    depend_on(&project, &[("lodahs", "^1.0.0")]);
    let run = project.run(["install"]);
    assert_refused(&run, &["E404", "lodahs", "package.json"]);
}

#[test]
fn a_version_that_does_not_exist_is_answered_with_those_that_do() {
    let registry = registry();
    registry.publish(package("wanted", "1.0.1").dependency("below", "^3.0.0"));
    let project = wanting(&registry);
    let run = project.run(["install"]);
    assert_refused(&run, &["ETARGET", "below@^3.0.0", "1.0.0", "wanted@1.0.1"]);
    let run = project.run(["install", "below@nightly"]);
    assert_refused(&run, &["ETARGET", "below@nightly", "latest"]);
    assert_untouched(&project);
}

#[test]
fn bytes_with_another_hash_never_get_anywhere() {
    let claimed = integrity_of(b"something else");
    let registry = TestRegistry::with([
        package("wanted", "1.0.0").dependency("below", "^1.0.0"),
        package("below", "1.0.0").with_integrity(&claimed),
    ]);
    let project = wanting(&registry);
    let run = project.run(["install"]);
    let actual = integrity_of(&package("below", "1.0.0").tarball());
    assert_refused(&run, &["EINTEGRITY", "below@1.0.0", "/below/-/below-1.0.0.tgz", &claimed, &actual]);
    assert_untouched(&project);
    assert!(!crate::world::store_tree(&project).contains("below"), "it is in the store");
    let whole = assert_store_is_whole(&project);
    assert!(whole <= 1, "{whole} entries");
}

#[test]
fn bytes_that_changed_on_the_way_are_fetched_again() {
    let registry = TestRegistry::with([
        bulky("wanted", "1.0.0", 200_000).dependency("below", "1.x"),
        package("below", "1.0.0"),
    ]);
    let project = wanting(&registry);
    registry.fault("/wanted/-/*", Fault::Corrupted, Times::First(1));
    assert_installed(&project, project.run(["install"]));
    let project = wanting(&registry);
    registry.fault("/wanted/-/*", Fault::Corrupted, Times::Always);
    let run = project.run(["install"]);
    assert_refused(&run, &["EINTEGRITY", "wanted@1.0.0"]);
    assert_untouched(&project);
}

#[test]
fn what_was_there_stays_when_the_new_cannot_be_had() {
    let registry = registry();
    let project = wanting(&registry);
    project.run(["install"]).success();
    let before = outcome(&project);
    registry.publish(package("lodash", "2.0.0").with_integrity(&integrity_of(b"another")));
    let run = project.run(["install", "lodash@2"]);
    assert_refused(&run, &["EINTEGRITY", "lodash@2.0.0"]);
    assert_eq!(outcome(&project), before);
    project.run(["install"]).success();
    assert_eq!(outcome(&project), before);
}

#[test]
fn optional_packages_may_fail_and_are_told_of() {
    let registry = TestRegistry::with([
        package("wanted", "1.0.0").optional_dependency("below", "^1.0.0").optional_dependency("gone", "1.x"),
        package("below", "1.0.0").with_integrity(&integrity_of(b"something else")),
    ]);
    let project = wanting(&registry);
    let run = project.run(["install"]);
    assert_eq!(run.code, Some(0), "{}", run.to_snapshot());
    assert!(run.stderr.contains("below@1.0.0") && run.stderr.contains("integrity"), "{}", run.to_snapshot());
    assert!(!project.exists("node_modules/below"));
    assert!(project.read("package-lock.json").contains("node_modules/below"), "the lockfile forgot it");
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let registry = registry();
    let project = wanting(&registry);
    let mirror = TestRegistry::with([package("below", "1.0.0")]);
    let target = format!("{}below/-/below-1.0.0.tgz", mirror.url());
    registry.fault("/below/-/*", Fault::Redirected(target), Times::Always);
    assert_installed(&project, project.run(["install"]));

    let project = wanting(&registry);
    registry.clear_faults();
    registry.fault("/below", Fault::Redirected(format!("{}below", registry.url())), Times::Always);
    let run = project.run(["install"]);
    assert_refused(&run, &["EINVALIDREDIRECT", "below"]);
}

#[test]
fn credentials_are_not_shown() {
    let registry = registry();
    registry.require_authorization("Bearer right");
    let project = wanting(&registry);
    configure(&project, &format!("//{}/:_authToken=wrong-secret", registry.host()));
    let run = project.run(["install"]);
    assert_refused(&run, &["E401", "login"]);
    assert!(!run.stderr.contains("wrong-secret"), "{}", run.to_snapshot());
    configure(&project, &format!("//{}/:_authToken=right", registry.host()));
    assert_installed(&project, project.run(["install"]));
}

#[test]
fn a_packument_that_is_another_packages_is_refused() {
    let registry = registry();
    let other = json!({
        "name": "other",
        "dist-tags": { "latest": "1.0.0" },
        "versions": { "1.0.0": {
            "name": "other", "version": "1.0.0",
            "dist": { "tarball": format!("{}lodash/-/lodash-1.0.0.tgz", registry.url()) }
        } }
    });
    registry.put_packument("below", other.to_string().as_bytes());
    let project = wanting(&registry);
    let run = project.run(["install"]);
    assert_refused(&run, &["below"]);
    assert_untouched(&project);
    let _ = FixturePackage::new("x", "1.0.0");
}
