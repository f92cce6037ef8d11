//! Tarballs into the store.

mod support;

use npm_formats::integrity::Algorithm;
use package_store::{Entry, Store, TarballRequest};
use support::{Tar, integrity};

fn store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().expect("temporary directory");
    let store = Store::open(directory.path()).expect("store");
    (directory, store)
}

fn request(integrity: Option<npm_formats::integrity::Integrity>) -> TarballRequest {
    TarballRequest::new("demo@1.0.0", "https://registry.example/demo/-/demo-1.0.0.tgz", integrity)
}

fn paths(entry: &Entry) -> Vec<&str> {
    entry.files().map(|file| file.path).collect()
}

#[test]
fn a_verified_tarball_becomes_an_entry() {
    let (_directory, store) = store();
    let tarball = Tar::default()
        .file("package/package.json", r#"{"name":"demo","version":"1.0.0"}"#)
        .file("package/lib/index.js", "module.exports = 1\n")
        .executable("package/cli.sh", "#!/bin/sh\n")
        .gzip();
    let wanted = integrity(Algorithm::Sha512, &tarball);
    assert!(store.lookup(&wanted).is_none());
    let ingested = store.ingest_tarball(request(Some(wanted.clone())), &tarball).expect("a good tarball");
    assert_eq!(ingested.integrity, wanted);
    let entry = store.lookup(&wanted).expect("an entry");
    assert_eq!(paths(&entry), ["lib/index.js", "cli.sh", "package.json"]);
    assert_eq!(entry.package_json(), br#"{"name":"demo","version":"1.0.0"}"#);
    assert_eq!(entry.read("lib/index.js").expect("a file"), b"module.exports = 1\n");
}
