//! `knit org`

use diagnostics::Diagnostic;
use package_manager::org::{self, bare};
use serde_json::{Value, json};

use super::{Command, CommandResult, Invocation, Outcome};
use crate::javascript_text::print;

pub const COMMAND: Command = Command {
    usage: &["set <org> <user> [developer|admin|owner]", "rm <org> <user>", "ls <org> [<user>]"],
    options: &["registry", "otp", "json", "parseable"],
    ..Command::new("org", "Manage the members of an organization", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["set" | "add", org, user, ref rest @ ..] => {
            set(invocation, org, user, rest.first().copied().unwrap_or("developer"))?;
        }
        ["rm", org, user, ..] => remove(invocation, org, user)?,
        ["ls", org, ref rest @ ..] => list(invocation, org, rest.first().copied())?,
        ["set" | "add" | "rm", _] => return Err(invocation.usage_error("`org` needs the name of a user")),
        ["set" | "add" | "rm" | "ls"] => {
            return Err(invocation.usage_error("`org` needs the name of an organization"));
        }
        _ => return Err(invocation.usage_error("`org` needs one of set, rm, ls")),
    }
    Ok(Outcome::Success)
}

fn members(count: &str) -> String {
    format!("You now have {count} member{} in this org.", if count == "1" { "" } else { "s" })
}

fn set(invocation: &Invocation<'_>, org: &str, user: &str, role: &str) -> Result<(), Diagnostic> {
    if !matches!(role, "owner" | "admin" | "developer") {
        let text = format!("`{role}` is no role: it is one of owner, admin, developer");
        return Err(invocation.usage_error(text));
    }
    let said = invocation.block_on(org::set(&invocation.client()?, org, user, role))??;
    let text = |path: &str| said.pointer(path).map(print).unwrap_or_default();
    let (name, size, user, role) = (text("/org/name"), text("/org/size"), text("/user"), text("/role"));
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&said);
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print("org\torgsize\tuser\trole");
        terminal.print([name, size, user, role].join("\t"));
    } else {
        terminal.print(format!("Added {user} as {role} to {name}. {}", members(&size)));
    }
    Ok(())
}

fn remove(invocation: &Invocation<'_>, org: &str, user: &str) -> Result<(), Diagnostic> {
    let left = invocation.block_on(org::remove(&invocation.client()?, org, user))??;
    let (org, user, terminal) = (bare(org), bare(user), invocation.terminal);
    if terminal.json {
        terminal.print_json(&json!({ "user": user, "org": org, "userCount": left, "deleted": true }));
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print("user\torg\tuserCount\tdeleted");
        terminal.print(format!("{user}\t{org}\t{left}\ttrue"));
    } else {
        terminal.print(format!("Successfully removed {user} from {org}. {}", members(&left.to_string())));
    }
    Ok(())
}

fn list(invocation: &Invocation<'_>, org: &str, user: Option<&str>) -> Result<(), Diagnostic> {
    let mut roster = invocation.block_on(org::list(&invocation.client()?, org))??;
    if let Some(user) = user {
        roster.retain(|name, _| name == user);
    }
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&Value::Object(roster));
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print("user\trole");
        roster.iter().for_each(|(user, role)| terminal.print(format!("{user}\t{}", print(role))));
    } else {
        let mut rows: Vec<(&String, String)> =
            roster.iter().map(|(user, role)| (user, print(role))).collect();
        rows.sort_unstable();
        rows.iter()
            .for_each(|(user, role)| terminal.print(format!("{user} - {}", terminal.paint("36", role))));
    }
    Ok(())
}
