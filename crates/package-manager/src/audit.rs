//! `audit`: packages of a project about which a registry has warnings, what depends on them, and what to do about
//! it. Source: npm 11.19.1.
//!
//! Owns the calculation, for the command, for `audit fix` and for what an installation says at its end. Replacing
//! packages is the business of [`crate::install`].

mod advisory;
pub(crate) mod bulk;
mod calculation;
mod finding;
mod fixing;
mod report;

use std::borrow::Cow;

use dependency_resolver::Platform;
use diagnostics::Diagnostic;
use registry_client::{CachePolicy, RegistryClient, RegistryError};

pub(crate) use calculation::Audited;
use calculation::Findings;
pub use fixing::{Remedy, remedy};
pub use report::{
    AdvisoryView, AuditReport, BlockedFix, DependencyCounts, Fix, ForcedFix, Severity, Via, Vulnerability,
};

use crate::settings::Settings;
use crate::view::{ProjectTree, Source, TreeError};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("global packages have no lockfile, so they cannot be audited")]
    Global,
    /// npm says that nothing is vulnerable when it must not ask.
    #[error("which packages are vulnerable is not known without asking a registry")]
    Offline,
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The registry does not answer for advisories.
    #[error("the registry did not say which packages are vulnerable")]
    Advisories { source: RegistryError },
}

impl diagnostics::Report for AuditError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Global => "EAUDITGLOBAL".into(),
            Self::Offline => "ENOTCACHED".into(),
            Self::Tree(error) => error.code(),
            Self::Advisories { source } => source.code().into(),
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::Global => vec!["run `knit audit` in a project".to_owned()],
            Self::Offline => vec!["run `knit audit --no-offline`".to_owned()],
            Self::Tree(error) => error.hints(),
            Self::Advisories { source } => source.hint().into_iter().collect(),
        }
    }
}

/// A report, and what went wrong without preventing it.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    pub report: AuditReport,
    pub warnings: Vec<Diagnostic>,
}

/// Audits the tree that the lockfile has, or what is installed where there is to be no lockfile.
///
/// *Errors*: [`AuditError`].
pub async fn audit(
    settings: &Settings,
    platform: &Platform,
    client: &RegistryClient,
) -> Result<Audit, AuditError> {
    let project = tree(settings)?;
    let audited = audited(&project, settings, platform)?;
    let findings = examine(&audited, client).await?;
    Ok(Audit { report: findings.report(&audited), warnings: findings.warnings })
}

fn tree(settings: &Settings) -> Result<ProjectTree, AuditError> {
    if settings.places.is_global {
        return Err(AuditError::Global);
    }
    let source = if settings.install.package_lock { Source::Lockfile } else { Source::Installed };
    Ok(ProjectTree::load(settings, source)?)
}

fn audited<'a>(
    project: &'a ProjectTree,
    settings: &'a Settings,
    platform: &'a Platform,
) -> Result<Audited<'a>, AuditError> {
    Ok(Audited {
        tree: &project.tree,
        root: project.root,
        filter: project.workspace_filter(settings, settings.workspaces.include_root)?,
        settings: &settings.install,
        platform,
    })
}

async fn examine(audited: &Audited<'_>, client: &RegistryClient) -> Result<Findings, AuditError> {
    let asked = audited.asked();
    if asked.is_empty() {
        return Ok(Findings::default());
    }
    if client.options().cache_policy == CachePolicy::Offline {
        return Err(AuditError::Offline);
    }
    let advisories = bulk::advisories(client, &asked).await;
    let advisories = advisories.map_err(|source| AuditError::Advisories { source })?;
    let findings = audited.calculate(client, &advisories).await;
    client.flush().await;
    Ok(findings)
}
