//! Packages kept in memory: for tests and for what is generated.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};

use super::{Blob, Storage, is_tarball_name};
use crate::{PackageName, Packument, RegistryError};

/// A registry's content in memory; a clone is a handle to the same content.
#[derive(Clone, Default)]
pub struct MemoryStorage(Arc<RwLock<Content>>);

#[derive(Default)]
struct Content {
    packuments: HashMap<PackageName, Arc<Packument>>,
    tarballs: HashMap<(PackageName, String), Bytes>,
}

impl MemoryStorage {
    /// Puts or replaces a package's full document.
    ///
    /// Errors: a document that cannot be rendered.
    pub fn put_packument(&self, name: &PackageName, document: &[u8]) -> Result<(), RegistryError> {
        let packument = Arc::new(Packument::render(name, document)?);
        self.write().packuments.insert(name.clone(), packument);
        Ok(())
    }

    /// Puts or replaces a tarball.
    ///
    /// Errors: a file name that could not be served.
    pub fn put_tarball(
        &self,
        name: &PackageName,
        file: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<(), RegistryError> {
        if !is_tarball_name(file) {
            return Err(RegistryError::TarballName { file: file.into() });
        }
        self.write().tarballs.insert((name.clone(), file.into()), bytes.into());
        Ok(())
    }

    /// Forgets a package and its tarballs.
    pub fn remove(&self, name: &PackageName) {
        let mut content = self.write();
        content.packuments.remove(name);
        content.tarballs.retain(|(owner, _), _| owner != name);
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Content> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Content> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for MemoryStorage {
    fn packument<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        let found = self.read().packuments.get(name).cloned();
        Box::pin(ready(Ok(found)))
    }

    fn tarball<'a>(
        &'a self,
        name: &'a PackageName,
        file: &'a str,
    ) -> BoxFuture<'a, Result<Option<Blob>, RegistryError>> {
        let found = self.read().tarballs.get(&(name.clone(), file.to_owned())).cloned().map(Blob::Bytes);
        Box::pin(ready(Ok(found)))
    }
}
