//! Deprecating and unpublishing, against a registry that records. Requests and bodies were compared with npm 11.19.1.

use insta::assert_snapshot;
use serde_json::json;
use test_support::{Answer, Recorder};

use crate::publish::{lines, published, registry, shown, takes};
use crate::sandbox::Sandbox;

/// Several runs, without what differs from run to run.
fn told(sandbox: &Sandbox, recorder: &Recorder, lines: &[&str]) -> String {
    sandbox.knit_all(lines).replace(&recorder.host(), "[HOST]")
}

#[test]
fn versions_are_deprecated_and_undeprecated_by_range() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    takes(&recorder, "/two");
    recorder.answer("GET", "/two", Answer::json(200, &published()));
    for (line, expected) in [
        (&["deprecate", "two@<3", "use three"][..], &["1.0.0", "2.0.0"][..]),
        (&["deprecate", "two@1", "use three"], &["1.0.0"]),
        (&["deprecate", "two", ""], &["1.0.0", "2.0.0", "3.0.0-rc.1"]),
        (&["undeprecate", "two@2.0.0"], &["2.0.0"]),
    ] {
        let said = sandbox.knit(line);
        assert!(said.contains("exit: 0"), "{said}");
        let requests = recorder.take_requests();
        assert_eq!(lines(&requests), ["GET /two?write=true", "PUT /two"]);
        let mut sent = requests[1].json();
        let notice = line.get(2).copied().unwrap_or_default();
        let mut changed = Vec::new();
        for (version, manifest) in sent["versions"].as_object_mut().expect("versions") {
            if manifest.as_object_mut().expect("a manifest").remove("deprecated") == Some(notice.into()) {
                changed.push(version.clone());
            }
        }
        assert_eq!(changed, expected);
        assert_eq!(sent, published(), "nothing else is changed");
    }
    assert_snapshot!(told(
        &sandbox,
        &recorder,
        &[
            "deprecate two@1 old",
            "deprecate two@9 old",
            "deprecate two@latest old",
            "deprecate two",
            "deprecate absent old",
            "deprecate two@1 old --dry-run",
        ]
    ));
}

#[test]
fn a_version_is_unpublished_in_npms_steps() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    let mut without = published();
    without["_rev"] = "6-def".into();
    recorder
        .answer("GET", "/two", Answer::json(200, &published()))
        .answer("GET", "/two", Answer::json(200, &without))
        .answer("PUT", "/two/-rev/5-abc", Answer::json(201, &json!({"ok": true})))
        .answer("DELETE", "/two/-/two-2.0.0.tgz/-rev/6-def", Answer::json(200, &json!({"ok": true})));
    let said = sandbox.knit(&["unpublish", "two@2.0.0"]);
    assert!(said.contains("exit: 0") && shown(&said) == "- two@2.0.0\n", "{said}");
    let requests = recorder.take_requests();
    assert_eq!(
        lines(&requests),
        [
            "GET /two?write=true",
            "PUT /two/-rev/5-abc",
            "GET /two?write=true",
            "DELETE /two/-/two-2.0.0.tgz/-rev/6-def"
        ]
    );
    let sent = requests[1].json();
    assert_eq!(sent["dist-tags"], json!({"next": "3.0.0-rc.1", "lts": "1.0.0", "latest": "3.0.0-rc.1"}));
    let left: Vec<&str> =
        sent["versions"].as_object().expect("versions").keys().map(String::as_str).collect();
    assert_eq!(left, ["1.0.0", "3.0.0-rc.1"]);
}

#[test]
fn whole_packages_are_only_unpublished_by_force() {
    let sandbox = Sandbox::new();
    let recorder = registry(&sandbox);
    let mut single = published();
    single["versions"] = json!({"1.0.0": single["versions"]["1.0.0"]});
    recorder
        .answer("GET", "/two", Answer::json(200, &published()))
        .answer("GET", "/one", Answer::json(200, &single))
        .answer("DELETE", "/two/-rev/5-abc", Answer::json(200, &json!({"ok": true})))
        .answer("DELETE", "/one/-rev/5-abc", Answer::json(200, &json!({"ok": true})));
    sandbox.file("project/package.json", r#"{"name":"one","version":"1.0.0"}"#);
    for (line, expected) in [
        ("unpublish two", &[][..]),
        ("unpublish two@latest", &[]),
        ("unpublish two@^1", &[]),
        ("unpublish two@9.0.0", &["GET /two?write=true"]),
        ("unpublish one@1.0.0", &["GET /one?write=true"]),
        ("unpublish", &["GET /one?write=true"]),
        ("unpublish two --force --dry-run", &["GET /two?write=true"]),
        ("unpublish two --force", &["GET /two?write=true", "DELETE /two/-rev/5-abc"]),
        ("unpublish one@1.0.0 --force", &["GET /one?write=true", "DELETE /one/-rev/5-abc"]),
    ] {
        sandbox.knit(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(lines(&recorder.take_requests()), expected, "{line}");
    }
    assert_snapshot!(told(
        &sandbox,
        &recorder,
        &[
            "unpublish two",
            "unpublish two@latest",
            "unpublish two@9.0.0",
            "unpublish one@1.0.0",
            "unpublish absent@1.0.0",
            "unpublish one@1.0.0 --force",
        ]
    ));
}
