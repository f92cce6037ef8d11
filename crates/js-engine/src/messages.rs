//! V8's words for the engine's errors, because programs, tests and people look for those. By the engine's name of an
//! error; what cannot be told from its text (which object, which value) is left out or guessed as V8 mostly has it.

use std::ffi::{CStr, c_char};

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
                let before = self.line[..self.line.len() - self.rest.len()].trim_end();
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
            let before = self.line[..self.line.len() - self.rest.len()].trim_end();
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

const IN_STRICT_CODE: &str =
    "In strict mode code, functions can only be declared at top level or inside a block.";
const IN_SLOPPY_CODE: &str = "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.";

/// Whether a text ends where a branch of an `if` begins.
fn is_branch(before: &str) -> bool {
    if before.ends_with("else") {
        return true;
    }
    let mut depth = 0;
    for (at, char) in before.char_indices().rev() {
        match char {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return char == '(' && before[..at].trim_end().ends_with("if");
        }
    }
    false
}

fn identifier(text: &str) -> Option<&str> {
    let is_start = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    if !text.starts_with(is_start) {
        return None;
    }
    let end = text.find(|c: char| !is_start(c) && !c.is_alphanumeric()).unwrap_or(text.len());
    Some(&text[..end])
}

/// The token that the engine describes in words.
fn token_text(words: &str, rest: &str) -> String {
    if let Some(token) = words.find('\'').and_then(|start| words[start + 1..].strip_suffix('\'')) {
        return match words.split('\'').next().unwrap_or_default().trim() {
            "reserved word" => "Unexpected reserved word".to_owned(),
            "strict reserved word" | "implementation reserved word" => {
                "Unexpected strict mode reserved word".to_owned()
            }
            "" if identifier(token).is_some() => format!("Unexpected identifier '{token}'"),
            _ => format!("Unexpected token '{token}'"),
        };
    }
    match words {
        "numeric literal" | "bigint literal" => "Unexpected number".to_owned(),
        "string literal" => "Unexpected string".to_owned(),
        "template string" | "template literal" | "template head" => "Unexpected template string".to_owned(),
        _ => unexpected(rest),
    }
}

/// What V8 says of the token that a text begins with.
fn unexpected(rest: &str) -> String {
    let rest = rest.trim_start();
    let Some(first) = rest.chars().next() else { return "Unexpected end of input".to_owned() };
    if let Some(word) = identifier(rest) {
        return if KEYWORDS.binary_search(&word).is_ok() {
            format!("Unexpected token '{word}'")
        } else {
            format!("Unexpected identifier '{word}'")
        };
    }
    match first {
        '0'..='9' => "Unexpected number".to_owned(),
        '"' | '\'' => "Unexpected string".to_owned(),
        '`' => "Unexpected template string".to_owned(),
        _ => {
            let token = PUNCTUATORS.iter().find(|token| rest.starts_with(**token));
            format!("Unexpected token '{}'", token.map_or(first.to_string(), |token| (*token).to_owned()))
        }
    }
}

/// Longest first where one begins another.
const PUNCTUATORS: &[&str] = &[
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=",
    ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>",
    "**",
];

const KEYWORDS: &[&str] = &[
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];

/// The engine says what it misses, V8 what it finds instead.
const UNEXPECTED: &[&str] = &[
    "BAD_COALESCE_MIXING",
    "BAD_PROP_ID",
    "BRACKET_AFTER_LIST",
    "BRACKET_IN_INDEX",
    "CATCH_IDENTIFIER",
    "CATCH_WITHOUT_TRY",
    "COLON_AFTER_CASE",
    "COLON_IN_COND",
    "COMP_PROP_UNTERM_EXPR",
    "CURLY_AFTER_BODY",
    "CURLY_AFTER_CATCH",
    "CURLY_AFTER_FINALLY",
    "CURLY_AFTER_LIST",
    "CURLY_AFTER_TRY",
    "CURLY_BEFORE_BODY",
    "CURLY_BEFORE_CATCH",
    "CURLY_BEFORE_CLASS",
    "CURLY_BEFORE_FINALLY",
    "CURLY_BEFORE_SWITCH",
    "CURLY_BEFORE_TRY",
    "CURLY_IN_COMPOUND",
    "DECLARATION_AFTER_IMPORT",
    "FINALLY_WITHOUT_TRY",
    "FROM_AFTER_IMPORT_CLAUSE",
    "GARBAGE_AFTER_INPUT",
    "MISSING_FORMAL",
    "MODULE_SPEC_AFTER_FROM",
    "NAME_AFTER_DOT",
    "NO_BINDING_NAME",
    "NO_IMPORT_NAME",
    "NO_VARIABLE_NAME",
    "PAREN_AFTER_CATCH",
    "PAREN_AFTER_COND",
    "PAREN_AFTER_FOR",
    "PAREN_AFTER_FORMAL",
    "PAREN_AFTER_FOR_CTRL",
    "PAREN_AFTER_SWITCH",
    "PAREN_AFTER_WITH",
    "PAREN_BEFORE_CATCH",
    "PAREN_BEFORE_COND",
    "PAREN_BEFORE_FORMAL",
    "PAREN_BEFORE_SWITCH",
    "PAREN_BEFORE_WITH",
    "PAREN_IN_PAREN",
    "RC_AFTER_IMPORT_SPEC_LIST",
    "SEMI_AFTER_FOR_COND",
    "SEMI_AFTER_FOR_INIT",
    "UNNAMED_CLASS_STMT",
];

/// Errors of regular expressions, after the pattern.
const PATTERNS: &[(&str, &str)] = &[
    ("BAD_CLASS_RANGE", "Range out of order in character class"),
    ("DUPLICATE_CAPTURE_NAME", "Duplicate capture group name"),
    ("ESCAPE_AT_END_OF_REGEXP", "\\ at end of pattern"),
    ("INCOMPLETE_QUANTIFIER", "Incomplete quantifier"),
    ("INVALID_CAPTURE_NAME", "Invalid capture group name"),
    ("INVALID_GROUP", "Invalid group"),
    ("INVALID_IDENTITY_ESCAPE", "Invalid escape"),
    ("INVALID_NAMED_CAPTURE_REF", "Invalid named capture referenced"),
    ("INVALID_NAMED_REF", "Invalid named reference"),
    ("INVALID_PROPERTY_NAME", "Invalid property name"),
    ("MISSING_PAREN", "Unterminated group"),
    ("NOTHING_TO_REPEAT", "Nothing to repeat"),
    ("NUMBERS_OUT_OF_ORDER", "numbers out of order in {} quantifier"),
    ("RANGE_WITH_CLASS_ESCAPE", "Invalid character class"),
    ("RAW_BRACKET_IN_REGEXP", "Lone quantifier brackets"),
    ("REPEATED_FLAG", "Repeated flag in modifier group"),
    ("TOO_MANY_PARENS", "Too many captures"),
    ("UNICODE_OVERFLOW", "Invalid Unicode escape"),
    ("UNMATCHED_RIGHT_PAREN", "Unmatched ')'"),
    ("UNTERM_CLASS", "Unterminated character class"),
];

/// (name, what stands before the variable part, what after it, V8's words around the same part)
const FRAMED: &[(&str, &str, &str, &str)] = &[
    ("BAD_CONST_ASSIGN", "invalid assignment to const '", "'", "Assignment to constant variable."),
    (
        "BAD_INSTANCEOF_RHS",
        "invalid 'instanceof' operand ",
        "",
        "Right-hand side of 'instanceof' is not an object",
    ),
    ("BAD_RETURN_OR_YIELD", "", " not in function", "Illegal {} statement"),
    (
        "CANT_DEFINE_NEW",
        "proxy can't define a new property '",
        "' on a non-extensible object",
        "'defineProperty' on proxy: trap returned truish for adding property '{}'  to the non-extensible proxy target",
    ),
    (
        "CANT_DELETE",
        "property ",
        " is non-configurable and can't be deleted",
        "Cannot delete property '{}' of #<Object>",
    ),
    (
        "CANT_DELETE_NON_EXTENSIBLE",
        "proxy can't delete property '",
        "' on a non-extensible object",
        "'deleteProperty' on proxy: trap returned truish for property '{}' but the proxy target is non-extensible",
    ),
    ("CANT_REDEFINE_PROP", "can't redefine non-configurable property ", "", "Cannot redefine property: {}"),
    (
        "CANT_REPORT_E_AS_NE",
        "proxy can't report an existing own property '",
        "' as non-existent on a non-extensible object",
        "'has' on proxy: trap returned falsish for property '{}' but the proxy target is not extensible",
    ),
    (
        "CANT_REPORT_NC_AS_NE",
        "proxy can't report a non-configurable own property '",
        "' as non-existent",
        "'has' on proxy: trap returned falsish for property '{}' which exists in the proxy target as non-configurable",
    ),
    (
        "CANT_SET_NW_NC",
        "proxy can't successfully set a non-writable, non-configurable property '",
        "'",
        "'set' on proxy: trap returned truish for property '{}' which exists in the proxy target as a non-configurable and non-writable data property with a different value",
    ),
    (
        "CANT_SET_WO_SETTER",
        "proxy can't succesfully set an accessor property '",
        "' without a setter",
        "'set' on proxy: trap returned truish for property '{}' which exists in the proxy target as a non-configurable and non-writable accessor property without a setter",
    ),
    (
        "CANT_SKIP_NC",
        "proxy can't skip a non-configurable property '",
        "'",
        "'ownKeys' on proxy: trap result did not include '{}'",
    ),
    ("DUPLICATE_EXPORT_NAME", "duplicate export name '", "'", "Duplicate export of '{}'"),
    (
        "GETTER_ONLY",
        "setting getter-only property ",
        "",
        "Cannot set property {} of #<Object> which has only a getter",
    ),
    ("INVALID_LANGUAGE_TAG", "invalid language tag: ", "", "Invalid language tag: {}"),
    ("MISSING_EXPORT", "local binding for export '", "' not found", "Export '{}' is not defined in module"),
    (
        "MISSING_PRIVATE_DECL",
        "reference to undeclared private field or method ",
        "",
        "Private field '{}' must be declared in an enclosing class",
    ),
    (
        "MUST_REPORT_SAME_VALUE",
        "proxy must report the same value for the non-writable, non-configurable property '",
        "'",
        "'get' on proxy: property '{}' is a read-only and non-configurable data property on the proxy target but the proxy did not return its actual value",
    ),
    (
        "MUST_REPORT_UNDEFINED",
        "proxy must report undefined for a non-configurable accessor property '",
        "' without a getter",
        "'get' on proxy: property '{}' is a non-configurable accessor property on the proxy target and does not have a getter function, but the trap did not return 'undefined'",
    ),
    (
        "NONINTEGER_NUMBER_TO_BIGINT",
        "",
        " can't be converted to BigInt because it isn't an integer",
        "The number {} cannot be converted to a BigInt because it is not an integer",
    ),
    ("NOT_A_CODEPOINT", "", " is not a valid code point", "Invalid code point {}"),
    ("NOT_OBJORNULL", "", " is not an object or null", "Object prototype may only be an Object or null: {}"),
    (
        "OBJECT_REQUIRED_PROP_DESC",
        "Property descriptor must be an object, got ",
        "",
        "Property description must be an object: {}",
    ),
    (
        "PROXY_DEFINE_RETURNED_FALSE",
        "proxy defineProperty handler returned false for property '",
        "'",
        "'defineProperty' on proxy: trap returned falsish for property '{}'",
    ),
    (
        "PROXY_DELETE_RETURNED_FALSE",
        "can't delete property '",
        "': proxy deleteProperty handler returned false",
        "'deleteProperty' on proxy: trap returned falsish for property '{}'",
    ),
    (
        "PROXY_GETOWN_OBJORUNDEF",
        "proxy [[GetOwnProperty]] must return an object or undefined for property '",
        "'",
        "'getOwnPropertyDescriptor' on proxy: trap returned neither object nor undefined for property '{}'",
    ),
    (
        "PROXY_SET_RETURNED_FALSE",
        "proxy set handler returned false for property '",
        "'",
        "'set' on proxy: trap returned falsish for property '{}'",
    ),
    ("TEMPORAL_TIMEZONE_INVALID_IDENTIFIER", "invalid time zone: ", "", "Invalid time zone specified: {}"),
    ("UNDECLARED_VAR", "assignment to undeclared variable ", "", "{} is not defined"),
    (
        "UNINITIALIZED_LEXICAL",
        "can't access lexical declaration '",
        "' before initialization",
        "Cannot access '{}' before initialization",
    ),
    ("WEAKMAP_KEY_CANT_BE_HELD_WEAKLY", "", "", "Invalid value used as weak map key"),
    ("WEAKSET_VAL_CANT_BE_HELD_WEAKLY", "", "", "Invalid value used in weak set"),
];

const FIXED: &[(&str, &str)] = &[
    ("AWAIT_OUTSIDE_ASYNC", "await is only valid in async functions and the top level bodies of modules"),
    (
        "AWAIT_OUTSIDE_ASYNC_OR_MODULE",
        "await is only valid in async functions and the top level bodies of modules",
    ),
    ("BAD_APPLY_ARGS", "CreateListFromArrayLike called on non-object"),
    ("BAD_ARRAY_LENGTH", "Invalid array length"),
    ("BAD_CONST_DECL", "Missing initializer in const declaration"),
    ("BAD_CONTINUE", "Illegal continue statement: no surrounding iteration statement"),
    ("BAD_DESTRUCT_DECL", "Missing initializer in destructuring declaration"),
    ("BAD_DESTRUCT_TARGET", "Invalid destructuring assignment target"),
    ("BAD_DUP_ARGS", "Duplicate parameter name not allowed in this context"),
    ("BAD_FOR_LEFTSIDE", "Invalid left-hand side in for-loop"),
    ("BAD_GETPROTOTYPEOF_TRAP_RETURN", "'getPrototypeOf' on proxy: trap returned neither object nor null"),
    ("BAD_INDEX", "Invalid array buffer length"),
    ("BAD_LEFTSIDE_OF_ASS", "Invalid left-hand side in assignment"),
    ("BAD_NEWTARGET", "new.target expression is not allowed here"),
    ("BAD_NEW_OPTIONAL", "Invalid optional chain from new expression"),
    ("BAD_OPTIONAL_TEMPLATE", "Invalid tagged template on optional chain"),
    (
        "BAD_POW_LEFTSIDE",
        "Unary operator used immediately before exponentiation expression. Parenthesis must be used to disambiguate operator precedence",
    ),
    ("BAD_RADIX", "toString() radix argument must be between 2 and 36"),
    ("BAD_STRICT_ASSIGN", "Unexpected eval or arguments in strict mode"),
    ("BAD_STRICT_ASSIGN_ARGUMENTS", "Unexpected eval or arguments in strict mode"),
    ("BAD_STRICT_ASSIGN_EVAL", "Unexpected eval or arguments in strict mode"),
    ("BAD_SUPER", "'super' keyword unexpected here"),
    ("BAD_SUPERCALL", "'super' keyword unexpected here"),
    ("BAD_SUPERPROP", "'super' keyword unexpected here"),
    ("BAD_URI", "URI malformed"),
    ("BIGINT_DIVISION_BY_ZERO", "Division by zero"),
    ("BIGINT_INVALID_SYNTAX", "Cannot convert text to a BigInt"),
    ("BIGINT_NEGATIVE_EXPONENT", "Exponent must be positive"),
    ("BIGINT_NOT_SERIALIZABLE", "Do not know how to serialize a BigInt"),
    ("BIGINT_TO_NUMBER", "Cannot mix BigInt and other types, use explicit conversions"),
    ("CANT_CALL_CLASS_CONSTRUCTOR", "Class constructor cannot be invoked without 'new'"),
    ("CANT_DEFINE_PAST_ARRAY_LENGTH", "Cannot add property, object is not extensible"),
    (
        "CANT_REPORT_AS_NON_EXTENSIBLE",
        "'preventExtensions' on proxy: trap returned truish but the proxy target is extensible",
    ),
    ("CANT_REPORT_NEW", "'ownKeys' on proxy: trap returned extra keys but proxy target is non-extensible"),
    ("CANT_SET_PROTO", "#<Object> is not extensible"),
    ("CANT_SET_PROTO_CYCLE", "Cyclic __proto__ value"),
    ("CATCH_OR_FINALLY", "Missing catch or finally after try"),
    ("CSP_BLOCKED_EVAL", "Code generation from strings disallowed for this context"),
    ("CSP_BLOCKED_FUNCTION", "Code generation from strings disallowed for this context"),
    ("DEPRECATED_DELETE_OPERAND", "Delete of an unqualified identifier in strict mode."),
    ("DEPRECATED_OCTAL_ESCAPE", "Octal escape sequences are not allowed in strict mode."),
    ("DEPRECATED_OCTAL_LITERAL", "Octal literals are not allowed in strict mode."),
    ("DUPLICATE_CONSTRUCTOR", "A class may only have one constructor"),
    ("DUPLICATE_FORMAL", "Duplicate parameter name not allowed in this context"),
    ("DUPLICATE_PROTO_PROPERTY", "Duplicate __proto__ fields are not allowed in object literals"),
    ("EMPTY_ARRAY_REDUCE", "Reduce of empty array with no initial value"),
    ("EMPTY_ITERATOR_REDUCE", "Reduce of a done iterator with no initial value"),
    ("EOL_BEFORE_END_OF_STRING", "Invalid or unexpected token"),
    ("EXPORT_DECL_AT_TOP_LEVEL", "Unexpected token 'export'"),
    ("GENERATOR_LABEL", "Generators can only be declared at the top level or inside a block."),
    ("GET_MISSING_PRIVATE", "Cannot read private member from an object whose class did not declare it"),
    ("IMPORT_DECL_AT_TOP_LEVEL", "Cannot use import statement outside a module"),
    ("IMPORT_META_OUTSIDE_MODULE", "Cannot use 'import.meta' outside a module"),
    (
        "INCONSISTENT_GETPROTOTYPEOF_TRAP",
        "'getPrototypeOf' on proxy: proxy target is non-extensible but the trap did not return its actual prototype",
    ),
    (
        "INCONSISTENT_SETPROTOTYPEOF_TRAP",
        "'setPrototypeOf' on proxy: trap returned truish for setting a new prototype on the non-extensible proxy target",
    ),
    ("INVALID_DATE", "Invalid time value"),
    (
        "INVALID_DESCRIPTOR",
        "Invalid property descriptor. Cannot both specify accessors and a value or writable attribute",
    ),
    ("INVALID_FOR_IN_DECL_WITH_INIT", "for-in loop variable declaration may not have an initializer."),
    ("INVALID_NORMALIZE_FORM", "The normalization form should be one of NFC, NFD, NFKC, NFKD."),
    ("IN_AFTER_LEXICAL_FOR_DECL", "for-in loop variable declaration may not have an initializer."),
    ("JSON_CYCLIC_VALUE", "Converting circular structure to JSON"),
    ("LEXICAL_DECL_DEFINES_LET", "let is disallowed as a lexically bound name"),
    ("LINE_BREAK_AFTER_THROW", "Illegal newline after throw"),
    ("MISSING_BINARY_DIGITS", "Invalid or unexpected token"),
    ("MISSING_EXPONENT", "Invalid or unexpected token"),
    ("MISSING_HEXDIGITS", "Invalid or unexpected token"),
    ("MISSING_OCTAL_DIGITS", "Invalid or unexpected token"),
    ("MISSING_PRIVATE_NAME", "Invalid or unexpected token"),
    ("NEGATIVE_REPETITION_COUNT", "Invalid count value: -1"),
    ("NESTING_GENERATOR", "Generator is already running"),
    ("NUMBER_END_WITH_UNDERSCORE", "Numeric separators are not allowed at the end of numeric literals"),
    ("NUMBER_MULTIPLE_ADJACENT_UNDERSCORES", "Only one underscore is allowed as numeric separator"),
    ("OFFSET_OUT_OF_DATAVIEW", "Offset is outside the bounds of the DataView"),
    ("OF_AFTER_FOR_LOOP_DECL", "for-of loop variable declaration may not have an initializer."),
    ("OWNKEYS_DUPLICATE", "'ownKeys' on proxy: trap returned duplicate entries"),
    ("PARAMETER_AFTER_REST", "Rest parameter must be last formal parameter"),
    ("PROXY_CONSTRUCT_OBJECT", "'construct' on proxy: trap returned non-object"),
    ("PROXY_PREVENTEXTENSIONS_RETURNED_FALSE", "'preventExtensions' on proxy: trap returned falsish"),
    ("PROXY_REVOKED", "Cannot perform 'get' on a proxy that has been revoked"),
    (
        "PROXY_SETPROTOTYPEOF_RETURNED_FALSE",
        "'setPrototypeOf' on proxy: trap returned falsish for property 'undefined'",
    ),
    ("REINIT_THIS", "Super constructor may only be called once"),
    ("RESERVED_ID", "Unexpected strict mode reserved word"),
    ("REST_WITH_DEFAULT", "Rest parameter may not have a default initializer"),
    ("RESULTING_STRING_TOO_LARGE", "Invalid string length"),
    ("SET_MISSING_PRIVATE", "Cannot write private member to an object whose class did not declare it"),
    ("STRICT_CODE_WITH", "Strict mode code may not include a with statement"),
    ("STRICT_NON_SIMPLE_PARAMS", "Illegal 'use strict' directive in function with non-simple parameter list"),
    ("SYMBOL_TO_NUMBER", "Cannot convert a Symbol value to a number"),
    ("SYMBOL_TO_STRING", "Cannot convert a Symbol value to a string"),
    ("TEMPLSTR_UNTERM_EXPR", "Unterminated template literal"),
    ("TOO_MANY_DEFAULTS", "More than one default clause in switch statement"),
    ("TOPRIMITIVE_RETURNED_OBJECT", "Cannot convert object to primitive value"),
    ("TOUGH_BREAK", "Illegal break statement"),
    (
        "UNINITIALIZED_THIS",
        "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    ),
    ("UNNAMED_FUNCTION_STMT", "Function statements require a function name"),
    ("UNTERMINATED_COMMENT", "Invalid or unexpected token"),
    ("UNTERMINATED_REGEXP", "Invalid regular expression: missing /"),
    ("WASM_BAD_CAST", "illegal cast"),
    ("WASM_DEREF_NULL", "dereferencing a null pointer"),
    ("WASM_IND_CALL_BAD_SIG", "null function or function signature mismatch"),
    ("WASM_IND_CALL_TO_NULL", "null function or function signature mismatch"),
    ("WASM_INTEGER_OVERFLOW", "divide result unrepresentable"),
    ("WASM_INT_DIVIDE_BY_ZERO", "divide by zero"),
    ("WASM_INVALID_CONVERSION", "float unrepresentable in integer range"),
    ("WASM_OUT_OF_BOUNDS", "memory access out of bounds"),
    ("WASM_OUT_OF_BOUNDS_AT", "memory access out of bounds"),
    ("WASM_TABLE_OUT_OF_BOUNDS", "table index is out of bounds"),
    ("WASM_UNALIGNED_ACCESS", "operation does not support unaligned accesses"),
    ("WASM_UNREACHABLE", "unreachable"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, message: &str, line: &str, offset: usize) -> String {
        let rest = line[offset..].to_owned();
        let error = Engine { name, message, operation: Operation::Other, rest, line: line.to_owned() };
        error.reword().unwrap_or_else(|| message.to_owned())
    }

    #[test]
    fn tables_are_sorted() {
        assert!(FIXED.is_sorted_by_key(|row| row.0));
        assert!(FRAMED.is_sorted_by_key(|row| row.0));
        assert!(PATTERNS.is_sorted_by_key(|row| row.0));
        assert!(UNEXPECTED.is_sorted() && KEYWORDS.is_sorted());
    }

    #[test]
    fn properties_of_nothing_read_as_in_v8() {
        for (name, message, own) in [
            (
                "JSMSG_PROPERTY_FAIL",
                r#"can't access property "x" of null"#,
                "Cannot read properties of null (reading 'x')",
            ),
            (
                "JSMSG_PROPERTY_FAIL",
                "can't access property 0 of null",
                "Cannot read properties of null (reading '0')",
            ),
            (
                "JSMSG_PROPERTY_FAIL_EXPR",
                r#"can't access property "a, b", o is undefined"#,
                "Cannot read properties of undefined (reading 'a, b')",
            ),
            (
                "JSMSG_PROPERTY_FAIL_EXPR",
                r#"can't access property Symbol("s"), f(1, 2) is undefined"#,
                "Cannot read properties of undefined (reading 'Symbol(s)')",
            ),
            (
                "JSMSG_PROPERTY_FAIL_EXPR",
                "can't access property Symbol.iterator, z.foo is undefined",
                "undefined is not iterable",
            ),
        ] {
            assert_eq!(said(name, message, "", 0), own);
        }
    }

    #[test]
    fn text_that_does_not_compile_names_what_was_found() {
        for (name, message, line, offset, own) in [
            (
                "JSMSG_UNEXPECTED_TOKEN",
                "expected expression, got ';'",
                "var a = ;",
                8,
                "Unexpected token ';'",
            ),
            (
                "JSMSG_UNEXPECTED_TOKEN_NO_EXPECT",
                "unexpected token: identifier",
                "foo bar",
                4,
                "Unexpected identifier 'bar'",
            ),
            (
                "JSMSG_UNEXPECTED_TOKEN_NO_EXPECT",
                "unexpected token: numeric literal",
                "a 1",
                2,
                "Unexpected number",
            ),
            (
                "JSMSG_UNEXPECTED_TOKEN",
                "expected expression, got end of script",
                "(",
                1,
                "Unexpected end of input",
            ),
            (
                "JSMSG_UNEXPECTED_TOKEN",
                "expected expression, got keyword 'else'",
                "else",
                0,
                "Unexpected token 'else'",
            ),
            ("JSMSG_CURLY_AFTER_BODY", "missing } after function body", "{", 1, "Unexpected end of input"),
            (
                "JSMSG_COLON_IN_COND",
                "missing : in conditional expression",
                "a ? b}",
                5,
                "Unexpected token '}'",
            ),
            (
                "JSMSG_FORBIDDEN_AS_STATEMENT",
                "function declarations can't appear in single-statement context",
                "if (f(1)) function g() {}",
                10,
                "In strict mode code, functions can only be declared at top level or inside a block.",
            ),
            (
                "JSMSG_FORBIDDEN_AS_STATEMENT",
                "function declarations can't appear in single-statement context",
                "while (1) function g() {}",
                10,
                "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.",
            ),
            (
                "JSMSG_MISSING_PAREN",
                "unterminated parenthetical",
                "(",
                0,
                "Invalid regular expression: /(/: Unterminated group",
            ),
            (
                "JSMSG_REDECLARED_VAR",
                "redeclaration of let a",
                "let a; let a",
                11,
                "Identifier 'a' has already been declared",
            ),
        ] {
            assert_eq!(said(name, message, line, offset), own);
        }
    }
}
