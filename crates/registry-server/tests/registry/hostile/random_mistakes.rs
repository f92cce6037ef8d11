//! Whatever an upstream answers or an operator writes: a document, settings, or an error, never a panic.
//!
//! More of it: `PROPTEST_CASES=200000 cargo test --release -p registry-server --test registry random_mistakes`.

use std::path::Path;

use proptest::prelude::*;
use registry_server::settings::RegistrySettings;
use registry_server::{Form, PackageName, Packument, compact_json};
use serde_json::{Value, json};

fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "pkg",
        "other",
        "1.0.0",
        "latest",
        "../x",
        "http://registry.example/pkg/-/pkg-1.0.0.tgz",
        "?",
        "#",
        "versions",
        "dist",
        "tarball",
        "integrity",
        "dist-tags",
        "time",
        "modified",
        "name",
        "deprecated",
        "attestations",
        "url",
        "scripts",
        "install",
        "bundledDependencies",
        "hasInstallScript",
        "_hasShrinkwrap",
        "\u{7f}\u{0}\"\\",
        "2026-01-01T00:00:00.000Z",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            3 => prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The lines of the default file, some of them with another value, and lines that nobody expects.
fn settings() -> impl Strategy<Value = String> {
    let lines: Vec<String> = RegistrySettings::default_file()
        .lines()
        .map(|line| line.trim_start_matches('#').to_owned())
        .filter(|line| line.contains(" = ") || line.starts_with('['))
        .collect();
    let new = prop::sample::select(vec![
        "1",
        "-1",
        "\"\"",
        "true",
        "[]",
        "{}",
        "[{}]",
        "\"3d\"",
        "\"-3d\"",
        "\"99999999999999999999d\"",
        "\"1 GiB\"",
        "\"9999999999 GiB\"",
        "\"postgres://u:p@h/d\"",
        "\"s3://\"",
        "\"s3://b/../x\"",
        "nan",
        "1979-05-27",
        "'''x",
        "\"\\u0000\"",
        "[{ names = \"*\", from = \"here\" }]",
        "[{ names = \"@*/**\", from = 7 }]",
        "\"user:\"",
    ]);
    let line = (prop::sample::select(lines), prop::option::of(new)).prop_map(|(line, new)| {
        let key = line.split(" = ").next().unwrap_or_default().to_owned();
        match new {
            Some(new) if line.contains(" = ") => format!("{key} = {new}"),
            _ => line,
        }
    });
    let noise = "\\PC{0,10}";
    prop::collection::vec(prop_oneof![9 => line, 1 => noise], 0..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_rendered_as_json_or_refused(
        versions in value(), more in value(), tags in value(), cut in prop::option::weighted(0.1, 0_usize..400),
    ) {
        let name = PackageName::parse("pkg").expect("a name");
        let document = json!({ "name": "pkg", "dist-tags": tags, "versions": versions, "time": more, "more": more });
        let mut text = document.to_string().into_bytes();
        text.truncate(cut.unwrap_or(usize::MAX));
        let _ = compact_json(&text);
        let Ok(packument) = Packument::render(&name, &text) else { return Ok(()) };
        for form in [Form::Full, Form::Abbreviated] {
            let rendered: Value = serde_json::from_slice(&packument.document(form, "http://host/"))
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&rendered["name"], "pkg");
            let keys = |value: &Value| value.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
            prop_assert_eq!(keys(&rendered["versions"]), keys(&document["versions"]));
        }
        for key in keys_of(&document["versions"]).iter().chain(&keys_of(&document["dist-tags"])) {
            let _ = packument.manifest(key, "http://host/");
        }
    }

    #[test]
    fn any_settings_are_taken_or_every_mistake_has_a_place(text in settings()) {
        let environment = |name: &str| name.len().is_multiple_of(2).then(|| "secret".to_owned());
        if let Err(error) = RegistrySettings::parse(Path::new("registry.toml"), &text, &environment) {
            prop_assert!(!error.to_string().is_empty());
            let told = format!("{error:?}");
            prop_assert!(!told.contains("secret\""), "{}", told);
        }
    }
}

fn keys_of(value: &Value) -> Vec<String> {
    value.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
}
