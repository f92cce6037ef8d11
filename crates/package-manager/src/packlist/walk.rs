//! Through the folders of a package, with the rules of each and of those above it.
//!
//! A name is first judged as if it were a file and as if it were a folder, by rules from the top down; then the
//! disk says which it is. A folder is entered when it, or the beginning of something in it, passes.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::pattern::{Extent, Pattern};
use super::rules::{self, PackageRules, Rules, Source};
use super::{PackingProject, PacklistError, PacklistRequest};
use crate::manifest_file::ManifestFile;

/// The files of a package's own folder.
pub(super) fn package(request: &PacklistRequest<'_>) -> Result<Vec<String>, PacklistError> {
    let more =
        request.project.map(|project| around(request.folder, project)).transpose()?.unwrap_or_default();
    let top = Top {
        folder: request.folder,
        manifest: request.manifest,
        sources: &Source::ALL,
        more: &more,
        has_workspaces: has_workspaces(request),
    };
    top.walk()
}

/// The files of a bundled package's folder; of a link its own ignore files count too.
pub(super) fn bundled(
    folder: &Path,
    manifest: &Map<String, Value>,
    is_link: bool,
) -> Result<Vec<String>, PacklistError> {
    let sources: &[Source] = if is_link { &Source::ALL } else { &[Source::PackageJson, Source::Strict] };
    Top { folder, manifest, sources, more: &[], has_workspaces: false }.walk()
}

/// Whether the package is the root of workspaces that exist.
fn has_workspaces(request: &PacklistRequest<'_>) -> bool {
    request.manifest.contains_key("workspaces")
        && ManifestFile::read(request.folder)
            .ok()
            .and_then(|manifest| crate::workspaces::map(&manifest).ok())
            .is_some_and(|workspaces| !workspaces.is_empty())
}

/// Ignore files between a project and its workspace, or the workspaces that are no part of the project's own
/// package, as further default rules.
fn around(folder: &Path, project: PackingProject<'_>) -> Result<Vec<String>, PacklistError> {
    let below = |path: &Path| crate::workspaces::relative_path(project.root, path);
    if folder == project.root {
        return Ok(project.workspaces.iter().map(|workspace| below(workspace)).collect());
    }
    if !project.workspaces.iter().any(|workspace| workspace == folder) {
        return Ok(Vec::new());
    }
    let mut texts = Vec::new();
    let mut at = project.root.to_owned();
    let between = folder.parent().map(below).unwrap_or_default();
    let names = std::iter::once("").chain(between.split('/').filter(|name| !name.is_empty()));
    for name in names {
        at.push(name);
        for file in [".npmignore", ".gitignore"] {
            match std::fs::read(at.join(file)) {
                Ok(bytes) => {
                    texts.push(String::from_utf8_lossy(&bytes).into_owned());
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(PacklistError::Read { path: at.join(file), source }),
            }
        }
    }
    Ok(texts)
}

/// A package's folder about to be walked.
struct Top<'a> {
    folder: &'a Path,
    manifest: &'a Map<String, Value>,
    sources: &'a [Source],
    more: &'a [String],
    has_workspaces: bool,
}

impl Top<'_> {
    fn walk(&self) -> Result<Vec<String>, PacklistError> {
        let names = names_in(self.folder)?;
        let package = PackageRules::read(self.folder, self.manifest);
        let mut folder = Folder {
            above: None,
            path: self.folder.to_owned(),
            name: String::new(),
            relative: String::new(),
            rules: Default::default(),
            is_exact: false,
            required: package.required,
            // a root with workspaces reads its folders' package.json as if they were ignore files
            has_workspaces: self.has_workspaces,
        };
        folder.set(Source::Strict, package.strict);
        if let Some(files) = package.files {
            folder.set(Source::PackageJson, files);
        }
        for &source in self.sources {
            match source {
                Source::Default => folder.set(source, rules::defaults(self.more)),
                Source::NpmIgnore | Source::GitIgnore => folder.read(source, &names)?,
                Source::PackageJson | Source::Strict => {}
            }
        }
        let mut found = BTreeSet::new();
        folder.walk(&names, &mut found)?;
        Ok(found.into_iter().collect())
    }
}

/// A folder on the way.
struct Folder<'a> {
    above: Option<&'a Folder<'a>>,
    path: PathBuf,
    name: String,
    /// The way from the package, with a final slash.
    relative: String,
    rules: [Option<Rules>; 5],
    /// The folder itself passed, so that its own rules can take in what those above left out.
    is_exact: bool,
    /// Files directly in it that `files` names.
    required: Vec<String>,
    has_workspaces: bool,
}

impl Folder<'_> {
    fn set(&mut self, source: Source, rules: Rules) {
        self.rules[source as usize] = Some(rules);
    }

    fn read(&mut self, source: Source, names: &[String]) -> Result<(), PacklistError> {
        let Some(file) = source.file().filter(|file| names.iter().any(|name| name == file)) else {
            return Ok(());
        };
        let path = self.path.join(file);
        let bytes = std::fs::read(&path).map_err(|source| PacklistError::Read { path, source })?;
        self.set(source, rules::parse(String::from_utf8_lossy(&bytes).lines()));
        Ok(())
    }

    fn walk(&mut self, names: &[String], found: &mut BTreeSet<String>) -> Result<(), PacklistError> {
        // package.json's word makes ignore files needless, .npmignore's makes .gitignore so
        let overruled: &[Source] = match &self.rules {
            [_, Some(_), ..] => &[Source::NpmIgnore, Source::GitIgnore],
            [_, None, Some(_), ..] => &[Source::GitIgnore],
            _ => &[],
        };
        for source in overruled {
            self.rules[*source as usize] = None;
        }
        for name in names {
            let as_file = self.passes(name, Kind::File, None);
            let as_folder = self.passes(name, Kind::Folder, None);
            // a name with a star can be no file on Windows
            if !(as_file || as_folder) || name.contains('*') {
                continue;
            }
            let path = self.path.join(name);
            let kind = path
                .symlink_metadata()
                .map_err(|source| PacklistError::Read { path: path.clone(), source })?
                .file_type();
            if kind.is_file() && as_file {
                found.insert(format!("{}{name}", self.relative));
            } else if kind.is_dir() && as_folder {
                let is_exact = as_file || self.passes(&format!("{name}/"), Kind::File, None);
                self.enter(name, path, is_exact, found)?;
            }
        }
        Ok(())
    }

    fn enter(
        &self,
        name: &str,
        path: PathBuf,
        is_exact: bool,
        found: &mut BTreeSet<String>,
    ) -> Result<(), PacklistError> {
        let names = names_in(&path)?;
        let below = |file: &String| {
            let file = file.strip_prefix(name)?.strip_prefix('/')?;
            (!file.contains('/')).then(|| file.to_owned())
        };
        let mut folder = Folder {
            above: Some(self),
            path,
            name: name.to_owned(),
            relative: format!("{}{name}/", self.relative),
            rules: Default::default(),
            is_exact,
            required: self.required.iter().filter_map(below).collect(),
            has_workspaces: self.has_workspaces,
        };
        folder.set(Source::Default, rules::defaults(&[]));
        folder.set(Source::Strict, rules::strict_below(&folder.required));
        if self.has_workspaces {
            folder.read(Source::PackageJson, &names)?;
        }
        folder.read(Source::NpmIgnore, &names)?;
        folder.read(Source::GitIgnore, &names)?;
        folder.walk(&names, found)
    }

    /// Whether a path below this folder passes its rules and those above. `base` is the last name of the path,
    /// where it has come up from a folder below.
    fn passes(&self, path: &str, kind: Kind, base: Option<&str>) -> bool {
        let mut included = true;
        if let Some(above) = self.above {
            included = above.passes(&format!("{}/{path}", self.name), kind, Some(base.unwrap_or(path)));
            if !included && !self.is_exact {
                return false;
            }
        }
        for rule in self.rules.iter().flatten().flat_map(|rules| rules.iter()) {
            if rule.is_negated != included && decides(rule, path, kind, base) {
                included = rule.is_negated;
            }
        }
        included
    }
}

/// What a name is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// A folder passes if something in it may.
    Folder,
}

fn decides(rule: &Pattern, path: &str, kind: Kind, base: Option<&str>) -> bool {
    let whole = |path: &str| rule.matches(path, Extent::Whole);
    let beginning = |path: &str| rule.is_negated && rule.matches(path, Extent::Beginning);
    let as_folder = |path: &str| {
        whole(&format!("/{path}/"))
            || whole(&format!("{path}/"))
            || beginning(&format!("/{path}"))
            || beginning(path)
    };
    whole(&format!("/{path}"))
        || whole(path)
        || kind == Kind::Folder
            && (as_folder(path) || base.filter(|_| rule.is_relative).is_some_and(as_folder))
}

fn names_in(folder: &Path) -> Result<Vec<String>, PacklistError> {
    let read = || -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(folder)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    read().map_err(|source| PacklistError::Read { path: folder.to_owned(), source })
}
