//! Operations of `internal/modules/sources`: the text of modules, and what it says about itself.

use js_engine::{Binding, OpError, OsPath, op};
use std::path::Path;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(read_text).op(read_bytes).op(has_module_syntax).op(lex_text).op(lex_file);
}

/// Names and specifiers that a CommonJS text exports.
type Exports = (Vec<String>, Vec<String>);

#[op]
fn read_text(path: OsPath) -> Result<String, OpError> {
    text_of(path.as_path())
}

#[op]
fn read_bytes(path: OsPath) -> Result<Vec<u8>, OpError> {
    read(path.as_path())
}

#[op]
fn has_module_syntax(source: String) -> bool {
    module_syntax::has_module_syntax(&source)
}

#[op]
fn lex_text(source: String) -> Option<Exports> {
    lex(&source)
}

#[op]
fn lex_file(path: OsPath) -> Result<Option<Exports>, OpError> {
    Ok(lex(&text_of(path.as_path())?))
}

fn lex(source: &str) -> Option<Exports> {
    module_syntax::commonjs_exports(source).map(|found| (found.exports, found.reexports))
}

/// The text of a file, without a byte order mark.
pub(crate) fn text_of(path: &Path) -> Result<String, OpError> {
    let bytes = read(path)?;
    let mut text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if text.starts_with('\u{feff}') {
        text.drain(..3);
    }
    Ok(text)
}

/// The same for the body of a function, where a first line `#!` is no comment.
pub(crate) fn body_of(path: &Path) -> Result<String, OpError> {
    let mut text = text_of(path)?;
    if text.starts_with("#!") {
        text.replace_range(..2, "//");
    }
    Ok(text)
}

fn read(path: &Path) -> Result<Vec<u8>, OpError> {
    std::fs::read(path).map_err(|error| OpError::io(&error, "open").path(path.display()))
}
