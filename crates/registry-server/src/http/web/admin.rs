//! The health of the registry and its audit log, for its administrators.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Reply;
use super::visit::Visit;
use crate::RegistryError;
use crate::database::{AuditEntry, UpstreamUsage};
use crate::hosted::Hosted;
use crate::http::failure::Failure;
use crate::pages::{
    AdminPage, AuditLogPage, AuditRow, HiddenVersions, PolicyMode, PolicyRow, StorageFacts, UpstreamRow,
    UpstreamState,
};
use crate::policy::{Mode, Policy, ProvenanceRule};
use crate::settings::DatabaseLocation;
use crate::storage::GovernedStorage;

/// Entries of the audit log beside everything else, and in a page of their own.
const LAST: i64 = 10;
const SIZE: u64 = 100;

/// Versions that are named where it is told how many a policy hides.
const NAMED: usize = 20;

/// The page of health.
pub(super) async fn show(visit: &mut Visit<'_>) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    visit.administrator()?;
    let governed = visit.registry.governed.as_deref();
    let usage = hosted.database.upstream_usage().await?;
    let entries = hosted.database.audit_log(LAST, 0).await?;
    let hidden = governed.map(Hidden::of).unwrap_or_default();
    let page = AdminPage {
        storage: storage(hosted).await?,
        upstreams: governed.map(|governed| upstreams(governed, &usage)).unwrap_or_default(),
        judged: hidden.judged,
        policies: governed.map(|governed| policies(governed.policy(), &hidden)).unwrap_or_default(),
        audit: entries.into_iter().map(row).collect(),
    };
    Ok(Reply::page(page.render(&visit.frame)))
}

/// A part of the audit log.
pub(super) async fn audit_log(visit: &mut Visit<'_>, from: u64) -> Result<Reply, Failure> {
    let hosted = visit.hosted()?;
    visit.administrator()?;
    let offset = i64::try_from(from).unwrap_or(i64::MAX);
    let entries = hosted.database.audit_log(SIZE as i64, offset).await?;
    let page = AuditLogPage {
        total: hosted.database.audit_log_length().await?.unsigned_abs(),
        from,
        size: SIZE,
        entries: entries.into_iter().map(row).collect(),
    };
    Ok(Reply::page(page.render(&visit.frame)))
}

fn row(entry: AuditEntry) -> AuditRow {
    AuditRow {
        time: Timestamp::from_millisecond(entry.at).unwrap_or_default(),
        user: entry.actor,
        action: entry.action,
        subject: entry.object,
        detail: entry.detail,
        address: entry.address,
    }
}

async fn storage(hosted: &Hosted) -> Result<StorageFacts, RegistryError> {
    let usage = hosted.database.published_usage().await?;
    let kind = match &hosted.storage.database {
        DatabaseLocation::Sqlite(_) => "SQLite",
        DatabaseLocation::Postgres(_) => "PostgreSQL",
    };
    Ok(StorageFacts {
        packages: usage.packages,
        versions: usage.versions,
        tarballs: usage.tarballs,
        size: usage.bytes,
        database: format!("{kind} at {}", hosted.storage.database),
        blobs: hosted.storage.blobs.to_string(),
    })
}

fn upstreams(governed: &GovernedStorage, usage: &BTreeMap<String, UpstreamUsage>) -> Vec<UpstreamRow> {
    let row = |proxy: &crate::proxy::Proxy| {
        let (settings, health) = (proxy.settings(), proxy.health());
        let usage = usage.get(&settings.name).copied().unwrap_or_default();
        UpstreamRow {
            name: settings.name.clone(),
            address: diagnostics::redact_url(settings.url.as_str()).to_string(),
            state: match health.answers {
                Some(true) => UpstreamState::Answers,
                Some(false) => UpstreamState::Fails,
                None => UpstreamState::Unknown,
            },
            answered: health.answered.map(|(time, _)| time),
            latency: health.answered.map(|(_, took)| took),
            failed: health.failed,
            packages: usage.packages,
            packuments: usage.packuments,
            tarballs: usage.tarballs,
        }
    };
    governed.proxies().map(row).collect()
}

/// What the policy hides of the packages that somebody asked for lately, by the codes of the reasons.
#[derive(Default)]
struct Hidden {
    judged: u64,
    by_code: BTreeMap<&'static str, HiddenVersions>,
}

impl Hidden {
    fn of(governed: &GovernedStorage) -> Hidden {
        let mut judged = governed.lately_judged();
        judged.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        let mut hidden = Hidden { judged: judged.len() as u64, by_code: BTreeMap::new() };
        for (name, decision) in &judged {
            for (version, reasons) in &decision.reasons {
                for reason in reasons {
                    let versions = hidden.by_code.entry(reason.code()).or_default();
                    versions.total += 1;
                    if versions.some.len() < NAMED {
                        versions.some.push((name.to_string(), version.clone()));
                    }
                }
            }
        }
        hidden
    }

    /// What is hidden for one of some reasons.
    fn because(&self, codes: &[&str]) -> Option<HiddenVersions> {
        let mut all = HiddenVersions::default();
        for versions in codes.iter().filter_map(|code| self.by_code.get(code)) {
            all.total += versions.total;
            all.some.extend(versions.some.iter().take(NAMED - all.some.len()).cloned());
        }
        Some(all)
    }
}

/// The rules that are in force, in words.
fn policies(policy: &Policy, hidden: &Hidden) -> Vec<PolicyRow> {
    let mode = match policy.mode {
        Mode::Enforce => PolicyMode::Enforced,
        Mode::Observe => PolicyMode::Observed,
    };
    let row = |name: &str, rule: String, hidden| PolicyRow { name: name.to_owned(), rule, mode, hidden };
    let whose = if policy.own_packages { "" } else { " Packages published here are not judged." };
    let mut rows = Vec::new();
    let age = &policy.release_age;
    if !age.minimum.is_zero() {
        let unknown = if age.hide_unknown { "hidden" } else { "shown" };
        let rule = format!(
            "Versions are shown {:#} after they were published; those of unknown age are {unknown}.{}{whose}",
            age.minimum,
            except(&age.except)
        );
        rows.push(row("Release age", rule, hidden.because(&["too-young", "age-unknown"])));
    }
    if policy.install_scripts.hide {
        let rule = format!(
            "Versions that run scripts when they are installed are hidden.{}{whose}",
            except(&policy.install_scripts.except)
        );
        rows.push(row("Install scripts", rule, hidden.because(&["install-script"])));
    }
    let provenance = match policy.provenance.rule {
        ProvenanceRule::Optional => None,
        ProvenanceRule::NoDowngrade => {
            Some("Versions without provenance are hidden once an older one has it.")
        }
        ProvenanceRule::Required => Some("Versions without provenance are hidden."),
    };
    if let Some(rule) = provenance {
        let rule = format!("{rule}{}{whose}", except(&policy.provenance.except));
        rows.push(row("Provenance", rule, hidden.because(&["no-provenance", "provenance-lost"])));
    }
    if !policy.blocks.is_empty() {
        let rule = format!("Nobody gets {}.", listed(policy.blocks.iter().flat_map(|block| &block.packages)));
        rows.push(row("Blocks", rule, hidden.because(&["blocked"])));
    }
    if !policy.deprecations.is_empty() {
        let packages = policy.deprecations.iter().flat_map(|deprecation| &deprecation.packages);
        rows.push(PolicyRow {
            // a warning is put on versions whatever the mode is
            mode: PolicyMode::Enforced,
            ..row("Deprecations", format!("A warning is put on {}.", listed(packages)), None)
        });
    }
    rows
}

fn except(packages: &[crate::names::PackagePattern]) -> String {
    if packages.is_empty() { String::new() } else { format!(" Except {}.", listed(packages)) }
}

/// Some patterns in a row.
fn listed<'a>(patterns: impl IntoIterator<Item = &'a crate::names::PackagePattern>) -> String {
    let all: Vec<String> = patterns.into_iter().map(ToString::to_string).collect();
    let named = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        others => format!("{named} and {others} more"),
    }
}
