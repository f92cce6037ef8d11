//! Commands against prepared answers: what they print, and what they ask for.

use serde_json::Value;
use test_support::Recorder;

use crate::sandbox::Sandbox;

/// A command, its standard output, and its requests with their bodies.
pub type Row<'a> = (&'a str, &'a str, &'a [(&'a str, Value)]);

pub fn sandbox(registry: &Recorder) -> Sandbox {
    let sandbox = Sandbox::new();
    let (url, host) = (registry.url(), registry.host());
    sandbox.file("home/.npmrc", &format!("registry={url}\nfetch-retries=0\n//{host}/:_authToken=t0ken\n"));
    sandbox.file("project/package.json", r#"{"name":"@acme/x","bugs":"https://bugs.example/here"}"#);
    sandbox
}

pub fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

pub fn check(registry: &Recorder, sandbox: &Sandbox, rows: &[Row<'_>]) {
    for (line, stdout, requests) in rows {
        let said = sandbox.knit(&words(line));
        let shown = said.split_once("--- stdout\n").map(|(_, rest)| rest).unwrap_or_default();
        let shown = shown.split("--- stderr\n").next().unwrap_or_default();
        assert!(said.contains("\nexit: 0\n"), "{said}");
        assert_eq!(shown, *stdout, "{line}");
        let asked = registry.take_requests();
        let asked: Vec<(String, Value)> =
            asked.iter().map(|request| (request.line(), request.json())).collect();
        let expected: Vec<(String, Value)> =
            requests.iter().map(|(line, body)| ((*line).to_owned(), body.clone())).collect();
        assert_eq!(asked, expected, "{line}");
    }
}

/// Commands that fail, with what they say, and without a request.
pub fn check_refused(registry: &Recorder, sandbox: &Sandbox, rows: &[(&str, &str)]) {
    for (line, words_said) in rows {
        let said = sandbox.knit(&words(line));
        assert!(said.contains("\nexit: 1\n") && said.contains(words_said), "{said}");
        assert!(registry.take_requests().is_empty(), "{line}");
    }
}

pub const NOTHING: Value = Value::Null;
