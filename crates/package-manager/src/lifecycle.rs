//! Runs the scripts of packages: the environment they see, the PATH, the shell, the process.
//!
//! Used by `run`, `exec` and by installs. Does not decide whether a script may run.
//! Source: npm 11.19.1 (`@npmcli/run-script`).

mod environment;
mod process;
mod shell;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use diagnostics::Diagnostic;
use serde_json::{Map, Value};

pub use environment::{package_variables, search_path};
pub use process::{Ending, Output, ScriptOutcome};
pub use shell::quote;

use crate::reporter::{Event, Reporter};

/// What every script of a run has in common. Built once by the caller.
#[derive(Clone, Debug)]
pub struct ScriptEnvironment {
    /// The whole environment, configuration included (`npm_config_*`, `NODE`, `INIT_CWD`, ...). What
    /// depends on the package and the event is added here.
    pub variables: Vec<(OsString, OsString)>,
    /// A directory with `node-gyp`, and with `node` where that is not the first in PATH. It comes behind
    /// every node_modules/.bin.
    pub tools: Option<PathBuf>,
    /// The shell; the system's `sh` when there is none.
    pub shell: Option<String>,
    /// Whether an interrupt from the keyboard must be passed on. Not in a terminal: there the script has
    /// had it already.
    pub forwards_interrupt: bool,
}

/// One script to run.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    pub event: &'a str,
    /// Shell text.
    pub command: &'a str,
    /// Appended to the command, each quoted.
    pub arguments: &'a [String],
    /// The working directory; node_modules/.bin of it and of every directory above is in PATH.
    pub directory: &'a Path,
    /// The manifest, for `npm_package_*` and the announcement.
    pub manifest: &'a Map<String, Value>,
    /// Directories that come first in PATH.
    pub bin_directories: &'a [PathBuf],
    pub output: Output,
}

/// Why a script could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    #[error("could not start the shell `{shell}` for the script `{event}` in {}", .directory.display())]
    Spawn { shell: String, event: String, directory: PathBuf, source: std::io::Error },
    #[error("could not wait for the script `{event}` in {}", .directory.display())]
    Wait { event: String, directory: PathBuf, source: std::io::Error },
}

impl diagnostics::Report for LifecycleError {
    fn code(&self) -> Cow<'static, str> {
        let (Self::Spawn { source, .. } | Self::Wait { source, .. }) = self;
        diagnostics::io_code(source).into()
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Spawn { .. } => {
                vec!["run `knit config get script-shell` to see which shell is set".to_owned()]
            }
            Self::Wait { .. } => Vec::new(),
        }
    }
}

/// Runs a script to its end. Dropping the future ends the process.
///
/// A script that fails is an outcome, not an error.
pub async fn run_script(
    script: &Script<'_>,
    environment: &ScriptEnvironment,
    reporter: &dyn Reporter,
) -> Result<ScriptOutcome, LifecycleError> {
    if script.output == Output::Inherit {
        reporter.report(Event::ScriptStarted {
            package: package_id(script.manifest).as_deref(),
            event: script.event,
            command: script.command,
            arguments: script.arguments,
        });
    }
    process::run(script, environment).await
}

/// Runs the script that a package has for an event, or that npm makes up for it: `node-gyp rebuild` for
/// `install` beside a binding.gyp, `node server.js` for `start`. `None` when there is neither.
pub async fn run_lifecycle(
    event: &str,
    directory: &Path,
    manifest: &Map<String, Value>,
    environment: &ScriptEnvironment,
    output: Output,
    reporter: &dyn Reporter,
) -> Result<Option<ScriptOutcome>, LifecycleError> {
    let Some(command) = script_for(event, directory, manifest) else { return Ok(None) };
    let script = Script {
        event,
        command: &command,
        arguments: &[],
        directory,
        manifest,
        bin_directories: &[],
        output,
    };
    run_script(&script, environment, reporter).await.map(Some)
}

/// The shell text of an event: the manifest's, or npm's own.
pub fn script_for<'a>(
    event: &str,
    directory: &Path,
    manifest: &'a Map<String, Value>,
) -> Option<Cow<'a, str>> {
    let script = |event: &str| {
        let script = manifest.get("scripts")?.get(event)?.as_str()?;
        (!script.is_empty()).then_some(script)
    };
    if let Some(own) = script(event) {
        return Some(own.into());
    }
    let builds_itself = event == "install"
        && script("preinstall").is_none()
        && manifest.get("gypfile") != Some(&Value::Bool(false))
        && directory.join("binding.gyp").is_file();
    if builds_itself {
        return Some("node-gyp rebuild".into());
    }
    (event == "start" && directory.join("server.js").is_file()).then_some("node server.js".into())
}

/// `name@version`, when there are both.
pub(crate) fn package_id(manifest: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| manifest.get(key)?.as_str().filter(|text| !text.is_empty());
    Some(format!("{}@{}", text("name")?, text("version")?))
}

/// The diagnostic for a script that failed, where the failure ends an operation of knit's own (an
/// install). `run` passes the status on instead.
pub fn failure(script: &Script<'_>, outcome: &ScriptOutcome) -> Diagnostic {
    let package = package_id(script.manifest).unwrap_or_else(|| script.directory.display().to_string());
    let ending = match outcome.ending {
        Ending::Code(code) => format!("exited with {code}"),
        Ending::Signal(signal) => format!("was ended by signal {signal}"),
    };
    let mut message = format!(
        "the script `{}` of {package} {ending}\ncommand: {}\ndirectory: {}",
        script.event,
        script.command,
        script.directory.display()
    );
    for (name, bytes) in [("output", &outcome.stdout), ("error output", &outcome.stderr)] {
        let text = String::from_utf8_lossy(bytes);
        if !text.trim().is_empty() {
            message.push_str(&format!("\n{name}:\n{}", text.trim_end()));
        }
    }
    let mut problem = Diagnostic::error("ELIFECYCLE", message)
        .with_detail("script", script.event)
        .with_detail("package", package);
    if let Ending::Code(code) = outcome.ending {
        problem = problem.with_exit_code(u8::try_from(code).unwrap_or(1));
    }
    problem
}

#[cfg(test)]
mod tests;
