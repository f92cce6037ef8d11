//! `knit hook`

use package_manager::hook::{self, Hook, HookTarget};
use registry_client::Secret;
use serde_json::Value;

use super::{Command, CommandResult, Invocation, Outcome};

pub const COMMAND: Command = Command {
    usage: &[
        "add <package>|@<scope>|~<user> <url> <secret>",
        "ls [<package>|@<scope>|~<user>]",
        "update <id> <url> <secret>",
        "rm <id>",
    ],
    options: &["registry", "otp", "json", "parseable"],
    ..Command::new("hook", "Have a registry tell an address of changes of packages", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let words: Vec<&str> = invocation.arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["add", target, url, secret] => {
            let (target, secret) = (HookTarget::parse(target), Secret::new(secret));
            let made = invocation.block_on(hook::add(&invocation.client()?, &target, url, &secret))??;
            say(invocation, &made, &format!("+ {} -> {} ({})", made.target(), made.endpoint(), made.id()));
        }
        ["ls"] => list(invocation, None)?,
        ["ls", target] => list(invocation, Some(&HookTarget::parse(target)))?,
        ["update", id, url, secret] => {
            let secret = Secret::new(secret);
            let changed = invocation.block_on(hook::update(&invocation.client()?, id, url, &secret))??;
            let text = format!("~ {} -> {} ({})", changed.target(), changed.endpoint(), changed.id());
            say(invocation, &changed, &text);
        }
        ["rm", id] => {
            let gone = invocation.block_on(hook::remove(&invocation.client()?, id))??;
            say(invocation, &gone, &format!("- {} -> {} ({})", gone.target(), gone.endpoint(), gone.id()));
        }
        ["add" | "update" | "rm", ..] => {
            return Err(invocation
                .usage_error(format!("`hook {}` needs other arguments", invocation.arguments.join(" "))));
        }
        _ => return Err(invocation.usage_error("`hook` needs one of add, ls, update, rm")),
    }
    Ok(Outcome::Success)
}

fn say(invocation: &Invocation<'_>, hook: &Hook, text: &str) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(hook.json());
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print(line(hook));
    } else {
        terminal.print(text);
    }
}

fn line(hook: &Hook) -> String {
    let (at, status) = hook.last_delivery().unwrap_or_default();
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    format!("{}\t{}\t{}\t{at}\t{status}", hook.id(), hook.target(), hook.endpoint())
}

fn list(invocation: &Invocation<'_>, of: Option<&HookTarget>) -> Result<(), diagnostics::Diagnostic> {
    let terminal = invocation.terminal;
    let hooks = invocation.block_on(hook::list(&invocation.client()?, of))??;
    if terminal.json {
        let all: Vec<Value> = hooks.iter().map(|hook| hook.json().clone()).collect();
        terminal.print_json(&Value::Array(all));
    } else if invocation.configuration.config.flag("parseable") {
        hooks.iter().for_each(|hook| terminal.print(line(hook)));
    } else if hooks.is_empty() {
        terminal.print("You have no hooks.");
    } else {
        for hook in &hooks {
            let last = match hook.last_delivery() {
                None => "never told".to_owned(),
                Some((at, Some(status))) => format!("told {at}, answered {status}"),
                Some((at, None)) => format!("told {at}, no answer"),
            };
            terminal.print(format!("{} -> {} ({}): {last}", hook.target(), hook.endpoint(), hook.id()));
        }
    }
    Ok(())
}
