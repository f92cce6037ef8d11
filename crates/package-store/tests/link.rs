//! From the store into `node_modules`.

mod support;

use package_store::{BeginOptions, Entry, LinkMode, LinkTask, NodeModulesWriter, Store, TarballRequest};
use std::fs;
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
