//! From the store into `node_modules`.

mod support;

use package_store::{
    BeginOptions, Contention, Entry, LinkMode, LinkTask, NodeModulesWriter, Store, StoreError, TarballRequest,
};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use support::Tar;

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

    fn root(&self) -> std::path::PathBuf {
        self.directory.path().join("project")
    }

    /// A package whose `index.js` says which version it is.
    fn package(&self, name: &str, version: &str) -> Entry {
        let manifest = format!(r#"{{"name":"{name}","version":"{version}"}}"#);
        let tarball = Tar::default()
            .file("package/package.json", manifest)
            .file("package/index.js", version)
            .file(&format!("package/lib/only-in-{version}.js"), "")
            .gzip();
        let request = TarballRequest::new(format!("{name}@{version}"), "a test", None);
        self.store.ingest_tarball(request, &tarball).expect("a good tarball").entry
    }

    fn begin(&self) -> NodeModulesWriter {
        NodeModulesWriter::begin(&self.root(), &BeginOptions::default()).expect("a writer")
    }

    fn install(&self, packages: &[(&str, Entry)], removed: &[&str]) {
        let mut writer = self.begin();
        writer.plan(packages.iter().map(|(location, _)| *location), removed.iter().copied()).expect("a plan");
        writer.link_all(&tasks(packages)).expect("linked");
        writer.finish(&[(".package-lock.json", b"{}")]).expect("finished");
    }

    /// Everything in `node_modules`, with the contents of `index.js` files.
    fn tree(&self) -> Vec<String> {
        let mut lines = Vec::new();
        walk(&self.root().join("node_modules"), "", &mut lines);
        lines.sort();
        lines
    }
}

fn tasks(packages: &[(&str, Entry)]) -> Vec<LinkTask> {
    packages
        .iter()
        .map(|(location, entry)| LinkTask {
            location: (*location).to_owned(),
            entry: entry.clone(),
            mode: LinkMode::Auto,
        })
        .collect()
}

fn walk(directory: &Path, prefix: &str, lines: &mut Vec<String>) {
    for item in fs::read_dir(directory).expect("directory").map(|item| item.expect("item")) {
        let name = format!("{prefix}{}", item.file_name().to_string_lossy());
        let kind = item.file_type().expect("type");
        if kind.is_symlink() {
            lines.push(format!("{name} -> {}", fs::read_link(item.path()).expect("link").display()));
        } else if kind.is_dir() {
            walk(&item.path(), &format!("{name}/"), lines);
        } else if name.ends_with("index.js") {
            lines.push(format!("{name} = {}", fs::read_to_string(item.path()).expect("text")));
        } else {
            lines.push(name);
        }
    }
}

#[test]
fn packages_are_linked_into_an_empty_project() {
    let project = Project::new();
    project.install(
        &[
            ("node_modules/a", project.package("a", "1.0.0")),
            ("node_modules/a/node_modules/@s/b", project.package("@s/b", "2.0.0")),
        ],
        &[],
    );
    assert_eq!(
        project.tree(),
        [
            ".package-lock.json",
            "a/index.js = 1.0.0",
            "a/lib/only-in-1.0.0.js",
            "a/node_modules/@s/b/index.js = 2.0.0",
            "a/node_modules/@s/b/lib/only-in-2.0.0.js",
            "a/node_modules/@s/b/package.json",
            "a/package.json",
        ]
    );
}

const LOCK: &str = ".package-lock.json";

#[test]
fn files_are_the_stores_own_unless_they_may_be_written_to() {
    let project = Project::new();
    let (a, b, c) =
        (project.package("a", "1.0.0"), project.package("b", "1.0.0"), project.package("c", "1.0.0"));
    let mut writer = project.begin();
    let locations = ["node_modules/a", "node_modules/b", "node_modules/c"];
    writer.plan(locations, []).expect("a plan");
    let modes = [LinkMode::Auto, LinkMode::Copy, LinkMode::Clone];
    for ((location, entry), mode) in locations.into_iter().zip([&a, &b, &c]).zip(modes) {
        let task = LinkTask { location: location.into(), entry: entry.clone(), mode };
        writer.link(&task).expect("linked");
    }
    writer.finish(&[]).expect("finished");
    let same_file = |entry: &Entry, name: &str| {
        let inode = |path: std::path::PathBuf| fs::metadata(path).expect("file").ino();
        inode(entry.path().join("index.js"))
            == inode(project.root().join(format!("node_modules/{name}/index.js")))
    };
    assert!(same_file(&a, "a") && !same_file(&b, "b") && !same_file(&c, "c"));
    fs::write(project.root().join("node_modules/b/index.js"), "changed by a script").expect("written");
    assert_eq!(b.read("index.js").expect("file"), b"1.0.0");
}

#[test]
fn a_replaced_package_keeps_what_is_nested_in_it() {
    let project = Project::new();
    project.install(
        &[
            ("node_modules/a", project.package("a", "1.0.0")),
            ("node_modules/a/node_modules/kept", project.package("kept", "1.0.0")),
            ("node_modules/a/node_modules/gone", project.package("gone", "1.0.0")),
            ("node_modules/a/node_modules/changed", project.package("changed", "1.0.0")),
            ("node_modules/a/node_modules/changed/node_modules/deep", project.package("deep", "1.0.0")),
        ],
        &[],
    );
    project.install(
        &[
            ("node_modules/a/node_modules/changed", project.package("changed", "2.0.0")),
            ("node_modules/a/node_modules/new", project.package("new", "2.0.0")),
            ("node_modules/a", project.package("a", "2.0.0")),
        ],
        &["node_modules/a/node_modules/gone"],
    );
    let tree = project.tree();
    let versions: Vec<_> = tree.iter().filter(|line| line.contains(" = ")).collect();
    assert_eq!(
        versions,
        [
            "a/index.js = 2.0.0",
            "a/node_modules/changed/index.js = 2.0.0",
            "a/node_modules/changed/node_modules/deep/index.js = 1.0.0",
            "a/node_modules/kept/index.js = 1.0.0",
            "a/node_modules/new/index.js = 2.0.0",
        ]
    );
    assert!(
        !tree
            .iter()
            .any(|line| line.contains("only-in-1.0.0") && !line.contains("kept") && !line.contains("deep"))
    );
    assert!(!tree.iter().any(|line| line.contains("gone") || line.contains("/.")), "{tree:?}");
}

#[test]
fn bundled_packages_join_the_nested_ones() {
    let project = Project::new();
    project.install(
        &[
            ("node_modules/a", project.package("a", "1.0.0")),
            ("node_modules/a/node_modules/@s/kept", project.package("@s/kept", "1.0.0")),
            ("node_modules/a/node_modules/both", project.package("both", "1.0.0")),
        ],
        &[],
    );
    let tarball = Tar::default()
        .file("package/package.json", "{}")
        .file("package/node_modules/both/index.js", "bundled")
        .file("package/node_modules/@s/own/index.js", "bundled")
        .gzip();
    let request = TarballRequest::new("a@2.0.0", "a test", None);
    let entry = project.store.ingest_tarball(request, &tarball).expect("a good tarball").entry;
    project.install(&[("node_modules/a", entry)], &[]);
    let tree = project.tree();
    let versions: Vec<_> = tree.iter().filter(|line| line.contains(" = ")).collect();
    assert_eq!(
        versions,
        [
            "a/node_modules/@s/kept/index.js = 1.0.0",
            "a/node_modules/@s/own/index.js = bundled",
            "a/node_modules/both/index.js = bundled",
        ]
    );
}

#[test]
fn removed_packages_take_their_empty_scope_along() {
    let project = Project::new();
    let package = |name| (format!("node_modules/{name}"), project.package(name, "1.0.0"));
    let packages = ["a", "@s/b", "@t/c", "@t/d"].map(package);
    let borrowed: Vec<_> = packages.iter().map(|(at, entry)| (at.as_str(), entry.clone())).collect();
    project.install(&borrowed, &[]);
    project.install(
        &[],
        &["node_modules/a", "node_modules/@s/b", "node_modules/@t/c", "node_modules/never-there"],
    );
    let left: Vec<_> = fs::read_dir(project.root().join("node_modules"))
        .expect("directory")
        .map(|item| item.expect("item").file_name().into_string().expect("text"))
        .filter(|name| name != LOCK)
        .collect();
    assert_eq!(left, ["@t"]);
}

#[test]
fn links_to_directories_and_packages_take_each_others_places() {
    let project = Project::new();
    let root = project.root();
    fs::create_dir_all(root.join("packages/w/lib")).expect("directory");
    fs::write(root.join("packages/w/index.js"), "workspace").expect("written");
    let link = |locations: &[&str]| {
        let mut writer = project.begin();
        writer.plan(locations.iter().copied(), []).expect("a plan");
        for location in locations {
            writer.link_directory(location, Path::new("packages/w")).expect("linked");
        }
        writer.finish(&[]).expect("finished");
    };
    link(&["node_modules/w", "node_modules/@s/w"]);
    assert_eq!(project.tree(), ["@s/w -> ../../packages/w", "w -> ../packages/w"]);
    // A package in place of the link is not written through it; nor is what is nested in that package.
    project.install(
        &[
            ("node_modules/w", project.package("w", "1.0.0")),
            ("node_modules/w/node_modules/n", project.package("n", "1.0.0")),
        ],
        &[],
    );
    assert_eq!(fs::read_to_string(root.join("packages/w/index.js")).expect("file"), "workspace");
    assert!(!root.join("packages/w/node_modules").exists());
    assert!(project.tree().contains(&"w/node_modules/n/index.js = 1.0.0".to_owned()), "{:?}", project.tree());
    link(&["node_modules/w"]);
    assert_eq!(project.tree(), ["@s/w -> ../../packages/w", "w -> ../packages/w"]);
    project.install(&[("packages/w/node_modules/x", project.package("x", "1.0.0"))], &["node_modules/w"]);
    assert!(root.join("packages/w/node_modules/x/index.js").exists());
    assert_eq!(project.tree(), [LOCK, "@s/w -> ../../packages/w"]);
}

#[test]
fn the_isolated_layout_is_made_of_the_same_parts() {
    let project = Project::new();
    let mut writer = project.begin();
    let kept = "node_modules/.store/a@1.0.0/node_modules/a";
    writer.plan([kept, "node_modules/a", "node_modules/.store/a@1.0.0/node_modules/b"], []).expect("a plan");
    writer.link_all(&tasks(&[(kept, project.package("a", "1.0.0"))])).expect("linked");
    writer.link_directory("node_modules/a", Path::new(kept)).expect("linked");
    let b = "node_modules/.store/b@1.0.0/node_modules/b";
    writer.link_directory("node_modules/.store/a@1.0.0/node_modules/b", Path::new(b)).expect("linked");
    writer.finish(&[]).expect("finished");
    let tree = project.tree();
    assert!(tree.contains(&"a -> .store/a@1.0.0/node_modules/a".to_owned()), "{tree:?}");
    assert!(
        tree.contains(&".store/a@1.0.0/node_modules/b -> ../../b@1.0.0/node_modules/b".to_owned()),
        "{tree:?}"
    );
}

#[test]
fn what_was_not_committed_is_undone() {
    let project = Project::new();
    project.install(
        &[
            ("node_modules/a", project.package("a", "1.0.0")),
            ("node_modules/b", project.package("b", "1.0.0")),
        ],
        &[],
    );
    let before = project.tree();
    let mut writer = project.begin();
    writer
        .plan(["node_modules/a", "node_modules/@s/new", "node_modules/a/node_modules/n"], ["node_modules/b"])
        .expect("a plan");
    let new = tasks(&[
        ("node_modules/a", project.package("a", "2.0.0")),
        ("node_modules/@s/new", project.package("@s/new", "1.0.0")),
        ("node_modules/a/node_modules/n", project.package("n", "1.0.0")),
    ]);
    writer.link(&new[1]).expect("linked");
    writer.link(&new[2]).expect("linked");
    assert!(matches!(writer.commit(), Err(StoreError::NotLinked { .. })));
    writer.link(&new[0]).expect("linked");
    assert_eq!(fs::read_to_string(project.root().join("node_modules/a/index.js")).expect("file"), "1.0.0");
    drop(writer);
    // with the tree as it was, its hidden lockfile is true again and put back
    let mut after = project.tree();
    after.retain(|line| !line.ends_with('/'));
    assert_eq!(after, before);
    assert!(!NodeModulesWriter::is_unsettled(&project.root()));
}

#[test]
fn optional_packages_can_be_given_up() {
    let project = Project::new();
    project.install(&[("node_modules/old", project.package("old", "1.0.0"))], &[]);
    let mut writer = project.begin();
    writer.plan(["node_modules/a", "node_modules/optional", "node_modules/old"], []).expect("a plan");
    writer.link_all(&tasks(&[("node_modules/a", project.package("a", "1.0.0"))])).expect("linked");
    writer.discard("node_modules/optional").expect("discarded");
    writer.discard("node_modules/old").expect("discarded");
    writer.finish(&[]).expect("finished");
    let names: Vec<_> = project.tree().into_iter().filter(|line| line.contains(" = ")).collect();
    assert_eq!(names, ["a/index.js = 1.0.0", "old/index.js = 1.0.0"]);
}

#[test]
fn only_planned_places_inside_the_project_are_written_to() {
    let project = Project::new();
    let a = project.package("a", "1.0.0");
    let mut writer = project.begin();
    for bad in
        ["node_modules/../a", "node_modules/.bin", "/node_modules/a", "node_modules/a/../../b", "a", ""]
    {
        assert!(matches!(writer.plan([bad], []), Err(StoreError::Location { .. })), "{bad}");
        assert!(matches!(writer.plan([], [bad]), Err(StoreError::Location { .. })), "{bad}");
    }
    let task = LinkTask { location: "node_modules/a".into(), entry: a.clone(), mode: LinkMode::Auto };
    assert!(matches!(writer.link(&task), Err(StoreError::NotPlanned { .. })));
    drop(writer);
    // Directories on the way that are links to somewhere else.
    let outside = project.directory.path().join("outside");
    fs::create_dir_all(outside.join("node_modules")).expect("directory");
    fs::create_dir_all(project.root().join("node_modules")).expect("directory");
    symlink(&outside, project.root().join("node_modules/@s")).expect("link");
    symlink(&outside, project.root().join("packages")).expect("link");
    for location in ["node_modules/@s/a", "packages/node_modules/a", "packages/w/node_modules/a"] {
        let mut writer = project.begin();
        writer.plan([location], []).expect("a plan");
        let task = LinkTask { location: location.into(), entry: a.clone(), mode: LinkMode::Auto };
        assert!(matches!(writer.link(&task), Err(StoreError::NotADirectory { .. })), "{location}");
    }
    assert_eq!(fs::read_dir(&outside).expect("directory").count(), 1);
    assert_eq!(fs::read_dir(outside.join("node_modules")).expect("directory").count(), 0);
}

#[test]
fn a_node_modules_that_is_a_link_gives_way() {
    let project = Project::new();
    let outside = project.directory.path().join("outside");
    fs::create_dir(&outside).expect("directory");
    fs::write(outside.join(LOCK), "not ours").expect("written");
    symlink(&outside, project.root().join("node_modules")).expect("link");
    project.install(&[("node_modules/a", project.package("a", "1.0.0"))], &[]);
    assert!(project.root().join("node_modules").symlink_metadata().expect("there").is_dir());
    assert_eq!(fs::read_to_string(outside.join(LOCK)).expect("file"), "not ours");
    assert_eq!(fs::read_dir(&outside).expect("directory").count(), 1);
}

#[test]
fn the_hidden_lockfile_never_outlives_what_it_describes() {
    let project = Project::new();
    project.install(&[("node_modules/a", project.package("a", "1.0.0"))], &[]);
    let lock = project.root().join("node_modules").join(LOCK);
    let state = project.root().join("node_modules/.state");
    fs::write(&state, "state").expect("written");
    let options = BeginOptions { state_files: vec![".state".into()], ..BeginOptions::default() };
    let mut writer = NodeModulesWriter::begin(&project.root(), &options).expect("a writer");
    assert!(lock.exists() && state.exists() && NodeModulesWriter::is_unsettled(&project.root()));
    writer.plan([], ["node_modules/a"]).expect("a plan");
    assert!(!lock.exists() && !state.exists());
    writer.finish(&[(LOCK, b"new"), (".state", b"new")]).expect("finished");
    assert_eq!(fs::read_to_string(&lock).expect("file"), "new");
    assert!(!NodeModulesWriter::is_unsettled(&project.root()));
}

#[test]
fn one_process_at_a_time_installs() {
    let project = Project::new();
    let first = project.begin();
    let options = BeginOptions { contention: Contention::Fail, ..BeginOptions::default() };
    let second = NodeModulesWriter::begin(&project.root(), &options);
    assert!(matches!(second, Err(StoreError::InUse { .. })));
    let root = project.root();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut writer = NodeModulesWriter::begin(&root, &BeginOptions::default()).expect("a writer");
            writer.plan(["node_modules/b"], []).expect("a plan");
            writer.link_all(&tasks(&[("node_modules/b", project.package("b", "1.0.0"))])).expect("linked");
            writer.finish(&[]).expect("finished");
        });
        let mut first = first;
        first.plan(["node_modules/a"], []).expect("a plan");
        first.link_all(&tasks(&[("node_modules/a", project.package("a", "1.0.0"))])).expect("linked");
        first.finish(&[]).expect("finished");
        waiting.join().expect("no panic");
    });
    let names: Vec<_> = project.tree().into_iter().filter(|line| line.contains(" = ")).collect();
    assert_eq!(names, ["a/index.js = 1.0.0", "b/index.js = 1.0.0"]);
}

#[test]
fn a_store_on_another_file_system_is_copied_from() {
    let project = Project::new();
    // Where there is no other file system at hand, this is the plain case once more.
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else { return };
    let store = Store::open(elsewhere.path()).expect("store");
    let tarball = Tar::default()
        .file("package/package.json", r#"{"name":"a","bin":"cli.js"}"#)
        .file("package/cli.js", "#!/bin/sh\n")
        .file("package/lib/a.js", "a".repeat(100_000))
        .gzip();
    let request = TarballRequest::new("a@1.0.0", "a test", None);
    let entry = store.ingest_tarball(request, &tarball).expect("a good tarball").entry;
    for mode in [LinkMode::Auto, LinkMode::HardLink, LinkMode::Clone, LinkMode::Copy] {
        let location = format!("node_modules/{}", format!("{mode:?}").to_lowercase());
        let mut writer = project.begin();
        writer.plan([location.as_str()], []).expect("a plan");
        writer.link(&LinkTask { location: location.clone(), entry: entry.clone(), mode }).expect("copied");
        writer.finish(&[]).expect("finished");
        for file in entry.files() {
            let path = project.root().join(&location).join(file.path);
            assert_eq!(fs::read(&path).expect("file"), entry.read(file.path).expect("file"), "{mode:?}");
            assert_eq!(
                fs::metadata(&path).expect("file").mode() & 0o777,
                file.mode,
                "{mode:?} {}",
                file.path
            );
        }
    }
}
