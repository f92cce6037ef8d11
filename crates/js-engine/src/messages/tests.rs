use super::tables::{FIXED, FRAMED, PATTERNS, UNEXPECTED};
use super::tokens::KEYWORDS;
use super::{Engine, Operation};

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
        ("JSMSG_UNEXPECTED_TOKEN", "expected expression, got ';'", "var a = ;", 8, "Unexpected token ';'"),
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
        ("JSMSG_COLON_IN_COND", "missing : in conditional expression", "a ? b}", 5, "Unexpected token '}'"),
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
