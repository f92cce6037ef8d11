//! `knit diff`

use std::path::PathBuf;

use package_manager::diff::{self, DiffRequest};
use package_manager::workspaces;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::diff_view::{self, Prefixes};
use crate::installation;

pub const COMMAND: Command = Command {
    usage: &["[--diff=<spec> [--diff=<spec>]] [<path> ...]"],
    details: include_str!("../help/diff.txt"),
    options: &[
        "diff",
        "diff-name-only",
        "diff-unified",
        "diff-ignore-all-space",
        "diff-no-prefix",
        "diff-src-prefix",
        "diff-dst-prefix",
        "diff-text",
        "global",
        "tag",
        "workspace",
        "workspaces",
        "include-workspace-root",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("diff", "Compare two versions of a package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let directories: Vec<PathBuf> = match settings.workspaces.selected() {
        true => workspaces::targets(&settings)?.into_iter().map(|target| target.directory).collect(),
        false => vec![settings.places.local_prefix.clone()],
    };
    for directory in directories {
        let request = request(invocation, directory);
        let found =
            installation::with_context(invocation, &settings, |context| diff::diff(context, &request))??;
        let config = &invocation.configuration.config;
        let text = if config.flag("diff-name-only") {
            diff_view::names(&found)
        } else {
            diff_view::patch(&found, &prefixes(invocation), invocation.terminal)
        };
        invocation.terminal.print(text);
    }
    Ok(Outcome::Success)
}

fn request(invocation: &Invocation<'_>, directory: PathBuf) -> DiffRequest {
    let config = &invocation.configuration.config;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let context = config.number("diff-unified").unwrap_or(3.0).clamp(0.0, f64::from(u16::MAX)) as usize;
    DiffRequest {
        specs: config.texts("diff").into_iter().filter(|spec| !spec.is_empty()).collect(),
        files: invocation.arguments.to_vec(),
        directory,
        context,
        ignores_space: config.flag("diff-ignore-all-space"),
        shows_binary: config.flag("diff-text"),
    }
}

/// An empty prefix means the default one, as in npm; `--diff-no-prefix` means none.
fn prefixes(invocation: &Invocation<'_>) -> Prefixes {
    let config = &invocation.configuration.config;
    if config.flag("diff-no-prefix") {
        return Prefixes { old: String::new(), new: String::new() };
    }
    let text = |key: &str, default: &str| {
        config.text(key).filter(|text| !text.is_empty()).unwrap_or_else(|| default.to_owned())
    };
    Prefixes { old: text("diff-src-prefix", "a/"), new: text("diff-dst-prefix", "b/") }
}
