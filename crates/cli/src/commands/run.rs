//! `knit run`, `test`, `start`, `stop`, `restart`

use package_manager::run::{self, PackageScripts, RunRequest};
use serde_json::{Map, Value};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::terminal::LogLevel;

pub const COMMAND: Command = Command {
    usage: &["<script> [-- <args>]", ""],
    options: &[
        "workspace",
        "workspaces",
        "include-workspace-root",
        "if-present",
        "ignore-scripts",
        "script-shell",
        "json",
        "parseable",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("run", "Run a script of the package, or list them", run)
};

const fn shortcut(name: &'static str, about: &'static str) -> Command {
    Command {
        usage: &["[-- <args>]"],
        options: &["workspace", "workspaces", "ignore-scripts", "script-shell"],
        workspaces: Workspaces::Implicit,
        ..Command::new(name, about, run_named)
    }
}

pub const TEST: Command = shortcut("test", "Run the script `test`");
pub const START: Command = shortcut("start", "Run the script `start`");
pub const STOP: Command = shortcut("stop", "Run the script `stop`");
pub const RESTART: Command = shortcut("restart", "Run the script `restart`, or `stop` and `start`");

fn run(invocation: &Invocation<'_>) -> CommandResult {
    match invocation.arguments.split_first() {
        Some((event, arguments)) => run_script(invocation, event, arguments),
        None => list(invocation),
    }
}

fn run_named(invocation: &Invocation<'_>) -> CommandResult {
    run_script(invocation, invocation.command.name, invocation.arguments)
}

fn run_script(invocation: &Invocation<'_>, event: &str, arguments: &[String]) -> CommandResult {
    let settings = invocation.settings();
    let environment = invocation.script_environment();
    let request = RunRequest { event, arguments };
    let ending = invocation.block_on(run::run(&request, &settings, &environment, invocation.terminal))??;
    Ok(Outcome::from(ending))
}

fn list(invocation: &Invocation<'_>) -> CommandResult {
    let packages = run::list(&invocation.settings())?;
    let terminal = invocation.terminal;
    if terminal.level == LogLevel::Silent {
        return Ok(Outcome::Success);
    }
    if terminal.json {
        terminal.print_json(&as_json(&packages));
        return Ok(Outcome::Success);
    }
    let parseable = invocation.configuration.config.flag("parseable");
    let blocks: Vec<String> = packages
        .iter()
        .filter(|package| !package.scripts.is_empty())
        .map(
            |package| {
                if parseable { as_lines(package) } else { crate::scripts_view::render(package, terminal) }
            },
        )
        .collect();
    if !blocks.is_empty() {
        terminal.print(blocks.join(if parseable { "\n" } else { "\n\n" }));
    }
    Ok(Outcome::Success)
}

fn as_json(packages: &[PackageScripts]) -> Value {
    let mut all = Map::new();
    for package in packages {
        let scripts: Value = package.scripts.iter().cloned().collect();
        match &package.workspace {
            Some(workspace) => all.insert(workspace.clone(), scripts),
            None => return scripts,
        };
    }
    Value::Object(all)
}

fn as_lines(package: &PackageScripts) -> String {
    let prefix = package.workspace.as_ref().map(|name| format!("{name}:")).unwrap_or_default();
    let lines: Vec<String> =
        package.scripts.iter().map(|(name, script)| format!("{prefix}{name}:{script}")).collect();
    lines.join("\n")
}
