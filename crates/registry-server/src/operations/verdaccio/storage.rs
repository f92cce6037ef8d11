//! What Verdaccio keeps on a disk, read.
//!
//! *Shape*: a folder for each package (`name`, `@scope/name`) with `package.json`, the packument and what Verdaccio
//! notes beside it, and the tarballs, whose names begin with the name without its scope.
//!
//! *Source*: the files that Verdaccio 6.10.4 wrote for npm 11.19.1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::database::imported::Standing;
use crate::publish::is_tag;
use crate::storage::is_tarball_name;
use crate::{PackageName, RegistryError};

/// A package's folder.
#[derive(Clone, Debug)]
pub(super) struct PackageFolder {
    pub name: String,
    /// None where it is no longer there.
    pub path: Option<PathBuf>,
}

/// What imports from a folder are remembered by.
///
/// # Errors
/// A folder that cannot be read.
pub(super) fn source(storage: &Path) -> Result<String, RegistryError> {
    let failed = |source| RegistryError::Io { action: "read", path: storage.to_owned(), source };
    Ok(storage.canonicalize().map_err(failed)?.to_string_lossy().into_owned())
}

/// Every folder that has a package in it, in the order of the names.
///
/// # Errors
/// A folder that cannot be read, or has no package in it.
pub(super) fn packages(storage: &Path) -> Result<Vec<PackageFolder>, RegistryError> {
    let mut found = BTreeMap::new();
    for (name, path) in folders(storage)? {
        if name.starts_with('@') {
            for (inner, path) in folders(&path)? {
                found.insert(format!("{name}/{inner}"), path);
            }
        } else {
            found.insert(name, path);
        }
    }
    found.retain(|_, path| path.join("package.json").is_file());
    if found.is_empty() {
        let problem = "no folder in it has a package.json; name the folder that config.yaml calls `storage`";
        return Err(RegistryError::Import { path: storage.to_owned(), problem: problem.to_owned() });
    }
    Ok(found.into_iter().map(|(name, path)| PackageFolder { name, path: Some(path) }).collect())
}

fn folders(parent: &Path) -> Result<Vec<(String, PathBuf)>, RegistryError> {
    let failed = |source| RegistryError::Io { action: "read", path: parent.to_owned(), source };
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(parent).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().is_dir() {
            folders.push((name, entry.path()));
        }
    }
    Ok(folders)
}

/// A `package.json`, as far as it matters.
#[derive(Deserialize)]
pub(super) struct Document {
    name: String,
    #[serde(default)]
    pub versions: IndexMap<String, Box<RawValue>>,
    #[serde(default)]
    pub time: IndexMap<String, Value>,
    #[serde(default, rename = "dist-tags")]
    pub tags: IndexMap<String, String>,
    #[serde(default)]
    users: IndexMap<String, Value>,
    #[serde(default)]
    pub readme: Value,
    #[serde(default, rename = "_distfiles")]
    from_upstreams: IndexMap<String, Value>,
    #[serde(default, rename = "_attachments")]
    attachments: IndexMap<String, Attachment>,
}

/// What Verdaccio notes of a tarball on its disk.
#[derive(Clone, Deserialize)]
pub(super) struct Attachment {
    pub shasum: Option<String>,
    /// Only of those that were published here.
    #[serde(default)]
    version: Option<String>,
}

/// Where a version comes from, and its tarball.
#[derive(Clone)]
pub(super) struct Origin {
    /// Whether it was fetched from another registry.
    pub from_upstream: bool,
    pub tarball: PathBuf,
    /// SHA-1 in hexadecimal, as Verdaccio notes it.
    pub shasum: Option<String>,
}

impl Document {
    /// # Errors
    /// What is no packument, or is another package's: the end of a sentence.
    pub fn read(name: &str, folder: &Path) -> Result<Document, String> {
        let text = std::fs::read(folder.join("package.json"))
            .map_err(|error| format!("its package.json cannot be read: {error}"))?;
        let document: Document = serde_json::from_slice(&text)
            .map_err(|error| format!("its package.json is not what Verdaccio writes: {error}"))?;
        if document.name != name {
            return Err(format!("its package.json is that of {}", document.name));
        }
        Ok(document)
    }

    /// Where a version comes from. Its tarball need not be there.
    ///
    /// # Errors
    /// A manifest that names no file: the end of a sentence.
    pub fn origin(&self, folder: &Path, name: &PackageName, version: &str) -> Result<Origin, String> {
        #[derive(Deserialize)]
        struct Manifest {
            dist: Dist,
        }
        #[derive(Deserialize)]
        struct Dist {
            tarball: String,
        }
        let manifest = self.versions.get(version).map(|raw| serde_json::from_str::<Manifest>(raw.get()));
        let address = match manifest {
            Some(Ok(manifest)) => manifest.dist.tarball,
            _ => return Err(format!("its version {version} names no tarball")),
        };
        let named = address.split(['?', '#']).next().and_then(|path| path.rsplit('/').next());
        let usual = format!("{}-{version}.tgz", name.unscoped());
        let file = named.filter(|file| is_tarball_name(file)).unwrap_or(&usual);
        let attachment = self.attachments.get(file).or_else(|| self.attachments.get(&usual));
        let published_here = attachment.is_some_and(|attachment| attachment.version.is_some());
        Ok(Origin {
            from_upstream: !published_here && self.from_upstreams.contains_key(file),
            tarball: folder.join(file),
            shasum: attachment.and_then(|attachment| attachment.shasum.clone()),
        })
    }

    /// What it has beside the contents of its versions. Verdaccio does not keep who may publish.
    pub fn standing(&self) -> Standing {
        #[derive(Deserialize)]
        struct Manifest {
            #[serde(default)]
            deprecated: Value,
        }
        let message = |raw: &RawValue| {
            let manifest: Manifest = serde_json::from_str(raw.get()).ok()?;
            manifest.deprecated.as_str().filter(|message| !message.is_empty()).map(str::to_owned)
        };
        let tags = self.tags.iter().filter(|(tag, _)| is_tag(tag));
        let stars = self.users.iter().filter(|(_, stars)| stars.as_bool() == Some(true));
        Standing {
            tags: tags.map(|(tag, version)| (tag.clone(), version.clone())).collect(),
            versions: self.versions.iter().map(|(version, raw)| (version.clone(), message(raw))).collect(),
            stars: stars.map(|(user, _)| user.clone()).collect(),
            ..Standing::default()
        }
    }

    /// When something was, in milliseconds since the epoch.
    pub fn time_of(&self, what: &str) -> Option<i64> {
        let time: jiff::Timestamp = self.time.get(what)?.as_str()?.parse().ok()?;
        Some(time.as_millisecond())
    }
}
