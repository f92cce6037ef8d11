//! A case: what the registry has, a project, and the commands run in it one after another.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::FixturePackage;

/// What is in the registry and on disk, and what is done.
#[derive(Debug, Default)]
pub struct Case {
    /// The registry's packages, in the order they were published.
    pub packages: Vec<FixturePackage>,
    /// What is bundled in which package: name, version, location, package.json.
    pub bundled: Vec<(String, String, String, Value)>,
    /// The shrinkwraps in packages: name, version, npm-shrinkwrap.json.
    pub shrinkwraps: Vec<(String, String, Value)>,
    /// Tarballs in the project's folder, by path.
    pub tarballs: Vec<(String, FixturePackage)>,
    /// The package.json of the project and of folders in it, by folder; the project's is the empty one.
    pub manifests: Vec<(String, Value)>,
    /// The folders that are workspaces.
    pub workspaces: Vec<String>,
    /// What is done.
    pub steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Clone, Debug)]
pub enum Step {
    /// A command of npm with its arguments.
    Run(Vec<String>),
    /// The project's package.json is replaced.
    Edit(Value),
    /// package-lock.json becomes npm-shrinkwrap.json.
    Shrinkwrap,
    /// Something is deleted.
    Lose(Lost),
}

/// What a user deletes.
#[derive(Clone, Copy, Debug)]
pub enum Lost {
    /// The project's lockfile.
    Lockfile,
    /// The one in node_modules.
    HiddenLockfile,
    /// Both of them.
    BothLockfiles,
    /// All of the project's own node_modules.
    Modules,
}

impl Case {
    /// Writes the project's files.
    pub fn write(&self, project: &Path) {
        for (folder, manifest) in &self.manifests {
            write_manifest(&project.join(folder), manifest);
        }
        for (path, package) in &self.tarballs {
            let path = project.join(path);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
            fs::write(path, package.tarball()).expect("a file");
        }
    }

    /// The case as a reader wants it.
    pub fn describe(&self) -> String {
        let packages: Vec<Value> = self.packages.iter().map(FixturePackage::package_json).collect();
        let steps: Vec<String> = self.steps.iter().map(|step| format!("{step:?}")).collect();
        let mut text = String::new();
        for package in packages {
            text.push_str(&format!("  registry {package}\n"));
        }
        for (name, version, location, _) in &self.bundled {
            text.push_str(&format!("  bundled in {name}@{version}: {location}\n"));
        }
        for (name, version, shrinkwrap) in &self.shrinkwraps {
            text.push_str(&format!("  shrinkwrap in {name}@{version}: {shrinkwrap}\n"));
        }
        for (folder, manifest) in &self.manifests {
            text.push_str(&format!("  {folder}/package.json {manifest}\n"));
        }
        text + &format!("  {}\n", steps.join("\n  "))
    }
}

/// Does to a project on disk what needs no package manager.
pub fn apply_by_hand(step: &Step, project: &Path) {
    match step {
        Step::Run(_) => {}
        Step::Edit(manifest) => write_manifest(project, manifest),
        Step::Shrinkwrap => {
            // Nothing to rename where the first command failed.
            let _ = fs::rename(project.join("package-lock.json"), project.join("npm-shrinkwrap.json"));
        }
        Step::Lose(lost) => {
            let hidden = "node_modules/.package-lock.json";
            let files: &[&str] = match lost {
                Lost::Lockfile => &["package-lock.json", "npm-shrinkwrap.json"],
                Lost::HiddenLockfile => &[hidden],
                Lost::BothLockfiles => &["package-lock.json", "npm-shrinkwrap.json", hidden],
                Lost::Modules => &[],
            };
            for file in files {
                let _ = fs::remove_file(project.join(file));
            }
            if matches!(lost, Lost::Modules) {
                let _ = fs::remove_dir_all(project.join("node_modules"));
            }
        }
    }
}

/// The lockfile of a project as text, and the sections of its package.json files that commands change.
pub fn outcome(case: &Case, project: &Path) -> (String, Vec<String>) {
    let shrinkwrap = fs::read_to_string(project.join("npm-shrinkwrap.json"));
    let lockfile = shrinkwrap.or_else(|_| fs::read_to_string(project.join("package-lock.json")));
    let manifests = case.manifests.iter().map(|(folder, _)| {
        let manifest: Map<String, Value> = read_manifest(&project.join(folder));
        let sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
        let sections = sections.map(|section| manifest.get(section).cloned().unwrap_or(json!({})));
        format!("{folder}/package.json {}", json!(sections))
    });
    (lockfile.unwrap_or_default(), manifests.collect())
}

/// The package.json of a folder; empty where there is none.
pub fn read_manifest(folder: &Path) -> Map<String, Value> {
    let text = fs::read(folder.join("package.json")).unwrap_or_else(|_| b"{}".to_vec());
    serde_json::from_slice(&text).expect("JSON")
}

/// Writes a package.json as npm does.
pub fn write_manifest(folder: &Path, manifest: &Value) {
    fs::create_dir_all(folder).expect("a folder");
    let text = serde_json::to_string_pretty(manifest).expect("a value can be written");
    fs::write(folder.join("package.json"), format!("{text}\n")).expect("a file");
}
