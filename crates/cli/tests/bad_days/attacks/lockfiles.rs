//! Lockfiles that somebody tampered with: a pull request changes one line that nobody reads.

use serde_json::{Value, json};
use test_support::{FixturePackage, TestProject, TestRegistry};

use super::surroundings;
use crate::world::{assert_refused, depend_on, package, project};

fn registry() -> TestRegistry {
    TestRegistry::with([
        package("victim", "1.0.0"),
        package("evil", "1.0.0").file("payload.js", "evil"),
        package("user", "1.0.0").dependency("victim", "^1.0.0"),
    ])
}

fn locked(registry: &TestRegistry) -> TestProject {
    let project = project(registry);
    depend_on(&project, &[("user", "^1.0.0"), ("victim", "^1.0.0")]);
    project.run(["install", "--package-lock-only"]).success();
    project.remove("node_modules");
    project
}

fn edit(project: &TestProject, change: impl FnOnce(&mut Value)) {
    let mut lockfile = project.read_json("package-lock.json");
    change(&mut lockfile);
    project.write_json("package-lock.json", &lockfile);
}

#[test]
fn places_outside_node_modules_are_refused() {
    let rows = [
        "node_modules/../../evil",
        "node_modules/..",
        "../evil/node_modules/evil",
        "/tmp/evil/node_modules/evil",
        "packages/../../node_modules/evil",
        "node_modules/victim/../../../node_modules/evil",
        "node_modules/.bin",
        "node_modules/@scope/../../../evil",
        "node_modules/a\\..\\..\\..\\evil",
        "node_modules/a/../../../node_modules/evil",
        "node_modules/node_modules",
        "node_modules//evil",
        "./../node_modules/evil",
    ];
    for location in rows {
        for command in ["install", "ci"] {
            for is_link in [false, true] {
                let registry = registry();
                let project = locked(&registry);
                edit(&project, |lockfile| {
                    let packages = lockfile["packages"].as_object_mut().expect("an object");
                    let mut entry = packages["node_modules/victim"].clone();
                    if is_link {
                        entry = json!({ "resolved": "node_modules/victim", "link": true });
                    } else {
                        entry["name"] = "evil".into();
                    }
                    packages.insert(location.to_owned(), entry);
                    // somebody must want it, or it is pruned
                    let name = location.rsplit("node_modules/").next().unwrap_or_default();
                    packages["node_modules/user"]["dependencies"][name] = "*".into();
                });
                let run = project.run([command]);
                assert!(matches!(run.code, Some(0 | 1)), "{location} {command}: {}", run.to_snapshot());
                assert!(!run.stderr.contains("panicked"), "{location} {command}: {}", run.to_snapshot());
                let root = project.path().parent().expect("has a parent").to_owned();
                assert!(
                    !root.join("evil").exists() && !root.join("node_modules").exists(),
                    "{location} {command}"
                );
                assert!(!surroundings(&project).contains("evil"), "{location} {command}");
                let top = project.tree("");
                let is_known = |line: &&str| line.starts_with("node_modules/") || line.starts_with("package");
                assert_eq!(top.lines().find(|line| !is_known(line)), None, "{location} {command}");
                assert!(!project.exists("node_modules/.bin/index.js"), "{location} {command}");
            }
        }
    }
}

/// What makes one package be another: a tarball of the same registry, or of a server elsewhere.
#[test]
fn a_package_cannot_be_replaced_by_another() {
    let elsewhere = TestRegistry::with([package("victim", "1.0.0").file("payload.js", "evil")]);
    let forged = package("victim", "1.0.0").file("payload.js", "evil");
    let evil = package("evil", "1.0.0").file("payload.js", "evil");
    let registry = registry();
    let rows: [(&str, String, Option<String>, Option<&str>); 7] = [
        ("another server", elsewhere.tarball_url(&forged), Some(forged.integrity()), None),
        ("another server, no hash", elsewhere.tarball_url(&forged), None, None),
        ("another package", registry.tarball_url(&evil), Some(evil.integrity()), None),
        ("another package, no hash", registry.tarball_url(&evil), None, None),
        ("another package by its name", registry.tarball_url(&evil), Some(evil.integrity()), Some("evil")),
        (
            "the right address, another hash",
            registry.tarball_url(&package("victim", "1.0.0")),
            Some(evil.integrity()),
            None,
        ),
        ("a file", "file:evil.tgz".to_owned(), Some(evil.integrity()), None),
    ];
    for (what, resolved, integrity, name) in rows {
        for command in ["ci", "install"] {
            let project = locked(&registry);
            // as if the other was known already, so that the hash alone would find it
            let other = crate::world::project(&registry);
            drop(other);
            std::fs::write(project.path().join("evil.tgz"), evil.tarball()).expect("written");
            edit(&project, |lockfile| {
                let entry = lockfile["packages"]["node_modules/victim"].as_object_mut().expect("an object");
                entry.insert("resolved".to_owned(), resolved.clone().into());
                entry.shift_remove("integrity");
                if let Some(integrity) = &integrity {
                    entry.insert("integrity".to_owned(), integrity.clone().into());
                }
                if let Some(name) = name {
                    entry.insert("name".to_owned(), name.into());
                }
            });
            let run = project.run([command]);
            assert!(
                !project.exists("node_modules/victim/payload.js"),
                "{what}, {command}: {}",
                run.to_snapshot()
            );
            if run.code != Some(0) {
                assert_refused(&run, &["victim"]);
            }
        }
    }
}

/// A store that has the other package already must not be the way in.
#[test]
fn a_known_hash_under_another_name_is_refused() {
    let registry = registry();
    let evil = package("evil", "1.0.0").file("payload.js", "evil");
    let project = locked(&registry);
    let manifest = project.read_json("package.json");
    let lockfile = project.read("package-lock.json");
    depend_on(&project, &[("evil", "1.0.0")]);
    project.remove("package-lock.json");
    project.run(["install"]).success();
    project
        .remove("node_modules")
        .write_json("package.json", &manifest)
        .write("package-lock.json", &lockfile);
    edit(&project, |lockfile| {
        lockfile["packages"]["node_modules/victim"]["integrity"] = evil.integrity().into();
    });
    for command in ["ci", "install"] {
        let run = project.run([command]);
        assert_refused(&run, &["EINTEGRITY", "victim@1.0.0"]);
        assert!(!project.exists("node_modules/victim/payload.js"), "{}", run.to_snapshot());
    }
}

#[test]
fn a_hash_that_is_missing_is_asked_of_the_registry() {
    let registry = registry();
    let project = locked(&registry);
    edit(&project, |lockfile| {
        lockfile["packages"]["node_modules/victim"]
            .as_object_mut()
            .expect("an object")
            .shift_remove("integrity");
    });
    registry.publish(
        FixturePackage::new("victim", "1.0.0").with_integrity(&package("evil", "1.0.0").integrity()),
    );
    let run = project.run(["ci"]);
    assert_refused(&run, &["EINTEGRITY", "victim@1.0.0"]);
    assert!(!project.exists("node_modules/victim"));
}

#[test]
fn links_of_a_lockfile_do_not_lead_to_places_that_nobody_asked_for() {
    let registry = registry();
    for target in ["../home", "..", "/etc", "../../../../../../etc", "."] {
        let project = locked(&registry);
        edit(&project, |lockfile| {
            let packages = lockfile["packages"].as_object_mut().expect("an object");
            packages.insert("node_modules/victim".to_owned(), json!({ "resolved": target, "link": true }));
            packages.insert(
                target.to_owned(),
                json!({ "name": "victim", "version": "1.0.0", "bin": { "evil": ".npmrc" } }),
            );
        });
        for command in ["ci", "install"] {
            let run = project.run([command]);
            let link = std::fs::read_link(project.path().join("node_modules/victim"));
            assert!(link.is_err(), "{target} {command}: {link:?} {}", run.to_snapshot());
            assert!(!run.stderr.contains("panicked"), "{}", run.to_snapshot());
        }
    }
}

#[test]
fn lockfiles_that_are_none_are_refused_without_harm() {
    for text in [
        "",
        "[]",
        "null",
        "{\"lockfileVersion\":3,\"packages\":[]}",
        "{\"lockfileVersion\":3,\"packages\":{\"node_modules/victim\":7}}",
        "{\"lockfileVersion\":3,\"packages\":{\"node_modules/victim\":{\"version\":{},\"resolved\":[],\"integrity\":1,\"dependencies\":7,\"bin\":[1]}}}",
        "{\"lockfileVersion\":1,\"dependencies\":{\"victim\":{\"version\":\"1.0.0\",\"dependencies\":{\"../x\":{\"version\":\"1.0.0\"}}}}}",
        "{\"lockfileVersion\":1,\"dependencies\":{\"../../evil\":{\"version\":\"1.0.0\"}}}",
        "{\"lockfileVersion\":99,\"packages\":{}}",
        "{\"lockfileVersion\":3,\"packages\":{\"\":{},\"node_modules/victim\":{\"link\":true,\"resolved\":\"node_modules/victim\"}}}",
        "{\"lockfileVersion\":3,\"packages\":{\"\":{},\"node_modules/user\":{\"link\":true,\"resolved\":\"node_modules/victim\"},\"node_modules/victim\":{\"link\":true,\"resolved\":\"node_modules/user\"}}}",
    ] {
        let registry = registry();
        for command in ["install", "ci"] {
            let project = project(&registry);
            depend_on(&project, &[("victim", "^1.0.0")]);
            project.write("package-lock.json", text);
            let run = project.run([command]);
            assert!(matches!(run.code, Some(0 | 1)), "{text} {command}: {}", run.to_snapshot());
            assert!(!run.stderr.contains("panicked"), "{text} {command}: {}", run.to_snapshot());
            let root = project.path().parent().expect("has a parent").to_owned();
            assert!(!root.join("evil").exists() && !root.join("x").exists(), "{text}");
            if run.code == Some(0) {
                assert!(
                    project.exists("node_modules/victim/index.js"),
                    "{text} {command}: {}",
                    run.to_snapshot()
                );
            }
        }
    }
}
