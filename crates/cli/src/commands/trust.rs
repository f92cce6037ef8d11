//! `knit trust`

use diagnostics::Diagnostic;
use package_manager::named_package::NamedPackage;
use package_manager::trust;

use super::{Command, CommandResult, Invocation, Outcome};
use crate::trust_options::TrustOptions;
use crate::{prompt, trust_view};

pub const COMMAND: Command = Command {
    usage: &[
        "github [<package>] --file <file> [--repository <owner/name>] [--environment <name>] [--issuer <url>]",
        "gitlab [<package>] --file <file> [--project <group/name>] [--environment <name>] [--issuer <url>]",
        "circleci [<package>] --org-id <uuid> --project-id <uuid> --pipeline-definition-id <uuid> --vcs-origin <origin> [--context-id <uuid> ...]",
        "oidc [<package>] --issuer <url> --claim <name>=<value> ...",
        "list [<package>]",
        "revoke [<package>] --id <id>",
    ],
    details: include_str!("../help/trust.txt"),
    options: &["dry-run", "json", "registry", "otp", "yes"],
    ..Command::new("trust", "Let pipelines publish a package without a token", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let options = TrustOptions::read(invocation.arguments);
    let words: Vec<&str> = options.words.iter().map(String::as_str).collect();
    let (action, package) = match words[..] {
        [action] => (action, None),
        [action, package] => (action, Some(package)),
        _ => {
            return Err(
                invocation.usage_error("`trust` needs one of github, gitlab, circleci, oidc, list, revoke")
            );
        }
    };
    if !matches!(action, "github" | "gitlab" | "circleci" | "oidc" | "list" | "revoke") {
        return Err(invocation.usage_error(format!("`trust` has no action `{action}`")));
    }
    let settings = invocation.settings();
    let named = NamedPackage::parse(&settings, package)?;
    match action {
        "list" => {
            let found = invocation.block_on(trust::list(&invocation.client()?, &named))??;
            trust_view::relations(invocation, named.name(), &found);
        }
        "revoke" => revoke(invocation, &options, &named)?,
        provider => create(invocation, &options, provider, &named)?,
    }
    Ok(Outcome::Success)
}

fn revoke(
    invocation: &Invocation<'_>,
    options: &TrustOptions,
    package: &NamedPackage,
) -> Result<(), Diagnostic> {
    let id = options.get("id").ok_or_else(|| invocation.usage_error("`trust revoke` needs --id"))?;
    let about = format!("trusted configuration for package {} with id {id}", package.name());
    trust_view::say(invocation, &format!("Attempting to revoke {about}"));
    if invocation.settings().dry_run {
        return Ok(());
    }
    invocation.block_on(trust::revoke(&invocation.client()?, package, &id))??;
    trust_view::say(invocation, &format!("Revoked {about}"));
    Ok(())
}

fn create(
    invocation: &Invocation<'_>,
    options: &TrustOptions,
    provider: &str,
    package: &NamedPackage,
) -> Result<(), Diagnostic> {
    let permissions = options.permissions();
    if permissions.is_empty() {
        return Err(invocation.usage_error("`trust` needs --allow-publish, --allow-stage-publish or both"));
    }
    let own_repository = trust::own_repository(&invocation.settings(), provider, package);
    let publisher = options.publisher(provider, own_repository)?;
    trust_view::plan(invocation, package.name(), &publisher, &permissions);
    if invocation.settings().dry_run {
        return Ok(());
    }
    let yes = invocation.configuration.config.get("yes").and_then(|yes| yes.as_bool());
    prompt::proceed(yes)?;
    let made =
        invocation.block_on(trust::create(&invocation.client()?, package, &publisher, &permissions))??;
    trust_view::say(
        invocation,
        &format!(
            "Trust configuration created successfully for {} with the following settings:",
            package.name()
        ),
    );
    trust_view::relations(invocation, package.name(), &made);
    Ok(())
}
