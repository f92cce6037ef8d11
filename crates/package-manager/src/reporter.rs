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
    /// An installation has come to another part of its work.
    Step(Step<'a>),
}

/// A part of an installation. What it waits for from a registry, the client's progress hook tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Deciding which packages there are to be.
    Resolving,
    /// Fetching what is missing, and linking it as it comes.
    Filling,
    /// A script runs whose output is not shown: `name@version` or the folder, and the event.
    Script { package: &'a str, event: &'a str },
    /// Writing package.json, lockfiles and what else is left.
    Finishing,
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
