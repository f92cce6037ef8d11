//! Packages as a registry keeps them: tags, owners, access, teams, organizations, stars, search and pages. Output,
//! exit codes and requests were compared with npm 11.19.1 over the same answers.

use serde_json::{Value, json};
use test_support::{Answer, Recorder};

use crate::sandbox::Sandbox;

/// A command, its standard output, and its requests with their bodies.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, Value)]);

fn sandbox(registry: &Recorder) -> Sandbox {
    let sandbox = Sandbox::new();
    let (url, host) = (registry.url(), registry.host());
    sandbox.file("home/.npmrc", &format!("registry={url}\nfetch-retries=0\n//{host}/:_authToken=t0ken\n"));
    sandbox.file("project/package.json", r#"{"name":"@acme/x","bugs":"https://bugs.example/here"}"#);
    sandbox
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn check(registry: &Recorder, sandbox: &Sandbox, rows: &[Row<'_>]) {
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
fn check_refused(registry: &Recorder, sandbox: &Sandbox, rows: &[(&str, &str)]) {
    for (line, words_said) in rows {
        let said = sandbox.knit(&words(line));
        assert!(said.contains("\nexit: 1\n") && said.contains(words_said), "{said}");
        assert!(registry.take_requests().is_empty(), "{line}");
    }
}

const NOTHING: Value = Value::Null;

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
            ("dist-tag ls", listed, &[get.clone()]),
            ("dist-tag", listed, &[get.clone()]),
            ("dist-tags @acme/x", listed, &[get.clone()]),
            ("dist-tag add @acme/x@1.2.0", "+latest: @acme/x@1.2.0\n", &[get.clone(), latest]),
            ("dist-tag add @acme/x@1.2.0 next", "+next: @acme/x@1.2.0\n", &[get.clone(), next.clone()]),
            ("dist-tag set @acme/x@1.2.0 --tag=next", "+next: @acme/x@1.2.0\n", &[get.clone(), next]),
            ("dist-tag add @acme/x@1.0.0", "", &[get.clone()]),
            ("dist-tag rm @acme/x beta", "-beta: @acme/x@2.0.0-b\n", &[get, delete]),
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
fn access_to_packages_is_shown_and_changed() {
    let registry = Recorder::start();
    let held = json!({ "@acme/x": "write", "@acme/a": "read" });
    registry.answer("GET", "/-/whoami", Answer::json(200, &json!({ "username": "ann" })));
    registry.answer("GET", "/-/org/acme/package", Answer::json(200, &held));
    registry.answer("GET", "/-/user/ann/package", Answer::json(200, &json!({ "own": "write" })));
    registry.answer("GET", "/-/team/acme/dev/package", Answer::json(200, &json!({ "@acme/t": "read" })));
    registry.answer("PUT", "/-/team/acme/dev/package", Answer::new(204, ""));
    registry.answer("DELETE", "/-/team/acme/dev/package", Answer::new(204, ""));
    let people = json!({ "zed": "write", "ann": "read" });
    registry.answer("GET", "/-/package/@acme%2fx/collaborators", Answer::json(200, &people));
    registry.answer("GET", "/-/package/@acme%2fx/visibility", Answer::json(200, &json!({ "public": false })));
    registry.answer("POST", "/-/package/@acme%2fx/access", Answer::new(200, ""));
    let sandbox = sandbox(&registry);
    let get = |line: &'static str| (line, NOTHING);
    let visibility = get("GET /-/package/@acme%2fx/visibility");
    let set = |body: Value| ("POST /-/package/@acme%2fx/access", body);
    let grant = json!({ "package": "@acme/x", "permissions": "read-write" });
    check(
        &registry,
        &sandbox,
        &[
            (
                "access list packages @acme",
                "@acme/a: read-only\n@acme/x: read-write\n",
                &[get("GET /-/org/acme/package")],
            ),
            (
                "access ls packages",
                "own: read-write\n",
                &[get("GET /-/whoami"), get("GET /-/org/ann/package"), get("GET /-/user/ann/package")],
            ),
            (
                "access list packages acme:dev --json",
                "{\n  \"@acme/t\": \"read-only\"\n}\n",
                &[get("GET /-/team/acme/dev/package")],
            ),
            (
                "access list collaborators @acme/x zed",
                "zed: read-write\n",
                &[get("GET /-/package/@acme%2fx/collaborators")],
            ),
            ("access get status", "@acme/x: private\n", &[visibility.clone()]),
            (
                "access set status=private",
                "@acme/x: private\n",
                &[set(json!({ "access": "restricted" })), visibility],
            ),
            ("access set mfa=none", "", &[set(json!({ "publish_requires_tfa": false }))]),
            (
                "access set 2fa=publish @acme/x",
                "",
                &[set(json!({ "publish_requires_tfa": true, "automation_token_overrides_tfa": false }))],
            ),
            (
                "access set mfa=automation",
                "",
                &[set(json!({ "publish_requires_tfa": true, "automation_token_overrides_tfa": true }))],
            ),
            ("access grant read-write @acme:dev", "", &[("PUT /-/team/acme/dev/package", grant)]),
            (
                "access revoke acme:dev @acme/x",
                "",
                &[("DELETE /-/team/acme/dev/package", json!({ "package": "@acme/x" }))],
            ),
        ],
    );
    let refused = [
        ("access", "EUSAGE"),
        ("access list", "EUSAGE"),
        ("access get mfa", "EUSAGE"),
        ("access set status=secret", "EUSAGE"),
        ("access set status=public plain", "has no scope"),
        ("access grant write acme:dev", "EUSAGE"),
        ("access grant read-only", "EUSAGE"),
        ("access revoke acme", "acme is no team"),
    ];
    check_refused(&registry, &sandbox, &refused);
}

#[test]
fn teams_and_organizations_are_managed() {
    let registry = Recorder::start();
    registry.answer("PUT", "/-/org/acme/team", Answer::json(200, &json!({ "name": "dev" })));
    registry.answer("GET", "/-/org/acme/team", Answer::json(200, &json!(["acme:dev", "acme:admins"])));
    registry.answer("DELETE", "/-/team/acme/dev", Answer::new(204, ""));
    registry.answer("GET", "/-/team/acme/dev/user", Answer::json(200, &json!(["ann"])));
    registry.answer("PUT", "/-/team/acme/dev/user", Answer::json(200, &json!({})));
    registry.answer("DELETE", "/-/team/acme/dev/user", Answer::new(204, ""));
    let member = json!({ "org": { "name": "acme", "size": 2 }, "user": "cy", "role": "developer" });
    registry.answer("PUT", "/-/org/acme/user", Answer::json(200, &member));
    registry.answer("DELETE", "/-/org/acme/user", Answer::new(204, ""));
    registry.answer(
        "GET",
        "/-/org/acme/user",
        Answer::json(200, &json!({ "zed": "developer", "ann": "owner" })),
    );
    let sandbox = sandbox(&registry);
    let (dev, cy) = (json!({ "name": "dev" }), json!({ "user": "cy" }));
    let teams = ("GET /-/org/acme/team?format=cli", NOTHING);
    let roster = ("GET /-/org/acme/user", NOTHING);
    let set = |role: &str| ("PUT /-/org/acme/user", json!({ "user": "cy", "role": role }));
    let added = "Added cy as developer to acme. You now have 2 members in this org.\n";
    check(
        &registry,
        &sandbox,
        &[
            ("team create @acme:dev", "+@acme:dev\n", &[("PUT /-/org/acme/team", dev.clone())]),
            ("team create acme:dev --parseable", "acme:dev\tcreated\n", &[("PUT /-/org/acme/team", dev)]),
            ("team destroy acme:dev", "-@acme:dev\n", &[("DELETE /-/team/acme/dev", NOTHING)]),
            ("team add acme:dev cy", "cy added to @acme:dev\n", &[("PUT /-/team/acme/dev/user", cy.clone())]),
            (
                "team rm acme:dev cy --json",
                "{\n  \"removed\": true,\n  \"team\": \"acme:dev\",\n  \"user\": \"cy\"\n}\n",
                &[("DELETE /-/team/acme/dev/user", cy.clone())],
            ),
            ("team ls acme", "@acme has 2 teams:\n@acme:admins\n@acme:dev\n", &[teams]),
            (
                "team ls @acme:dev",
                "@acme:dev has 1 user:\nann\n",
                &[("GET /-/team/acme/dev/user?format=cli", NOTHING)],
            ),
            ("org set @acme @cy", added, &[set("developer")]),
            (
                "ogr add acme cy admin --parseable",
                "org\torgsize\tuser\trole\nacme\t2\tcy\tdeveloper\n",
                &[set("admin")],
            ),
            (
                "org rm acme cy",
                "Successfully removed cy from acme. You now have 2 members in this org.\n",
                &[("DELETE /-/org/acme/user", cy), roster.clone()],
            ),
            ("org ls acme", "ann - owner\nzed - developer\n", &[roster.clone()]),
            ("org ls acme zed --parseable", "user\trole\nzed\tdeveloper\n", &[roster]),
        ],
    );
    let refused = [
        ("team", "EUSAGE"),
        ("team create acme", "acme is no team"),
        ("team add acme:dev", "EUSAGE"),
        ("org", "EUSAGE"),
        ("org ls", "EUSAGE"),
        ("org set acme", "EUSAGE"),
        ("org set acme cy king", "`king` is no role"),
    ];
    check_refused(&registry, &sandbox, &refused);
}

#[test]
fn a_request_about_a_team_names_its_organization() {
    let registry = Recorder::start();
    registry.answer("DELETE", "/-/team/acme/dev", Answer::new(204, ""));
    sandbox(&registry).knit(&["team", "destroy", "acme:dev"]);
    assert_eq!(registry.take_requests()[0].header("npm-scope"), Some("acme"));
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
    let empty = self::sandbox(&registry);
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
    let cases: Vec<(&str, String, &[(&str, Value)])> = vec![
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
fn pipelines_are_trusted_and_revoked() {
    let registry = Recorder::start();
    let claims =
        json!({ "repository": "acme/x", "workflow_ref": { "file": "ci.yml" }, "environment": "prod" });
    let known = json!({ "id": "1-a", "type": "github", "claims": claims, "permissions": ["createPackage"] });
    let path = "/-/package/@acme%2fx/trust";
    registry.answer("POST", path, Answer::json(201, &json!([known])));
    registry.answer("GET", path, Answer::json(200, &json!([known])));
    registry.answer("DELETE", &format!("{path}/1-a"), Answer::new(204, ""));
    let sandbox = sandbox(&registry);
    sandbox.file("project/package.json", r#"{"name":"@acme/x","repository":"github:acme/x"}"#);
    let shown = "\ntype: github\nid: 1-a\nfile: ci.yml\nrepository: acme/x\nenvironment: prod\n\
                 permissions: publish\n\n";
    let plan = "Establishing trust between @acme/x package and GitHub Actions\n\
                Anyone with GitHub repository write access can publish to @acme/x\n\
                Two-factor authentication is required for this operation\n\
                https://github.com/acme/x/blob/HEAD/.github/workflows/ci.yml\nhttps://github.com/acme/x\n";
    let made = format!("{plan}Trust configuration created successfully for @acme/x:\n{shown}");
    let about = "trusted configuration for package @acme/x with id 1-a";
    let revoked = format!("Attempting to revoke {about}\nRevoked {about}\n");
    let sent = json!([{ "type": "github", "claims": claims, "permissions": ["createPackage"] }]);
    let delete = [("DELETE /-/package/@acme%2fx/trust/1-a", NOTHING)];
    check(
        &registry,
        &sandbox,
        &[
            (
                "trust github --file ci.yml --env prod --allow-publish --yes",
                &made,
                &[("POST /-/package/@acme%2fx/trust", sent)],
            ),
            ("trust github --file=ci.yml --allow-publish --dry-run", plan, &[]),
            ("trust list", shown, &[("GET /-/package/@acme%2fx/trust", NOTHING)]),
            ("trust revoke @acme/x --id 1-a", &revoked, &delete),
            ("trust revoke --id=1-a --json", "", &delete),
        ],
    );
    let refused = [
        ("trust", "EUSAGE"),
        ("trust what", "EUSAGE"),
        ("trust github --allow-publish --yes", "--file"),
        ("trust github --file ci.yml --yes", "--allow-publish"),
        ("trust github --file ci.yml --allow-publish", "ECANCELED"),
        ("trust github other --file ci.yml --allow-publish --yes", "--repository"),
        ("trust gitlab --file ci.yml --allow-publish --yes", "--project"),
        (
            "trust circleci --org-id x --project-id x --pipeline-definition-id x --vcs-origin x --allow-publish",
            "no UUID",
        ),
        ("trust revoke", "--id"),
    ];
    check_refused(&registry, &sandbox, &refused);
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
