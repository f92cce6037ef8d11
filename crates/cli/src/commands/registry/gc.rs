//! `knit registry gc`

use diagnostics::Diagnostic;
use registry_server::operations::{Garbage, GarbageOptions, Run, Tally};
use registry_server::settings::parse_duration;

use super::{CommandResult, Invocation, Outcome, counted};
use crate::cache_view::bytes;
use crate::registry_service;

pub(super) fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let run = registry_service::kind_of_run(invocation);
    let given = invocation.configuration.config.text("grace").unwrap_or_default();
    let grace = parse_duration(&given).ok_or_else(|| {
        Diagnostic::error("EUSAGE", format!("--grace is \"{given}\", not a duration"))
            .with_hint("write a duration such as \"30m\", \"24h\" or \"7d\"")
    })?;
    let options = GarbageOptions { grace, run };
    let garbage =
        registry_service::with(&settings, async |registry| registry.collect_garbage(&options).await)?;
    if invocation.terminal.json {
        invocation.terminal.print_json(&serde_json::json!({ "dryRun": run == Run::Dry, "garbage": garbage }));
    } else {
        invocation.terminal.print(told(&garbage, run, &given));
    }
    Ok(Outcome::Success)
}

fn told(garbage: &Garbage, run: Run, grace: &str) -> String {
    let verb = if run == Run::Real { "removed" } else { "would remove" };
    let tally = |tally: Tally, what: &str| format!("{} ({})", counted(tally.count, what), bytes(tally.bytes));
    let mut lines = vec![format!(
        "{verb} {} that nothing names, of {}",
        tally(garbage.removed, "blob"),
        tally(garbage.examined, "blob")
    )];
    if garbage.unfinished.count > 0 {
        lines.push(format!("{verb} {} of broken off transfers", tally(garbage.unfinished, "file")));
    }
    if garbage.waiting.count > 0 {
        lines
            .push(format!("kept {} younger than {grace} that nothing names", tally(garbage.waiting, "blob")));
    }
    lines.join("\n")
}
