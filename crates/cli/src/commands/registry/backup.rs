//! `knit registry backup`

use super::{CommandResult, Invocation, Outcome, counted};
use crate::cache_view::bytes;
use crate::registry_service;

pub(super) fn run(invocation: &Invocation<'_>, folder: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let target = invocation.process.working_directory.join(folder);
    let taken = registry_service::with(&settings, async |registry| registry.back_up(&target).await)?;
    if invocation.terminal.json {
        invocation.terminal.print_json(&serde_json::json!(taken));
    } else {
        for damaged in &taken.damaged {
            invocation
                .terminal
                .print(format!("left out the tarball {}: {}", damaged.digest, damaged.problem));
        }
        invocation.terminal.print(format!(
            "backed up {} and {} ({}), {} of them new ({}), as of {}",
            counted(taken.rows, "row"),
            counted(taken.blobs.count, "tarball"),
            bytes(taken.blobs.bytes),
            taken.copied.count,
            bytes(taken.copied.bytes),
            taken.taken
        ));
    }
    Ok(if taken.damaged.is_empty() { Outcome::Success } else { Outcome::Status(1) })
}
