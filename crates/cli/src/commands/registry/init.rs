//! `knit registry init`

use diagnostics::Diagnostic;
use registry_server::settings::RegistrySettings;

use super::{CommandResult, Invocation, Outcome};
use crate::registry_service;

/// Writes the configuration file with every key at its default.
pub(super) fn run(invocation: &Invocation<'_>) -> CommandResult {
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
