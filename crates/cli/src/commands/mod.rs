//! Every command: its names, its help and its function. A command is one file here; what it does is in
//! the crate `package-manager`.

mod access;
mod approve_scripts;
mod audit;
mod bin;
mod bugs;
mod cache;
mod ci;
mod completion;
mod config;
mod dedupe;
mod deprecate;
mod diff;
mod dist_tag;
mod doctor;
mod edit;
mod exec;
mod explain;
mod fund;
mod get;
mod help;
mod hook;
mod init;
mod install;
mod link;
mod login;
mod logout;
mod ls;
mod org;
mod outdated;
mod owner;
pub mod pack;
mod ping;
mod pkg;
mod prefix;
mod profile;
mod prune;
mod publish;
mod query;
mod rebuild;
pub mod registry;
pub mod resolve;
mod root;
mod run;
mod sbom;
mod search;
mod set;
mod stage;
mod star;
mod team;
mod token;
mod trust;
mod uninstall;
mod unpublish;
mod update;
mod version;
mod view;
mod whoami;

use std::sync::Arc;

use diagnostics::Diagnostic;
use package_manager::Settings;
use package_manager::lifecycle::{Ending, ScriptEnvironment};
use package_manager::ping::registry_problem;
use registry_client::{ClientOptions, RegistryClient};

use crate::account_holder::TerminalUser;
use crate::browser::Browser;
use crate::configuration::Configuration;
use crate::process::Process;
use crate::terminal::Terminal;
use crate::{network, script_environment, settings};

/// How a command ends when nothing went wrong in knit itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Success,
    /// The status of a program that was run, passed on.
    Status(u8),
    /// The signal that ended such a program.
    Signal(i32),
}

impl From<Ending> for Outcome {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Code(0) => Self::Success,
            // Only eight bits of a status reach a parent; none of them may turn into success.
            Ending::Code(code) => {
                Self::Status(u8::try_from(code & 0xff).ok().filter(|code| *code > 0).unwrap_or(1))
            }
            Ending::Signal(signal) => Self::Signal(signal),
        }
    }
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
    /// More to say, below the usage.
    pub details: &'static str,
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
            details: "",
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
    &access::COMMAND,
    &login::ADDUSER,
    &approve_scripts::COMMAND,
    &audit::COMMAND,
    &bin::COMMAND,
    &bugs::COMMAND,
    &cache::COMMAND,
    &ci::COMMAND,
    &completion::COMMAND,
    &config::COMMAND,
    &dedupe::COMMAND,
    &dedupe::FIND_DUPES,
    &approve_scripts::DENY,
    &deprecate::COMMAND,
    &dist_tag::COMMAND,
    &bugs::DOCS,
    &diff::COMMAND,
    &doctor::COMMAND,
    &edit::COMMAND,
    &exec::COMMAND,
    &explain::COMMAND,
    &fund::COMMAND,
    &get::COMMAND,
    &help::COMMAND,
    &help::SEARCH,
    &hook::COMMAND,
    &init::COMMAND,
    &install::COMMAND,
    &link::COMMAND,
    &ls::LL,
    &login::COMMAND,
    &logout::COMMAND,
    &ls::COMMAND,
    &org::COMMAND,
    &outdated::COMMAND,
    &pack::COMMAND,
    &owner::COMMAND,
    &approve_scripts::INSTALL_SCRIPTS,
    &ping::COMMAND,
    &pkg::COMMAND,
    &prefix::COMMAND,
    &profile::COMMAND,
    &prune::COMMAND,
    &publish::COMMAND,
    &query::COMMAND,
    &rebuild::COMMAND,
    &registry::COMMAND,
    &bugs::REPO,
    &resolve::COMMAND,
    &root::COMMAND,
    &run::COMMAND,
    &run::RESTART,
    &run::START,
    &run::STOP,
    &run::TEST,
    &sbom::COMMAND,
    &search::COMMAND,
    &set::COMMAND,
    &stage::COMMAND,
    &star::COMMAND,
    &star::STARS,
    &team::COMMAND,
    &token::COMMAND,
    &deprecate::UNDEPRECATE,
    &trust::COMMAND,
    &uninstall::COMMAND,
    &unpublish::COMMAND,
    &star::UNSTAR,
    &update::COMMAND,
    &version::COMMAND,
    &view::COMMAND,
    &whoami::COMMAND,
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

    /// The environment for scripts that this command runs.
    pub fn script_environment(&self) -> ScriptEnvironment {
        script_environment::build(self)
    }

    /// The programs that scripts run with.
    pub fn toolchain(&self) -> crate::toolchain::Toolchain {
        let configuration = self.configuration;
        crate::toolchain::prepare(&configuration.config, self.process, &configuration.global_prefix)
    }

    /// The options for a registry client. Built on demand: only commands that use the network pay for it.
    pub fn client_options(&self) -> Result<ClientOptions, Diagnostic> {
        let config = &self.configuration.config;
        let user_agent = script_environment::user_agent(self, None);
        let mut options = network::client_options(config, self.process, self.command.name, user_agent)?;
        let is_present = self.process.stdin_is_terminal && self.process.stdout_is_terminal;
        let user = TerminalUser::new(Browser::new(config, self.terminal), is_present);
        options.account_holder = Some(Arc::new(user));
        Ok(options)
    }

    /// A client for the registries of the configuration.
    pub fn client(&self) -> Result<RegistryClient, Diagnostic> {
        RegistryClient::new(self.client_options()?).map_err(|error| registry_problem(&error))
    }

    /// Runs asynchronous work to its end, on this thread. Commands that need none never pay for it.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> Result<T, Diagnostic> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            Diagnostic::error(diagnostics::io_code(&error), "could not set up asynchronous input and output")
                .with_cause(error.to_string())
        })?;
        Ok(runtime.block_on(work))
    }

    /// The error for arguments a command cannot take.
    pub fn usage_error(&self, message: impl Into<String>) -> Diagnostic {
        let name = self.command.name;
        Diagnostic::error("EUSAGE", message).with_hint(format!("run `knit help {name}` for its usage"))
    }
}
