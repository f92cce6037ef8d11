//! `knit dedupe`, `knit find-dupes`

use package_manager::install::Operation;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

const OPTIONS: &[&str] = &[
    "install-strategy",
    "strict-peer-deps",
    "package-lock",
    "omit",
    "include",
    "ignore-scripts",
    "bin-links",
    "dry-run",
    "workspace",
    "workspaces",
    "include-workspace-root",
    "install-links",
];

pub const COMMAND: Command = Command {
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("dedupe", "Reduce copies of packages where the ranges allow it", run)
};

pub const FIND_DUPES: Command = Command {
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("find-dupes", "Show what `dedupe` would do", dry_run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.configuration.config.is_global() {
        return Err(invocation.usage_error("global packages cannot be deduplicated"));
    }
    installation::run(invocation, &invocation.settings(), &Operation::Dedupe)
}

fn dry_run(invocation: &Invocation<'_>) -> CommandResult {
    let mut settings = invocation.settings();
    settings.dry_run = true;
    installation::run(invocation, &settings, &Operation::Dedupe)
}
