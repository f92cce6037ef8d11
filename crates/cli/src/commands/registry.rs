//! `knit registry`

use diagnostics::Diagnostic;
use registry_server::settings::RegistrySettings;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::{registry_advisories, registry_service};

pub const COMMAND: Command = Command {
    usage: &["serve", "init", "user <name> [<email>] [--admin]", "token <user>", "advisories import <path>"],
    details: include_str!("../help/registry.txt"),
    options: &["config", "data", "listen", "database", "blobs", "admin"],
    ..Command::new("registry", "Serve packages of one's own, and those of other registries", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    match invocation.arguments {
        [action] if action == "serve" => serve(invocation),
        [action] if action == "init" => init(invocation),
        [action, name] if action == "user" => user(invocation, name, ""),
        [action, name, email] if action == "user" => user(invocation, name, email),
        [action, name] if action == "token" => token(invocation, name),
        [group, action, path] if group == "advisories" && action == "import" => {
            registry_advisories::import(invocation, path)
        }
        [action] if action == "user" || action == "token" => {
            Err(invocation.usage_error(format!("`registry {action}` needs a user's name")))
        }
        [] => Err(invocation.usage_error("`registry` needs one of serve, init, user, token, advisories")),
        [other, ..] => Err(invocation.usage_error(format!("`registry` has no action `{other}`"))),
    }
}

fn serve(invocation: &Invocation<'_>) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    registry_service::serve(invocation.terminal, &settings)?;
    Ok(Outcome::Success)
}

fn user(invocation: &Invocation<'_>, name: &str, email: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let is_administrator = invocation.configuration.config.flag("admin");
    let made = registry_service::with(&settings, async |registry| {
        registry.add_user(name, email, is_administrator).await
    })?;
    let password = made.ok_or_else(|| {
        Diagnostic::error("EEXIST", format!("there is a user {name} already"))
            .with_hint("a password is changed with `knit profile set password`")
    })?;
    invocation.terminal.inform(&format!("made the user {name}, who logs in with this password:"));
    invocation.terminal.print(password.reveal());
    Ok(Outcome::Success)
}

fn token(invocation: &Invocation<'_>, name: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let made = registry_service::with(&settings, async |registry| registry.add_token(name).await)?;
    let token = made.ok_or_else(|| {
        Diagnostic::error("ENOUSER", format!("there is no user {name}"))
            .with_hint(format!("run `knit registry user {name}` to make one"))
    })?;
    invocation.terminal.inform("this token does all that its user may, and is shown once:");
    invocation.terminal.print(token.reveal());
    Ok(Outcome::Success)
}

/// Writes the configuration file with every key at its default.
fn init(invocation: &Invocation<'_>) -> CommandResult {
    let path = registry_service::file(invocation);
    let failed = |error: std::io::Error| {
        Diagnostic::error(diagnostics::io_code(&error), format!("cannot write {}", path.display()))
            .with_cause(error.to_string())
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::File::create_new(&path).map_err(|error| {
        let problem = failed(error);
        match problem.code == "EEXIST" {
            true => problem.with_hint("it is there already, and is left as it is"),
            false => problem,
        }
    })?;
    std::io::Write::write_all(&mut file, RegistrySettings::default_file().as_bytes()).map_err(failed)?;
    invocation.terminal.inform(&format!("wrote {}", path.display()));
    Ok(Outcome::Success)
}
