//! `knit rebuild`

use diagnostics::Diagnostic;
use package_manager::install::rebuild;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["[<package-spec> ...]"],
    details: "Links executables again, and runs the install scripts of packages that are approved.",
    options: &[
        "global",
        "bin-links",
        "foreground-scripts",
        "ignore-scripts",
        "allow-scripts",
        "strict-allow-scripts",
        "dangerously-allow-all-scripts",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "install-links",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("rebuild", "Rebuild a package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let done =
        installation::with_context(invocation, &settings, |context| rebuild(context, invocation.arguments))?;
    let unreviewed = done.map_err(Diagnostic::from)?;
    if let Some(warning) = installation::unreviewed_warning(&settings, &unreviewed) {
        invocation.terminal.warn(&warning);
    }
    invocation.terminal.print("rebuilt dependencies successfully");
    Ok(Outcome::Success)
}
