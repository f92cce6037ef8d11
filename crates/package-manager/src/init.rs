//! `init`: writes a package.json, from answers or from defaults.
//!
//! Does not link new workspaces into node_modules; that is an install's. Running a create-package is
//! `exec`'s; here is only its name.
//! Source: npm 11.19.1 (`init-package-json`).

mod guess;
mod questions;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use diagnostics::Report;
use npm_formats::manifest::{Person, Step};
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::Version;
use serde_json::{Map, Value, json};

use crate::manifest_file::{DiskFolder, ManifestError, ManifestFile};
use crate::settings::Settings;
use crate::workspaces::{self, WorkspaceError, lexical_join};

/// What `init-*` and the like are set to. Empty texts are as good as none.
#[derive(Clone, Debug, Default)]
pub struct InitDefaults {
    pub author_name: String,
    pub author_email: String,
    pub author_url: String,
    pub license: String,
    pub version: String,
    pub module_type: String,
    /// `None` when it is not set at all.
    pub private: Option<bool>,
    /// With its `@`.
    pub scope: Option<String>,
    /// Written before the versions of packages that are installed already.
    pub save_prefix: String,
}

/// Asks a person. Without one, defaults are taken and nothing is asked.
pub trait Dialogue {
    /// The answer to a question; the default when it is empty.
    ///
    /// Errors: there is nobody to answer any more.
    fn ask(&mut self, question: &str, default: Option<&str>) -> io::Result<String>;

    /// Says something.
    fn say(&mut self, text: &str);
}

/// How an `init` ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Initialized {
    /// The file was written, with this text.
    Written { file: PathBuf, text: String },
    /// The person did not want it.
    Aborted,
}

/// Why there is no new package.json.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("init was canceled")]
    Canceled { source: io::Error },
    #[error("could not create {}", .directory.display())]
    Directory { directory: PathBuf, source: io::Error },
    #[error("{initializer} names no initializer")]
    Initializer { initializer: String },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
}

impl Report for InitError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Canceled { .. } => "ECANCELED".into(),
            Self::Directory { source, .. } => diagnostics::io_code(source).into(),
            Self::Initializer { .. } => "EUNSUPPORTED".into(),
            Self::Manifest(error) => error.code(),
            Self::Workspaces(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Canceled { .. } => vec!["run `knit init -y` to take the defaults".to_owned()],
            Self::Initializer { .. } => vec!["run `knit exec` to run any package's program".to_owned()],
            Self::Manifest(error) => error.hints(),
            Self::Workspaces(error) => error.hints(),
            Self::Directory { .. } => Vec::new(),
        }
    }
}

/// Writes the package.json of a directory. What is in it already stays.
pub fn init(
    directory: &Path,
    defaults: &InitDefaults,
    mut dialogue: Option<&mut dyn Dialogue>,
) -> Result<Initialized, InitError> {
    let mut file = match ManifestFile::read_if_there(directory)? {
        Some(file) => file,
        None => ManifestFile::create(directory),
    };
    let mut members = file.normalized()?.0;
    let has_version =
        members.get("version").and_then(Value::as_str).is_some_and(|text| Version::parse(text).is_ok());
    if !has_version {
        members.shift_remove("version");
    }
    let answers = questions::ask(directory, &members, defaults, &mut dialogue)?;
    members.extend(answers);
    let members = finish(&file, members)?;
    *file.content_mut().members_mut() = members;
    let path = file.path().to_owned();
    let text = npm_formats::json::print(&Value::Object(file.members().clone()), "  ");
    if let Some(dialogue) = dialogue {
        dialogue.say(&format!("About to write to {}:\n\n{text}\n\n", path.display()));
        let answer =
            dialogue.ask("Is this OK?", Some("yes")).map_err(|source| InitError::Canceled { source })?;
        if !answer.to_lowercase().starts_with('y') {
            return Ok(Initialized::Aborted);
        }
        file.content_mut().sort_members();
    }
    file.write()?;
    Ok(Initialized::Written { file: path, text })
}

/// Brings the answers into the form that registries want, then takes back what has no place in a file
/// that people edit.
fn finish(file: &ManifestFile, members: Map<String, Value>) -> Result<Map<String, Value>, InitError> {
    const STEPS: &[Step] = &[
        Step::BundleDependencies,
        Step::Gypfile,
        Step::ServerJs,
        Step::ScriptPath,
        Step::Bin,
        Step::Types,
        Step::Data,
    ];
    let description = members.get("description").cloned();
    let mut draft = file.clone();
    *draft.content_mut().members_mut() = members;
    let folder = DiskFolder(file.directory());
    let normalized = draft.content().normalized(STEPS, Some(&folder)).map_err(|error| file.error(error))?;
    let mut members = normalized.0;
    if let Some(author) = members.get_mut("author")
        && author.is_object()
    {
        *author = Value::from(person_text(&Person::from_value(author)));
    }
    for key in ["readme", "readmeFilename", "_id", "gitHead"] {
        members.shift_remove(key);
    }
    let is_empty = |value: Option<&Value>| {
        matches!(value, None | Some(Value::Null)) || value.and_then(Value::as_str) == Some("")
    };
    if is_empty(members.get("repository")) {
        members.shift_remove("repository");
    }
    if is_empty(members.get("description"))
        && let Some(description) = description
    {
        members.insert("description".to_owned(), description);
    }
    if members.get("dependencies").is_some_and(|value| value.as_object().is_some_and(Map::is_empty)) {
        members.shift_remove("dependencies");
    }
    Ok(members)
}

fn person_text(person: &Person) -> String {
    let mut text = person.name.clone().unwrap_or_default();
    if let Some(email) = &person.email {
        text.push_str(&format!(" <{email}>"));
    }
    if let Some(url) = &person.url {
        text.push_str(&format!(" ({url})"));
    }
    text
}

/// Creates workspaces: each directory gets a package.json, and the root lists those that its patterns do
/// not mean already.
///
/// Errors: those of [`init`]; a root without package.json.
pub fn init_workspaces(
    settings: &Settings,
    defaults: &InitDefaults,
    mut dialogue: Option<&mut dyn Dialogue>,
) -> Result<Vec<Initialized>, InitError> {
    let root = &settings.places.local_prefix;
    ManifestFile::read(root)?;
    let mut written = Vec::new();
    for filter in &settings.workspaces.filters {
        let directory = lexical_join(root, filter);
        std::fs::create_dir_all(&directory)
            .map_err(|source| InitError::Directory { directory: directory.clone(), source })?;
        let reborrowed = dialogue.as_mut().map(|dialogue| &mut **dialogue as &mut dyn Dialogue);
        written.push(init(&directory, defaults, reborrowed)?);
        declare_workspace(root, &directory)?;
    }
    Ok(written)
}

/// Adds a directory to the root's `workspaces`, unless it has no package.json or a pattern means it.
pub fn declare_workspace(root: &Path, directory: &Path) -> Result<(), InitError> {
    let mut file = ManifestFile::read(root)?;
    let known = workspaces::map(&file)?.iter().any(|workspace| workspace.path == directory);
    if known || !directory.join("package.json").is_file() {
        return Ok(());
    }
    let relative = workspaces::relative_path(root, directory);
    let mut list: Vec<Value> =
        file.members().get("workspaces").and_then(Value::as_array).cloned().unwrap_or_default();
    list.push(Value::from(relative));
    let changes = Map::from_iter([("workspaces".to_owned(), json!(list))]);
    file.content_mut().update(&changes).map_err(|error| file.error(error))?;
    file.write()?;
    Ok(())
}

/// The package that `init <initializer>` runs: `foo` is `create-foo`, `@scope/foo` is
/// `@scope/create-foo`, `@scope` is `@scope/create`, each with its version; a hosted git repository's name
/// gets the `create-` too.
///
/// Errors: a directory, file or other address.
pub fn initializer_package(initializer: &str) -> Result<String, InitError> {
    if let Some(scope) = initializer.strip_prefix('@').filter(|rest| !rest.contains('/')) {
        return Ok(match scope.split_once('@') {
            Some((scope, version)) if !version.is_empty() => format!("@{scope}/create@{version}"),
            _ => format!("@{}/create", scope.trim_end_matches('@')),
        });
    }
    let refused = || InitError::Initializer { initializer: initializer.to_owned() };
    let specifier = Specifier::parse(initializer, "/").map_err(|_| refused())?;
    if let SpecifierKind::Git(git) = specifier.kind() {
        let hosted = git.hosted().ok_or_else(refused)?;
        let (user, project) = (hosted.user().unwrap_or_default(), hosted.project());
        return Ok(initializer.replacen(
            &format!("{user}/{project}"),
            &format!("{user}/create-{project}"),
            1,
        ));
    }
    let name = specifier.name().filter(|_| specifier.is_registry()).ok_or_else(refused)?;
    let created = match name.split_once('/') {
        Some((scope, name)) => format!("{scope}/create-{name}"),
        None => format!("create-{name}"),
    };
    Ok(format!("{created}@{}", specifier.raw_spec()))
}

#[cfg(test)]
mod tests;
