//! `knit unpublish`

use std::path::Path;

use diagnostics::Diagnostic;
use package_manager::ping::registry_problem;
use package_manager::unpublish::{self, Plan, Subject};
use package_manager::workspaces::targets;
use registry_client::ApiRequest;

use super::{Command, CommandResult, Invocation, Outcome, Workspaces};
use crate::publish_config;

pub const COMMAND: Command = Command {
    usage: &["[<package-spec>]"],
    details: "Programs that depend on what is removed break: `knit deprecate` warns their authors instead. A version \
              that was once published can never be published again with other content.",
    options: &["dry-run", "force", "otp", "registry", "workspace", "workspaces"],
    workspaces: Workspaces::Implicit,
    ..Command::new("unpublish", "Remove a version, or a whole package, from its registry", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let settings = invocation.settings();
    let argument = match invocation.arguments {
        [] => None,
        [only] => Some(only.as_str()),
        [_, more, ..] => {
            return Err(invocation.usage_error(format!("one package is unpublished; {more} is too many")));
        }
    };
    if !settings.workspaces.selected() {
        return unpublish(invocation, argument, &settings.places.local_prefix);
    }
    for target in targets(&settings)? {
        unpublish(invocation, argument, &target.directory)?;
    }
    Ok(Outcome::Success)
}

fn unpublish(invocation: &Invocation<'_>, argument: Option<&str>, folder: &Path) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    let subject = Subject::read(argument, folder, settings.force)?;
    let configuration = publish_config::applied(invocation.configuration, &subject.publish_config);
    let invocation = &Invocation { configuration: &configuration, ..*invocation };
    let client = invocation.client()?;
    let plan = invocation.block_on(unpublish::plan(&client, &subject, settings.force))??;
    let send = |request: &ApiRequest| -> Result<(), Diagnostic> {
        if !settings.dry_run {
            invocation.block_on(client.request(request))?.map_err(|error| registry_problem(&error))?;
        }
        Ok(())
    };
    let mut shown = subject.name.clone();
    if let Some(version) = &subject.version
        && !matches!(plan, Plan::Whole(_))
    {
        shown = format!("{shown}@{version}");
    }
    match plan {
        Plan::Nothing => {
            let text = format!("{shown} is not in the registry, so nothing was removed");
            let hint = format!("run `knit view {} versions` to see what there is", subject.name);
            terminal.warn(&Diagnostic::warning("ENOVERSION", text).with_hint(hint));
        }
        Plan::Whole(request) => send(&request)?,
        Plan::Version { edit, tarball } => {
            send(&edit)?;
            if let (Some(tarball), false) = (tarball, settings.dry_run) {
                send(&invocation.block_on(unpublish::removal(&client, &subject, &tarball))??)?;
            }
        }
    }
    terminal.print(format!("- {shown}"));
    Ok(Outcome::Success)
}
