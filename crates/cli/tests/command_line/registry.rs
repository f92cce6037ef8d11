//! What is done to a registry by its own command line: output, exit codes, JSON. What it does is tested in the crate
//! `registry-server`.

use serde_json::{Value, json};
use test_support::FixturePackage;
use test_support::fixture::shasum_of;

use crate::sandbox::Sandbox;

/// A folder of Verdaccio's with one version of a package.
fn verdaccio(sandbox: &Sandbox, package: &FixturePackage) {
    let (name, version, file) = (package.name(), package.version(), package.tarball_name());
    let mut manifest = package.package_json();
    manifest["dist"] = json!({
        "integrity": package.integrity(),
        "shasum": shasum_of(&package.tarball()),
        "tarball": format!("http://127.0.0.1/{name}/-/{file}"),
    });
    let document = json!({
        "name": name, "versions": { version: manifest }, "dist-tags": { "latest": version },
        "time": { "created": "2023-01-02T03:04:05.678Z", version: "2023-01-02T03:04:05.678Z" },
        "_attachments": { file.as_str(): { "shasum": shasum_of(&package.tarball()), "version": version } },
    });
    sandbox.file(&format!("project/storage/{name}/package.json"), &document.to_string());
    let path = sandbox.path(&format!("project/storage/{name}/{file}"));
    std::fs::write(path, package.tarball()).expect("a file");
}

/// Runs a line, and compares the exit code and standard output.
#[track_caller]
fn check(sandbox: &Sandbox, line: &str, exit: &str, stdout: &str) {
    let said = sandbox.knit(&line.split(' ').collect::<Vec<_>>());
    let (_, shown) = said.split_once("--- stdout\n").unwrap_or_default();
    let shown = shown.split("--- stderr\n").next().unwrap_or_default();
    assert_eq!((said.lines().nth(1), shown), (Some(format!("exit: {exit}").as_str()), stdout), "{said}");
}

/// The JSON that a line prints.
#[track_caller]
fn answer(sandbox: &Sandbox, line: &str) -> Value {
    let said = sandbox.knit(&line.split(' ').collect::<Vec<_>>());
    let (_, shown) = said.split_once("--- stdout\n").unwrap_or_default();
    let shown = shown.split("--- stderr\n").next().unwrap_or_default();
    serde_json::from_str(shown).unwrap_or_else(|error| panic!("{error}: {said}"))
}

#[test]
fn a_registry_is_imported_checked_moved_and_cleaned() {
    let sandbox = Sandbox::new();
    verdaccio(&sandbox, &FixturePackage::new("@acme/tool", "1.0.0").file("index.js", "1"));
    sandbox.file("project/htpasswd", "ann:$2a$10$x:autocreated\n");
    let import = "registry import-verdaccio storage --htpasswd htpasswd --maintainer ann --data one";
    check(
        &sandbox,
        import,
        "0",
        "@acme/tool: 1 version\nimported 1 package and 1 user; left behind: 0\n\
         Verdaccio's passwords and tokens cannot be taken over. These users cannot log in yet: ann\n\
         `knit registry password <user>` gives one of them a password\n",
    );
    let again = "@acme/tool: 0 versions, 1 here before\nimported 1 package and 0 users; left behind: 0\n";
    check(&sandbox, import, "0", again);
    let tarball = FixturePackage::new("@acme/tool", "1.0.0").file("index.js", "1").tarball().len();
    let sound = format!(
        "looked at 1 package, 1 version, {tarball} B of tarballs, 0 B fetched from upstreams\n\
         everything fits together\n"
    );
    check(&sandbox, "registry fsck --data one", "0", &sound);
    assert_eq!(answer(&sandbox, "registry fsck --json --data one")["ok"], json!(true));

    let taken = answer(&sandbox, "registry backup saved --json --data one");
    assert_eq!((&taken["blobs"]["count"], &taken["copied"]["count"]), (&json!(1), &json!(1)));
    let refused = sandbox.knit(&["registry", "restore", "saved", "--data", "one"]);
    assert!(refused.contains("exit: 1") && refused.contains("--force"), "{refused}");
    assert_eq!(answer(&sandbox, "registry restore saved --json --data two")["rows"], taken["rows"]);
    check(&sandbox, "registry fsck --data two", "0", &sound);

    let garbage = "would remove 0 blobs (0 B) that nothing names, of 1 blob";
    check(&sandbox, "registry gc --dry-run --data two", "0", &format!("{garbage} ({tarball} B)\n"));
    let odd = sandbox.knit(&["registry", "gc", "--grace", "soon", "--data", "two"]);
    assert!(odd.contains("--grace is \"soon\", not a duration"), "{odd}");

    let blob = walk(&sandbox.path("project/two/blobs"));
    std::fs::remove_file(&blob[0]).expect("a blob");
    check(
        &sandbox,
        "registry fsck --quick --repair --data two",
        "1",
        "@acme/tool@1.0.0 is not in the store of tarballs\n\
         looked at 1 package, 1 version, 0 B of tarballs, 0 B fetched from upstreams\n\
         1 problem left for a backup or a decision\n",
    );
    let found = answer(&sandbox, "registry fsck --json --data two");
    assert_eq!((&found["ok"], &found["problems"][0]["code"]), (&json!(false), &json!("blob-missing")));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found
}

#[test]
fn an_import_that_is_repeated_tells_what_changed_and_what_did_not() {
    let sandbox = Sandbox::new();
    verdaccio(&sandbox, &FixturePackage::new("tool", "1.0.0"));
    let folder = sandbox.path("project/storage/tool");
    let import = "registry import-verdaccio storage --maintainer ann --data one";
    sandbox.knit(&["registry", "user", "ann", "--data", "one"]);
    let brought = "imported 1 package and 0 users; left behind: 0\n";
    check(&sandbox, import, "0", &format!("tool: 1 version\n{brought}"));
    let change = |change: &dyn Fn(&mut Value)| {
        let path = folder.join("package.json");
        let text = std::fs::read(&path).expect("a file");
        let mut document: Value = serde_json::from_slice(&text).expect("JSON");
        change(&mut document);
        std::fs::write(path, document.to_string()).expect("a file");
    };
    change(&|document| {
        document["dist-tags"]["old"] = json!("1.0.0");
        document["versions"]["1.0.0"]["deprecated"] = json!("no more");
    });
    let changed = "tool: 0 versions, 1 here before; dist-tags: old=1.0.0; deprecated: 1.0.0\n";
    let would = "would import 1 package and 0 users; left behind: 0\n";
    check(&sandbox, &format!("{import} --dry-run"), "0", &format!("{changed}{would}"));
    check(&sandbox, import, "0", &format!("{changed}{brought}"));
    std::fs::remove_file(folder.join("package.json")).expect("a file");
    verdaccio(&sandbox, &FixturePackage::new("other", "1.0.0"));
    let kept = "other: 1 version\n\
                tool: 0 versions; unpublished there, kept here (--unpublish removes them): 1.0.0\n\
                imported 2 packages and 0 users; left behind: 0\n";
    check(&sandbox, import, "0", kept);
    let removed = answer(&sandbox, &format!("{import} --unpublish --json"));
    assert_eq!(removed["packages"][1]["unpublished"], json!(["1.0.0"]));
    assert_eq!(answer(&sandbox, &format!("{import} --json"))["packages"][1], Value::Null);
}

#[test]
fn what_the_policy_would_hide_is_told() {
    let sandbox = Sandbox::new();
    verdaccio(&sandbox, &FixturePackage::new("@acme/tool", "1.0.0"));
    let block = "[[policy.block]]\npackages = [\"@acme/tool@<2\"]\nreason = \"see ticket 42\"\n";
    sandbox.file("project/one/registry.toml", &format!("[policy]\nmode = \"observe\"\n{block}"));
    sandbox.knit(&["registry", "import-verdaccio", "storage", "--data", "one"]);
    let would = "@acme/tool@1.0.0: visible, would be hidden: it is blocked: see ticket 42\n";
    let sum = "the policy concerns 1 version of 1 package, of 1 that are known";
    let observed = format!("{would}{sum}; it only observes, and nothing is hidden\n");
    check(&sandbox, "registry policy list --data one", "0", &observed);
    sandbox.file("project/one/registry.toml", block);
    let hidden = "@acme/tool@1.0.0: hidden: it is blocked: see ticket 42\n@acme/tool: latest leads to nothing instead of 1.0.0\n";
    check(&sandbox, "registry policy list --data one", "0", &format!("{hidden}{sum}\n"));
    check(&sandbox, "registry policy check @acme/tool@latest --data one", "0", hidden);
    let told = answer(&sandbox, "registry policy check @acme/tool@1.x --json --data one");
    assert_eq!(told["versions"][0]["reasons"][0]["code"], "blocked");
    let missing = sandbox.knit(&["registry", "policy", "check", "other", "--data", "one"]);
    assert!(missing.contains("exit: 1") && missing.contains("other is not published here"), "{missing}");
}

#[test]
fn a_system_that_trusts_no_certificate_is_enough() {
    let mut sandbox = Sandbox::new();
    sandbox.file("none.pem", "");
    std::fs::create_dir(sandbox.path("none")).expect("a folder");
    let [file, folder] = ["none.pem", "none"].map(|path| sandbox.path(path).display().to_string());
    sandbox.set("SSL_CERT_FILE", &file).set("SSL_CERT_DIR", &folder);
    let found = answer(&sandbox, "registry fsck --data data --json");
    assert_eq!(found["problems"], json!([]));
}

#[test]
fn users_get_new_passwords() {
    let sandbox = Sandbox::new();
    let made = sandbox.knit(&["registry", "user", "ann", "--data", "one"]);
    let reset = sandbox.knit(&["registry", "password", "ann", "--data", "one"]);
    let password = |said: &str| said.lines().nth(3).unwrap_or_default().to_owned();
    assert!(password(&made).len() == 24 && password(&reset).len() == 24, "{made}{reset}");
    assert_ne!(password(&made), password(&reset));
    let nobody = sandbox.knit(&["registry", "password", "bea", "--data", "one"]);
    assert!(nobody.contains("exit: 1") && nobody.contains("knit registry user bea"), "{nobody}");
}

#[test]
fn lines_that_mean_nothing_are_told() {
    let sandbox = Sandbox::new();
    for (line, told) in [
        ("registry", "`registry` needs one of serve, init, user"),
        ("registry clean", "`registry` has no action `clean`"),
        ("registry backup", "`registry backup` needs a folder"),
        ("registry policy", "`registry policy` needs `list`, or `check` and a package"),
        ("registry password", "`registry password` needs a user's name"),
        ("registry fsck now", "`registry fsck` needs fewer arguments"),
        ("registry policy check @@", "\"@\" is not a name of a package"),
    ] {
        let said = sandbox.knit(&line.split(' ').collect::<Vec<_>>());
        assert!(said.contains("exit: 1") && said.contains(told), "{said}");
    }
}
