use super::{Document, JsonError, parse, parse_text, print_nice};
use serde_json::{Value, json};

fn rows(table: &str) -> Vec<Value> {
    serde_json::from_str(table).unwrap()
}

#[test]
fn files_come_back_as_npm_would_save_them() {
    for row in rows(include_str!("../../tests/tables/json.json")) {
        let text = row["text"].as_str().unwrap();
        let document = Document::parse("package.json", text.as_bytes());
        if row["error"] == true {
            assert!(document.is_err(), "{text:?} parses");
            continue;
        }
        let document = document.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(document.format.indent, row["indent"], "indent of {text:?}");
        assert_eq!(document.format.newline, row["newline"], "newline of {text:?}");
        assert_eq!(document.print(), row["saved"], "{text:?}");
    }
}

#[test]
fn lockfile_order_is_that_of_npm() {
    for row in rows(include_str!("../../tests/tables/json_nice.json")) {
        let value = parse_text("row", row["value"].as_str().unwrap()).unwrap();
        let preferred: Vec<&str> =
            row["preferred"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(
            print_nice(&value, &preferred, row["indent"].as_str().unwrap()),
            row["text"],
            "{}",
            row["value"]
        );
    }
}

fn error(text: &str) -> JsonError {
    parse_text("package.json", text).unwrap_err()
}

#[test]
fn an_error_names_the_file_and_shows_the_place() {
    let error = error("{\r\n  \"näme\": \"a\",\r\n  \"é\": 1,,\r\n}");
    assert_eq!(
        error.to_string(),
        "package.json is not valid JSON: key must be a string at line 3, column 10"
    );
    assert_eq!(error.excerpt(), "3 |   \"é\": 1,,\n  |          ^");
}

#[test]
fn an_error_shows_only_the_neighbourhood_on_a_long_line() {
    let text = format!("{{\"a\":\"{}\",x:\"{}\"}}", "é".repeat(500), "b".repeat(500));
    let error = error(&text);
    assert_eq!(error.column, 509);
    assert_eq!(error.source_line.chars().count(), 80);
    assert_eq!(error.source_line.chars().nth(error.caret), Some('x'));
}

#[test]
fn errors_say_what_npm_users_meet_most() {
    let rows = [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (
            "{\n<<<<<<< HEAD\n\"a\":1\n=======\n>>>>>>> x\n}",
            "it holds the markers of an unresolved merge conflict",
        ),
        ("{\"a\":1,}", "trailing comma"),
        ("[1", "EOF while parsing a list"),
    ];
    for (text, reason) in rows {
        assert_eq!(error(text).reason, reason, "{text:?}");
    }
}

#[test]
fn control_characters_of_a_broken_file_do_not_reach_the_terminal() {
    assert_eq!(error("{\u{1b}[31m}").source_line, "{\u{FFFD}[31m}");
}

#[test]
fn bytes_that_are_not_utf8_are_replaced() {
    assert_eq!(parse("x", b"\xEF\xBB\xBF{\"a\":\"\xFF\"}").unwrap(), json!({ "a": "\u{FFFD}" }));
}

#[test]
fn lone_surrogates_are_replaced() {
    let text = r#"{"a":"\ud800","b":"\ude00\ud83d\ude00\\ud800","c":"\ud800\n"}"#;
    let expected = json!({ "a": "\u{FFFD}", "b": "\u{FFFD}😀\\ud800", "c": "\u{FFFD}\n" });
    assert_eq!(parse_text("x", text).unwrap(), expected);
}

#[test]
fn deep_nesting_is_an_error() {
    assert!(parse_text("x", &"[".repeat(100_000)).is_err());
    assert!(parse_text("x", &"{\"a\":".repeat(100_000)).is_err());
}
