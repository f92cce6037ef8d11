//! Blobs that nothing names: of versions that were removed, of publications that failed, of uploads that broke off.
//!
//! Why nothing that is needed goes: a blob is taken away in a transaction that holds it (`Database::hold_blob`), after
//! asking there once more whether a row names it; who publishes holds it as well before a row names it, and looks
//! whether it is there. The grace is for those who do not hold blobs: restorations, backups, caches of upstreams.

use std::time::{Duration, Instant, UNIX_EPOCH};

use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::{Run, Tally};
use crate::blobs::{Blobs, Found, remove_files};
use crate::database::audit_log;
use crate::database::blob_uses::{BlobArea, DIGESTS, in_use};
use crate::hosted::Hosted;
use crate::{Registry, RegistryError};

/// Blobs that are taken away at once.
const AT_ONCE: usize = 8;

/// Milliseconds that an upload or a download may take: its file is no garbage, however short the grace is.
const LONGEST_TRANSFER: i64 = 2 * 60 * 60 * 1000;

/// How long other writers are left alone at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GarbageOptions {
    /// How old a blob must be, and how long ago the last version that named it was removed.
    pub grace: Duration,
    pub run: Run,
}

/// What was found and taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Garbage {
    /// All blobs that there were.
    pub examined: Tally,
    /// Blobs that nothing names. They are gone, or would be.
    pub removed: Tally,
    /// Blobs that nothing names, but that are younger than the grace.
    pub waiting: Tally,
    /// Files of uploads, downloads and blobs that were broken off. They are gone, or would be.
    pub unfinished: Tally,
}

impl Registry {
    /// Takes away the blobs that nothing names. Servers may run meanwhile.
    ///
    /// # Errors
    /// A database or a store that does not answer; what was taken away until then stays so.
    pub async fn collect_garbage(&self, options: &GarbageOptions) -> Result<Garbage, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let grace = i64::try_from(options.grace.as_millis()).unwrap_or(i64::MAX);
        let before = hosted.now().saturating_sub(grace);
        let mut garbage = Garbage::default();
        for area in BlobArea::ALL {
            let blobs = hosted.area(area);
            let collection = Collection { hosted, blobs: &blobs, area, before };
            collection.collect(options.run, &mut garbage).await?;
            collection.clear_unfinished(options.run, &mut garbage).await?;
        }
        if options.run == Run::Real && garbage.removed.count > 0 {
            let detail = format!("{} blobs, {} bytes", garbage.removed.count, garbage.removed.bytes);
            let mut writing = hosted.database.write().await?;
            audit_log::append(&mut writing, &hosted.operation("registry.gc", "blobs", detail)).await?;
            writing.commit().await?;
        }
        Ok(garbage)
    }
}

impl Hosted {
    /// The blobs of an area.
    pub(super) fn area(&self, area: BlobArea) -> Blobs {
        match area {
            BlobArea::Hosted => self.blobs.clone(),
            BlobArea::Upstream => self.blobs.below("upstream"),
        }
    }
}

struct Collection<'a> {
    hosted: &'a Hosted,
    blobs: &'a Blobs,
    area: BlobArea,
    /// Milliseconds since the epoch.
    before: i64,
}

impl Collection<'_> {
    async fn collect(&self, run: Run, garbage: &mut Garbage) -> Result<(), RegistryError> {
        let mut listed = self.blobs.list().chunks(DIGESTS);
        while let Some(found) = listed.next().await {
            let found = found.into_iter().collect::<Result<Vec<Found>, _>>()?;
            let digests: Vec<String> = found.iter().map(|found| found.digest.clone()).collect();
            let mut connection = self.hosted.database.read().acquire().await?;
            let named = in_use(&mut connection, self.area, &digests, self.before).await?;
            drop(connection);
            let mut unneeded = Vec::new();
            for found in found {
                garbage.examined.add(found.length);
                if named.contains(&found.digest) {
                    continue;
                }
                if found.written >= self.before {
                    garbage.waiting.add(found.length);
                } else {
                    unneeded.push(found);
                }
            }
            if run == Run::Dry {
                unneeded.iter().for_each(|found| garbage.removed.add(found.length));
                continue;
            }
            let at_once = if self.hosted.database.has_one_writer() { 1 } else { AT_ONCE };
            let removing = futures_util::stream::iter(unneeded).map(|found| self.remove(found));
            let gone: Vec<Option<u64>> = removing.buffer_unordered(at_once).try_collect().await?;
            gone.into_iter().flatten().for_each(|length| garbage.removed.add(length));
        }
        Ok(())
    }

    /// Takes a blob away, unless it is needed by now, and lets others write as well. Answers how long it was.
    async fn remove(&self, found: Found) -> Result<Option<u64>, RegistryError> {
        let begun = Instant::now();
        let removed = self.remove_unneeded(found).await?;
        if self.hosted.database.has_one_writer() {
            // those who want to write in other processes look now and then whether nobody does: SQLite has no queue
            tokio::time::sleep((begun.elapsed() * 2).min(LONGEST_PAUSE)).await;
        }
        Ok(removed)
    }

    async fn remove_unneeded(&self, found: Found) -> Result<Option<u64>, RegistryError> {
        let database = &self.hosted.database;
        let mut writing = database.write().await?;
        database.hold_blob(&mut writing, &found.digest).await?;
        let digests = [found.digest];
        if !in_use(&mut writing, self.area, &digests, self.before).await?.is_empty() {
            return Ok(None);
        }
        let [digest] = digests;
        let is_old = |again: &Found| again.written < self.before;
        let Some(again) = self.blobs.find(&digest).await?.filter(is_old) else { return Ok(None) };
        self.blobs.remove(&digest).await?;
        writing.commit().await?;
        Ok(Some(again.length))
    }

    async fn clear_unfinished(&self, run: Run, garbage: &mut Garbage) -> Result<(), RegistryError> {
        let before = self.before.min(self.hosted.now().saturating_sub(LONGEST_TRANSFER));
        let before =
            UNIX_EPOCH.checked_add(Duration::from_millis(before.max(0).unsigned_abs())).unwrap_or(UNIX_EPOCH);
        for files in [self.blobs.staged(before)?, self.blobs.half_written(before).await?] {
            files.iter().for_each(|(_, length)| garbage.unfinished.add(*length));
            if run == Run::Real {
                remove_files(&files)?;
            }
        }
        Ok(())
    }
}
