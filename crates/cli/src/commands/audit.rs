//! `knit audit`, `knit audit fix`, `knit audit signatures`

use diagnostics::Diagnostic;
use package_manager::audit::{self, AuditReport};
use package_manager::install::Operation;
use package_manager::ping::registry_problem;
use package_manager::signatures;
use registry_client::{CachePolicy, RegistryClient};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::installation::{self, AuditDetail};
use crate::{audit_view, signatures_view};

pub const COMMAND: Command = Command {
    usage: &["", "fix", "signatures"],
    details: include_str!("../help/audit.txt"),
    options: &[
        "audit-level",
        "dry-run",
        "force",
        "json",
        "package-lock-only",
        "package-lock",
        "omit",
        "include",
        "foreground-scripts",
        "ignore-scripts",
        "include-attestations",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "install-links",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("audit", "Report packages with known vulnerabilities, and replace them", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    match invocation.arguments.first().map(String::as_str) {
        None => report(invocation),
        Some("fix") => fix(invocation),
        Some("signatures") => signatures(invocation),
        Some(other) => Err(invocation.usage_error(format!("`audit` cannot `{other}`"))),
    }
}

fn report(invocation: &Invocation<'_>) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    let platform = installation::platform(invocation);
    let audit = invocation.block_on(async {
        let client = client(invocation)?;
        Ok::<_, Diagnostic>(audit::audit(&settings, &platform, &client).await?)
    })??;
    audit.warnings.iter().for_each(|warning| terminal.warn(warning));
    if terminal.json {
        terminal.print_json(&audit.report.to_json());
    } else {
        terminal.print(audit_view::page(&audit.report, terminal));
    }
    Ok(outcome(invocation, &audit.report))
}

fn fix(invocation: &Invocation<'_>) -> CommandResult {
    let started = std::time::Instant::now();
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    if !settings.install.package_lock {
        return Err(
            invocation.usage_error("`audit fix` changes package-lock.json, and that is not to be used")
        );
    }
    let platform = installation::platform(invocation);
    let remedy = invocation.block_on(async {
        let client = client(invocation)?;
        Ok::<_, Diagnostic>(audit::remedy(&settings, &platform, &client).await?)
    })??;
    remedy.warnings.iter().for_each(|warning| terminal.warn(warning));
    let mut done = installation::carry_out(invocation, &settings, &Operation::Fix(remedy.request))?;
    if settings.dry_run {
        done.audit = Some(remedy.report);
    }
    installation::show(terminal, &settings, &done, started.elapsed(), AuditDetail::Page);
    match &done.audit {
        Some(left) if remedy.blocked.is_empty() => Ok(outcome(invocation, left)),
        _ => Ok(Outcome::Status(1)),
    }
}

fn signatures(invocation: &Invocation<'_>) -> CommandResult {
    let started = std::time::Instant::now();
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    let report = invocation.block_on(async {
        let client = client(invocation)?;
        Ok::<_, Diagnostic>(signatures::signatures(&settings, &client).await?)
    })??;
    signatures_view::warnings(&report).iter().for_each(|warning| terminal.warn(warning));
    let with_attestations = invocation.configuration.config.flag("include-attestations");
    if terminal.json {
        terminal.print_json(&signatures_view::json(&report, with_attestations));
    } else {
        terminal.print(signatures_view::text(&report, started.elapsed(), terminal));
    }
    Ok(if report.is_good() { Outcome::Success } else { Outcome::Status(1) })
}

fn client(invocation: &Invocation<'_>) -> Result<RegistryClient, Diagnostic> {
    let mut options = invocation.client_options()?;
    // a fix may be minutes old
    if options.cache_policy == CachePolicy::Default {
        options.cache_policy = CachePolicy::PreferOnline;
    }
    RegistryClient::new(options).map_err(|error| registry_problem(&error))
}

fn outcome(invocation: &Invocation<'_>, report: &AuditReport) -> Outcome {
    let level = invocation.configuration.config.text("audit-level");
    match audit_view::fails(report, level.as_deref()) {
        true => Outcome::Status(1),
        false => Outcome::Success,
    }
}
