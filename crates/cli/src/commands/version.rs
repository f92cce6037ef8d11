//! `knit version`

use package_manager::version;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::configuration::NPM_VERSION;

pub const COMMAND: Command = Command {
    usage: &[
        "[<newversion> | major | minor | patch | premajor | preminor | prepatch | prerelease | from-git]",
    ],
    options: &[
        "allow-same-version",
        "commit-hooks",
        "git-tag-version",
        "json",
        "preid",
        "workspace",
        "workspaces",
    ],
    workspaces: Workspaces::Explicit,
    ..Command::new("version", "Show versions, or set the package's", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    if let Some(version) = invocation.arguments.first() {
        return Err(invocation.usage_error(format!("setting a version ({version}) is not available yet")));
    }
    let settings = invocation.settings();
    let mut versions = version::list(&settings)?;
    versions.push(("knit".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    versions.push(("npm".to_owned(), NPM_VERSION.to_owned()));
    let object = serde_json::Value::from_iter(versions);
    if settings.json {
        invocation.terminal.print_json(&object);
    } else {
        invocation.terminal.print(crate::inspect::object(&object));
    }
    Ok(Outcome::Success)
}
