//! Sending a package to its registry: how, with whose credentials, and what is said about it.

use diagnostics::{Diagnostic, Report as _};
use package_manager::Settings;
use package_manager::ping::registry_problem;
use package_manager::publish::trusted::{self, BuildServer};
use package_manager::publish::{self, Prepared, PublishError, PublishOptions, Publisher, Sending};
use registry_client::{RegistryClient, Secret};
use serde_json::Value;
use url::Url;

use crate::commands::Invocation;
use crate::process::Process;
use crate::terminal::Terminal;
use crate::{installation, package_check_view};

/// Publishes or stages, unless this is a dry run. Answers the id of what is staged.
pub fn send(
    invocation: &Invocation<'_>,
    prepared: &Prepared,
    options: &PublishOptions,
) -> Result<Option<String>, Diagnostic> {
    let terminal = invocation.terminal;
    let client = invocation.client()?;
    let (registry, has_credentials) = publish::destination(&client, prepared)?;
    let mut refusal = None;
    let (client, has_credentials) = match trusted_client(invocation, &client, &registry, prepared.name())? {
        Trusted::Client(trusted) => (trusted, true),
        Trusted::Refused(problem) => {
            refusal = Some(problem);
            (client, has_credentials)
        }
        Trusted::NoBuild => (client, has_credentials),
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
pub fn note(sending: Sending, stage_id: Option<&str>) -> String {
    match (sending, stage_id) {
        (Sending::Publish, _) => String::new(),
        (Sending::Stage, Some(stage_id)) => format!(" (staged with id {stage_id})"),
        (Sending::Stage, None) => " (staged)".to_owned(),
    }
}

/// What a registry makes of the build that this is.
enum Trusted {
    /// A client with the token that it gives.
    Client(RegistryClient),
    /// Why it gives none.
    Refused(String),
    /// Nothing vouches for a build.
    NoBuild,
}

fn trusted_client(
    invocation: &Invocation<'_>,
    client: &RegistryClient,
    registry: &Url,
    package: &str,
) -> Result<Trusted, Diagnostic> {
    let Some(server) = build_server(invocation.process) else { return Ok(Trusted::NoBuild) };
    match invocation.block_on(trusted::exchange(client, registry, package, &server))? {
        Ok(token) => {
            let options = trusted::with_token(invocation.client_options()?, registry, &token);
            let client = RegistryClient::new(options).map_err(|error| registry_problem(&error))?;
            Ok(Trusted::Client(client))
        }
        Err(problem) => {
            // registries need not know of it
            let text = format!("the registry gives no token to this build: {}", problem.message);
            invocation.terminal.inform(&text);
            Ok(Trusted::Refused(text))
        }
    }
}

/// What vouches for the build that this is, if anything does.
fn build_server(process: &Process) -> Option<BuildServer> {
    // npm takes it on three kinds of build servers only; whoever sets it on another means the same by it
    if let Some(token) = process.text_variable("NPM_ID_TOKEN") {
        return Some(BuildServer::IdToken(Secret::new(token)));
    }
    // Gitea and Forgejo say so as well
    if process.build_server()? != "github-actions" {
        return None;
    }
    let address = process.text_variable("ACTIONS_ID_TOKEN_REQUEST_URL")?;
    let token = process.text_variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?;
    Some(BuildServer::IdTokenRequest { address: Url::parse(address).ok()?, token: Secret::new(token) })
}

/// How to publish, by the configuration.
pub fn options(invocation: &Invocation<'_>, settings: &Settings, sending: Sending) -> PublishOptions {
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
pub fn say_what_is_wrong(terminal: &Terminal, prepared: &Prepared) {
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
