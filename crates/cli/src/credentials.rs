//! Credentials in the configuration: what `login` writes and `logout` takes away.

use std::time::{SystemTime, UNIX_EPOCH};

use diagnostics::Diagnostic;
use npm_formats::config::{EntryValue, Level, nerf_dart, print_date};
use package_manager::config_file::{self, Change};
use registry_client::{ClientOptions, Secret};
use url::Url;

use crate::commands::Invocation;
use crate::config_view;

/// The registry that an account is at: its address as configured, and as a URL.
pub struct AccountRegistry {
    pub text: String,
    pub url: Url,
}

/// The scope's registry, else the default one. `prefers_command_line` lets `--registry` go before the scope's.
///
/// *Errors*: no registry is configured.
pub fn registry(
    invocation: &Invocation<'_>,
    options: &ClientOptions,
    prefers_command_line: bool,
) -> Result<AccountRegistry, Diagnostic> {
    let config = &invocation.configuration.config;
    let given = prefers_command_line && crate::settings::on_command_line(config, "registry").is_some();
    let scope = config.scope().filter(|_| !given);
    let url = options.registry_for_scope(scope.as_deref()).filter(|_| !given).or(options.registry.as_ref());
    let text = config.registry(scope.as_deref());
    let (Some(url), Some(text)) = (url, text) else {
        return Err(Diagnostic::error("ENOREGISTRY", "no registry is configured")
            .with_hint("name it with --registry=<address>, or run `knit config set registry=<address>`"));
    };
    Ok(AccountRegistry { text, url: url.clone() })
}

/// Writes a token for a registry into the user's configuration, in place of a name and password there, and makes
/// the registry that of a scope.
///
/// *Errors*: the file cannot be changed.
pub fn keep(
    invocation: &Invocation<'_>,
    registry: &AccountRegistry,
    scope: Option<&str>,
    token: &Secret,
) -> Result<(), Diagnostic> {
    let prefix = prefix_of(registry)?;
    let mut changes: Vec<Change> = vec![
        ("_token".to_owned(), None),
        (format!("{prefix}:_authToken"), Some(EntryValue::Text(token.reveal().to_owned()))),
    ];
    let stale = ["always-auth", "email", "_auth", "_password", "username"];
    changes.extend(stale.map(|name| (format!("{prefix}:{name}"), None)));
    if let Some(scope) = scope {
        changes.push((format!("{scope}:registry"), Some(EntryValue::Text(registry.text.clone()))));
    }
    change(invocation, Level::User, &changes)
}

/// Takes the credentials of a registry out of the file that they are in, and with a scope its registry.
///
/// *Errors*: they are in the environment or on the command line; the file cannot be changed.
pub fn forget(
    invocation: &Invocation<'_>,
    options: &ClientOptions,
    registry: &AccountRegistry,
    scope: Option<&str>,
) -> Result<(), Diagnostic> {
    let found = options.credentials.nearest(&registry.url).map(|(prefix, _)| prefix);
    let prefix = match found {
        Some(prefix) => prefix,
        None => prefix_of(registry)?,
    };
    let config = &invocation.configuration.config;
    const NAMES: [&str; 7] = ["_authToken", "_auth", "_password", "username", "email", "certfile", "keyfile"];
    let level = ["_authToken", "_auth", "username"]
        .iter()
        .map(|name| config.find(&format!("{prefix}:{name}")))
        .find(|level| *level != Level::Default)
        .unwrap_or(Level::User);
    if !level.is_file() {
        let text =
            format!("the credentials for {prefix} are set by the {}, which cannot be changed", level.name());
        return Err(Diagnostic::error("ENOCONFIGFILE", text)
            .with_hint("take them away there, and see `knit config list` for what is left"));
    }
    let mut changes: Vec<Change> = NAMES.iter().map(|name| (format!("{prefix}:{name}"), None)).collect();
    changes.extend(scope.map(|scope| (format!("{scope}:registry"), None)));
    change(invocation, level, &changes)
}

fn prefix_of(registry: &AccountRegistry) -> Result<String, Diagnostic> {
    nerf_dart(&registry.text)
        .ok_or_else(|| Diagnostic::error("EINVALIDURL", format!("registry is no address: {}", registry.text)))
}

fn change(invocation: &Invocation<'_>, level: Level, changes: &[Change]) -> Result<(), Diagnostic> {
    Ok(config_file::change(&config_view::file(invocation, level), level, changes)?)
}

/// The current time as the documents of accounts have it.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    print_date(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
