//! Verify, unpack, keep and link packages.
//!
//! Owns the store (one directory per package version, keyed by the SHA-512 of its tarball), the way into it, and the
//! way from it into `node_modules`. Synchronous, so that its caller decides about threads. Does no network, knows no
//! dependency tree, runs no scripts.

pub mod bin;
mod boot;
mod digest;
mod entry;
mod error;
mod fs;
mod gc;
mod index;
mod ingest;
mod key;
mod link;
mod remove;
mod staging;
mod store;
mod verify;

pub use bin::Bin;
pub use entry::Entry;
pub use error::{ArchiveFault, Limit, StoreError};
pub use gc::{Collected, Discarded};
pub use index::{EntryFlags, FileRecord};
pub use ingest::{
    DirectoryRequest, GitIgnore, Ingest, Ingested, Limits, SkipReason, Skipped, TarballRequest, UnpackedFile,
    read_files, unpacked_files,
};
pub use key::EntryKey;
pub use link::{
    BeginOptions, Contention, GlobalLinks, HIDDEN_LOCKFILE, LinkMode, LinkTask, NodeModulesWriter, Recovered,
    Replacement, check_global, link_global, unlink_global,
};
pub use store::Store;
pub use verify::{Damage, Verified};
