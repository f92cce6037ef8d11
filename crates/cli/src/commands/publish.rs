//! `knit publish`

use diagnostics::Diagnostic;
use package_manager::pack::selects_workspaces;
use package_manager::publish::{self, Sending};
use package_manager::workspaces::targets;
use serde_json::{Map, Value};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::publication;

pub const COMMAND: Command = Command {
    usage: &["[<package-spec>]"],
    details: include_str!("../help/publish.txt"),
    options: &[
        "tag",
        "access",
        "dry-run",
        "otp",
        "provenance-file",
        "force",
        "json",
        "ignore-scripts",
        "workspace",
        "workspaces",
        "include-workspace-root",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("publish", "Publish a package to its registry", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    send(invocation, Sending::Publish)
}

/// Publishes, or has what is sent wait for approval.
pub fn send(invocation: &Invocation<'_>, sending: Sending) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    if let [_, more, ..] = invocation.arguments {
        return Err(invocation.usage_error(format!("one package is published at a time; {more} is too many")));
    }
    publish::check_tag(&settings.install.tag)?;
    let mut published = Map::new();
    if selects_workspaces(&settings, invocation.arguments) {
        for target in targets(&settings)? {
            let name = target.workspace.unwrap_or_default();
            if publish::is_private(&target.directory) {
                let text = format!("the workspace {name} is private and is not published");
                terminal.warn(&Diagnostic::warning("EPRIVATE", text));
                continue;
            }
            let folder = target.directory.to_string_lossy();
            published.extend(publication::publish(invocation, &settings, &folder, sending)?);
        }
    } else {
        let specifier = invocation.arguments.first().map_or(".", String::as_str);
        published.extend(publication::publish(invocation, &settings, specifier, sending)?);
    }
    if terminal.json {
        terminal.print_json(&Value::Object(published));
    }
    Ok(Outcome::Success)
}
