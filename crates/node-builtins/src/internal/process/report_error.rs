//! Printing of errors that end the program: the lines of source they point at, and standard error itself.

use js_engine::{Binding, op};
use std::fs::read_to_string;

/// Longer lines are not shown: they come from tools, and nobody reads them.
const LONGEST_LINE: usize = 10_000;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(source_line).op(builtin_line).op(write);
}

fn line_of(text: &str, line: usize) -> Option<String> {
    let found = text.split('\n').nth(line.checked_sub(1)?)?;
    (found.len() <= LONGEST_LINE).then(|| found.trim_end_matches('\r').to_owned())
}

/// A line of a file, counted from one.
#[op]
fn source_line(path: String, line: usize) -> Option<String> {
    line_of(&read_to_string(path).ok()?, line)
}

/// A line of a builtin, by its id without the scheme.
#[op]
fn builtin_line(id: String, line: usize) -> Option<String> {
    line_of(crate::source(&id)?, line)
}

/// Writes to standard error, past all streams.
#[op]
fn write(text: String) {
    crate::process::write_to_standard_error(&text);
}
