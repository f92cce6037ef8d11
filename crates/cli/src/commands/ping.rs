//! `knit ping`

use package_manager::ping::{self, registry_problem};
use registry_client::RegistryClient;
use serde_json::json;

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command = Command {
    options: &["registry", "json"],
    ..Command::new("ping", "Ask the registry whether it is there", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let terminal = invocation.terminal;
    let options = invocation.client_options()?;
    let registry = options.registry.as_ref().map(|registry| diagnostics::redact_url(registry.as_str()));
    let client = RegistryClient::new(options).map_err(|error| registry_problem(&error))?;
    let pong = invocation.block_on(ping::ping(&client))??;
    let milliseconds = u64::try_from(pong.time.as_millis()).unwrap_or(u64::MAX);
    if terminal.json {
        let details = pong.details;
        terminal.print_json(&json!({ "registry": registry, "time": milliseconds, "details": details }));
    } else {
        terminal.notice(&format!("{} answered in {milliseconds} ms", registry.unwrap_or_default()));
    }
    Ok(Outcome::Success)
}
