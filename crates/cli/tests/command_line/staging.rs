//! Staged publishing. Requests were compared with npm 11.19.1.

use serde_json::json;
use test_support::{Answer, Recorder};

use crate::answers::{NOTHING, check, check_refused, sandbox};
use crate::publish::shown;

const ID: &str = "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9";

#[test]
fn a_package_is_staged_as_it_would_be_published() {
    let registry = Recorder::start();
    let answer = Answer::json(201, &json!({ "stageId": ID }));
    registry.answer("POST", "/-/stage/package/@acme%2fx", answer);
    let sandbox = sandbox(&registry);
    sandbox.file("project/package.json", r#"{"name": "@acme/x", "version": "1.0.0"}"#);
    let said = sandbox.knit(&["stage", "publish", "--access=public"]);
    assert_eq!(shown(&said), format!("+ @acme/x@1.0.0 (staged with id {ID})\n"), "{said}");
    let requests = registry.take_requests();
    let sent = requests.iter().find(|request| request.method == "POST").expect("a POST").json();
    assert_eq!(sent["dist-tags"], json!({ "latest": "1.0.0" }));
    assert!(sent["_attachments"]["@acme/x-1.0.0.tgz"]["data"].is_string());
    let dry = sandbox.knit(&["stage", "publish", "--dry-run"]);
    assert_eq!(shown(&dry), "+ @acme/x@1.0.0 (staged)\n", "{dry}");
    assert!(registry.take_requests().iter().all(|request| request.method != "POST"));
}

#[test]
fn what_waits_is_listed_shown_approved_rejected_and_fetched() {
    let registry = Recorder::start();
    let item = json!({ "id": ID, "packageName": "@acme/x", "version": "1.0.0", "tag": "next",
        "createdAt": "2026-01-02T03:04:05Z", "actor": "ann", "actorType": "user", "shasum": "abc" });
    let one = format!("/-/stage/{ID}");
    let (list, of_one) = ("/-/stage?page=0&perPage=100", "/-/stage?page=0&perPage=100&package=tool");
    registry.answer("GET", list, Answer::json(200, &json!({ "items": [item, item], "total": 2 })));
    registry.answer("GET", of_one, Answer::json(200, &json!({ "items": [], "total": 0 })));
    registry.answer("GET", &one, Answer::json(200, &item));
    registry.answer("POST", &format!("{one}/approve"), Answer::json(200, &json!({})));
    registry.answer("DELETE", &one, Answer::json(200, &json!({})));
    registry.answer("GET", &format!("{one}/tarball"), Answer::new(200, "the tarball"));
    let sandbox = sandbox(&registry);
    let text = format!(
        "id: {ID}\npackage name: @acme/x\nversion: 1.0.0\ntag: next\ndate staged: 2026-01-02T03:04:05Z\n\
         staged by: ann (user)\nshasum: abc\n"
    );
    let file = format!("acme-x-1.0.0-{ID}.tgz");
    let lines = ["view", "approve", "reject", "download"].map(|action| format!("stage {action} {ID}"));
    check(
        &registry,
        &sandbox,
        &[
            ("stage list", &format!("{text}\n{text}"), &[(&format!("GET {list}"), NOTHING)]),
            (
                "stage list tool",
                "No versions of tool wait for approval.\n",
                &[(&format!("GET {of_one}"), NOTHING)],
            ),
            (&lines[0], &text, &[(&format!("GET {one}"), NOTHING)]),
            (
                &lines[1],
                &format!("The staged version {ID} is approved and published.\n"),
                &[(&format!("POST {one}/approve"), NOTHING)],
            ),
            (
                &lines[2],
                &format!("The staged version {ID} is rejected and gone for good.\n"),
                &[(&format!("DELETE {one}"), NOTHING)],
            ),
            (
                &lines[3],
                &format!("{file}\n"),
                &[(&format!("GET {one}"), NOTHING), (&format!("GET {one}/tarball"), NOTHING)],
            ),
        ],
    );
    assert_eq!(sandbox.read(&format!("project/{file}")), "the tarball");
    check_refused(
        &registry,
        &sandbox,
        &[
            ("stage", "`stage` needs one of publish, list"),
            ("stage approve ../whoami", "is no id of a staged version"),
            ("stage approve", "needs other arguments"),
        ],
    );
}
