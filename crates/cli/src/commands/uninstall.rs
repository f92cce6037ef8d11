//! `knit uninstall`, `knit remove`

use package_manager::install::Operation;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["<name> ..."],
    options: &[
        "save",
        "global",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "package-lock-only",
        "dry-run",
        "json",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("uninstall", "Remove packages from the project", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    if invocation.arguments.is_empty() {
        return Err(invocation.usage_error("which package is to be removed?"));
    }
    let mut request = installation::request(invocation, &settings)?;
    request.remove = invocation.arguments.to_vec();
    installation::run(invocation, &settings, &Operation::Change(request))
}
