//! Hooks, asked for as npm 10.9 asks, the last one that has the command.

use serde_json::{Value, json};
use test_support::{Answer, Recorder};

use crate::answers::{NOTHING, check, check_refused, sandbox};

#[test]
fn hooks_are_made_listed_changed_and_taken_away() {
    let registry = Recorder::start();
    let hook = |last: Value, code: Value| {
        json!({ "id": "h1", "type": "owner", "name": "ann", "endpoint": "https://hooks.example/x",
            "last_delivery": last, "response_code": code })
    };
    let new = hook(NOTHING, NOTHING);
    let told = hook(json!("2026-01-02T03:04:05Z"), json!(200));
    let listed = json!({ "objects": [new, told], "total": 2, "urls": {} });
    registry.answer("POST", "/-/npm/v1/hooks/hook", Answer::json(201, &new));
    registry.answer("GET", "/-/npm/v1/hooks", Answer::json(200, &listed));
    registry.answer("GET", "/-/npm/v1/hooks?package=%40acme", Answer::json(200, &json!({ "objects": [] })));
    registry.answer("PUT", "/-/npm/v1/hooks/hook/h1", Answer::json(200, &new));
    registry.answer("DELETE", "/-/npm/v1/hooks/hook/h1", Answer::json(200, &new));
    let sandbox = sandbox(&registry);
    let add = |kind: &str, name: &str| json!({ "type": kind, "name": name, "endpoint": "https://hooks.example/x", "secret": "shh" });
    let changed = json!({ "endpoint": "https://hooks.example/x", "secret": "shh" });
    check(
        &registry,
        &sandbox,
        &[
            (
                "hook add ~ann https://hooks.example/x shh",
                "+ ~ann -> https://hooks.example/x (h1)\n",
                &[("POST /-/npm/v1/hooks/hook", add("owner", "ann"))],
            ),
            (
                "hook add @acme https://hooks.example/x shh --parseable",
                "h1\t~ann\thttps://hooks.example/x\t\t\n",
                &[("POST /-/npm/v1/hooks/hook", add("scope", "@acme"))],
            ),
            (
                "hook ls",
                "~ann -> https://hooks.example/x (h1): never told\n\
                 ~ann -> https://hooks.example/x (h1): told 2026-01-02T03:04:05Z, answered 200\n",
                &[("GET /-/npm/v1/hooks", NOTHING)],
            ),
            ("hook ls @acme", "You have no hooks.\n", &[("GET /-/npm/v1/hooks?package=%40acme", NOTHING)]),
            (
                "hook update h1 https://hooks.example/x shh",
                "~ ~ann -> https://hooks.example/x (h1)\n",
                &[("PUT /-/npm/v1/hooks/hook/h1", changed)],
            ),
            (
                "hook rm h1",
                "- ~ann -> https://hooks.example/x (h1)\n",
                &[("DELETE /-/npm/v1/hooks/hook/h1", NOTHING)],
            ),
        ],
    );
    check_refused(
        &registry,
        &sandbox,
        &[
            ("hook", "`hook` needs one of add, ls, update, rm"),
            ("hook add tool https://hooks.example/x", "needs other arguments"),
            ("hook rm", "needs other arguments"),
        ],
    );
}
