//! How tokens are shown: for people, as JSON, and in columns with `--parseable`.

use package_manager::token::text;
use serde_json::{Map, Value};

use crate::commands::Invocation;
use crate::javascript_text::{member, print};

const COLUMNS: [&str; 7] = ["key", "token", "id", "name", "created", "readonly", "CIDR whitelist"];

pub fn list(invocation: &Invocation<'_>, tokens: Vec<Map<String, Value>>) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&tokens.into_iter().map(Value::Object).collect());
        return;
    }
    if invocation.configuration.config.flag("parseable") {
        terminal.print(COLUMNS.join("\t"));
        for token in &tokens {
            let is_read_only = member(token, "readonly").is_some_and(|value| value.as_bool() == Some(true));
            let columns = [
                text(token, "key"),
                text(token, "token"),
                text(token, "id"),
                text(token, "name"),
                text(token, "created"),
                if is_read_only { "true" } else { "false" },
                &ranges(token),
            ];
            terminal.print(columns.join("\t"));
        }
        return;
    }
    for token in &tokens {
        let mut line = format!(
            "{} {}… with id {}",
            terminal.paint("34", "Token"),
            text(token, "token"),
            terminal.paint("36", text(token, "id"))
        );
        if !text(token, "name").is_empty() {
            line.push_str(&format!(" name {}", terminal.paint("35", text(token, "name"))));
        }
        line.push_str(&format!(" created {}", text(token, "created").get(..10).unwrap_or_default()));
        terminal.print(line);
        limits(invocation, token);
        terminal.print("");
    }
}

/// What a token is limited to, a line each.
fn limits(invocation: &Invocation<'_>, token: &Map<String, Value>) {
    let terminal = invocation.terminal;
    let ranges = ranges(token);
    if !ranges.is_empty() {
        terminal.print(format!("with IP whitelist: {}", terminal.paint("32", &ranges)));
    }
    if member(token, "readonly").is_some_and(|value| value.as_bool() == Some(true)) {
        terminal.print("read-only");
    }
    let expires = member(token, "expires").or_else(|| member(token, "expiry")).map(print);
    if let Some(expires) = expires {
        terminal.print(format!("expires: {expires}"));
    }
}

fn ranges(token: &Map<String, Value>) -> String {
    member(token, "cidr_whitelist").map(print).unwrap_or_default()
}

pub fn revoked(invocation: &Invocation<'_>, keys: &[String]) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&keys.into());
    } else if invocation.configuration.config.flag("parseable") {
        terminal.print(keys.join("\t"));
    } else {
        terminal.print(format!("Removed {} token{}", keys.len(), if keys.len() == 1 { "" } else { "s" }));
    }
}

pub fn created(invocation: &Invocation<'_>, token: &Map<String, Value>) {
    let terminal = invocation.terminal;
    if terminal.json {
        terminal.print_json(&Value::Object(token.clone()));
    } else if invocation.configuration.config.flag("parseable") {
        for (name, value) in token {
            terminal.print(format!("{name}\t{}", print(value)));
        }
    } else {
        terminal.print(format!("Created token {}", text(token, "token")));
        limits(invocation, token);
    }
}
