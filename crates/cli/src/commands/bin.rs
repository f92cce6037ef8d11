//! `knit bin`

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command =
    Command { options: &["global"], ..Command::new("bin", "Show the directory of executables", run) };

fn run(invocation: &Invocation<'_>) -> CommandResult {
    invocation.terminal.print(invocation.settings().places.bin().to_string_lossy());
    Ok(Outcome::Success)
}
