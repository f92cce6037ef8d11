//! `knit logout`

use diagnostics::Diagnostic;
use package_manager::logout::{self, Ending};
use package_manager::ping::registry_problem;
use registry_client::RegistryClient;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::credentials;

pub const COMMAND: Command = Command {
    options: &["registry", "scope"],
    ..Command::new("logout", "Revoke the token of a registry and forget it", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let options = invocation.client_options()?;
    let registry = credentials::registry(invocation, &options, false)?;
    let client = RegistryClient::new(options.clone()).map_err(|error| registry_problem(&error))?;
    if invocation.block_on(logout::log_out(&client, &registry.url))?? == Ending::Unknown {
        let text = "the registry did not accept the token any more; it is only forgotten here";
        invocation.terminal.warn(&Diagnostic::warning("EUNKNOWNTOKEN", text));
    }
    let scope = invocation.configuration.config.scope();
    credentials::forget(invocation, &options, &registry, scope.as_deref())?;
    Ok(Outcome::Success)
}
