//! V8's words for the engine's errors, because programs, tests and people look for those. By the engine's name of an
//! error; what cannot be told from its text (which object, which value) is left out or guessed as V8 mostly has it.

mod tables;
#[cfg(test)]
mod tests;
mod tokens;

use std::ffi::{CStr, c_char};
use tables::{FIXED, FRAMED, PATTERNS, UNEXPECTED};
use tokens::{IN_SLOPPY_CODE, IN_STRICT_CODE, identifier, is_branch, token_text, unexpected};

/// An error as the engine worded it.
struct Engine<'a> {
    name: &'a str,
    message: &'a str,
    operation: Operation,
    /// Of text that does not compile: from the wrong token on, and the whole line (for regular expressions the pattern).
    rest: String,
    line: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Operation {
    Other,
    Assign,
    Delete,
}

/// Called by the shim for every error that the engine makes: writes the new text and says its length, or 0.
///
/// # Safety
/// `name` and `message` end with a zero byte; `line` holds `line_length` units or is null; `out` has room for `capacity`
/// bytes.
pub(crate) unsafe extern "C" fn rewrite(
    name: *const c_char,
    message: *const c_char,
    operation: u32,
    line: *const u16,
    line_length: usize,
    offset: usize,
    out: *mut u8,
    capacity: usize,
) -> usize {
    // SAFETY: by the caller.
    let (name, message) = unsafe { (CStr::from_ptr(name), CStr::from_ptr(message)) };
    let units = if line.is_null() {
        &[][..]
    } else {
        // SAFETY: by the caller.
        unsafe { std::slice::from_raw_parts(line, line_length) }
    };
    let (Ok(name), Ok(message)) = (name.to_str(), message.to_str()) else { return 0 };
    let error = Engine {
        name,
        message,
        operation: match operation {
            1 => Operation::Assign,
            2 => Operation::Delete,
            _ => Operation::Other,
        },
        rest: String::from_utf16_lossy(units.get(offset..).unwrap_or_default()),
        line: String::from_utf16_lossy(units),
    };
    let Some(text) = error.reword().filter(|text| text.len() <= capacity) else { return 0 };
    // SAFETY: by the caller, and it fits.
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), out, text.len()) };
    text.len()
}

impl Engine<'_> {
    fn reword(&self) -> Option<String> {
        let name = self.name.strip_prefix("JSMSG_")?;
        if let Ok(row) = FIXED.binary_search_by_key(&name, |(name, _)| name) {
            return Some(FIXED[row].1.to_owned());
        }
        if let Ok(row) = FRAMED.binary_search_by_key(&name, |(name, ..)| name) {
            let (_, before, after, own) = FRAMED[row];
            let inner = self.message.strip_prefix(before)?.strip_suffix(after)?;
            return Some(own.replace("{}", &plain(inner)));
        }
        if let Ok(row) = PATTERNS.binary_search_by_key(&name, |(name, _)| name) {
            return Some(format!("Invalid regular expression: /{}/: {}", self.line, PATTERNS[row].1));
        }
        if UNEXPECTED.binary_search(&name).is_ok() {
            return Some(unexpected(&self.rest));
        }
        self.special(name)
    }

    fn special(&self, name: &str) -> Option<String> {
        Some(match name {
            "PROPERTY_FAIL" => {
                let (key, value) =
                    self.message.strip_prefix("can't access property ")?.rsplit_once(" of ")?;
                self.no_property(key, value)
            }
            "PROPERTY_FAIL_EXPR" => {
                let (rest, value) =
                    self.message.strip_prefix("can't access property ")?.rsplit_once(" is ")?;
                let key = match rest.strip_prefix('"').and_then(|rest| rest.find("\", ")) {
                    Some(end) => &rest[..end + 2],
                    None => rest.split_once(", ")?.0,
                };
                self.no_property(key, value)
            }
            "UNEXPECTED_TYPE" => self.cannot_destructure()?,
            "NO_PROPERTIES" => {
                let value = self.message.strip_suffix(" has no properties")?;
                format!("Cannot destructure '{value}' as it is {}.", nullish(value))
            }
            "CANT_CONVERT_TO" => return self.cannot_convert(),
            "READ_ONLY" => {
                let key = plain(self.message.strip_suffix(" is read-only")?);
                format!("Cannot assign to read only property '{key}' of object '#<Object>'")
            }
            "OBJECT_NOT_EXTENSIBLE" => {
                let subject = self.message.strip_suffix(": Object is not extensible")?;
                let key = plain(subject.strip_prefix("can't define property ").unwrap_or(subject));
                let verb = if self.operation == Operation::Assign { "add" } else { "define" };
                format!("Cannot {verb} property {key}, object is not extensible")
            }
            "CANT_DEFINE_PROP_OBJECT_NOT_EXTENSIBLE" => {
                let (key, _) = self.message.strip_prefix("can't define property ")?.rsplit_once(": ")?;
                let verb = if self.operation == Operation::Assign { "add" } else { "define" };
                format!("Cannot {verb} property {}, object is not extensible", plain(key))
            }
            "SET_NON_OBJECT_RECEIVER" => {
                let rest = self
                    .message
                    .strip_prefix("can't assign to property ")?
                    .strip_suffix(": not an object")?;
                let (key, value) = rest.split_once(" on ")?;
                let kind = match value.as_bytes().first()? {
                    b'"' => "string",
                    b't' | b'f' => "boolean",
                    _ => "number",
                };
                format!("Cannot create property '{}' on {kind} '{}'", plain(key), plain(value))
            }
            "NOT_ITERABLE" => {
                let value = self.message.strip_suffix(" is not iterable")?;
                format!("{} is not iterable", value.strip_prefix("({").map_or(value, |_| unwrapped(value)))
            }
            "NOT_FUNCTION" | "NOT_CONSTRUCTOR" => {
                let wording =
                    if name == "NOT_FUNCTION" { " is not a function" } else { " is not a constructor" };
                let value = self.message.strip_suffix(wording)?;
                format!("{}{wording}", unwrapped(value))
            }
            "REDECLARED_VAR" => {
                let (_, variable) = self.message.strip_prefix("redeclaration of ")?.rsplit_once(' ')?;
                format!("Identifier '{variable}' has already been declared")
            }
            "UNEXPECTED_TOKEN" | "UNEXPECTED_TOKEN_NO_EXPECT" => return self.unexpected_token(),
            "MISSING_FUN_ARG" => "undefined is not a function".to_owned(),
            "BUILTIN_CTOR_NO_NEW" => {
                let class = self
                    .message
                    .strip_prefix("calling a builtin ")?
                    .strip_suffix(" constructor without new is forbidden")?;
                match class {
                    "Promise" => "Promise constructor cannot be invoked without 'new'".to_owned(),
                    _ => format!("Constructor {class} requires 'new'"),
                }
            }
            "INCOMPATIBLE_METHOD" => {
                let (method, receiver) = self.message.rsplit_once(" called on incompatible ")?;
                let method = method.strip_suffix(" method").unwrap_or(method);
                format!("Method {method} called on incompatible receiver {}", receiver_text(receiver))
            }
            "INCOMPATIBLE_PROTO" => {
                let (method, receiver) = self.message.rsplit_once(" called on incompatible ")?;
                match (method.split_once(".prototype")?.0, receiver) {
                    ("Date", _) => "this is not a Date object.".to_owned(),
                    ("String", "null" | "undefined") => format!("{method} called on null or undefined"),
                    (class @ ("Number" | "String" | "Boolean" | "BigInt" | "Symbol"), _) => {
                        format!("{method} requires that 'this' be a {class}")
                    }
                    _ => {
                        format!("Method {method} called on incompatible receiver {}", receiver_text(receiver))
                    }
                }
            }
            "IN_NOT_OBJECT" => {
                let value = self.message.strip_prefix("right-hand side of 'in' should be an object, got ")?;
                format!("Cannot use 'in' operator to search for a key in {value}")
            }
            "IN_STRING" => {
                let rest = self.message.strip_prefix("cannot use 'in' operator to search for ")?;
                let (key, value) = rest.split_once(" in ")?;
                format!("Cannot use 'in' operator to search for '{}' in {}", plain(key), plain(value))
            }
            "REQUIRES_GLOBAL_REGEXP" => {
                let method = self.message.split(' ').next()?;
                format!("String.prototype.{method} called with a non-global RegExp argument")
            }
            "BAD_HERITAGE" => {
                let rest = self.message.strip_prefix("class heritage ")?;
                let value = rest
                    .strip_suffix(" is not an object or null")
                    .or(rest.strip_suffix(" is not a constructor"))?;
                format!("Class extends value {value} is not a constructor or null")
            }
            "BAD_GET_SET_FIELD" => {
                let which = if self.message.contains("'s get ") { "Getter" } else { "Setter" };
                format!("{which} must be a function")
            }
            "COLON_AFTER_ID" if self.rest.trim_start().starts_with('=') => {
                "Invalid shorthand property initializer".to_owned()
            }
            "COLON_AFTER_ID" => unexpected(&self.rest),
            "FORBIDDEN_AS_STATEMENT" => self.forbidden_statement(),
            "FUNCTION_LABEL" => IN_STRICT_CODE.to_owned(),
            "EOF_BEFORE_END_OF_LITERAL" if self.message.starts_with('`') => {
                "Unterminated template literal".to_owned()
            }
            "EOF_BEFORE_END_OF_LITERAL" => "Invalid or unexpected token".to_owned(),
            "BAD_REGEXP_FLAG" if self.line.is_empty() => {
                let flag = self.message.strip_prefix("invalid regular expression flag ")?;
                format!("Invalid flags supplied to RegExp constructor '{flag}'")
            }
            "BAD_REGEXP_FLAG" => "Invalid regular expression flags".to_owned(),
            "ACCESSOR_WRONG_ARGS" if self.message.starts_with("getter") => {
                "Getter must not have any formal parameters.".to_owned()
            }
            "ACCESSOR_WRONG_ARGS" => "Setter must have exactly one formal parameter.".to_owned(),
            "MALFORMED_ESCAPE" => {
                let kind = self.message.strip_prefix("malformed ")?.split(' ').next()?;
                format!("Invalid {kind} escape sequence")
            }
            "DUPLICATE_LABEL" => {
                format!("Label '{}' has already been declared", identifier(&self.rest).unwrap_or_default())
            }
            "BAD_INCOP_OPERAND" => {
                let before = self.line.strip_suffix(&self.rest).unwrap_or_default().trim_end();
                let is_prefix = before.ends_with("++") || before.ends_with("--");
                format!(
                    "Invalid left-hand side expression in {} operation",
                    if is_prefix { "prefix" } else { "postfix" }
                )
            }
            "LABEL_NOT_FOUND" => format!("Undefined label '{}'", identifier(&self.rest).unwrap_or_default()),
            "ILLEGAL_CHARACTER" | "IDSTART_AFTER_NUMBER" => "Invalid or unexpected token".to_owned(),
            "MODULE_NO_EXPORT" | "MODULE_AMBIGUOUS" => return self.missing_export(),
            _ => return None,
        })
    }

    /// `undefined.key`, read or written.
    fn no_property(&self, key: &str, value: &str) -> String {
        if key == "Symbol.iterator" {
            return format!("{value} is not iterable");
        }
        let key = plain(key);
        match self.operation {
            Operation::Assign => format!("Cannot set properties of {value} (setting '{key}')"),
            Operation::Delete => "Cannot convert undefined or null to object".to_owned(),
            Operation::Other => format!("Cannot read properties of {value} (reading '{key}')"),
        }
    }

    /// What was to be taken apart is null or undefined; which of its properties came first is not told.
    fn cannot_destructure(&self) -> Option<String> {
        let (what, value) = self.message.rsplit_once(" is ")?;
        if !matches!(value, "null" | "undefined") {
            return None;
        }
        let what = if what == "(destructured parameter)" { value } else { what };
        Some(format!("Cannot destructure '{what}' as it is {value}."))
    }

    fn cannot_convert(&self) -> Option<String> {
        let (from, to) = self.message.strip_prefix("can't convert ")?.rsplit_once(" to ")?;
        Some(match (from, to) {
            ("null" | "undefined", "object") => "Cannot convert undefined or null to object".to_owned(),
            ("symbol", _) => format!("Cannot convert a Symbol value to a {to}"),
            (_, "primitive type") => "Cannot convert object to primitive value".to_owned(),
            _ => format!("Cannot convert {from} to {to}"),
        })
    }

    fn unexpected_token(&self) -> Option<String> {
        let got =
            self.message.rsplit_once("got ").or_else(|| self.message.split_once("unexpected token: "))?.1;
        Some(if got == "end of script" {
            "Unexpected end of input".to_owned()
        } else {
            token_text(got, &self.rest)
        })
    }

    /// A declaration where only a statement may stand. Strict code is told by what would be right in other code: a
    /// function as the body of `if`.
    fn forbidden_statement(&self) -> String {
        let rest = self.rest.trim_start();
        if let Some(rest) = rest.strip_prefix("function") {
            if rest.trim_start().starts_with('*') {
                return "Generators can only be declared at the top level or inside a block.".to_owned();
            }
            let before = self.line.strip_suffix(&self.rest).unwrap_or_default().trim_end();
            let is_strict = is_branch(before) || before.contains("use strict");
            return if is_strict { IN_STRICT_CODE } else { IN_SLOPPY_CODE }.to_owned();
        }
        match identifier(rest) {
            Some("async") => {
                "Async functions can only be declared at the top level or inside a block.".to_owned()
            }
            Some("let") => "Lexical declaration cannot appear in a single-statement context".to_owned(),
            _ => unexpected(rest),
        }
    }

    fn missing_export(&self) -> Option<String> {
        let rest = self.message.strip_prefix("The requested module '")?;
        if let Some((module, name)) = rest.split_once("' doesn't provide an export named: '") {
            return Some(format!("The requested module '{module}' does not provide an export named '{name}"));
        }
        let (module, name) = rest.split_once("' contains ambiguous star export: '")?;
        let name = name.split('\'').next()?;
        Some(format!("The requested module '{module}' contains conflicting star exports for name '{name}'"))
    }
}

/// A key or value as V8 writes it: without the quotes that the engine puts around strings.
fn plain(text: &str) -> String {
    if let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return inner.replace("\\\"", "\"").replace("\\\\", "\\");
    }
    if let Some(description) = text.strip_prefix("Symbol(\"").and_then(|text| text.strip_suffix("\")")) {
        return format!("Symbol({description})");
    }
    if text.starts_with("Symbol.") {
        return format!("Symbol({text})");
    }
    text.to_owned()
}

/// Object literals stand in parentheses only in this engine's texts.
fn unwrapped(value: &str) -> &str {
    value
        .strip_prefix('(')
        .and_then(|value| value.strip_suffix(')'))
        .filter(|value| value.starts_with('{'))
        .unwrap_or(value)
}

fn nullish(value: &str) -> &str {
    if value == "null" { "null" } else { "undefined" }
}

/// The engine tells the class of an object, V8 shows the value.
fn receiver_text(receiver: &str) -> String {
    match receiver {
        "null" | "undefined" => receiver.to_owned(),
        "Array" | "Function" | "Date" | "RegExp" => format!("[object {receiver}]"),
        _ if receiver.starts_with(char::is_uppercase) => format!("#<{receiver}>"),
        _ => receiver.to_owned(),
    }
}
