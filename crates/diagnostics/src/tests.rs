use super::*;

#[derive(Debug)]
struct Inner;
impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection reset")
    }
}
impl Error for Inner {}

#[derive(Debug)]
struct Outer(Inner);
impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("could not fetch https://user:hunter2@registry.example/left-pad")
    }
}
impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
impl Report for Outer {
    fn code(&self) -> Cow<'static, str> {
        "ECONNRESET".into()
    }
    fn hints(&self) -> Vec<String> {
        vec!["run `knit ping` to test the registry".to_owned()]
    }
}

#[test]
fn an_error_with_a_source_renders_code_cause_and_hint() {
    let diagnostic = Diagnostic::from(Outer(Inner)).with_detail("package", "left-pad");
    assert_eq!(
        diagnostic.render(Style::Plain),
        "error[ECONNRESET]: could not fetch https://user:***@registry.example/left-pad\n\
         \x20 caused by: connection reset\n\
         help: run `knit ping` to test the registry\n"
    );
    assert_eq!(
        diagnostic.to_json().to_string(),
        r#"{"error":{"code":"ECONNRESET","summary":"could not fetch https://user:***@registry.example/left-pad","detail":"connection reset\nrun `knit ping` to test the registry","package":"left-pad"}}"#
    );
}

#[test]
fn colour_is_written_only_when_asked_for() {
    let warning = Diagnostic::warning("EBADENGINE", "a@1.0.0 wants another Node");
    assert_eq!(warning.render(Style::Plain), "warning[EBADENGINE]: a@1.0.0 wants another Node\n");
    assert_eq!(
        warning.render(Style::Colour),
        "\u{1b}[1;33mwarning[EBADENGINE]:\u{1b}[0m a@1.0.0 wants another Node\n"
    );
}

#[test]
fn secrets_are_masked_wherever_they_stand() {
    let token = "a".repeat(36);
    let rows = [
        ("plain text, nothing here", "plain text, nothing here".to_owned()),
        ("get https://u:p@h.example/x now", "get https://u:***@h.example/x now".to_owned()),
        ("git+https://sometoken@h.example/x", "git+https://***@h.example/x".to_owned()),
        ("git+ssh://git@h.example/x.git", "git+ssh://git@h.example/x.git".to_owned()),
        ("https://h.example/@scope/name", "https://h.example/@scope/name".to_owned()),
        ("https://h.example/?a=b@c", "https://h.example/?a=b@c".to_owned()),
        (&format!("token npm_{token}!"), "token npm_***!".to_owned()),
        ("id 01234567-89ab-cdef-0123-456789abcdef.", "id ***.".to_owned()),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***".to_owned()),
        ("Basic dXNlcjpwYXNz", "Basic ***".to_owned()),
        ("ünïcode stays ünïcode", "ünïcode stays ünïcode".to_owned()),
    ];
    for (text, wanted) in rows {
        assert_eq!(redact(text), wanted, "{text}");
    }
}
