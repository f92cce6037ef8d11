//! `knit whoami`

use package_manager::account;

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command = Command {
    options: &["registry", "json"],
    ..Command::new("whoami", "Show the name that you are logged in with", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let client = invocation.client()?;
    let name = invocation.block_on(account::identity(&client))??;
    if invocation.terminal.json {
        invocation.terminal.print_json(&name.into());
    } else {
        invocation.terminal.print(name);
    }
    Ok(Outcome::Success)
}
