//! `knit registry`

use diagnostics::Diagnostic;
use registry_server::settings::RegistrySettings;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::registry_service;

pub const COMMAND: Command = Command {
    usage: &["serve", "init"],
    details: include_str!("../help/registry.txt"),
    options: &["config", "data", "listen", "database", "blobs"],
    ..Command::new("registry", "Serve packages of one's own, and those of other registries", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    match invocation.arguments {
        [action] if action == "serve" => serve(invocation),
        [action] if action == "init" => init(invocation),
        [] => Err(invocation.usage_error("`registry` needs one of serve, init")),
        [other, ..] => Err(invocation.usage_error(format!("`registry` has no action `{other}`"))),
    }
}

fn serve(invocation: &Invocation<'_>) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    registry_service::serve(invocation.terminal, &settings)?;
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
