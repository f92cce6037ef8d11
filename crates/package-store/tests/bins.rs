//! Commands and manual pages, as npm 11.19.1 links them.

mod support;

use package_store::{
    BeginOptions, Bin, GlobalLinks, LinkMode, LinkTask, NodeModulesWriter, Store, StoreError, TarballRequest,
    bin, check_global, link_global, unlink_global,
};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use support::Tar;

fn bins(list: &[(&str, &str)]) -> Vec<Bin> {
    // Not through `Bin::new`: callers may hold anything.
    list.iter().map(|(name, target)| Bin { name: (*name).into(), target: (*target).into() }).collect()
}

struct Project {
    directory: tempfile::TempDir,
    store: Store,
}

impl Project {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("temporary directory");
        fs::create_dir(directory.path().join("project")).expect("directory");
        let store = Store::open(directory.path().join("store")).expect("store");
        Self { directory, store }
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("project")
    }

    fn task(&self, location: &str, tar: Tar) -> LinkTask {
        let request = TarballRequest::new(location, "a test", None);
        let entry = self.store.ingest_tarball(request, &tar.gzip()).expect("a good tarball").entry;
        LinkTask { location: location.into(), entry, mode: LinkMode::Auto }
    }

    fn install(&self, tasks: &[LinkTask], bins: &[(&str, Vec<Bin>)]) {
        let mut writer = NodeModulesWriter::begin(&self.root(), &BeginOptions::default()).expect("a writer");
        writer.plan(tasks.iter().map(|task| task.location.as_str()), []).expect("a plan");
        writer.link_all(tasks).expect("linked");
        writer.commit().expect("committed");
        for (location, bins) in bins {
            writer.link_bins(location, bins).expect("commands");
        }
        writer.finish(&[]).expect("finished");
    }

    fn links(&self, directory: &str) -> Vec<String> {
        links(&self.root().join(directory))
    }
}

fn links(directory: &Path) -> Vec<String> {
    let Ok(items) = fs::read_dir(directory) else { return Vec::new() };
    let mut links: Vec<_> = items
        .map(|item| {
            let item = item.expect("item");
            let target = fs::read_link(item.path()).expect("a link");
            format!("{} -> {}", item.file_name().to_string_lossy(), target.display())
        })
        .collect();
    links.sort();
    links
}

fn tool() -> Tar {
    Tar::default().file("package/cli.js", "#!/bin/sh\n").file("package/lib/x.js", "x")
}

#[test]
fn manifests_name_commands_in_many_ways() {
    for (manifest, expected) in [
        (json!({"name": "a", "bin": "./cli.js"}), vec![("a", "cli.js")]),
        (json!({"name": "@s/a", "bin": "cli.js"}), vec![("a", "cli.js")]),
        (json!({"bin": "cli.js"}), vec![]),
        (
            json!({"name": "a", "bin": ["./x/one.js", "two.js"]}),
            vec![("one.js", "x/one.js"), ("two.js", "two.js")],
        ),
        (
            json!({"name": "a", "bin": {"one": "1.js", "two": ".\\2.js"}}),
            vec![("one", "1.js"), ("two", "2.js")],
        ),
        (json!({"name": "a", "bin": {"../../x": "../../../etc/passwd"}}), vec![("x", "etc/passwd")]),
        (json!({"name": "a", "bin": {"/etc/x": "/etc/passwd"}}), vec![("x", "etc/passwd")]),
        (json!({"name": "a", "bin": {"..\\..\\x": "..\\..\\y"}}), vec![("x", "y")]),
        (json!({"name": "a", "bin": {"C:\\x": "C:\\y"}}), vec![("x", "C:/y")]),
        (
            json!({"name": "a", "bin": {"..": "x", ".": "x", "": "x", "/": "x", "a": "", "b": "..", "c": 1}}),
            vec![],
        ),
        (json!({"name": "a", "bin": {"x/one": "1.js", "one": "2.js"}}), vec![("one", "2.js")]),
        (json!({"name": "a", "bin": {"a\u{0}b": "1.js", "b": "1\u{0}.js"}}), vec![]),
        (json!({"name": "a", "bin": null}), vec![]),
    ] {
        let found = bin::from_manifest(manifest.as_object().expect("an object"));
        assert_eq!(found, bins(&expected), "{manifest}");
    }
}

#[test]
fn commands_are_relative_links_beside_their_packages() {
    let project = Project::new();
    let locations =
        ["node_modules/a", "node_modules/@s/b", "node_modules/a/node_modules/c", "packages/w/node_modules/d"];
    let tasks = locations.map(|location| project.task(location, tool()));
    let commands = |name| bins(&[(name, "cli.js"), ("gone", "missing.js")]);
    project.install(
        &tasks,
        &[
            (locations[0], commands("a")),
            (locations[1], commands("b")),
            (locations[2], commands("c")),
            (locations[3], commands("d")),
        ],
    );
    assert_eq!(project.links("node_modules/.bin"), ["a -> ../a/cli.js", "b -> ../@s/b/cli.js"]);
    assert_eq!(project.links("node_modules/a/node_modules/.bin"), ["c -> ../c/cli.js"]);
    assert_eq!(project.links("packages/w/node_modules/.bin"), ["d -> ../d/cli.js"]);
    // The manifest did not name the command, so the store's file is not executable and stays so.
    let installed = fs::metadata(project.root().join("node_modules/a/cli.js")).expect("file");
    let kept = fs::metadata(tasks[0].entry.path().join("cli.js")).expect("file");
    assert_eq!((installed.permissions().mode() & 0o100, kept.permissions().mode() & 0o111), (0o100, 0));
    assert_ne!(installed.ino(), kept.ino());
    assert_eq!(tasks[0].entry.damage().expect("readable"), []);
}

#[test]
fn names_and_targets_lead_nowhere_else() {
    let project = Project::new();
    let tasks = [project.task("node_modules/evil", tool()), project.task("node_modules/victim", tool())];
    let outside = project.directory.path().join("outside.js");
    fs::write(&outside, "outside").expect("written");
    let mode = fs::metadata(&outside).expect("file").permissions().mode();
    project.install(
        &tasks,
        &[(
            "node_modules/evil",
            bins(&[
                ("../victim/lib/x.js", "cli.js"),
                ("../../package.json", "cli.js"),
                ("/tmp/absolute", "cli.js"),
                ("..\\..\\windows", "cli.js"),
                ("C:\\drive", "cli.js"),
                ("..", "cli.js"),
                (".", "cli.js"),
                ("", "cli.js"),
                ("nul\0", "cli.js"),
                ("out", "../../../outside.js"),
                ("root", "/etc/passwd"),
                ("back", "..\\..\\..\\outside.js"),
                ("itself", ".."),
            ]),
        )],
    );
    let expected = ["absolute", "drive", "package.json", "windows", "x.js"];
    assert_eq!(project.links("node_modules/.bin"), expected.map(|name| format!("{name} -> ../evil/cli.js")));
    assert_eq!(fs::metadata(&outside).expect("file").permissions().mode(), mode);
    assert!(!project.root().join("package.json").exists());
    assert_eq!(fs::read_to_string(project.root().join("node_modules/victim/lib/x.js")).expect("file"), "x");
}

#[test]
fn a_bin_directory_from_elsewhere_gives_way() {
    let project = Project::new();
    let outside = project.directory.path().join("outside");
    fs::create_dir(&outside).expect("directory");
    fs::create_dir(project.root().join("node_modules")).expect("directory");
    symlink(&outside, project.root().join("node_modules/.bin")).expect("link");
    let commands = bins(&[("a", "cli.js")]);
    project.install(&[project.task("node_modules/a", tool())], &[("node_modules/a", commands)]);
    assert_eq!(project.links("node_modules/.bin"), ["a -> ../a/cli.js"]);
    assert_eq!(fs::read_dir(&outside).expect("directory").count(), 0);
}

#[test]
fn the_first_to_ask_gets_the_command() {
    let project = Project::new();
    let tasks = [project.task("node_modules/a", tool()), project.task("node_modules/b", tool())];
    let commands = bins(&[("tool", "cli.js")]);
    project.install(&tasks, &[("node_modules/a", commands.clone()), ("node_modules/b", commands.clone())]);
    assert_eq!(project.links("node_modules/.bin"), ["tool -> ../a/cli.js"]);
    // In the next install whatever has the name gives way.
    project.install(&[], &[("node_modules/b", commands.clone())]);
    assert_eq!(project.links("node_modules/.bin"), ["tool -> ../b/cli.js"]);
    let place = project.root().join("node_modules/.bin/tool");
    fs::remove_file(&place).expect("removed");
    fs::create_dir_all(place.join("a directory")).expect("directory");
    project.install(&[], &[("node_modules/a", commands.clone())]);
    assert_eq!(project.links("node_modules/.bin"), ["tool -> ../a/cli.js"]);
    // Only its own commands go with a package.
    let writer = NodeModulesWriter::begin(&project.root(), &BeginOptions::default()).expect("a writer");
    writer.unlink_bins("node_modules/b", &commands).expect("unlinked");
    assert_eq!(project.links("node_modules/.bin"), ["tool -> ../a/cli.js"]);
    writer.unlink_bins("node_modules/a", &commands).expect("unlinked");
    assert_eq!(project.links("node_modules/.bin"), [""; 0]);
}

#[test]
fn commands_of_workspaces_run_from_where_they_are() {
    let project = Project::new();
    fs::create_dir_all(project.root().join("packages/w")).expect("directory");
    fs::write(project.root().join("packages/w/cli.js"), "#!/bin/sh\r\nexit 0\n").expect("written");
    let mut writer = NodeModulesWriter::begin(&project.root(), &BeginOptions::default()).expect("a writer");
    writer.plan(["node_modules/w"], []).expect("a plan");
    writer.link_directory("node_modules/w", Path::new("packages/w")).expect("linked");
    writer.commit().expect("committed");
    writer.link_bins("node_modules/w", &bins(&[("w", "cli.js")])).expect("commands");
    writer.finish(&[]).expect("finished");
    let command = project.root().join("node_modules/.bin/w");
    assert!(std::process::Command::new(command).status().expect("it runs").success());
}

#[test]
fn global_commands_overwrite_nothing_foreign() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let prefix = directory.path().join("prefix");
    let package = prefix.join("lib/node_modules/@s/tool");
    fs::create_dir_all(package.join("man")).expect("directory");
    fs::write(package.join("cli.js"), "#!/bin/sh\n").expect("written");
    fs::write(package.join("man/tool.1"), "").expect("written");
    let mans = ["./man/tool.1", "man/missing.7.gz", "../../man/tool.1"].map(str::to_owned);
    let commands = bins(&[("tool", "cli.js")]);
    let ask = |force| GlobalLinks {
        package: "@s/tool",
        directory: &package,
        prefix: &prefix,
        bins: &commands,
        mans: &mans,
        force,
    };
    check_global(&ask(false)).expect("free");
    link_global(&ask(false)).expect("linked");
    let expected = ["tool -> ../lib/node_modules/@s/tool/cli.js"];
    assert_eq!(links(&prefix.join("bin")), expected);
    assert_eq!(
        links(&prefix.join("share/man/man1")),
        ["tool.1 -> ../../../lib/node_modules/@s/tool/man/tool.1"]
    );
    link_global(&ask(false)).expect("linked again");
    for foreign in ["/elsewhere/tool", "../lib/node_modules/@s/tool-two/cli.js"] {
        let place = prefix.join("bin/tool");
        fs::remove_file(&place).expect("removed");
        symlink(foreign, &place).expect("link");
        assert!(matches!(check_global(&ask(false)), Err(StoreError::Exists { .. })), "{foreign}");
        assert!(matches!(link_global(&ask(false)), Err(StoreError::Exists { .. })), "{foreign}");
        unlink_global(&ask(false)).expect("unlinked");
        assert_eq!(links(&prefix.join("bin")), [format!("tool -> {foreign}")]);
        link_global(&ask(true)).expect("forced");
        assert_eq!(links(&prefix.join("bin")), expected);
    }
    unlink_global(&ask(false)).expect("unlinked");
    assert_eq!((links(&prefix.join("bin")).len(), links(&prefix.join("share/man/man1")).len()), (0, 0));
    let bad = ["README.md".to_owned()];
    let error = check_global(&GlobalLinks { mans: &bad, ..ask(false) }).expect_err("no section");
    assert_eq!(error.code(), "EBADMAN");
}
