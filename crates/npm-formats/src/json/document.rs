//! A JSON file that is edited and written back in its own formatting.

use super::{JsonError, decode, parse_text, print};
use serde_json::Value;

/// The indentation and line ending of a JSON file.
///
/// Source: npm 11.19.1, json-parse-even-better-errors, which looks at the first line break only. A file on one line
/// has neither, and npm writes it back on one line without a final line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    /// What a level is indented by; empty for a file on one line.
    pub indent: String,
    /// `\n`, `\r\n`, or whatever number of them follows the first bracket.
    pub newline: String,
}

impl Default for Format {
    /// Two spaces and `\n`.
    fn default() -> Self {
        Self { indent: "  ".to_owned(), newline: "\n".to_owned() }
    }
}

impl Format {
    /// The formatting of a text that starts with `{` or `[`; the default for any other.
    pub fn detect(text: &str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        if let Some(rest) = text.strip_prefix("{}").or_else(|| text.strip_prefix("[]"))
            && let (newline, "") = split_line_breaks(rest)
        {
            let newline = if newline.is_empty() { "\n" } else { newline };
            return Self { newline: newline.to_owned(), ..Self::default() };
        }
        let trimmed = text.trim_start();
        let Some(rest) = trimmed.strip_prefix(['{', '[']) else {
            return Self::default();
        };
        let (newline, rest) = split_line_breaks(rest);
        if newline.is_empty() {
            return Self { indent: String::new(), newline: String::new() };
        }
        let indent = rest.len() - rest.trim_start().len();
        Self { indent: rest.get(..indent).unwrap_or("").to_owned(), newline: newline.to_owned() }
    }
}

fn split_line_breaks(text: &str) -> (&str, &str) {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or("");
        end += match rest {
            rest if rest.starts_with('\n') => 1,
            rest if rest.starts_with("\r\n") => 2,
            _ => return text.split_at(end),
        };
    }
}

/// A JSON file: its value, free to edit, and the formatting to write it back with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// The content.
    pub value: Value,
    /// How it was written.
    pub format: Format,
}

impl Document {
    /// Reads a file. Errors: [`JsonError`] naming `file`.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, JsonError> {
        let text = decode(bytes);
        let value = parse_text(file, &text)?;
        Ok(Self { value, format: Format::detect(&text) })
    }

    /// The text to write: the value in the file's own indentation and line ending, with a final line break unless
    /// the file is on one line.
    ///
    /// Source: npm 11.19.1, @npmcli/package-json `save`; a final line break that was missing is added.
    pub fn print(&self) -> String {
        let mut text = print(&self.value, &self.format.indent);
        text.push('\n');
        if self.format.newline == "\n" { text } else { text.replace('\n', &self.format.newline) }
    }
}
