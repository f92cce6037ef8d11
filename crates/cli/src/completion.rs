//! What can follow the words of a command line.

use npm_formats::config::{DEFINITIONS, Type};
use package_manager::{ManifestFile, run};

use crate::arguments;
use crate::commands::{COMMANDS, Invocation};
use crate::help::TOPICS;
use crate::names;

/// The script that teaches bash and zsh to ask us.
pub const SCRIPT: &str = include_str!("completion.sh");

/// The words that can stand in place `at` of the command line, which begins with the program's name.
/// What follows the cursor does not count.
pub fn complete(invocation: &Invocation<'_>, at: usize) -> Vec<String> {
    let words = invocation.arguments;
    let partial = words.get(at).map_or("", String::as_str);
    let before = words.get(1..at.min(words.len())).unwrap_or_default();
    if before.iter().any(|word| word == "--") {
        return Vec::new();
    }
    let candidates = if partial.starts_with('-') {
        options(partial)
    } else {
        let positionals = arguments::parse(before.iter().cloned()).positionals;
        match positionals.split_first() {
            None => COMMANDS.iter().map(|command| command.name.to_owned()).collect(),
            Some((command, rest)) => arguments_of(invocation, command, rest),
        }
    };
    candidates.into_iter().filter(|candidate| candidate.starts_with(partial)).collect()
}

fn options(partial: &str) -> Vec<String> {
    let is_negated = partial.starts_with("--no-");
    let known = DEFINITIONS.iter().filter(|known| known.deprecated.is_none());
    known
        .filter(|known| !is_negated || known.accepts(Type::Boolean))
        .map(|known| format!("--{}{}", if is_negated { "no-" } else { "" }, known.key))
        .collect()
}

fn arguments_of(invocation: &Invocation<'_>, command: &str, rest: &[String]) -> Vec<String> {
    let Ok(command) = names::command(command) else { return Vec::new() };
    let texts = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect();
    match (command.name, rest) {
        ("run", []) => scripts(invocation),
        ("config", []) => texts(&["get", "set", "delete", "list", "edit", "fix"]),
        ("config", [action]) if matches!(action.as_str(), "get" | "set" | "delete" | "rm") => keys(),
        ("get" | "set", []) => keys(),
        ("pkg", []) => texts(&["get", "set", "delete", "fix"]),
        ("pkg", [action]) if matches!(action.as_str(), "get" | "set" | "delete") => fields(invocation),
        ("help", []) => {
            let commands = COMMANDS.iter().map(|command| command.name.to_owned());
            commands.chain(TOPICS.iter().map(|topic| topic.name.to_owned())).collect()
        }
        ("version", []) => {
            texts(&["major", "minor", "patch", "premajor", "preminor", "prepatch", "prerelease", "from-git"])
        }
        _ => Vec::new(),
    }
}

fn keys() -> Vec<String> {
    DEFINITIONS.iter().map(|known| known.key.to_owned()).collect()
}

fn scripts(invocation: &Invocation<'_>) -> Vec<String> {
    // A project that cannot be read has no scripts to offer.
    let packages = run::list(&invocation.settings()).unwrap_or_default();
    packages.into_iter().flat_map(|package| package.scripts).map(|(name, _)| name).collect()
}

fn fields(invocation: &Invocation<'_>) -> Vec<String> {
    let manifest = ManifestFile::read_if_there(&invocation.configuration.local_prefix).ok().flatten();
    manifest.map(|manifest| manifest.members().keys().cloned().collect()).unwrap_or_default()
}
