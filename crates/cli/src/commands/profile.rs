//! `knit profile`

use diagnostics::Diagnostic;
use package_manager::profile::{self, Change, Enabled, WRITABLE};

use super::{Command, CommandResult, Invocation, Outcome};
use crate::account_holder::Questions;
use crate::profile_view::{self, Enrolment};

pub const COMMAND: Command = Command {
    usage: &["enable-2fa [auth-only|auth-and-writes]", "disable-2fa", "get [<key>]", "set <key> <value>"],
    options: &["registry", "json", "parseable", "otp"],
    ..Command::new("profile", "Show and change your account at the registry", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let Some((action, rest)) = invocation.arguments.split_first() else {
        return Err(invocation.usage_error("`profile` needs one of get, set, enable-2fa, disable-2fa"));
    };
    match action.as_str() {
        "get" => {
            let client = invocation.client()?;
            let profile = invocation.block_on(profile::get(&client))??;
            profile_view::show(invocation, profile, rest);
        }
        "set" => set(invocation, rest)?,
        "enable-2fa" | "enable-tfa" | "enable2fa" | "enabletfa" => enable(invocation, rest)?,
        "disable-2fa" | "disable-tfa" | "disable2fa" | "disabletfa" => {
            let client = invocation.client()?;
            let was_on = invocation.block_on(profile::disable_second_factor(&client, &mut Questions))??;
            profile_view::disabled(invocation, was_on);
        }
        other => return Err(invocation.usage_error(format!("`profile` has no action `{other}`"))),
    }
    Ok(Outcome::Success)
}

fn set(invocation: &Invocation<'_>, arguments: &[String]) -> Result<(), Diagnostic> {
    let (property, words) = match arguments.split_first() {
        Some((property, words)) => (property.trim().to_lowercase(), words),
        None => (String::new(), &[][..]),
    };
    let text = words.join(" ");
    let change = match (property.as_str(), words.is_empty()) {
        ("password", true) => Change::Password,
        ("password", false) => {
            return Err(
                invocation.usage_error("a password does not belong on the command line: it is asked for")
            );
        }
        (_, true) => return Err(invocation.usage_error("`profile set` needs a key and a value")),
        (_, false) => Change::Text(&text),
    };
    if !WRITABLE.contains(&property.as_str()) {
        let text = format!("{property} cannot be set; what can is {}", WRITABLE.join(", "));
        return Err(invocation.usage_error(text));
    }
    let client = invocation.client()?;
    let value = invocation.block_on(profile::set(&client, &property, change, &mut Questions))??;
    profile_view::changed(invocation, &property, value);
    Ok(())
}

fn enable(invocation: &Invocation<'_>, arguments: &[String]) -> Result<(), Diagnostic> {
    let mode = match arguments {
        [] => "auth-and-writes",
        [mode] if matches!(mode.as_str(), "auth-only" | "auth-and-writes") => mode.as_str(),
        [mode] => {
            let text = format!(
                "`{mode}` is no mode of a second factor: auth-only asks for it to log in, \
                                auth-and-writes also to publish"
            );
            return Err(invocation.usage_error(text));
        }
        _ => return Err(invocation.usage_error("`profile enable-2fa` takes one mode")),
    };
    if invocation.terminal.json || invocation.configuration.config.flag("parseable") {
        let text = "enabling a second factor asks questions, which --json and --parseable have no place for";
        return Err(invocation.usage_error(text));
    }
    let client = invocation.client()?;
    let mut enrolment = Enrolment::new(invocation)?;
    let work = profile::enable_second_factor(&client, mode, &mut enrolment);
    let terminal = invocation.terminal;
    match invocation.block_on(work)?? {
        Enabled::Already => {
            terminal.print(format!("Two factor authentication is already enabled and set to {mode}"));
        }
        Enabled::Changed => terminal.print(format!("Two factor authentication mode changed to: {mode}")),
        Enabled::New { recovery_codes } => profile_view::enabled(invocation, &recovery_codes),
    }
    Ok(())
}
