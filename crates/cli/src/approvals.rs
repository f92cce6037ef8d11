//! What the commands about install scripts have in common: what they list, and how decisions are shown.
//! Source of what is printed: npm 11.19.1.

use package_manager::script_approval::{self, DecidedPackage, Decision, Named, PruneReport, Unreviewed};
use serde_json::{Value, json};

use crate::commands::{CommandResult, Invocation, Outcome};
use crate::terminal::Terminal;

/// Decides about the packages that the arguments name, or with `--all` about all that are pending.
pub fn decide(invocation: &Invocation<'_>, decision: Decision, arguments: &[String]) -> CommandResult {
    let all = invocation.configuration.config.flag("all");
    if !all && arguments.is_empty() {
        return Err(invocation.usage_error("no package was named"));
    }
    let settings = invocation.settings();
    let named = if all { Named::Pending } else { Named::Packages(arguments) };
    let decided = script_approval::decide(&settings, decision, named, invocation.terminal)?;
    show_decided(invocation.terminal, decision, &decided, all);
    Ok(Outcome::Success)
}

/// Lists what nobody decided about. `what` names the request in the error for arguments beside it.
pub fn list(invocation: &Invocation<'_>, what: &str, arguments: &[String]) -> CommandResult {
    if !arguments.is_empty() || invocation.configuration.config.flag("all") {
        return Err(invocation.usage_error(format!("{what} takes no packages and no --all")));
    }
    let pending = script_approval::pending(&invocation.settings(), invocation.terminal)?;
    show_pending(invocation.terminal, &pending);
    Ok(Outcome::Success)
}

/// Removes decisions that are of no use any more.
pub fn prune(invocation: &Invocation<'_>, arguments: &[String]) -> CommandResult {
    if !arguments.is_empty() || invocation.configuration.config.flag("all") {
        return Err(invocation.usage_error("`install-scripts prune` takes no packages and no --all"));
    }
    let settings = invocation.settings();
    let report = script_approval::prune(&settings)?;
    show_pruned(invocation.terminal, &report, settings.dry_run);
    Ok(Outcome::Success)
}

fn show_pending(terminal: &Terminal, pending: &[Unreviewed]) {
    if terminal.json {
        let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
        for package in pending {
            let at = if package.version.is_empty() { "" } else { "@" };
            let change =
                json!({"key": format!("{}{at}{}", package.name, package.version), "change": "pending"});
            match groups.iter_mut().find(|(name, _)| *name == package.name) {
                Some((_, changes)) => changes.push(change),
                None => groups.push((&package.name, vec![change])),
            }
        }
        let groups: Vec<Value> =
            groups.into_iter().map(|(name, changes)| json!({"name": name, "changes": changes})).collect();
        return terminal.print_json(&json!({ "allowScripts": groups }));
    }
    let header = match pending.len() {
        0 => return terminal.print("No packages with unreviewed install scripts."),
        1 => "1 package has".to_owned(),
        count => format!("{count} packages have"),
    };
    terminal.print(format!("{header} install scripts not yet covered by allowScripts:"));
    for package in pending {
        terminal.print(format!("  {}", package.describe()));
    }
    terminal.print("\nRun `knit approve-scripts <pkg>` to allow, or `knit deny-scripts <pkg>` to deny.");
}

fn show_decided(terminal: &Terminal, decision: Decision, decided: &[DecidedPackage], all: bool) {
    if terminal.json {
        let groups: Vec<Value> = decided
            .iter()
            .map(|package| {
                let changes = package.changes.iter();
                let changes: Vec<Value> =
                    changes.map(|change| json!({"key": change.key, "change": change.change})).collect();
                json!({"name": package.name, "changes": changes})
            })
            .collect();
        return terminal.print_json(&json!({ "allowScripts": groups }));
    }
    if all && decided.is_empty() {
        return terminal.print("No packages with unreviewed install scripts.");
    }
    let (done, verb) = match decision {
        Decision::Approve { .. } => ("Approved", "approve"),
        Decision::Deny => ("Denied", "deny"),
    };
    for package in decided.iter().filter(|package| !package.changes.is_empty()) {
        terminal.print(format!("{done} {}:", package.name));
        for change in &package.changes {
            terminal.print(format!("  {} {}", change.change, change.key));
        }
    }
    if decided.iter().all(|package| package.changes.is_empty()) {
        terminal.print(format!("Nothing to {verb}; allowScripts unchanged."));
    }
}

fn show_pruned(terminal: &Terminal, report: &PruneReport, dry_run: bool) {
    if terminal.json {
        let removed: Vec<Value> = report
            .removed
            .iter()
            .map(|entry| json!({"key": entry.key, "value": entry.value, "reason": entry.reason.as_str()}))
            .collect();
        return terminal.print_json(&json!({ "allowScripts": { "removed": removed, "dryRun": dry_run } }));
    }
    let count = report.removed.len();
    if count == 0 {
        return terminal.print("No unused allowScripts entries.");
    }
    let done = if dry_run { "Would remove" } else { "Removed" };
    let entries = if count == 1 { "entry" } else { "entries" };
    terminal.print(format!("{done} {count} unused allowScripts {entries}:"));
    for entry in &report.removed {
        let reason = match entry.reason {
            script_approval::UnusedReason::NotInstalled => "package not installed",
            script_approval::UnusedReason::NoScripts => "no install scripts",
        };
        terminal.print(format!("  {} ({reason})", entry.key));
    }
}
