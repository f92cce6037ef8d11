//! What is packed, held against npm 11.19.1.
//!
//! Offline, against what it packed of the same folders: `cases.jsonl` was recorded by `record.cjs`
//! (`KNIT_PACKLIST_CASES` names another recording), `tricky.json` was thought out and holds what `npm pack` said. Where
//! npm 11 is installed, it is asked again about the latter, and about folders made from seeds:
//! `PACKLIST_SEEDS=0..50 cargo test --release -p package-manager --test packlist -- --ignored --nocapture` looks for
//! new differences.

mod npm;

use std::fs;
use std::path::{Path, PathBuf};

use package_manager::packlist::{PackingProject, PacklistRequest, packlist};
use serde_json::Value;

/// Each gives so many folders.
const FOLDERS: usize = 40;

fn lay_out(root: &Path, files: &Value) {
    for (path, content) in files.as_object().expect("an object of files") {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        match content {
            Value::String(text) => fs::write(&path, text).expect("a file"),
            other => {
                let target = other["link"].as_str().expect("a link");
                std::os::unix::fs::symlink(target, &path).expect("a link");
            }
        }
    }
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packlist").join(file))
        .expect("a file of cases")
}

/// Lays the files of a case out; gives the folder, which lies alone in its parent.
fn laid_out(files: &Value) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().canonicalize().expect("its real path").join("package");
    lay_out(&folder, files);
    (root, folder)
}

/// What differs between what is packed of recorded folders and what the recording says.
fn differences(recorded: &str) -> Vec<String> {
    let mut different = Vec::new();
    for line in recorded.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let (_root, folder) = laid_out(&case["files"]);
        let packed = package_manager::packlist::files(&folder).expect("a list");
        if serde_json::json!(packed) != case["packed"] {
            different.push(format!("{}\n  knit: {packed:?}\n  npm:  {}\n", case["files"], case["packed"]));
        }
    }
    different
}

fn tricky() -> Vec<Value> {
    serde_json::from_str(&read("tricky.json")).expect("a list of cases")
}

fn sorted(paths: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut paths: Vec<String> = paths.into_iter().collect();
    paths.sort();
    paths
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().expect("a list").iter();
    sorted(texts.map(|text| text.as_str().expect("a path").to_owned()))
}

#[test]
fn folders_are_packed_as_npm_packs_them() {
    let cases = match std::env::var_os("KNIT_PACKLIST_CASES") {
        Some(file) => fs::read_to_string(file).expect("recorded cases"),
        None => read("cases.jsonl"),
    };
    let different = differences(&cases);
    assert!(
        different.is_empty(),
        "{} of {}:\n{}",
        different.len(),
        cases.lines().count(),
        different.join("\n")
    );
}

#[test]
fn tricky_packages_hold_what_they_should() {
    for case in tricky() {
        let (_root, folder) = laid_out(&case["files"]);
        let packed = match case["workspace"].as_str() {
            None => package_manager::packlist::files(&folder).expect("a list"),
            Some(workspace) => {
                let workspace = folder.join(workspace);
                let manifest: Value =
                    serde_json::from_slice(&fs::read(workspace.join("package.json")).expect("a file"))
                        .expect("JSON");
                let workspaces = [workspace.clone()];
                let project = PackingProject { root: &folder, workspaces: &workspaces };
                let manifest = manifest.as_object().expect("an object");
                packlist(&PacklistRequest { folder: &workspace, manifest, project: Some(project) })
                    .expect("a list")
            }
        };
        assert_eq!(sorted(packed), texts(&case["packed"]), "{}", case["about"]);
    }
}

#[test]
fn npm_packs_tricky_packages_as_written_down() {
    let Some(npm) = npm::folder_or_skip() else { return };
    let mut packer = npm::Packer::start(&npm);
    for case in tricky() {
        let (root, folder) = laid_out(&case["files"]);
        let packed = packer.pack(&folder, &root.path().join("home"), case["workspace"].as_str());
        assert_eq!(packed.map(sorted), Some(texts(&case["packed"])), "{}", case["about"]);
    }
}

#[test]
fn generated_folders_are_packed_as_npm_packs_them() {
    let Some(npm) = npm::folder_or_skip() else { return };
    let recorded = npm::record(&npm, FOLDERS, 20_261_121);
    assert_eq!(recorded.lines().count(), FOLDERS);
    let different = differences(&recorded);
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
#[ignore = "a search for differences, as long as PACKLIST_SEEDS says"]
fn search() {
    let Some(npm) = npm::folder_or_skip() else { return };
    let seeds = std::env::var("PACKLIST_SEEDS").unwrap_or("0..20".to_owned());
    let (first, end) = seeds.split_once("..").expect("PACKLIST_SEEDS is from..to");
    let (first, end): (u64, u64) = (first.parse().expect("a number"), end.parse().expect("a number"));
    for seed in first..end {
        for difference in differences(&npm::record(&npm, FOLDERS, seed)) {
            println!("seed {seed}: {difference}");
        }
    }
}
