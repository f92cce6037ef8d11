//! From the command line to the exit code.

use std::process::ExitCode;

use diagnostics::Diagnostic;
use npm_formats::config::{Config, DEFINITIONS, Value, definition};

use crate::arguments::{self, Arguments, Notice};
use crate::commands::{Command, CommandResult, Invocation, Outcome, Workspaces, resolve};
use crate::configuration::{self, Configuration};
use crate::process::Process;
use crate::terminal::Terminal;
use crate::{help, names, npx, program, suggestion, trust_options};

pub fn main() -> ExitCode {
    let process = Process::read();
    if let Some(code) = program::run_if_requested(&process) {
        return code;
    }
    // programs can do without
    if let Err(error) = std::env::current_dir() {
        let text = "the directory that knit was started in does not exist any more";
        return failed(&Terminal::plain(), &Diagnostic::error(diagnostics::io_code(&error), text));
    }
    let mut words = process.arguments.clone();
    let mut removed = Vec::new();
    if process.called_as == "npx" {
        (words, removed) = npx::translate(&words);
    }
    resolve::translate(&mut words);
    trust_options::translate(&mut words);
    let arguments = arguments::parse(words);
    let mut configuration = match configuration::load(&process, &arguments.options) {
        Ok(configuration) => configuration,
        Err(problem) => return failed(&Terminal::plain(), &problem),
    };
    let terminal = Terminal::new(&configuration.config, &process);
    for option in removed {
        let warning = Diagnostic::warning("EREMOVEDOPTION", format!("npx has no option --{option} any more"));
        terminal.warn(&warning.with_hint("run `knit help exec`"));
    }
    match dispatch(&process, &arguments, &mut configuration, &terminal) {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Status(status)) => ExitCode::from(status),
        Ok(Outcome::Signal(signal)) => die_by(signal),
        Err(problem) => failed(&terminal, &problem),
    }
}

fn failed(terminal: &Terminal, problem: &Diagnostic) -> ExitCode {
    terminal.fail(problem);
    ExitCode::from(problem.exit_code)
}

/// Ends by the signal that ended a program we ran, so that our caller sees what we saw.
fn die_by(signal: i32) -> ExitCode {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    // A signal that does not end a process by default, or none of this system's.
    ExitCode::from(u8::try_from(128 + signal).unwrap_or(1))
}

fn dispatch(
    process: &Process,
    arguments: &Arguments,
    configuration: &mut Configuration,
    terminal: &Terminal,
) -> CommandResult {
    let config = &configuration.config;
    if given(config, "version") {
        terminal.print(env!("CARGO_PKG_VERSION"));
        return Ok(Outcome::Success);
    }
    let (word, rest) = if given(config, "versions") {
        ("version", &[][..])
    } else {
        match arguments.positionals.split_first() {
            Some((word, rest)) => (word.as_str(), rest),
            None => {
                return Err(Diagnostic::error("EUSAGE", "no command was given").with_hint("run `knit help`"));
            }
        }
    };
    let command = names::command(word)?;
    if config.flag("usage") {
        terminal.print(help::command_page(command));
        return Ok(Outcome::Success);
    }
    if command.validates {
        configuration::validate(configuration, process)?;
    }
    for notice in &arguments.notices {
        terminal.warn(&notice_warning(notice));
    }
    warn_about_configuration(configuration, terminal);
    check_workspaces(command, &configuration.config)?;
    if configuration.config.flag("force") {
        terminal.warn(&Diagnostic::warning("EFORCE", "--force switches protections off"));
    }
    (command.run)(&Invocation { command, arguments: rest, configuration, process, terminal })
}

/// Whether a switch was given on this command line; elsewhere it has no meaning.
fn given(config: &Config, key: &str) -> bool {
    crate::settings::on_command_line(config, key).is_some_and(|value| value.is_truthy())
}

fn notice_warning(notice: &Notice) -> Diagnostic {
    match notice {
        Notice::Unknown { option } => unknown_option(option),
        Notice::NotAValue { option, word } => unknown_option(option)
            .with_hint(format!("`{word}` is read as an argument; write --{option}={word}")),
        Notice::Abbreviated { option, meaning } => Diagnostic::warning(
            "EABBREVIATED",
            format!("--{option} is read as --{meaning}; npm will stop doing so"),
        ),
    }
}

fn unknown_option(option: &str) -> Diagnostic {
    let warning = Diagnostic::warning("EUNKNOWNCONFIG", format!("there is no option --{option}"));
    match suggestion::nearest(option, DEFINITIONS.iter().map(|definition| definition.key)) {
        Some(meant) => warning.with_hint(format!("did you mean --{meant}?")),
        None => warning,
    }
}

/// Keys of files and the environment that nothing knows are common, as other tools read the same
/// files: only a remark. Deprecated ones are a warning, as in npm.
fn warn_about_configuration(configuration: &Configuration, terminal: &Terminal) {
    for warning in &configuration.warnings {
        terminal.warn(warning);
    }
    for level in npm_formats::config::Level::ALL.into_iter().skip(1) {
        let layer = configuration.config.layer(level);
        for key in layer.values.keys() {
            match definition(key) {
                Some(known) => {
                    if let Some(instead) = known.deprecated {
                        let text = format!("{key}, set in {}, is deprecated", layer.source);
                        terminal.warn(&Diagnostic::warning("EDEPRECATEDCONFIG", text).with_hint(instead));
                    }
                }
                None if !key.contains(':') && !is_internal(key) => {
                    terminal.inform(&format!("{key}, set in {}, is no configuration key", layer.source));
                }
                None => {}
            }
        }
    }
}

/// Keys that npm and knit hand to scripts themselves.
fn is_internal(key: &str) -> bool {
    matches!(key, "npm-version" | "global-prefix" | "local-prefix")
}

fn check_workspaces(command: &Command, config: &Config) -> Result<(), Diagnostic> {
    let filters = config.texts("workspace");
    let all = config.get("workspaces");
    if all == Some(Value::Boolean(false)) && !filters.is_empty() && !config.is_default("workspace") {
        let text = "--no-workspaces and --workspace cannot be given together";
        return Err(Diagnostic::error("EUSAGE", text));
    }
    let explicit = config.flag("workspaces") || (!filters.is_empty() && !config.is_default("workspace"));
    if explicit && config.is_global() {
        return Err(Diagnostic::error("EUSAGE", "global packages have no workspaces"));
    }
    if explicit && command.workspaces == Workspaces::Refused {
        let text = format!("`{}` cannot act on workspaces", command.name);
        return Err(Diagnostic::error("ENOWORKSPACES", text));
    }
    Ok(())
}
