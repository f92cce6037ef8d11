//! `cache`: what is kept between runs, looked at and looked after.
//!
//! Three places: packuments (`registry-client`'s), packages (`package-store`'s) and the sets of packages that `exec`
//! fetched ([`exec_sets`]). All of it can be had again from where it came, so nothing here loses anything but time.
//! Source of the words: npm 11.19.1.

mod add;
mod error;
pub mod exec_sets;

use std::time::{Duration, SystemTime};

use npm_formats::collation;
use npm_formats::integrity::Integrity;
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, Version};
use package_store::{Collected, Entry, EntryKey, Store, Verified};
use registry_client::{CachedPackument, MetadataCache, VerifiedMetadata};
use serde::Deserialize;

use crate::settings::Places;

pub use add::add;
pub use error::CacheError;

/// Packages that no project has a hard link to go when they were kept this long.
pub const KEPT_UNUSED: Duration = Duration::from_secs(30 * 24 * 3600);
/// A checkout or an unpacked package that is this old belongs to a process that is no more.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// A package in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedPackage {
    /// As its own package.json has it; empty where that says nothing.
    pub name: String,
    /// The same.
    pub version: String,
    /// Of its tarball.
    pub integrity: String,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// How many files it has.
    pub files: usize,
}

/// What is kept.
#[derive(Debug, Clone, Default)]
pub struct Cached {
    /// By address.
    pub packuments: Vec<CachedPackument>,
    /// By name and version.
    pub packages: Vec<CachedPackage>,
}

/// What [`verify`] found and did.
#[derive(Debug, Clone)]
pub struct CacheVerified {
    pub packuments: VerifiedMetadata,
    pub packages: Verified,
    /// What was removed because nothing uses it; `None` where the store is open elsewhere.
    pub collected: Option<Collected>,
    /// Folders that killed processes left.
    pub abandoned: usize,
}

/// What [`clean`] removed of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    pub key: String,
    /// What it meant, in the words of [`list`]; nothing where there is no such thing.
    pub removed: Vec<String>,
}

/// Lists what is kept; with arguments, of the packages and versions that they name.
///
/// *Errors*: [`CacheError`]; arguments that are tags, which only a registry knows.
pub fn list(places: &Places, arguments: &[String]) -> Result<Cached, CacheError> {
    let wanted = arguments.iter().map(|text| Wanted::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let is_wanted = |name: &str, version: Option<&str>| {
        wanted.is_empty() || wanted.iter().any(|wanted| wanted.is_met_by(name, version))
    };
    let metadata = MetadataCache::new(&places.cache);
    let entries = metadata.entries().map_err(|source| CacheError::metadata(&metadata, source))?;
    let mut packuments: Vec<_> = entries.into_iter().filter(|kept| is_wanted(&kept.name, None)).collect();
    packuments.sort_by(|a, b| collation::compare(&a.url, &b.url).then(a.path.cmp(&b.path)));
    let mut packages = Vec::new();
    if places.store.exists() {
        let entries = Store::open(&places.store)?.entries()?;
        packages.extend(entries.iter().map(CachedPackage::of));
        packages.retain(|kept| is_wanted(&kept.name, Some(&kept.version)));
    }
    packages.sort_by(|a, b| {
        collation::compare(&a.name, &b.name)
            .then_with(|| Version::parse_loose(&a.version).ok().cmp(&Version::parse_loose(&b.version).ok()))
            .then_with(|| a.integrity.cmp(&b.integrity))
    });
    Ok(Cached { packuments, packages })
}

/// Holds everything that is kept against its index and checksums, removes what is damaged, and then what nothing
/// uses any more.
///
/// *Errors*: [`CacheError`].
pub fn verify(places: &Places, now: SystemTime) -> Result<CacheVerified, CacheError> {
    let metadata = MetadataCache::new(&places.cache);
    let packuments = metadata.verify(now).map_err(|source| CacheError::metadata(&metadata, source))?;
    let packages = match places.store.exists() {
        true => Store::open(&places.store)?.verify()?,
        false => Verified::default(),
    };
    let collected = match places.store.exists() {
        true => Store::collect_garbage(&places.store, now.checked_sub(KEPT_UNUSED).unwrap_or(now))?,
        false => Some(Collected::default()),
    };
    let abandoned = remove_abandoned(places, now)?;
    Ok(CacheVerified { packuments, packages, collected, abandoned })
}

/// Removes everything that is kept of packuments and packages. Sets of `exec` stay, as in npm.
///
/// *Errors*: [`CacheError::InUse`] while something else uses the store: then nothing of it is removed.
pub fn clean_all(places: &Places) -> Result<(), CacheError> {
    if places.store.exists() && !Store::clear(&places.store)? {
        return Err(CacheError::InUse { path: places.store.clone() });
    }
    let metadata = MetadataCache::new(&places.cache);
    metadata.clear().map_err(|source| CacheError::metadata(&metadata, source))
}

/// Removes what keys mean: the address of a packument, the integrity of a package, its `name@version`, or a name,
/// which means all there is of it.
///
/// *Errors*: [`CacheError`].
pub fn clean(places: &Places, keys: &[String]) -> Result<Vec<Cleaned>, CacheError> {
    let metadata = MetadataCache::new(&places.cache);
    let mut cleaned = Vec::new();
    for key in keys {
        let gone = metadata.remove(|kept| kept.url == *key || kept.name == *key);
        let gone = gone.map_err(|source| CacheError::metadata(&metadata, source))?;
        let mut removed: Vec<String> = gone.into_iter().map(|kept| kept.url).collect();
        removed.dedup();
        removed.extend(discard(places, key)?);
        cleaned.push(Cleaned { key: key.clone(), removed });
    }
    Ok(cleaned)
}

/// Takes packages out of the store; only where there are some does nobody else have to use it.
fn discard(places: &Places, key: &str) -> Result<Vec<String>, CacheError> {
    if !places.store.exists() {
        return Ok(Vec::new());
    }
    let by_integrity: Vec<EntryKey> =
        Integrity::parse(key).iter().flat_map(EntryKey::from_integrity).collect();
    let is_meant = |entry: &Entry| {
        let package = CachedPackage::of(entry);
        by_integrity.contains(entry.key())
            || (!package.name.is_empty() && (package.name == key || package.id() == key))
    };
    let meant: Vec<Entry> =
        Store::open(&places.store)?.entries()?.into_iter().filter(|entry| is_meant(entry)).collect();
    let names = meant.iter().map(|entry| CachedPackage::of(entry).line()).collect();
    let keys: Vec<EntryKey> = meant.iter().map(|entry| *entry.key()).collect();
    drop(meant);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    match Store::discard(&places.store, |entry| keys.contains(entry.key()))? {
        Some(_) => Ok(names),
        None => Err(CacheError::InUse { path: places.store.clone() }),
    }
}

/// Folders in which checkouts are made: they live for one run.
fn remove_abandoned(places: &Places, now: SystemTime) -> Result<usize, CacheError> {
    let folder = places.cache.join("git");
    let failed = |source| CacheError::Folder { path: folder.clone(), source };
    let items = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        other => other.map_err(failed)?,
    };
    let mut removed = 0;
    for item in items {
        let item = item.map_err(failed)?;
        let metadata = item.metadata().map_err(failed)?;
        let age = metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok());
        if metadata.is_dir() && age.is_some_and(|age| age > ABANDONED_AFTER) {
            std::fs::remove_dir_all(item.path()).map_err(failed)?;
            removed += 1;
        }
    }
    Ok(removed)
}

impl CachedPackage {
    fn of(entry: &Entry) -> Self {
        #[derive(Deserialize, Default)]
        struct Named {
            #[serde(default)]
            name: String,
            #[serde(default)]
            version: String,
        }
        let own: Named = serde_json::from_slice(entry.package_json()).unwrap_or_default();
        Self {
            name: own.name,
            version: own.version,
            integrity: entry.key().integrity().to_string(),
            bytes: entry.unpacked_size(),
            files: entry.file_count(),
        }
    }

    /// `name@version`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// `name@version` and the integrity: each of the two is a key.
    pub fn line(&self) -> String {
        if self.name.is_empty() {
            self.integrity.clone()
        } else {
            format!("{} {}", self.id(), self.integrity)
        }
    }
}

/// A package that is asked about.
struct Wanted {
    name: String,
    range: Option<Range>,
}

impl Wanted {
    fn parse(text: &str) -> Result<Self, CacheError> {
        let specifier = Specifier::parse(text, "/")
            .map_err(|source| CacheError::Specifier { source: Box::new(source) })?;
        match (specifier.kind(), specifier.name()) {
            (SpecifierKind::Version | SpecifierKind::Range, Some(name)) => {
                Ok(Self { name: name.to_owned(), range: specifier.range().cloned() })
            }
            _ => Err(CacheError::NotListed { text: text.to_owned(), kind: specifier.kind().as_str() }),
        }
    }

    fn is_met_by(&self, name: &str, version: Option<&str>) -> bool {
        self.name == name
            && match (&self.range, version) {
                (Some(range), Some(version)) => range.satisfies_str(version),
                _ => true,
            }
    }
}
