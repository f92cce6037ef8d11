//! Storage that fetches what it does not have from a real registry, once.
//!
//! The first run of a tool fills it; later runs are answered from the disk alone. So a recording has all that any
//! of the tools asks for, be it more than one lockfile says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use registry_server::{Blob, DirectoryStorage, PackageName, Packument, RegistryError, Storage};
use test_support::upstream::Upstream;

use crate::cutoff::cut_off;
use crate::error::causes;

/// Kept packages, and where to get the others. A clone is a handle to the same recording.
#[derive(Clone)]
pub struct RecordingStorage {
    kept: DirectoryStorage,
    upstream: Upstream,
    before: Timestamp,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    fetched: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

impl RecordingStorage {
    /// A recording of packages as they were on a day.
    pub fn new(kept: DirectoryStorage, upstream: Upstream, before: Timestamp) -> RecordingStorage {
        RecordingStorage { kept, upstream, before, state: Arc::default() }
    }

    /// How many documents and tarballs had to be fetched so far.
    pub fn fetched(&self) -> usize {
        self.state.fetched.load(Ordering::Relaxed)
    }

    /// What could not be fetched since the last call.
    pub fn take_failures(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn failed(&self, what: &str, error: &dyn std::error::Error) {
        let message = format!("{what}: {}", causes(error));
        self.state.failures.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }

    async fn record_packument(&self, name: &PackageName) -> Result<(), RegistryError> {
        self.state.fetched.fetch_add(1, Ordering::Relaxed);
        match self.upstream.packument(name.as_str()).await {
            Ok(Some(document)) => {
                let cut = cut_off(&document, self.before)
                    .map_err(|source| RegistryError::Document { name: name.to_string(), source })?;
                self.kept.put_packument(name, &cut)?;
            }
            Ok(None) => {}
            Err(error) => self.failed(name.as_str(), &error),
        }
        Ok(())
    }

    async fn record_tarball(&self, name: &PackageName, file: &str) -> Result<(), RegistryError> {
        self.state.fetched.fetch_add(1, Ordering::Relaxed);
        match self.upstream.tarball(name.as_str(), file).await {
            Ok(Some(bytes)) => self.kept.put_tarball(name, file, &bytes)?,
            Ok(None) => {}
            Err(error) => self.failed(file, &error),
        }
        Ok(())
    }
}

impl Storage for RecordingStorage {
    fn packument<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        Box::pin(async move {
            if !self.kept.has_packument(name) {
                self.record_packument(name).await?;
            }
            self.kept.packument(name).await
        })
    }

    fn tarball<'a>(
        &'a self,
        name: &'a PackageName,
        file: &'a str,
    ) -> BoxFuture<'a, Result<Option<Blob>, RegistryError>> {
        Box::pin(async move {
            if !self.kept.has_tarball(name, file) {
                self.record_tarball(name, file).await?;
            }
            self.kept.tarball(name, file).await
        })
    }
}
