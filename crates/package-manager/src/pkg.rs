//! `pkg`: reads and edits package.json by paths.

use std::borrow::Cow;

use diagnostics::Report;
use npm_formats::manifest::Note;
use serde_json::{Map, Value};

use crate::manifest_file::{DiskFolder, ManifestError};
use crate::settings::Settings;
use crate::workspaces::{Target, WorkspaceError, targets};

/// Why a package.json was not read or edited.
#[derive(Debug, thiserror::Error)]
pub enum PkgError {
    #[error("there is no package.json to manage in global mode")]
    Global,
    #[error("the value of {path} is no JSON")]
    Value { path: String, source: serde_json::Error },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
}

impl Report for PkgError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Global => "EPKGGLOBAL".into(),
            Self::Value { .. } => "EJSONPARSE".into(),
            Self::Manifest(error) => error.code(),
            Self::Workspaces(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Value { .. } => vec!["with --json a text is written in double quotes".to_owned()],
            Self::Manifest(error) => error.hints(),
            Self::Workspaces(error) => error.hints(),
            Self::Global => Vec::new(),
        }
    }
}

/// What a change does to one path.
#[derive(Clone, Debug)]
pub enum Change<'a> {
    Set { path: &'a str, text: &'a str },
    Delete { path: &'a str },
}

fn packages(settings: &Settings) -> Result<Vec<Target>, PkgError> {
    if settings.places.is_global {
        return Err(PkgError::Global);
    }
    Ok(targets(settings)?)
}

/// Reads paths, or everything when there are none. One path with one result is that value itself; under
/// workspaces the answer is an object by workspace.
pub fn get(settings: &Settings, paths: &[String]) -> Result<Value, PkgError> {
    let mut by_workspace = Map::new();
    for target in packages(settings)? {
        let content = target.manifest.content();
        let answer = if paths.is_empty() {
            Value::Object(content.members().clone())
        } else {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let found = content.get(&paths).map_err(|error| target.manifest.error(error))?;
            match (paths.as_slice(), found) {
                ([only], mut found) if found.len() == 1 && found.contains_key(*only) => {
                    found.remove(*only).unwrap_or_default()
                }
                (_, found) => Value::Object(found),
            }
        };
        match target.workspace {
            Some(workspace) => by_workspace.insert(workspace, answer),
            None => return Ok(answer),
        };
    }
    Ok(Value::Object(by_workspace))
}

/// Applies changes to each package and writes it. Values are texts, or JSON with `--json`; `--force`
/// replaces what stands in the way. Nothing is written for a package with an error.
pub fn change(settings: &Settings, changes: &[Change<'_>]) -> Result<(), PkgError> {
    for mut target in packages(settings)? {
        for change in changes {
            let result = match change {
                Change::Delete { path } => target.manifest.content_mut().delete(path),
                Change::Set { path, text } => {
                    let value = value_of(path, text, settings.json)?;
                    target.manifest.content_mut().set(path, &value, settings.force)
                }
            };
            result.map_err(|error| target.manifest.error(error))?;
        }
        target.manifest.write()?;
    }
    Ok(())
}

fn value_of(path: &str, text: &str, is_json: bool) -> Result<Value, PkgError> {
    if !is_json {
        return Ok(Value::from(text));
    }
    serde_json::from_str(text).map_err(|source| PkgError::Value { path: path.to_owned(), source })
}

/// Mends common mistakes in each package and says what was changed or looks wrong.
pub fn fix(settings: &Settings) -> Result<Vec<(String, Note)>, PkgError> {
    let mut notes = Vec::new();
    for mut target in packages(settings)? {
        let folder = DiskFolder(&target.directory);
        let found = target.manifest.content_mut().fix(Some(&folder));
        let found = found.map_err(|error| target.manifest.error(error))?;
        let package = target.manifest.id().unwrap_or_else(|| target.manifest.path().display().to_string());
        notes.extend(found.into_iter().map(|note| (package.clone(), note)));
        target.manifest.write()?;
    }
    Ok(notes)
}
