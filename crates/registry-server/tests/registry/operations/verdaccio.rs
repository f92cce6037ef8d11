//! Packages and users brought from the files of a Verdaccio. The files are as Verdaccio 6.10.4 wrote them for
//! npm 11.19.1: a tarball's address has the scope twice, what was published there has its version among the
//! attachments, what was fetched from another registry is among the distfiles.

mod again;

use std::path::{Path, PathBuf};

use registry_server::operations::{
    Conflicts, Differences, ImportOptions, ImportOutcome, ImportedPackage, PackageOutcome, Run, Selection,
    TagChange, Unpublished,
};
use registry_server::{RegistryError, Secret};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::fixture::shasum_of;
use test_support::{FixturePackage, HostedRegistry, Keeping};

use super::kept::{blob_files, operate, package, publish, unpublish};

/// A folder in which a Verdaccio kept packages.
struct Verdaccio(TempDir);

impl Verdaccio {
    fn new() -> Verdaccio {
        Verdaccio(tempfile::tempdir().expect("a folder"))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join("storage").join(name)
    }

    fn document(&self, name: &str) -> Value {
        let read = std::fs::read(self.folder(name).join("package.json"));
        read.map_or_else(|_| {
            json!({
                "name": name, "versions": {}, "time": { "modified": "2024-05-06T00:00:00.000Z",
                "created": "2023-01-02T03:04:05.678Z" }, "users": {}, "dist-tags": {}, "_uplinks": {},
                "_distfiles": {}, "_attachments": {}, "_rev": "11-d6854627a9037013", "_id": name, "readme": "",
            })
        }, |text| serde_json::from_slice(&text).expect("JSON"))
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut document = self.document(name);
        change(&mut document);
        std::fs::create_dir_all(self.folder(name)).expect("a folder");
        let text = serde_json::to_string_pretty(&document).expect("JSON");
        std::fs::write(self.folder(name).join("package.json"), text).expect("a file");
    }

    /// A version that was published there on a day of January 2023.
    fn published(&self, package: &FixturePackage, day: u32) {
        let (name, version, file) = (package.name(), package.version(), package.tarball_name());
        let tarball = package.tarball();
        self.change(name, |document| {
            let mut manifest = package.package_json();
            manifest["_id"] = json!(format!("{name}@{version}"));
            manifest["contributors"] = json!([]);
            manifest["dist"] = json!({
                "integrity": package.integrity(), "shasum": shasum_of(&tarball),
                "tarball": format!("http://127.0.0.1:4873/{name}/-/{name}-{version}.tgz"),
            });
            document["versions"][version] = manifest;
            document["time"][version] = json!(format!("2023-01-{day:02}T03:04:05.678Z"));
            document["dist-tags"]["latest"] = json!(version);
            document["_attachments"][&file] = json!({ "shasum": shasum_of(&tarball), "version": version });
            document["readme"] = json!(format!("# {name}"));
        });
        std::fs::write(self.folder(name).join(file), tarball).expect("a file");
    }

    /// A version of another registry that it fetched, with its tarball.
    fn fetched(&self, package: &FixturePackage, day: u32) {
        self.published(package, day);
        let (name, file) = (package.name(), package.tarball_name());
        self.change(name, |document| {
            let shasum = document["_attachments"][&file]["shasum"].clone();
            document["_attachments"][&file] = json!({ "shasum": shasum });
            let url = format!("https://registry.example/{name}/-/{file}");
            document["versions"][package.version()]["dist"]["tarball"] = json!(url);
            document["_distfiles"][&file] = json!({ "url": url, "sha": shasum, "registry": "up" });
        });
    }

    fn options(&self) -> ImportOptions {
        ImportOptions {
            storage: self.0.path().join("storage"),
            htpasswd: None,
            maintainers: Vec::new(),
            selection: Selection::Published,
            differences: Differences::Refused,
            conflicts: Conflicts::Kept,
            unpublished: Unpublished::Kept,
            run: Run::Real,
        }
    }
}

fn import(registry: &HostedRegistry, options: &ImportOptions) -> Result<ImportOutcome, RegistryError> {
    operate(registry.options(), async |registry| registry.import_verdaccio(options, |_| {}).await)
}

fn imported(name: &str, added: &[&str]) -> ImportedPackage {
    ImportedPackage { name: name.to_owned(), added: owned(added), ..ImportedPackage::default() }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn moved(tag: &str, from: Option<&str>, to: Option<&str>) -> TagChange {
    TagChange { tag: tag.to_owned(), from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

fn tool(version: &str) -> FixturePackage {
    package("@acme/tool", version).dependency("left", "^1.0.0").script("postinstall", "true")
}

#[test]
fn packages_come_with_everything_that_clients_see() {
    for keeping in Keeping::all() {
        let verdaccio = Verdaccio::new();
        // the order of publication is that of time, not of the file
        for (version, day) in [("1.1.0", 4), ("1.0.0", 3), ("2.0.0-beta.1", 5)] {
            verdaccio.published(&tool(version), day);
        }
        verdaccio.change("@acme/tool", |document| {
            document["versions"]["1.0.0"]["deprecated"] = json!("use 1.1");
            document["dist-tags"] =
                json!({ "latest": "1.1.0", "beta": "2.0.0-beta.1", "old": "1.0.0", "lost": "0.1.0" });
            document["users"] = json!({ "ann": true, "bea": false });
        });
        let registry = HostedRegistry::start(keeping);
        let outcome = import(&registry, &verdaccio.options()).expect("an import");
        let expected = ImportedPackage {
            lost_tags: vec!["lost".to_owned()],
            ..imported("@acme/tool", &["1.0.0", "1.1.0", "2.0.0-beta.1"])
        };
        assert_eq!(outcome.packages, [PackageOutcome::Imported(Box::new(expected))]);
        assert!(outcome.is_whole());

        let found = registry.get("/@acme%2ftool").json();
        assert_eq!(found["dist-tags"], json!({ "latest": "1.1.0", "beta": "2.0.0-beta.1", "old": "1.0.0" }));
        assert_eq!(found["time"]["created"], "2023-01-02T03:04:05.678Z");
        assert_eq!(found["time"]["1.0.0"], "2023-01-03T03:04:05.678Z");
        let versions: Vec<&String> = found["versions"].as_object().expect("versions").keys().collect();
        assert_eq!(versions, ["1.0.0", "1.1.0", "2.0.0-beta.1"]);
        assert_eq!(found["versions"]["1.0.0"]["deprecated"], "use 1.1");
        assert_eq!((&found["readme"], &found["users"]), (&json!("# @acme/tool"), &json!({ "ann": true })));
        let dist = &found["versions"]["1.1.0"]["dist"];
        assert_eq!(dist["integrity"], tool("1.1.0").integrity());
        assert_eq!(dist["tarball"], format!("{}@acme/tool/-/tool-1.1.0.tgz", registry.url()));
        assert!(dist["signatures"][0]["sig"].is_string());
        assert_eq!(registry.get("/@acme/tool/-/tool-1.1.0.tgz").body, tool("1.1.0").tarball());
        let checked = operate(registry.options(), async |registry| {
            let contents = registry_server::operations::Contents::Read;
            registry.check(&registry_server::operations::CheckOptions { contents, repair: false }).await
        });
        assert_eq!(checked.expect("a check").problems, []);
    }
}

#[test]
fn a_repeated_import_brings_what_is_new() {
    let verdaccio = Verdaccio::new();
    verdaccio.published(&tool("1.0.0"), 3);
    verdaccio.published(&package("plain", "1.0.0"), 3);
    let registry = HostedRegistry::start(Keeping::Embedded);
    import(&registry, &verdaccio.options()).expect("an import");
    let before = registry.get("/plain").text();
    publish(&registry, "mine", "1.0.0");
    verdaccio.published(&tool("1.1.0"), 4);
    let outcome = import(&registry, &verdaccio.options()).expect("an import");
    let again = ImportedPackage {
        present: 1,
        tags: vec![moved("latest", Some("1.0.0"), Some("1.1.0"))],
        ..imported("@acme/tool", &["1.1.0"])
    };
    let plain = ImportedPackage { present: 1, ..imported("plain", &[]) };
    assert_eq!(
        outcome.packages,
        [PackageOutcome::Imported(Box::new(again)), PackageOutcome::Imported(Box::new(plain))]
    );
    let found = registry.get("/@acme%2ftool").json();
    assert_eq!(found["dist-tags"]["latest"], "1.1.0");
    assert_eq!(found["versions"].as_object().map(serde_json::Map::len), Some(2));
    assert_eq!(registry.get("/plain").text(), before);
    // what was taken away here does not come back
    unpublish(&registry, "plain");
    let outcome = import(&registry, &verdaccio.options()).expect("an import");
    let gone = ImportedPackage { removed_here: vec!["1.0.0".to_owned()], ..imported("plain", &[]) };
    assert_eq!(outcome.packages[1], PackageOutcome::Imported(Box::new(gone)));
    assert_eq!(registry.get("/plain").status, 404);
}

#[test]
fn a_package_with_something_wrong_stays_behind_as_a_whole() {
    type Damage<'a> = &'a dyn Fn(&Verdaccio);
    let tarball = |verdaccio: &Verdaccio| verdaccio.folder("@acme/tool").join("tool-1.1.0.tgz");
    let missing = |verdaccio: &Verdaccio| std::fs::remove_file(tarball(verdaccio)).expect("a file");
    let changed = |verdaccio: &Verdaccio| {
        std::fs::write(tarball(verdaccio), tool("1.1.0").file("evil.js", "x").tarball()).expect("a file");
    };
    let cut = |verdaccio: &Verdaccio| {
        std::fs::write(tarball(verdaccio), &tool("1.1.0").tarball()[..99]).expect("a file")
    };
    let swapped = |verdaccio: &Verdaccio| {
        let other = tool("9.9.9").tarball();
        verdaccio.change("@acme/tool", |document| {
            document["versions"]["1.1.0"]["dist"]["shasum"] = json!(shasum_of(&other));
            document["_attachments"]["tool-1.1.0.tgz"]["shasum"] = json!(shasum_of(&other));
            document["versions"]["1.1.0"]["dist"]["integrity"] = json!(tool("9.9.9").integrity());
        });
        std::fs::write(tarball(verdaccio), other).expect("a file");
    };
    let noted = |verdaccio: &Verdaccio| {
        verdaccio.change("@acme/tool", |document| {
            document["_attachments"]["tool-1.1.0.tgz"]["shasum"] = json!("00");
        });
    };
    let differs = |verdaccio: &Verdaccio| {
        verdaccio.change("@acme/tool", |document| {
            document["versions"]["1.1.0"]["dependencies"] = json!({ "evil": "1" });
        });
    };
    let no_json = |verdaccio: &Verdaccio| {
        std::fs::write(verdaccio.folder("@acme/tool").join("package.json"), "{").expect("a file");
    };
    let renamed = |verdaccio: &Verdaccio| {
        verdaccio.change("@acme/tool", |document| document["name"] = json!("@acme/other"));
    };
    let odd = |verdaccio: &Verdaccio| {
        verdaccio.change("@acme/tool", |document| {
            document["versions"]["x"] = document["versions"]["1.1.0"].clone()
        });
    };
    for (damage, told) in [
        (&missing as Damage<'_>, "its version 1.1.0: "),
        (&changed, "does not have the shasum that Verdaccio notes"),
        (&cut, "the tarball is refused"),
        (&swapped, "\"version\" in the published manifest is not what the tarball's package.json says"),
        (&noted, "does not have the shasum that Verdaccio notes"),
        (&differs, "\"dependencies\" in the published manifest"),
        (&no_json, "its package.json is not what Verdaccio writes"),
        (&renamed, "its package.json is that of @acme/other"),
        (&odd, "its version x"),
    ] {
        let verdaccio = Verdaccio::new();
        verdaccio.published(&tool("1.0.0"), 3);
        verdaccio.published(&tool("1.1.0"), 4);
        verdaccio.published(&package("plain", "1.0.0"), 3);
        damage(&verdaccio);
        let registry = HostedRegistry::start(Keeping::Embedded);
        let outcome = import(&registry, &verdaccio.options()).expect("an import");
        let PackageOutcome::Refused { name, problem } = &outcome.packages[0] else {
            panic!("{told}: {outcome:?}")
        };
        assert!(name == "@acme/tool" && problem.contains(told), "{told}: {problem}");
        assert!(!outcome.is_whole());
        assert_eq!(registry.get("/@acme%2ftool").status, 404, "{told}");
        assert_eq!(registry.get("/plain").status, 200, "{told}");
    }
}

#[test]
fn a_manifest_that_differs_from_its_tarball_is_taken_when_that_is_said() {
    let verdaccio = Verdaccio::new();
    verdaccio.published(&tool("1.0.0"), 3);
    verdaccio.change("@acme/tool", |document| {
        document["versions"]["1.0.0"]["dependencies"] = json!({ "other": "1" })
    });
    let registry = HostedRegistry::start(Keeping::Embedded);
    let options = ImportOptions { differences: Differences::Taken, ..verdaccio.options() };
    assert!(import(&registry, &options).expect("an import").is_whole());
    let found = registry.get("/@acme%2ftool/1.0.0").json();
    assert_eq!(found["dependencies"], json!({ "other": "1" }));
}

#[test]
fn versions_of_other_registries_come_only_when_asked_for() {
    let verdaccio = Verdaccio::new();
    verdaccio.fetched(&package("mixed", "0.9.0"), 2);
    verdaccio.published(&package("mixed", "1.0.0"), 3);
    verdaccio.fetched(&package("theirs", "1.0.0"), 2);
    verdaccio.fetched(&package("theirs", "1.1.0"), 3);
    std::fs::remove_file(verdaccio.folder("theirs").join("theirs-1.0.0.tgz")).expect("a file");
    let registry = HostedRegistry::start(Keeping::Embedded);
    let outcome = import(&registry, &verdaccio.options()).expect("an import");
    let mixed = ImportedPackage { left_out: vec!["0.9.0".to_owned()], ..imported("mixed", &["1.0.0"]) };
    assert_eq!(outcome.packages, [PackageOutcome::Imported(Box::new(mixed))]);
    let options = ImportOptions { selection: Selection::Everything, ..verdaccio.options() };
    let outcome = import(&registry, &options).expect("an import");
    let mixed = ImportedPackage { present: 1, ..imported("mixed", &["0.9.0"]) };
    let theirs = ImportedPackage { left_out: vec!["1.0.0".to_owned()], ..imported("theirs", &["1.1.0"]) };
    assert_eq!(
        outcome.packages,
        [PackageOutcome::Imported(Box::new(mixed)), PackageOutcome::Imported(Box::new(theirs))]
    );
}

#[test]
fn a_dry_run_verifies_and_brings_nothing() {
    let verdaccio = Verdaccio::new();
    verdaccio.published(&tool("1.0.0"), 3);
    let htpasswd = users(&verdaccio);
    let registry = HostedRegistry::start(Keeping::Embedded);
    let options = ImportOptions { run: Run::Dry, htpasswd: Some(htpasswd), ..verdaccio.options() };
    let outcome = import(&registry, &options).expect("an import");
    assert_eq!(outcome.packages, [PackageOutcome::Imported(Box::new(imported("@acme/tool", &["1.0.0"])))]);
    assert_eq!(outcome.users, ["ann", "cy"]);
    assert_eq!((registry.get("/@acme%2ftool").status, blob_files(registry.options()).len()), (404, 0));
    let made = operate(registry.options(), async |registry| registry.add_user("ann", "", false).await);
    assert!(made.expect("a registry").is_some(), "the user was made by a dry run");
}

fn users(verdaccio: &Verdaccio) -> PathBuf {
    let path = verdaccio.0.path().join("htpasswd");
    let text = "ann:$2a$10$AU.O5pwVYvSeOXperVtFluD/4XENVrpwr6LNvmEkoSn1n1ou6qQ7C:autocreated 2026-11-22T10:09:06.397Z\n\
                Bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=:autocreated 2026-11-22T10:09:06.692Z\ncy:rl0uE0HcfnJ3M\n";
    std::fs::write(&path, text).expect("a file");
    path
}

#[test]
fn users_come_without_passwords_that_anybody_knows() {
    let verdaccio = Verdaccio::new();
    verdaccio.published(&tool("1.0.0"), 3);
    let registry = HostedRegistry::with(|options| options.everyone = None);
    let options = ImportOptions {
        htpasswd: Some(users(&verdaccio)),
        maintainers: vec!["ann".to_owned()],
        ..verdaccio.options()
    };
    let outcome = import(&registry, &options).expect("an import");
    assert_eq!(outcome.users, ["ann", "cy"]);
    assert_eq!(outcome.refused_users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["Bob"]);
    assert!(!outcome.is_whole());
    assert_eq!(login(&registry, "cy", "rl0uE0HcfnJ3M"), 401);
    assert_eq!(login(&registry, "ann", ""), 401);
    let reset = |name: &'static str| -> Option<Secret> {
        operate(registry.options(), async |registry| registry.reset_password(name).await).expect("a registry")
    };
    let password = reset("ann").expect("a user");
    assert_eq!(login(&registry, "ann", password.reveal()), 201);
    assert_eq!(reset("nobody").map(|_| ()), None);
    let found = registry.get("/@acme%2ftool").json();
    assert_eq!(found["maintainers"], json!([{ "name": "ann", "email": "" }]));
    let again = import(&registry, &options).expect("an import");
    assert_eq!((again.users.len(), again.known_users), (0, vec!["ann".to_owned(), "cy".to_owned()]));
    assert_eq!(login(&registry, "ann", password.reveal()), 201);
}

fn login(registry: &HostedRegistry, name: &str, password: &str) -> u16 {
    let body = json!({ "name": name, "password": password, "email": "", "type": "user" });
    registry.send("PUT", &format!("/-/user/org.couchdb.user:{name}"), &body).status
}

#[test]
fn what_cannot_be_an_import_is_refused_at_once() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    let verdaccio = Verdaccio::new();
    std::fs::create_dir_all(verdaccio.folder("empty")).expect("a folder");
    let refused = import(&registry, &verdaccio.options()).expect_err("there is no package");
    assert!(refused.to_string().contains("no folder in it has a package.json"), "{refused}");
    verdaccio.published(&tool("1.0.0"), 3);
    let options = ImportOptions { maintainers: vec!["nobody".to_owned()], ..verdaccio.options() };
    let refused = import(&registry, &options).expect_err("there is no such user");
    assert_eq!(refused.to_string(), "there is no user nobody");
    let options = ImportOptions { storage: Path::new("/nowhere").to_owned(), ..verdaccio.options() };
    assert_eq!(import(&registry, &options).expect_err("no folder").to_string(), "cannot read /nowhere");
}
