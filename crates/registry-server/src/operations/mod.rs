//! What those who run a registry do with it beside serving: collecting garbage, checking, backing up and restoring,
//! taking over the packages of another registry, asking what the policy hides.
//!
//! All of it works on the database and the blobs, while servers run over them (a restoration excepted). Does not own:
//! printing, and when any of this is done.

mod backup;
mod fsck;
mod garbage;
mod policy;
mod verdaccio;

pub use backup::{BackupOutcome, DamagedBlob, RestoreOptions, RestoreOutcome, restore};
pub use fsck::{CheckOptions, CheckOutcome, Contents, Problem};
pub use garbage::{Garbage, GarbageOptions};
pub use policy::{PolicyAnswer, PolicyList};
use serde::{Deserialize, Serialize};
pub use verdaccio::{
    Conflict, Conflicting, Conflicts, Differences, ImportOptions, ImportOutcome, ImportedPackage,
    PackageOutcome, RefusedUser, Selection, TagChange, Unpublished,
};

use crate::database::AuditEntry;
use crate::hosted::Hosted;

/// Whether something is done, or only said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    Real,
    Dry,
}

/// A number of blobs and of bytes in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub count: u64,
    pub bytes: u64,
}

impl Tally {
    fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Hosted {
    /// What the log says of something that was done at the registry's own command line.
    fn operation(&self, action: &str, object: impl ToString, detail: impl ToString) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            actor: crate::accounts::COMMAND_LINE.to_owned(),
            address: String::new(),
            action: action.to_owned(),
            object: object.to_string(),
            detail: detail.to_string(),
        }
    }
}
