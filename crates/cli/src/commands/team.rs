//! `knit team`

use diagnostics::Diagnostic;
use package_manager::team::{self, Team};
use serde_json::json;

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command = Command {
    usage: &[
        "create <org:team>",
        "destroy <org:team>",
        "add <org:team> <user>",
        "rm <org:team> <user>",
        "ls <org>|<org:team>",
    ],
    options: &["registry", "otp", "parseable", "json"],
    ..Command::new("team", "Manage the teams of an organization and who is in them", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    let parse = |text: &str| {
        Team::parse(text)
            .ok_or_else(|| invocation.usage_error(format!("{text} is no team: write <org:team>")))
    };
    match words[..] {
        ["create", team, ..] => {
            let team = parse(team)?;
            invocation.block_on(team::create(&invocation.client()?, &team))??;
            say(invocation, "created", &team, None, &format!("+@{team}"));
        }
        ["destroy", team, ..] => {
            let team = parse(team)?;
            invocation.block_on(team::destroy(&invocation.client()?, &team))??;
            say(invocation, "deleted", &team, None, &format!("-@{team}"));
        }
        ["add", team, user, ..] => {
            let team = parse(team)?;
            invocation.block_on(team::add(&invocation.client()?, &team, user))??;
            say(invocation, "added", &team, Some(user), &format!("{user} added to @{team}"));
        }
        ["rm", team, user, ..] => {
            let team = parse(team)?;
            invocation.block_on(team::remove(&invocation.client()?, &team, user))??;
            say(invocation, "removed", &team, Some(user), &format!("{user} removed from @{team}"));
        }
        ["ls", place, ..] => list(invocation, place)?,
        [action @ ("create" | "destroy" | "add" | "rm" | "ls"), ..] => {
            return Err(invocation.usage_error(format!("`team {action}` needs more to act on")));
        }
        _ => return Err(invocation.usage_error("`team` needs one of create, destroy, add, rm, ls")),
    }
    Ok(Outcome::Success)
}

/// What was done, in the three forms.
fn say(invocation: &Invocation<'_>, done: &str, team: &Team, user: Option<&str>, text: &str) {
    let terminal = invocation.terminal;
    if terminal.json {
        let mut said = json!({ done: true, "team": team.to_string() });
        if let (Some(user), Some(members)) = (user, said.as_object_mut()) {
            members.insert("user".to_owned(), user.into());
        }
        terminal.print_json(&said);
    } else if invocation.configuration.config.flag("parseable") {
        let user = user.map(|user| format!("{user}\t")).unwrap_or_default();
        terminal.print(format!("{user}{team}\t{done}"));
    } else {
        terminal.print(text);
    }
}

fn list(invocation: &Invocation<'_>, place: &str) -> Result<(), Diagnostic> {
    let (client, terminal) = (invocation.client()?, invocation.terminal);
    let place = place.strip_prefix('@').unwrap_or(place);
    let (names, what, sign) = match Team::parse(place) {
        Some(team) => (invocation.block_on(team::users(&client, &team))??, "user", ""),
        None => (invocation.block_on(team::teams(&client, place))??, "team", "@"),
    };
    if terminal.json {
        terminal.print_json(&names.into());
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print(names.join("\n"));
    } else {
        let (plural, more) =
            (if names.len() == 1 { "" } else { "s" }, if names.is_empty() { "" } else { ":" });
        terminal.print(format!("@{place} has {} {what}{plural}{more}", names.len()));
        names.iter().for_each(|name| terminal.print(format!("{sign}{name}")));
    }
    Ok(())
}
