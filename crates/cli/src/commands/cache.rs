//! `knit cache`

use std::time::{Instant, SystemTime};

use diagnostics::Diagnostic;
use package_manager::cache::{self, exec_sets};

use super::{Command, CommandResult, Invocation, Outcome};
use crate::{cache_view, installation};

pub const COMMAND: Command = Command {
    usage: &[
        "add <package-spec>",
        "clean [<key>]",
        "ls [<name>@<version>]",
        "verify",
        "npx ls",
        "npx rm [<key>...]",
        "npx info <key>...",
    ],
    details: include_str!("../help/cache.txt"),
    options: &["cache", "store-dir", "force", "dry-run", "json"],
    ..Command::new("cache", "Look at what is kept of packages, and look after it", run)
};

fn run(invocation: &Invocation<'_>) -> CommandResult {
    let Some((action, rest)) = invocation.arguments.split_first() else {
        return Err(invocation.usage_error("`cache` needs one of add, clean, ls, verify, npx"));
    };
    match action.as_str() {
        "add" => add(invocation, rest),
        "clean" | "rm" | "clear" => clean(invocation, rest),
        "ls" => ls(invocation, rest),
        "verify" | "check" => verify(invocation),
        "npx" => npx(invocation, rest),
        other => Err(invocation.usage_error(format!("`cache` has no action `{other}`"))),
    }
}

fn add(invocation: &Invocation<'_>, specs: &[String]) -> CommandResult {
    if specs.is_empty() {
        return Err(invocation.usage_error("`cache add` needs at least one package"));
    }
    let settings = invocation.settings();
    let added = installation::with_context(invocation, &settings, |context| cache::add(context, specs))??;
    invocation.terminal.inform(&format!("kept {}", added.join(", ")));
    Ok(Outcome::Success)
}

fn ls(invocation: &Invocation<'_>, specs: &[String]) -> CommandResult {
    let cached = cache::list(&invocation.settings().places, specs)?;
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&cache_view::listing_json(&cached));
    } else {
        cache_view::listing(&cached).iter().for_each(|line| terminal.print(line));
    }
    Ok(Outcome::Success)
}

fn verify(invocation: &Invocation<'_>) -> CommandResult {
    let (terminal, settings, started) = (invocation.terminal, invocation.settings(), Instant::now());
    let found = cache::verify(&settings.places, SystemTime::now())?;
    if terminal.json {
        terminal.print_json(&cache_view::verified_json(&found));
    } else {
        terminal.print(cache_view::verified(&found, &settings.places, started.elapsed()));
    }
    Ok(Outcome::Success)
}

fn clean(invocation: &Invocation<'_>, keys: &[String]) -> CommandResult {
    let settings = invocation.settings();
    if !keys.is_empty() {
        for cleaned in cache::clean(&settings.places, keys)? {
            if cleaned.removed.is_empty() {
                let text = format!("nothing is kept under {}", cleaned.key);
                let warning = Diagnostic::warning("ENOTFOUND", text);
                invocation.terminal.warn(&warning.with_hint("run `knit cache ls` to see what is"));
            }
            cleaned.removed.iter().for_each(|what| invocation.terminal.print(format!("deleted {what}")));
        }
        return Ok(Outcome::Success);
    }
    if !settings.force {
        let text = "the whole cache is only removed with --force; what is damaged in it is never used";
        return Err(Diagnostic::error("EUSAGE", text)
            .with_hint("run `knit cache verify` to check it, and to remove what nothing uses")
            .with_hint(
                "run `knit install --cache <empty folder> --store-dir <empty folder>` to do without it once",
            )
            .with_hint("run `knit cache clean --force` to remove it"));
    }
    cache::clean_all(&settings.places)?;
    Ok(Outcome::Success)
}

fn npx(invocation: &Invocation<'_>, arguments: &[String]) -> CommandResult {
    let (terminal, settings) = (invocation.terminal, invocation.settings());
    let Some((action, keys)) = arguments.split_first() else {
        return Err(invocation.usage_error("`cache npx` needs one of ls, rm, info"));
    };
    let asked = match action.as_str() {
        "ls" | "info" | "rm" => keys,
        other => return Err(invocation.usage_error(format!("`cache npx` has no action `{other}`"))),
    };
    match (action.as_str(), asked) {
        ("info", []) => return Err(invocation.usage_error("`cache npx info` needs at least one key")),
        ("rm", []) if !settings.force => {
            return Err(invocation.usage_error("all sets of packages are only removed with --force"));
        }
        _ => {}
    }
    let asked = if action == "ls" { &[][..] } else { asked };
    let Some(sets) = exec_sets::list(&settings.places, asked)? else {
        terminal.print("npx cache does not exist");
        return Ok(Outcome::Success);
    };
    for set in &sets {
        match action.as_str() {
            "ls" => terminal.print(cache_view::set_line(set)),
            "info" => terminal.print(cache_view::set_details(set, terminal)),
            _ => {
                terminal.print(format!("removing {}", set.path.display()));
                if !settings.dry_run {
                    exec_sets::remove(set)?;
                }
            }
        }
    }
    Ok(Outcome::Success)
}
