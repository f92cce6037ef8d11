//! `knit get`: short for `knit config get`.

use super::{Command, CommandResult, Invocation, Workspaces, config};

pub const COMMAND: Command = Command {
    usage: &["[<key> ...]"],
    options: &["long"],
    workspaces: Workspaces::Implicit,
    validates: false,
    ..Command::new("get", "Show a value of the configuration", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    config::run_action(invocation, "get", invocation.arguments)
}
