//! `knit access`

use diagnostics::Diagnostic;
use package_manager::access::{self, Holder, Setting};
use package_manager::account;
use package_manager::named_package::NamedPackage;
use package_manager::team::Team;
use serde_json::{Map, json};

use super::{Command, CommandResult, Invocation, Outcome};
use crate::access_view::show;

pub const COMMAND: Command = Command {
    usage: &[
        "list packages [<user>|<org>|<org:team>] [<package>]",
        "list collaborators [<package> [<user>]]",
        "get status [<package>]",
        "set status=public|private [<package>]",
        "set mfa=none|publish|automation [<package>]",
        "grant <read-only|read-write> <org:team> [<package>]",
        "revoke <org:team> [<package>]",
    ],
    options: &["json", "otp", "registry"],
    ..Command::new("access", "Show and change who may see and publish packages", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    let (client, at) = (|| invocation.client(), |place: usize| words.get(place).copied());
    match words[..] {
        ["list" | "ls", "packages", ..] => {
            let client = client()?;
            let holder = match at(2) {
                Some(holder) => Holder::parse(holder),
                None => Holder::Named(invocation.block_on(account::identity(&client))??),
            };
            show(invocation, &invocation.block_on(access::packages(&client, &holder))??, at(3));
        }
        ["list" | "ls", "collaborators", ..] => {
            let package = package(invocation, at(2))?;
            let found = invocation.block_on(access::collaborators(&client()?, &package))??;
            show(invocation, &found, at(3));
        }
        ["get", "status", ..] => show_status(invocation, &package(invocation, at(2))?)?,
        ["set", setting, ..] => set(invocation, setting, at(2))?,
        ["grant", permissions @ ("read-only" | "read-write"), team, ..] => {
            let (team, package) = (parse_team(invocation, team)?, package(invocation, at(3))?);
            invocation.block_on(access::grant(&client()?, &team, &package, permissions))??;
        }
        ["grant", "read-only" | "read-write"] => {
            return Err(invocation.usage_error("`access grant` needs <org:team>"));
        }
        ["grant", ..] => {
            return Err(invocation.usage_error("`access grant` needs `read-only` or `read-write`"));
        }
        ["revoke", team, ..] => {
            let (team, package) = (parse_team(invocation, team)?, package(invocation, at(2))?);
            invocation.block_on(access::revoke(&client()?, &team, &package))??;
        }
        [] | [_] => {
            return Err(
                invocation.usage_error("`access` needs one of list, get, set, grant, revoke, and what")
            );
        }
        [action, what, ..] => {
            return Err(invocation.usage_error(format!("`access` has no action `{action} {what}`")));
        }
    }
    Ok(Outcome::Success)
}

fn package(invocation: &Invocation<'_>, named: Option<&str>) -> Result<NamedPackage, Diagnostic> {
    NamedPackage::parse(&invocation.settings(), named)
}

fn parse_team(invocation: &Invocation<'_>, text: &str) -> Result<Team, Diagnostic> {
    Team::parse(text).ok_or_else(|| invocation.usage_error(format!("{text} is no team: write <org:team>")))
}

fn set(invocation: &Invocation<'_>, setting: &str, named: Option<&str>) -> Result<(), Diagnostic> {
    let setting = match setting {
        "status=public" => Setting::Public,
        "status=private" => Setting::Restricted,
        "mfa=none" | "2fa=none" => Setting::NoSecondFactor,
        "mfa=publish" | "2fa=publish" => Setting::SecondFactor,
        "mfa=automation" | "2fa=automation" => Setting::SecondFactorOrAutomation,
        other => return Err(invocation.usage_error(format!("`access set` cannot set `{other}`"))),
    };
    let package = package(invocation, named)?;
    let is_status = matches!(setting, Setting::Public | Setting::Restricted);
    if is_status && !package.is_scoped() {
        let text = format!("{} has no scope, and only packages with one can be private", package.name());
        return Err(invocation.usage_error(text));
    }
    invocation.block_on(access::set(&invocation.client()?, &package, setting))??;
    if is_status { show_status(invocation, &package) } else { Ok(()) }
}

fn show_status(invocation: &Invocation<'_>, package: &NamedPackage) -> Result<(), Diagnostic> {
    let is_public = invocation.block_on(access::is_public(&invocation.client()?, package))??;
    let status = if is_public { "public" } else { "private" };
    show(invocation, &Map::from_iter([(package.name().to_owned(), json!(status))]), None);
    Ok(())
}
