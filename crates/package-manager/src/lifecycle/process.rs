//! The process of a script.

use std::ffi::{OsStr, OsString};
use std::process::{ExitStatus, Stdio};

use tokio::process::{Child, Command};

use super::environment::{module_path, package_variables, search_path};
use super::shell::command_line;
use super::{LifecycleError, Script, ScriptEnvironment};

/// Where a script's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// To our own streams; standard input is passed on too.
    Inherit,
    /// Into the outcome; standard input is empty.
    Capture,
}

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Code(i32),
    Signal(i32),
}

/// What is left of a script. The output is empty unless it was captured.
#[derive(Clone, Debug)]
pub struct ScriptOutcome {
    pub ending: Ending,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl ScriptOutcome {
    pub fn succeeded(&self) -> bool {
        self.ending == Ending::Code(0)
    }
}

pub(super) async fn run(
    script: &Script<'_>,
    environment: &ScriptEnvironment,
) -> Result<ScriptOutcome, LifecycleError> {
    let shell = environment.shell.as_deref().unwrap_or("sh");
    let mut command = Command::new(shell);
    command
        .arg("-c")
        .arg(command_line(script.command, script.arguments))
        .current_dir(script.directory)
        .env_clear()
        .envs(variables(script, environment))
        .kill_on_drop(true);
    if script.output == Output::Capture {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    // Listening begins before the script does: a signal in between would end us and leave it behind.
    let signals = match script.output {
        Output::Inherit => Some(
            Signals::listen(environment.forwards_interrupt).map_err(|source| wait_error(script, source))?,
        ),
        Output::Capture => None,
    };
    let mut child = command.spawn().map_err(|source| LifecycleError::Spawn {
        shell: shell.to_owned(),
        event: script.event.to_owned(),
        directory: script.directory.to_owned(),
        source,
    })?;
    let waited = match signals {
        Some(signals) => signals.wait(&mut child).await.map(|status| (status, Vec::new(), Vec::new())),
        None => child.wait_with_output().await.map(|output| (output.status, output.stdout, output.stderr)),
    };
    let (status, stdout, stderr) = waited.map_err(|source| wait_error(script, source))?;
    Ok(ScriptOutcome { ending: ending(status), stdout, stderr })
}

fn wait_error(script: &Script<'_>, source: std::io::Error) -> LifecycleError {
    LifecycleError::Wait { event: script.event.to_owned(), directory: script.directory.to_owned(), source }
}

fn ending(status: ExitStatus) -> Ending {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return Ending::Signal(signal);
        }
    }
    Ending::Code(status.code().unwrap_or(1))
}

fn variables(script: &Script<'_>, environment: &ScriptEnvironment) -> Vec<(OsString, OsString)> {
    let mut all = environment.variables.clone();
    all.retain(|(name, _)| !name.eq_ignore_ascii_case("PATH"));
    let inherited = environment
        .variables
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("PATH"))
        .map(|(_, value)| value.as_os_str());
    let path = search_path(script.directory, script.bin_directories, environment.tools.as_deref(), inherited);
    let mut set = |name: &str, value: &OsStr| {
        all.retain(|(known, _)| known != name);
        all.push((name.into(), value.to_owned()));
    };
    set("PATH", &path);
    if let Some(path) = module_path(script.directory, &environment.variables) {
        set("NODE_PATH", &path);
    }
    for (name, value) in package_variables(script.manifest) {
        set(&name, OsStr::new(&value));
    }
    set("npm_package_json", script.directory.join("package.json").as_os_str());
    set("npm_lifecycle_event", OsStr::new(script.event));
    set("npm_lifecycle_script", OsStr::new(script.command));
    all
}

/// Signals to us while a script shares our streams.
#[cfg(unix)]
struct Signals {
    interrupts: tokio::signal::unix::Signal,
    terminations: tokio::signal::unix::Signal,
    forwards_interrupt: bool,
}

#[cfg(unix)]
impl Signals {
    fn listen(forwards_interrupt: bool) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupts = signal(SignalKind::interrupt())?;
        let terminations = signal(SignalKind::terminate())?;
        Ok(Self { interrupts, terminations, forwards_interrupt })
    }

    /// Waits for the script. Termination is passed on to it, and so is an interrupt when no terminal has
    /// delivered it already; then its own ending is awaited.
    async fn wait(mut self, child: &mut Child) -> std::io::Result<ExitStatus> {
        loop {
            let received = tokio::select! {
                status = child.wait() => return status,
                _ = self.interrupts.recv() => rustix::process::Signal::INT,
                _ = self.terminations.recv() => rustix::process::Signal::TERM,
            };
            if received == rustix::process::Signal::INT && !self.forwards_interrupt {
                continue;
            }
            let process =
                child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
            if let Some(process) = process {
                // It may have ended in this moment; then there is nothing to tell it.
                let _ = rustix::process::kill_process(process, received);
            }
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen(_: bool) -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self, child: &mut Child) -> std::io::Result<ExitStatus> {
        child.wait().await
    }
}
