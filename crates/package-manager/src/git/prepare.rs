//! Packages in repositories that have to be built: their own dependencies are installed into the checkout, and their
//! scripts run there, before they are packed. Only of repositories whose scripts were approved.
//!
//! Source: npm 11.19.1 (pacote), which asks nobody. Scripts of what they depend on run as the repository's own
//! package.json allows it.

use std::fmt;
use std::path::{Path, PathBuf};

use dependency_resolver::{FetchError, Platform};
use diagnostics::{Diagnostic, Report};
use npm_formats::config::{InstallStrategy, OmitSet};
use registry_client::ClientOptions;
use serde_json::{Map, Value};

use crate::install::{InstallContext, Operation, install};
use crate::lifecycle::{self, Output, ScriptEnvironment};
use crate::reporter::Silent;
use crate::script_approval::{ScriptPolicy, Verdict};
use crate::settings::Settings;

/// Scripts for whose sake a repository is prepared at all.
const REASONS: [&str; 6] = ["postinstall", "build", "preinstall", "install", "prepack", "prepare"];
/// What runs once its dependencies are there.
const EVENTS: [&str; 6] = ["install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
/// The repositories that are being prepared, one a line, so that none waits for itself. npm's name for it.
const UNDER_WAY: &str = "_PACOTE_NO_PREPARE_";

/// How repositories are prepared, and which.
#[derive(Clone)]
pub struct Preparation {
    settings: Settings,
    client: ClientOptions,
    platform: Platform,
    scripts: ScriptEnvironment,
    git: PathBuf,
    policy: ScriptPolicy,
}

impl fmt::Debug for Preparation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Preparation").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Preparation {
    /// As an installation goes about it.
    pub fn new(context: &InstallContext<'_>, policy: ScriptPolicy) -> Self {
        Self {
            settings: context.settings.clone(),
            client: context.client.clone(),
            platform: context.platform.clone(),
            scripts: context.scripts.clone(),
            git: context.git.clone(),
            policy,
        }
    }

    /// Whether the scripts of a repository, named with its commit as lockfiles record it, may run.
    pub fn is_approved(&self, resolved: &str) -> bool {
        !self.settings.scripts.ignore
            && self.policy.repository_verdict(resolved) == Verdict::Allowed
            && !self.under_way().lines().any(|known| known == resolved)
    }

    fn under_way(&self) -> String {
        let variable = self.scripts.variables.iter().find(|(name, _)| name == UNDER_WAY);
        variable.map(|(_, value)| value.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Installs what a package in a checkout depends on, and runs its scripts, if it has any that build it.
    ///
    /// *Errors*: those of installing, and `ELIFECYCLE` with what a script said.
    pub fn prepare(&self, folder: &Path, resolved: &str, package: &str) -> Result<(), FetchError> {
        let Some(manifest) = crate::project::normalized_document(folder) else { return Ok(()) };
        let scripts = manifest.get("scripts").and_then(Value::as_object);
        let has_reason =
            scripts.is_some_and(|scripts| REASONS.iter().any(|event| scripts.contains_key(*event)));
        if !has_reason && !manifest.contains_key("workspaces") {
            return Ok(());
        }
        let failed = |problem: &Diagnostic| failure(package, problem);
        let environment = self.environment(resolved);
        self.run("preinstall", folder, &manifest, &environment).map_err(|problem| failed(&problem))?;
        let settings = self.settings_in(folder);
        let context = InstallContext {
            settings: &settings,
            client: self.client.clone(),
            platform: self.platform.clone(),
            scripts: environment.clone(),
            git: self.git.clone(),
            configuration_files: Vec::new(),
            reporter: &Silent,
        };
        install(&context, &Operation::Prepare).map_err(|error| failed(&error.to_diagnostic()))?;
        for event in EVENTS {
            self.run(event, folder, &manifest, &environment).map_err(|problem| failed(&problem))?;
        }
        Ok(())
    }

    fn environment(&self, resolved: &str) -> ScriptEnvironment {
        let mut environment = self.scripts.clone();
        let under_way = self.under_way();
        let joined =
            if under_way.is_empty() { resolved.to_owned() } else { format!("{under_way}\n{resolved}") };
        environment.variables.retain(|(name, _)| name != UNDER_WAY);
        environment.variables.push((UNDER_WAY.into(), joined.into()));
        environment
    }

    /// Those of a bare installation of everything, in the checkout. What was allowed for this run was allowed for the
    /// packages of the project, not for those of the repository.
    fn settings_in(&self, folder: &Path) -> Settings {
        let mut settings = self.settings.clone();
        settings.places.local_prefix = folder.to_owned();
        settings.places.working_directory = folder.to_owned();
        settings.places.is_global = false;
        settings.workspaces.all = false;
        settings.workspaces.filters.clear();
        settings.workspaces.include_root = false;
        settings.save.save = false;
        settings.save.kind = None;
        settings.save.bundle = false;
        settings.install.omit = OmitSet::default();
        settings.install.strategy = InstallStrategy::Hoisted;
        settings.install.package_lock = true;
        settings.install.package_lock_only = false;
        settings.scripts.allow.clear();
        settings.scripts.allow_here.clear();
        settings.scripts.strict = false;
        settings.force = true;
        settings.dry_run = false;
        settings
    }

    fn run(
        &self,
        event: &str,
        folder: &Path,
        manifest: &Map<String, Value>,
        environment: &ScriptEnvironment,
    ) -> Result<(), Diagnostic> {
        let Some(command) = lifecycle::script_for(event, folder, manifest) else { return Ok(()) };
        let script = lifecycle::Script {
            event,
            command: &command,
            arguments: &[],
            directory: folder,
            manifest,
            bin_directories: &[],
            output: Output::Capture,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            Diagnostic::error(diagnostics::io_code(&error), "could not wait for scripts")
                .with_cause(error.to_string())
        })?;
        let outcome = runtime.block_on(lifecycle::run_script(&script, environment, &Silent))?;
        if outcome.succeeded() { Ok(()) } else { Err(lifecycle::failure(&script, &outcome)) }
    }
}

fn failure(package: &str, problem: &Diagnostic) -> FetchError {
    let mut message = format!("{package} could not be built in its checkout: {}", problem.message);
    for cause in &problem.causes {
        message.push_str(&format!(": {cause}"));
    }
    let mut error = FetchError::new(&problem.code, message);
    error.hint = Some(match &problem.hints[..] {
        [] => format!("run `knit deny-scripts {package}` to install it as it is in its repository"),
        hints => hints.join("; "),
    });
    error
}
