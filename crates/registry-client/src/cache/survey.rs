//! The cache as a whole: what is in it, whether that is still right, and away with it.
//!
//! For the commands that look after a cache; nothing here is needed to use one.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::{Entry, FOLDER};
use crate::packument::{PackumentKind, is_whole};

/// Files that are being written live for moments; what is older was left by a process that is no more.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);
const STAGED: &str = ".staged-";

/// All packuments that a client keeps below one cache directory.
#[derive(Debug, Clone)]
pub struct MetadataCache {
    root: PathBuf,
}

/// A packument in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedPackument {
    /// The package.
    pub name: String,
    /// The address it came from, without user and password.
    pub url: String,
    /// Whether it is the whole one.
    pub kind: PackumentKind,
    /// Bytes of its file.
    pub bytes: u64,
    /// When it came or was last confirmed, in milliseconds since 1970.
    pub confirmed: u64,
    /// Its file.
    pub path: PathBuf,
}

/// What [`MetadataCache::verify`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerifiedMetadata {
    /// Packuments that are whole.
    pub whole: usize,
    /// Bytes of their files.
    pub bytes: u64,
    /// Files that were no whole packument, and are gone: they are asked for again when they are needed.
    pub removed: usize,
    /// Files that processes which are no more left half written, and that are gone.
    pub abandoned: usize,
    /// Bytes of all files that are gone.
    pub freed: u64,
}

impl MetadataCache {
    /// That of a client with this `cache_directory`.
    pub fn new(cache_directory: &Path) -> Self {
        Self { root: cache_directory.join(FOLDER) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Every packument that is whole, in no order. Blocks.
    ///
    /// # Errors
    /// What the file system says. A cache that is not there has no entries.
    pub fn entries(&self) -> io::Result<Vec<CachedPackument>> {
        let mut entries = Vec::new();
        self.each_file(|file, kind| {
            entries.extend(read(&file.path(), kind)?.map(|(cached, _)| cached));
            Ok(())
        })?;
        Ok(entries)
    }

    /// The names of all packages of which something is kept, without looking into it; in no order. Blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        self.each_file(|file, _| {
            let escaped = file.file_name().to_string_lossy().into_owned();
            if !escaped.starts_with(STAGED) {
                names.push(unescaped(&escaped));
            }
            Ok(())
        })?;
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Reads every file, decompresses and indexes what it holds, and removes what is damaged or was left half
    /// written before `now`. Blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub fn verify(&self, now: SystemTime) -> io::Result<VerifiedMetadata> {
        let mut verified = VerifiedMetadata::default();
        self.each_file(|file, kind| {
            let path = file.path();
            let metadata = file.metadata()?;
            if file.file_name().to_string_lossy().starts_with(STAGED) {
                let age = metadata.modified().ok().and_then(|modified| now.duration_since(modified).ok());
                if age.is_some_and(|age| age > ABANDONED_AFTER) {
                    fs::remove_file(&path)?;
                    verified.abandoned += 1;
                    verified.freed += metadata.len();
                }
                return Ok(());
            }
            let found = read(&path, kind)?;
            if found.is_some_and(|(cached, entry)| is_whole(&cached.name, entry)) {
                verified.whole += 1;
                verified.bytes += metadata.len();
            } else {
                // Written again meanwhile it is one good entry less, which is asked for again.
                fs::remove_file(&path)?;
                verified.removed += 1;
                verified.freed += metadata.len();
            }
            Ok(())
        })?;
        Ok(verified)
    }

    /// Removes the packuments that are meant. Answers those that are gone now. Blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub fn remove(
        &self,
        mut is_meant: impl FnMut(&CachedPackument) -> bool,
    ) -> io::Result<Vec<CachedPackument>> {
        let mut removed = self.entries()?;
        removed.retain(|cached| is_meant(cached));
        for cached in &removed {
            ignore_missing(fs::remove_file(&cached.path))?;
        }
        Ok(removed)
    }

    /// Removes everything. Blocks.
    ///
    /// # Errors
    /// What the file system says.
    pub fn clear(&self) -> io::Result<()> {
        ignore_missing(fs::remove_dir_all(&self.root))
    }

    /// Hands over every file at the place of a packument: `<registry>/<kind>/<file>`. Links are passed over.
    fn each_file(&self, mut visit: impl FnMut(&DirEntry, PackumentKind) -> io::Result<()>) -> io::Result<()> {
        for registry in folder(&self.root)? {
            let registry = registry?;
            if !registry.file_type()?.is_dir() {
                continue;
            }
            for kind in [PackumentKind::Full, PackumentKind::Abbreviated] {
                for file in folder(&registry.path().join(super::folder_of(kind)))? {
                    let file = file?;
                    if file.file_type()?.is_file() {
                        visit(&file, kind)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn folder(path: &Path) -> io::Result<impl Iterator<Item = io::Result<DirEntry>>> {
    match fs::read_dir(path) {
        Ok(items) => Ok(Some(items).into_iter().flatten()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

/// The packument in a file; `None` for a file that is none, and for one that is gone.
fn read(path: &Path, kind: PackumentKind) -> io::Result<Option<(CachedPackument, Entry)>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(entry) = Entry::decode(&bytes) else { return Ok(None) };
    let escaped = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let cached = CachedPackument {
        name: unescaped(&escaped),
        url: entry.url.clone(),
        kind,
        bytes: bytes.len() as u64,
        confirmed: entry.validity.time,
        path: path.to_owned(),
    };
    Ok(Some((cached, entry)))
}

pub(super) fn unescaped(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
