//! What a command says while it works. The answer itself is its return value.

use diagnostics::Diagnostic;

/// Something worth showing now.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    Warning(&'a Diagnostic),
    /// Shown only when asked for more (`--loglevel info`).
    Information(&'a str),
    /// A script is about to run with its output passed through.
    ScriptStarted {
        /// `name@version` of the package, when it has both.
        package: Option<&'a str>,
        event: &'a str,
        command: &'a str,
        arguments: &'a [String],
    },
}

/// Receives events, from any thread.
pub trait Reporter: Send + Sync {
    fn report(&self, event: Event<'_>);
}

/// Drops every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _: Event<'_>) {}
}
