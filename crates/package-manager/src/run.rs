//! `run`, `test`, `start`, `stop`, `restart`: the scripts of the project and its workspaces.
//!
//! Source: npm 11.19.1.

use std::borrow::Cow;
use std::path::Path;

use diagnostics::{Diagnostic, Report};

use crate::lifecycle::{Ending, LifecycleError, Output, Script, ScriptEnvironment, run_script, script_for};
use crate::reporter::{Event, Reporter};
use crate::settings::Settings;
use crate::workspaces::{Target, WorkspaceError, targets};

/// What to run.
#[derive(Clone, Debug)]
pub struct RunRequest<'a> {
    pub event: &'a str,
    /// For the script itself, not for what runs before and after it.
    pub arguments: &'a [String],
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{} has no script `{event}`", .package)]
    MissingScript {
        event: String,
        package: String,
        /// The package's scripts, for suggestions.
        scripts: Vec<String>,
        /// The names of the package's executables.
        executables: Vec<String>,
        workspace: Option<String>,
    },
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
}

impl Report for RunError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::MissingScript { .. } => "EMISSINGSCRIPT".into(),
            Self::Workspaces(error) => error.code(),
            Self::Lifecycle(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::MissingScript { event, scripts, executables, workspace, .. } => {
                let at = workspace.as_deref().map(|name| format!(" --workspace={name}")).unwrap_or_default();
                let near = |names: &[String]| nearest(event, names).map(str::to_owned);
                if let Some(script) = near(scripts) {
                    vec![format!("did you mean `knit run {script}{at}`?")]
                } else if let Some(executable) = near(executables) {
                    vec![format!("did you mean `knit exec {executable}{at}`?")]
                } else {
                    vec![format!("run `knit run{at}` for a list of scripts")]
                }
            }
            Self::Workspaces(error) => error.hints(),
            Self::Lifecycle(error) => error.hints(),
        }
    }
}

pub(crate) fn nearest<'a>(meant: &str, names: &'a [String]) -> Option<&'a str> {
    let limit = (meant.chars().count() * 2 / 5).max(1);
    let near = names.iter().map(|name| (strsim::damerau_levenshtein(meant, name), name.as_str()));
    near.filter(|(distance, _)| *distance <= limit).min().map(|(_, name)| name)
}

/// The scripts of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageScripts {
    /// Set when the command acts on workspaces.
    pub workspace: Option<String>,
    /// `name@version`, else the name, else the directory.
    pub package: String,
    pub scripts: Vec<(String, String)>,
}

/// The scripts of the package, or of each workspace, that the command acts on.
pub fn list(settings: &Settings) -> Result<Vec<PackageScripts>, RunError> {
    let targets = targets(settings)?;
    let listed = targets.into_iter().map(|target| PackageScripts {
        package: target
            .manifest
            .id()
            .or(target.manifest.name().map(str::to_owned))
            .unwrap_or_else(|| target.directory.display().to_string()),
        scripts: target
            .manifest
            .scripts()
            .map(|(name, script)| (name.to_owned(), script.to_owned()))
            .collect(),
        workspace: target.workspace,
    });
    Ok(listed.collect())
}

/// Runs a script, with what comes before and after it, in the package or in each selected workspace in
/// turn. A workspace that fails does not keep the others from running; the last failure is the answer.
///
/// Errors: a script that does not exist (unless `if-present`), manifests, a shell that does not start.
pub async fn run(
    request: &RunRequest<'_>,
    settings: &Settings,
    environment: &ScriptEnvironment,
    reporter: &dyn Reporter,
) -> Result<Ending, RunError> {
    let mut answer = Ending::Code(0);
    for target in targets(settings)? {
        let result = run_in(request, &target, settings, environment, reporter).await;
        let Some(workspace) = &target.workspace else { return result };
        match result {
            Ok(Ending::Code(0)) => {}
            Ok(ending) => {
                reporter.report(Event::Warning(&failed_workspace(
                    request,
                    workspace,
                    &target.directory,
                    ending,
                )));
                answer = ending;
            }
            Err(error) => {
                reporter.report(Event::Warning(&error.to_diagnostic().into_warning()));
                answer = Ending::Code(1);
            }
        }
    }
    Ok(answer)
}

fn failed_workspace(
    request: &RunRequest<'_>,
    workspace: &str,
    directory: &Path,
    ending: Ending,
) -> Diagnostic {
    let ending = match ending {
        Ending::Code(code) => format!("exited with {code}"),
        Ending::Signal(signal) => format!("was ended by signal {signal}"),
    };
    let message =
        format!("the script `{}` of {workspace} {ending}\ndirectory: {}", request.event, directory.display());
    Diagnostic::warning("ELIFECYCLE", message)
}

async fn run_in(
    request: &RunRequest<'_>,
    target: &Target,
    settings: &Settings,
    environment: &ScriptEnvironment,
    reporter: &dyn Reporter,
) -> Result<Ending, RunError> {
    let manifest = &target.manifest;
    let Some(main) = script_or_default(request.event, target) else {
        if settings.scripts.if_present {
            return Ok(Ending::Code(0));
        }
        return Err(missing(request.event, target));
    };
    let mut events: Vec<(String, Cow<'_, str>, &[String])> =
        vec![(request.event.to_owned(), main, request.arguments)];
    if !settings.scripts.ignore {
        let around = |prefix: &str| {
            let event = format!("{prefix}{}", request.event);
            let script = manifest.script(&event).filter(|script| !script.is_empty())?;
            Some((event, Cow::Borrowed(script), &[][..]))
        };
        if let Some(before) = around("pre") {
            events.insert(0, before);
        }
        events.extend(around("post"));
    }
    for (event, command, arguments) in &events {
        let script = Script {
            event,
            command,
            arguments,
            directory: &target.directory,
            manifest: manifest.members(),
            bin_directories: &[],
            output: Output::Inherit,
        };
        let outcome = run_script(&script, environment, reporter).await?;
        if !outcome.succeeded() {
            return Ok(outcome.ending);
        }
    }
    Ok(Ending::Code(0))
}

/// The package's script, else npm's own for `start`, `restart` and `env`. A script that is empty exists:
/// it runs nothing.
fn script_or_default<'a>(event: &str, target: &'a Target) -> Option<Cow<'a, str>> {
    if let Some(script) = target.manifest.script(event) {
        return Some(script.into());
    }
    match event {
        "restart" => {
            // The program that runs now, whatever it is called and wherever it is.
            Some(r#""$npm_execpath" stop --if-present && "$npm_execpath" start"#.into())
        }
        "env" => Some("env".into()),
        "start" => script_for(event, &target.directory, target.manifest.members()),
        _ => None,
    }
}

fn missing(event: &str, target: &Target) -> RunError {
    let manifest = &target.manifest;
    let executables = match manifest.members().get("bin") {
        Some(serde_json::Value::Object(bin)) => bin.keys().cloned().collect(),
        Some(serde_json::Value::String(_)) => manifest.name().map(str::to_owned).into_iter().collect(),
        _ => Vec::new(),
    };
    RunError::MissingScript {
        event: event.to_owned(),
        package: manifest.id().unwrap_or_else(|| manifest.path().display().to_string()),
        scripts: manifest.scripts().map(|(name, _)| name.to_owned()).collect(),
        executables,
        workspace: target.workspace.clone(),
    }
}
