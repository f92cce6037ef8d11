//! The workspaces of a project: which directories its `workspaces` field means, and which of them a
//! command acts on.
//!
//! Source: npm 11.19.1 (`@npmcli/map-workspaces`, `get-workspaces`).

pub mod glob;

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use npm_formats::collation;
use serde_json::Value;

use crate::manifest_file::{ManifestError, ManifestFile};
use crate::settings::Settings;
use glob::Glob;

/// Why the workspaces of a project cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    #[error("the field `workspaces` of {file} is no list of patterns")]
    NotAList { file: PathBuf },
    #[error("two workspaces are named {name}: {} and {}", .first.display(), .second.display())]
    Duplicate { name: String, first: PathBuf, second: PathBuf },
    #[error("no workspaces found{}", describe_filters(.filters))]
    NoneFound { filters: Vec<String> },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

fn describe_filters(filters: &[String]) -> String {
    if filters.is_empty() {
        String::new()
    } else {
        format!(" for --workspace={}", filters.join(" --workspace="))
    }
}

impl diagnostics::Report for WorkspaceError {
    fn code(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Self::NotAList { .. } => "EWORKSPACESCONFIG".into(),
            Self::Duplicate { .. } => "EDUPLICATEWORKSPACE".into(),
            Self::NoneFound { .. } => "ENOWORKSPACES".into(),
            Self::Manifest(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoneFound { .. } => {
                vec!["run `knit pkg get workspaces` to see what is declared".to_owned()]
            }
            Self::Manifest(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

/// One workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The manifest's name, else the directory's.
    pub name: String,
    /// Absolute.
    pub path: PathBuf,
}

/// The patterns of a `workspaces` field, sorted into those that add and those that take away.
#[derive(Debug, Default)]
pub struct Patterns {
    positive: Vec<(String, Glob)>,
    negative: Vec<Glob>,
}

impl Patterns {
    /// Reads the field: a list, or an object with a list as `packages`. `None` when it is neither.
    pub fn read(field: &Value) -> Option<Self> {
        let list = field.get("packages").and_then(Value::as_array).or_else(|| field.as_array())?;
        let mut positive: Vec<(String, Glob)> = Vec::new();
        let mut negative: Vec<Glob> = Vec::new();
        for text in list.iter().filter_map(Value::as_str) {
            let bare = text.trim_start_matches('!');
            let is_negated = (text.len() - bare.len()) % 2 == 1;
            let bare = bare.strip_prefix('.').filter(|rest| rest.starts_with('/')).unwrap_or(bare);
            let bare = bare.trim_start_matches('/').trim_end_matches('/');
            if is_negated {
                negative.push(Glob::new(bare));
            } else {
                // A later pattern takes back an earlier one that excludes it.
                negative.retain(|glob| !glob.matches(bare));
                positive.push((bare.to_owned(), Glob::new(bare)));
            }
        }
        positive.retain(|(text, _)| !negative.iter().any(|glob| glob.matches(text)));
        Some(Self { positive, negative })
    }

    /// Whether a directory, relative to the root and with `/` between names, is meant.
    pub fn matches(&self, relative: &str) -> bool {
        !relative.split('/').any(|name| name == "node_modules")
            && !self.negative.iter().any(|glob| glob.matches(relative))
            && self.positive.iter().any(|(_, glob)| glob.matches(relative))
    }

    /// The directories that exist, in the order of the patterns, each pattern's sorted by name.
    fn directories(&self, root: &Path) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut out = Vec::new();
        for (_, glob) in &self.positive {
            let mut found = glob.directories(root);
            found.retain(|relative| {
                !relative.split('/').any(|name| name == "node_modules")
                    && !self.negative.iter().any(|glob| glob.matches(relative))
            });
            found.sort_by(|a, b| collation::compare(a, b));
            out.extend(found.into_iter().filter(|relative| seen.insert(relative.clone())));
        }
        out
    }
}

/// The directories that a `workspaces` field matches, with or without a manifest in them, relative to the root.
pub fn matched_directories(field: &Value, root: &Path) -> Vec<String> {
    Patterns::read(field).map(|patterns| patterns.directories(root)).unwrap_or_default()
}

/// All workspaces of the project whose manifest this is.
///
/// Errors: a `workspaces` field that is no list, a workspace's manifest that does not parse, two
/// workspaces of one name.
pub fn map(root: &ManifestFile) -> Result<Vec<Workspace>, WorkspaceError> {
    let directory = root.directory();
    let Some(field) = root.members().get("workspaces").filter(|field| !field.is_null()) else {
        return Ok(Vec::new());
    };
    let patterns =
        Patterns::read(field).ok_or_else(|| WorkspaceError::NotAList { file: root.path().to_owned() })?;
    let mut found: Vec<Workspace> = Vec::new();
    for relative in patterns.directories(directory) {
        let path = lexical_join(directory, &relative);
        let Some(manifest) = ManifestFile::read_if_there(&path)? else { continue };
        let name = manifest.name().map_or_else(|| name_from_directory(&path), str::to_owned);
        if let Some(same) = found.iter().find(|workspace| workspace.name == name) {
            if same.path == path {
                continue;
            }
            return Err(WorkspaceError::Duplicate { name, first: same.path.clone(), second: path });
        }
        found.push(Workspace { name, path });
    }
    Ok(found)
}

/// Whether `directory` is one of the workspaces that the manifest of `root` declares. Reads no
/// directory: the patterns decide.
pub fn is_workspace_of(root: &ManifestFile, directory: &Path) -> bool {
    let Some(patterns) = root.members().get("workspaces").and_then(Patterns::read) else { return false };
    let Ok(relative) = directory.strip_prefix(root.directory()) else { return false };
    patterns.matches(&slashed(relative)) && directory.join("package.json").is_file()
}

/// The workspaces a command acts on: all, or those that the filters name by name, by directory, or by
/// a directory above them. With `include_root` the root comes first.
///
/// `relative_to` is the directory that filters are relative to.
/// Errors: none found at all, and those of [`map`].
pub fn select(
    root: &ManifestFile,
    filters: &[String],
    include_root: bool,
    relative_to: &Path,
) -> Result<Vec<Workspace>, WorkspaceError> {
    let all = map(root)?;
    let mut selected: Vec<Workspace> = Vec::new();
    if include_root {
        let name = root.name().map_or_else(|| name_from_directory(root.directory()), str::to_owned);
        selected.push(Workspace { name, path: root.directory().to_owned() });
    }
    if filters.is_empty() {
        selected.extend(all);
    } else {
        for filter in filters {
            let path = lexical_join(relative_to, filter);
            for workspace in &all {
                let is_meant = *filter == workspace.name
                    || path == workspace.path
                    || workspace.path.parent() == Some(&path)
                    || matches_filter(workspace, filter, relative_to)
                    || matches_filter(workspace, filter, root.directory());
                if is_meant && !selected.contains(workspace) {
                    selected.push(workspace.clone());
                }
            }
        }
    }
    if selected.is_empty() {
        return Err(WorkspaceError::NoneFound { filters: filters.to_owned() });
    }
    Ok(selected)
}

/// One package that a command acts on.
#[derive(Clone, Debug)]
pub struct Target {
    /// The workspace's name; `None` when the command acts on the root alone.
    pub workspace: Option<String>,
    pub directory: PathBuf,
    pub manifest: ManifestFile,
}

/// The packages that a command acts on: the selected workspaces, or the root.
///
/// Errors: no package.json, and those of [`select`].
pub fn targets(settings: &Settings) -> Result<Vec<Target>, WorkspaceError> {
    let root = &settings.places.local_prefix;
    let manifest = ManifestFile::read(root)?;
    let selection = &settings.workspaces;
    if !selection.selected() {
        return Ok(vec![Target { workspace: None, directory: root.clone(), manifest }]);
    }
    let relative_to = &settings.places.working_directory;
    let selected = select(&manifest, &selection.filters, selection.include_root, relative_to)?;
    let read = selected.into_iter().map(|workspace| {
        let manifest = ManifestFile::read(&workspace.path)?;
        Ok(Target { workspace: Some(workspace.name), directory: workspace.path, manifest })
    });
    read.collect()
}

/// The names of the workspaces that the settings select.
///
/// *Errors*: those of [`select`], and a package.json of the root that cannot be read.
pub fn selected_names(settings: &crate::settings::Settings) -> Result<Vec<String>, WorkspaceError> {
    let root = ManifestFile::read(&settings.places.local_prefix)?;
    let selected = select(&root, &settings.workspaces.filters, false, &settings.places.working_directory)?;
    Ok(selected.into_iter().map(|workspace| workspace.name).collect())
}

/// A filter is also a pattern for the directory above workspaces.
fn matches_filter(workspace: &Workspace, filter: &str, relative_to: &Path) -> bool {
    let Ok(relative) = workspace.path.strip_prefix(relative_to) else { return false };
    let filter = filter.trim_start_matches("./").trim_end_matches('/');
    Glob::new(&format!("{filter}/*")).matches(&slashed(relative))
}

/// `@scope/name` for a directory inside one that begins with `@`, else the directory's own name.
pub fn name_from_directory(directory: &Path) -> String {
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let parent = name(directory.parent());
    let own = name(Some(directory));
    if parent.starts_with('@') { format!("{parent}/{own}") } else { own }
}

fn slashed(path: &Path) -> String {
    let names: Vec<_> = path.components().map(|component| component.as_os_str().to_string_lossy()).collect();
    names.join("/")
}

/// The path from a directory to another, with `/` between names.
pub fn relative_path(from: &Path, to: &Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = to.components().skip(common).map(|name| name.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Joins without looking at the disk, `.` and `..` resolved.
pub fn lexical_join(base: &Path, relative: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for component in base.join(relative).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
