//! What `knit config` shows, and how it reads assignments.

use std::path::PathBuf;

use diagnostics::{Diagnostic, redact};
use npm_formats::collation;
use npm_formats::config::{
    AUTHENTICATION_KEYS, AuthenticationProblem, DEFINITIONS, EntryValue, Level, Value, definition,
};
use package_manager::ManifestFile;
use package_manager::config_file::{self, Change};

use crate::commands::{CommandResult, Invocation, Outcome};
use crate::configuration::NPM_VERSION;
use crate::{editor, suggestion};

/// Keys whose values are never shown, on their own or behind `//host/:`.
const PROTECTED: [&str; 7] = ["auth", "authToken", "certfile", "email", "keyfile", "password", "username"];

/// The file that a level is kept in.
pub fn file(invocation: &Invocation<'_>, level: Level) -> PathBuf {
    let configuration = invocation.configuration;
    match level {
        Level::Global => configuration.config.text("globalconfig").unwrap_or_default().into(),
        Level::Project => configuration.local_prefix.join(".npmrc"),
        _ => configuration.config.text("userconfig").unwrap_or_default().into(),
    }
}

pub fn get(invocation: &Invocation<'_>, keys: &[String]) -> CommandResult {
    if keys.is_empty() {
        return list(invocation);
    }
    let mut lines = Vec::new();
    for key in keys {
        let value = invocation.configuration.config.get(key);
        let text = value.as_ref().map_or_else(|| "undefined".to_owned(), Value::to_string);
        if is_protected(key) || redact(&text) != text {
            return Err(Diagnostic::error(
                "EPROTECTED",
                format!("the value of {key} is protected and not shown"),
            )
            .with_hint("look for it in the file that `knit config list` names"));
        }
        lines.push(if keys.len() > 1 { format!("{key}={text}") } else { text });
    }
    invocation.terminal.print(lines.join("\n"));
    Ok(Outcome::Success)
}

pub fn list(invocation: &Invocation<'_>) -> CommandResult {
    if invocation.terminal.json {
        list_json(invocation)
    } else {
        list_text(invocation)
    }
    Ok(Outcome::Success)
}

fn list_json(invocation: &Invocation<'_>) {
    let config = &invocation.configuration.config;
    let mut shown = serde_json::Map::new();
    for key in config.keys() {
        let Some(value) = config.get(key) else { continue };
        let text = value.to_string();
        if !is_protected(key) && redact(&text) == text {
            shown.insert(key.to_owned(), value.to_json());
        }
    }
    invocation.terminal.print_json(&serde_json::Value::Object(shown));
}

fn list_text(invocation: &Invocation<'_>) {
    let config = &invocation.configuration.config;
    let long = config.flag("long");
    let mut lines: Vec<String> = Vec::new();
    for level in Level::ALL {
        let (mut values, source) = match level {
            Level::Default if !long => continue,
            Level::Default => {
                let all = DEFINITIONS.iter().filter_map(|definition| {
                    Some((definition.key.to_owned(), config.get_at(definition.key, Level::Default)?))
                });
                (all.collect::<Vec<_>>(), "default values")
            }
            level => {
                let layer = config.layer(level);
                (layer.values.clone().into_iter().collect(), layer.source.as_str())
            }
        };
        if values.is_empty() {
            continue;
        }
        values.sort_by(|(a, _), (b, _)| collation::compare(a, b));
        lines.push(format!("; \"{}\" config from {source}\n", level.name()));
        for (key, value) in &values {
            let shown = show(key, &value.to_json());
            let winner = config.find(key);
            lines.push(if winner == level {
                shown
            } else {
                format!("; {shown} ; overridden by {}", winner.name())
            });
        }
        lines.push(String::new());
    }
    if !long {
        lines.extend(surroundings(invocation));
    }
    if !config.is_global() {
        lines.extend(publish_config(invocation));
    }
    invocation.terminal.print(lines.join("\n").trim());
}

fn surroundings(invocation: &Invocation<'_>) -> Vec<String> {
    let process = invocation.process;
    let mut lines = Vec::new();
    let proxies: Vec<_> = process
        .texts()
        .filter(|(name, _)| {
            matches!(name.to_ascii_lowercase().as_str(), "http_proxy" | "https_proxy" | "proxy" | "no_proxy")
        })
        .map(|(name, value)| format!("; {name} = {}", serde_json::Value::from(redact(value))))
        .collect();
    if !proxies.is_empty() {
        lines.push("; environment-related config\n".to_owned());
        lines.extend(proxies);
        lines.push(String::new());
    }
    let node = crate::toolchain::find_on_path(process, "node");
    lines.push(format!(
        "; node bin location = {}",
        node.map_or("none".into(), |node| node.display().to_string())
    ));
    lines.push(format!("; npm local prefix = {}", invocation.configuration.local_prefix.display()));
    lines.push(format!("; knit version = {}", env!("CARGO_PKG_VERSION")));
    lines.push(format!("; npm version = {NPM_VERSION}"));
    lines.push(format!("; cwd = {}", process.working_directory.display()));
    lines.push(format!("; HOME = {}", process.home.as_deref().unwrap_or("".as_ref()).display()));
    lines.push("; Run `knit config ls -l` to show all defaults.".to_owned());
    lines.push(String::new());
    lines
}

fn publish_config(invocation: &Invocation<'_>) -> Vec<String> {
    let Ok(Some(manifest)) = ManifestFile::read_if_there(&invocation.configuration.local_prefix) else {
        return Vec::new();
    };
    let Some(values) = manifest.members().get("publishConfig").and_then(|value| value.as_object()) else {
        return Vec::new();
    };
    let mut lines = vec![
        format!("; \"publishConfig\" from {}", manifest.path().display()),
        "; This set of config values will be used at publish-time.\n".to_owned(),
    ];
    let mut values: Vec<_> = values.iter().collect();
    values.sort_by(|(a, _), (b, _)| collation::compare(a, b));
    lines.extend(values.into_iter().map(|(key, value)| show(key, value)));
    lines.push(String::new());
    lines
}

fn show(key: &str, value: &serde_json::Value) -> String {
    if is_protected(key) {
        return format!("{key} = (protected)");
    }
    format!("{key} = {}", redact(&value.to_string()))
}

/// Whether a key holds a secret, by its name.
fn is_protected(key: &str) -> bool {
    if key.starts_with('_') || PROTECTED.contains(&key) {
        return true;
    }
    key.starts_with("//")
        && key.rsplit_once(':').is_some_and(|(_, name)| name.starts_with('_') || PROTECTED.contains(&name))
}

/// `key=value`, or `key value`, in any number. An empty value removes the key.
///
/// Errors: a key that does not exist or is deprecated.
pub fn assignments(arguments: &[String]) -> Result<Vec<Change>, Diagnostic> {
    let mut changes = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key.trim(), value.trim().to_owned()),
            None => (word.trim(), words.next().map(|value| value.trim().to_owned()).unwrap_or_default()),
        };
        check_key(key)?;
        let value = (!value.is_empty()).then(|| match value.as_str() {
            "true" => EntryValue::Boolean(true),
            "false" => EntryValue::Boolean(false),
            "null" => EntryValue::Null,
            _ => EntryValue::Text(value.clone()),
        });
        changes.push((key.to_owned(), value));
    }
    Ok(changes)
}

fn check_key(key: &str) -> Result<(), Diagnostic> {
    let name = key.rsplit(':').next().unwrap_or(key);
    if let Some(instead) = definition(name).and_then(|definition| definition.deprecated) {
        return Err(Diagnostic::error(
            "EDEPRECATEDCONFIG",
            format!("{name} is deprecated and cannot be set"),
        )
        .with_hint(instead));
    }
    if definition(name).is_some() || AUTHENTICATION_KEYS.contains(&name) {
        return Ok(());
    }
    let error = Diagnostic::error("EUNKNOWNCONFIG", format!("{name} is not a configuration key"));
    let names = DEFINITIONS.iter().map(|definition| definition.key);
    Err(match suggestion::nearest(name, names) {
        Some(meant) => error.with_hint(format!("did you mean {meant}?")),
        None => error,
    })
}

/// Opens the file in the editor.
pub fn edit(invocation: &Invocation<'_>) -> CommandResult {
    let config = &invocation.configuration.config;
    let file = file(invocation, config.location());
    if let Some(directory) = file.parent() {
        std::fs::create_dir_all(directory).map_err(|error| {
            Diagnostic::error(
                diagnostics::io_code(&error),
                format!("could not create {}", directory.display()),
            )
            .with_cause(error.to_string())
        })?;
    }
    editor::open(invocation, &file)?;
    Ok(Outcome::Success)
}

/// Binds credentials to the registry they are for, or removes what has no meaning.
pub fn fix(invocation: &Invocation<'_>) -> CommandResult {
    let config = &invocation.configuration.config;
    let only = (!config.is_default("location")).then(|| config.location());
    let problems = config.authentication_problems();
    let mut lines = Vec::new();
    for level in [Level::Global, Level::User, Level::Project] {
        if only.is_some_and(|only| only != level) {
            continue;
        }
        let mut changes: Vec<Change> = Vec::new();
        for problem in &problems {
            match problem {
                AuthenticationProblem::Remove { key, level: at } if *at == level => {
                    changes.push((key.clone(), None));
                    lines.push(format!("- `{key}` deleted from {} config", level.name()));
                }
                AuthenticationProblem::Rename { from, to, level: at } if *at == level => {
                    let value = config.get_at(from, level).map(|value| EntryValue::Text(value.to_string()));
                    changes.push((to.clone(), value));
                    changes.push((from.clone(), None));
                    lines.push(format!("~ `{from}` renamed to `{to}` in {} config", level.name()));
                }
                _ => {}
            }
        }
        if !changes.is_empty() {
            config_file::change(&file(invocation, level), level, &changes)?;
        }
    }
    if !lines.is_empty() {
        invocation.terminal.print("The following configuration problems have been repaired:\n");
        invocation.terminal.print(lines.join("\n"));
    }
    Ok(Outcome::Success)
}
