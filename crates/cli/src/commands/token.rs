//! `knit token`

use diagnostics::Diagnostic;
use package_manager::account::{AccountDialogue, ask_password};
use package_manager::token::{self, NewToken};
use registry_client::{RegistryClient, Secret};

use super::{Command, CommandResult, Invocation, Outcome};
use crate::account_holder::Questions;
use crate::token_view;

pub const COMMAND: Command = Command {
    usage: &["list", "revoke <id|token> [<id|token> ...]", "create"],
    details: include_str!("../help/token.txt"),
    options: &[
        "name",
        "token-description",
        "expires",
        "packages",
        "packages-all",
        "scopes",
        "orgs",
        "packages-and-scopes-permission",
        "orgs-permission",
        "cidr",
        "bypass-2fa",
        "password",
        "read-only",
        "registry",
        "otp",
        "json",
        "parseable",
    ],
    ..Command::new("token", "List, make and revoke the tokens of your account", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let (action, rest) = match invocation.arguments.split_first() {
        Some((action, rest)) => (action.as_str(), rest),
        None => ("list", &[][..]),
    };
    match action {
        "list" | "ls" => {
            let client = invocation.client()?;
            let tokens = invocation.block_on(token::list(&client))??;
            token_view::list(invocation, tokens);
        }
        "rm" | "delete" | "revoke" | "remove" => {
            if rest.is_empty() {
                return Err(invocation.usage_error("`token revoke` needs the id of a token"));
            }
            let client = invocation.client()?;
            let revoked = invocation.block_on(token::revoke(&client, rest))??;
            token_view::revoked(invocation, &revoked);
        }
        "create" => create(invocation, &invocation.client()?, &mut Questions)?,
        other => return Err(invocation.usage_error(format!("`token` has no action `{other}`"))),
    }
    Ok(Outcome::Success)
}

fn create(
    invocation: &Invocation<'_>,
    client: &RegistryClient,
    dialogue: &mut dyn AccountDialogue,
) -> Result<(), Diagnostic> {
    let config = &invocation.configuration.config;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating")]
    let days = |days: f64| days as u64;
    let wanted = NewToken {
        name: config.text("name"),
        description: config.text("token-description"),
        expires: config.number("expires").filter(|days| *days >= 1.0).map(days),
        packages: config.texts("packages"),
        all_packages: config.flag("packages-all"),
        scopes: config.texts("scopes"),
        orgs: config.texts("orgs"),
        packages_and_scopes_permission: config.text("packages-and-scopes-permission"),
        orgs_permission: config.text("orgs-permission"),
        cidr: token::cidr_ranges(&config.texts("cidr"))?,
        bypasses_second_factor: config.flag("bypass-2fa"),
        is_read_only: config.flag("read-only"),
    };
    let password = match config.text("password").filter(|password| !password.is_empty()) {
        Some(password) => Secret::new(password),
        None => ask_password(dialogue, "Password: ")?,
    };
    let made = invocation.block_on(token::create(client, &wanted, &password))??;
    token_view::created(invocation, &made);
    Ok(())
}
