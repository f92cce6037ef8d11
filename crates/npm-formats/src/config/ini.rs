//! The `.npmrc` text format.
//!
//! Shape: `key=value` lines, `key[]=value` for lists, `;` and `#` comments, quotes as JSON strings,
//! backslash before `;`, `#` and itself. Sections are read over: no key of npm's lives in one.
//! Source: npm 11.19.1 (`ini`).

/// A value as the file has it, before the table of keys is consulted.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryValue {
    Null,
    Boolean(bool),
    Text(String),
    List(Vec<EntryValue>),
}

/// One key of a file. A key that occurs twice holds the last value, at the place of the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub value: EntryValue,
}

/// The entries outside of any section, in the file's order.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines(text) {
        match line {
            Line::Section => break,
            Line::Other => {}
            Line::Pair { key, value } => insert(&mut entries, &key, value),
        }
    }
    entries
}

fn insert(entries: &mut Vec<Entry>, raw_key: &str, value: EntryValue) {
    let bracketed = (raw_key.len() > 2).then(|| raw_key.strip_suffix("[]")).flatten();
    let key = bracketed.unwrap_or(raw_key);
    if key == "__proto__" {
        return;
    }
    let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) else {
        let value = if bracketed.is_some() { EntryValue::List(vec![value]) } else { value };
        entries.push(Entry { key: key.to_owned(), value });
        return;
    };
    match &mut entry.value {
        EntryValue::List(items) => items.push(value),
        single if bracketed.is_some() => {
            let first = std::mem::replace(single, EntryValue::Null);
            *single = EntryValue::List(vec![first, value]);
        }
        single => *single = value,
    }
}

/// The text with one key set to the given values (one plain value, or a list) or, given none,
/// removed. Everything else, comments included, stays as it is. Empty when nothing is left.
///
/// npm rewrites the whole file and loses its comments; what it reads back is the same.
pub fn edit(text: &str, key: &str, value: Option<&EntryValue>) -> String {
    let mut replacement = value.map(|value| print(key, value));
    let mut out = String::with_capacity(text.len() + 64);
    let mut in_section = false;
    for raw in text.split_inclusive('\n') {
        let line = classify(raw.trim_end_matches(['\r', '\n']));
        if matches!(line, Some(Line::Section)) {
            if !in_section && let Some(new) = replacement.take() {
                out.push_str(&new);
            }
            in_section = true;
        }
        let is_this_key = !in_section
            && matches!(&line, Some(Line::Pair { key: found, .. })
                if found == key || found.strip_suffix("[]") == Some(key));
        if !is_this_key {
            out.push_str(raw);
        } else if let Some(new) = replacement.take() {
            out.push_str(&new);
        }
    }
    if let Some(new) = replacement {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&new);
    }
    if out.trim().is_empty() { String::new() } else { out }
}

fn print(key: &str, value: &EntryValue) -> String {
    match value {
        EntryValue::List(items) => items
            .iter()
            .map(|item| format!("{}={}\n", escape(&format!("{key}[]")), print_scalar(item)))
            .collect(),
        single => format!("{}={}\n", escape(key), print_scalar(single)),
    }
}

fn print_scalar(value: &EntryValue) -> String {
    match value {
        EntryValue::Null => "null".to_owned(),
        EntryValue::Boolean(value) => value.to_string(),
        EntryValue::Text(text) => escape(text),
        EntryValue::List(items) => items.iter().map(print_scalar).collect::<Vec<_>>().join(","),
    }
}

/// Quotes what would not read back as itself.
fn escape(text: &str) -> String {
    let needs_quotes = text.contains(['=', '\r', '\n'])
        || text.starts_with('[')
        || (text.len() > 1 && is_quoted(text))
        || text != text.trim();
    if needs_quotes {
        return serde_json::Value::from(text).to_string();
    }
    text.replace(';', "\\;").replace('#', "\\#")
}

enum Line {
    Section,
    Other,
    Pair { key: String, value: EntryValue },
}

fn lines(text: &str) -> impl Iterator<Item = Line> {
    text.split(['\r', '\n']).filter_map(classify)
}

fn classify(line: &str) -> Option<Line> {
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return None;
    }
    if trimmed.starts_with([';', '#']) {
        return Some(Line::Other);
    }
    if line.starts_with('[') && line.trim_end().find(']') == Some(line.trim_end().len() - 1) {
        return Some(Line::Section);
    }
    let (key, value) = match line.split_once('=') {
        Some(("", _)) => return Some(Line::Other),
        Some((key, value)) => (key, Some(value)),
        None => (line, None),
    };
    let key = match unescape(key) {
        EntryValue::Text(key) => key,
        other => print_scalar(&other),
    };
    let value = match value.map(unescape) {
        None => EntryValue::Boolean(true),
        Some(EntryValue::Text(text)) => match text.as_str() {
            "true" => EntryValue::Boolean(true),
            "false" => EntryValue::Boolean(false),
            "null" => EntryValue::Null,
            _ => EntryValue::Text(text),
        },
        Some(other) => other,
    };
    Some(Line::Pair { key, value })
}

fn is_quoted(text: &str) -> bool {
    (text.starts_with('"') && text.ends_with('"')) || (text.starts_with('\'') && text.ends_with('\''))
}

fn unescape(text: &str) -> EntryValue {
    let text = text.trim();
    if is_quoted(text) {
        return unquote(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if escaped {
            if !matches!(c, '\\' | ';' | '#') {
                out.push('\\');
            }
            out.push(c);
            escaped = false;
        } else if matches!(c, ';' | '#') {
            break;
        } else if c == '\\' {
            escaped = true;
        } else {
            out.push(c);
        }
    }
    if escaped {
        out.push('\\');
    }
    EntryValue::Text(out.trim().to_owned())
}

/// Single quotes are dropped first, then the rest is read as JSON where it is JSON.
fn unquote(text: &str) -> EntryValue {
    let inner = match text.strip_prefix('\'') {
        Some(rest) => rest.strip_suffix('\'').unwrap_or(""),
        None => text,
    };
    match serde_json::from_str(inner) {
        Ok(serde_json::Value::String(value)) => EntryValue::Text(value),
        Ok(serde_json::Value::Bool(value)) => EntryValue::Boolean(value),
        Ok(serde_json::Value::Null) => EntryValue::Null,
        _ => EntryValue::Text(inner.to_owned()),
    }
}
