//! `knit ci`

use package_manager::install::Operation;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    options: &[
        "install-strategy",
        "omit",
        "include",
        "strict-peer-deps",
        "foreground-scripts",
        "ignore-scripts",
        "allow-scripts",
        "bin-links",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "install-links",
        "server-resolution",
    ],
    workspaces: Workspaces::Explicit,
    ..Command::new("ci", "Install exactly what the lockfile says, into an empty node_modules", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.configuration.config.is_global() {
        return Err(invocation.usage_error("`ci` installs a project; global packages have no lockfile"));
    }
    installation::run(invocation, &invocation.settings(), &Operation::Clean)
}
