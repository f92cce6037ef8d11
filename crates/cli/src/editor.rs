//! The user's editor, which `editor` of the configuration names with its arguments.

use std::path::Path;
use std::process::Command;

use diagnostics::Diagnostic;

use crate::commands::Invocation;

/// Opens a file or folder and waits for the editor to end.
///
/// *Errors*: an editor that cannot be started, or fails.
pub fn open(invocation: &Invocation<'_>, path: &Path) -> Result<(), Diagnostic> {
    let editor = invocation.configuration.config.text("editor").unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(path).status().map_err(|error| {
        Diagnostic::error(diagnostics::io_code(&error), format!("could not start the editor {program}"))
            .with_cause(error.to_string())
            .with_hint("run `knit config set editor=<program>`")
    })?;
    match status.code() {
        Some(0) => Ok(()),
        code => {
            let with = code.map(|code| format!(" with status {code}")).unwrap_or_default();
            Err(Diagnostic::error("EEDITOR", format!("the editor {program} failed{with}")))
        }
    }
}
