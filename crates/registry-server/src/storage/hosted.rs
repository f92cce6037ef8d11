//! Packages of the database, rendered when first asked for and kept rendered until they change or room is needed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::Mutex as AsyncMutex;

use super::{Blob, Storage};
use crate::blobs::Blobs;
use crate::database::Database;
use crate::packument::assemble;
use crate::{PackageName, Packument, RegistryError};

/// Bytes of rendered documents kept in memory.
const MEMORY: usize = 512 << 20;

/// The packages of a registry that accepts them.
pub struct HostedStorage {
    database: Database,
    blobs: Blobs,
    rendered: Mutex<Rendered>,
}

#[derive(Default)]
struct Rendered {
    by_name: HashMap<PackageName, Slot>,
    bytes: usize,
    /// Goes up with each use.
    clock: u64,
}

struct Slot {
    used: u64,
    revision: i64,
    packument: Option<Arc<Packument>>,
    /// Held by who renders: the others wait, and find it done.
    rendering: Arc<AsyncMutex<()>>,
}

impl HostedStorage {
    pub(crate) fn new(database: Database, blobs: Blobs) -> HostedStorage {
        HostedStorage { database, blobs, rendered: Mutex::default() }
    }

    fn rendered(&self) -> MutexGuard<'_, Rendered> {
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn find(&self, name: &PackageName) -> Result<Option<Arc<Packument>>, RegistryError> {
        let Some(revision) = self.database.revision(name).await? else { return Ok(None) };
        let rendering = match self.rendered().kept(name, revision) {
            Ok(packument) => return Ok(Some(packument)),
            Err(rendering) => rendering,
        };
        let _turn = rendering.lock().await;
        if let Ok(packument) = self.rendered().kept(name, revision) {
            return Ok(Some(packument));
        }
        let Some((revision, packument)) = self.render(name).await? else { return Ok(None) };
        self.rendered().keep(name, revision, &packument);
        Ok(Some(packument))
    }

    async fn render(&self, name: &PackageName) -> Result<Option<(i64, Arc<Packument>)>, RegistryError> {
        let Some(rows) = read_rows(&self.database, name).await? else { return Ok(None) };
        let (revision, name) = (rows.package.revision, name.clone());
        // megabytes of JSON: not on a thread that answers requests
        let rendered = tokio::task::spawn_blocking(move || {
            Packument::render(&name, assemble::document(&name, &rows).as_bytes())
        });
        let packument = rendered.await.map_err(|_| RegistryError::Interrupted)??;
        Ok(Some((revision, Arc::new(packument))))
    }
}

/// The rows of one revision of a package that is not removed: read again where it changed meanwhile.
pub(crate) async fn read_rows(
    database: &Database,
    name: &PackageName,
) -> Result<Option<assemble::Rows>, RegistryError> {
    loop {
        let Some(package) = database.package(name).await? else { return Ok(None) };
        let versions = database.versions(name).await?;
        let tags = database.dist_tags(name).await?;
        let maintainers = database.maintainers(name).await?;
        let stars = database.starred_by(name).await?;
        if database.revision(name).await? == Some(package.revision) {
            return Ok(Some(assemble::Rows { package, versions, tags, maintainers, stars }));
        }
        if package.removed.is_some() {
            return Ok(None);
        }
    }
}

impl Rendered {
    /// What is kept of a revision or a newer one; else the lock of who may render it.
    fn kept(&mut self, name: &PackageName, revision: i64) -> Result<Arc<Packument>, Arc<AsyncMutex<()>>> {
        self.clock += 1;
        let slot = self.by_name.entry(name.clone()).or_insert_with(|| Slot {
            used: 0,
            revision: -1,
            packument: None,
            rendering: Arc::default(),
        });
        slot.used = self.clock;
        match &slot.packument {
            Some(packument) if slot.revision >= revision => Ok(packument.clone()),
            _ => Err(slot.rendering.clone()),
        }
    }

    fn keep(&mut self, name: &PackageName, revision: i64, packument: &Arc<Packument>) {
        self.clock += 1;
        let slot = Slot {
            used: self.clock,
            revision,
            packument: Some(packument.clone()),
            rendering: Arc::default(),
        };
        self.bytes += packument.memory();
        if let Some(old) = self.by_name.insert(name.clone(), slot) {
            self.bytes -= old.packument.map_or(0, |packument| packument.memory());
        }
        if self.bytes > MEMORY {
            self.make_room();
        }
    }

    /// Lets go of what was used longest ago, a quarter at once, so that it is seldom needed.
    fn make_room(&mut self) {
        let mut by_use: Vec<(u64, PackageName)> =
            self.by_name.iter().map(|(name, slot)| (slot.used, name.clone())).collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        for (_, name) in by_use {
            if self.bytes <= MEMORY / 4 * 3 {
                break;
            }
            if let Some(old) = self.by_name.remove(&name) {
                self.bytes -= old.packument.map_or(0, |packument| packument.memory());
            }
        }
    }
}

impl Storage for HostedStorage {
    fn packument<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        Box::pin(self.find(name))
    }

    fn tarball<'a>(
        &'a self,
        name: &'a PackageName,
        file: &'a str,
    ) -> BoxFuture<'a, Result<Option<Blob>, RegistryError>> {
        Box::pin(async move {
            match self.database.tarball(name, file).await? {
                Some((digest, size)) => self.blobs.get(&digest, size.unsigned_abs()).map(Some),
                None => Ok(None),
            }
        })
    }
}
