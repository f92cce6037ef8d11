//! `knit install`, `knit add`

use package_manager::install::{Operation, is_up_to_date};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["[<package-spec> ...]"],
    options: &[
        "save",
        "save-exact",
        "save-prefix",
        "global",
        "install-strategy",
        "omit",
        "include",
        "legacy-peer-deps",
        "strict-peer-deps",
        "prefer-dedupe",
        "package-lock",
        "package-lock-only",
        "foreground-scripts",
        "ignore-scripts",
        "allow-scripts",
        "before",
        "bin-links",
        "dry-run",
        "cpu",
        "os",
        "libc",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "install-links",
        "server-resolution",
        "json",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("install", "Install the dependencies of the project, or add packages to it", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let mut request = installation::request(invocation, &settings)?;
    let arguments = invocation.arguments.iter();
    request.add = arguments.map(|argument| installation::anchored(argument, &settings)).collect();
    if settings.places.is_global && request.add.is_empty() {
        request.add.push(installation::anchored(".", &settings));
    }
    if request.add.is_empty() && !invocation.terminal.json && is_up_to_date(&settings) {
        invocation.terminal.print("\nup to date");
        return Ok(Outcome::Success);
    }
    installation::run(invocation, &settings, &Operation::Change(request))
}
