//! What an import of advisories did, told.

use std::path::Path;

use diagnostics::Diagnostic;

use crate::commands::{CommandResult, Invocation, Outcome};
use crate::registry_service;

/// Imports a vulnerability database into the registry of the settings.
///
/// Errors: a path that cannot be read; a database of which nothing can be read.
pub fn import(invocation: &Invocation<'_>, path: &str) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let path = invocation.process.working_directory.join(path);
    let imported = registry_service::with(&settings, async |registry| {
        registry.import_advisories(Path::new(&path)).await
    })?;
    for problem in &imported.problems {
        invocation.terminal.warn(&Diagnostic::warning("EADVISORY", problem.clone()));
    }
    if imported.read == imported.unreadable {
        let message = format!("there is no advisory in {} that can be read", path.display());
        return Err(Diagnostic::error("EADVISORY", message).with_hint(
            "give it the documents of an OSV database: its archive for npm, a folder or one file",
        ));
    }
    let unreadable = match imported.unreadable {
        0 => String::new(),
        count => format!(", {count} unreadable"),
    };
    invocation.terminal.print(format!(
        "read {} advisories: {} new or changed, {} withdrawn{unreadable}",
        imported.read, imported.changed, imported.withdrawn
    ));
    Ok(Outcome::Success)
}
