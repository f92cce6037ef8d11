//! `knit approve-scripts`, `knit deny-scripts`, `knit install-scripts`

use package_manager::script_approval::Decision;

use super::{Command, CommandResult, Invocation};
use crate::approvals;

const OPTIONS: &[&str] = &["all", "allow-scripts-pending", "allow-scripts-pin", "json"];

pub const COMMAND: Command = Command {
    usage: &["<pkg> [<pkg> ...]", "--all", "--allow-scripts-pending"],
    details: "Install scripts of dependencies do not run unless `allowScripts` of package.json allows them.\n\
              An approval is for the installed version; with --no-allow-scripts-pin for every one.\n\
              Afterwards, `knit rebuild` runs them.",
    options: OPTIONS,
    ..Command::new("approve-scripts", "Approve install scripts for specific dependencies", approve)
};

pub const DENY: Command = Command {
    usage: &["<pkg> [<pkg> ...]", "--all"],
    details: "A denied package is not asked about again. A denial is for every version.",
    options: OPTIONS,
    ..Command::new("deny-scripts", "Deny install scripts for specific dependencies", deny)
};

pub const INSTALL_SCRIPTS: Command = Command {
    usage: &[
        "approve <pkg> [<pkg> ...]",
        "approve --all",
        "deny <pkg> [<pkg> ...]",
        "deny --all",
        "ls",
        "prune",
    ],
    details: "`ls` lists packages whose scripts nobody decided about; `prune` drops decisions that no\n\
              installed package needs.",
    options: &["all", "allow-scripts-pin", "dry-run", "json"],
    ..Command::new("install-scripts", "Manage install-script approvals for dependencies", install_scripts)
};

fn approve(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.configuration.config.flag("allow-scripts-pending") {
        return approvals::list(invocation, "`--allow-scripts-pending`", invocation.arguments);
    }
    approvals::decide(invocation, approval(invocation), invocation.arguments)
}

fn deny(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.configuration.config.flag("allow-scripts-pending") {
        let problem = invocation.usage_error("`deny-scripts` lists nothing");
        return Err(problem.with_hint("run `knit install-scripts ls` to list what is pending"));
    }
    approvals::decide(invocation, Decision::Deny, invocation.arguments)
}

fn install_scripts(invocation: &Invocation<'_>) -> CommandResult {
    let (word, rest) = match invocation.arguments.split_first() {
        Some((word, rest)) => (word.as_str(), rest),
        None => return Err(invocation.usage_error("what to do was not said: approve, deny, ls or prune")),
    };
    match word {
        "approve" => approvals::decide(invocation, approval(invocation), rest),
        "deny" => approvals::decide(invocation, Decision::Deny, rest),
        "ls" | "list" => approvals::list(invocation, "`install-scripts ls`", rest),
        "prune" => approvals::prune(invocation, rest),
        other => Err(invocation.usage_error(format!("`install-scripts` cannot `{other}`"))),
    }
}

fn approval(invocation: &Invocation<'_>) -> Decision {
    Decision::Approve { pin: invocation.configuration.config.flag("allow-scripts-pin") }
}
