//! `knit ls`, `knit list`, `knit ll`, `knit la`

use diagnostics::Diagnostic;
use package_manager::view::ls::{self, Request};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::listing;

const OPTIONS: &[&str] = &[
    "all",
    "json",
    "long",
    "parseable",
    "global",
    "depth",
    "omit",
    "include",
    "link",
    "package-lock-only",
    "unicode",
    "workspace",
    "workspaces",
    "include-workspace-root",
    "install-links",
];

pub const COMMAND: Command = Command {
    usage: &["[<package-spec> ...]"],
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("ls", "List installed packages", run)
};

pub const LL: Command = Command {
    usage: &["[<package-spec> ...]"],
    options: OPTIONS,
    workspaces: Workspaces::Implicit,
    ..Command::new("ll", "List installed packages with more about each", run_long)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    show(invocation, invocation.configuration.config.flag("long"))
}

fn run_long(invocation: &Invocation<'_>) -> CommandResult {
    show(invocation, true)
}

fn show(invocation: &Invocation<'_>, long: bool) -> CommandResult {
    let (config, terminal) = (&invocation.configuration.config, invocation.terminal);
    let settings = invocation.settings();
    let request = Request {
        filters: invocation.arguments.to_vec(),
        all: config.flag("all"),
        depth: config.number("depth").map(levels),
        links_only: config.flag("link"),
        omit: settings.install.omit,
        lockfile_only: settings.install.package_lock_only,
    };
    let listing = ls::list(&settings, &request)?;
    let is_empty = listing.is_without_match(&request);
    let problem = listing.fails().then(|| problem(&listing.problems));
    if terminal.json {
        let answer = listing::json(&listing, long);
        match &problem {
            Some(problem) => terminal.fail_with_answer(problem, answer),
            None => terminal.print_json(&answer),
        }
        return Ok(if is_empty || problem.is_some() { Outcome::Status(1) } else { Outcome::Success });
    }
    terminal.print(if config.flag("parseable") {
        listing::lines(&listing, long)
    } else {
        let is_filtered = !request.filters.is_empty();
        listing::tree(&listing, terminal, long, is_filtered, config.flag("unicode"))
    });
    match problem {
        Some(problem) => Err(problem),
        None if is_empty => Ok(Outcome::Status(1)),
        None => Ok(Outcome::Success),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped, and saturating")]
fn levels(depth: f64) -> usize {
    depth.max(0.0) as usize
}

fn problem(problems: &[String]) -> Diagnostic {
    Diagnostic::error("ELSPROBLEMS", problems.join("\n"))
        .with_hint("run `knit install` to bring node_modules in line with package.json")
}
