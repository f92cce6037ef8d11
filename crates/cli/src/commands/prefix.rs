//! `knit prefix`

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command = Command {
    options: &["global"],
    ..Command::new("prefix", "Show the directory that commands act on", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    invocation.terminal.print(invocation.settings().places.prefix().to_string_lossy());
    Ok(Outcome::Success)
}
