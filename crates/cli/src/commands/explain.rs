//! `knit explain`, `knit why`

use diagnostics::Diagnostic;
use package_manager::view::explain;
use serde_json::Value;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::explanation;

pub const COMMAND: Command = Command {
    usage: &["<package-spec> [<package-spec> ...]"],
    details: "A package is named by its name, by name@range, or by its folder.",
    options: &["json", "workspace"],
    workspaces: Workspaces::Implicit,
    ..Command::new("explain", "Say why a package is installed", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let arguments = invocation.arguments;
    if arguments.is_empty() {
        return Err(invocation.usage_error("`explain` needs the name or the folder of a package"));
    }
    let reasons = explain::explain(&invocation.settings(), arguments)?;
    if reasons.is_empty() {
        let text = format!("no dependencies found matching {}", arguments.join(", "));
        return Err(
            Diagnostic::error("ENOMATCH", text).with_hint("run `knit ls --all` to see what is installed")
        );
    }
    if invocation.terminal.json {
        let all = reasons.iter().map(explanation::json).collect();
        invocation.terminal.print_json(&Value::Array(all));
        return Ok(Outcome::Success);
    }
    let texts: Vec<String> =
        reasons.iter().map(|reason| explanation::text(reason, invocation.terminal)).collect();
    invocation.terminal.print(texts.join("\n\n"));
    Ok(Outcome::Success)
}
