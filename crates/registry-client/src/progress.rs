//! What a client tells about the requests under way, so that a slow one can be named.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::error::{RegistryError, RequestInfo};

/// Names a request among those of one client; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// What a request is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for its turn.
    Queued,
    /// Waiting for a connection and for the first byte of the answer.
    Waiting,
    /// Receiving the body; its length in bytes as sent, where the server says it.
    Receiving(Option<u64>),
}

/// Hears what happens. Every method does nothing unless written; all are called from whichever thread the
/// event happens on, must be quick, and must not call the client.
pub trait Progress: Send + Sync {
    /// A request has come to a stage. The first event of a request; a retry begins again at `Queued`.
    fn stage(&self, id: RequestId, request: &RequestInfo, stage: Stage) {
        let _ = (id, request, stage);
    }

    /// Bytes of a body have arrived, as sent (before decompression).
    fn received(&self, id: RequestId, bytes: usize) {
        let _ = (id, bytes);
    }

    /// A request has failed and is tried again after a delay.
    fn retrying(&self, id: RequestId, error: &RegistryError, attempt: u32, delay: Duration) {
        let _ = (id, error, attempt, delay);
    }

    /// A request is over, well or not.
    fn finished(&self, id: RequestId) {
        let _ = id;
    }

    /// The registry could not be asked, so metadata of unknown age is used.
    fn stale(&self, package: &str, error: &RegistryError) {
        let _ = (package, error);
    }

    /// Metadata could not be written to the cache; it is used all the same.
    fn not_kept(&self, path: &Path, error: &io::Error) {
        let _ = (path, error);
    }

    /// The registry sent an `npm-notice`.
    fn notice(&self, text: &str) {
        let _ = text;
    }
}
