//! Packuments on disk.
//!
//! Owns where they are and that only whole ones are read: entries are staged beside their place and published
//! by rename; what is damaged reads as absent. The cache can be deleted at any time. Does not own when an entry
//! is used: that is `packument`'s.

mod entry;
mod freshness;
mod survey;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use url::Url;

pub(crate) use entry::Entry;
pub(crate) use freshness::Validity;
pub use survey::{CachedPackument, MetadataCache, VerifiedMetadata};

use crate::credentials::host_and_port;
use crate::packument::PackumentKind;

/// Renamed when the shape of the files changes.
const FOLDER: &str = "metadata-v2";
/// File systems end at 255 bytes; what is longer is no npm name anyway.
const LONGEST_NAME: usize = 240;

/// Where the packument of a package is kept.
#[derive(Clone, Debug)]
pub(crate) struct Place(PathBuf);

impl Place {
    /// `<cache>/metadata-v2/<host>-<checksum of the address>/<kind>/<escaped name>`; `None` for a name that no
    /// file can have.
    pub(crate) fn new(cache: &Path, registry: &Url, kind: PackumentKind, escaped_name: &str) -> Option<Self> {
        if escaped_name.len() > LONGEST_NAME {
            return None;
        }
        Some(Place(registry_folder(cache, registry).join(folder_of(kind)).join(escaped_name)))
    }

    /// What is kept here for a URL. Blocks.
    pub(crate) fn load(&self, url: &str) -> Option<Entry> {
        let file = Bytes::from(fs::read(&self.0).ok()?);
        // two registries with one checksum, or two names that a file system cannot tell apart
        Entry::decode(&file).filter(|entry| entry.url == url)
    }

    /// Keeps an entry here. Blocks.
    ///
    /// # Errors
    /// What the file system says; whatever was here before is still here.
    pub(crate) fn save(&self, entry: &Entry) -> io::Result<()> {
        let folder = self.0.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let staged = tempfile::Builder::new().prefix(".staged-").tempfile_in(folder);
        let mut staged = match staged {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                tempfile::Builder::new().prefix(".staged-").tempfile_in(folder)?
            }
            other => other?,
        };
        staged.as_file_mut().write_all(&entry.encode())?;
        staged.persist(&self.0).map_err(|failed| failed.error)?;
        Ok(())
    }

    /// Forgets what is kept here. Blocks.
    pub(crate) fn remove(&self) {
        // what cannot be removed is asked about before it is used again, at the latest when it is stale
        let _ = fs::remove_file(&self.0);
    }

    /// The path, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Where everything is kept about a registry.
pub(crate) fn registry_folder(cache: &Path, registry: &Url) -> PathBuf {
    let host = host_and_port(registry).replace([':', '[', ']'], "+");
    let checksum = libdeflater::crc32(registry.as_str().trim_end_matches('/').as_bytes());
    cache.join(FOLDER).join(format!("{host}-{checksum:08x}"))
}

/// The names of packages of which a packument is kept, without looking into it. Blocks.
pub(crate) fn kept_names(cache: &Path, registry: &Url, kind: PackumentKind) -> Vec<String> {
    let folder = registry_folder(cache, registry).join(folder_of(kind));
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.map(|file| survey::unescaped(&file.file_name().to_string_lossy())).collect()
}

fn folder_of(kind: PackumentKind) -> &'static str {
    match kind {
        PackumentKind::Full => "full",
        PackumentKind::Abbreviated => "abbreviated",
    }
}
