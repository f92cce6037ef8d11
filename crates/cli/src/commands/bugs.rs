//! `knit bugs`, `knit docs` and `knit repo`

use diagnostics::Diagnostic;
use package_manager::package_page::{self, Page};
use package_manager::workspaces;
use serde_json::Value;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::{browser, installation};

const OPTIONS: &[&str] = &["browser", "registry", "workspace", "workspaces", "include-workspace-root"];
const USAGE: &[&str] = &["[<package> [<package> ...]]"];

pub const COMMAND: Command = Command {
    usage: USAGE,
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("bugs", "Open the page where a package's bugs are reported", |invocation| {
        run(invocation, Page::Bugs)
    })
};

pub const DOCS: Command = Command {
    usage: USAGE,
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("docs", "Open the documentation of a package", |invocation| run(invocation, Page::Docs))
};

pub const REPO: Command = Command {
    usage: USAGE,
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("repo", "Open the repository of a package", |invocation| run(invocation, Page::Repository))
};

fn run(invocation: &Invocation<'_>, page: Page) -> CommandResult {
    let settings = invocation.settings();
    let mut packages = invocation.arguments.to_vec();
    if packages.is_empty() && settings.workspaces.selected() {
        let targets = workspaces::targets(&settings).map_err(Diagnostic::from)?;
        packages.extend(targets.iter().map(|target| target.directory.to_string_lossy().into_owned()));
    } else if packages.is_empty() {
        packages.push(".".to_owned());
    }
    let client = invocation.client()?;
    let platform = installation::platform(invocation);
    for package in packages {
        let work = package_page::manifest(&settings, &client, &platform, &package);
        let manifest = invocation.block_on(work)??;
        let name = manifest.get("name").and_then(Value::as_str).unwrap_or(&package);
        let address = package_page::address(page, &manifest, client.options().registry_for(name))?;
        let title = format!("{name} {} available at the following URL", invocation.command.name);
        browser::open(invocation, &title, &address)?;
    }
    Ok(Outcome::Success)
}
