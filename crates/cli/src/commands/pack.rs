//! `knit pack`

use package_manager::lifecycle::Output;
use package_manager::pack::{self, PackOptions, Packed};
use serde_json::Value;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::{installation, package_check_view, tarball_view};

pub const COMMAND: Command = Command {
    usage: &["[<package-spec>...]", "--check [<package-spec>...]"],
    details: include_str!("../help/pack.txt"),
    options: &[
        "check",
        "dry-run",
        "json",
        "pack-destination",
        "workspace",
        "workspaces",
        "include-workspace-root",
        "ignore-scripts",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("pack", "Make a tarball of a package", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    let config = &invocation.configuration.config;
    let checks = config.flag("check");
    let destination = config.text("pack-destination").unwrap_or_default();
    let options = PackOptions {
        destination: (!settings.dry_run && !checks)
            .then(|| settings.places.working_directory.join(destination)),
        scripts: script_output(invocation),
    };
    let specifiers = pack::specifiers(&settings, invocation.arguments)?;
    let packed = installation::with_context(invocation, &settings, |context| {
        pack::pack(context, &specifiers, &options)
    })??;
    if checks {
        return package_check_view::show(terminal, &packed);
    }
    if terminal.json {
        let all = packed.iter().map(|packed| tarball_view::json(&packed.contents));
        terminal.print_json(&Value::Array(all.collect()));
        return Ok(Outcome::Success);
    }
    for Packed { contents, .. } in &packed {
        tarball_view::notice(terminal, contents, config.flag("unicode"));
        terminal.print(&contents.file_name);
    }
    Ok(Outcome::Success)
}

/// Scripts of the package itself are shown unless `foreground-scripts` was set to something else.
pub fn script_output(invocation: &Invocation<'_>) -> Output {
    let config = &invocation.configuration.config;
    match config.is_default("foreground-scripts") || config.flag("foreground-scripts") {
        true => Output::Inherit,
        false => Output::Capture,
    }
}
