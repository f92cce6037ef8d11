//! Other registries, and what is kept of them: a client that asks here is answered whatever happens there, as long as
//! it has happened before.
//!
//! Owns freshness, coalescing, verification of tarballs and the size of what is kept. Does not own which names come
//! from where, and which versions are seen: that is `storage::governed`.

mod download;
mod entry;
mod flights;
mod health;
pub(crate) mod memory;
mod packuments;
mod room;
mod search;
mod summary;
mod tarballs;
mod upstream;
mod verifier;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
pub use download::Download;
use entry::Entry;
use flights::Tasks;
pub(crate) use health::{UpstreamHealth, UpstreamNumbers};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use packuments::{Freshness, Packuments};
use registry_client::{ApiBody, ApiRequest};
use room::Room;
use search::Searching;
pub(crate) use search::{Offered, Offers};
use serde_json::{Map, Value};
use tarballs::Tarballs;
use upstream::Upstream;

use crate::blobs::Blobs;
use crate::database::{Database, KeptKind, UpstreamSummary};
use crate::hosted::Clock;
use crate::packument::parse_members;
use crate::settings::{CacheSettings, UpstreamSettings};
use crate::storage::Blob;
use crate::{PackageName, Packument, RegistryError};

/// An upstream that could not say what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the upstream {upstream} cannot be asked: {reason}")]
pub struct UpstreamDown {
    /// Its name in the settings.
    pub upstream: String,
    /// Why, without secrets, for those who run the registry.
    pub reason: String,
    /// When it is worth to ask again.
    pub retry_after: Duration,
}

/// What all upstreams share: where things are kept, and how much.
pub(crate) struct Kept {
    database: Database,
    blobs: Blobs,
    clock: Clock,
    packuments: Room,
    tarballs: Room,
    /// What is told of upstreams.
    numbers: UpstreamNumbers,
}

/// How old an unfinished download is that nobody writes any more.
const STAGED_AGE: SignedDuration = SignedDuration::from_hours(24);

/// How exactly it is known when something was last asked for, in milliseconds: a write an hour instead of one a GET.
const USE_GRANULARITY: i64 = 3_600_000;

impl Kept {
    /// Keeps tarballs and packuments beside those that are published here.
    ///
    /// Errors: what a process that was killed left behind cannot be removed.
    pub fn new(
        database: Database,
        blobs: &Blobs,
        clock: Clock,
        cache: &CacheSettings,
        numbers: UpstreamNumbers,
    ) -> Result<Kept, RegistryError> {
        let blobs = blobs.below("upstream");
        // another process may be writing to the same folder
        let abandoned = clock().checked_sub(STAGED_AGE).unwrap_or(Timestamp::MIN);
        blobs.clear_staged(abandoned.into())?;
        let packuments = Room::new(KeptKind::Packuments, cache.packuments, numbers.clone());
        let tarballs = Room::new(KeptKind::Tarballs, cache.tarballs, numbers.clone());
        Ok(Kept { database, blobs, clock, packuments, tarballs, numbers })
    }

    /// Counts what is kept, which happens by itself when more comes, and lets go of what is beyond the bounds.
    ///
    /// Errors: a database or a store that does not answer.
    pub async fn count(&self) -> Result<(), RegistryError> {
        for room in [&self.packuments, &self.tarballs] {
            room.grown(&self.database, &self.blobs, 0).await?;
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// The packages of one upstream.
pub(crate) struct Proxy {
    upstream: Arc<Upstream>,
    packuments: Packuments,
    tarballs: Tarballs,
    searching: Searching,
    clock: Clock,
    /// When its keys were asked for, and what they were.
    keys: tokio::sync::Mutex<Option<(Timestamp, Vec<Value>)>>,
}

/// Seconds for which an upstream's keys are used.
const KEYS_AGE: i64 = 3600;

impl Proxy {
    /// Nothing is connected yet.
    ///
    /// Errors: a proxy in front of it that cannot be used.
    pub fn new(
        settings: UpstreamSettings,
        cache: &CacheSettings,
        kept: Arc<Kept>,
    ) -> Result<Proxy, RegistryError> {
        let upstream = Arc::new(Upstream::new(settings, cache, kept.numbers.clone())?);
        let tasks = Tasks::default();
        let clock = kept.clock.clone();
        Ok(Proxy {
            packuments: Packuments::new(upstream.clone(), kept.clone(), tasks.clone()),
            tarballs: Tarballs::new(upstream.clone(), kept, tasks),
            upstream,
            searching: Searching::default(),
            clock,
            keys: tokio::sync::Mutex::default(),
        })
    }

    /// Its settings.
    pub fn settings(&self) -> &UpstreamSettings {
        self.upstream.settings()
    }

    /// How it has been lately.
    pub fn health(&self) -> UpstreamHealth {
        self.upstream.watch.health()
    }

    /// The packument of a package; `None` where there is none.
    ///
    /// Errors: `UpstreamDown` where the upstream cannot say and nothing is kept.
    pub async fn packument(&self, name: &PackageName) -> Result<Option<Arc<Packument>>, RegistryError> {
        Ok(packument_of(self.packuments.get(name, Freshness::Usual).await?))
    }

    /// The same, for who did not find in it what he looks for: asked for again unless that was a moment ago.
    ///
    /// Errors: as [`packument`](Self::packument).
    pub async fn packument_lately(
        &self,
        name: &PackageName,
    ) -> Result<Option<Arc<Packument>>, RegistryError> {
        Ok(packument_of(self.packuments.get(name, Freshness::Lately).await?))
    }

    /// The packument as it is kept, however old; `None` where nothing is kept. The upstream is not asked.
    ///
    /// Errors: a database or a store that does not answer.
    pub async fn kept_packument(&self, name: &PackageName) -> Result<Option<Arc<Packument>>, RegistryError> {
        Ok(packument_of(self.packuments.kept(name).await?))
    }

    /// A tarball by its file name; `None` where the packument has none of that name, or the upstream has lost it.
    ///
    /// Errors: `UpstreamDown` where the upstream cannot say; a tarball without integrity.
    pub async fn tarball(&self, name: &PackageName, file: &str) -> Result<Option<Blob>, RegistryError> {
        for freshness in [Freshness::Usual, Freshness::Lately] {
            let Some(entry) = self.packuments.get(name, freshness).await? else { continue };
            if let Some(facts) = entry.tarball(file, &self.upstream)? {
                return self.tarballs.get(name, file, facts).await;
            }
        }
        Ok(None)
    }

    /// The answer to a GET below it; `None` where there is nothing.
    ///
    /// Errors: `UpstreamDown`.
    pub async fn ask_for(&self, path: &str) -> Result<Option<Bytes>, RegistryError> {
        Ok(self.upstream.ask(&ApiRequest::new(Method::GET, path), self.now()).await?)
    }

    /// What its own search finds, `part` being the first result and how many; nothing where it does not say at once.
    pub async fn search(&self, text: &str, part: (usize, usize)) -> Offers {
        self.searching.ask(&self.upstream, text, part, self.now()).await
    }

    /// What it knows against versions of packages, as the endpoint of `npm audit` has it; nothing where it is not to be
    /// asked or knows no such endpoint.
    ///
    /// Errors: `UpstreamDown`.
    pub async fn advisories(
        &self,
        installed: Map<String, Value>,
    ) -> Result<Map<String, Value>, RegistryError> {
        if !self.settings().audits || installed.is_empty() {
            return Ok(Map::new());
        }
        let body = ApiBody::GzippedJson(Value::Object(installed));
        let path = "/-/npm/v1/security/advisories/bulk";
        let request = ApiRequest { body, ..ApiRequest::new(Method::POST, path) };
        let answer = self.upstream.ask(&request, self.now()).await?;
        answer.map_or(Ok(Map::new()), |answer| self.read_answer(&answer))
    }

    /// The keys that it signs versions with, asked for once an hour; old ones where it cannot be asked.
    ///
    /// Errors: `UpstreamDown` where they were never known.
    pub async fn keys(&self) -> Result<Vec<Value>, RegistryError> {
        if !self.settings().audits {
            return Ok(Vec::new());
        }
        let mut keys = self.keys.lock().await;
        let now = self.now();
        let is_new = |asked: &Timestamp| (0..KEYS_AGE).contains(&now.duration_since(*asked).as_secs());
        if let Some((_, known)) = keys.as_ref().filter(|(asked, _)| is_new(asked)) {
            return Ok(known.clone());
        }
        let asked = match self.ask_for("/-/npm/v1/keys").await {
            Ok(Some(answer)) => self.read_answer(&answer).map(|mut answer| match answer.remove("keys") {
                Some(Value::Array(keys)) => keys,
                _ => Vec::new(),
            }),
            Ok(None) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        match (asked, keys.as_ref()) {
            (Ok(new), _) => {
                *keys = Some((now, new.clone()));
                Ok(new)
            }
            (Err(_), Some((_, old))) => Ok(old.clone()),
            (Err(error), None) => Err(error),
        }
    }

    fn read_answer(&self, answer: &[u8]) -> Result<Map<String, Value>, RegistryError> {
        let read = serde_json::from_slice(answer);
        Ok(read.map_err(|error| self.upstream.down(format!("its answer cannot be used: {error}")))?)
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// What searches are to know of a full packument; none where it has no latest version.
pub(crate) fn summary_of(document: &[u8]) -> Option<UpstreamSummary> {
    summary::of(&parse_members(std::str::from_utf8(document).ok()?).ok()?)
}

fn packument_of(entry: Option<Arc<Entry>>) -> Option<Arc<Packument>> {
    entry.map(|entry| entry.packument.clone())
}
