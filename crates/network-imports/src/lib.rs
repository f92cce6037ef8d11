//! Modules that programs import by URL (`import 'https://...'`).
//!
//! What was fetched once is kept in a cache by its SHA-512, and `imports-lock.json` beside the project pins which URL
//! means which content: from then on a server cannot change what the program runs, nobody needs the server, and what lies
//! in the cache is checked each time it is read. A redirect is pinned like a content.
//!
//! Owns the lock, the cache and which addresses are allowed. Does not speak HTTP (the caller hands in a [`Network`]) and
//! does not decide what a media type means to the runtime.

mod address;
mod cache;
mod error;
mod imports;
mod integrity;
mod lock;

pub use error::ImportError;
pub use imports::{Answer, Mode, Network, NetworkImports, Places, RemoteModule, Taker};
pub use lock::LOCK_FILE;

use std::path::Path;
use std::sync::Arc;

/// Gives a program its network imports; what they need is set up only when a program has some.
pub trait Opener: Send + Sync {
    /// Whether the configuration of the project that `folder` is in allows them.
    fn is_configured(&self, folder: &Path) -> bool;

    /// For the project that `folder` is in. One lock per process: later calls answer what the first one did.
    ///
    /// # Errors
    /// A lock that cannot be read, a configuration that cannot be used.
    fn open(&self, folder: &Path, mode: Mode) -> Result<Arc<NetworkImports>, ImportError>;
}
