//! Operations of `internal/modules/typescript`.

use js_engine::{Binding, op};
use module_syntax::TypeScriptError;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(strip).op(transform);
}

/// `["js", code, source map]`, or what is wrong: `["", error code, message, line number, line, carets]`.
type Answer = (&'static str, String, Option<String>, Option<f64>, Option<String>, Option<String>);

#[op]
fn strip(source: String) -> Answer {
    match module_syntax::strip_types(&source) {
        Ok(code) => ("js", code, None, None, None, None),
        Err(error) => refused(&error, &source),
    }
}

/// `name`: what the source map calls the source; none for no map.
#[op]
fn transform(source: String, name: Option<String>) -> Answer {
    match module_syntax::transform_types(&source, name.as_deref()) {
        Ok(transformed) => ("js", transformed.code, transformed.source_map, None, None, None),
        Err(error) => refused(&error, &source),
    }
}

fn refused(error: &TypeScriptError, source: &str) -> Answer {
    let (number, line, carets) = error.excerpt(source);
    let code = error.code().to_owned();
    ("", code, Some(error.message.clone()), Some(number as f64), Some(line.to_owned()), Some(carets))
}
