//! `knit deprecate`, `knit undeprecate`

use diagnostics::Diagnostic;
use package_manager::deprecate::{self, Subject};
use package_manager::ping::registry_problem;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};

pub const COMMAND: Command = Command {
    usage: &["<package-spec> <message>"],
    details: "Whoever installs one of the versions sees the message. An empty message takes it away, as does \
              `knit undeprecate`.",
    options: OPTIONS,
    workspaces: Workspaces::Explicit,
    ..Command::new("deprecate", "Warn those who install versions of a package", run)
};

pub const UNDEPRECATE: Command = Command {
    usage: &["<package-spec>"],
    options: OPTIONS,
    workspaces: Workspaces::Explicit,
    ..Command::new("undeprecate", "Take the warning from versions of a package", undo)
};

const OPTIONS: &[&str] = &["registry", "otp", "dry-run"];

fn run(invocation: &Invocation<'_>) -> CommandResult {
    match invocation.arguments {
        [package, message, ..] => change(invocation, package, message),
        _ => Err(invocation.usage_error("`deprecate` needs a package and a message")),
    }
}

fn undo(invocation: &Invocation<'_>) -> CommandResult {
    match invocation.arguments {
        [package] => change(invocation, package, ""),
        _ => Err(invocation.usage_error("`undeprecate` needs a package, and nothing else")),
    }
}

fn change(invocation: &Invocation<'_>, package: &str, message: &str) -> CommandResult {
    let terminal = invocation.terminal;
    let subject = Subject::parse(package)?;
    let client = invocation.client()?;
    let change = invocation.block_on(deprecate::change(&client, &subject, message))??;
    if change.versions.is_empty() {
        let text = format!("{} has no version that is {}", change.name, subject.text);
        let hint = format!("run `knit view {} versions` to see what there is", change.name);
        terminal.warn(&Diagnostic::warning("ENOVERSION", text).with_hint(hint));
        return Ok(Outcome::Success);
    }
    for version in &change.versions {
        let id = format!("{}@{version}", change.name);
        terminal.notice(&match message {
            "" => format!("undeprecating {id}"),
            message => format!("deprecating {id} with message \"{message}\""),
        });
    }
    if !invocation.settings().dry_run {
        invocation.block_on(client.request(&change.request))?.map_err(|error| registry_problem(&error))?;
    }
    Ok(Outcome::Success)
}
