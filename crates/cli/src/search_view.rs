//! How results of a search are shown: for people, as JSON, and in columns with `--parseable`.

use package_manager::search::{Found, maintainers};
use serde_json::Value;

use crate::commands::Invocation;
use crate::terminal::Terminal;

pub fn show(invocation: &Invocation<'_>, found: &[Found], words: &[String]) {
    let (config, terminal) = (&invocation.configuration.config, invocation.terminal);
    if terminal.json {
        // one a line, as npm has it
        let lines: Vec<String> =
            found.iter().map(|package| Value::Object(package.clone()).to_string()).collect();
        terminal.print(if lines.is_empty() {
            "[]".to_owned()
        } else {
            format!("[\n{}\n]", lines.join("\n,\n"))
        });
    } else if config.flag("parseable") {
        found.iter().for_each(|package| terminal.print(columns(package)));
    } else if found.is_empty() {
        let words: Vec<String> =
            invocation.arguments.iter().map(|word| Value::from(word.as_str()).to_string()).collect();
        terminal.print(format!("No matches found for {}", words.join(" ")));
    } else {
        let shows_description = config.flag("description");
        found.iter().for_each(|package| terminal.print(page(terminal, package, words, shows_description)));
    }
}

/// Text of the registry without what steers a terminal.
fn text(package: &Found, name: &str) -> String {
    let text = package.get(name).and_then(Value::as_str).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).collect()
}

fn keywords(package: &Found) -> Vec<String> {
    let clean = |word: &str| word.chars().filter(|c| !c.is_control()).collect::<String>();
    match package.get("keywords") {
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(clean).collect(),
        Some(Value::String(words)) => {
            words.split([',', ' ']).filter(|word| !word.is_empty()).map(clean).collect()
        }
        _ => Vec::new(),
    }
}

fn day(package: &Found) -> String {
    let date = text(package, "date");
    date.get(..10).map_or_else(|| "prehistoric".to_owned(), str::to_owned)
}

/// Name, description, day, version and keywords with tabs between; what is empty leaves no column, as in npm.
fn columns(package: &Found) -> String {
    let mut columns =
        vec![text(package, "name"), text(package, "description"), day(package), text(package, "version")];
    columns.retain(|column| !column.is_empty());
    columns.push(keywords(package).join(","));
    columns.join("\t")
}

fn page(terminal: &Terminal, package: &Found, words: &[String], shows_description: bool) -> String {
    let (name, description) = (text(package, "name"), text(package, "description"));
    let mut lines = vec![if words.contains(&name) {
        terminal.paint("36", &name)
    } else {
        terminal.paint("34", &highlighted(terminal, &name, words))
    }];
    if shows_description && !description.is_empty() {
        lines.push(highlighted(terminal, &description, words));
    }
    let publisher =
        package.get("publisher").and_then(|who| who.get("username")?.as_str()).unwrap_or_default();
    let publisher: String = publisher.chars().filter(|c| !c.is_control()).collect();
    let blue = |text: &str| terminal.paint("34", text);
    let by = if publisher.is_empty() { terminal.paint("33", "???") } else { blue(&publisher) };
    lines.push(format!(
        "Version {} published {} by {by}",
        blue(&text(package, "version")),
        blue(&day(package))
    ));
    let maintainers: String = maintainers(package).join(" ").chars().filter(|c| !c.is_control()).collect();
    lines.push(format!("Maintainers: {maintainers}"));
    let keywords = keywords(package);
    if !keywords.is_empty() {
        let shown = keywords
            .iter()
            .map(|word| if words.contains(word) { terminal.paint("36", word) } else { word.clone() });
        lines.push(format!("Keywords: {}", shown.collect::<Vec<_>>().join(" ")));
    }
    let links = package.get("links");
    let link = ["homepage", "repository"].iter().find_map(|name| links?.get(name)?.as_str());
    lines.extend(link.map(|link| blue(&link.chars().filter(|c| !c.is_control()).collect::<String>())));
    lines.push(String::new());
    lines.join("\n")
}

/// The text with every word painted, where it occurs first longest.
fn highlighted(terminal: &Terminal, text: &str, words: &[String]) -> String {
    let lower = text.to_lowercase();
    if terminal.paint("36", "").is_empty() || lower.len() != text.len() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let hit =
            words.iter().filter(|word| lower[at..].starts_with(word.as_str())).max_by_key(|word| word.len());
        let end = match hit {
            Some(word) => at + word.len(),
            None => at + text[at..].chars().next().map_or(1, char::len_utf8),
        };
        match hit {
            Some(_) => out.push_str(&terminal.paint("36", &text[at..end])),
            None => out.push_str(&text[at..end]),
        }
        at = end;
    }
    out
}
