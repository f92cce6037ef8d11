//! `knit outdated`

use package_manager::ping::registry_problem;
use package_manager::view::outdated::{self, Request};
use registry_client::{CachePolicy, RegistryClient};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::{installation, outdated_view};

pub const COMMAND: Command = Command {
    usage: &["[<package-spec> ...]"],
    options: &[
        "all",
        "json",
        "long",
        "parseable",
        "global",
        "workspace",
        "before",
        "min-release-age",
        "min-release-age-exclude",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("outdated", "Show dependencies that are not at their latest version", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let (config, terminal) = (&invocation.configuration.config, invocation.terminal);
    let settings = invocation.settings();
    let long = config.flag("long");
    let request = Request { names: invocation.arguments.to_vec(), all: config.flag("all"), long };
    let mut options = invocation.client_options()?;
    if options.cache_policy != CachePolicy::Offline {
        // what is newest is the question
        options.cache_policy = CachePolicy::PreferOnline;
    }
    let client = RegistryClient::new(options).map_err(|error| registry_problem(&error))?;
    let platform = installation::platform(invocation);
    let found = invocation.block_on(outdated::outdated(&settings, &request, &client, &platform))??;
    if terminal.json {
        terminal.print_json(&outdated_view::json(&found, long));
    } else if !found.is_empty() {
        terminal.print(if config.flag("parseable") {
            outdated_view::lines(&found, long)
        } else {
            outdated_view::table(&found, long, terminal)
        });
    }
    Ok(if found.is_empty() { Outcome::Success } else { Outcome::Status(1) })
}
