//! `knit set`: short for `knit config set`.

use super::{Command, CommandResult, Invocation, Workspaces, config};

pub const COMMAND: Command = Command {
    usage: &["<key>=<value> [<key>=<value> ...]"],
    options: &["global", "location"],
    workspaces: Workspaces::Implicit,
    validates: false,
    ..Command::new("set", "Set a value of the configuration", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    config::run_action(invocation, "set", invocation.arguments)
}
