//! What a person or a program is told when something goes wrong: a stable code, one sentence, the
//! chain of causes, commands that help, and structured details.
//!
//! Owns the shape and its two renderings (text and npm's `--json` error object). Does not print,
//! does not decide on colour, and knows no error of any other crate: those implement [`Report`].

mod redaction;
mod render;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde_json::{Map, Value};

pub use redaction::{redact, redact_url};
pub use render::Style;

/// How serious a [`Diagnostic`] is; decides the word it starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// One problem, ready to be shown.
///
/// Its [`Parts`] are reached as if they were its own fields; they lie in a box, because this is the
/// error of almost every function of the commands and must not make all their results large.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic(Box<Parts>);

/// What a [`Diagnostic`] says.
///
/// `message` is one lower-case sentence that names the object; further lines may list facts. It never
/// repeats `causes`. `hints` are whole phrases, each with a command to run. Texts are redacted when
/// rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub severity: Severity,
    /// npm's or Node's code where one exists (`ERESOLVE`, `EINTEGRITY`).
    pub code: Cow<'static, str>,
    pub message: String,
    /// Outermost first.
    pub causes: Vec<String>,
    pub hints: Vec<String>,
    /// Facts for programs; members of the `error` object under `--json`.
    pub details: Map<String, Value>,
    /// What the process exits with when this ends a command.
    pub exit_code: u8,
}

impl Deref for Diagnostic {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for Diagnostic {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

impl Diagnostic {
    /// An error that exits with 1.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            severity: Severity::Error,
            code: code.into(),
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            details: Map::new(),
            exit_code: 1,
        }))
    }

    /// A warning; it never ends a command.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::error(code, message).into_warning()
    }

    /// The same problem, where it does not end the command.
    #[must_use]
    pub fn into_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self.exit_code = 0;
        self
    }

    /// An error of a crate that knows nothing of diagnostics, its sources becoming causes.
    pub fn from_error(code: impl Into<Cow<'static, str>>, error: &dyn Error) -> Self {
        let mut diagnostic = Self::error(code, error.to_string());
        diagnostic.causes = causes(error.source(), &diagnostic.message);
        diagnostic
    }

    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Shape: a phrase that reads after `help: `, for example ``run `knit install` first``.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn with_detail(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    #[must_use]
    pub fn with_exit_code(mut self, exit_code: u8) -> Self {
        self.exit_code = exit_code;
        self
    }

    /// The text for people, ending in a newline. The caller decides on colour with [`Style`].
    pub fn render(&self, style: Style) -> String {
        render::text(self, style)
    }

    /// npm's `--json` error object: `{"error":{"code","summary","detail",...details}}`.
    /// Source: npm 11.19.1.
    pub fn to_json(&self) -> Value {
        render::json(self)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", redact(&self.message))
    }
}

/// What an error type says about itself beyond its sentence and its source chain.
///
/// Implemented once for each crate's error enum; [`Report::to_diagnostic`] does the rest.
pub trait Report: Error {
    /// The stable code.
    fn code(&self) -> Cow<'static, str>;

    /// Phrases with a command to run; none by default.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }

    /// Facts for programs; none by default.
    fn details(&self) -> Map<String, Value> {
        Map::new()
    }

    /// 1 by default.
    fn exit_code(&self) -> u8 {
        1
    }

    /// The whole error, its sources becoming causes. A source that says nothing new (transparent
    /// wrappers) is left out.
    fn to_diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code(), self.to_string());
        diagnostic.causes = causes(self.source(), &diagnostic.message);
        diagnostic.hints = self.hints();
        diagnostic.details = self.details();
        diagnostic.exit_code = self.exit_code();
        diagnostic
    }
}

fn causes(mut source: Option<&(dyn Error + 'static)>, message: &str) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    while let Some(error) = source {
        let text = error.to_string();
        if causes.last().map_or(message, String::as_str) != text {
            causes.push(text);
        }
        source = error.source();
    }
    causes
}

impl<E: Report> From<E> for Diagnostic {
    fn from(error: E) -> Self {
        error.to_diagnostic()
    }
}

/// The code a person knows an I/O error by, as Node names it (`ENOENT`, `EACCES`).
pub fn io_code(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "ENOENT",
        ErrorKind::PermissionDenied => "EACCES",
        ErrorKind::AlreadyExists => "EEXIST",
        ErrorKind::NotADirectory => "ENOTDIR",
        ErrorKind::IsADirectory => "EISDIR",
        ErrorKind::DirectoryNotEmpty => "ENOTEMPTY",
        ErrorKind::ReadOnlyFilesystem => "EROFS",
        ErrorKind::StorageFull => "ENOSPC",
        ErrorKind::QuotaExceeded => "EDQUOT",
        ErrorKind::FileTooLarge => "EFBIG",
        ErrorKind::CrossesDevices => "EXDEV",
        ErrorKind::ConnectionRefused => "ECONNREFUSED",
        ErrorKind::ConnectionReset => "ECONNRESET",
        ErrorKind::TimedOut => "ETIMEDOUT",
        ErrorKind::BrokenPipe => "EPIPE",
        ErrorKind::InvalidInput => "EINVAL",
        _ => "EIO",
    }
}

#[cfg(test)]
mod tests;
