//! A registry made again from a backup.
//!
//! Everything is read and verified, and the blobs are in place, before a row changes. Rows go into tables as they were
//! when the backup was taken; the migrations that came later then see them as they see those of any old registry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::Value;

use super::copy::{Copied, copy_again, verify};
use super::description::{DamagedBlob, Description};
use super::rows::{self, Line};
use super::{AT_ONCE, failed};
use crate::RegistryError;
use crate::blobs::Blobs;
use crate::database::blob_uses::BlobArea;
use crate::database::{Database, schema};
use crate::operations::{Run, Tally};
use crate::settings::StorageSettings;

/// What a registry is made of, and what may stand in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreOptions {
    /// The folder of the backup.
    pub source: PathBuf,
    /// Whether everything that the registry has is replaced, and blobs that are damaged are done without.
    pub force: bool,
    /// `Dry` only verifies the backup.
    pub run: Run,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestoreOutcome {
    /// When the backup was taken, in ISO 8601.
    pub taken: String,
    pub rows: u64,
    pub blobs: Tally,
    /// Versions without a tarball: it was damaged when the backup was taken, or is now.
    pub damaged: Vec<DamagedBlob>,
}

/// Makes the registry of some settings what it was when a backup was taken. No server may run over it.
///
/// # Errors
/// A backup that is not whole; a registry that has something in it; a database or a store that does not answer.
pub async fn restore(
    storage: &StorageSettings,
    options: &RestoreOptions,
) -> Result<RestoreOutcome, RegistryError> {
    let source = &options.source;
    let description = Description::read(source)?;
    let refused = |problem: String| RegistryError::Backup { path: source.clone(), problem };
    if description.schema > schema::newest_migration() {
        return Err(refused("a newer version of knit took it".to_owned()));
    }
    let path = source.join(&description.rows);
    if !rows::is_rows_file(&description.rows) || rows::digest_of(&path)? != description.rows_sha512 {
        return Err(refused(format!("{} is damaged", path.display())));
    }
    let needed = blobs_of(source, &description)?;
    if options.run == Run::Real && !options.force {
        let database = Database::connect(&storage.database).await?;
        let is_empty = database.is_empty().await;
        database.close().await;
        if !is_empty? {
            return Err(RegistryError::NotEmpty { location: storage.database.to_string() });
        }
    }
    let (blobs, damaged) = bring_blobs(storage, options, &description, &needed).await?;
    let unexpected = damaged.iter().filter(|damaged| !description.damaged.contains(damaged)).count();
    if unexpected > 0 && options.run == Run::Real && !options.force {
        let worst = damaged.first().map(|damaged| format!("{}: {}", damaged.digest, damaged.problem));
        return Err(refused(format!("{unexpected} tarballs are damaged; {}", worst.unwrap_or_default())));
    }
    if options.run == Run::Real {
        bring_rows(storage, source, &description).await?;
    }
    Ok(RestoreOutcome { taken: description.taken, rows: description.row_count, blobs, damaged })
}

/// The blobs that the rows of a backup name, with their lengths in bytes.
fn blobs_of(source: &Path, description: &Description) -> Result<BTreeMap<String, u64>, RegistryError> {
    let refused =
        |problem: &str| RegistryError::Backup { path: source.to_owned(), problem: problem.to_owned() };
    let mut needed = BTreeMap::new();
    let mut places = None;
    let mut count = 0;
    for line in rows::read(source, &description.rows)? {
        match line? {
            Line::Table { name, columns } => {
                let place = |wanted: &str| columns.iter().position(|column| column == wanted);
                places = match BlobArea::Hosted.tables().contains(&name.as_str()) {
                    true => {
                        let (digest, size) = (place("digest").zip(place("size")))
                            .ok_or_else(|| refused("its versions have no digests"))?;
                        Some((digest, size, place("removed")))
                    }
                    false => None,
                };
            }
            Line::Row(values) => {
                count += 1;
                let Some((digest, size, removed)) = places else { continue };
                let (digest, size) = (values.get(digest).and_then(Value::as_str), values.get(size));
                let size = size.and_then(Value::as_i64).and_then(|size| u64::try_from(size).ok());
                let (digest, size) =
                    digest.zip(size).ok_or_else(|| refused("a version has no digest or no size"))?;
                if removed.is_none_or(|removed| values.get(removed) == Some(&Value::Null)) {
                    needed.insert(digest.to_owned(), size);
                }
            }
        }
    }
    if count != description.row_count {
        return Err(refused("it has not as many rows as it says"));
    }
    Ok(needed)
}

/// Verifies the blobs, and copies them into the registry's store unless only that is wanted.
async fn bring_blobs(
    storage: &StorageSettings,
    options: &RestoreOptions,
    description: &Description,
    needed: &BTreeMap<String, u64>,
) -> Result<(Tally, Vec<DamagedBlob>), RegistryError> {
    let folder = options.source.join("blobs");
    if !folder.is_dir() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(failed("read", &folder)(missing));
    }
    let from = &Blobs::folder(&folder)?;
    let to = match options.run {
        Run::Real => Some(Blobs::open(storage)?),
        Run::Dry => None,
    };
    let to = to.as_ref();
    let known = |digest: &str| description.damaged.iter().find(|damaged| damaged.digest == digest).cloned();
    let copying = futures_util::stream::iter(needed).map(|(digest, length)| async move {
        let problem = match to {
            Some(to) => match copy_again(from, to, digest, *length).await? {
                Copied::Now | Copied::There => None,
                Copied::Damaged(problem) => Some(problem),
            },
            None => verify(from, digest, *length, |_| Ok(())).await?,
        };
        Ok::<_, RegistryError>((digest, *length, problem))
    });
    let mut copying = copying.buffered(AT_ONCE);
    let (mut blobs, mut damaged) = (Tally::default(), Vec::new());
    while let Some((digest, length, problem)) = copying.try_next().await? {
        match problem {
            None => blobs.add(length),
            Some(problem) => {
                damaged.push(known(digest).unwrap_or_else(|| DamagedBlob { digest: digest.clone(), problem }))
            }
        }
    }
    Ok((blobs, damaged))
}

/// Replaces all rows by those of the backup.
async fn bring_rows(
    storage: &StorageSettings,
    source: &Path,
    description: &Description,
) -> Result<(), RegistryError> {
    let location = &storage.database;
    let database = Database::connect(location).await?;
    database.drop_tables().await?;
    database.migrate(location, description.schema).await?;
    // statements of the tables that were dropped are not used for the new ones
    database.close().await;
    let database = Database::connect(location).await?;
    let mut writing = database.write().await?;
    let mut table = None;
    for line in rows::read(source, &description.rows)? {
        let refused = |problem: String| RegistryError::Backup { path: source.to_owned(), problem };
        match line? {
            Line::Table { name, columns } => {
                let there = database.columns(&name).await?;
                if !schema::TABLES.contains(&name) || there.is_empty() {
                    return Err(refused(format!("there is no table {name}")));
                }
                let found = columns.iter().map(|wanted| {
                    let column = there.iter().find(|column| column.name == *wanted).cloned();
                    column.ok_or_else(|| refused(format!("there is no column {name}.{wanted}")))
                });
                table = Some((name.clone(), found.collect::<Result<Vec<_>, _>>()?));
            }
            Line::Row(values) => {
                let (name, columns) =
                    table.as_ref().ok_or_else(|| refused("it begins with a row of no table".to_owned()))?;
                schema::insert(&mut writing, name, columns, values).await?;
            }
        }
    }
    writing.commit().await?;
    database.migrate(location, i64::MAX).await?;
    database.close().await;
    Ok(())
}
