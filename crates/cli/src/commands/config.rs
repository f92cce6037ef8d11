//! `knit config`

use package_manager::config_file;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::config_view;

pub const COMMAND: Command = Command {
    usage: &[
        "set <key>=<value> [<key>=<value> ...]",
        "get [<key> [<key> ...]]",
        "delete <key> [<key> ...]",
        "list [--json] [--long]",
        "edit",
        "fix",
    ],
    options: &["json", "global", "editor", "location", "long"],
    workspaces: Workspaces::Implicit,
    validates: false,
    ..Command::new("config", "Show and change the configuration", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let Some((action, rest)) = invocation.arguments.split_first() else {
        return Err(invocation.usage_error("`config` needs one of set, get, delete, list, edit, fix"));
    };
    run_action(invocation, action, rest)
}

/// Also what `knit get` and `knit set` do.
pub fn run_action(invocation: &Invocation<'_>, action: &str, arguments: &[String]) -> CommandResult {
    match action {
        "get" => config_view::get(invocation, arguments),
        "list" | "ls" => config_view::list(invocation),
        "set" | "delete" | "rm" | "del" if arguments.is_empty() => {
            Err(invocation.usage_error(format!("`config {action}` needs at least one key")))
        }
        "set" => write(invocation, &config_view::assignments(arguments)?),
        "delete" | "rm" | "del" => {
            let removals: Vec<_> = arguments.iter().map(|key| (key.clone(), None)).collect();
            write(invocation, &removals)
        }
        "edit" => config_view::edit(invocation),
        "fix" => config_view::fix(invocation),
        other => Err(invocation.usage_error(format!("`config` has no action `{other}`"))),
    }
}

fn write(invocation: &Invocation<'_>, changes: &[config_file::Change]) -> CommandResult {
    let level = invocation.configuration.config.location();
    config_file::change(&config_view::file(invocation, level), level, changes)?;
    Ok(Outcome::Success)
}
