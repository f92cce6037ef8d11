//! What the tests share: projects with quick settings, a lively set of packages, and looks at what is left.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use package_store::Store;
use serde_json::{Map, Value, json};
use test_support::{FixturePackage, RunOutput, TestProject, TestRegistry, snapshot_tree};

/// A project of a user whose retries take no time.
pub fn project(registry: &TestRegistry) -> TestProject {
    let project = TestProject::new(env!("CARGO_BIN_EXE_knit")).with_registry(registry);
    configure(
        &project,
        "fetch-retry-mintimeout=1\nfetch-retry-maxtimeout=5\naudit=false\nfund=false\nupdate-notifier=false\n",
    );
    project
}

/// Adds lines to the user's own `.npmrc`.
pub fn configure(project: &TestProject, lines: &str) {
    let file = project.home().join(".npmrc");
    let present = fs::read_to_string(&file).unwrap_or_default();
    fs::write(&file, format!("{present}{lines}\n")).expect("the user's .npmrc");
}

/// Writes a package.json with these dependencies.
pub fn depend_on(project: &TestProject, dependencies: &[(&str, &str)]) {
    let dependencies: Map<String, Value> =
        dependencies.iter().map(|(name, spec)| ((*name).to_owned(), Value::from(*spec))).collect();
    let document = json!({ "name": "project", "version": "1.0.0", "dependencies": dependencies });
    project.write_json("package.json", &document);
}

/// Where the user's store is.
pub fn store_directory(project: &TestProject) -> PathBuf {
    project.home().join(".local/share/knit/store")
}

/// Forgets what was ever fetched.
pub fn forget_everything(project: &TestProject) {
    for directory in [store_directory(project), project.home().join(".cache/knit")] {
        match fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }
}

/// Everything a user has of an installation, as text. The state file has times in it, and is left out.
pub fn outcome(project: &TestProject) -> String {
    let mut text = String::new();
    for line in project.tree("").lines() {
        if !line.contains("node_modules/.knit-state ") {
            writeln!(text, "{line}").expect("writing into memory");
        }
    }
    text
}

/// Everything below the store's entries, as text.
pub fn store_tree(project: &TestProject) -> String {
    snapshot_tree(&store_directory(project))
}

/// Fails unless every entry of the store is whole. Answers how many there are.
#[track_caller]
pub fn assert_store_is_whole(project: &TestProject) -> usize {
    let store = Store::open(store_directory(project)).expect("the store opens");
    let verified = store.verify().expect("the store can be looked at");
    assert_eq!(verified.removed.len(), 0, "damaged: {:?}", verified.removed);
    assert_eq!(verified.unreadable, 0, "directories that are no entries");
    verified.whole
}

/// Fails unless the run ended with 1 and said all of these.
#[track_caller]
pub fn assert_refused(run: &RunOutput, said: &[&str]) {
    assert_eq!(run.code, Some(1), "{}", run.to_snapshot());
    for said in said {
        assert!(run.stderr.contains(said), "{said:?} is not said:\n{}", run.to_snapshot());
    }
}

/// A package with some files, so that there is something to be interrupted in.
pub fn package(name: &str, version: &str) -> FixturePackage {
    let mut package = FixturePackage::new(name, version);
    for number in 0..6 {
        let text = format!("module.exports = '{name}@{version} {number}'\n").repeat(number + 1);
        package = package.file(&format!("lib/{}/{number}.js", number % 3), text);
    }
    package.file("index.js", format!("module.exports = '{name}@{version}'\n"))
}

/// A package with a file of that many bytes that do not compress.
pub fn bulky(name: &str, version: &str, bytes: usize) -> FixturePackage {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    })
    .take(bytes)
    .collect();
    FixturePackage::new(name, version).file("noise.bin", noise)
}

/// Forty packages in two editions, with commands, scopes, nested versions, a bundle and an install script.
/// `major` is 1 or 2.
pub fn edition(major: u32) -> Vec<FixturePackage> {
    let version = format!("{major}.0.0");
    let mut packages = Vec::new();
    for number in 0..30 {
        let scope = if number % 4 == 0 { "@scope/" } else { "" };
        let mut each = package(&format!("{scope}p{number}"), &version)
            .bin(&format!("p{number}"), "index.js")
            .dependency("shared", &format!("{}.x", 1 + number % 2));
        if number + 3 < 30 {
            let scope = if (number + 3) % 4 == 0 { "@scope/" } else { "" };
            each = each.dependency(&format!("{scope}p{}", number + 3), &format!("^{version}"));
        }
        packages.push(each);
    }
    // goes with the second edition, and comes with it
    let only =
        package(&format!("only-in-{major}"), &version).bin("only", "index.js").dependency("shared", "1.x");
    packages.push(only);
    packages.push(
        package("bundles", &version)
            .bundled("inner")
            .dependency("inner", "1.0.0")
            .file("node_modules/inner/package.json", "{\"name\":\"inner\",\"version\":\"1.0.0\"}")
            .file("node_modules/inner/index.js", format!("// {major}\n")),
    );
    packages.push(package("builds", &version).script("install", &format!("echo {major} > built")));
    packages
}

/// What both editions have in common.
pub fn common() -> Vec<FixturePackage> {
    vec![
        package("shared", "1.0.0").bin("shared", "index.js"),
        package("shared", "2.0.0").bin("shared", "lib/1/1.js"),
        package("inner", "1.0.0"),
    ]
}

/// Writes the package.json that wants an edition, two workspaces and a folder beside them.
pub fn want_edition(project: &TestProject, major: u32) {
    let range = format!("^{major}.0.0");
    let mut dependencies = Map::new();
    for name in ["@scope/p0", "p1", "p2", "bundles", "builds", &format!("only-in-{major}")] {
        dependencies.insert(name.to_owned(), range.clone().into());
    }
    dependencies.insert("folder".to_owned(), "file:folder".into());
    project.write_json(
        "package.json",
        &json!({ "name": "project", "version": "1.0.0", "workspaces": ["packages/*"], "dependencies": dependencies }),
    );
    project.write_json("folder/package.json", &json!({ "name": "folder", "version": "1.0.0" }));
    for (name, shared) in [("one", "1.x"), ("two", "2.x")] {
        project.write_json(
            &format!("packages/{name}/package.json"),
            &json!({
                "name": name, "version": "1.0.0", "bin": "cli.js", "dependencies": { "shared": shared },
            }),
        );
        project.write(&format!("packages/{name}/cli.js"), "#!/usr/bin/env node\n");
    }
}
