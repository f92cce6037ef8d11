//! How packages and people are shown with what they may do.

use npm_formats::collation;
use serde_json::{Map, Value, json};

use crate::commands::Invocation;
use crate::javascript_text::print;

/// All of them as JSON; else a line each, in the order of names, or the one that is wanted.
pub fn show(invocation: &Invocation<'_>, found: &Map<String, Value>, wanted: Option<&str>) {
    let word = |value: &Value| match value.as_str() {
        Some("read") => json!("read-only"),
        Some("write") => json!("read-write"),
        _ => value.clone(),
    };
    let found: Map<String, Value> = found.iter().map(|(name, value)| (name.clone(), word(value))).collect();
    if invocation.terminal.json {
        invocation.terminal.print_json(&Value::Object(found));
        return;
    }
    let mut rows: Vec<_> =
        found.iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name)).collect();
    rows.sort_by(|(a, _), (b, _)| collation::compare(a, b));
    for (name, value) in rows {
        invocation.terminal.print(format!("{name}: {}", print(value)));
    }
}
