//! `knit root`

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command =
    Command { options: &["global"], ..Command::new("root", "Show the node_modules directory", run) };

fn run(invocation: &Invocation<'_>) -> CommandResult {
    invocation.terminal.print(invocation.settings().places.modules().to_string_lossy());
    Ok(Outcome::Success)
}
