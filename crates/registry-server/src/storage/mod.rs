//! Where packages are kept, behind one trait.
//!
//! Does not own: HTTP, and the rendering of documents (`packument`).

mod directory;
mod explanation;
mod governed;
mod hosted;
mod memory;
mod tarball_name;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
pub use directory::DirectoryStorage;
pub(crate) use explanation::Explanation;
pub use explanation::{Explained, ExplainedTag, ExplainedVersion};
use futures_util::future::BoxFuture;
pub(crate) use governed::{GovernedStorage, Seen};
pub(crate) use hosted::{HostedStorage, read_rows};
pub use memory::MemoryStorage;
use object_store::ObjectStore;
pub(crate) use tarball_name::is_tarball_name;

use crate::proxy::Download;
use crate::{PackageName, Packument, RegistryError};

/// A place packages are read from.
pub trait Storage: Send + Sync + 'static {
    /// The rendered document of a package; `None` where there is no such package.
    fn packument<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>>;

    /// The same, for who did not find in it what he looks for: as good as new.
    fn packument_lately<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        self.packument(name)
    }

    /// A tarball by its file name; `None` where there is no such tarball.
    fn tarball<'a>(
        &'a self,
        name: &'a PackageName,
        file: &'a str,
    ) -> BoxFuture<'a, Result<Option<Blob>, RegistryError>>;
}

/// Bytes that never change, where they can be read.
#[derive(Clone, Debug)]
pub enum Blob {
    /// In memory.
    Bytes(Bytes),
    /// A file; `length` in bytes.
    File { path: PathBuf, length: u64 },
    /// In an object store; `length` in bytes.
    Object { store: Arc<dyn ObjectStore>, key: object_store::path::Path, length: u64 },
    /// On their way from an upstream.
    Arriving(Download),
}

impl Blob {
    /// Length in bytes; zero where it is not known yet.
    pub fn len(&self) -> u64 {
        match self {
            Blob::Bytes(bytes) => bytes.len() as u64,
            Blob::File { length, .. } | Blob::Object { length, .. } => *length,
            Blob::Arriving(download) => download.length.unwrap_or(0),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
