//! `knit registry restore`

use registry_server::operations::{RestoreOptions, Run, restore};

use super::{CommandResult, Invocation, Outcome, counted};
use crate::cache_view::bytes;
use crate::registry_service;

pub(super) fn run(invocation: &Invocation<'_>, folder: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let run = registry_service::kind_of_run(invocation);
    let options = RestoreOptions {
        source: invocation.process.working_directory.join(folder),
        force: invocation.configuration.config.flag("force"),
        run,
    };
    let restored = registry_service::finish(restore(&settings.storage, &options))?;
    if invocation.terminal.json {
        invocation.terminal.print_json(&serde_json::json!(restored));
    } else {
        for damaged in &restored.damaged {
            invocation.terminal.print(format!("the tarball {}: {}", damaged.digest, damaged.problem));
        }
        invocation.terminal.print(format!(
            "{} {} and {} ({}) as of {}",
            if run == Run::Real { "restored" } else { "verified" },
            counted(restored.rows, "row"),
            counted(restored.blobs.count, "tarball"),
            bytes(restored.blobs.bytes),
            restored.taken
        ));
    }
    Ok(if restored.damaged.is_empty() { Outcome::Success } else { Outcome::Status(1) })
}
