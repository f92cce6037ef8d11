//! Packages as a registry keeps them: tags, owners, stars, search and pages. Output, exit codes and requests were
//! compared with npm 11.19.1 over the same answers.

use serde_json::{Value, json};
use test_support::{Answer, Recorder};

use crate::answers::{NOTHING, check, check_refused, sandbox, words};

#[test]
fn dist_tags_are_listed_set_and_taken_away() {
    let registry = Recorder::start();
    let tags = json!({ "latest": "1.0.0", "beta": "2.0.0-b", "_etag": "x" });
    registry.answer("GET", "/-/package/@acme%2fx/dist-tags", Answer::json(200, &tags));
    for (method, tag) in [("PUT", "latest"), ("PUT", "next"), ("DELETE", "beta")] {
        let path = format!("/-/package/@acme%2fx/dist-tags/{tag}");
        registry.answer(method, &path, Answer::json(200, &json!({ "ok": true })));
    }
    let sandbox = sandbox(&registry);
    let get = ("GET /-/package/@acme%2fx/dist-tags", NOTHING);
    let put = |tag: &'static str| (tag, json!("1.2.0"));
    let latest = put("PUT /-/package/@acme%2fx/dist-tags/latest");
    let next = put("PUT /-/package/@acme%2fx/dist-tags/next");
    let delete = ("DELETE /-/package/@acme%2fx/dist-tags/beta", NOTHING);
    let listed = "beta: 2.0.0-b\nlatest: 1.0.0\n";
    check(
        &registry,
        &sandbox,
        &[
            ("dist-tag ls", listed, std::slice::from_ref(&get)),
            ("dist-tag", listed, std::slice::from_ref(&get)),
            ("dist-tags @acme/x", listed, std::slice::from_ref(&get)),
            ("dist-tag add @acme/x@1.2.0", "+latest: @acme/x@1.2.0\n", &[get.clone(), latest]),
            ("dist-tag add @acme/x@1.2.0 next", "+next: @acme/x@1.2.0\n", &[get.clone(), next.clone()]),
            ("dist-tag set @acme/x@1.2.0 --tag=next", "+next: @acme/x@1.2.0\n", &[get.clone(), next]),
            ("dist-tag add @acme/x@1.0.0", "", std::slice::from_ref(&get)),
            ("dist-tag rm @acme/x beta", "-beta: @acme/x@2.0.0-b\n", &[get.clone(), delete]),
        ],
    );
    let refused = [
        ("dist-tag add @acme/x@1.2.0 1.0", "EINVALIDTAGNAME"),
        ("dist-tag add @acme/x", "names no version"),
        ("dist-tag rm @acme/x", "EUSAGE"),
        ("dist-tag rm", "EUSAGE"),
        ("dist-tag what @acme/x", "EUSAGE"),
        ("dist-tag ls ./folder", "EUSAGE"),
    ];
    check_refused(&registry, &sandbox, &refused);
    let said = sandbox.knit(&["dist-tag", "rm", "@acme/x", "nope"]);
    assert!(said.contains("exit: 1") && said.contains("nope is not a dist-tag on @acme/x"), "{said}");
}

#[test]
fn tags_of_workspaces_are_listed_one_after_the_other() {
    let registry = Recorder::start();
    registry.answer("GET", "/-/package/a/dist-tags", Answer::json(200, &json!({ "latest": "1.0.0" })));
    let sandbox = sandbox(&registry);
    sandbox.file("project/package.json", r#"{"name":"root","workspaces":["p/*"]}"#);
    sandbox
        .file("project/p/a/package.json", r#"{"name":"a"}"#)
        .file("project/p/b/package.json", r#"{"name":"b"}"#);
    let said = sandbox.knit(&["dist-tag", "ls", "--workspaces"]);
    assert!(
        said.contains("exit: 1") && said.contains("a:\nlatest: 1.0.0\nb:\n") && said.contains("E404"),
        "{said}"
    );
}

#[test]
fn owners_are_listed_added_and_removed() {
    let registry = Recorder::start();
    let (ann, bo) = (json!({ "name": "ann", "email": "a@x" }), json!({ "name": "bo", "email": "b@x" }));
    let packument =
        |maintainers: Value| json!({ "_id": "@acme/x", "_rev": "3-abc", "maintainers": maintainers });
    registry.answer("GET", "/@acme%2fx", Answer::json(200, &packument(json!([ann, bo]))));
    registry.answer("GET", "/solo", Answer::json(200, &packument(json!([ann]))));
    for name in ["ann", "cy"] {
        let account = json!({ "name": name, "email": "c@x", "password": "hidden" });
        registry.answer("GET", &format!("/-/user/org.couchdb.user:{name}"), Answer::json(200, &account));
    }
    registry.answer("PUT", "/@acme%2fx/-rev/3-abc", Answer::json(201, &json!({ "ok": true })));
    let sandbox = sandbox(&registry);
    let user = |name: &'static str| (name, NOTHING);
    let (get_ann, get_cy) =
        (user("GET /-/user/org.couchdb.user:ann"), user("GET /-/user/org.couchdb.user:cy"));
    let (get, get_now) = (("GET /@acme%2fx", NOTHING), ("GET /@acme%2fx?write=true", NOTHING));
    let put = |maintainers: Value| {
        (
            "PUT /@acme%2fx/-rev/3-abc",
            json!({ "_id": "@acme/x", "_rev": "3-abc", "maintainers": maintainers }),
        )
    };
    let cy = json!({ "name": "cy", "email": "c@x" });
    check(
        &registry,
        &sandbox,
        &[
            ("owner ls", "ann <a@x>\nbo <b@x>\n", &[get]),
            (
                "owner add cy",
                "+ cy (@acme/x)\n",
                &[get_cy.clone(), get_now.clone(), put(json!([ann, bo, cy]))],
            ),
            (
                "owner rm ann @acme/x",
                "- ann (@acme/x)\n",
                &[get_ann.clone(), get_now.clone(), put(json!([bo]))],
            ),
            ("author add ann @acme/x", "", &[get_ann, get_now.clone()]),
            ("owner rm cy", "", &[get_cy, get_now]),
        ],
    );
    for (line, code) in [("owner rm ann solo", "EOWNERRM"), ("owner add cy solo", "EOWNERMUTATE")] {
        let said = sandbox.knit(&words(line));
        assert!(said.contains("exit: 1") && said.contains(&format!("error[{code}]")), "{said}");
    }
    registry.take_requests();
    check_refused(
        &registry,
        &sandbox,
        &[("owner", "EUSAGE"), ("owner add", "EUSAGE"), ("owner what x", "EUSAGE")],
    );
}

#[test]
fn packages_are_starred_as_the_user_one_is() {
    let registry = Recorder::start();
    registry.answer("GET", "/-/whoami", Answer::json(200, &json!({ "username": "ann" })));
    for (name, users) in [("one", json!({ "bo": true })), ("two", json!({ "ann": true, "bo": true }))] {
        let packument = json!({ "_id": name, "_rev": "1-a", "users": users });
        registry.answer("GET", &format!("/{name}"), Answer::json(200, &packument));
        registry.answer("PUT", &format!("/{name}"), Answer::json(200, &json!({ "ok": true })));
    }
    let rows = json!({ "rows": [{ "value": "one" }, { "value": "@acme/x" }] });
    registry.answer("GET", "/-/_view/starredByUser", Answer::json(200, &rows));
    let sandbox = sandbox(&registry);
    let (who, get) = (("GET /-/whoami", NOTHING), |line: &'static str| (line, NOTHING));
    let put = |line: &'static str, name: &str, users: Value| {
        (line, json!({ "_id": name, "_rev": "1-a", "users": users }))
    };
    let both = json!({ "bo": true, "ann": true });
    check(
        &registry,
        &sandbox,
        &[
            (
                "star one two",
                "★  one\n★  two\n",
                &[
                    who.clone(),
                    get("GET /one?write=true"),
                    put("PUT /one", "one", both.clone()),
                    get("GET /two?write=true"),
                    put("PUT /two", "two", both),
                ],
            ),
            (
                "unstar two --no-unicode",
                "( ) two\n",
                &[who.clone(), get("GET /two?write=true"), put("PUT /two", "two", json!({ "bo": true }))],
            ),
            ("stars", "one\n@acme/x\n", &[who, get("GET /-/_view/starredByUser?key=%22ann%22")]),
            ("stars bo", "one\n@acme/x\n", &[get("GET /-/_view/starredByUser?key=%22bo%22")]),
        ],
    );
    check_refused(&registry, &sandbox, &[("star", "EUSAGE")]);
}

#[test]
fn search_shows_what_the_registry_finds() {
    let registry = Recorder::start();
    let tool = json!({
        "name": "tool", "version": "1.2.3", "description": "does \u{1b}[31mthings", "keywords": ["web", "x"],
        "date": "2026-01-02T03:04:05.678Z", "publisher": { "username": "ann" },
        "maintainers": [{ "username": "ann" }, { "username": "bo" }], "links": { "homepage": "https://t.example/" }
    });
    let other = json!({ "name": "other", "version": "0.0.1", "maintainers": [{ "username": "cy" }] });
    let found = json!({ "objects": [{ "package": tool }, { "package": other }], "total": 2 });
    registry.answer("GET", "/-/v1/search", Answer::json(200, &found));
    let sandbox = sandbox(&registry);
    let query =
        |text: &str, size: &str, rest: &str| format!("GET /-/v1/search?text={text}&size={size}&{rest}");
    let usual = "from=0&quality=0.65&popularity=0.98&maintenance=0.5";
    let (plain, two) = (query("tool", "20", usual), query("tool+web", "20", usual));
    let tuned = query("tool", "5", "from=3&quality=0.65&popularity=0.1&maintenance=0.5");
    let (first, second) = (
        "tool\ndoes [31mthings\nVersion 1.2.3 published 2026-01-02 by ann\nMaintainers: ann bo\nKeywords: web x\n\
         https://t.example/\n\n",
        "other\nVersion 0.0.1 published prehistoric by ???\nMaintainers: cy\n\n",
    );
    let columns = "tool\tdoes [31mthings\t2026-01-02\t1.2.3\tweb,x\nother\tprehistoric\t0.0.1\t\n";
    check(
        &registry,
        &sandbox,
        &[
            ("search Tool", &format!("{first}{second}"), &[(&plain, NOTHING)]),
            ("find tool web --parseable", columns, &[(&two, NOTHING)]),
            (
                "s tool --searchlimit=5 --searchopts=from=3&popularity=0.1 --searchexclude=ANN",
                second,
                &[(&tuned, NOTHING)],
            ),
        ],
    );
    let said = sandbox.knit(&["search", "tool", "--json"]);
    let shown = said.split_once("--- stdout\n").map(|(_, rest)| rest).unwrap_or_default();
    let shown: Value = serde_json::from_str(shown).expect("JSON");
    assert_eq!((&shown[0]["name"], &shown[1]["name"]), (&json!("tool"), &json!("other")));
    registry.take_requests();
    check_refused(
        &registry,
        &sandbox,
        &[("search", "EUSAGE"), ("search x --searchexclude=/a/", "EUNSUPPORTED")],
    );

    let registry = Recorder::start();
    registry.answer("GET", "/-/v1/search", Answer::json(200, &json!({ "objects": [] })));
    let empty = crate::answers::sandbox(&registry);
    let asked = [(plain.as_str(), NOTHING)];
    check(
        &registry,
        &empty,
        &[("search tool", "No matches found for \"tool\"\n", &asked), ("search tool --json", "[]\n", &asked)],
    );
}

#[test]
fn pages_of_packages_are_opened_or_named() {
    let registry = Recorder::start();
    let version = json!({
        "name": "tool", "version": "1.0.0", "dist": { "tarball": "http://registry.example/tool.tgz" },
        "repository": { "url": "git+https://github.com/acme/tool.git", "directory": "packages/tool" }
    });
    let packument = json!({
        "name": "tool", "dist-tags": { "latest": "1.0.0" }, "versions": { "1.0.0": version }
    });
    registry.answer("GET", "/tool", Answer::json(200, &packument));
    let sandbox = sandbox(&registry);
    sandbox.program("bin/open-it", "echo opened $1");
    let get = [("GET /tool", NOTHING)];
    let named =
        |name: &str, what: &str, url: &str| format!("{name} {what} available at the following URL:\n{url}\n");
    let tree = "https://github.com/acme/tool/tree/HEAD/packages/tool";
    type Requests<'a> = &'a [(&'a str, Value)];
    let cases: Vec<(&str, String, Requests<'_>)> = vec![
        ("bugs --browser=false", named("@acme/x", "bugs", "https://bugs.example/here"), &[]),
        ("issues tool --browser=false", named("tool", "bugs", "https://github.com/acme/tool/issues"), &get),
        ("home tool --browser=false", named("tool", "docs", "https://github.com/acme/tool#readme"), &get),
        ("repo tool --browser=false", named("tool", "repo", tree), &get),
        (
            "docs --browser=false",
            named("@acme/x", "docs", &format!("{}package/@acme/x", registry.url())),
            &[],
        ),
        ("bugs --browser=open-it", "opened https://bugs.example/here\n".to_owned(), &[]),
    ];
    // the packument of the second and later ones comes from the cache, once it is asked whether that is current
    for (line, stdout, requests) in cases {
        check(&registry, &sandbox, &[(line, &stdout, requests)]);
    }
    check_refused(&registry, &sandbox, &[("repo --browser=false", "ENOREPOSITORY")]);
}

#[test]
fn an_installed_package_is_edited() {
    let registry = Recorder::start();
    let mut sandbox = sandbox(&registry);
    sandbox.set("EDITOR", "edit-it");
    sandbox.program("bin/edit-it", "echo edited $1");
    sandbox.file("project/package.json", r#"{"name":"p","dependencies":{"a":"1.0.0"}}"#);
    sandbox.file("project/node_modules/a/package.json", r#"{"name":"a","version":"1.0.0"}"#);
    let said = sandbox.knit(&["edit", "a"]);
    assert!(said.contains("exit: 0") && said.contains("edited [ROOT]/project/node_modules/a\n"), "{said}");
    check_refused(&registry, &sandbox, &[("edit b", "ENOENT"), ("edit ../a", "EUSAGE"), ("edit", "EUSAGE")]);
    sandbox.program("bin/edit-it", "exit 3");
    let said = sandbox.knit(&["edit", "a"]);
    assert!(said.contains("exit: 1") && said.contains("EEDITOR"), "{said}");
}
