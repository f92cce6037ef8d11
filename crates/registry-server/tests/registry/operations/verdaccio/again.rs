//! Imports that are repeated: what changed there is carried over, what changed here stays.

use registry_server::operations::{
    Conflict, Conflicting, Conflicts, ImportOptions, ImportedPackage, PackageOutcome, Run, Unpublished,
};
use serde_json::json;
use test_support::{HostedRegistry, Keeping};

use super::{Verdaccio, import, imported, moved, operate, owned, package, publish, tool, users};

/// What became of the packages, all of which were imported.
#[track_caller]
fn packages(registry: &HostedRegistry, options: &ImportOptions) -> Vec<ImportedPackage> {
    let outcome = import(registry, options).expect("an import");
    let package = |package| match package {
        PackageOutcome::Imported(package) => *package,
        PackageOutcome::Refused { name, problem } => panic!("{name}: {problem}"),
    };
    outcome.packages.into_iter().map(package).collect()
}

/// A Verdaccio with three versions of a package, and a registry into which they were imported.
fn moving(keeping: Keeping) -> (Verdaccio, HostedRegistry) {
    let verdaccio = Verdaccio::new();
    for (version, day) in [("1.0.0", 3), ("1.1.0", 4), ("2.0.0", 5)] {
        verdaccio.published(&tool(version), day);
    }
    verdaccio.change("@acme/tool", |document| {
        document["dist-tags"] = json!({ "latest": "1.1.0", "beta": "2.0.0", "old": "1.0.0" });
        document["versions"]["1.0.0"]["deprecated"] = json!("use 1.1");
        document["users"] = json!({ "ann": true });
    });
    let registry = HostedRegistry::start(keeping);
    import(&registry, &verdaccio.options()).expect("an import");
    (verdaccio, registry)
}

/// Takes a version away as npm's `unpublish` does it there.
fn unpublished_there(verdaccio: &Verdaccio, version: &str) {
    verdaccio.change("@acme/tool", |document| {
        for member in ["versions", "time"] {
            document[member].as_object_mut().expect("an object").remove(version);
        }
        let tags = document["dist-tags"].as_object_mut().expect("dist-tags");
        tags.retain(|_, tagged| tagged != version);
        let file = format!("tool-{version}.tgz");
        document["_attachments"].as_object_mut().expect("attachments").remove(&file);
        std::fs::remove_file(verdaccio.folder("@acme/tool").join(file)).expect("a tarball");
    });
}

#[test]
fn what_changed_there_since_is_carried_over() {
    for keeping in Keeping::all() {
        let (verdaccio, registry) = moving(keeping);
        let before = registry.get("/@acme%2ftool").text();
        let same = ImportedPackage { present: 3, ..imported("@acme/tool", &[]) };
        assert_eq!(packages(&registry, &verdaccio.options()), [same]);
        assert_eq!(registry.get("/@acme%2ftool").text(), before);

        verdaccio.published(&tool("2.1.0"), 6);
        verdaccio.change("@acme/tool", |document| {
            document["dist-tags"] = json!({ "latest": "2.0.0", "beta": "2.1.0", "next": "2.1.0" });
            document["versions"]["1.0.0"].as_object_mut().expect("a manifest").remove("deprecated");
            document["versions"]["1.1.0"]["deprecated"] = json!("use 2");
            document["users"] = json!({ "bea": true });
        });
        let expected = ImportedPackage {
            present: 3,
            tags: vec![
                moved("beta", Some("2.0.0"), Some("2.1.0")),
                moved("latest", Some("1.1.0"), Some("2.0.0")),
                moved("next", None, Some("2.1.0")),
                moved("old", Some("1.0.0"), None),
            ],
            deprecated: owned(&["1.1.0"]),
            undeprecated: owned(&["1.0.0"]),
            ..imported("@acme/tool", &["2.1.0"])
        };
        // a dry run says the same
        let dry = ImportOptions { run: Run::Dry, ..verdaccio.options() };
        assert_eq!(packages(&registry, &dry), std::slice::from_ref(&expected));
        assert_eq!(registry.get("/@acme%2ftool").text(), before);
        assert_eq!(packages(&registry, &verdaccio.options()), [expected]);
        let found = registry.get("/@acme%2ftool").json();
        assert_eq!(found["dist-tags"], json!({ "latest": "2.0.0", "beta": "2.1.0", "next": "2.1.0" }));
        assert_eq!(found["versions"]["1.0.0"].get("deprecated"), None);
        assert_eq!(found["versions"]["1.1.0"]["deprecated"], "use 2");
        assert_eq!(found["users"], json!({ "bea": true }));
        let same = ImportedPackage { present: 4, ..imported("@acme/tool", &[]) };
        assert_eq!(packages(&registry, &verdaccio.options()), [same]);
    }
}

#[test]
fn what_was_changed_here_stays_and_is_told_where_both_changed_it() {
    let (verdaccio, registry) = moving(Keeping::Embedded);
    let tag = |tag: &str, version: &str| {
        let path = format!("/-/package/@acme%2ftool/dist-tags/{tag}");
        assert_eq!(registry.send("PUT", &path, &json!(version)).status, 201);
    };
    let deprecate = |version: &str, message: &str| {
        let mut document = registry.get("/@acme%2ftool").json();
        document["versions"][version]["deprecated"] = json!(message);
        assert!(registry.send("PUT", "/@acme%2ftool", &document).status < 300);
    };
    tag("latest", "2.0.0");
    tag("beta", "1.0.0");
    deprecate("1.0.0", "use 2");
    publish(&registry, "@acme/tool", "3.0.0");
    tag("latest", "3.0.0");
    // nothing has changed there
    let kept = ImportedPackage { present: 3, ..imported("@acme/tool", &[]) };
    assert_eq!(packages(&registry, &verdaccio.options()), [kept]);

    verdaccio.change("@acme/tool", |document| {
        document["dist-tags"]["latest"] = json!("1.0.0");
        document["dist-tags"]["old"] = json!("1.1.0");
        document["versions"]["1.0.0"]["deprecated"] = json!("use 1.2");
    });
    let conflicts = vec![
        Conflict {
            what: Conflicting::Tag("latest".to_owned()),
            here: Some("3.0.0".to_owned()),
            there: Some("1.0.0".to_owned()),
        },
        Conflict {
            what: Conflicting::Deprecation("1.0.0".to_owned()),
            here: Some("use 2".to_owned()),
            there: Some("use 1.2".to_owned()),
        },
    ];
    let expected = ImportedPackage {
        present: 3,
        tags: vec![moved("old", Some("1.0.0"), Some("1.1.0"))],
        conflicts: conflicts.clone(),
        ..imported("@acme/tool", &[])
    };
    assert_eq!(packages(&registry, &verdaccio.options()), [expected]);
    let tags = |registry: &HostedRegistry| registry.get("/-/package/@acme%2ftool/dist-tags").json();
    assert_eq!(tags(&registry), json!({ "latest": "3.0.0", "beta": "1.0.0", "old": "1.1.0" }));
    // it is told until it is settled
    let again = ImportedPackage { present: 3, conflicts: conflicts.clone(), ..imported("@acme/tool", &[]) };
    assert_eq!(packages(&registry, &verdaccio.options()), [again]);
    let options = ImportOptions { conflicts: Conflicts::Overwritten, ..verdaccio.options() };
    let settled = ImportedPackage {
        present: 3,
        tags: vec![moved("latest", Some("3.0.0"), Some("1.0.0"))],
        deprecated: owned(&["1.0.0"]),
        conflicts,
        ..imported("@acme/tool", &[])
    };
    assert_eq!(packages(&registry, &options), [settled]);
    assert_eq!(tags(&registry), json!({ "latest": "1.0.0", "beta": "1.0.0", "old": "1.1.0" }));
    assert_eq!(registry.get("/@acme%2ftool/1.0.0").json()["deprecated"], "use 1.2");
    assert_eq!(registry.get("/@acme%2ftool/3.0.0").status, 200);
}

#[test]
fn what_was_unpublished_there_stays_and_is_told_unless_it_shall_not() {
    for keeping in Keeping::all() {
        let (verdaccio, registry) = moving(keeping);
        verdaccio.published(&package("plain", "1.0.0"), 3);
        import(&registry, &verdaccio.options()).expect("an import");
        unpublished_there(&verdaccio, "2.0.0");
        std::fs::remove_dir_all(verdaccio.folder("plain")).expect("a folder");
        let kept = [
            ImportedPackage {
                present: 2,
                unpublished_there: owned(&["2.0.0"]),
                ..imported("@acme/tool", &[])
            },
            ImportedPackage { unpublished_there: owned(&["1.0.0"]), ..imported("plain", &[]) },
        ];
        for _ in 0..2 {
            assert_eq!(packages(&registry, &verdaccio.options()), kept);
        }
        let found = registry.get("/@acme%2ftool").json();
        assert_eq!(found["dist-tags"]["beta"], "2.0.0");
        assert_eq!(registry.get("/plain/1.0.0").status, 200);

        let options = ImportOptions { unpublished: Unpublished::Removed, ..verdaccio.options() };
        let removed = [
            ImportedPackage {
                present: 2,
                tags: vec![moved("beta", Some("2.0.0"), None)],
                unpublished: owned(&["2.0.0"]),
                ..imported("@acme/tool", &[])
            },
            ImportedPackage {
                tags: vec![moved("latest", Some("1.0.0"), None)],
                unpublished: owned(&["1.0.0"]),
                ..imported("plain", &[])
            },
        ];
        assert_eq!(packages(&registry, &options), removed);
        let found = registry.get("/@acme%2ftool").json();
        assert_eq!(found["dist-tags"], json!({ "latest": "1.1.0", "old": "1.0.0" }));
        assert_eq!((registry.get("/@acme%2ftool/2.0.0").status, registry.get("/plain").status), (404, 404));
        let rest = ImportedPackage { present: 2, ..imported("@acme/tool", &[]) };
        assert_eq!(packages(&registry, &options), [rest]);
        let checked = operate(registry.options(), async |registry| {
            let contents = registry_server::operations::Contents::Read;
            registry.check(&registry_server::operations::CheckOptions { contents, repair: false }).await
        });
        assert_eq!(checked.expect("a check").problems, []);
    }
}

#[test]
fn a_folder_that_nothing_was_imported_from_takes_nothing_away() {
    let (verdaccio, registry) = moving(Keeping::Embedded);
    let other = Verdaccio::new();
    other.published(&tool("1.0.0"), 3);
    let options = ImportOptions { unpublished: Unpublished::Removed, ..other.options() };
    let conflict = |tag: &str, here: &str, there: &str| Conflict {
        what: Conflicting::Tag(tag.to_owned()),
        here: Some(here.to_owned()),
        there: Some(there.to_owned()),
    };
    let found = packages(&registry, &options);
    let expected = ImportedPackage {
        present: 1,
        conflicts: vec![conflict("latest", "1.1.0", "1.0.0")],
        ..imported("@acme/tool", &[])
    };
    assert_eq!(found, [expected]);
    assert_eq!(registry.get("/@acme%2ftool/1.0.0").json()["deprecated"], "use 1.1");
    let same = ImportedPackage { present: 3, ..imported("@acme/tool", &[]) };
    assert_eq!(packages(&registry, &verdaccio.options()), [same]);
}

#[test]
fn maintainers_that_are_new_on_the_line_are_added_and_those_that_left_stay_away() {
    let verdaccio = Verdaccio::new();
    verdaccio.published(&tool("1.0.0"), 3);
    let registry = HostedRegistry::with(|options| options.everyone = None);
    let options = |maintainers: &[&str]| ImportOptions {
        htpasswd: Some(users(&verdaccio)),
        maintainers: owned(maintainers),
        ..verdaccio.options()
    };
    let maintainers = || {
        let found = registry.get("/@acme%2ftool").json();
        let found = found["maintainers"].as_array().expect("a list").clone();
        found.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    packages(&registry, &options(&["ann"]));
    let found = packages(&registry, &options(&["cy"]));
    let added =
        ImportedPackage { present: 1, new_maintainers: owned(&["cy"]), ..imported("@acme/tool", &[]) };
    assert_eq!(found, [added]);
    assert_eq!(maintainers(), ["ann", "cy"]);
    let password = operate(registry.options(), async |registry| registry.reset_password("cy").await)
        .expect("a registry");
    let body = json!({ "name": "cy", "password": password.expect("a user").reveal() });
    let token = registry.send("PUT", "/-/user/org.couchdb.user:cy", &body).json();
    let token = token["token"].as_str().expect("a token");
    let left = json!({ "_id": "@acme/tool", "maintainers": [{ "name": "cy", "email": "" }] });
    let revision = registry.get("/@acme%2ftool").json()["_rev"].as_str().expect("a revision").to_owned();
    let path = format!("/@acme%2ftool/-rev/{revision}");
    assert!(registry.send_as(token, "PUT", &path, &left).status < 300);
    let same = ImportedPackage { present: 1, ..imported("@acme/tool", &[]) };
    assert_eq!(packages(&registry, &options(&["ann", "cy"])), [same]);
    assert_eq!(maintainers(), ["cy"]);
}
