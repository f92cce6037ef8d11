//! Both storages give the same answers, and refuse the same.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use registry_server::{DirectoryStorage, Form, MemoryStorage, PackageName, Packument, Registry, Storage};
use test_support::fixture::packument_of;
use test_support::plain_http::request;
use test_support::{FixturePackage, Keeping, TestRegistry};

fn name(text: &str) -> PackageName {
    PackageName::parse(text).expect("a package name")
}

#[test]
fn a_directory_serves_what_memory_serves() {
    let package = FixturePackage::new("@scope/name", "1.0.0");
    // Longer than what is read at once.
    let long: Vec<u8> = (0..1_500_000u32).map(|index| index as u8).collect();
    let document = packument_of(std::slice::from_ref(&package)).to_string();
    let directory = tempfile::tempdir().expect("a directory");
    let on_disk = DirectoryStorage::open(directory.path()).expect("a storage");
    on_disk.put_packument(&name("@scope/name"), document.as_bytes()).expect("a packument");
    on_disk.put_tarball(&name("@scope/name"), "name-1.0.0.tgz", &package.tarball()).expect("a tarball");
    on_disk.put_tarball(&name("@scope/name"), "long.tgz", &long).expect("a tarball");
    assert!(on_disk.has_packument(&name("@scope/name")) && !on_disk.has_packument(&name("scope")));
    assert!(on_disk.has_tarball(&name("@scope/name"), "name-1.0.0.tgz"));

    let disk = TestRegistry::serving(on_disk.clone());
    let memory = TestRegistry::with([package]);
    memory.put_tarball("@scope/name", "long.tgz", long);
    for path in [
        "/@scope%2fname",
        "/@scope/name/1.0.0",
        "/@scope/name/-/name-1.0.0.tgz",
        "/@scope/name/-/long.tgz",
        "/missing",
        "/@scope/name/-/x.tgz",
    ] {
        let from_disk = request(&disk.host(), "GET", path, &[("Host", "registry.example")]);
        let from_memory = request(&memory.host(), "GET", path, &[("Host", "registry.example")]);
        let text = from_memory.text().replace(&memory.url(), &disk.url());
        assert_eq!((from_disk.status, from_disk.text()), (from_memory.status, text), "{path}");
    }
}

#[test]
fn a_changed_file_is_rendered_anew() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = DirectoryStorage::open(directory.path()).expect("a storage");
    let registry = TestRegistry::serving(storage.clone());
    for version in ["1.0.0", "1.0.1"] {
        let document = packument_of(&[FixturePackage::new("a", version)]).to_string();
        storage.put_packument(&name("a"), document.as_bytes()).expect("a packument");
        // Both documents have one length, and may be written within one tick of the file system's clock.
        let path = directory.path().join("a/packument.json");
        let file = std::fs::File::options().write(true).open(path).expect("the document");
        let patch = version.bytes().last().map_or(0, u64::from);
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(patch)).expect("a time");
        assert_eq!(request(&registry.host(), "GET", "/a/latest", &[]).json()["version"], version);
    }
}

#[test]
fn a_document_that_cannot_be_served_is_refused() {
    let storage = MemoryStorage::default();
    for (document, message) in [
        ("{", "the packument of a cannot be read"),
        ("[]", "the packument of a cannot be read"),
        ("{\"versions\": []}", "the packument of a cannot be read"),
        ("{\"versions\": {\"1.0.0\": 1}}", "the packument of a cannot be read"),
        ("{\"name\": \"b\"}", "the packument kept for a is that of \"b\""),
        ("\u{0}", "the packument of a cannot be read"),
    ] {
        let error = storage.put_packument(&name("a"), document.as_bytes()).expect_err(document);
        assert_eq!(error.to_string(), message);
    }
    for file in ["../x.tgz", "x", "", ".tgz", "a/b.tgz"] {
        let error = storage.put_tarball(&name("a"), file, "").expect_err(file);
        assert_eq!(error.to_string(), format!("\"{file}\" is not a tarball's file name"));
    }
}

#[test]
fn odd_manifests_are_answered_as_they_are() {
    let document = r#"{ "name": "a", "versions": {
        "1.0.0": { "version": "1.0.0" , "dist": { "tarball": "https://registry.example/old/a-one.tgz?x=1" } },
        "1.0.1": { "scripts": ["not", "an", "object"], "dist": { "tarball": "" } },
        "1.0.2": { "dist": { "shasum": "00" }, "description": "\"dist\": {\"tarball\": \"x\"}" },
        "1.0.3": { "bundledDependencies": [], "hasInstallScript": true, "deprecated": false }
    } }"#;
    let packument = Packument::render(&name("a"), document.as_bytes()).expect("a packument");
    let text = |form| String::from_utf8(packument.document(form, "http://host/").to_vec()).expect("text");
    assert_eq!(
        text(Form::Full),
        r#"{"name":"a","versions":{"1.0.0":{"version":"1.0.0","dist":{"tarball":"http://host/a/-/a-one.tgz"}},"#.to_owned()
            + r#""1.0.1":{"scripts":["not","an","object"],"dist":{"tarball":"http://host/a/-/a-1.0.1.tgz"}},"#
            + r#""1.0.2":{"dist":{"shasum":"00"},"description":"\"dist\": {\"tarball\": \"x\"}"},"#
            + r#""1.0.3":{"bundledDependencies":[],"hasInstallScript":true,"deprecated":false}}}"#
    );
    assert_eq!(
        text(Form::Abbreviated),
        r#"{"name":"a","dist-tags":{},"versions":{"1.0.0":{"version":"1.0.0","dist":{"tarball":"http://host/a/-/a-one.tgz"}},"#
            .to_owned()
            + r#""1.0.1":{"dist":{"tarball":"http://host/a/-/a-1.0.1.tgz"}},"#
            + r#""1.0.2":{"dist":{"shasum":"00"}},"1.0.3":{"hasInstallScript":true}}}"#
    );
}

#[test]
fn a_name_no_file_can_have_is_not_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let registry = TestRegistry::serving(DirectoryStorage::open(directory.path()).expect("a storage"));
    let long = "x".repeat(300);
    for path in [format!("/{long}"), format!("/a/-/{long}.tgz")] {
        assert_eq!(request(&registry.host(), "GET", &path, &[]).status, 404, "{path}");
    }
}

#[test]
fn storages_are_shared_by_their_clones() {
    fn takes_any(_: impl Storage) {}
    let storage = MemoryStorage::default();
    takes_any(storage.clone());
    storage.put_packument(&name("a"), b"{}").expect("a packument");
    let registry = TestRegistry::serving(storage);
    assert_eq!(request(&registry.host(), "GET", "/a", &[]).text(), "{}");
}

#[test]
fn the_database_of_a_registry_is_nobody_elses_to_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let options = Keeping::Embedded.options(directory.path());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    drop(runtime.block_on(Registry::open(&options)).expect("a registry"));
    for entry in directory.path().read_dir().expect("files").map(|entry| entry.expect("a file")) {
        if entry.file_name().to_string_lossy().starts_with("registry.db") {
            let mode = entry.metadata().expect("a mode").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
        }
    }
    assert!(directory.path().join("registry.db").exists());
}
