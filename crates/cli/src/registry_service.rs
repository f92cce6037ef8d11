//! The registry as a process: its settings from file and command line, its log, the signals that end it.

use std::path::PathBuf;
use std::sync::Arc;

use diagnostics::Diagnostic;
use registry_server::operations::Run;
use registry_server::settings::{BlobLocation, DatabaseLocation, LogFormat, RegistrySettings};
use registry_server::{Registry, RegistryError};
use tokio::signal::unix::{SignalKind, signal};

use crate::commands::Invocation;
use crate::terminal::Terminal;

/// The configuration file, be it there or not.
pub fn file(invocation: &Invocation<'_>) -> PathBuf {
    let config = &invocation.configuration.config;
    let given = |key| config.text(key).map(PathBuf::from);
    given("config")
        .unwrap_or_else(|| given("data").unwrap_or_else(|| data_folder(invocation)).join("registry.toml"))
}

fn data_folder(invocation: &Invocation<'_>) -> PathBuf {
    let process = invocation.process;
    let data = process.text_variable("XDG_DATA_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let data = data.or_else(|| process.home.as_ref().map(|home| home.join(".local/share")));
    data.unwrap_or_else(|| process.working_directory.clone()).join("knit/registry")
}

/// The settings of the file, if there is one, and of the command line.
///
/// Errors: every mistake in the file with its place; a file that was named and cannot be read.
pub fn settings(invocation: &Invocation<'_>) -> Result<RegistrySettings, Diagnostic> {
    let config = &invocation.configuration.config;
    let path = file(invocation);
    let environment = |name: &str| invocation.process.text_variable(name).map(str::to_owned);
    let loaded = if path.exists() || config.text("config").is_some() {
        RegistrySettings::load(&path, &environment)
    } else {
        RegistrySettings::parse(&path, RegistrySettings::default_file(), &environment)
    };
    let mut settings = loaded.map_err(problem)?;
    let folder = &invocation.process.working_directory;
    let unusable = |key: &str, problem: &str| {
        Diagnostic::error("EUSAGE", format!("--{key} {problem}"))
            .with_hint("run `knit help registry` for what it takes")
    };
    if let Some(listen) = config.text("listen") {
        settings.server.listen = listen.parse().map_err(|_| {
            unusable("listen", &format!("is \"{listen}\", not an address such as 127.0.0.1:4873"))
        })?;
    }
    if let Some(database) = config.text("database") {
        settings.storage.database =
            DatabaseLocation::parse(&database, folder).map_err(|problem| unusable("database", &problem))?;
    }
    if let Some(blobs) = config.text("blobs") {
        settings.storage.blobs =
            BlobLocation::parse(&blobs, folder).map_err(|problem| unusable("blobs", &problem))?;
    }
    Ok(settings)
}

/// Serves until SIGINT or SIGTERM.
pub fn serve(terminal: &Terminal, settings: &RegistrySettings) -> Result<(), Diagnostic> {
    match settings.server.log {
        LogFormat::Text => tracing_subscriber::fmt().with_writer(std::io::stderr).compact().init(),
        LogFormat::Json => tracing_subscriber::fmt().with_writer(std::io::stderr).json().init(),
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(cannot_start)?;
    runtime.block_on(async {
        let (mut interrupted, mut terminated) = (
            signal(SignalKind::interrupt()).map_err(cannot_start)?,
            signal(SignalKind::terminate()).map_err(cannot_start)?,
        );
        let shutdown = async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            tracing::info!("stopping");
        };
        let started = |started: &registry_server::Started| {
            terminal.print(format!("the registry is at {}", started.url));
            if let Some(first) = &started.administrator {
                let (name, password) = (&first.name, first.password.reveal());
                terminal.print(format!(
                    "made the user {name}, an administrator, with the password {password}\n\
                     (told only now; log in with `knit login --registry {}`)",
                    started.url
                ));
            }
        };
        let clock = Arc::new(jiff::Timestamp::now);
        registry_server::run(settings, clock, started, shutdown).await.map_err(problem)
    })
}

/// Does something with the registry of some settings, which need not be stopped for it.
pub fn with<T>(
    settings: &RegistrySettings,
    work: impl AsyncFnOnce(&Registry) -> Result<T, RegistryError>,
) -> Result<T, Diagnostic> {
    finish(async {
        let registry = registry_server::open(settings, Arc::new(jiff::Timestamp::now)).await?;
        let done = work(&registry).await;
        registry.close().await;
        done
    })
}

/// Waits for the end of something that is done to a registry.
pub fn finish<T>(work: impl Future<Output = Result<T, RegistryError>>) -> Result<T, Diagnostic> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(cannot_start)?;
    runtime.block_on(work).map_err(problem)
}

/// Whether `--dry-run` was given.
pub fn kind_of_run(invocation: &Invocation<'_>) -> Run {
    if invocation.configuration.config.flag("dry-run") { Run::Dry } else { Run::Real }
}

fn cannot_start(error: std::io::Error) -> Diagnostic {
    Diagnostic::error(diagnostics::io_code(&error), "cannot set up the registry's threads and signals")
        .with_cause(error.to_string())
}

/// An error of the registry, with every mistake of a configuration file.
fn problem(error: RegistryError) -> Diagnostic {
    let mut told = Diagnostic::from_error("EREGISTRY", &error);
    match &error {
        RegistryError::NotEmpty { .. } => {
            told = told.with_hint("run it with --force to replace all of it by the backup");
        }
        RegistryError::NoUser { name } => {
            told = told.with_hint(format!("run `knit registry user {name}` to make one"));
        }
        _ => {}
    }
    if let RegistryError::Settings { problems, .. } = &error {
        for problem in problems {
            told = told.with_cause(format!("{problem}; {}", problem.hint));
        }
    }
    told
}
