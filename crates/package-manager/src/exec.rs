//! `exec`: runs a program of a package that is here already, or of one that is fetched for it.
//!
//! Looks, in this order, at the project's own `bin`, node_modules/.bin here and above, and the global
//! executables. Fetching is the caller's: a [`PackageProvider`] is asked only when nothing was found.
//! Source: npm 11.19.1 (`libnpmexec`).

use std::path::{Path, PathBuf};

use diagnostics::{Diagnostic, Report};
use npm_formats::specifier::{Place, Specifier, SpecifierKind};
use npm_semver::Version;
use serde_json::Map;

use crate::lifecycle::{Ending, LifecycleError, Output, Script, ScriptEnvironment, quote, run_script};
use crate::manifest_file::ManifestFile;
use crate::reporter::Reporter;
use crate::settings::Settings;
use crate::workspaces::{Target, WorkspaceError, targets};

/// What to run.
#[derive(Clone, Debug)]
pub struct ExecRequest<'a> {
    /// The program and its arguments; empty for an interactive shell.
    pub arguments: &'a [String],
    /// Shell text to run instead of a program.
    pub call: Option<&'a str>,
    /// Packages that must be available (`--package`).
    pub packages: &'a [String],
    /// The shell for running without a program.
    pub interactive_shell: &'a str,
}

/// Makes packages available that are not installed.
pub trait PackageProvider {
    /// A directory with the executables of these packages, and for the first of them the program that
    /// stands for it.
    fn provide(&self, packages: &[String]) -> impl Future<Output = Result<Provided, Diagnostic>>;
}

/// Packages made available.
#[derive(Clone, Debug)]
pub struct Provided {
    pub bin_directory: PathBuf,
    /// The name of the executable that the first package is run by, if it has one.
    pub program: Option<String>,
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    #[error("a program and --call cannot be given together")]
    ProgramAndCall,
    #[error("{package} has no executable that stands for it")]
    NoProgram { package: String },
    #[error(transparent)]
    Workspaces(#[from] WorkspaceError),
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    #[error("{0}")]
    Provider(Diagnostic),
}

impl From<ExecError> for Diagnostic {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::ProgramAndCall => Diagnostic::error("EUSAGE", error.to_string()),
            ExecError::NoProgram { .. } => Diagnostic::error("ENOBIN", error.to_string())
                .with_hint("name the program: `knit exec --package=<package> -- <program>`"),
            ExecError::Workspaces(error) => error.to_diagnostic(),
            ExecError::Lifecycle(error) => error.to_diagnostic(),
            ExecError::Provider(problem) => problem,
        }
    }
}

/// Runs the program in the working directory, or in each selected workspace in turn.
pub async fn exec(
    request: &ExecRequest<'_>,
    settings: &Settings,
    environment: &ScriptEnvironment,
    provider: &impl PackageProvider,
    reporter: &dyn Reporter,
) -> Result<Ending, ExecError> {
    if request.call.is_some() && !request.arguments.is_empty() {
        return Err(ExecError::ProgramAndCall);
    }
    let execution = Execution { request, settings, environment, provider, reporter };
    if !settings.workspaces.selected() {
        let places = &settings.places;
        return execution.run(&places.working_directory, &places.local_prefix).await;
    }
    let mut answer = Ending::Code(0);
    for Target { directory, .. } in targets(settings)? {
        let ending = execution.run(&directory, &directory).await?;
        if ending != Ending::Code(0) {
            answer = ending;
        }
    }
    Ok(answer)
}

struct Execution<'a, P> {
    request: &'a ExecRequest<'a>,
    settings: &'a Settings,
    environment: &'a ScriptEnvironment,
    provider: &'a P,
    reporter: &'a dyn Reporter,
}

struct Found {
    /// Shell text of the program, without arguments.
    command: String,
    bin_directories: Vec<PathBuf>,
}

impl Found {
    fn new(command: String, bin_directories: Vec<PathBuf>) -> Self {
        Self { command, bin_directories }
    }
}

impl<P: PackageProvider> Execution<'_, P> {
    /// Runs in a directory what is found for the package in `project`.
    async fn run(&self, directory: &Path, project: &Path) -> Result<Ending, ExecError> {
        let found = self.find(project).await?;
        let manifest = ManifestFile::read_if_there(&self.settings.places.local_prefix).ok().flatten();
        let members = manifest.as_ref().map_or_else(Map::new, |manifest| manifest.members().clone());
        let script = Script {
            event: "npx",
            command: &found.command,
            arguments: self.request.arguments.get(1..).unwrap_or_default(),
            directory,
            manifest: &members,
            bin_directories: &found.bin_directories,
            output: Output::Inherit,
        };
        Ok(run_script(&script, self.environment, self.reporter).await?.ending)
    }

    async fn find(&self, project: &Path) -> Result<Found, ExecError> {
        let request = self.request;
        match request.arguments.first() {
            Some(program) if request.packages.is_empty() => match self.find_here(project, program) {
                Some(found) => Ok(found),
                None => self.find_package(program).await,
            },
            program => {
                let directories = if request.packages.is_empty() {
                    Vec::new()
                } else {
                    vec![self.provide(request.packages).await?.bin_directory]
                };
                let command = match (request.call, program) {
                    (Some(call), _) => call.to_owned(),
                    (None, Some(program)) => quote(program),
                    (None, None) => request.interactive_shell.to_owned(),
                };
                Ok(Found::new(command, directories))
            }
        }
    }

    /// A program by its own name: the project's, an installed one, a global one.
    fn find_here(&self, project: &Path, program: &str) -> Option<Found> {
        let places = &self.settings.places;
        let own = [project, &places.local_prefix].into_iter().find_map(|place| own_program(place, program));
        if let Some(command) = own {
            return Some(Found::new(command, Vec::new()));
        }
        let directory = installed_bin_directory(project, program).or_else(|| {
            let global = places.global_bin();
            (is_plain(program) && global.join(program).is_file()).then_some(global)
        })?;
        Some(Found::new(quote(program), vec![directory]))
    }

    /// A package whose program has another name, or that is not installed.
    async fn find_package(&self, package: &str) -> Result<Found, ExecError> {
        let provided = self.provide(&[package.to_owned()]).await?;
        let program = provided.program.ok_or_else(|| ExecError::NoProgram { package: package.to_owned() })?;
        Ok(Found::new(quote(&program), vec![provided.bin_directory]))
    }

    /// Installed packages are used as they are; the provider sees a list with at least one that is not.
    async fn provide(&self, packages: &[String]) -> Result<Provided, ExecError> {
        let installed: Vec<_> =
            packages.iter().map(|package| installed_package(self.settings, package)).collect();
        if installed.iter().all(Option::is_some) {
            let first = installed.into_iter().next().flatten();
            return Ok(Provided {
                bin_directory: self.settings.places.local_prefix.join("node_modules").join(".bin"),
                program: first.and_then(|manifest| default_program(&manifest)),
            });
        }
        self.provider.provide(packages).await.map_err(ExecError::Provider)
    }
}

/// Anything but a plain name would lead out of the directory it is looked for in.
fn is_plain(program: &str) -> bool {
    !program.is_empty() && !program.contains(['/', '\\'])
}

/// A program that the package in this directory declares itself. It is run where it lies: nothing has to
/// be installed for it.
fn own_program(directory: &Path, program: &str) -> Option<String> {
    let manifest = ManifestFile::read_if_there(directory).ok().flatten()?.normalized().ok()?;
    let target = manifest.bin().find(|(name, _)| *name == program).map(|(_, path)| path)?;
    let file = directory.join(target);
    let path = quote(&file.to_string_lossy());
    Some(if is_executable(&file) { path } else { format!("node {path}") })
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// The nearest node_modules/.bin upward that holds the program.
fn installed_bin_directory(from: &Path, program: &str) -> Option<PathBuf> {
    if !is_plain(program) {
        return None;
    }
    from.ancestors()
        .map(|above| above.join("node_modules").join(".bin"))
        .find(|directory| directory.join(program).is_file())
}

/// The manifest of a package installed in the project that satisfies the specifier. Tags, and whatever
/// is no version of a registry, are for the provider to judge.
fn installed_package(settings: &Settings, specifier: &str) -> Option<npm_formats::manifest::Manifest> {
    let root = settings.places.local_prefix.to_string_lossy();
    let home = settings.places.home.as_ref().map(|home| home.to_string_lossy().into_owned());
    let place = Place { directory: &root, home: home.as_deref() };
    let wanted = Specifier::parse(specifier, place).ok()?;
    let name = wanted.name()?;
    let directory = settings.places.local_prefix.join("node_modules").join(name);
    let manifest = ManifestFile::read_if_there(&directory).ok().flatten()?.normalized().ok()?;
    let version = Version::parse(manifest.version()?).ok()?;
    let satisfies = match wanted.kind() {
        SpecifierKind::Version | SpecifierKind::Range => {
            wanted.raw_spec() == "*" || wanted.range()?.satisfies(&version)
        }
        _ => false,
    };
    satisfies.then_some(manifest)
}

/// The executable that a package is run by: its only one, else the one with its name.
pub fn default_program(manifest: &npm_formats::manifest::Manifest) -> Option<String> {
    let all: Vec<(&str, &str)> = manifest.bin().collect();
    let (first, target) = all.first()?;
    if all.iter().all(|(_, other)| other == target) {
        return Some((*first).to_owned());
    }
    let name = manifest.name()?;
    let own = name.rsplit('/').next().unwrap_or(name);
    all.iter().find(|(name, _)| *name == own).map(|(name, _)| (*name).to_owned())
}
