//! `knit update`

use dependency_resolver::Update;
use package_manager::install::Operation;

use super::{Command, CommandResult, Invocation, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["[<name> ...]"],
    options: &[
        "save",
        "global",
        "install-strategy",
        "omit",
        "include",
        "strict-peer-deps",
        "package-lock",
        "foreground-scripts",
        "ignore-scripts",
        "before",
        "bin-links",
        "dry-run",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "install-links",
        "json",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("update", "Bring packages up to the newest versions that their ranges allow", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let mut settings = invocation.settings();
    // package.json stays as it is unless --save is given, as in npm
    settings.save.save = installation::was_given(invocation, "save") && settings.save.save;
    let mut request = installation::request(invocation, &settings)?;
    request.update = match invocation.arguments {
        [] => Update::All,
        names => Update::Names(names.to_vec()),
    };
    installation::run(invocation, &settings, &Operation::Change(request))
}
