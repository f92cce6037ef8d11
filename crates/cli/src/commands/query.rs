//! `knit query`

use diagnostics::Diagnostic;
use package_manager::view::query::{self, Answer, Match};
use serde_json::{Value, json};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};

pub const COMMAND: Command = Command {
    usage: &["<selector>"],
    details: include_str!("../help/query.txt"),
    options: &[
        "global",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "package-lock-only",
        "expect-results",
        "expect-result-count",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("query", "Find installed packages by a selector; the answer is JSON", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let selector = invocation.arguments.first().map(String::as_str).unwrap_or_default();
    let lockfile_only = settings.install.package_lock_only;
    let answer = query::query(&settings, selector, lockfile_only, || invocation.client_options());
    let Answer { matches, warnings } = match answer {
        Ok(answer) => answer,
        Err(problem) => {
            // the answer is JSON in any case, so an error is too
            invocation.terminal.fail_with_answer(&problem, json!({}));
            return Ok(Outcome::Status(problem.exit_code));
        }
    };
    warnings.iter().for_each(|warning| invocation.terminal.warn(warning));
    let answer: Vec<Value> = matches.iter().map(as_json).collect();
    invocation.terminal.print_json(&Value::Array(answer));
    Ok(match unexpected(invocation, matches.len()) {
        Some(problem) => {
            invocation.terminal.warn(&problem);
            Outcome::Status(1)
        }
        None => Outcome::Success,
    })
}

/// Whether there are as many results as `expect-results` or `expect-result-count` asks for.
fn unexpected(invocation: &Invocation<'_>, count: usize) -> Option<Diagnostic> {
    let config = &invocation.configuration.config;
    let text = if !config.is_default("expect-results") {
        let expected = config.flag("expect-results");
        (expected != (count > 0)).then(|| format!("expected {}results", if expected { "" } else { "no " }))
    } else {
        let expected =
            config.number("expect-result-count").filter(|_| !config.is_default("expect-result-count"))?;
        #[expect(clippy::cast_precision_loss, reason = "no tree has 2^52 packages")]
        let is_met = expected == count as f64;
        (!is_met).then(|| format!("expected {expected} result{}", if expected == 1.0 { "" } else { "s" }))
    };
    text.map(|text| Diagnostic::warning("EEXPECTED", format!("{text}, got {count}")))
}

/// npm's object: the members of package.json, and what is known of the package's place.
fn as_json(found: &Match) -> Value {
    let mut members = found.package.clone();
    let mut put = |key: &str, value: Value| drop(members.insert(key.to_owned(), value));
    put("pkgid", found.package_id.clone().into());
    if let Some(location) = &found.location {
        put("location", location.clone().into());
    }
    put("path", found.path.clone().into());
    put("realpath", found.realpath.clone().into());
    put("resolved", found.resolved.clone().into());
    put("from", found.from.clone().into());
    put("to", found.to.clone().into());
    put("dev", found.dev.into());
    put("inBundle", found.bundled.into());
    // npm looks before it has counted
    put("deduped", false.into());
    put("overridden", found.overridden.into());
    let context =
        if found.location.is_none() { json!({ "missing": true }) } else { found.context.clone().into() };
    put("queryContext", context);
    members.into()
}
