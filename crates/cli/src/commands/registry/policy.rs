//! `knit registry policy`

use diagnostics::Diagnostic;
use npm_formats::package_name::{PackageName, split_range};
use registry_server::operations::PolicyAnswer;
use registry_server::{Explained, ExplainedVersion};

use super::{CommandResult, Invocation, Outcome, counted};
use crate::registry_service;

/// What the policy makes of everything that is known.
pub(super) fn list(invocation: &Invocation<'_>) -> CommandResult {
    let settings = registry_service::settings(invocation)?;
    let list = registry_service::with(&settings, async |registry| registry.policy_list().await)?;
    if invocation.terminal.json {
        invocation.terminal.print_json(&serde_json::json!(list));
        return Ok(Outcome::Success);
    }
    let versions: usize = list.concerned.iter().map(|package| package.versions.len()).sum();
    for package in &list.concerned {
        print(invocation, package);
    }
    let observed = if list.mode == "observe" { "; it only observes, and nothing is hidden" } else { "" };
    invocation.terminal.print(format!(
        "the policy concerns {} of {}, of {} that are known{observed}",
        counted(versions as u64, "version"),
        counted(list.concerned.len() as u64, "package"),
        list.packages
    ));
    Ok(Outcome::Success)
}

/// What the policy makes of one package.
pub(super) fn check(invocation: &Invocation<'_>, asked: &str) -> CommandResult {
    let (name, range) = split_range(asked);
    let range = range.filter(|range| !range.is_empty());
    let name = PackageName::parse(name)
        .map_err(|_| invocation.usage_error(format!("\"{name}\" is not a name of a package")))?;
    let settings = registry_service::settings(invocation)?;
    let answer =
        registry_service::with(&settings, async |registry| registry.policy_check(&name, range).await)?;
    let package = match answer {
        PolicyAnswer::Explained(package) => package,
        PolicyAnswer::NoRange => {
            let told =
                format!("\"{}\" is neither a range of versions nor a dist-tag", range.unwrap_or_default());
            return Err(invocation.usage_error(told));
        }
        PolicyAnswer::Refused => {
            return Err(Diagnostic::error("E403", format!("{name} is refused by the rules in [names]")));
        }
        PolicyAnswer::NotHere => {
            return Err(Diagnostic::error("E404", format!("{name} is not published here")));
        }
        PolicyAnswer::NotKept { upstream } => {
            let told = format!("nothing is kept of {name}, which comes from the upstream {upstream}");
            return Err(Diagnostic::error("E404", told).with_hint(
                "a running registry answers GET /-/knit/explain/{package}, and asks the upstream",
            ));
        }
    };
    if invocation.terminal.json {
        invocation.terminal.print_json(&serde_json::json!(package));
    } else {
        print(invocation, &package);
    }
    Ok(Outcome::Success)
}

fn print(invocation: &Invocation<'_>, package: &Explained) {
    for version in &package.versions {
        invocation.terminal.print(format!("{}@{}: {}", package.name, version.version, verdict(version)));
    }
    for tag in &package.dist_tags {
        let to = tag.to.as_deref().unwrap_or("nothing");
        invocation
            .terminal
            .print(format!("{}: {} leads to {to} instead of {}", package.name, tag.tag, tag.from));
    }
}

fn verdict(version: &ExplainedVersion) -> String {
    let messages = version.reasons.iter().filter_map(|reason| reason["message"].as_str());
    let why = messages.collect::<Vec<_>>().join("; ");
    let mut said = match (version.visible, why.is_empty()) {
        (true, true) => "visible".to_owned(),
        (true, false) => format!("visible, would be hidden: {why}"),
        (false, _) => format!("hidden: {why}"),
    };
    match version.deprecated.as_deref() {
        Some("") => said.push_str("; its own warning is taken away"),
        Some(warning) => said.push_str(&format!("; warned of: {warning}")),
        None => {}
    }
    said
}
