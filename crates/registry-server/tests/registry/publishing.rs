//! Packages published over HTTP as npm 11 publishes them, and read back, in each way of keeping them.

use std::thread;

use serde_json::{Value, json};
use test_support::hosted::publication;
use test_support::plain_http::request;
use test_support::{FixturePackage, HostedRegistry, Keeping, TarballBuilder};

fn each(check: impl Fn(&HostedRegistry)) {
    for keeping in Keeping::all() {
        check(&HostedRegistry::start(keeping));
    }
}

fn package(version: &str) -> FixturePackage {
    FixturePackage::new("@acme/tool", version).file("index.js", version).dependency("left", "^1.0.0")
}

#[track_caller]
fn document(registry: &HostedRegistry, path: &str) -> Value {
    let answer = registry.get(path);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn a_published_version_is_read_back_with_its_tarball() {
    each(|registry| {
        let published = package("1.0.0").field("license", json!("MIT"));
        let answer = registry.publish(&published);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let found = document(registry, "/@acme%2ftool");
        assert_eq!(found["dist-tags"], json!({ "latest": "1.0.0" }));
        assert_eq!(found["license"], "MIT");
        assert_eq!(found["maintainers"], json!([{ "name": "ann", "email": "" }]));
        assert!(
            found["time"]["1.0.0"].is_string()
                && found["_rev"].as_str().is_some_and(|rev| rev.starts_with("1-"))
        );
        let dist = &found["versions"]["1.0.0"]["dist"];
        assert_eq!(dist["integrity"], published.integrity());
        assert_eq!(dist["fileCount"], 2);
        assert_eq!(dist["tarball"], format!("{}@acme/tool/-/tool-1.0.0.tgz", registry.url()));
        assert!(dist["signatures"][0]["keyid"].as_str().is_some_and(|id| id.starts_with("SHA256:")));
        let tarball = registry.get("/@acme/tool/-/tool-1.0.0.tgz");
        assert_eq!((tarball.status, tarball.body), (200, published.tarball()));
        let part =
            request(&registry.host(), "GET", "/@acme/tool/-/tool-1.0.0.tgz", &[("Range", "bytes=3-9")]);
        assert_eq!((part.status, part.body.as_slice()), (206, &published.tarball()[3..10]));
    });
}

#[test]
fn a_version_is_published_once_and_its_number_never_used_again() {
    each(|registry| {
        assert_eq!(registry.publish(&package("1.0.0")).status, 201);
        let again = registry.publish(&package("1.0.0").file("more.js", "2"));
        assert_eq!(again.status, 403);
        assert!(again.text().contains("@acme/tool@1.0.0 was published before"), "{}", again.text());
        let tarball = registry.get("/@acme/tool/-/tool-1.0.0.tgz");
        assert_eq!(tarball.body, package("1.0.0").tarball());

        let revision = document(registry, "/@acme/tool")["_rev"].as_str().expect("a revision").to_owned();
        let gone = registry.send("DELETE", &format!("/@acme%2ftool/-rev/{revision}"), &Value::Null);
        assert_eq!(gone.status, 200, "{}", gone.text());
        assert_eq!(registry.get("/@acme/tool").status, 404);
        assert_eq!(registry.get("/@acme/tool/-/tool-1.0.0.tgz").status, 404);
        assert_eq!(registry.publish(&package("1.0.0")).status, 403);
        assert_eq!(registry.publish(&package("1.0.1")).status, 201);
        let versions = document(registry, "/@acme/tool")["versions"].as_object().map(serde_json::Map::len);
        assert_eq!(versions, Some(1));
    });
}

#[test]
fn many_who_publish_one_package_at_once_lose_nothing() {
    each(|registry| {
        let replica = registry.replica();
        thread::scope(|scope| {
            for number in 0..40 {
                let registry = if number % 2 == 0 { registry } else { &replica };
                scope.spawn(move || {
                    let answer = registry.publish(&package(&format!("1.{number}.0")));
                    assert_eq!(answer.status, 201, "{}", answer.text());
                });
            }
        });
        for registry in [registry, &replica] {
            let found = document(registry, "/@acme/tool");
            assert_eq!(found["versions"].as_object().map(serde_json::Map::len), Some(40));
            assert!(found["_rev"].as_str().is_some_and(|revision| revision.starts_with("40-")));
        }
    });
}

#[test]
fn replicas_see_what_others_publish_at_once() {
    each(|registry| {
        let replica = registry.replica();
        for number in 0..20 {
            let version = format!("1.0.{number}");
            assert_eq!(registry.publish(&package(&version)).status, 201);
            assert_eq!(document(&replica, "/@acme/tool")["dist-tags"]["latest"], version);
        }
    });
}

#[test]
fn tags_are_moved_listed_and_taken_away() {
    each(|registry| {
        for version in ["1.0.0", "1.1.0"] {
            registry.publish(&package(version));
        }
        let tags = "/-/package/@acme%2ftool/dist-tags";
        for (method, path, body, status) in [
            ("PUT", "/next", json!("1.0.0"), 201),
            ("PUT", "/latest", json!("1.0.0"), 201),
            ("PUT", "/old", json!("9.9.9"), 404),
            ("PUT", "/1.x", json!("1.0.0"), 400),
            ("DELETE", "/latest", Value::Null, 400),
            ("DELETE", "/never", Value::Null, 404),
        ] {
            let answer = registry.send(method, &format!("{tags}{path}"), &body);
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        }
        assert_eq!(document(registry, tags), json!({ "latest": "1.0.0", "next": "1.0.0" }));
        assert_eq!(registry.send("DELETE", &format!("{tags}/next"), &Value::Null).status, 200);
        assert_eq!(document(registry, tags), json!({ "latest": "1.0.0" }));
    });
}

#[test]
fn a_document_that_is_written_back_deprecates_and_drops_nothing() {
    each(|registry| {
        for version in ["1.0.0", "1.1.0"] {
            registry.publish(&package(version));
        }
        let mut edited = document(registry, "/@acme/tool?write=true");
        edited["versions"]["1.0.0"]["deprecated"] = json!("use \"1.1\"");
        edited["versions"].as_object_mut().expect("versions").shift_remove("1.1.0");
        assert_eq!(registry.send("PUT", "/@acme%2ftool", &edited).status, 201);
        let found = document(registry, "/@acme/tool");
        assert_eq!(found["versions"]["1.0.0"]["deprecated"], "use \"1.1\"");
        assert!(found["versions"]["1.1.0"].is_object());
        edited["versions"]["1.0.0"]["deprecated"] = json!("");
        assert_eq!(registry.send("PUT", "/@acme%2ftool", &edited).status, 201);
        assert!(document(registry, "/@acme/tool")["versions"]["1.0.0"].get("deprecated").is_none());
    });
}

#[test]
fn one_version_is_unpublished_by_who_read_the_newest_state() {
    each(|registry| {
        for version in ["1.0.0", "1.1.0"] {
            registry.publish(&package(version));
        }
        let mut edited = document(registry, "/@acme/tool?write=true");
        let revision = edited["_rev"].as_str().expect("a revision").to_owned();
        edited["versions"].as_object_mut().expect("versions").shift_remove("1.1.0");
        edited["dist-tags"] = json!({ "latest": "1.0.0" });
        registry.publish(&package("1.2.0"));
        let path = |revision: &str| format!("/@acme%2ftool/-rev/{revision}");
        let stale = registry.send("PUT", &path(&revision), &edited);
        assert_eq!(stale.status, 409, "{}", stale.text());

        let mut edited = document(registry, "/@acme/tool?write=true");
        let revision = edited["_rev"].as_str().expect("a revision").to_owned();
        edited["versions"].as_object_mut().expect("versions").shift_remove("1.1.0");
        assert_eq!(registry.send("PUT", &path(&revision), &edited).status, 201);
        let found = document(registry, "/@acme/tool");
        let versions: Vec<&String> = found["versions"].as_object().expect("versions").keys().collect();
        assert_eq!(versions, ["1.0.0", "1.2.0"]);
        assert_eq!(registry.get("/@acme/tool/-/tool-1.1.0.tgz").status, 404);
    });
}

#[test]
fn a_readme_is_kept_however_a_client_sends_it() {
    let file = "# From the tarball\n";
    // beside the versions as npm 6 has it, inside the version as npm 7 and later, not at all as pnpm
    for (beside, inside, expected) in [
        (json!("# Beside"), Value::Null, "# Beside"),
        (Value::Null, json!("# Inside"), "# Inside"),
        (json!("ERROR: No README data found!"), json!(""), file),
        (Value::Null, Value::Null, file),
    ] {
        let registry = HostedRegistry::start(Keeping::all()[0]);
        let package =
            package("1.0.0").file("readme.txt", "worse").file("README.md", file).file("docs/README", "");
        let mut body = publication(&package);
        body["readme"] = beside.clone();
        body["versions"]["1.0.0"]["readme"] = inside.clone();
        assert_eq!(registry.send("PUT", "/@acme%2ftool", &body).status, 201);
        let found = document(&registry, "/@acme/tool");
        assert_eq!(found["readme"], expected, "{beside} {inside}");
        if expected == file {
            assert_eq!(found["readmeFilename"], "README.md");
        }
        assert!(found["versions"]["1.0.0"].get("readme").is_none());
        // what is not the newest says nothing of the package
        let mut body = publication(&self::package("0.9.0").file("README.md", "# Old"));
        body["dist-tags"] = json!({ "old": "0.9.0" });
        assert_eq!(registry.send("PUT", "/@acme%2ftool", &body).status, 201);
        assert_eq!(document(&registry, "/@acme/tool")["readme"], expected);
    }
}

#[test]
fn owners_and_stars_change_without_touching_versions() {
    each(|registry| {
        registry.publish(&package("1.0.0"));
        let owners =
            json!({ "_id": "@acme/tool", "maintainers": [{ "name": "bo", "email": "b@x.example" }] });
        let read = document(registry, "/@acme/tool")["_rev"].as_str().expect("a revision").to_owned();
        let path = format!("/@acme%2ftool/-rev/{read}");
        assert_eq!(registry.send("PUT", &path, &owners).status, 201);
        // who read what was there before, or like Yarn 1 nothing that says who owns it
        for path in [path.as_str(), "/@acme%2ftool/-rev/undefined"] {
            let late = json!({ "_id": "@acme/tool", "maintainers": [{ "name": "cy", "email": "" }] });
            assert_eq!(registry.send("PUT", path, &late).status, 409, "{path}");
        }
        let stars = json!({ "_id": "@acme/tool", "_rev": "2", "users": { "ann": true, "else": true } });
        assert_eq!(registry.send("PUT", "/@acme%2ftool", &stars).status, 201);
        let found = document(registry, "/@acme/tool");
        assert_eq!(found["maintainers"], owners["maintainers"]);
        assert_eq!(found["users"], json!({ "ann": true }));
        assert!(found["versions"]["1.0.0"].is_object());
        let nobody = json!({ "_id": "@acme/tool", "maintainers": [] });
        assert_eq!(registry.send("PUT", "/@acme%2ftool", &nobody).status, 400);
    });
}

#[test]
fn what_is_no_honest_publication_is_refused_and_leaves_nothing() {
    let honest = package("1.0.0");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = publication(&honest);
        change(&mut body);
        body
    };
    let tarball = |bytes: Vec<u8>| publication(&honest.clone().with_tarball(bytes));
    let packed = |path: &str, manifest: &str| {
        TarballBuilder::new().file("package/package.json", 0o644, manifest).file(path, 0o644, "x").gzip()
    };
    let manifest = honest.package_json().to_string();
    let mut hidden = honest.package_json();
    hidden["scripts"] = json!({ "postinstall": "evil" });
    let mut other = honest.package_json();
    other["dependencies"] = json!({ "right": "1" });
    let attachment = "/_attachments/@acme~1tool-1.0.0.tgz";
    let rows: Vec<(&str, Value)> = vec![
        ("about another package", with(&|body| body["name"] = json!("other"))),
        ("cannot be read", json!([1])),
        ("no version", json!({ "_id": "@acme/tool" })),
        ("one version, not 2", with(&|body| body["versions"]["2.0.0"] = json!({}))),
        ("not base64", with(&|body| *body.pointer_mut(attachment).expect("it") = json!({ "data": "%%%" }))),
        ("not as long", with(&|body| body.pointer_mut(attachment).expect("it")["length"] = json!(7))),
        (
            "neither the version's tarball",
            with(&|body| body["_attachments"]["../../x"] = json!({ "data": "" })),
        ),
        ("does not have the shasum", with(&|body| body["versions"]["1.0.0"]["dist"]["shasum"] = json!("00"))),
        ("means a range", with(&|body| body["dist-tags"] = json!({ "1.x": "1.0.0" }))),
        ("@acme/tool@3.0.0 is not", with(&|body| body["dist-tags"] = json!({ "next": "3.0.0" }))),
        ("\"version\" in the published", with(&|body| body["versions"]["1.0.0"]["version"] = json!("1.0.1"))),
        ("tarball is refused", tarball(b"not gzip at all".to_vec())),
        ("no package.json", tarball(TarballBuilder::new().file("package/x", 0o644, "x").gzip())),
        ("outside the package", tarball(packed("package/../../x", &manifest))),
        ("outside the package", tarball(packed("/etc/x", &manifest))),
        ("\"scripts.postinstall\" in", tarball(packed("package/x", &hidden.to_string()))),
        ("\"dependencies\" in", tarball(packed("package/x", &other.to_string()))),
        ("not a JSON object", tarball(packed("package/x", "[]"))),
    ];
    each(|registry| {
        for (says, body) in &rows {
            let answer = registry.send("PUT", "/@acme%2ftool", body);
            assert!((400..500).contains(&answer.status), "{says}: {}", answer.text());
            assert!(answer.text().replace("\\\"", "\"").contains(says), "{says}: {}", answer.text());
        }
        assert_eq!(registry.get("/@acme/tool").status, 404);
        assert_eq!(registry.publish(&honest).status, 201);
    });
}

#[test]
fn nobody_publishes_where_nobody_may() {
    let registry = HostedRegistry::with(|options| options.everyone = None);
    let answer = registry.publish(&package("1.0.0"));
    assert_eq!(answer.status, 401, "{}", answer.text());
}
