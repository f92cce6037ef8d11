//! Packages kept in a directory: `<root>/<name>/packument.json` and `<root>/<name>/-/<file>.tgz`.
//!
//! Documents are written whole and by rename. They are rendered when first asked for and kept rendered until their
//! file changes or room is needed.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use futures_util::future::BoxFuture;

use super::{Blob, Storage, is_tarball_name};
use crate::{PackageName, Packument, RegistryError, compact_json};

/// Bytes of rendered documents kept in memory, unless told otherwise.
const DEFAULT_MEMORY: usize = 1 << 30;

/// A registry's content in a directory; a clone is a handle to the same content.
#[derive(Clone)]
pub struct DirectoryStorage(Arc<Inner>);

struct Inner {
    root: PathBuf,
    rendered: Mutex<Rendered>,
}

/// Rendered documents with the state of the file they came from.
struct Rendered {
    by_name: HashMap<PackageName, (FileState, Arc<Packument>)>,
    used: usize,
    limit: usize,
}

/// What tells one content of a document's file from the next.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileState {
    length: u64,
    modified: Option<SystemTime>,
}

impl DirectoryStorage {
    /// The content under `root`, which is made if it is not there.
    ///
    /// Errors: a root that cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<DirectoryStorage, RegistryError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(io_error("make", &root))?;
        let rendered = Rendered { by_name: HashMap::new(), used: 0, limit: DEFAULT_MEMORY };
        Ok(DirectoryStorage(Arc::new(Inner { root, rendered: Mutex::new(rendered) })))
    }

    /// The same storage with another limit of rendered documents in memory, in bytes.
    pub fn with_memory(self, bytes: usize) -> DirectoryStorage {
        self.0.rendered().limit = bytes;
        self
    }

    /// Puts or replaces a package's full document.
    ///
    /// Errors: a document that could not be rendered (nothing is written then), a failing disk.
    pub fn put_packument(&self, name: &PackageName, document: &[u8]) -> Result<(), RegistryError> {
        Packument::render(name, document)?;
        write_whole(&self.0.document_path(name), &compact_json(document))
    }

    /// Puts or replaces a tarball.
    ///
    /// Errors: a file name that could not be served, a failing disk.
    pub fn put_tarball(&self, name: &PackageName, file: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        if !is_tarball_name(file) {
            return Err(RegistryError::TarballName { file: file.into() });
        }
        write_whole(&self.0.tarball_path(name, file), bytes)
    }

    /// Whether a document of the package is kept.
    pub fn has_packument(&self, name: &PackageName) -> bool {
        self.0.document_path(name).is_file()
    }

    /// Whether the tarball is kept.
    pub fn has_tarball(&self, name: &PackageName, file: &str) -> bool {
        self.0.tarball_path(name, file).is_file()
    }
}

impl Storage for DirectoryStorage {
    fn packument<'a>(
        &'a self,
        name: &'a PackageName,
    ) -> BoxFuture<'a, Result<Option<Arc<Packument>>, RegistryError>> {
        Box::pin(async move {
            let path = self.0.document_path(name);
            let Some(state) = state_of(tokio::fs::metadata(&path).await, &path)? else { return Ok(None) };
            if let Some(packument) = self.0.rendered().get(name, state) {
                return Ok(Some(packument));
            }
            let inner = self.0.clone();
            let owned_name = name.clone();
            let rendering = tokio::task::spawn_blocking(move || inner.render(&owned_name, state));
            let failed =
                |error| RegistryError::Io { action: "render", path, source: io::Error::other(error) };
            rendering.await.map_err(failed)?.map(Some)
        })
    }

    fn tarball<'a>(
        &'a self,
        name: &'a PackageName,
        file: &'a str,
    ) -> BoxFuture<'a, Result<Option<Blob>, RegistryError>> {
        Box::pin(async move {
            if !is_tarball_name(file) {
                return Ok(None);
            }
            let path = self.0.tarball_path(name, file);
            let state = state_of(tokio::fs::metadata(&path).await, &path)?;
            Ok(state.map(|state| Blob::File { path, length: state.length }))
        })
    }
}

impl Inner {
    fn document_path(&self, name: &PackageName) -> PathBuf {
        self.root.join(name.as_str()).join("packument.json")
    }

    fn tarball_path(&self, name: &PackageName, file: &str) -> PathBuf {
        self.root.join(name.as_str()).join("-").join(file)
    }

    fn rendered(&self) -> std::sync::MutexGuard<'_, Rendered> {
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn render(&self, name: &PackageName, state: FileState) -> Result<Arc<Packument>, RegistryError> {
        let path = self.document_path(name);
        let document = fs::read(&path).map_err(io_error("read", &path))?;
        let packument = Arc::new(Packument::render(name, &document)?);
        self.rendered().put(name, state, packument.clone());
        Ok(packument)
    }
}

impl Rendered {
    fn get(&self, name: &PackageName, state: FileState) -> Option<Arc<Packument>> {
        let (of, packument) = self.by_name.get(name)?;
        (*of == state).then(|| packument.clone())
    }

    /// Keeps a document, forgetting arbitrary others while there is no room for it.
    fn put(&mut self, name: &PackageName, state: FileState, packument: Arc<Packument>) {
        self.forget(name);
        while self.used + packument.memory() > self.limit {
            let Some(other) = self.by_name.keys().next().cloned() else { break };
            self.forget(&other);
        }
        self.used += packument.memory();
        self.by_name.insert(name.clone(), (state, packument));
    }

    fn forget(&mut self, name: &PackageName) {
        if let Some((_, packument)) = self.by_name.remove(name) {
            self.used -= packument.memory();
        }
    }
}

fn state_of(metadata: io::Result<fs::Metadata>, path: &Path) -> Result<Option<FileState>, RegistryError> {
    match metadata {
        Ok(metadata) if metadata.is_file() => {
            Ok(Some(FileState { length: metadata.len(), modified: metadata.modified().ok() }))
        }
        Ok(_) => Ok(None),
        Err(error) => match error.kind() {
            // A name too long for the file system was never kept either.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
                Ok(None)
            }
            _ => Err(io_error("read", path)(error)),
        },
    }
}

/// Writes a file so that its final name never stands for a part of it.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io_error("make", folder))?;
    let mut staged = tempfile::NamedTempFile::new_in(folder).map_err(io_error("write", path))?;
    staged.write_all(bytes).map_err(io_error("write", path))?;
    staged.persist(path).map_err(|error| io_error("write", path)(error.error))?;
    Ok(())
}

fn io_error(action: &'static str, path: &Path) -> impl Fn(io::Error) -> RegistryError {
    let path = path.to_owned();
    move |source| RegistryError::Io { action, path: path.clone(), source }
}
