//! The state file by which the next installation sees, without resolving anything, that nothing is to be
//! done.
//!
//! It names every file and folder that an installation depends on with its size and time of change. A
//! changed manifest, lockfile or configuration, a package that was deleted or added by hand: each changes
//! one of them.

use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use npm_formats::lockfile::Lockfile;
use package_store::{HIDDEN_LOCKFILE, NodeModulesWriter};
use rustc_hash::FxHasher;
use serde_json::Value;

use super::InstallContext;
use crate::project::Project;
use crate::settings::Settings;
use crate::workspaces;

/// Its name in node_modules.
pub const STATE_FILE: &str = ".knit-state";
const FORMAT: &str = "knit state 2";

/// What an installation depended on when it ended.
#[derive(Debug)]
pub struct State {
    text: String,
}

impl State {
    /// Records the state at the end of an installation. `hidden` is also given as it will be written.
    pub(super) fn record(
        context: &InstallContext<'_>,
        project: &Project,
        hidden: &Lockfile,
        hidden_text: &str,
    ) -> Self {
        let mut paths: Vec<PathBuf> = vec![project.manifest.path().to_owned()];
        for name in ["package-lock.json", "npm-shrinkwrap.json"] {
            paths.push(project.directory.join(name));
        }
        let workspaces = project.manifest.members().get("workspaces").unwrap_or(&Value::Null);
        let members = workspaces::matched_directories(workspaces, &project.directory);
        paths.extend(members.iter().map(|member| project.directory.join(member).join("package.json")));
        paths.extend(context.configuration_files.iter().cloned());
        let mut folders: Vec<PathBuf> = Vec::new();
        for location in hidden.packages.keys() {
            let Some(at) = location.rfind("node_modules/") else {
                // a folder that is linked to
                paths.push(workspaces::lexical_join(&project.directory, location).join("package.json"));
                continue;
            };
            let modules = project.directory.join(&location[..at + "node_modules".len()]);
            let name = &location[at + "node_modules/".len()..];
            if let Some((scope, _)) = name.split_once('/') {
                folders.push(modules.join(scope));
            }
            // the project's own node_modules changes as this very file is written
            if at > 0 {
                folders.push(modules);
            }
        }
        folders.push(project.directory.join("node_modules").join(".bin"));
        folders.sort_unstable();
        folders.dedup();
        paths.extend(folders);
        if super::scripts::has_own_scripts(context, project) {
            // there is something to be done at every installation
            return Self { text: String::new() };
        }
        let mut text =
            format!("{FORMAT}\n{:016x}\n{}\n", fingerprint(context.settings), names_in(&project.directory));
        let _ = writeln!(text, "{}\n{:016x} {workspaces}", hidden_text.len(), hash_of(&members));
        for path in paths {
            let _ = writeln!(text, "{} {}", mark(&path), path.display());
        }
        Self { text }
    }

    /// The file's text.
    pub(super) fn print(&self) -> &str {
        &self.text
    }
}

/// Whether a bare installation has nothing to do. Reads one file and looks at the times of others.
pub fn is_up_to_date(settings: &Settings) -> bool {
    if settings.places.is_global || settings.install.package_lock_only || settings.dry_run {
        return false;
    }
    let project = &settings.places.local_prefix;
    let Ok(text) = std::fs::read_to_string(project.join("node_modules").join(STATE_FILE)) else {
        return false;
    };
    let mut lines = text.lines();
    if lines.next() != Some(FORMAT)
        || lines.next() != Some(format!("{:016x}", fingerprint(settings)).as_str())
        || lines.next() != Some(names_in(project).as_str())
        || lines.next() != Some(length_of_hidden_lockfile(project).as_str())
        || !lines.next().is_some_and(|line| has_same_members(line, project))
        || NodeModulesWriter::is_unsettled(project)
    {
        return false;
    }
    lines.all(|line| {
        let mut parts = line.splitn(3, ' ');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(size), Some(time), Some(path)) => mark(Path::new(path)) == format!("{size} {time}"),
            _ => false,
        }
    })
}

/// A file's or folder's size and time of change; of a folder only the latter.
fn mark(path: &Path) -> String {
    let Ok(metadata) = path.metadata() else { return "- -".to_owned() };
    let time = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let size = if metadata.is_dir() { 0 } else { metadata.len() };
    format!("{size} {}", time.map_or(0, |time| time.as_nanos()))
}

/// A hash of what is in the project's own node_modules, by name. Its time of change will not do, as tools
/// keep caches there.
fn names_in(project: &Path) -> String {
    let mut names: Vec<std::ffi::OsString> = std::fs::read_dir(project.join("node_modules"))
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect())
        .unwrap_or_default();
    names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
    names.sort_unstable();
    format!("{:016x}", hash_of(&names))
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// In bytes; empty where there is none.
fn length_of_hidden_lockfile(project: &Path) -> String {
    let file = project.join("node_modules").join(HIDDEN_LOCKFILE);
    file.metadata().map(|metadata| metadata.len().to_string()).unwrap_or_default()
}

/// Whether the same directories are matched by the patterns of `workspaces`, which follow their hash.
fn has_same_members(line: &str, project: &Path) -> bool {
    let Some((hash, patterns)) = line.split_once(' ') else { return false };
    if patterns == "null" {
        return true;
    }
    let Ok(patterns) = serde_json::from_str::<Value>(patterns) else { return false };
    format!("{:016x}", hash_of(&workspaces::matched_directories(&patterns, project))) == hash
}

/// A hash of the settings that decide about a tree.
fn fingerprint(settings: &Settings) -> u64 {
    let mut hasher = FxHasher::default();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    let mut install = settings.install.clone();
    // a minimum age moves on with the clock
    install.before = install.before.map(|_| 0);
    // everything that is shown here decides; a field more costs one needless installation
    format!("{install:?} {:?} {:?}", settings.scripts, settings.workspaces).hash(&mut hasher);
    hasher.finish()
}
