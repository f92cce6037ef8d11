//! `cache npx`: the sets of packages that `exec` fetched, each in a folder of its own.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::PathBuf;

use npm_formats::specifier::{Specifier, SpecifierKind};
use serde_json::Value;

use super::CacheError;
use crate::exec_packages;
use crate::manifest_file::ManifestFile;
use crate::settings::Places;

/// One set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecSet {
    /// The name of its folder.
    pub key: String,
    /// Its folder.
    pub path: PathBuf,
    /// What it is for; `None` for a folder without a usable package.json.
    pub contents: Option<Contents>,
}

/// What a set is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// Specifiers as they were asked for, each with the `name@version` that is there.
    Packages(Vec<(String, Option<String>)>),
    /// Its package.json does not say; the `name@version` of what it depends on.
    Unknown(Vec<String>),
}

/// All sets by key, or those whose keys begin so; `None` where none was ever made.
///
/// *Errors*: [`CacheError::NoSuchSet`] and [`CacheError::Ambiguous`] for keys.
pub fn list(places: &Places, keys: &[String]) -> Result<Option<Vec<ExecSet>>, CacheError> {
    let folder = exec_packages::folder(&places.cache);
    let failed = |source| CacheError::Folder { path: folder.clone(), source };
    let items = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let mut names = BTreeMap::new();
    for item in items {
        let item = item.map_err(failed)?;
        names.insert(item.file_name().to_string_lossy().into_owned(), item.path());
    }
    let mut wanted: Vec<String> = names.keys().cloned().collect();
    if !keys.is_empty() {
        wanted = keys.iter().map(|key| complete(key, &wanted, &folder)).collect::<Result<_, _>>()?;
    }
    let sets = wanted.into_iter().filter_map(|key| {
        let path = names.get(&key)?.clone();
        Some(ExecSet { contents: contents_of(&path), key, path })
    });
    Ok(Some(sets.collect()))
}

/// Removes a set, unless it is being used.
///
/// *Errors*: [`CacheError::InUse`], [`CacheError::Folder`].
pub fn remove(set: &ExecSet) -> Result<(), CacheError> {
    let failed = |source| CacheError::Folder { path: set.path.clone(), source };
    let is_folder = fs::symlink_metadata(&set.path).map_err(failed)?.is_dir();
    if !is_folder {
        return fs::remove_file(&set.path).map_err(failed);
    }
    // Held until the folder is gone; there is none in a folder that no run ever got far in.
    let _lock = match File::options().write(true).open(set.path.join(exec_packages::LOCK)) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::WouldBlock) => return Err(CacheError::InUse { path: set.path.clone() }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    fs::remove_dir_all(&set.path).map_err(failed)
}

/// The key that begins so; a whole one wins.
fn complete(key: &str, known: &[String], folder: &std::path::Path) -> Result<String, CacheError> {
    if known.iter().any(|known| known == key) {
        return Ok(key.to_owned());
    }
    let candidates: Vec<String> =
        known.iter().filter(|known| !key.is_empty() && known.starts_with(key)).cloned().collect();
    match &candidates[..] {
        [] => Err(CacheError::NoSuchSet { key: key.to_owned(), folder: folder.to_owned() }),
        [only] => Ok(only.clone()),
        _ => Err(CacheError::Ambiguous { key: key.to_owned(), candidates }),
    }
}

fn contents_of(path: &std::path::Path) -> Option<Contents> {
    let manifest = ManifestFile::read_if_there(path).ok()??;
    let installed = |name: &str| {
        let own = ManifestFile::read_if_there(&path.join("node_modules").join(name)).ok()??;
        let text = |key: &str| own.members().get(key)?.as_str().map(str::to_owned);
        Some(format!("{}@{}", text("name")?, text("version")?))
    };
    if let Some(asked) = manifest.members().get("_npx").and_then(|noted| noted.get("packages")?.as_array()) {
        let asked = asked.iter().filter_map(Value::as_str);
        let packages = asked.map(|text| (text.to_owned(), name_in(text).and_then(|name| installed(&name))));
        return Some(Contents::Packages(packages.collect()));
    }
    let dependencies = manifest.members().get("dependencies").and_then(Value::as_object);
    let names = dependencies.into_iter().flat_map(|all| all.keys());
    Some(Contents::Unknown(names.map(|name| installed(name).unwrap_or_else(|| name.clone())).collect()))
}

/// The name in a specifier that leads to a folder in node_modules, and to nowhere else.
fn name_in(text: &str) -> Option<String> {
    let specifier = Specifier::parse(text, "/").ok()?;
    match specifier.kind() {
        SpecifierKind::Directory => None,
        _ => specifier.package_name().map(|name| name.as_str().to_owned()),
    }
}
