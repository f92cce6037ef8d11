//! Where a database and blobs are, as the file and the command line write it.

use std::fmt;
use std::path::{Path, PathBuf};

use registry_client::Secret;
use url::Url;

/// Where the rows are.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// In a file, which is made if it is not there.
    Sqlite(PathBuf),
    /// In a PostgreSQL; the address may hold a password.
    Postgres(Secret),
}

impl DatabaseLocation {
    /// Reads a location; paths are relative to `folder`.
    ///
    /// *Shape*: a path, or `postgres://user@host/database`.
    ///
    /// *Errors*: an address of another scheme: the end of a sentence that begins with it.
    pub fn parse(text: &str, folder: &Path) -> Result<DatabaseLocation, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = Url::parse(text).map_err(|error| format!("is no address: {error}"))?;
            if url.host_str().is_none_or(str::is_empty) && url.query().is_none() {
                return Err("names no host".into());
            }
            return Ok(DatabaseLocation::Postgres(Secret::new(text)));
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(format!("is at \"{scheme}://\"")),
            None => Ok(DatabaseLocation::Sqlite(folder.join(text))),
        }
    }

    /// The same with a password, for a PostgreSQL whose address has none.
    ///
    /// *Errors*: the end of a sentence that begins with the location.
    pub fn with_password(self, password: &Secret) -> Result<DatabaseLocation, String> {
        let DatabaseLocation::Postgres(address) = self else {
            return Err("is a file, which has no password".into());
        };
        let mut url = Url::parse(address.reveal()).map_err(|error| format!("is no address: {error}"))?;
        if url.password().is_some() {
            return Err("has a password already".into());
        }
        url.set_password(Some(password.reveal())).map_err(|()| "can have no password".to_owned())?;
        Ok(DatabaseLocation::Postgres(Secret::new(url)))
    }
}

impl fmt::Display for DatabaseLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseLocation::Sqlite(path) => write!(formatter, "{}", path.display()),
            DatabaseLocation::Postgres(url) => formatter.write_str(&diagnostics::redact_url(url.reveal())),
        }
    }
}

impl fmt::Debug for DatabaseLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseLocation::Sqlite(path) => write!(formatter, "Sqlite({})", path.display()),
            DatabaseLocation::Postgres(_) => formatter.write_str("Postgres(***)"),
        }
    }
}

/// Where tarballs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobLocation {
    /// In a folder, which is made if it is not there.
    Folder(PathBuf),
    /// In an S3-compatible store.
    S3 {
        /// The bucket.
        bucket: String,
        /// What every key begins with; empty, or without slashes at its ends.
        prefix: String,
    },
}

impl fmt::Display for BlobLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BlobLocation::Folder(path) => write!(formatter, "{}", path.display()),
            BlobLocation::S3 { bucket, prefix } if prefix.is_empty() => write!(formatter, "s3://{bucket}"),
            BlobLocation::S3 { bucket, prefix } => write!(formatter, "s3://{bucket}/{prefix}"),
        }
    }
}

impl BlobLocation {
    /// Reads a location; paths are relative to `folder`.
    ///
    /// *Shape*: a path, or `s3://bucket/prefix`.
    ///
    /// *Errors*: an address of another scheme or without a bucket: the end of a sentence that begins with it.
    pub fn parse(text: &str, folder: &Path) -> Result<BlobLocation, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return match text.split_once("://") {
                Some((scheme, _)) => Err(format!("is at \"{scheme}://\"")),
                None => Ok(BlobLocation::Folder(folder.join(text))),
            };
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if bucket.is_empty() || !bucket.chars().all(allowed) {
            return Err("names no bucket".into());
        }
        Ok(BlobLocation::S3 { bucket: bucket.into(), prefix: prefix.trim_matches('/').into() })
    }
}
