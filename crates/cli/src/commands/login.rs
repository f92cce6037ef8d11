//! `knit login` and `knit adduser`

use package_manager::login::{self, Request};
use package_manager::ping::registry_problem;
use registry_client::RegistryClient;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::account_holder::Questions;
use crate::credentials;

pub const COMMAND: Command = Command {
    details: include_str!("../help/login.txt"),
    options: &["registry", "scope", "auth-type", "browser"],
    ..Command::new("login", "Log in to a registry and keep its token", |invocation| run(invocation, false))
};

pub const ADDUSER: Command = Command {
    details: include_str!("../help/login.txt"),
    options: &["registry", "scope", "auth-type", "browser"],
    ..Command::new("adduser", "Make an account at a registry and keep its token", |invocation| {
        run(invocation, true)
    })
};

fn run(invocation: &Invocation<'_>, creates_account: bool) -> CommandResult {
    let (config, terminal) = (&invocation.configuration.config, invocation.terminal);
    let mut options = invocation.client_options()?;
    let registry = credentials::registry(invocation, &options, true)?;
    let scope = config.scope();
    let shown = diagnostics::redact_url(&registry.text);
    terminal.notice(&format!("Log in on {shown}"));
    let tries_web = options.command.auth_type.as_deref() != Some("legacy");
    options.registry = Some(registry.url.clone());
    let client = RegistryClient::new(options).map_err(|error| registry_problem(&error))?;
    let request =
        Request { registry: registry.url.clone(), creates_account, tries_web, now: credentials::now() };
    let token = invocation.block_on(login::log_in(&client, &request, &mut Questions))??;
    credentials::keep(invocation, &registry, scope.as_deref(), &token)?;
    let of_scope = scope.map(|scope| format!(" to scope {scope}")).unwrap_or_default();
    terminal.print(format!("Logged in{of_scope} on {shown}."));
    Ok(Outcome::Success)
}
