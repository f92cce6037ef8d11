//! Backups: a folder with everything that a registry has, written while it runs, from which any registry can be made
//! again, whatever database and store either has.
//!
//! *Shape*: `backup.json` tells what there is; `rows-*.jsonl.gz` has the rows of one moment, with passwords and the
//! signing key; `blobs/` has the tarballs that they name. `backup.json` is replaced last, so the folder is a whole
//! backup at every moment. A backup into the folder of an older one copies only what is new.
//!
//! What was fetched from upstreams is left out: it can be fetched again. So are logins in browsers, of which one that was
//! ended would be good again.

mod copy;
mod description;
mod restoration;
mod rows;

use std::path::{Path, PathBuf};

use copy::{Copied, copy};
pub use description::DamagedBlob;
use description::{Description, FORMAT};
use futures_util::{StreamExt, TryStreamExt};
pub use restoration::{RestoreOptions, RestoreOutcome, restore};
use rows::RowsWriter;
use serde::Serialize;

use super::Tally;
use crate::blobs::Blobs;
use crate::database::{blob_uses, schema};
use crate::{Registry, RegistryError};

/// Blobs that are copied at once.
const AT_ONCE: usize = 4;

/// What can be fetched again, and who is signed in.
const LEFT_OUT: [&str; 4] =
    ["upstream_packuments", "upstream_tarballs", "browser_sessions", "login_sessions"];

/// What a backup has in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupOutcome {
    /// When the moment was that it shows, in ISO 8601.
    pub taken: String,
    pub rows: u64,
    /// All of its blobs.
    pub blobs: Tally,
    /// Those that were copied now.
    pub copied: Tally,
    /// Those that could not be, for they are not what they were when they were published.
    pub damaged: Vec<DamagedBlob>,
}

impl Registry {
    /// Writes a backup into a folder: a new one, an empty one, or that of an older backup, which it replaces.
    ///
    /// # Errors
    /// A folder that cannot be written or has something else in it; a database or a store that does not answer. What
    /// was a backup before is one still.
    pub async fn back_up(&self, target: &Path) -> Result<BackupOutcome, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let earlier = prepare(target)?;
        let to = Blobs::folder(&target.join("blobs"))?;
        let now = hosted.now();

        let mut snapshot = hosted.database.snapshot().await?;
        let mut writer = RowsWriter::create(target, now)?;
        for table in schema::TABLES.iter().filter(|table| !LEFT_OUT.contains(&table.as_str())) {
            let columns = hosted.database.columns(table).await?;
            writer.table(table, &columns)?;
            let mut rows = schema::rows(&mut snapshot, table, &columns);
            while let Some(row) = rows.try_next().await? {
                writer.row(&row)?;
            }
        }
        let published = blob_uses::published(&mut snapshot).await?;
        // the moment is over: what follows takes long, and blobs never change
        snapshot.rollback().await?;
        let rows = writer.finish()?;

        let mut outcome = BackupOutcome {
            taken: iso(now),
            rows: rows.count,
            blobs: Tally::default(),
            copied: Tally::default(),
            damaged: Vec::new(),
        };
        let from = &hosted.blobs;
        let copying = futures_util::stream::iter(published.iter()).map(|(digest, length)| {
            let to = &to;
            async move { Ok::<_, RegistryError>((digest, length, copy(from, to, digest, *length).await?)) }
        });
        let mut copying = copying.buffered(AT_ONCE);
        while let Some((digest, length, copied)) = copying.try_next().await? {
            match copied {
                Copied::There => outcome.blobs.add(*length),
                Copied::Now => {
                    outcome.blobs.add(*length);
                    outcome.copied.add(*length);
                }
                Copied::Damaged(problem) => {
                    outcome.damaged.push(DamagedBlob { digest: digest.clone(), problem });
                }
            }
        }
        let description = Description {
            format: FORMAT,
            schema: schema::newest_migration(),
            taken: outcome.taken.clone(),
            rows: rows.file,
            rows_sha512: rows.sha512,
            row_count: rows.count,
            blobs: outcome.blobs,
            damaged: outcome.damaged.clone(),
        };
        description.write(target)?;
        clear(target, earlier, &description, &to, &published).await?;
        Ok(outcome)
    }
}

/// Makes the folder, which only its owner may read. Answers the backup that is in it.
fn prepare(target: &Path) -> Result<Option<Description>, RegistryError> {
    use std::os::unix::fs::DirBuilderExt;
    if !target.exists() {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(target);
        made.map_err(failed("make", target))?;
        return Ok(None);
    }
    if Description::path(target).exists() {
        return Description::read(target).map(Some);
    }
    let mut inside = std::fs::read_dir(target).map_err(failed("read", target))?;
    // what a first backup leaves behind that was broken off
    let is_ours = |name: &str| name == "blobs" || rows::is_rows_file(name);
    match inside
        .find(|entry| !entry.as_ref().is_ok_and(|entry| is_ours(&entry.file_name().to_string_lossy())))
    {
        Some(_) => Err(RegistryError::Backup {
            path: target.to_owned(),
            problem: "there is something else in the folder than a backup".to_owned(),
        }),
        None => Ok(None),
    }
}

/// Takes away what the older backup had and this one has not.
async fn clear(
    target: &Path,
    earlier: Option<Description>,
    description: &Description,
    blobs: &Blobs,
    published: &[(String, u64)],
) -> Result<(), RegistryError> {
    for entry in std::fs::read_dir(target).map_err(failed("read", target))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if rows::is_rows_file(&name) && name != description.rows {
            std::fs::remove_file(entry.path()).map_err(failed("remove", &entry.path()))?;
        }
    }
    if earlier.is_none() {
        return Ok(());
    }
    let mut there = blobs.list();
    while let Some(found) = there.try_next().await? {
        if published.binary_search_by(|(digest, _)| digest.cmp(&found.digest)).is_err() {
            blobs.remove(&found.digest).await?;
        }
    }
    Ok(())
}

fn iso(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_string()
}

fn failed(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> RegistryError + use<> {
    let path: PathBuf = path.to_owned();
    move |source| RegistryError::Io { action, path: path.clone(), source }
}
