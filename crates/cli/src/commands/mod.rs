//! Every command: its names, its help and its function. A command is one file here; what it does is in
//! the crate `package-manager`.

mod bin;
mod config;
mod get;
mod prefix;
mod root;
mod set;
mod version;

use diagnostics::Diagnostic;
use package_manager::Settings;

use crate::configuration::Configuration;
use crate::process::Process;
use crate::settings;
use crate::terminal::Terminal;

/// How a command ends when nothing went wrong in knit itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    /// The status of a program that was run, passed on.
    Status(u8),
    /// The signal that ended such a program.
    Signal(i32),
}

pub type CommandResult = Result<Outcome, Diagnostic>;

/// How a command takes `--workspace` and `--workspaces`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workspaces {
    /// It fails with them. Started inside a workspace it acts on the root.
    Refused,
    /// It acts on the selected ones; started inside a workspace it acts on the root.
    Explicit,
    /// It acts on the selected ones, and on the one it was started in.
    Implicit,
}

/// One command.
pub struct Command {
    pub name: &'static str,
    /// What follows the name on a command line, one line each.
    pub usage: &'static [&'static str],
    /// One line of help.
    pub about: &'static str,
    /// Configuration keys that its help lists.
    pub options: &'static [&'static str],
    pub workspaces: Workspaces,
    /// Whether values that keys do not accept are dropped first. Only `config` wants to see them.
    pub validates: bool,
    pub run: fn(&Invocation<'_>) -> CommandResult,
}

impl Command {
    const fn new(name: &'static str, about: &'static str, run: fn(&Invocation<'_>) -> CommandResult) -> Self {
        Self {
            name,
            usage: &[""],
            about,
            options: &[],
            workspaces: Workspaces::Refused,
            validates: true,
            run,
        }
    }
}

/// Every command there is.
pub static COMMANDS: &[&Command] = &[
    &bin::COMMAND,
    &config::COMMAND,
    &get::COMMAND,
    &prefix::COMMAND,
    &root::COMMAND,
    &set::COMMAND,
    &version::COMMAND,
];

/// A command about to run.
pub struct Invocation<'a> {
    pub command: &'static Command,
    /// Arguments behind the command's name.
    pub arguments: &'a [String],
    pub configuration: &'a Configuration,
    pub process: &'a Process,
    pub terminal: &'a Terminal,
}

impl Invocation<'_> {
    pub fn settings(&self) -> Settings {
        settings::resolve(self.configuration, self.process)
    }

    /// The error for arguments a command cannot take.
    pub fn usage_error(&self, message: impl Into<String>) -> Diagnostic {
        let name = self.command.name;
        Diagnostic::error("EUSAGE", message).with_hint(format!("run `knit help {name}` for its usage"))
    }
}
