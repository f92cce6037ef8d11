//! `knit dist-tag`

use diagnostics::Diagnostic;
use package_manager::dist_tag::{self, Setting};
use package_manager::named_package::NamedPackage;
use package_manager::workspaces;
use registry_client::RegistryClient;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};

pub const COMMAND: Command = Command {
    usage: &["add <package>@<version> [<tag>]", "rm <package> <tag>", "ls [<package>]"],
    options: &["tag", "registry", "otp", "workspace", "workspaces", "include-workspace-root"],
    workspaces: Workspaces::Implicit,
    ..Command::new("dist-tag", "Show and change the tags of a package in the registry", run)
};

const ADD: [&str; 4] = ["add", "a", "set", "s"];
const REMOVE: [&str; 5] = ["rm", "r", "del", "d", "remove"];
const LIST: [&str; 4] = ["ls", "l", "sl", "list"];

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    let (action, package, tag) = match words[..] {
        [] => ("ls", None, None),
        [action] if ADD.contains(&action) || REMOVE.contains(&action) || LIST.contains(&action) => {
            (action, None, None)
        }
        // a package alone is listed
        [package] => ("ls", Some(package), None),
        [action, package] => (action, Some(package), None),
        [action, package, tag, ..] => (action, Some(package), Some(tag)),
    };
    let settings = invocation.settings();
    if settings.workspaces.selected() {
        let is_local = package.is_none_or(|package| package == "." || package.starts_with(".@"));
        if LIST.contains(&action) && is_local {
            return list_workspaces(invocation);
        }
        let text = "a package was named, so workspaces are not looked at";
        invocation.terminal.warn(&Diagnostic::warning("EWORKSPACES", text));
    }
    if LIST.contains(&action) {
        let package = NamedPackage::parse(&settings, package)?;
        print_tags(invocation, &invocation.client()?, &package)?;
    } else if ADD.contains(&action) {
        let package =
            package.ok_or_else(|| invocation.usage_error("`dist-tag add` needs <package>@<version>"))?;
        let package = NamedPackage::parse(&settings, Some(package))?;
        add(invocation, &package, tag)?;
    } else if REMOVE.contains(&action) {
        let (Some(package), Some(tag)) = (package, tag) else {
            return Err(invocation.usage_error("`dist-tag rm` needs a package and a tag"));
        };
        let package = NamedPackage::parse(&settings, Some(package))?;
        let client = invocation.client()?;
        let version = invocation.block_on(dist_tag::remove(&client, &package, tag))??;
        invocation.terminal.print(format!("-{tag}: {}@{version}", package.name()));
    } else {
        return Err(invocation.usage_error(format!("`dist-tag` has no action `{action}`")));
    }
    Ok(Outcome::Success)
}

fn add(invocation: &Invocation<'_>, package: &NamedPackage, tag: Option<&str>) -> Result<(), Diagnostic> {
    let default = invocation.configuration.config.text("tag").unwrap_or_else(|| "latest".to_owned());
    let tag = tag.unwrap_or(&default).trim();
    let client = invocation.client()?;
    let version = package.spec.as_deref().unwrap_or_default();
    match invocation.block_on(dist_tag::add(&client, package, tag))?? {
        Setting::Set => invocation.terminal.print(format!("+{tag}: {}@{version}", package.name())),
        Setting::Already => {
            let text = format!("{tag} is already set to version {version}");
            invocation.terminal.warn(&Diagnostic::warning("EDISTTAG", text));
        }
    }
    Ok(())
}

fn print_tags(
    invocation: &Invocation<'_>,
    client: &RegistryClient,
    package: &NamedPackage,
) -> Result<(), Diagnostic> {
    let tags = invocation.block_on(dist_tag::list(client, package))??;
    let mut lines: Vec<String> = tags.iter().map(|(tag, version)| format!("{tag}: {version}")).collect();
    lines.sort_unstable();
    invocation.terminal.print(lines.join("\n"));
    Ok(())
}

/// One after the other; what a registry does not tell of one is said, and the others are shown all the same.
fn list_workspaces(invocation: &Invocation<'_>) -> CommandResult {
    let (settings, client) = (invocation.settings(), invocation.client()?);
    let mut outcome = Outcome::Success;
    for name in workspaces::selected_names(&settings).map_err(Diagnostic::from)? {
        invocation.terminal.print(format!("{name}:"));
        let package = NamedPackage::parse(&settings, Some(&name))?;
        if let Err(problem) = print_tags(invocation, &client, &package) {
            invocation.terminal.fail(&problem);
            outcome = Outcome::Status(1);
        }
    }
    Ok(outcome)
}
