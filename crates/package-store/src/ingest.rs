//! From the bytes of a tarball to an entry of the store, in one pass: hash, inflate, unpack, index.
//!
//! Nothing is visible in the store before the whole tarball has been verified. What is written is what npm would
//! write: no links, no devices, no foreign owners or times, files readable and writable by their owner.

mod archive;
mod archive_path;
mod directory;
mod extended;
mod header;
mod inflate;
mod manifest;
mod memory;
mod text;
mod tree;

pub use archive_path::GitIgnore;
pub use directory::DirectoryRequest;
pub use memory::{UnpackedFile, read_files, unpacked_files};

use crate::digest::{Verified, Verifier};
use crate::entry::Entry;
use crate::error::{ArchiveFault, Limit, Result, StoreError};
use crate::fs::Context;
use crate::key::EntryKey;
use crate::store::Store;
use archive::Archive;
use inflate::{Inflate, Stopped};
use npm_formats::integrity::Integrity;
use std::io::Read;
use std::path::Path;
use tree::TreeWriter;

/// Packed bytes from which on a tarball is unpacked while it arrives.
const STREAM_FROM: usize = 8 << 20;
const READ_CHUNK: usize = 1 << 20;

/// A tarball that is about to arrive.
#[derive(Debug, Clone)]
pub struct TarballRequest {
    /// Names the package in errors, such as `left-pad@1.3.0`.
    pub package: String,
    /// Where the bytes come from, in errors. Must hold no secrets.
    pub origin: String,
    /// What the tarball must be. Without it anything is accepted, and known afterwards by its SHA-512.
    pub integrity: Option<Integrity>,
    /// What it may hold.
    pub limits: Limits,
    /// What becomes of `.gitignore`.
    pub gitignore: GitIgnore,
}

impl TarballRequest {
    /// A request with npm's rules and the default limits.
    pub fn new(package: impl Into<String>, origin: impl Into<String>, integrity: Option<Integrity>) -> Self {
        let (limits, gitignore) = (Limits::default(), GitIgnore::default());
        Self { package: package.into(), origin: origin.into(), integrity, limits, gitignore }
    }
}

/// What a package may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes as they arrive.
    pub packed_bytes: u64,
    /// Bytes unpacked, headers included.
    pub unpacked_bytes: u64,
    /// Files and directories.
    pub files: u64,
    /// Unpacked bytes for each packed byte; npm's limit by default.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { packed_bytes: 1 << 30, unpacked_bytes: 4 << 30, files: 250_000, ratio: 1000 }
    }
}

/// A package that is in the store now.
#[derive(Debug)]
pub struct Ingested {
    /// The entry.
    pub entry: Entry,
    /// The SHA-512 of its tarball.
    pub integrity: Integrity,
    /// What was in the tarball and not unpacked.
    pub skipped: Vec<Skipped>,
}

/// Something in an archive that was not unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its path as the archive has it.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why something in an archive was not unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// A symbolic or hard link.
    #[error("links are not unpacked")]
    Link,
    /// A device or pipe.
    #[error("devices are not unpacked")]
    Special,
    /// An entry type nobody knows.
    #[error("its type is unknown")]
    UnknownType,
    /// `..` in the path.
    #[error("its path leads out of the package")]
    Escapes,
    /// Too many directories.
    #[error("it is too many directories deep")]
    TooDeep,
    /// A file without a path below the archive's folder.
    #[error("it is not inside the archive's folder")]
    NoName,
    /// A file where a directory is, or the other way round.
    #[error("a file and a directory have the same path")]
    Conflict,
    /// 512 bytes that should be a header and are not.
    #[error("its header is damaged")]
    InvalidHeader,
}

/// A tarball on its way into the store. Dropped unfinished, it leaves nothing behind.
pub struct Ingest {
    store: Store,
    request: TarballRequest,
    verifier: Verifier,
    packed: u64,
    phase: Phase,
}

enum Phase {
    /// Small ones are unpacked at once, after they have been verified.
    Collect(Vec<u8>),
    /// Large ones are unpacked while they arrive, and published after they have been verified.
    Unpack(Box<Unpack>),
}

struct Unpack {
    inflate: Inflate,
    archive: Archive,
    tree: TreeWriter,
}

impl Store {
    /// Begins to take in a tarball.
    ///
    /// Errors: [`StoreError::UnsupportedIntegrity`].
    pub fn ingest(&self, request: TarballRequest) -> Result<Ingest> {
        let verifier = Verifier::new(request.integrity.clone(), &request.package)?;
        Ok(Ingest { store: self.clone(), request, verifier, packed: 0, phase: Phase::Collect(Vec::new()) })
    }

    /// Takes in a tarball that is here as a whole.
    ///
    /// Errors: [`StoreError::Integrity`] when it is another than the one asked for, [`StoreError::Archive`] and
    /// [`StoreError::Limit`] for what it holds, [`StoreError::DiskFull`] and [`StoreError::FileSystem`] otherwise. The
    /// store is as before then.
    pub fn ingest_tarball(&self, request: TarballRequest, tarball: &[u8]) -> Result<Ingested> {
        let mut ingest = self.ingest(request)?;
        ingest.account(tarball)?;
        ingest.unpack_whole(tarball)
    }

    /// Takes in a tarball from a file.
    ///
    /// Errors: as [`Store::ingest_tarball`].
    pub fn ingest_file(&self, request: TarballRequest, path: &Path) -> Result<Ingested> {
        let mut file = std::fs::File::open(path).context("open", path)?;
        let mut ingest = self.ingest(request)?;
        let mut chunk = vec![0; READ_CHUNK];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return ingest.finish(),
                Ok(read) => ingest.write(chunk.get(..read).unwrap_or_default())?,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("read", path),
            }
        }
    }
}

impl Ingest {
    /// Takes the next bytes.
    ///
    /// Errors: as [`Store::ingest_tarball`], except for the integrity. After one, nothing more can be done with it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.account(bytes)?;
        match &mut self.phase {
            Phase::Unpack(unpack) => unpack.feed(bytes, &self.request),
            Phase::Collect(collected) => {
                collected.extend(bytes);
                if collected.len() >= STREAM_FROM {
                    let collected = std::mem::take(collected);
                    let mut unpack = Unpack::new(&self.store, &self.request)?;
                    unpack.feed(&collected, &self.request)?;
                    self.phase = Phase::Unpack(Box::new(unpack));
                }
                Ok(())
            }
        }
    }

    /// Verifies, and publishes the entry.
    ///
    /// Errors: as [`Store::ingest_tarball`].
    pub fn finish(mut self) -> Result<Ingested> {
        match std::mem::replace(&mut self.phase, Phase::Collect(Vec::new())) {
            Phase::Collect(collected) => self.unpack_whole(&collected),
            Phase::Unpack(unpack) => {
                let verified = self.verifier.finish(&self.request.package, &self.request.origin)?;
                unpack.finish(&self.store, &self.request, &verified)
            }
        }
    }

    fn account(&mut self, bytes: &[u8]) -> Result<()> {
        self.packed += bytes.len() as u64;
        if self.packed > self.request.limits.packed_bytes {
            return Err(self.request.limit(Limit::PackedBytes(self.request.limits.packed_bytes)));
        }
        self.verifier.update(bytes);
        Ok(())
    }

    fn unpack_whole(self, tarball: &[u8]) -> Result<Ingested> {
        let verified = self.verifier.finish(&self.request.package, &self.request.origin)?;
        if let Some(entry) = self.store.lookup_key(&verified.key) {
            return published(&self.store, entry, &verified, Vec::new());
        }
        let mut unpack = Unpack::new(&self.store, &self.request)?;
        let (archive, tree) = (&mut unpack.archive, &mut unpack.tree);
        match inflate::whole(tarball, &self.request.limits, |bytes| archive.feed(bytes, tree)) {
            Some(fed) => {
                fed.map_err(|error| self.request.explain(error))?;
                unpack.publish(&self.store, &self.request, &verified)
            }
            None => {
                unpack.feed(tarball, &self.request)?;
                unpack.finish(&self.store, &self.request, &verified)
            }
        }
    }
}

impl Unpack {
    fn new(store: &Store, request: &TarballRequest) -> Result<Self> {
        Ok(Self {
            inflate: Inflate::new(request.limits),
            archive: Archive::new(request.gitignore),
            tree: TreeWriter::begin(store, request.limits.files)?,
        })
    }

    fn feed(&mut self, bytes: &[u8], request: &TarballRequest) -> Result<()> {
        let (archive, tree) = (&mut self.archive, &mut self.tree);
        self.inflate.feed(bytes, |bytes| archive.feed(bytes, tree)).map_err(|stopped| match stopped {
            Stopped::Fault(fault) => request.archive(fault),
            Stopped::Limit(limit) => request.limit(limit),
            Stopped::Receiver(error) => request.explain(error),
        })
    }

    fn finish(self, store: &Store, request: &TarballRequest, verified: &Verified) -> Result<Ingested> {
        self.inflate.finish().map_err(|fault| request.archive(fault))?;
        self.publish(store, request, verified)
    }

    fn publish(self, store: &Store, request: &TarballRequest, verified: &Verified) -> Result<Ingested> {
        self.archive.finish().map_err(|fault| request.archive(fault))?;
        let (entry, skipped) = self.tree.publish(store, &verified.key)?;
        published(store, entry, verified, skipped)
    }
}

fn published(store: &Store, entry: Entry, verified: &Verified, skipped: Vec<Skipped>) -> Result<Ingested> {
    if let Some(alias) = &verified.alias {
        store.alias(alias, &verified.key)?;
    }
    Ok(Ingested { entry, integrity: EntryKey::integrity(&verified.key), skipped })
}

/// An error of the receiving side, before it knows which package it is about.
#[derive(Debug)]
enum UnpackError {
    Fault(ArchiveFault),
    Limit(Limit),
    Store(StoreError),
}

impl From<ArchiveFault> for UnpackError {
    fn from(fault: ArchiveFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for UnpackError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl TarballRequest {
    fn explain(&self, error: UnpackError) -> StoreError {
        match error {
            UnpackError::Fault(fault) => self.archive(fault),
            UnpackError::Limit(limit) => self.limit(limit),
            UnpackError::Store(error) => error,
        }
    }

    fn archive(&self, reason: ArchiveFault) -> StoreError {
        StoreError::Archive { package: self.package.clone(), origin: self.origin.clone(), reason }
    }

    fn limit(&self, limit: Limit) -> StoreError {
        StoreError::Limit { package: self.package.clone(), origin: self.origin.clone(), limit }
    }
}
