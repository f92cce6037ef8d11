//! `knit version`

use dependency_resolver::{Request, Update};
use package_manager::Settings;
use package_manager::install::Operation;
use package_manager::version::{self, SetRequest};
use package_manager::workspaces::targets;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::configuration::NPM_VERSION;
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &[
        "",
        "<newversion> | major | minor | patch | premajor | preminor | prepatch | prerelease | from-git",
    ],
    details: "Setting a version writes package.json and the lockfile, runs the scripts preversion, version \
              and postversion, and in a git repository commits and tags.",
    options: &[
        "allow-same-version",
        "commit-hooks",
        "git-tag-version",
        "ignore-scripts",
        "include-workspace-root",
        "json",
        "message",
        "preid",
        "save",
        "sign-git-commit",
        "sign-git-tag",
        "tag-version-prefix",
        "workspace",
        "workspaces",
        "workspaces-update",
    ],
    workspaces: Workspaces::Explicit,
    ..Command::new("version", "Show versions, or set the package's", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    match invocation.arguments {
        [] => list(invocation, &settings),
        [wanted] if settings.workspaces.selected() => set_in_workspaces(invocation, settings, wanted),
        [wanted] => {
            set(invocation, &settings, settings.places.prefix(), wanted)?;
            Ok(Outcome::Success)
        }
        [_, more, ..] => Err(invocation.usage_error(format!("one version can be set; {more} is too many"))),
    }
}

/// With `--json` too it is the bare tag that is printed, as in npm.
fn set(
    invocation: &Invocation<'_>,
    settings: &Settings,
    directory: &std::path::Path,
    wanted: &str,
) -> Result<(), diagnostics::Diagnostic> {
    let config = &invocation.configuration.config;
    let text = |key: &str| config.text(key).unwrap_or_default();
    let (preid, tag_prefix, message) = (text("preid"), text("tag-version-prefix"), text("message"));
    let request = SetRequest {
        wanted,
        preid: &preid,
        allow_same_version: config.flag("allow-same-version"),
        git_tag_version: config.flag("git-tag-version"),
        tag_prefix: &tag_prefix,
        message: &message,
        commit_hooks: config.flag("commit-hooks"),
        sign_commit: config.flag("sign-git-commit"),
        sign_tag: config.flag("sign-git-tag"),
    };
    let environment = invocation.script_environment();
    let work = version::set(&request, directory, settings, &environment, invocation.terminal);
    let version = invocation.block_on(work)??;
    invocation.terminal.print(format!("{tag_prefix}{version}"));
    Ok(())
}

/// Every selected workspace, then the root's tree, so that lockfile and node_modules know the versions.
fn set_in_workspaces(invocation: &Invocation<'_>, mut settings: Settings, wanted: &str) -> CommandResult {
    let mut names = Vec::new();
    for target in targets(&settings)? {
        let name = target.workspace.unwrap_or_default();
        invocation.terminal.print(&name);
        set(invocation, &settings, &target.directory, wanted)?;
        names.push(name);
    }
    if !settings.install.workspaces_update {
        return Ok(Outcome::Success);
    }
    // package.json stays as it is unless --save is given, as in npm
    settings.save.save &= !invocation.configuration.config.is_default("save");
    settings.install.audit = false;
    settings.install.fund = false;
    let request = Request { update: Update::Names(names), ..Request::default() };
    installation::run(invocation, &settings, &Operation::Change(request))
}

fn list(invocation: &Invocation<'_>, settings: &Settings) -> CommandResult {
    let mut versions = version::list(settings)?;
    versions.push(("knit".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    versions.push(("npm".to_owned(), NPM_VERSION.to_owned()));
    let object = serde_json::Value::from_iter(versions);
    if settings.json {
        invocation.terminal.print_json(&object);
    } else {
        invocation.terminal.print(crate::inspect::value(&object, invocation.terminal.style));
    }
    Ok(Outcome::Success)
}
