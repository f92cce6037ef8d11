//! Packuments of an upstream: from memory, from what is kept, or asked for, once however many want them.
//!
//! What is old is confirmed before it is used, and used all the same where the upstream cannot be asked.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use sha2::{Digest, Sha512};

use super::entry::Entry;
use super::flights::{Flights, Tasks};
use super::memory::Memory;
use super::upstream::{Said, Upstream, Validators};
use super::{Kept, USE_GRANULARITY, UpstreamDown};
use crate::database::{PACKUMENT_ROW, UpstreamPackumentRow, UpstreamSummary};
use crate::{PackageName, RegistryError};

/// How old an answer may be when something was asked for that it does not have: publications show up at once, and
/// nobody makes us ask for each request of what does not exist.
const LATELY: Duration = Duration::from_secs(5);

/// How old what is used may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Freshness {
    /// As the settings say.
    Usual,
    /// Something is missing in it: as good as new.
    Lately,
}

/// What is known of a package. No entry: the upstream has no such package.
#[derive(Clone)]
pub(super) struct Known {
    pub entry: Option<Arc<Entry>>,
    checked: Timestamp,
    validators: Validators,
    /// What the document is kept in; none where it is not.
    blob: Option<PackedDocument>,
    /// When it was last noted that it was asked for, in milliseconds since the epoch; the same for all copies.
    used: Arc<AtomicI64>,
}

/// A document that an upstream sent.
struct Document {
    entry: Entry,
    summary: Option<UpstreamSummary>,
    /// The same, compressed.
    packed: Bytes,
}

/// A compressed document that is kept.
#[derive(Clone)]
struct PackedDocument {
    digest: String,
    /// Bytes.
    size: i64,
}

type Outcome = Result<Option<Arc<Entry>>, Arc<RegistryError>>;

/// The packuments of one upstream. A clone is a handle to the same ones.
#[derive(Clone)]
pub(super) struct Packuments {
    upstream: Arc<Upstream>,
    kept: Arc<Kept>,
    tasks: Tasks,
    memory: Arc<std::sync::Mutex<Memory<Known>>>,
    flights: Arc<Flights<(PackageName, Freshness), Outcome>>,
}

impl Packuments {
    pub fn new(upstream: Arc<Upstream>, kept: Arc<Kept>, tasks: Tasks) -> Packuments {
        let flights = Arc::new(Flights::new(tasks.clone()));
        Packuments { upstream, kept, tasks, memory: Arc::default(), flights }
    }

    /// A package's packument; `None` where the upstream says that there is none.
    ///
    /// Errors: an upstream that cannot say, where nothing is kept either.
    pub async fn get(
        &self,
        name: &PackageName,
        freshness: Freshness,
    ) -> Result<Option<Arc<Entry>>, RegistryError> {
        let now = self.kept.now();
        if let Some(known) = self.remembered(name).filter(|known| self.is_good(known, freshness, now)) {
            self.note_use(name, &known, now).await;
            return Ok(known.entry);
        }
        let (this, of) = (self.clone(), name.clone());
        let refresh = || async move { this.refresh(&of, freshness).await.map_err(Arc::new) };
        match self.flights.join((name.clone(), freshness), refresh).await {
            Some(outcome) => outcome.map_err(|source| RegistryError::Shared { source }),
            None => Err(RegistryError::Interrupted),
        }
    }

    /// Whether what is known is used without asking.
    fn is_good(&self, known: &Known, freshness: Freshness, now: Timestamp) -> bool {
        if known.entry.is_some() && self.upstream.is_down(now) {
            return true;
        }
        let settings = self.upstream.settings();
        let limit = match (freshness, &known.entry) {
            (Freshness::Lately, _) => LATELY.min(settings.max_age),
            (Freshness::Usual, Some(_)) => settings.max_age,
            (Freshness::Usual, None) => settings.missing_age,
        };
        // from the future, after a clock was set back: it may be of any age
        Duration::try_from(now.duration_since(known.checked)).is_ok_and(|age| age < limit)
    }

    async fn refresh(
        &self,
        name: &PackageName,
        freshness: Freshness,
    ) -> Result<Option<Arc<Entry>>, RegistryError> {
        let known = self.remembered_or_loaded(name).await?;
        let now = self.kept.now();
        if let Some(known) = known.as_ref().filter(|known| self.is_good(known, freshness, now)) {
            self.note_use(name, known, now).await;
            return Ok(known.entry.clone());
        }
        match self.ask(name, known.as_ref(), now).await {
            Ok(new) => {
                self.remember(name, &new);
                Ok(new.entry)
            }
            Err(down) => {
                let UpstreamDown { upstream, reason, .. } = &down;
                if let Some(known) = &known {
                    self.note_use(name, known, now).await;
                }
                match known.and_then(|known| known.entry) {
                    Some(entry) => {
                        tracing::warn!(%upstream, package = %name, %reason, "an old packument is used");
                        Ok(Some(entry))
                    }
                    None => {
                        tracing::warn!(%upstream, package = %name, %reason, "a packument could not be fetched");
                        Err(down.into())
                    }
                }
            }
        }
    }

    async fn ask(
        &self,
        name: &PackageName,
        known: Option<&Known>,
        now: Timestamp,
    ) -> Result<Known, UpstreamDown> {
        if let Some(known) = known.filter(|known| known.entry.is_some()) {
            let said = self.upstream.packument(name, Some(&known.validators), now).await?;
            return match said {
                Said::NotModified if self.confirm(name, known, now).await => {
                    Ok(Known { checked: now, ..known.clone() })
                }
                // it went for want of room, and is wanted: only a whole document can be kept again
                Said::NotModified => {
                    self.take(name, self.upstream.packument(name, None, now).await?, now).await
                }
                said => self.take(name, said, now).await,
            };
        }
        self.take(name, self.upstream.packument(name, None, now).await?, now).await
    }

    /// Keeps what an upstream says that is new.
    async fn take(&self, name: &PackageName, said: Said, now: Timestamp) -> Result<Known, UpstreamDown> {
        let used = Arc::new(AtomicI64::new(now.as_millisecond()));
        let mut told = None;
        let new = match said {
            Said::NotModified => {
                let reason = "it says that nothing changed, but was not asked that";
                return Err(self.upstream.down(reason.into()));
            }
            Said::Missing => {
                Known { entry: None, checked: now, validators: Validators::default(), blob: None, used }
            }
            Said::Document { bytes, validators } => {
                let read = self.read(name, bytes).await;
                let Document { entry, summary, packed } = read.map_err(|error| {
                    let cause = std::error::Error::source(&error)
                        .map_or_else(String::new, |cause| format!(": {cause}"));
                    self.upstream.down(format!("its answer cannot be used: {error}{cause}"))
                })?;
                let blob = self.put(&packed).await;
                told = summary;
                Known { entry: Some(Arc::new(entry)), checked: now, validators, blob, used }
            }
        };
        if let Err(error) = self.note(name, &new, told.as_ref()).await {
            // what was fetched is good, kept or not
            tracing::warn!(package = %name, %error, "a packument could not be kept");
        }
        Ok(new)
    }

    /// Reads a document, and compresses it to be kept.
    async fn read(&self, name: &PackageName, document: Bytes) -> Result<Document, RegistryError> {
        let (upstream, name) = (self.upstream.clone(), name.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let (entry, summary) = Entry::read(&name, &document, &upstream)?;
            let mut encoder = GzEncoder::new(Vec::with_capacity(document.len() / 4), Compression::fast());
            // writing into a vector does not fail
            let packed = encoder.write_all(&document).and_then(|()| encoder.finish()).unwrap_or_default();
            Ok(Document { entry, summary, packed: packed.into() })
        });
        reading.await.map_err(|_| RegistryError::Interrupted)?
    }

    /// Keeps a compressed document; `None` where that fails.
    async fn put(&self, packed: &Bytes) -> Option<PackedDocument> {
        let digest: String = Sha512::digest(packed).iter().map(|byte| format!("{byte:02x}")).collect();
        match self.kept.blobs.put(&digest, packed.clone()).await {
            Ok(()) => Some(PackedDocument { digest, size: i64::try_from(packed.len()).unwrap_or(i64::MAX) }),
            Err(error) => {
                tracing::warn!(%error, "a packument could not be kept");
                None
            }
        }
    }

    async fn note(
        &self,
        name: &PackageName,
        new: &Known,
        summary: Option<&UpstreamSummary>,
    ) -> Result<(), RegistryError> {
        if new.entry.is_some() && new.blob.is_none() {
            return Ok(());
        }
        let size = new.blob.as_ref().map_or(0, |blob| blob.size);
        let row = UpstreamPackumentRow {
            checked: new.checked.as_millisecond(),
            etag: new.validators.etag.clone(),
            last_modified: new.validators.last_modified.clone(),
            digest: new.blob.as_ref().map(|blob| blob.digest.clone()),
            size,
            used: new.used.load(Ordering::Relaxed),
            summary: summary.map(|summary| serde_json::json!(summary).to_string()),
        };
        let upstream = &self.upstream.settings().name;
        let unneeded = self.kept.database.put_upstream_packument(upstream, name, &row).await?;
        // nobody waits for that there is room for others
        let kept = self.kept.clone();
        self.tasks.spawn(async move {
            let more = size.saturating_add(PACKUMENT_ROW).unsigned_abs();
            if let Err(error) = kept.packuments.grown(&kept.database, &kept.blobs, more).await {
                tracing::warn!(%error, "there may be more packuments kept than there is room for");
            }
        });
        match unneeded {
            Some(digest) => self.kept.blobs.remove(&digest).await,
            None => Ok(()),
        }
    }

    /// Notes that what is known was confirmed. `false` where it is not what is kept.
    async fn confirm(&self, name: &PackageName, known: &Known, now: Timestamp) -> bool {
        let Some(blob) = &known.blob else { return true };
        let upstream = &self.upstream.settings().name;
        let at = now.as_millisecond();
        known.used.store(at, Ordering::Relaxed);
        let confirmed = self.kept.database.confirm_upstream_packument(upstream, name, &blob.digest, at).await;
        confirmed.unwrap_or_else(|error| {
            tracing::warn!(package = %name, %error, "that a packument is as good as new could not be noted");
            true
        })
    }

    /// Notes that something was asked for, once an hour.
    async fn note_use(&self, name: &PackageName, known: &Known, now: Timestamp) {
        let (at, before) = (now.as_millisecond(), known.used.load(Ordering::Relaxed));
        let is_first =
            || known.used.compare_exchange(before, at, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if at.saturating_sub(before) <= USE_GRANULARITY || !is_first() {
            return;
        }
        let upstream = &self.upstream.settings().name;
        if let Err(error) = self.kept.database.use_upstream_packument(upstream, name, at).await {
            tracing::warn!(package = %name, %error, "that a packument was asked for could not be noted");
        }
    }

    /// A package's packument as it is kept, however old; `None` where there is none.
    ///
    /// Errors: a database or a store that does not answer.
    pub async fn kept(&self, name: &PackageName) -> Result<Option<Arc<Entry>>, RegistryError> {
        Ok(self.remembered_or_loaded(name).await?.and_then(|known| known.entry))
    }

    async fn remembered_or_loaded(&self, name: &PackageName) -> Result<Option<Known>, RegistryError> {
        if let Some(known) = self.remembered(name) {
            return Ok(Some(known));
        }
        let known = self.load(name).await?;
        if let Some(known) = &known {
            self.remember(name, known);
        }
        Ok(known)
    }

    /// What is kept of a package. What is damaged was never kept.
    async fn load(&self, name: &PackageName) -> Result<Option<Known>, RegistryError> {
        let upstream = &self.upstream.settings().name;
        let Some(row) = self.kept.database.upstream_packument(upstream, name).await? else { return Ok(None) };
        let checked = Timestamp::from_millisecond(row.checked).unwrap_or(Timestamp::MIN);
        let validators = Validators { etag: row.etag, last_modified: row.last_modified };
        let used = Arc::new(AtomicI64::new(row.used));
        let Some(digest) = row.digest else {
            return Ok(Some(Known { entry: None, checked, validators, blob: None, used }));
        };
        let Some(packed) = self.kept.blobs.read(&digest).await? else { return Ok(None) };
        let (of, at, of_name) = (self.upstream.clone(), digest.clone(), name.clone());
        let unpacking = tokio::task::spawn_blocking(move || {
            let found: String = Sha512::digest(&packed).iter().map(|byte| format!("{byte:02x}")).collect();
            let mut document = Vec::new();
            if found != at || GzDecoder::new(&*packed).read_to_end(&mut document).is_err() {
                return None;
            }
            Entry::read(&of_name, &document, &of).ok()
        });
        let Some((entry, summary)) = unpacking.await.map_err(|_| RegistryError::Interrupted)? else {
            return Ok(None);
        };
        if let Some(summary) = summary.filter(|_| row.summary.is_none()) {
            let of = (&summary, self.kept.now().as_millisecond());
            self.kept.database.summarise_upstream_packument(upstream, name, &digest, of).await?;
        }
        Ok(Some(Known {
            entry: Some(Arc::new(entry)),
            checked,
            validators,
            blob: Some(PackedDocument { digest, size: row.size }),
            used,
        }))
    }

    fn remembered(&self, name: &PackageName) -> Option<Known> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).get(name)
    }

    fn remember(&self, name: &PackageName, known: &Known) {
        let size = known.entry.as_ref().map_or(0, |entry| entry.memory()) + 256;
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).put(name, known.clone(), size);
    }
}
