//! `knit registry user`, `password` and `token`

use diagnostics::Diagnostic;

use super::{CommandResult, Invocation, Outcome};
use crate::registry_service;

pub(super) fn user(invocation: &Invocation<'_>, name: &str, email: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let is_administrator = invocation.configuration.config.flag("admin");
    let made = registry_service::with(&settings, async |registry| {
        registry.add_user(name, email, is_administrator).await
    })?;
    let password = made.ok_or_else(|| {
        Diagnostic::error("EEXIST", format!("there is a user {name} already"))
            .with_hint(format!("run `knit registry password {name}` for a new password"))
    })?;
    invocation.terminal.inform(&format!("made the user {name}, who logs in with this password:"));
    invocation.terminal.print(password.reveal());
    Ok(Outcome::Success)
}

pub(super) fn password(invocation: &Invocation<'_>, name: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let reset = registry_service::with(&settings, async |registry| registry.reset_password(name).await)?;
    let password = reset.ok_or_else(|| nobody(name))?;
    invocation
        .terminal
        .inform(&format!("{name} logs in with this password from now on; all tokens are revoked:"));
    invocation.terminal.print(password.reveal());
    Ok(Outcome::Success)
}

pub(super) fn token(invocation: &Invocation<'_>, name: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let made = registry_service::with(&settings, async |registry| registry.add_token(name).await)?;
    let token = made.ok_or_else(|| nobody(name))?;
    invocation.terminal.inform("this token does all that its user may, and is shown once:");
    invocation.terminal.print(token.reveal());
    Ok(Outcome::Success)
}

fn nobody(name: &str) -> Diagnostic {
    Diagnostic::error("ENOUSER", format!("there is no user {name}"))
        .with_hint(format!("run `knit registry user {name}` to make one"))
}
