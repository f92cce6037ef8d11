//! Git repositories and folders as packages: their links lead nowhere, their settings count for nothing.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::json;
use test_support::{TestProject, TestRegistry};

use super::scripts::commit;
use crate::world::{assert_refused, configure, depend_on, package, project};

fn repository(project: &TestProject) -> PathBuf {
    let folder = project.path().parent().expect("has a parent").join("repository");
    fs::create_dir_all(&folder).expect("created");
    fs::write(folder.join("package.json"), json!({ "name": "cloned", "version": "1.0.0" }).to_string())
        .expect("written");
    folder
}

fn secret(project: &TestProject) -> PathBuf {
    let secret = project.path().parent().expect("has a parent").join("secret");
    fs::write(&secret, "the user's secret").expect("written");
    secret
}

#[test]
fn links_in_a_repository_read_nothing_of_the_machines() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    let (repository, secret) = (repository(&project), secret(&project));
    symlink(&secret, repository.join("absolute")).expect("linked");
    symlink("../secret", repository.join("relative")).expect("linked");
    symlink("..", repository.join("above")).expect("linked");
    symlink("package.json", repository.join("inside")).expect("linked");
    commit(&repository);
    depend_on(&project, &[("cloned", &format!("git+file://{}", repository.display()))]);
    project.run(["install"]).success();
    let tree = project.tree("node_modules/cloned");
    assert!(tree.contains("package.json") && !tree.contains("above/"), "{tree}");
    for name in ["absolute", "relative"] {
        let content = fs::read_to_string(project.path().join("node_modules/cloned").join(name));
        assert!(!content.is_ok_and(|text| text.contains("secret")), "{name}");
    }
}

#[test]
fn a_manifest_that_is_a_link_is_none() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    let repository = repository(&project);
    let outside = project.path().parent().expect("has a parent").join("outside.json");
    fs::write(&outside, json!({ "name": "cloned", "version": "6.6.6", "description": "secret" }).to_string())
        .expect("written");
    fs::remove_file(repository.join("package.json")).expect("removed");
    symlink(&outside, repository.join("package.json")).expect("linked");
    commit(&repository);
    depend_on(&project, &[("cloned", &format!("git+file://{}", repository.display()))]);
    let run = project.run(["install"]);
    assert_eq!(run.code, Some(1), "{}", run.to_snapshot());
    assert!(!project.exists("node_modules/cloned"));
}

#[test]
fn links_in_a_folder_that_is_copied_read_nothing_of_the_machines() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    configure(&project, "install-links=true");
    let secret = secret(&project);
    project.write_json("folder/package.json", &json!({ "name": "folder", "version": "1.0.0" }));
    symlink(&secret, project.path().join("folder/absolute")).expect("linked");
    symlink("../..", project.path().join("folder/above")).expect("linked");
    depend_on(&project, &[("folder", "file:folder")]);
    project.run(["install"]).success();
    let tree = project.tree("node_modules/folder");
    assert_eq!(tree.lines().count(), 1, "{tree}");
}

#[test]
fn a_repositorys_own_settings_do_not_count() {
    let registry = TestRegistry::with([package("below", "1.0.0")]);
    let hostile = TestRegistry::with([package("below", "1.0.0").file("payload.js", "evil")]);
    let project = project(&registry);
    let repository = repository(&project);
    let manifest = json!({
        "name": "cloned", "version": "1.0.0", "dependencies": { "below": "1.0.0" },
        "scripts": { "prepare": "touch \"$INIT_CWD/ran\"", "install": "touch \"$INIT_CWD/ran\"" },
    });
    fs::write(repository.join("package.json"), manifest.to_string()).expect("written");
    let settings = format!(
        "registry={}\ngit=./evil.sh\nscript-shell=./evil.sh\nignore-scripts=false\ndangerously-allow-all-scripts=true\n",
        hostile.url()
    );
    fs::write(repository.join(".npmrc"), settings).expect("written");
    fs::write(repository.join(".gitmodules"), "[submodule \"x\"]\n\tpath = x\n\turl = ./x\n")
        .expect("written");
    fs::write(repository.join(".gitattributes"), "*.js filter=evil\n").expect("written");
    commit(&repository);
    depend_on(&project, &[("cloned", &format!("git+file://{}", repository.display()))]);
    project.run(["install"]).success();
    assert_eq!(hostile.request_lines(), [] as [&str; 0]);
    assert!(!project.exists("node_modules/below/payload.js"));
    assert!(!project.exists("node_modules/cloned/.npmrc"));
    assert!(!project.exists("ran"));
}

#[test]
fn addresses_of_repositories_are_no_options_and_no_programs() {
    let registry = TestRegistry::with([]);
    let marks = ["--upload-pack=touch ran", "ext::sh -c touch% ran", "-oProxyCommand=touch ran"];
    for mark in marks {
        for spec in [
            format!("git+ssh://{mark}/x.git"),
            format!("git+file:{mark}"),
            format!("git+{mark}"),
            mark.to_owned(),
            format!("git+file:///nowhere#{mark}"),
            format!("git+ext::{mark}"),
        ] {
            let project = project(&registry);
            depend_on(&project, &[("cloned", &spec)]);
            let run = project.run(["install"]);
            assert_eq!(run.code, Some(1), "{spec}: {}", run.to_snapshot());
            assert!(!project.exists("ran") && !project.exists("node_modules/cloned"), "{spec}");
        }
    }
}

#[test]
fn a_subdirectory_stays_in_its_repository() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    let repository = repository(&project);
    symlink("../project", repository.join("out")).expect("linked");
    commit(&repository);
    for path in ["..", "../project", "out", "/etc", "a/../../project"] {
        depend_on(&project, &[("cloned", &format!("git+file://{}#path:{path}", repository.display()))]);
        let run = project.run(["install"]);
        assert_eq!(run.code, Some(1), "{path}: {}", run.to_snapshot());
        assert!(!project.exists("node_modules/cloned"), "{path}");
    }
}

#[test]
fn folders_that_lead_in_circles_come_to_an_end() {
    let registry = TestRegistry::with([]);
    for copied in [false, true] {
        let project = project(&registry);
        configure(&project, &format!("install-links={copied}"));
        project.write_json(
            "a/package.json",
            &json!({ "name": "a", "version": "1.0.0", "dependencies": { "b": "file:../b" } }),
        );
        project.write_json(
            "b/package.json",
            &json!({ "name": "b", "version": "1.0.0", "dependencies": { "a": "file:../a", "self": "file:." } }),
        );
        symlink("..", project.path().join("a/up")).expect("linked");
        depend_on(&project, &[("a", "file:a"), ("me", "file:.")]);
        let run = project.run(["install"]);
        assert!(matches!(run.code, Some(0 | 1)), "{}", run.to_snapshot());
        assert!(!run.stderr.contains("panicked"), "{}", run.to_snapshot());
    }
}

#[test]
fn git_that_is_missing_is_said_so() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    configure(&project, "git=/nowhere/git");
    depend_on(&project, &[("cloned", "git+file:///nowhere")]);
    assert_refused(&project.run(["install"]), &["ENOGIT", "git"]);
}

#[test]
fn in_a_hook_of_git_the_users_own_repository_is_left_alone() {
    let registry = TestRegistry::with([]);
    let project = project(&registry);
    let repository = repository(&project);
    commit(&repository);
    depend_on(&project, &[("cloned", &format!("git+file://{}", repository.display()))]);
    commit(&project.path());
    let tracked = project.tree(".git/refs");
    let mut command = project.command(["install"]);
    command
        .env("GIT_DIR", project.path().join(".git"))
        .env("GIT_WORK_TREE", project.path())
        .env("GIT_INDEX_FILE", project.path().join(".git/index"));
    let output = command.output().expect("knit runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(project.exists("node_modules/cloned/package.json"));
    assert_eq!(project.read_json("package.json")["name"], "project", "it was overwritten by a checkout");
    assert_eq!(project.tree(".git/refs"), tracked);
    assert!(!project.exists(".git/FETCH_HEAD"), "it was fetched into");
}
