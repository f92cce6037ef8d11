//! Bounds of what is kept of upstreams: counted while it comes, and let go of when it is too much.
//!
//! Does not own what goes first: that is the database's order (`database::upstream_room`).

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::Mutex;

use super::UpstreamNumbers;
use crate::RegistryError;
use crate::blobs::Blobs;
use crate::database::{Database, KeptKind, Unmeasured};

/// What came since everything was counted may be this part of the bound before it is counted again: documents are
/// replaced, and other processes keep things too.
const RECOUNTED_AFTER: u64 = 20;

/// Packuments whose lengths are asked for in one go.
const MEASURED: i64 = 500;

/// Blobs that are asked about or removed at once.
const AT_ONCE: usize = 16;

/// The room for packuments or for tarballs.
pub(super) struct Room {
    kind: KeptKind,
    /// Bytes.
    limit: u64,
    numbers: UpstreamNumbers,
    /// Bytes that came and are in no count yet.
    coming: AtomicU64,
    /// Nothing before everything was counted for the first time. Held by who counts and lets go.
    counted: Mutex<Option<Counted>>,
}

struct Counted {
    /// Bytes there are, about.
    bytes: u64,
    /// Those of them that came since they were counted.
    since: u64,
}

impl Room {
    /// Room for so many bytes.
    pub fn new(kind: KeptKind, limit: u64, numbers: UpstreamNumbers) -> Room {
        numbers.bound(kind.word(), limit);
        Room { kind, limit, numbers, coming: AtomicU64::new(0), counted: Mutex::default() }
    }

    /// Notes that there are more bytes, and lets go of what was not asked for the longest where they are too many: down
    /// to nine tenths, so that it is seldom needed.
    pub async fn grown(&self, database: &Database, blobs: &Blobs, more: u64) -> Result<(), RegistryError> {
        self.coming.fetch_add(more, Ordering::SeqCst);
        // letting go may take a while: who does it goes on with what came meanwhile, and nobody else waits
        while let Ok(mut counted) = self.counted.try_lock() {
            let more = self.coming.swap(0, Ordering::SeqCst);
            self.count(database, blobs, &mut counted, more).await?;
            drop(counted);
            if self.coming.load(Ordering::SeqCst) == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn count(
        &self,
        database: &Database,
        blobs: &Blobs,
        counted: &mut Option<Counted>,
        more: u64,
    ) -> Result<(), RegistryError> {
        if let Some(known) = counted {
            known.bytes = known.bytes.saturating_add(more);
            known.since = known.since.saturating_add(more);
            if known.bytes <= self.limit && known.since <= self.limit / RECOUNTED_AFTER {
                self.numbers.kept(self.kind.word(), known.bytes);
                return Ok(());
            }
        } else if self.kind == KeptKind::Packuments {
            measure(database, blobs).await?;
        }
        let mut bytes = database.kept_bytes(self.kind).await?;
        if bytes > self.limit {
            let evicted = database.trim_kept(self.kind, self.limit / 10 * 9).await?;
            let removing = futures_util::stream::iter(evicted.blobs).map(|digest| remove(blobs, digest));
            removing.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
            self.numbers.evicted(self.kind.word(), evicted.count);
            bytes = database.kept_bytes(self.kind).await?;
        }
        self.numbers.kept(self.kind.word(), bytes);
        *counted = Some(Counted { bytes, since: 0 });
        Ok(())
    }
}

/// Notes the lengths of packuments that were kept before lengths were noted.
async fn measure(database: &Database, blobs: &Blobs) -> Result<(), RegistryError> {
    loop {
        let unmeasured = database.unmeasured_packuments(MEASURED).await?;
        if unmeasured.is_empty() {
            return Ok(());
        }
        let measuring = futures_util::stream::iter(unmeasured).map(|of| length(blobs, of));
        let measured: Vec<_> = measuring.buffer_unordered(AT_ONCE).try_collect().await?;
        database.measure_packuments(&measured).await?;
    }
}

async fn remove(blobs: &Blobs, digest: String) -> Result<(), RegistryError> {
    blobs.remove(&digest).await
}

async fn length(blobs: &Blobs, of: Unmeasured) -> Result<(Unmeasured, u64), RegistryError> {
    let found = blobs.find(&of.digest).await?;
    Ok((of, found.map_or(0, |found| found.length)))
}
