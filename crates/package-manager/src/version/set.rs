//! Setting the version of a package: manifest, lockfiles, scripts, commit and tag.
//!
//! Source: npm 11.19.1 (`libnpmversion`).

use std::path::Path;

use diagnostics::Report as _;
use npm_formats::json::Document;
use npm_semver::{CoerceOptions, Increment, Version, clean, coerce};
use serde_json::{Map, Value};

use super::VersionError;
use super::repository::Repository;
use crate::lifecycle::{self, Output, Script, ScriptEnvironment};
use crate::manifest_file::{ManifestFile, replace_file};
use crate::reporter::{Event, Reporter};
use crate::settings::Settings;

const LOCKFILES: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

/// How to set a version.
#[derive(Clone, Copy, Debug)]
pub struct SetRequest<'a> {
    /// A version, a step (`major`, `prerelease`, ...), or `from-git`.
    pub wanted: &'a str,
    /// What a prerelease is called; empty for a number alone.
    pub preid: &'a str,
    pub allow_same_version: bool,
    /// Commit and tag, where the package is the top of a git repository.
    pub git_tag_version: bool,
    pub tag_prefix: &'a str,
    /// Of the commit and of the tag; `%s` is the version.
    pub message: &'a str,
    pub commit_hooks: bool,
    pub sign_commit: bool,
    pub sign_tag: bool,
}

/// Sets the version of the package in a directory, and answers it without the tag's prefix.
///
/// Order: the clean check, `preversion`, the files, `version`, commit and tag, `postversion`.
///
/// *Errors*: [`VersionError`]; up to and including `preversion` nothing has changed.
pub async fn set(
    request: &SetRequest<'_>,
    directory: &Path,
    settings: &Settings,
    environment: &ScriptEnvironment,
    reporter: &dyn Reporter,
) -> Result<String, VersionError> {
    let mut manifest = ManifestFile::read(directory)?;
    let repository = Repository { git: &settings.install.git, directory };
    let current = manifest.version().unwrap_or("0.0.0").to_owned();
    let current_clean = clean(&current, false).ok();
    let version = next(request, &current, current_clean.as_deref(), &repository)?;
    if current_clean.as_deref() == Some(&version) && !request.allow_same_version {
        return Err(VersionError::Unchanged { version });
    }
    let is_repository = request.wanted == "from-git" || repository.is_here();
    let uses_git =
        request.git_tag_version && is_repository && may_use_git(&repository, settings.force, reporter)?;
    let mut environment = environment.clone();
    for (name, value) in [("npm_old_version", &current), ("npm_new_version", &version)] {
        environment.variables.retain(|(known, _)| known != name);
        environment.variables.push((name.into(), value.into()));
    }
    let scripts =
        Scripts { directory, environment: &environment, reporter, ignored: settings.scripts.ignore };

    scripts.run("preversion", manifest.members()).await?;
    let members = manifest.content_mut().members_mut();
    members.insert("version".to_owned(), version.as_str().into());
    members.shift_remove("_id");
    manifest.write()?;
    let mut lockfiles = Vec::new();
    for name in LOCKFILES {
        if set_in_lockfile(&directory.join(name), &version, reporter)? {
            lockfiles.push(name);
        }
    }
    scripts.run("version", manifest.members()).await?;
    if uses_git {
        repository.record(request, &version, &lockfiles)?;
    }
    scripts.run("postversion", manifest.members()).await?;
    Ok(version)
}

fn next(
    request: &SetRequest<'_>,
    current: &str,
    current_clean: Option<&str>,
    repository: &Repository<'_>,
) -> Result<String, VersionError> {
    let wanted = request.wanted;
    if wanted == "from-git" {
        let tag = repository.newest_tag()?;
        let options = CoerceOptions { include_prerelease: true, loose: true, ..CoerceOptions::default() };
        let found = coerce(&tag, options).map(|version| version.to_string());
        return found.ok_or(VersionError::Tag { tag });
    }
    if Version::parse_loose(wanted).is_ok()
        && let Ok(version) = clean(wanted, true)
    {
        return Ok(version);
    }
    let step = || {
        let how = Increment { identifier: request.preid, loose: true, ..Increment::default() };
        let current = Version::parse_loose(current_clean?).ok()?;
        Some(current.increment(wanted.parse().ok()?, how).ok()?.to_string())
    };
    let invalid = || VersionError::Invalid { requested: wanted.to_owned(), current: current.to_owned() };
    step().ok_or_else(invalid)
}

/// Whether git can be asked for a commit: not where it is missing, nor, unless forced, where the commit
/// would hold more than the version.
fn may_use_git(
    repository: &Repository<'_>,
    force: bool,
    reporter: &dyn Reporter,
) -> Result<bool, VersionError> {
    match repository.check_clean() {
        Ok(()) => Ok(true),
        Err(error @ VersionError::NoGit { .. }) => {
            reporter.report(Event::Warning(&error.to_diagnostic().into_warning()));
            Ok(false)
        }
        Err(error @ VersionError::Unclean { .. }) if force => {
            reporter.report(Event::Warning(&error.to_diagnostic().into_warning()));
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Whether there was a lockfile to change. One that is none is left alone, with a warning.
fn set_in_lockfile(file: &Path, version: &str, reporter: &dyn Reporter) -> Result<bool, VersionError> {
    let Ok(bytes) = std::fs::read(file) else { return Ok(false) };
    let mut document = match Document::parse(&file.to_string_lossy(), &bytes) {
        Ok(document) => document,
        Err(problem) => {
            let text = format!("the lockfile keeps its version: {problem}");
            let warning = diagnostics::Diagnostic::warning("EJSONPARSE", text);
            reporter.report(Event::Warning(&warning));
            return Ok(false);
        }
    };
    let Some(lockfile) = document.value.as_object_mut() else { return Ok(false) };
    lockfile.insert("version".to_owned(), version.into());
    let root = lockfile.get_mut("packages").and_then(|packages| packages.get_mut(""));
    if let Some(root) = root.and_then(Value::as_object_mut) {
        root.insert("version".to_owned(), version.into());
    }
    replace_file(file, document.print().as_bytes())
        .map_err(|source| VersionError::Write { file: file.to_owned(), source })?;
    Ok(true)
}

struct Scripts<'a> {
    directory: &'a Path,
    environment: &'a ScriptEnvironment,
    reporter: &'a dyn Reporter,
    ignored: bool,
}

impl Scripts<'_> {
    async fn run(&self, event: &str, manifest: &Map<String, Value>) -> Result<(), VersionError> {
        if self.ignored {
            return Ok(());
        }
        let Some(command) = lifecycle::script_for(event, self.directory, manifest) else { return Ok(()) };
        let script = Script {
            event,
            command: &command,
            arguments: &[],
            directory: self.directory,
            manifest,
            bin_directories: &[],
            output: Output::Inherit,
        };
        let outcome = lifecycle::run_script(&script, self.environment, self.reporter).await?;
        if outcome.succeeded() {
            return Ok(());
        }
        Err(VersionError::Script(Box::new(lifecycle::failure(&script, &outcome))))
    }
}
