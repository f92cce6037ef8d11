//! `backup.json`: what a backup has in it. It holds no secrets.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::failed;
use crate::RegistryError;
use crate::operations::Tally;

/// The only form of backups there is yet.
pub(super) const FORMAT: u32 = 1;

/// A blob that is not in a backup although rows name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedBlob {
    /// SHA-512 in hexadecimal.
    pub digest: String,
    /// What is wrong with it.
    pub problem: String,
}

/// The contents of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Description {
    pub format: u32,
    /// The migration that the rows were written after.
    pub schema: i64,
    /// In ISO 8601.
    pub taken: String,
    /// The name of the file of rows, and what is in it.
    pub rows: String,
    #[serde(rename = "rowsSha512")]
    pub rows_sha512: String,
    pub row_count: u64,
    pub blobs: Tally,
    pub damaged: Vec<DamagedBlob>,
}

impl Description {
    pub fn path(folder: &Path) -> PathBuf {
        folder.join("backup.json")
    }

    /// # Errors
    /// A folder that has no such file, or one that this version does not understand.
    pub fn read(folder: &Path) -> Result<Description, RegistryError> {
        let path = Description::path(folder);
        let refused = |problem: String| RegistryError::Backup { path: folder.to_owned(), problem };
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(refused("there is no backup.json in it".to_owned()));
            }
            Err(error) => return Err(failed("read", &path)(error)),
        };
        let read: Description =
            serde_json::from_slice(&text).map_err(|error| refused(format!("backup.json: {error}")))?;
        if read.format != FORMAT {
            return Err(refused(format!("it is of format {}, and this knit reads {FORMAT}", read.format)));
        }
        Ok(read)
    }

    /// Replaces the file at once. What it names must be on the disk.
    pub fn write(&self, folder: &Path) -> Result<(), RegistryError> {
        let path = Description::path(folder);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| RegistryError::Backup { path: folder.to_owned(), problem: error.to_string() })?;
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(failed("write", &path))
    }
}
