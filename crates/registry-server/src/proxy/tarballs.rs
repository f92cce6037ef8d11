//! Tarballs of an upstream: kept, on their way, or fetched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;
use tokio::sync::oneshot;

use super::download::{Download, Spool};
use super::entry::TarballFacts;
use super::flights::{Flights, Tasks};
use super::upstream::Upstream;
use super::verifier::Verdict;
use super::{Kept, USE_GRANULARITY, UpstreamDown};
use crate::database::{UpstreamFile, UpstreamTarballRow};
use crate::storage::Blob;
use crate::{PackageName, RegistryError};

type Key = (PackageName, String);
/// `None`: the upstream has no such tarball.
type Started = Result<Option<Download>, Arc<RegistryError>>;

/// The tarballs of one upstream. A clone is a handle to the same ones.
#[derive(Clone)]
pub(super) struct Tarballs {
    upstream: Arc<Upstream>,
    kept: Arc<Kept>,
    tasks: Tasks,
    starting: Arc<Flights<Key, Started>>,
    arriving: Arc<Mutex<HashMap<Key, Download>>>,
}

impl Tarballs {
    pub fn new(upstream: Arc<Upstream>, kept: Arc<Kept>, tasks: Tasks) -> Tarballs {
        let starting = Arc::new(Flights::new(tasks.clone()));
        Tarballs { upstream, kept, tasks, starting, arriving: Arc::default() }
    }

    /// A tarball: from what is kept, from a download under way, or from a new one. `None` where the upstream says that
    /// there is none.
    ///
    /// Errors: an upstream that cannot say, a database that fails.
    pub async fn get(
        &self,
        name: &PackageName,
        file: &str,
        facts: TarballFacts,
    ) -> Result<Option<Blob>, RegistryError> {
        if let Some(blob) = self.find(name, file, &facts).await? {
            return Ok(Some(blob));
        }
        let key = (name.clone(), file.to_owned());
        let this = self.clone();
        let started = self.starting.join(key.clone(), || async move { this.start(key, facts).await }).await;
        match started {
            Some(Ok(download)) => Ok(download.map(Blob::Arriving)),
            Some(Err(source)) => Err(RegistryError::Shared { source }),
            None => Err(RegistryError::Interrupted),
        }
    }

    async fn find(
        &self,
        name: &PackageName,
        file: &str,
        facts: &TarballFacts,
    ) -> Result<Option<Blob>, RegistryError> {
        if let Some(download) = self.arriving().get(&(name.clone(), file.to_owned())) {
            return Ok(Some(Blob::Arriving(download.clone())));
        }
        let of = UpstreamFile { upstream: &self.upstream.settings().name, name, file };
        let Some(row) = self.kept.database.upstream_tarball(of).await? else { return Ok(None) };
        if row.integrity != facts.integrity.to_string() {
            return Ok(None);
        }
        let blob = self.kept.blobs.get(&row.digest, row.size.unsigned_abs())?;
        if let Blob::File { path, length } = &blob {
            // what somebody deleted or cut off is fetched again
            let there = tokio::fs::metadata(path).await.is_ok_and(|metadata| metadata.len() == *length);
            if !there {
                self.kept.database.forget_upstream_tarball(of).await?;
                return Ok(None);
            }
        }
        let now = self.kept.now().as_millisecond();
        if now.saturating_sub(row.used) > USE_GRANULARITY {
            self.kept.database.use_upstream_tarball(of, now).await?;
        }
        Ok(Some(blob))
    }

    /// Begins a download, and answers when the upstream does.
    async fn start(&self, key: Key, facts: TarballFacts) -> Started {
        // it may have arrived since it was looked for
        match self.find(&key.0, &key.1, &facts).await {
            Ok(Some(Blob::Arriving(download))) => return Ok(Some(download)),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let staged = match self.kept.blobs.stage().await {
            Ok(staged) => staged,
            Err(error) => return Err(error.into()),
        };
        let (begun, beginning) = oneshot::channel();
        let (refused, refusal) = oneshot::channel();
        let this = self.clone();
        let of = key.clone();
        self.tasks.spawn(async move { this.fetch(of, facts, staged, begun, refused).await });
        match beginning.await {
            Ok(download) => Ok(Some(download)),
            Err(_) => match refusal.await {
                Ok(Ok(())) => Ok(None),
                Ok(Err(down)) => Err(RegistryError::from(down).into()),
                Err(_) => Err(RegistryError::Interrupted.into()),
            },
        }
    }

    /// The whole life of a download. `refused` is told where it ends before it began: nothing there, or no answer.
    async fn fetch(
        &self,
        key: Key,
        facts: TarballFacts,
        staged: NamedTempFile,
        begun: oneshot::Sender<Download>,
        refused: oneshot::Sender<Result<(), UpstreamDown>>,
    ) {
        let (name, file) = &key;
        let opened = match staged.as_file().try_clone() {
            Ok(opened) => Arc::new(opened),
            Err(error) => {
                let _ = refused.send(Err(self.upstream.down(format!("no file can be written: {error}"))));
                return;
            }
        };
        let place = Place { arriving: self.arriving.clone(), key: key.clone() };
        let announce = {
            let (arriving, key) = (self.arriving.clone(), key.clone());
            move |download: Download| {
                lock(&arriving).insert(key, download.clone());
                // who asked may have left; the tarball is kept for the next one
                let _ = begun.send(download);
            }
        };
        let mut spool = Spool::new(facts.integrity.clone(), opened, Box::new(announce));
        let outcome = self.upstream.tarball(name, facts.url.clone(), &mut spool).await;
        let reason = match outcome {
            Ok(true) => self.keep(&key, &facts, &mut spool, staged).await.err(),
            Ok(false) => {
                let _ = refused.send(Ok(()));
                None
            }
            Err(down) => {
                let failure = spool.take_failure().map(|error| error.to_string());
                let reason = failure.unwrap_or_else(|| down.reason.clone());
                let _ = refused.send(Err(down));
                Some(reason)
            }
        };
        if let Some(reason) = reason {
            let upstream = self.upstream.settings().name.as_str();
            let reason = reason.as_str();
            tracing::warn!(upstream, package = name.as_str(), %file, reason, "a tarball could not be fetched");
            spool.break_off(reason);
        }
        drop(place);
    }

    /// Verifies what arrived, lets clients have it and keeps it.
    async fn keep(
        &self,
        key: &Key,
        facts: &TarballFacts,
        spool: &mut Spool,
        staged: NamedTempFile,
    ) -> Result<(), String> {
        let (verdict, size) = spool.finish().await.map_err(|error| error.to_string())?;
        let digest = match verdict {
            Verdict::Right(digest) => digest,
            Verdict::Wrong { expected, found } => {
                return Err(format!("it is {found}, and the packument says {expected}"));
            }
        };
        let promoted = self.promote(key, facts, &digest, size, staged).await;
        spool.release();
        if let Err(error) = promoted {
            let upstream = self.upstream.settings().name.as_str();
            tracing::warn!(upstream, package = key.0.as_str(), file = key.1.as_str(), %error, "a tarball could not be kept");
        }
        Ok(())
    }

    async fn promote(
        &self,
        key: &Key,
        facts: &TarballFacts,
        digest: &str,
        size: u64,
        staged: NamedTempFile,
    ) -> Result<(), RegistryError> {
        self.kept.blobs.put_staged(digest, staged).await?;
        let of = UpstreamFile { upstream: &self.upstream.settings().name, name: &key.0, file: &key.1 };
        let row = UpstreamTarballRow {
            integrity: facts.integrity.to_string(),
            digest: digest.to_owned(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            used: self.kept.now().as_millisecond(),
        };
        if let Some(replaced) = self.kept.database.put_upstream_tarball(of, &row).await? {
            self.kept.blobs.remove(&replaced).await?;
        }
        self.kept.tarballs.grown(&self.kept.database, &self.kept.blobs, size).await
    }

    fn arriving(&self) -> MutexGuard<'_, HashMap<Key, Download>> {
        lock(&self.arriving)
    }
}

/// A download's place among those under way; given up however it ends.
struct Place {
    arriving: Arc<Mutex<HashMap<Key, Download>>>,
    key: Key,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.arriving).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
