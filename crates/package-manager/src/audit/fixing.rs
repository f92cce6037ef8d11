//! `audit fix`: what is to be replaced, and what cannot be. Source: npm 11.19.1.

use dependency_resolver::{Avoidance, Platform, Request, Tree};
use diagnostics::Diagnostic;
use npm_formats::config::print_date;
use registry_client::RegistryClient;

use super::calculation::Findings;
use super::report::{AuditReport, Fix, ForcedFix};
use super::{AuditError, audited, examine, tree};
use crate::settings::Settings;

/// What an audit makes of a project.
#[derive(Debug, Clone, Default)]
pub struct Remedy {
    /// How the resolution is to differ from the lockfile.
    pub request: Request,
    /// What was found before.
    pub report: AuditReport,
    /// What will stay as it is, and what will be replaced by something that the project does not allow yet.
    pub warnings: Vec<Diagnostic>,
    /// Packages whose fix was published too late.
    pub blocked: Vec<String>,
}

/// Audits a project and says how to get rid of what is found: with `force` in the settings also by versions that
/// its ranges do not allow.
///
/// *Errors*: [`AuditError`].
pub async fn remedy(
    settings: &Settings,
    platform: &Platform,
    client: &RegistryClient,
) -> Result<Remedy, AuditError> {
    let project = tree(settings)?;
    let audited = audited(&project, settings, platform)?;
    let mut findings = examine(&audited, client).await?;
    let mut warnings = std::mem::take(&mut findings.warnings);
    let mut avoid = avoidance(&findings, &project.tree, &mut warnings);
    if settings.force {
        replace_at_top(&findings, &project.tree, &mut avoid, &mut warnings);
    }
    let is_blocked =
        |name: &&String| findings.found.get(*name).is_some_and(|found| found.blocked_fix.is_some());
    Ok(Remedy {
        report: findings.report(&audited),
        blocked: findings.found.keys().filter(is_blocked).cloned().collect(),
        request: Request { avoid, ..Request::default() },
        warnings,
    })
}

fn warning(text: String) -> Diagnostic {
    Diagnostic::warning("EAUDIT", text)
}

fn avoidance(findings: &Findings, tree: &Tree, warnings: &mut Vec<Diagnostic>) -> Avoidance {
    let mut avoid = Avoidance::default();
    for (name, finding) in &findings.found {
        if let Some(blocked) = &finding.blocked_fix {
            let day: String = print_date(blocked.before).chars().take(10).collect();
            let text = format!(
                "{name}@{} would be safe, but it was published after {day}, so {name} stays vulnerable",
                blocked.version
            );
            let hint =
                format!("run `knit audit fix --min-release-age-exclude={name}` to take it all the same");
            warnings.push(warning(text).with_hint(hint));
        }
        for &node in &finding.nodes {
            let known = tree.node(node);
            match tree.bundler(node) {
                Some(bundler) => {
                    let (around, version) = (tree.name(bundler), tree.node(bundler).version());
                    let text = format!(
                        "{name}@{} is bundled in {around}@{version} and cannot be replaced there",
                        known.version()
                    );
                    let hint = format!("run `knit outdated {around}` to see whether there is a newer one");
                    warnings.push(warning(text).with_hint(hint));
                }
                None => avoid.locations.push(known.location().to_owned()),
            }
        }
        if let Some(avoided) = finding.avoided(tree) {
            avoid.packages.insert(name.clone(), avoided);
        }
    }
    avoid
}

/// What the project and its workspaces are to depend on instead.
fn replace_at_top(findings: &Findings, tree: &Tree, avoid: &mut Avoidance, warnings: &mut Vec<Diagnostic>) {
    for top in &findings.tops {
        let Some(finding) = findings.found.get(top) else { continue };
        let what = format!("{top}@{}", finding.simple_range());
        for &node in &finding.top_nodes {
            let location = tree.node(node).location();
            if !tree.is_project_root(node) && !tree.is_workspace(node) {
                let text = format!("{what} is used by the linked project {location}, which is not changed");
                warnings.push(warning(text).with_hint(format!("run `knit audit` in {location}")));
                continue;
            }
            let ForcedFix { name, version, is_semver_major } = match &finding.fix {
                Fix::Forced(fix) => fix,
                // another package of the project brings it along in a better version
                Fix::Available => continue,
                Fix::None => {
                    warnings.push(warning(format!("there is no fix for {what}")));
                    continue;
                }
            };
            let how = match is_semver_major {
                Some(true) => "a breaking change",
                _ => "outside the range that package.json has",
            };
            warnings.push(warning(format!("{name} is set to {version}, which is {how}")));
            avoid.replacements.push((location.to_owned(), format!("{name}@{version}")));
        }
    }
}
