//! `knit exec`, and `npx` when called so.

use package_manager::exec::{self, ExecRequest};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::fetching::Fetching;

pub const COMMAND: Command = Command {
    usage: &[
        "-- <program> [args...]",
        "--package=<package> -- <program> [args...]",
        "-c '<shell text>'",
        "--package=<package> -c '<shell text>'",
    ],
    options: &[
        "package",
        "call",
        "yes",
        "allow-scripts",
        "strict-allow-scripts",
        "dangerously-allow-all-scripts",
        "workspace",
        "workspaces",
        "include-workspace-root",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("exec", "Run a program of a package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let config = &invocation.configuration.config;
    let shell = config.text("script-shell").unwrap_or_else(|| "sh".to_owned());
    let call = config.text("call");
    let packages = config.texts("package");
    let request = ExecRequest {
        arguments: invocation.arguments,
        call: call.as_deref(),
        packages: &packages,
        interactive_shell: &shell,
    };
    let terminal = invocation.terminal.without_banners();
    let settings = invocation.settings();
    let environment = invocation.script_environment();
    let provider = Fetching::new(invocation);
    let work = exec::exec(&request, &settings, &environment, &provider, &terminal);
    Ok(Outcome::from(invocation.block_on(work)??))
}
