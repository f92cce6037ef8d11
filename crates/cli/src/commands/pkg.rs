//! `knit pkg`

use package_manager::pkg::{self, Change};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use diagnostics::Diagnostic;

pub const COMMAND: Command = Command {
    usage: &[
        "set <key>=<value> [<key>=<value> ...]",
        "get [<key> [<key> ...]]",
        "delete <key> [<key> ...]",
        "set [<array>[<index>].<key>=<value> ...]",
        "set [<array>[].<key>=<value> ...]",
        "fix",
    ],
    options: &["force", "json", "workspace", "workspaces"],
    workspaces: Workspaces::Implicit,
    ..Command::new("pkg", "Read and change package.json", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let Some((action, rest)) = invocation.arguments.split_first() else {
        return Err(invocation.usage_error("`pkg` needs one of set, get, delete, fix"));
    };
    match action.as_str() {
        "get" => invocation.terminal.print_json(&pkg::get(&settings, rest)?),
        "set" => {
            let changes: Option<Vec<Change<'_>>> = rest.iter().map(|word| assignment(word)).collect();
            let changes = changes.filter(|changes| !changes.is_empty());
            let changes = changes.ok_or_else(|| invocation.usage_error("`pkg set` needs <key>=<value>"))?;
            pkg::change(&settings, &changes)?;
        }
        "delete" => {
            if rest.is_empty() || rest.iter().any(String::is_empty) {
                return Err(invocation.usage_error("`pkg delete` needs at least one key"));
            }
            let changes: Vec<Change<'_>> = rest.iter().map(|path| Change::Delete { path }).collect();
            pkg::change(&settings, &changes)?;
        }
        "fix" => {
            for (package, note) in pkg::fix(&settings)? {
                let warning = Diagnostic::warning("EPACKAGEJSON", format!("{package}: {note}"));
                invocation.terminal.warn(&warning);
            }
        }
        other => return Err(invocation.usage_error(format!("`pkg` has no action `{other}`"))),
    }
    Ok(Outcome::Success)
}

fn assignment(word: &str) -> Option<Change<'_>> {
    let (path, text) = word.split_once('=')?;
    (!path.is_empty() && !text.is_empty()).then_some(Change::Set { path, text })
}
