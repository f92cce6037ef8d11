//! Which files of a folder belong to its package.
//!
//! Owns npm's rules: `files` of package.json, `.npmignore` and `.gitignore` in every folder, what is always
//! and what is never packed, bundled dependencies, and the order. Reads folders and ignore files; writes
//! nothing. Source: npm-packlist 10.0.4 and ignore-walk 8.0.0 of npm 11.19.1.

mod bundle;
mod part;
mod pattern;
mod rules;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use npm_formats::collation;
use serde_json::{Map, Value};

/// Why the files of a package cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PacklistError {
    #[error("could not read {}", .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// What is bundled cannot be told.
    #[error(transparent)]
    Bundle(Box<dyn std::error::Error + Send + Sync>),
}

/// A package about to be packed.
#[derive(Debug, Clone)]
pub struct PacklistRequest<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// Its normalised package.json.
    pub manifest: &'a Map<String, Value>,
    /// The project that it is packed from, where that is known.
    pub project: Option<PackingProject<'a>>,
}

/// A project with workspaces, one of which may be what is packed.
#[derive(Debug, Clone, Copy)]
pub struct PackingProject<'a> {
    /// Its folder.
    pub root: &'a Path,
    /// The folders of its workspaces, absolute. They are no part of the root's own package.
    pub workspaces: &'a [PathBuf],
}

/// The files of a package in npm's order, relative to its folder, with `/` between names. Links are left out.
///
/// *Errors*: a folder or an ignore file that cannot be read.
pub fn packlist(request: &PacklistRequest<'_>) -> Result<Vec<String>, PacklistError> {
    let mut found = walk::package(request)?;
    found.extend(bundle::files(request)?);
    Ok(ordered(found))
}

/// The files of the package in a folder.
///
/// *Errors*: as [`packlist`].
pub fn files(folder: &Path) -> Result<Vec<String>, PacklistError> {
    let manifest = crate::project::normalized_document(folder).unwrap_or_default();
    packlist(&PacklistRequest { folder, manifest: &manifest, project: None })
}

/// By extension, then name, then path: what is alike lies together and compresses well.
pub(crate) fn ordered(mut found: Vec<String>) -> Vec<String> {
    let key = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let dot = name.rfind('.').filter(|&at| at > 0 && !name.bytes().take(at).all(|byte| byte == b'.'));
        let extension = dot.map_or("", |at| &name[at..]).to_owned();
        // npm writes `./` before a path that begins with `@`, which tar would take for an option
        let shown = if path.starts_with('@') { format!("./{path}") } else { path.clone() };
        (extension, name, shown)
    };
    let mut keyed: Vec<_> = std::mem::take(&mut found).into_iter().map(|path| (key(&path), path)).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        collation::compare(&a.0, &b.0)
            .then_with(|| collation::compare(&a.1, &b.1))
            .then_with(|| collation::compare(&a.2, &b.2))
    });
    let mut sorted: Vec<String> = keyed.into_iter().map(|(_, path)| path).collect();
    sorted.dedup();
    sorted
}
