//! Where and why a text is not JSON.

use std::ops::Range;

/// How many characters of a long line are shown on either side of the error.
const CONTEXT: usize = 40;

/// A text that is not JSON.
///
/// Shape of the message: `package.json is not valid JSON: expected value at line 3, column 5`. [`Self::excerpt`]
/// gives the line itself with a caret under the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file} is not valid JSON: {reason} at line {line}, column {column}")]
pub struct JsonError {
    /// What was read, in the words of the caller: a path, a URL.
    pub file: String,
    /// What is wrong there, a phrase without position.
    pub reason: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The part of the line that is worth showing.
    pub source_line: String,
    /// Characters of `source_line` before the place of the error.
    pub caret: usize,
}

impl JsonError {
    /// npm's code for it.
    pub const CODE: &'static str = "EJSONPARSE";

    /// The line of the error and a caret under the place, without a final line break.
    ///
    /// ```text
    /// 3 |   "name": ,
    ///   |           ^
    /// ```
    pub fn excerpt(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let shift = " ".repeat(self.caret);
        format!("{number} | {}\n{margin} | {shift}^", self.source_line)
    }

    pub(super) fn new(file: &str, text: &str, error: &serde_json::Error) -> Self {
        let reason = reason(text, error);
        let line_index = error.line().saturating_sub(1);
        let line = text.split('\n').nth(line_index).unwrap_or("").trim_end_matches('\r');
        // serde_json counts the bytes up to and including the offending one.
        let offset = floor_boundary(line, error.column().saturating_sub(1));
        let before = line.get(..offset).unwrap_or(line);
        let column = before.chars().count() + 1;
        let shown = window(line, offset);
        let source_line: String = line.get(shown.clone()).unwrap_or("").chars().map(printable).collect();
        let caret = line.get(shown.start..offset).map_or(0, |before| before.chars().count());
        Self { file: file.to_owned(), reason, line: error.line().max(1), column, source_line, caret }
    }
}

fn reason(text: &str, error: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        return "it is empty".to_owned();
    }
    if has_conflict_markers(text) {
        return "it holds the markers of an unresolved merge conflict".to_owned();
    }
    let message = error.to_string();
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(&message).to_owned()
}

fn has_conflict_markers(text: &str) -> bool {
    let mut markers = text.lines().filter(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>"));
    markers.next().is_some() && markers.next().is_some()
}

/// Control characters must not reach a terminal.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        other if other.is_control() => '\u{FFFD}',
        other => other,
    }
}

fn window(line: &str, offset: usize) -> Range<usize> {
    let before = line.get(..offset).unwrap_or(line);
    let start = before.char_indices().rev().take(CONTEXT).last().map_or(offset, |(index, _)| index);
    let after = line.get(offset..).unwrap_or("");
    let end = after.char_indices().nth(CONTEXT).map_or(line.len(), |(index, _)| offset + index);
    start..end
}

fn floor_boundary(line: &str, offset: usize) -> usize {
    let mut offset = offset.min(line.len());
    while !line.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
