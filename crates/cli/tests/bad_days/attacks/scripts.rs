//! Install scripts run for whom they were approved for, and for nobody who only has the name.

use std::fs;

use serde_json::json;
use test_support::{FixturePackage, TarballBuilder, TestProject, TestRegistry};

use crate::world::{configure, depend_on, package, project};

fn evil(name: &str) -> FixturePackage {
    package(name, "1.0.0")
        .script("preinstall", "touch \"$INIT_CWD/ran\"")
        .script("install", "touch \"$INIT_CWD/ran\"")
        .script("postinstall", "touch \"$INIT_CWD/ran\"")
}

fn registry() -> TestRegistry {
    TestRegistry::with([
        evil("approved"),
        evil("evil"),
        package("carrier", "1.0.0").dependency("approved", "^1.0.0"),
    ])
}

fn approving(registry: &TestRegistry) -> TestProject {
    let project = project(registry);
    configure(&project, "allow-scripts=approved");
    project
}

#[test]
fn an_approved_package_runs_its_scripts_and_others_do_not() {
    let registry = registry();
    for (dependency, runs) in [("approved", true), ("carrier", true), ("evil", false)] {
        let project = approving(&registry);
        depend_on(&project, &[(dependency, "1.0.0")]);
        let run = project.run(["install"]).success();
        assert_eq!(project.exists("ran"), runs, "{dependency}");
        assert_eq!(run.stderr.contains("evil@1.0.0"), !runs, "{}", run.to_snapshot());
    }
    for (setting, runs) in
        [("approved@1.0.0", true), ("approved@2.0.0", false), ("approve", false), ("*", false)]
    {
        let project = project(&registry);
        configure(&project, &format!("allow-scripts={setting}"));
        depend_on(&project, &[("approved", "1.0.0")]);
        project.run(["install"]).success();
        assert_eq!(project.exists("ran"), runs, "{setting}");
    }
}

#[test]
fn the_same_name_from_elsewhere_is_another_package() {
    let registry = registry();
    let elsewhere = TestRegistry::with([evil("approved")]);
    let url = elsewhere.tarball_url(&evil("approved"));
    let rows = [
        ("a tarball's address", vec![("approved", url.as_str())]),
        ("a tarball in the project", vec![("approved", "file:approved.tgz")]),
        ("an alias", vec![("approved", "npm:evil@1.0.0")]),
        ("a repository", vec![("approved", "git+file://REPOSITORY")]),
        ("a folder, copied", vec![("approved", "file:folder")]),
    ];
    for (what, dependencies) in rows {
        let project = approving(&registry);
        configure(&project, "install-links=true");
        fs::write(project.path().join("approved.tgz"), evil("approved").tarball()).expect("written");
        project.write_json("folder/package.json", &evil("approved").package_json());
        let repository = repository(&project, &evil("approved"));
        let dependencies: Vec<(&str, String)> = dependencies
            .into_iter()
            .map(|(name, spec)| (name, spec.replace("REPOSITORY", &repository)))
            .collect();
        let dependencies: Vec<(&str, &str)> =
            dependencies.iter().map(|(name, spec)| (*name, spec.as_str())).collect();
        depend_on(&project, &dependencies);
        for command in ["install", "ci"] {
            let run = project.run([command]);
            assert_eq!(run.code, Some(0), "{what} {command}: {}", run.to_snapshot());
            assert!(project.exists("node_modules/approved/package.json"), "{what}");
            assert!(!project.exists("ran"), "{what} {command}");
            assert!(run.stderr.contains("not run"), "{what} {command}: {}", run.to_snapshot());
        }
    }
}

/// A repository beside the project with a package in it.
pub(super) fn repository(project: &TestProject, package: &FixturePackage) -> String {
    let folder = project.path().parent().expect("has a parent").join("repository");
    fs::create_dir_all(&folder).expect("created");
    fs::write(folder.join("package.json"), package.package_json().to_string()).expect("written");
    commit(&folder);
    folder.to_string_lossy().into_owned()
}

/// Makes a folder a repository with everything in it committed.
pub(super) fn commit(folder: &std::path::Path) {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=e", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all", "--force"]);
    git(&["commit", "--quiet", "--message", "all"]);
}

#[test]
fn what_an_approved_package_bundles_is_not_approved_with_it() {
    let inner =
        json!({ "name": "inner", "version": "1.0.0", "scripts": { "install": "touch \"$INIT_CWD/ran\"" } });
    let named = json!({ "name": "approved", "version": "1.0.0", "scripts": { "install": "touch \"$INIT_CWD/ran\"" } });
    for (name, document) in [("inner", inner), ("approved", named)] {
        let manifest = json!({ "name": "outer", "version": "1.0.0", "bundleDependencies": [name], "dependencies": { name: "1.0.0" } });
        let tarball = TarballBuilder::new()
            .file("package/package.json", 0o644, manifest.to_string())
            .file(&format!("package/node_modules/{name}/package.json"), 0o644, document.to_string())
            .gzip();
        let registry = TestRegistry::with([FixturePackage::new("outer", "1.0.0")
            .bundled(name)
            .dependency(name, "1.0.0")
            .with_tarball(tarball)]);
        let project = project(&registry);
        configure(&project, "allow-scripts=outer,approved");
        depend_on(&project, &[("outer", "1.0.0")]);
        for command in ["install", "ci"] {
            project.run([command]).success();
            assert!(!project.exists("ran"), "{name} {command}");
        }
    }
}

#[test]
fn a_manifest_that_differs_from_the_registrys_runs_nothing() {
    // the registry says that there are no scripts, the tarball has some: nobody was asked about them
    let tarball = evil("sneaky").tarball();
    let registry = TestRegistry::with([FixturePackage::new("sneaky", "1.0.0").with_tarball(tarball)]);
    let project = project(&registry);
    depend_on(&project, &[("sneaky", "1.0.0")]);
    project.run(["install"]).success();
    assert!(!project.exists("ran"));
    let gyp = TestRegistry::with([package("sneaky", "1.0.0").file("binding.gyp", "{}")]);
    let project = crate::world::project(&gyp);
    depend_on(&project, &[("sneaky", "1.0.0")]);
    let run = project.run(["install"]).success();
    assert!(run.stderr.contains("sneaky@1.0.0"), "{}", run.to_snapshot());
}

#[test]
fn scripts_that_write_into_their_package_do_not_write_into_the_store() {
    let registry =
        TestRegistry::with([package("approved", "1.0.0")
            .script("install", "echo changed >> index.js; rm package.json.bak; true")]);
    let project = approving(&registry);
    depend_on(&project, &[("approved", "1.0.0")]);
    project.run(["install"]).success();
    assert!(project.read("node_modules/approved/index.js").contains("changed"));
    let other = approving(&registry);
    configure(
        &other,
        &format!("store-dir={}\nignore-scripts=true", crate::world::store_directory(&project).display()),
    );
    depend_on(&other, &[("approved", "1.0.0")]);
    other.run(["install"]).success();
    assert!(!other.read("node_modules/approved/index.js").contains("changed"));
    crate::world::assert_store_is_whole(&project);
}

#[test]
fn the_project_cannot_approve_everything_unseen() {
    let registry = registry();
    let project = project(&registry);
    depend_on(&project, &[("evil", "1.0.0")]);
    project.write(".npmrc", "ignore-scripts=false\n");
    project.run(["install"]).success();
    assert!(!project.exists("ran"));
    project.run(["install", "--ignore-scripts"]).success();
    assert!(!project.exists("ran"));
}

#[test]
fn a_script_that_fails_leaves_the_wishes_as_they_were() {
    let registry = TestRegistry::with([
        package("fails", "1.0.0").script("install", "test -e \"$INIT_CWD/mended\""),
        package("good", "1.0.0"),
    ]);
    let project = project(&registry);
    configure(&project, "allow-scripts=fails");
    depend_on(&project, &[("good", "1.0.0")]);
    project.run(["install"]).success();
    let (manifest, lockfile) = (project.read("package.json"), project.read("package-lock.json"));
    let run = project.run(["install", "fails"]);
    crate::world::assert_refused(&run, &["ELIFECYCLE", "fails@1.0.0"]);
    assert_eq!((project.read("package.json"), project.read("package-lock.json")), (manifest, lockfile));
    // and it is not forgotten that its script has still to run
    let run = project.run(["install", "fails"]);
    crate::world::assert_refused(&run, &["ELIFECYCLE", "fails@1.0.0"]);
    project.write("mended", "");
    project.run(["install", "fails"]).success();
    assert!(project.read("package.json").contains("fails"));
}
