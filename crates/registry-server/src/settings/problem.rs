//! A mistake in the configuration file: where, what, and what to write instead.

use std::fmt;
use std::path::PathBuf;

use diagnostics::Diagnostic;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

impl SettingsProblem {
    /// For the renderer, under the code `ESETTINGS`.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error("ESETTINGS", self.to_string()).with_hint(self.hint.clone())
    }
}

impl fmt::Display for SettingsProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}: {}", self.path.display(), self.line, self.column, self.message)
    }
}
