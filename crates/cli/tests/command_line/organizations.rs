//! Who may do what with packages: access, teams, organizations and trusted pipelines. Output, exit codes and requests
//! were compared with npm 11.19.1 over the same answers.

use serde_json::{Value, json};
use test_support::{Answer, Recorder};

use crate::answers::{NOTHING, check, check_refused, sandbox};

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
            ("access get status", "@acme/x: private\n", std::slice::from_ref(&visibility)),
            (
                "access set status=private",
                "@acme/x: private\n",
                &[set(json!({ "access": "restricted" })), visibility.clone()],
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
            ("org ls acme", "ann - owner\nzed - developer\n", std::slice::from_ref(&roster)),
            ("org ls acme zed --parseable", "user\trole\nzed\tdeveloper\n", std::slice::from_ref(&roster)),
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
                Two-factor authentication is required for this operation\n\n\
                package: @acme/x\nfile: ci.yml\nrepository: acme/x\nenvironment: prod\npermissions: publish\n\n\
                https://github.com/acme/x/blob/HEAD/.github/workflows/ci.yml\nhttps://github.com/acme/x\n\n";
    let made = format!(
        "{plan}Trust configuration created successfully for @acme/x with the following settings:\n{shown}"
    );
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
            ("trust github --file=ci.yml --allow-publish --environment=prod --dry-run", plan, &[]),
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
        ("trust oidc --claim sub=x --allow-publish --yes", "--issuer"),
        ("trust oidc --issuer https://ci.example --allow-publish --yes", "--claim"),
        ("trust oidc --issuer https://ci.example --claim sub --allow-publish --yes", "<name>=<value>"),
        ("trust oidc --issuer https://ci.example --claim iss=x --allow-publish --yes", "--issuer"),
        ("trust oidc --issuer http://ci.example --claim sub=x --allow-publish --yes", "https://"),
        // its package.json is about the provider's own
        ("trust github --file ci.yml --issuer https://ci.example --allow-publish --yes", "--repository"),
    ];
    check_refused(&registry, &sandbox, &refused);
}

#[test]
fn pipelines_of_an_issuer_of_ones_own_are_trusted() {
    let registry = Recorder::start();
    let issuer = "https://ci.example/oidc/";
    let claims = json!({ "sub": "job:release", "groups": ["a=b", "c"], "iss": issuer });
    let relation = json!({ "type": "oidc", "claims": claims, "permissions": ["createStagedPackage"] });
    let mut known = relation.clone();
    known["id"] = json!("1-a");
    let path = "/-/package/@acme%2fx/trust";
    registry.answer("POST", path, Answer::json(201, &json!([known])));
    registry.answer("GET", path, Answer::json(200, &json!([known])));
    let sandbox = sandbox(&registry);
    let settings = "issuer: https://ci.example/oidc/\nclaim: sub=job:release\nclaim: groups=a=b\nclaim: groups=c\n\
                    permissions: stage publish\n\n";
    let shown = format!("\ntype: oidc\nid: 1-a\n{settings}");
    let plan = format!(
        "Establishing trust between @acme/x package and {issuer}\n\
         Anyone whom it gives an id-token with these claims can publish to @acme/x\n\
         Two-factor authentication is required for this operation\n\npackage: @acme/x\n{settings}"
    );
    let made = format!(
        "{plan}Trust configuration created successfully for @acme/x with the following settings:\n{shown}"
    );
    let json = json!({
        "type": "oidc", "id": "1-a", "issuer": issuer,
        "claims": { "sub": "job:release", "groups": ["a=b", "c"] }, "permissions": ["createStagedPackage"],
    });
    let json = format!("\n{}\n\n", serde_json::to_string_pretty(&json).expect("JSON"));
    let gitlab = json!([{
        "type": "gitlab",
        "claims": {
            "project_path": "acme/x", "ci_config_ref_uri": { "file": "ci.yml" }, "iss": "https://git.example",
        },
        "permissions": ["createPackage"],
    }]);
    let gitlab_plan = "Establishing trust between @acme/x package and GitLab CI/CD\n\
        Anyone with GitLab project write access can publish to @acme/x\n\
        Two-factor authentication is required for this operation\n\n\
        package: @acme/x\nissuer: https://git.example\nfile: ci.yml\nproject: acme/x\npermissions: publish\n\n\
        https://git.example/acme/x/-/blob/HEAD/ci.yml\nhttps://git.example/acme/x\n\n\
        Trust configuration created successfully for @acme/x with the following settings:\n";
    let gitlab_made = format!("{gitlab_plan}{shown}");
    let get = [("GET /-/package/@acme%2fx/trust", NOTHING)];
    check(
        &registry,
        &sandbox,
        &[
            (
                "trust oidc --issuer https://ci.example/oidc/ --claim sub=job:release --claim groups=a=b \
                 --claim=groups=c --allow-stage-publish --yes",
                &made,
                &[("POST /-/package/@acme%2fx/trust", json!([relation]))],
            ),
            (
                "trust gitlab --issuer https://git.example --project acme/x --file ci.yml --allow-publish --yes",
                &gitlab_made,
                &[("POST /-/package/@acme%2fx/trust", gitlab)],
            ),
            ("trust list", &shown, &get),
            ("trust list --json", &json, &get),
        ],
    );
}
