//! Recorded sets hold what resolution reads, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_support::recorded_metadata::{Keep, RecordedMetadata, RecordedMetadataWriter};

fn packument() -> Value {
    let dist = |version: &str| {
        json!({
            "integrity": "sha512-x",
            "shasum": "00",
            "tarball": format!("https://mirror.example/npm/@s/a/-/a-{version}.tgz"),
            "fileCount": 3,
        })
    };
    json!({
        "_id": "@s/a",
        "name": "@s/a",
        "dist-tags": { "latest": "2.0.0", "canary": "3.0.0-a" },
        "versions": {
            "1.0.0": {
                "name": "@s/a", "version": "1.0.0", "description": "gone", "license": "MIT",
                "dependencies": { "b": "^1" }, "devDependencies": { "c": "1" }, "os": ["linux"],
                "scripts": { "postinstall": "x", "test": "y" }, "deprecated": "see mirror.example",
                "_hasShrinkwrap": false, "bundledDependencies": ["b"], "dist": dist("1.0.0"),
            },
            "1.1.0": {
                "name": "@s/a", "version": "1.1.0", "dependencies": { "b": "^1" }, "engines": { "node": ">=4" },
                "deprecated": "why", "_hasShrinkwrap": true, "cpu": ["x64"],
                "os": ["a".repeat(100)], "dist": dist("1.1.0"),
            },
            "1.2.0": { "version": "1.2.0", "deprecated": "" },
            "2.0.0": { "version": "2.0.0" },
            "3.0.0": { "version": "3.0.0" },
            "3.0.0-a": { "version": "3.0.0-a" },
        },
        "time": {
            "created": "2020-01-01T00:00:00.000Z",
            "1.0.0": "2020-01-01T00:00:00.000Z",
            "1.1.0": "2020-01-02T00:00:00.000Z",
            "1.1.9": "2020-01-02T00:00:00.000Z",
            "2.0.0": "2020-01-03T00:00:00.000Z",
            "3.0.0": "2022-01-03T00:00:00.000Z",
            "3.0.0-a": "2022-01-03T00:00:00.000Z",
            "modified": "2022-01-03T00:00:00.000Z",
        },
        "readme": "gone",
    })
}

#[test]
fn a_packument_is_reduced_to_what_resolution_reads() {
    let versions = BTreeSet::from(["1.0.0".to_owned()]);
    let keep = Keep { before: "2021-01-01T00:00:00Z".parse().expect("a time"), versions: &versions };
    let mut writer = RecordedMetadataWriter::new();
    writer.replace_host("mirror.example");
    writer.add(packument().to_string().as_bytes(), &keep).expect("a packument");
    writer.add(br#"{"name":"b","versions":{}}"#, &keep).expect("a packument");
    let recorded = RecordedMetadata::from_bytes(&writer.to_bytes().expect("bytes")).expect("a recorded set");

    assert_eq!(recorded.names().collect::<Vec<_>>(), ["@s/a", "b"]);
    assert!(recorded.packument("c").is_none());
    let empty = r#"{"name":"b","dist-tags":{},"versions":{},"time":{}}"#;
    assert_eq!(recorded.packument("b"), Some(empty.as_bytes()));
    let reduced: Value = serde_json::from_slice(recorded.packument("@s/a").expect("recorded")).expect("JSON");
    assert_eq!(
        reduced,
        json!({
            "name": "@s/a",
            "dist-tags": { "latest": "2.0.0", "canary": "3.0.0-a" },
            "versions": {
                "1.0.0": {
                    "name": "@s/a", "version": "1.0.0", "license": "MIT", "dependencies": { "b": "^1" },
                    "os": ["linux"], "deprecated": "see registry.example", "bundledDependencies": ["b"],
                    "hasInstallScript": true,
                    "dist": {
                        "integrity": "sha512-x",
                        "shasum": "00",
                        "tarball": "https://registry.example/@s/a/-/a-1.0.0.tgz",
                    },
                },
                "1.1.0": {
                    "version": "1.1.0", "engines": { "node": ">=4" }, "deprecated": true, "cpu": ["x64"],
                    "_hasShrinkwrap": true,
                },
                "1.2.0": { "version": "1.2.0" },
                "2.0.0": { "version": "2.0.0" },
                "3.0.0-a": { "version": "3.0.0-a" },
            },
            "time": {
                "created": "2020-01-01T00:00:00.000Z",
                "1.0.0": "2020-01-01T00:00:00.000Z",
                "1.1.0": "2020-01-02T00:00:00.000Z",
                "2.0.0": "2020-01-03T00:00:00.000Z",
                "3.0.0-a": "2022-01-03T00:00:00.000Z",
                "modified": "2022-01-03T00:00:00.000Z",
            },
        })
    );
}

#[test]
fn what_is_no_recorded_set_is_refused() {
    assert!(RecordedMetadata::from_bytes(b"no zstd").is_err());
    let writer = RecordedMetadataWriter::new();
    let empty = RecordedMetadata::from_bytes(&writer.to_bytes().expect("bytes")).expect("an empty set");
    assert_eq!(empty.names().count(), 0);
    let keep = Keep { before: jiff::Timestamp::UNIX_EPOCH, versions: &BTreeSet::new() };
    for document in ["", "[]", "{}", "{\"name\": 1}"] {
        assert!(RecordedMetadataWriter::new().add(document.as_bytes(), &keep).is_err(), "{document}");
    }
}
