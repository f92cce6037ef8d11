//! `knit publish`

use diagnostics::{Diagnostic, Report as _};
use package_manager::Settings;
use package_manager::pack::selects_workspaces;
use package_manager::publish::{self, Sending};
use package_manager::workspaces::targets;
use serde_json::{Map, Value};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces, pack};
use crate::{installation, publication, publish_config, tarball_view};

pub const COMMAND: Command = Command {
    usage: &["[<package-spec>]"],
    details: include_str!("../help/publish.txt"),
    options: &[
        "tag",
        "access",
        "dry-run",
        "otp",
        "provenance-file",
        "force",
        "json",
        "ignore-scripts",
        "workspace",
        "workspaces",
        "include-workspace-root",
    ],
    workspaces: Workspaces::Implicit,
    ..Command::new("publish", "Publish a package to its registry", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    send(invocation, Sending::Publish)
}

/// Publishes, or has what is sent wait for approval.
pub fn send(invocation: &Invocation<'_>, sending: Sending) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    if let [_, more, ..] = invocation.arguments {
        return Err(invocation.usage_error(format!("one package is published at a time; {more} is too many")));
    }
    publish::check_tag(&settings.install.tag)?;
    let mut published = Map::new();
    if selects_workspaces(&settings, invocation.arguments) {
        for target in targets(&settings)? {
            let name = target.workspace.unwrap_or_default();
            if publish::is_private(&target.directory) {
                let text = format!("the workspace {name} is private and is not published");
                terminal.warn(&Diagnostic::warning("EPRIVATE", text));
                continue;
            }
            let folder = target.directory.to_string_lossy();
            published.extend(publish_one(invocation, &settings, &folder, sending)?);
        }
    } else {
        let specifier = invocation.arguments.first().map_or(".", String::as_str);
        published.extend(publish_one(invocation, &settings, specifier, sending)?);
    }
    if terminal.json {
        terminal.print_json(&Value::Object(published));
    }
    Ok(Outcome::Success)
}

/// Publishes, and answers what `--json` prints of it.
fn publish_one(
    invocation: &Invocation<'_>,
    settings: &Settings,
    specifier: &str,
    sending: Sending,
) -> Result<Option<(String, Value)>, Diagnostic> {
    let terminal = invocation.terminal;
    let output = pack::script_output(invocation);
    let prepared = installation::with_context(invocation, settings, |context| {
        publish::prepare(context, specifier, output)
    })??;
    publication::say_what_is_wrong(terminal, &prepared);
    let own = prepared.publish_config().cloned().unwrap_or_default();
    publish_config::warnings(&own).iter().for_each(|warning| terminal.warn(warning));
    let configuration = publish_config::applied(invocation.configuration, &own);
    let invocation = &Invocation { configuration: &configuration, ..*invocation };
    let options = publication::options(invocation, settings, sending);
    publish::check(&prepared, &options)?;
    if !terminal.json {
        tarball_view::notice(terminal, &prepared.packed.contents, configuration.config.flag("unicode"));
    }
    let stage_id = publication::send(invocation, &prepared, &options)?;
    let id = prepared.id();
    let scripts =
        installation::with_context(invocation, settings, |context| publish::finish(context, &prepared));
    scripts?.map_err(|error| match options.dry_run {
        true => error.to_diagnostic(),
        false => error.to_diagnostic().with_cause(format!("{id} is published")),
    })?;
    if terminal.json {
        let contents = &prepared.packed.contents;
        let mut told = tarball_view::json(contents);
        if let Some(stage_id) = stage_id {
            told["stageId"] = stage_id.into();
        }
        return Ok(Some((contents.name.clone(), told)));
    }
    terminal.print(format!("+ {id}{}", publication::note(sending, stage_id.as_deref())));
    Ok(None)
}
