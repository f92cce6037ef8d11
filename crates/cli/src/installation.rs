//! What the commands that change node_modules have in common: their context, and how the result is shown.

use std::path::PathBuf;

use dependency_resolver::{Platform, Request, Warning};
use diagnostics::Diagnostic;
use npm_formats::config::Level;
use npm_formats::specifier::{Place, Specifier, SpecifierKind};
use npm_semver::Version;
use package_manager::install::{InstallContext, InstallReport, Operation, install};
use package_manager::script_approval::Unreviewed;
use package_manager::{Settings, conflict};
use serde_json::{Map, Value, json};

use crate::commands::{CommandResult, Invocation, Outcome};
use crate::configuration::NPM_VERSION;
use crate::progress::Display;
use crate::terminal::Terminal;
use crate::toolchain::{self, Toolchain};
use crate::{audit_view, script_environment};

/// The Node that packages are chosen for where none is installed.
const OWN_NODE_VERSION: &str = "26.0.0";

/// Runs an operation and shows what came of it.
pub fn run(invocation: &Invocation<'_>, settings: &Settings, operation: &Operation) -> CommandResult {
    let started = std::time::Instant::now();
    let report = carry_out(invocation, settings, operation)?;
    show(invocation.terminal, settings, &report, started.elapsed(), AuditDetail::Footer);
    Ok(Outcome::Success)
}

/// How much is said about what is vulnerable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditDetail {
    /// How many packages are.
    Footer,
    /// Everything.
    Page,
}

/// Runs an operation.
pub fn carry_out(
    invocation: &Invocation<'_>,
    settings: &Settings,
    operation: &Operation,
) -> Result<InstallReport, Diagnostic> {
    let done = with_context(invocation, settings, |context| install(context, operation))?;
    done.map_err(|error| with_story(Diagnostic::from(error)))
}

/// Does something that needs what installations need, and shows its progress.
pub fn with_context<T>(
    invocation: &Invocation<'_>,
    settings: &Settings,
    work: impl FnOnce(&InstallContext<'_>) -> T,
) -> Result<T, Diagnostic> {
    let mut client = invocation.client_options()?;
    let config = &invocation.configuration.config;
    if config.is_default("maxsockets") {
        client.max_sockets = 64;
    }
    let tools = invocation.toolchain();
    let progress = Display::new(invocation);
    client.progress = Some(progress.hook());
    let context = InstallContext {
        settings,
        client,
        platform: platform_with(&tools),
        scripts: script_environment::build_with(invocation, &tools),
        git: PathBuf::from(&settings.install.git),
        configuration_files: configuration_files(invocation),
        reporter: &progress,
    };
    Ok(work(&context))
}

/// A conflict's data is for programs; for people its story is told.
fn with_story(mut problem: Diagnostic) -> Diagnostic {
    if problem.code == "ERESOLVE"
        && let Some(conflict) = problem.details.remove("story")
    {
        problem
            .causes
            .extend(conflict.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    }
    problem
}

/// The machine that packages are chosen for.
pub fn platform(invocation: &Invocation<'_>) -> Platform {
    platform_with(&invocation.toolchain())
}

fn platform_with(tools: &Toolchain) -> Platform {
    let version = |text: &str| Version::parse_loose(text).ok();
    let own = || Version::parse(OWN_NODE_VERSION).unwrap_or_else(|_| Version::new(26, 0, 0));
    Platform {
        os: toolchain::platform().to_owned(),
        cpu: toolchain::architecture().to_owned(),
        libc: libc(),
        node_version: tools.node_version.as_deref().and_then(version).unwrap_or_else(own),
        npm_version: version(NPM_VERSION).unwrap_or_else(|| Version::new(11, 0, 0)),
    }
}

/// The C library of a Linux system, told as npm tells it: by what `ldd` is.
fn libc() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let ldd = std::fs::read("/usr/bin/ldd").ok()?;
    let has = |text: &str| ldd.windows(text.len()).any(|window| window == text.as_bytes());
    if has("musl") { Some("musl".to_owned()) } else { has("GNU C Library").then(|| "glibc".to_owned()) }
}

/// The files that configuration comes from, there or not.
fn configuration_files(invocation: &Invocation<'_>) -> Vec<PathBuf> {
    let config = &invocation.configuration.config;
    let project = invocation.configuration.local_prefix.join(".npmrc");
    let named =
        ["userconfig", "globalconfig"].into_iter().filter_map(|key| config.text(key)).map(PathBuf::from);
    std::iter::once(project).chain(named).collect()
}

/// Shows what came of an operation.
pub fn show(
    terminal: &Terminal,
    settings: &Settings,
    report: &InstallReport,
    elapsed: std::time::Duration,
    detail: AuditDetail,
) {
    for warning in &report.warnings {
        terminal.warn(&describe(warning));
    }
    for (package, notice) in &report.deprecated {
        terminal.warn(&Diagnostic::warning("EDEPRECATED", format!("{package} is deprecated: {notice}")));
    }
    for (package, reason) in &report.skipped_optional {
        terminal.warn(&Diagnostic::warning(
            "EOPTIONAL",
            format!("{package} is optional and was left out: {reason}"),
        ));
    }
    if terminal.json {
        terminal.print_json(&as_json(report, detail));
        return;
    }
    for line in summary(settings, report, elapsed) {
        terminal.print(line);
    }
    if let Some(audit) = &report.audit {
        let text = match detail {
            AuditDetail::Footer => audit_view::footer(audit, terminal),
            AuditDetail::Page => audit_view::page(audit, terminal),
        };
        terminal.print(format!("\n{text}"));
    }
    if let Some(warning) = unreviewed_warning(settings, &report.unreviewed_scripts) {
        terminal.warn(&warning);
    }
}

/// Scripts that were not run as nobody decided about them, and what to do about it.
pub fn unreviewed_warning(settings: &Settings, packages: &[Unreviewed]) -> Option<Diagnostic> {
    let has = match packages.len() {
        0 => return None,
        1 => "1 package has".to_owned(),
        count => format!("{count} packages have"),
    };
    let mut text = format!("{has} install scripts that were not run, as nobody decided about them:");
    for package in packages {
        text.push_str("\n  ");
        text.push_str(&package.describe());
    }
    let warning = Diagnostic::warning("EUNREVIEWED", text);
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    Some(if settings.places.is_global {
        let names = names.join(",");
        warning
            .with_hint(format!("run `knit install -g --allow-scripts={names}` to allow them once"))
            .with_hint(format!(
                "run `knit config set allow-scripts={names} --location=user` to allow them always"
            ))
    } else {
        let warning = warning.with_hint(
            "run `knit approve-scripts <package>` or `knit deny-scripts <package>`, then `knit rebuild`",
        );
        let builds = |package: &&Unreviewed| package.scripts.iter().any(|(event, _)| event == "prepare");
        match packages.iter().find(builds) {
            Some(package) => warning.with_hint(format!(
                "packages from repositories are built when they are fetched: once they are approved, remove \
                 {} and run `knit install`",
                package.location
            )),
            None => warning,
        }
    })
}

/// npm's closing lines.
fn summary(settings: &Settings, report: &InstallReport, elapsed: std::time::Duration) -> Vec<String> {
    let mut parts = Vec::new();
    let packages =
        |count: usize| if count == 1 { "1 package".to_owned() } else { format!("{count} packages") };
    for (verb, changes) in
        [("added", &report.added), ("removed", &report.removed), ("changed", &report.changed)]
    {
        if !changes.is_empty() {
            parts.push(format!("{verb} {}", packages(changes.len())));
        }
    }
    if settings.dry_run {
        for (sign, changes) in
            [("add", &report.added), ("remove", &report.removed), ("change", &report.changed)]
        {
            parts.extend(changes.iter().map(|change| format!("\n{sign} {} {}", change.name, change.version)));
        }
    }
    let mut done = if parts.is_empty() { "up to date".to_owned() } else { parts.join(", ") };
    if let Some(audit) = &report.audit {
        let and = if parts.is_empty() { "" } else { "and " };
        // as in npm the project counts
        done = format!("{done}, {and}audited {}", packages(audit.dependencies.total + 1));
    }
    let mut lines = vec![String::new(), format!("{done} in {}", duration(elapsed))];
    if settings.install.fund && report.funding > 0 {
        let asks = if report.funding == 1 { "package is" } else { "packages are" };
        lines.push(String::new());
        lines.push(format!("{} {asks} looking for funding", report.funding));
        lines.push("  run `knit fund` for details".to_owned());
    }
    lines
}

fn duration(elapsed: std::time::Duration) -> String {
    let milliseconds = elapsed.as_millis();
    if milliseconds < 1000 {
        format!("{milliseconds}ms")
    } else {
        format!("{}s", (milliseconds + 500) / 1000)
    }
}

fn as_json(report: &InstallReport, detail: AuditDetail) -> Value {
    let list = |changes: &[package_manager::install::PackageChange]| -> Vec<Value> {
        changes
            .iter()
            .map(|change| {
                let path = report.directory.join(&change.location);
                json!({"name": change.name, "version": change.version, "path": path})
            })
            .collect()
    };
    let mut answer = json!({
        "add": list(&report.added),
        "added": report.added.len(),
        "audited": report.audit.as_ref().map_or(report.total, |audit| audit.dependencies.total + 1),
        "change": list(&report.changed),
        "changed": report.changed.len(),
        "funding": report.funding,
        "remove": list(&report.removed),
        "removed": report.removed.len(),
    });
    if let Some(audit) = &report.audit {
        answer["audit"] = match detail {
            AuditDetail::Footer => audit.metadata_json(),
            AuditDetail::Page => audit.to_json(),
        };
    }
    if !report.unreviewed_scripts.is_empty() {
        let packages = report.unreviewed_scripts.iter().map(|package| {
            let scripts: Map<String, Value> = package
                .scripts
                .iter()
                .map(|(event, command)| (event.clone(), command.clone().into()))
                .collect();
            let path = report.directory.join(&package.location);
            json!({"name": package.name, "version": package.version, "path": path, "scripts": scripts})
        });
        answer["unreviewedScripts"] = packages.collect();
    }
    answer
}

fn describe(warning: &Warning) -> Diagnostic {
    match warning {
        Warning::PeerConflict(found) => {
            let mut problem =
                Diagnostic::warning("ERESOLVE", format!("overriding peer dependency: {}", found.summary()));
            for line in conflict::story(found) {
                problem = problem.with_cause(line);
            }
            problem
        }
        Warning::Engine { package, required, node } => {
            Diagnostic::warning("EBADENGINE", format!("{package} wants {required}, this is node {node}"))
        }
        Warning::OldLockfile { failed } if failed.is_empty() => Diagnostic::warning(
            "EOLDLOCKFILE",
            "the lockfile was written by an old npm; what it lacked was taken from the registry",
        ),
        Warning::OldLockfile { failed } => Diagnostic::warning(
            "EOLDLOCKFILE",
            format!(
                "the lockfile was written by an old npm, and nothing was found for {}",
                failed.join(", ")
            ),
        ),
        Warning::SectionReplaced(note) => {
            Diagnostic::warning("EREPLACED", format!("{} was removed: {:?}", note.member, note.action))
        }
        Warning::NoSuchWorkspace { name } => {
            Diagnostic::warning("ENOWORKSPACE", format!("there is no workspace {name}"))
        }
    }
}

/// The request of a command that names packages, for the selected workspaces.
pub fn request(invocation: &Invocation<'_>, settings: &Settings) -> Result<Request, Diagnostic> {
    let workspaces = if settings.workspaces.selected() {
        package_manager::workspaces::selected_names(settings)?
    } else {
        Vec::new()
    };
    let _ = invocation;
    Ok(Request {
        save_type: settings.save.kind,
        save_bundle: settings.save.bundle,
        workspaces,
        include_workspace_root: settings.workspaces.include_root,
        ..Request::default()
    })
}

/// Whether an option was given on the command line.
pub fn was_given(invocation: &Invocation<'_>, key: &str) -> bool {
    invocation.configuration.config.get_at(key, Level::CommandLine).is_some()
}

/// A path argument relative to where the command was started, as an absolute one; whatever else as it is.
pub fn anchored(argument: &str, settings: &Settings) -> String {
    let places = &settings.places;
    let (directory, home) = (places.working_directory.to_string_lossy(), places.home.as_ref());
    let home = home.map(|home| home.to_string_lossy());
    let place = Place { directory: &directory, home: home.as_deref() };
    if !places.is_global && places.working_directory == places.local_prefix {
        return argument.to_owned();
    }
    let Ok(specifier) = Specifier::parse(argument, place) else { return argument.to_owned() };
    match (specifier.kind(), specifier.fetch_spec(), specifier.name()) {
        (SpecifierKind::File | SpecifierKind::Directory, Some(path), Some(name)) => {
            format!("{name}@file:{path}")
        }
        (SpecifierKind::File | SpecifierKind::Directory, Some(path), None) => format!("file:{path}"),
        _ => argument.to_owned(),
    }
}
