//! From text to the best type a key accepts.

use std::path::{Component, Path, PathBuf};

use jiff::tz::TimeZone;

use super::ini::EntryValue;
use super::{Type, Value, definition, parse_date, substitute};

/// What coercion needs to know about the process, handed in by the caller.
pub struct Context<'a> {
    /// The home directory, for `~/`.
    pub home: Option<PathBuf>,
    /// The directory that relative paths are relative to. Absolute.
    pub working_directory: PathBuf,
    /// Environment variables, for `${NAME}`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The zone of dates without one; asked for only when a date needs it.
    pub time_zone: &'a dyn Fn() -> TimeZone,
}

impl Context<'_> {
    /// `~/` and relative paths made absolute, `.` and `..` resolved without looking at the disk.
    pub fn absolute(&self, path: &str) -> String {
        let path = match (path.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.working_directory.join(path),
        };
        normalize(&path).to_string_lossy().into_owned()
    }
}

fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The value of an entry under its key. Unknown keys are read as text, `true`, `false` or null.
pub(super) fn coerce(key: &str, raw: &EntryValue, context: &Context<'_>) -> Value {
    let types = definition(key).map_or(&[][..], |definition| definition.types);
    coerce_as(types, raw, context, true)
}

fn coerce_as(types: &[Type], raw: &EntryValue, context: &Context<'_>, may_be_list: bool) -> Value {
    let is_list = may_be_list && types.contains(&Type::List);
    match raw {
        EntryValue::Null => Value::Null,
        EntryValue::Boolean(value) => Value::Boolean(*value),
        EntryValue::List(items) => {
            // A list where the key takes none is kept, so that validation can name it.
            Value::List(items.iter().map(|item| coerce_as(types, item, context, false)).collect())
        }
        EntryValue::Text(text) if is_list => {
            // Lists travel through the environment separated by empty lines.
            Value::List(text.trim().split("\n\n").map(|item| coerce_text(types, item, context)).collect())
        }
        EntryValue::Text(text) => coerce_text(types, text, context),
    }
}

fn coerce_text(types: &[Type], text: &str, context: &Context<'_>) -> Value {
    let text = text.trim();
    let is = |wanted: Type| types.contains(&wanted);
    let is_text = is(Type::Text) || is(Type::Path);
    if is(Type::Boolean) && !is_text && text.is_empty() {
        return Value::Boolean(true);
    }
    if !is_text && !is(Type::Number) {
        match text {
            "true" => return Value::Boolean(true),
            "false" => return Value::Boolean(false),
            "null" | "undefined" => return Value::Null,
            _ => {}
        }
    }
    let text = substitute(text, context.variable);
    if is(Type::Date) {
        // What is no date stays text, so that validation can show it.
        return parse_date(&text, context.time_zone).map_or(Value::Text(text), Value::Date);
    }
    if is(Type::Path) && !is_word(types, &text) {
        return Value::Text(context.absolute(&text));
    }
    if is(Type::Umask) {
        return umask(&text).map_or(Value::Text(text), |mask| Value::Number(f64::from(mask)));
    }
    if is(Type::Number)
        && let Some(number) = number(&text)
    {
        return Value::Number(number);
    }
    Value::Text(text)
}

fn is_word(types: &[Type], text: &str) -> bool {
    types.iter().any(|kind| matches!(kind, Type::Word(word) if *word == text))
}

/// Text as JavaScript's `Number()` reads it; `None` for not-a-number.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = text.to_ascii_lowercase().strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(|number| {
                #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
                let number = number as f64;
                number
            });
        }
    }
    match text {
        "Infinity" | "+Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    // Rust also reads `inf` and `nan`, which JavaScript does not.
    if text.bytes().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'e' | b'E')) {
        return None;
    }
    text.parse().ok()
}

/// Octal with a leading zero, else decimal.
pub(super) fn umask(text: &str) -> Option<u16> {
    let digits = text.strip_prefix('0').map(|rest| rest.strip_prefix('o').unwrap_or(rest));
    match digits {
        Some("") => Some(0),
        Some(octal) => u16::from_str_radix(octal, 8).ok(),
        None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
    .filter(|mask| *mask <= 0o777)
}
