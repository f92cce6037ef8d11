//! `knit registry`

mod accounts;
mod backup;
mod fsck;
mod gc;
mod import_verdaccio;
mod init;
mod policy;
mod restore;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::{registry_advisories, registry_service};

pub const COMMAND: Command = Command {
    usage: &[
        "serve",
        "init",
        "user <name> [<email>] [--admin]",
        "password <user>",
        "token <user>",
        "advisories import <path>",
        "policy list",
        "policy check <package>[@<range>]",
        "backup <folder>",
        "restore <folder> [--force] [--dry-run]",
        "fsck [--quick] [--repair]",
        "gc [--grace <duration>] [--dry-run]",
        "import-verdaccio <folder> [--htpasswd <file>] [--maintainer <user>] [--all] [--force] [--overwrite] \
         [--unpublish] [--dry-run]",
    ],
    details: include_str!("../../help/registry.txt"),
    options: &[
        "config",
        "data",
        "listen",
        "database",
        "blobs",
        "admin",
        "grace",
        "quick",
        "repair",
        "htpasswd",
        "maintainer",
        "overwrite",
        "unpublish",
        "all",
        "force",
        "dry-run",
        "json",
    ],
    ..Command::new("registry", "Serve packages of one's own, and those of other registries", run)
};

const ACTIONS: &str =
    "serve, init, user, password, token, advisories, policy, backup, restore, fsck, gc, import-verdaccio";

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let Some((action, rest)) = invocation.arguments.split_first() else {
        return Err(invocation.usage_error(format!("`registry` needs one of {ACTIONS}")));
    };
    let needs = |what: &str| Err(invocation.usage_error(format!("`registry {action}` needs {what}")));
    match (action.as_str(), rest) {
        ("serve", []) => serve(invocation),
        ("init", []) => init::run(invocation),
        ("user", [name]) => accounts::user(invocation, name, ""),
        ("user", [name, email]) => accounts::user(invocation, name, email),
        ("password", [name]) => accounts::password(invocation, name),
        ("token", [name]) => accounts::token(invocation, name),
        ("user" | "password" | "token", []) => needs("a user's name"),
        ("advisories", [what, path]) if what == "import" => registry_advisories::import(invocation, path),
        ("advisories", _) => needs("`import` and a path"),
        ("policy", [what]) if what == "list" => policy::list(invocation),
        ("policy", [what, package]) if what == "check" => policy::check(invocation, package),
        ("policy", _) => needs("`list`, or `check` and a package"),
        ("backup", [folder]) => backup::run(invocation, folder),
        ("restore", [folder]) => restore::run(invocation, folder),
        ("import-verdaccio", [folder]) => import_verdaccio::run(invocation, folder),
        ("fsck", []) => fsck::run(invocation),
        ("gc", []) => gc::run(invocation),
        ("backup" | "restore" | "import-verdaccio", _) => needs("a folder"),
        ("serve" | "init" | "fsck" | "gc" | "user" | "password" | "token", _) => needs("fewer arguments"),
        (other, _) => Err(invocation.usage_error(format!("`registry` has no action `{other}`"))),
    }
}

/// `1 version`, `2 versions`.
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn serve(invocation: &Invocation<'_>) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    registry_service::serve(invocation.terminal, &settings)?;
    Ok(Outcome::Success)
}
