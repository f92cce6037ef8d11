//! The two renderings of a diagnostic.

use serde_json::{Map, Value, json};

use crate::{Diagnostic, Severity, redact};

/// Whether escape sequences for colour are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    Colour,
}

impl Style {
    fn paint(self, sequence: &str, text: &str) -> String {
        match self {
            Style::Plain => text.to_owned(),
            Style::Colour => format!("\u{1b}[{sequence}m{text}\u{1b}[0m"),
        }
    }
}

pub(crate) fn text(diagnostic: &Diagnostic, style: Style) -> String {
    let (word, colour) = match diagnostic.severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning => ("warning", "1;33"),
    };
    let head =
        if diagnostic.code.is_empty() { format!("{word}:") } else { format!("{word}[{}]:", diagnostic.code) };
    let mut out = block(&style.paint(colour, &head), head.len(), &diagnostic.message);
    for cause in &diagnostic.causes {
        out.push_str(&block("  caused by:", 12, cause));
    }
    for hint in &diagnostic.hints {
        out.push_str(&block(&style.paint("1;36", "help:"), 5, hint));
    }
    out
}

/// `label text`, further lines of the text two columns in, so that a report stays readable.
fn block(label: &str, width: usize, text: &str) -> String {
    let text = redact(text);
    let mut lines = text.lines();
    let mut out = format!("{label} {}\n", lines.next().unwrap_or_default());
    let indent = if width > 8 { "  " } else { "      " };
    for line in lines {
        if !line.is_empty() {
            out.push_str(indent);
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

pub(crate) fn json(diagnostic: &Diagnostic) -> Value {
    let mut detail: Vec<String> = diagnostic.causes.iter().map(|cause| redact(cause)).collect();
    detail.extend(diagnostic.hints.iter().map(|hint| redact(hint)));
    let mut error = Map::new();
    error.insert("code".to_owned(), Value::from(diagnostic.code.as_ref()));
    error.insert("summary".to_owned(), Value::from(redact(&diagnostic.message)));
    error.insert("detail".to_owned(), Value::from(detail.join("\n")));
    for (name, value) in &diagnostic.details {
        error.insert(name.clone(), redact_values(value));
    }
    json!({ "error": error })
}

fn redact_values(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::from(redact(text)),
        Value::Array(items) => items.iter().map(redact_values).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), redact_values(value))).collect()
        }
        other => other.clone(),
    }
}
