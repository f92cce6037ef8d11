//! From the word on the command line to the command: aliases, abbreviations, common typing errors.
//! Source: npm 11.19.1.

use diagnostics::Diagnostic;

use crate::commands::{COMMANDS, Command};
use crate::suggestion;

/// npm's commands, also those that knit does not have: they keep abbreviations what they are in npm.
const NPM_COMMANDS: &[&str] = &[
    "access",
    "adduser",
    "approve-scripts",
    "audit",
    "bugs",
    "cache",
    "ci",
    "completion",
    "config",
    "dedupe",
    "deny-scripts",
    "deprecate",
    "diff",
    "dist-tag",
    "docs",
    "doctor",
    "edit",
    "exec",
    "explain",
    "explore",
    "find-dupes",
    "fund",
    "get",
    "help",
    "help-search",
    "init",
    "install",
    "install-ci-test",
    "install-scripts",
    "install-test",
    "link",
    "ll",
    "login",
    "logout",
    "ls",
    "org",
    "outdated",
    "owner",
    "pack",
    "ping",
    "pkg",
    "prefix",
    "profile",
    "prune",
    "publish",
    "query",
    "rebuild",
    "repo",
    "restart",
    "root",
    "run",
    "sbom",
    "search",
    "set",
    "shrinkwrap",
    "stage",
    "star",
    "stars",
    "start",
    "stop",
    "team",
    "test",
    "token",
    "trust",
    "undeprecate",
    "uninstall",
    "unpublish",
    "unstar",
    "update",
    "version",
    "view",
    "whoami",
];

/// Other words for commands.
pub const ALIASES: &[(&str, &str)] = &[
    ("author", "owner"),
    ("home", "docs"),
    ("issues", "bugs"),
    ("info", "view"),
    ("show", "view"),
    ("find", "search"),
    ("add", "install"),
    ("unlink", "uninstall"),
    ("remove", "uninstall"),
    ("rm", "uninstall"),
    ("r", "uninstall"),
    ("un", "uninstall"),
    ("rb", "rebuild"),
    ("list", "ls"),
    ("ln", "link"),
    ("create", "init"),
    ("i", "install"),
    ("it", "install-test"),
    ("cit", "install-ci-test"),
    ("u", "update"),
    ("up", "update"),
    ("c", "config"),
    ("s", "search"),
    ("se", "search"),
    ("tst", "test"),
    ("t", "test"),
    ("ddp", "dedupe"),
    ("v", "view"),
    ("run-script", "run"),
    ("clean-install", "ci"),
    ("clean-install-test", "install-ci-test"),
    ("x", "exec"),
    ("why", "explain"),
    ("la", "ll"),
    ("verison", "version"),
    ("ic", "ci"),
    ("innit", "init"),
    ("in", "install"),
    ("ins", "install"),
    ("inst", "install"),
    ("insta", "install"),
    ("instal", "install"),
    ("isnt", "install"),
    ("isnta", "install"),
    ("isntal", "install"),
    ("isntall", "install"),
    ("install-clean", "ci"),
    ("isntall-clean", "ci"),
    ("hlep", "help"),
    ("dist-tags", "dist-tag"),
    ("upgrade", "update"),
    ("udpate", "update"),
    ("rum", "run"),
    ("sit", "install-ci-test"),
    ("urn", "run"),
    ("ogr", "org"),
    ("add-user", "adduser"),
];

/// The full name of a command. `installTest` is `install-test`; a unique beginning is enough.
fn full_name(word: &str) -> Option<&'static str> {
    let mut dashed = String::with_capacity(word.len());
    for c in word.chars() {
        if c.is_ascii_uppercase() {
            dashed.push('-');
        }
        dashed.push(c.to_ascii_lowercase());
    }
    let known = || COMMANDS.iter().map(|command| command.name).chain(NPM_COMMANDS.iter().copied());
    if let Some(name) = known().find(|name| *name == dashed) {
        return Some(name);
    }
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == dashed) {
        return Some(name);
    }
    if dashed.is_empty() {
        return None;
    }
    // only npm's: what knit has beside them must not make a beginning ambiguous that is unique in npm
    let mut candidates: Vec<&'static str> = NPM_COMMANDS
        .iter()
        .copied()
        .chain(ALIASES.iter().map(|(alias, _)| *alias))
        .filter(|name| name.starts_with(dashed.as_str()))
        .collect();
    candidates.sort_unstable();
    candidates.dedup();
    let [only] = candidates[..] else { return None };
    Some(ALIASES.iter().find(|(alias, _)| *alias == only).map_or(only, |(_, name)| name))
}

/// The command that a word names.
///
/// Errors: no such command, with the nearest one as a hint; a command of npm's that knit does not have.
pub fn command(word: &str) -> Result<&'static Command, Diagnostic> {
    let Some(name) = full_name(word) else {
        let error = Diagnostic::error("EUNKNOWNCOMMAND", format!("there is no command `{word}`"));
        let names = COMMANDS.iter().map(|command| command.name);
        return Err(match suggestion::nearest(word, names) {
            Some(meant) => error.with_hint(format!("did you mean `knit {meant}`?")),
            None => error.with_hint("run `knit help` for a list of commands"),
        });
    };
    COMMANDS.iter().copied().find(|command| command.name == name).ok_or_else(|| {
        Diagnostic::error("EUNSUPPORTED", format!("this version of knit has no `{name}` yet"))
            .with_hint(format!("run `npm {name}` meanwhile: it works on the same files"))
    })
}

#[cfg(test)]
mod tests {
    use super::full_name;

    // Every row was run through npm 11.19.1.
    #[test]
    fn words_mean_the_commands_they_mean_in_npm() {
        let rows = [
            ("install", Some("install")),
            ("i", Some("install")),
            ("isntall", Some("install")),
            ("add", Some("install")),
            ("rm", Some("uninstall")),
            ("unin", Some("uninstall")),
            ("la", Some("ll")),
            ("why", Some("explain")),
            ("t", Some("test")),
            ("tes", Some("test")),
            ("x", Some("exec")),
            ("run-s", Some("run")),
            ("runScript", Some("run")),
            ("install-cl", Some("ci")),
            ("up", Some("update")),
            ("conf", Some("config")),
            ("comp", Some("completion")),
            ("pre", Some("prefix")),
            ("p", None),
            ("star", Some("star")),
            ("ver", None),
            ("vers", Some("version")),
            ("nothing", None),
            ("", None),
        ];
        for (word, wanted) in rows {
            assert_eq!(full_name(word), wanted, "{word}");
        }
    }
}
