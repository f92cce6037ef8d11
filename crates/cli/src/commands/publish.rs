//! `knit publish`

use diagnostics::{Diagnostic, Report as _};
use package_manager::Settings;
use package_manager::pack::selects_workspaces;
use package_manager::ping::registry_problem;
use package_manager::publish::{self, Prepared, PublishError, PublishOptions, Publisher};
use package_manager::workspaces::targets;
use registry_client::RegistryClient;
use serde_json::{Map, Value};

use super::{Command, CommandResult, Invocation, Outcome, Workspaces, pack};
use crate::{installation, package_check_view, publish_config, tarball_view};

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
            published.extend(publish_one(invocation, &settings, &target.directory.to_string_lossy())?);
        }
    } else {
        let specifier = invocation.arguments.first().map_or(".", String::as_str);
        published.extend(publish_one(invocation, &settings, specifier)?);
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
) -> Result<Option<(String, Value)>, Diagnostic> {
    let terminal = invocation.terminal;
    let output = pack::script_output(invocation);
    let prepared = installation::with_context(invocation, settings, |context| {
        publish::prepare(context, specifier, output)
    })??;
    say_what_is_wrong(invocation, &prepared);
    let own = prepared.publish_config().cloned().unwrap_or_default();
    publish_config::warnings(&own).iter().for_each(|warning| terminal.warn(warning));
    let configuration = publish_config::applied(invocation.configuration, &own);
    let invocation = &Invocation { configuration: &configuration, ..*invocation };
    let options = options(invocation, settings);
    publish::check(&prepared, &options)?;
    if !terminal.json {
        tarball_view::notice(terminal, &prepared.packed.contents, configuration.config.flag("unicode"));
    }
    send(invocation, &prepared, &options)?;
    let id = prepared.id();
    let scripts =
        installation::with_context(invocation, settings, |context| publish::finish(context, &prepared));
    scripts?.map_err(|error| match options.dry_run {
        true => error.to_diagnostic(),
        false => error.to_diagnostic().with_cause(format!("{id} is published")),
    })?;
    if terminal.json {
        let contents = &prepared.packed.contents;
        return Ok(Some((contents.name.clone(), tarball_view::json(contents))));
    }
    terminal.print(format!("+ {id}"));
    Ok(None)
}

fn send(
    invocation: &Invocation<'_>,
    prepared: &Prepared,
    options: &PublishOptions,
) -> Result<(), Diagnostic> {
    let terminal = invocation.terminal;
    let client =
        RegistryClient::new(invocation.client_options()?).map_err(|error| registry_problem(&error))?;
    let (registry, has_credentials) = publish::destination(&client, prepared)?;
    let registry = diagnostics::redact_url(registry.as_str());
    if !has_credentials {
        let problem = PublishError::NeedsLogin { registry: registry.clone() }.to_diagnostic();
        if !options.dry_run {
            return Err(problem);
        }
        terminal.warn(&problem.into_warning());
    }
    invocation.block_on(publish::check_published(&client, prepared, options))??;
    let request = publish::request(&client, prepared, options)?;
    let access = options.access.as_deref().unwrap_or("default");
    let note = if options.dry_run { " (dry-run)" } else { "" };
    terminal.notice(&format!("Publishing to {registry} with tag {} and {access} access{note}", options.tag));
    if !options.dry_run {
        invocation.block_on(client.request(&request))?.map_err(|error| registry_problem(&error))?;
    }
    Ok(())
}

fn options(invocation: &Invocation<'_>, settings: &Settings) -> PublishOptions {
    let config = &invocation.configuration.config;
    let platform = installation::platform(invocation);
    let access = config
        .text("access")
        .map(|access| if access == "private" { "restricted".to_owned() } else { access });
    PublishOptions {
        tag: config.text("tag").unwrap_or_else(|| "latest".to_owned()),
        is_default_tag: config.is_default("tag"),
        access,
        provenance: config.flag("provenance"),
        provenance_file: config.text("provenance-file").map(Into::into),
        force: settings.force,
        dry_run: settings.dry_run,
        publisher: Publisher {
            node_version: platform.node_version.to_string(),
            npm_version: platform.npm_version.to_string(),
        },
    }
}

fn say_what_is_wrong(invocation: &Invocation<'_>, prepared: &Prepared) {
    let terminal = invocation.terminal;
    if !prepared.corrections.is_empty() {
        let mut warning =
            Diagnostic::warning("EPACKAGEJSON", "mistakes in package.json are corrected for publishing");
        for correction in &prepared.corrections {
            warning = warning.with_cause(correction);
        }
        terminal.warn(&warning.with_hint("run `knit pkg fix` to correct them in the file"));
    }
    package_check_view::warn(terminal, &prepared.packed);
}
