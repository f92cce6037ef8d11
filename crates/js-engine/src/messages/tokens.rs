//! What V8 says of text that does not compile: the token that it met where it wanted another.

pub(super) const IN_STRICT_CODE: &str =
    "In strict mode code, functions can only be declared at top level or inside a block.";
pub(super) const IN_SLOPPY_CODE: &str = "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.";

/// Whether a text ends where a branch of an `if` begins.
pub(super) fn is_branch(before: &str) -> bool {
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

pub(super) fn identifier(text: &str) -> Option<&str> {
    let is_start = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    if !text.starts_with(is_start) {
        return None;
    }
    let end = text.find(|c: char| !is_start(c) && !c.is_alphanumeric()).unwrap_or(text.len());
    Some(&text[..end])
}

/// The token that the engine describes in words.
pub(super) fn token_text(words: &str, rest: &str) -> String {
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
pub(super) fn unexpected(rest: &str) -> String {
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

pub(super) const KEYWORDS: &[&str] = &[
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
