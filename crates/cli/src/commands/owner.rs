//! `knit owner`

use diagnostics::Diagnostic;
use package_manager::named_package::NamedPackage;
use package_manager::owner::{self, Change};
use package_manager::workspaces;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};

pub const COMMAND: Command = Command {
    usage: &["add <user> [<package>]", "rm <user> [<package>]", "ls [<package>]"],
    options: &["registry", "otp", "workspace", "workspaces"],
    workspaces: Workspaces::Implicit,
    ..Command::new("owner", "Show and change who may publish a package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["ls" | "list", ref rest @ ..] => {
            for package in packages(invocation, rest.first().copied())? {
                list(invocation, &package)?;
            }
        }
        ["add", user, ref rest @ ..] => change(invocation, Change::Add, user, rest.first().copied())?,
        ["rm" | "remove", user, ref rest @ ..] => {
            change(invocation, Change::Remove, user, rest.first().copied())?;
        }
        ["add" | "rm" | "remove"] => return Err(invocation.usage_error("`owner` needs the name of a user")),
        _ => return Err(invocation.usage_error("`owner` needs one of add, rm, ls")),
    }
    Ok(Outcome::Success)
}

/// The package that is named, else those of the selected workspaces, else that of the folder.
fn packages(invocation: &Invocation<'_>, named: Option<&str>) -> Result<Vec<NamedPackage>, Diagnostic> {
    let settings = invocation.settings();
    if !settings.workspaces.selected() {
        return Ok(vec![NamedPackage::parse(&settings, named)?]);
    }
    if named.is_some() {
        if !settings.workspaces.implicit {
            let text = "a package was named, so workspaces are not looked at";
            invocation.terminal.warn(&Diagnostic::warning("EWORKSPACES", text));
        }
        return Ok(vec![NamedPackage::parse(&settings, named)?]);
    }
    let names = workspaces::selected_names(&settings).map_err(Diagnostic::from)?;
    names.iter().map(|name| NamedPackage::parse(&settings, Some(name))).collect()
}

fn list(invocation: &Invocation<'_>, package: &NamedPackage) -> Result<(), Diagnostic> {
    let client = invocation.client()?;
    let owners = invocation.block_on(owner::list(&client, package))??;
    let lines: Vec<String> = owners.iter().map(|owner| format!("{} <{}>", owner.name, owner.email)).collect();
    invocation.terminal.print(if lines.is_empty() { "no admin found".to_owned() } else { lines.join("\n") });
    Ok(())
}

fn change(
    invocation: &Invocation<'_>,
    change: Change,
    user: &str,
    package: Option<&str>,
) -> Result<(), Diagnostic> {
    let (client, terminal) = (invocation.client()?, invocation.terminal);
    for package in packages(invocation, package)? {
        let name = package.name();
        let is_changed = invocation.block_on(owner::change(&client, &package, user, change))??;
        match (change, is_changed) {
            (Change::Add, true) => terminal.print(format!("+ {user} ({name})")),
            (Change::Remove, true) => terminal.print(format!("- {user} ({name})")),
            (Change::Add, false) => terminal.notice(&format!("{user} is an owner of {name} already")),
            (Change::Remove, false) => terminal.notice(&format!("{user} is no owner of {name}")),
        }
    }
    Ok(())
}
