//! Sending a package to its registry: how, and what is said about it.

use diagnostics::{Diagnostic, Report as _};
use package_manager::Settings;
use package_manager::ping::registry_problem;
use package_manager::publish::{self, Prepared, PublishError, PublishOptions, Publisher, Sending};
use serde_json::Value;

use crate::commands::{Invocation, pack};
use crate::terminal::Terminal;
use crate::trusted_build::{self, TrustedBuild};
use crate::{installation, package_check_view, publish_config, tarball_view};

/// Publishes or stages a package, and answers what `--json` prints of it.
///
/// *Errors*: what may not be published, and what the registry refuses.
pub fn publish(
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
    say_what_is_wrong(terminal, &prepared);
    let own = prepared.publish_config().cloned().unwrap_or_default();
    publish_config::warnings(&own).iter().for_each(|warning| terminal.warn(warning));
    let configuration = publish_config::applied(invocation.configuration, &own);
    let invocation = &Invocation { configuration: &configuration, ..*invocation };
    let options = options(invocation, settings, sending);
    publish::check(&prepared, &options)?;
    if !terminal.json {
        tarball_view::notice(terminal, &prepared.packed.contents, configuration.config.flag("unicode"));
    }
    let stage_id = send(invocation, &prepared, &options)?;
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
    terminal.print(format!("+ {id}{}", note(sending, stage_id.as_deref())));
    Ok(None)
}

/// Sends it, unless this is a dry run. Answers the id of what is staged.
fn send(
    invocation: &Invocation<'_>,
    prepared: &Prepared,
    options: &PublishOptions,
) -> Result<Option<String>, Diagnostic> {
    let terminal = invocation.terminal;
    let client = invocation.client()?;
    let (registry, has_credentials) = publish::destination(&client, prepared)?;
    let (client, has_credentials, refusal) =
        match trusted_build::client(invocation, &client, &registry, prepared.name())? {
            TrustedBuild::Client(trusted) => (trusted, true, None),
            TrustedBuild::Refused(problem) => (client, has_credentials, Some(problem)),
            TrustedBuild::NoBuild => (client, has_credentials, None),
        };
    let registry = diagnostics::redact_url(registry.as_str());
    if !has_credentials {
        let mut problem = PublishError::NeedsLogin { registry: registry.clone() }.to_diagnostic();
        if let Some(refusal) = refusal {
            problem = problem.with_cause(refusal);
        }
        if !options.dry_run {
            return Err(problem);
        }
        terminal.warn(&problem.into_warning());
    }
    invocation.block_on(publish::check_published(&client, prepared, options))??;
    let request = publish::request(&client, prepared, options)?;
    let access = options.access.as_deref().unwrap_or("default");
    let note = if options.dry_run { " (dry-run)" } else { "" };
    let doing = if options.sending == Sending::Stage { "Staging" } else { "Publishing" };
    terminal.notice(&format!("{doing} to {registry} with tag {} and {access} access{note}", options.tag));
    if options.dry_run {
        return Ok(None);
    }
    let answer = invocation.block_on(client.request(&request))?.map_err(|error| registry_problem(&error))?;
    if options.sending == Sending::Publish {
        return Ok(None);
    }
    let answer: Value = answer.json().map_err(|error| registry_problem(&error))?;
    Ok(answer.get("stageId").and_then(Value::as_str).map(str::to_owned))
}

/// What is said behind a package that was sent.
fn note(sending: Sending, stage_id: Option<&str>) -> String {
    match (sending, stage_id) {
        (Sending::Publish, _) => String::new(),
        (Sending::Stage, Some(stage_id)) => format!(" (staged with id {stage_id})"),
        (Sending::Stage, None) => " (staged)".to_owned(),
    }
}

/// How to publish, by the configuration.
fn options(invocation: &Invocation<'_>, settings: &Settings, sending: Sending) -> PublishOptions {
    let config = &invocation.configuration.config;
    let platform = installation::platform(invocation);
    let access = config
        .text("access")
        .map(|access| if access == "private" { "restricted".to_owned() } else { access });
    PublishOptions {
        sending,
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

/// Says what was corrected, and what does not work.
fn say_what_is_wrong(terminal: &Terminal, prepared: &Prepared) {
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
