//! `knit prune`

use package_manager::install::Operation;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &[""],
    options: &[
        "omit",
        "include",
        "dry-run",
        "json",
        "ignore-scripts",
        "workspace",
        "workspaces",
        "include-workspace-root",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("prune", "Remove packages that nothing depends on", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.configuration.config.is_global() {
        return Err(invocation.usage_error("global packages cannot be pruned"));
    }
    installation::run(invocation, &invocation.settings(), &Operation::Prune)
}
