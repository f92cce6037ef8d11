//! Tarballs into the store, as npm 11.19.1 would unpack them.

mod support;

use npm_formats::integrity::{Algorithm, Integrity};
use package_store::{
    DirectoryRequest, Entry, EntryKey, GitIgnore, Limits, SkipReason, Store, StoreError, TarballRequest,
};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use support::{Header, Tar, gzip, integrity, leftovers};

const MANIFEST: &str = r#"{"name":"demo","version":"1.0.0"}"#;

fn store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().expect("temporary directory");
    let store = Store::open(directory.path()).expect("store");
    (directory, store)
}

fn request(integrity: Option<Integrity>) -> TarballRequest {
    TarballRequest::new("demo@1.0.0", "https://registry.example/demo/-/demo-1.0.0.tgz", integrity)
}

fn paths(entry: &Entry) -> Vec<&str> {
    entry.files().map(|file| file.path).collect()
}

/// Unpacks, and compares `path = contents` of what comes out, directories with a slash behind.
fn check(tarball: &[u8], expected: &[&str]) -> Entry {
    let (_directory, store) = store();
    let ingested = store.ingest_tarball(request(None), tarball).expect("a good tarball");
    let entry = ingested.entry;
    let mut found: Vec<_> = entry
        .files()
        .map(|file| {
            let contents = entry.read(file.path).expect("a file");
            assert_eq!(contents.len() as u64, file.size, "{}", file.path);
            format!("{} = {}", file.path, String::from_utf8_lossy(&contents))
        })
        .chain(entry.directories().map(|path| format!("{path}/")))
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(entry.damage().expect("readable"), []);
    entry
}

#[test]
fn a_verified_tarball_becomes_an_entry() {
    let (directory, store) = store();
    let tarball = Tar::default()
        .file("package/package.json", MANIFEST)
        .file("package/lib/index.js", "module.exports = 1\n")
        .executable("package/cli.sh", "#!/bin/sh\n")
        .gzip();
    let wanted = integrity(Algorithm::Sha512, &tarball);
    assert!(store.lookup(&wanted).is_none());
    let ingested = store.ingest_tarball(request(Some(wanted.clone())), &tarball).expect("a good tarball");
    assert_eq!((&ingested.integrity, ingested.skipped), (&wanted, Vec::new()));
    let entry = store.lookup(&wanted).expect("an entry");
    assert_eq!(paths(&entry), ["lib/index.js", "cli.sh", "package.json"], "the manifest is linked last");
    assert_eq!(entry.package_json(), MANIFEST.as_bytes());
    assert_eq!(entry.read("lib/index.js").expect("a file"), b"module.exports = 1\n");
    assert_eq!((entry.file_count(), entry.unpacked_size()), (3, 62));
    drop((store, ingested.entry, entry));
    assert_eq!(leftovers(directory.path()), 0);
}

#[test]
fn what_npm_renames_ignores_and_overwrites() {
    check(
        &Tar::default()
            .file("package/.gitignore", "a")
            .file("package/lib/.npmignore", "b")
            .file("package/lib/.gitignore", "c")
            .file("package/both/.gitignore", "d")
            .file("package/both/.npmignore", "e")
            .gzip(),
        &[".npmignore = a", "both/", "both/.npmignore = e", "lib/", "lib/.npmignore = b"],
    );
    // The last of several files of one path stays; names differ by case where the file system tells them apart.
    check(
        &Tar::default()
            .file("package/a.js", "first")
            .file("package/b.js", "")
            .file("package/a.js", "last")
            .gzip(),
        &["a.js = last", "b.js = "],
    );
    // Directories are there for files, or not at all.
    let directories = Tar::default().directory("package/empty/").file("package/as-file/", "");
    check(&directories.file("other/d/x.js", "1").gzip(), &["d/", "d/x.js = 1"]);
    let (_directory, store) = store();
    let tarball = Tar::default().file("package/.gitignore", "a").gzip();
    let keep = TarballRequest { gitignore: GitIgnore::Keep, ..request(None) };
    let ingested = store.ingest_tarball(keep, &tarball).expect("a good tarball");
    assert_eq!(paths(&ingested.entry), [".gitignore"]);
}

#[test]
fn every_kind_of_archive_npm_reads() {
    let long = format!("package/{}/file.js", "long-directory-name".repeat(8));
    let inside = format!("{} = x", long.strip_prefix("package/").expect("prefix"));
    let directory = format!("{}/", "long-directory-name".repeat(8));
    let pax = Tar::default().pax(&[("path", &long), ("mtime", "1")]).file("package/short", "x").gzip();
    check(&pax, &[&directory, &inside]);
    let name = format!("{long}\0");
    let gnu = Tar::default()
        .entry(
            &Header { magic: b"ustar  \0", ..Header::file("././@LongLink", name.len()).kind(b'L') },
            name.as_bytes(),
        )
        .file("package/short", "x")
        .gzip();
    check(&gnu, &[&directory, &inside]);
    let prefixed = Header { prefix: b"package/some/where".to_vec(), ..Header::file("file.js", 1) };
    check(&Tar::default().entry(&prefixed, b"x").gzip(), &["some/", "some/where/", "some/where/file.js = x"]);
    // Before POSIX: no magic, and a file is a NUL.
    let v7 = Header { magic: b"\0\0\0\0\0\0\0\0", ..Header::file("package/a.js", 1).kind(0) };
    check(&Tar::default().entry(&v7, b"x").gzip(), &["a.js = x"]);
    check(&Tar::default().entry(&Header::file("package/a.js", 1).kind(b'7'), b"x").gzip(), &["a.js = x"]);
    check(&Tar::default().file("package/a.js", "x").plain(), &["a.js = x"]);
    check(&gzip(&Tar::default().file("package/a.js", "x").unfinished()), &["a.js = x"]);
    // Global headers name no paths; one null block does not end an archive, two do.
    let mixed = Tar::default()
        .global_pax(&[("comment", "0123"), ("path", "package/evil")])
        .file("package/a.js", "x")
        .raw(&[0; 512])
        .file("package/b.js", "y")
        .raw(&[0; 1024])
        .file("package/c.js", "z");
    check(&mixed.gzip(), &["a.js = x", "b.js = y"]);
    // Members of gzip follow each other; zeros behind them do not matter.
    let plain = Tar::default().file("package/a.js", "x".repeat(2000)).plain();
    let (first, second) = plain.split_at(700);
    let members = [gzip(first), gzip(second), vec![0; 64]].concat();
    check(&members, &[&format!("a.js = {}", "x".repeat(2000))]);
}

#[test]
fn modes_are_readable_and_never_special() {
    let (_directory, store) = store();
    let file = |mode, name: &str| Header { mode, ..Header::file(name, 0) };
    let tarball = Tar::default()
        .header(&file(0o600, "package/private"))
        .header(&file(0o000, "package/none"))
        .header(&file(0o755, "package/run"))
        .header(&file(0o6755, "package/setuid"))
        .header(&file(0o1777, "package/sticky"))
        .gzip();
    let entry = store.ingest_tarball(request(None), &tarball).expect("a good tarball").entry;
    let umask = fs::metadata(entry.path()).expect("directory").permissions().mode() & 0o777;
    for (name, mode) in
        [("private", 0o666), ("none", 0o666), ("run", 0o777), ("setuid", 0o777), ("sticky", 0o777)]
    {
        let found = fs::metadata(entry.path().join(name)).expect("file").permissions().mode() & 0o7777;
        assert_eq!(found, mode & umask, "{name}");
        assert_eq!(entry.file(name).expect("file").mode, found, "{name}");
    }
}

#[test]
fn executables_are_ready_to_run() {
    let (_directory, store) = store();
    let manifest = r#"{"name":"demo","bin":{"a":"./bin/a.js","../b":"bin/b.js","c":"bin/missing.js"},"scripts":{"postinstall":"x"}}"#;
    let tarball = Tar::default()
        .file("package/bin/a.js", "#!/usr/bin/env node\r\nfirst\r\n")
        .file("package/bin/b.js", "#!/usr/bin/env node\nsecond\r\n")
        .file("package/bin/other.js", "#!/usr/bin/env node\r\n")
        .file("package/package.json", manifest)
        .file("package/binding.gyp", "{}")
        .file("package/node_modules/@s/x/package.json", "{}")
        .file("package/node_modules/y/package.json", "{}")
        .gzip();
    let entry = store.ingest_tarball(request(None), &tarball).expect("a good tarball").entry;
    assert_eq!(entry.read("bin/a.js").expect("file"), b"#!/usr/bin/env node\nfirst\r\n");
    assert_eq!(entry.read("bin/b.js").expect("file"), b"#!/usr/bin/env node\nsecond\r\n");
    let executable = |path| entry.file(path).expect("file").mode & 0o100 != 0;
    assert!(executable("bin/a.js") && executable("bin/b.js") && !executable("bin/other.js"));
    assert_eq!(entry.damage().expect("readable"), []);
    let flags = entry.flags();
    assert!(flags.install_script && flags.binding_gyp && flags.bundled);
    assert_eq!(entry.bundled().collect::<Vec<_>>(), ["node_modules/@s/x", "node_modules/y"]);
    let directories = r#"{"name":"demo","directories":{"bin":"./tools"}}"#;
    let tarball = Tar::default()
        .file("package/package.json", directories)
        .file("package/tools/x", "")
        .file("package/y", "");
    let entry = store.ingest_tarball(request(None), &tarball.gzip()).expect("a good tarball").entry;
    let executable = |path| entry.file(path).expect("file").mode & 0o100 != 0;
    assert!(executable("tools/x") && !executable("y"));
}

#[test]
fn weaker_integrity_finds_the_entry_too() {
    let tarball = Tar::default().file("package/package.json", MANIFEST).gzip();
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha384] {
        let (_directory, store) = store();
        let weak = integrity(algorithm, &tarball);
        assert!(store.lookup(&weak).is_none());
        let ingested = store.ingest_tarball(request(Some(weak.clone())), &tarball).expect("a good tarball");
        assert_eq!(ingested.integrity, integrity(Algorithm::Sha512, &tarball));
        assert_eq!(store.lookup(&weak).map(|entry| *entry.key()), Some(*ingested.entry.key()));
    }
    let (_directory, store) = store();
    // Of several hashes of the strongest algorithm any may be the one; weaker ones do not count.
    let both = Integrity::parse(&format!(
        "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA= {} {}",
        integrity(Algorithm::Sha512, b"something else"),
        integrity(Algorithm::Sha512, &tarball)
    ))
    .expect("integrity");
    store.ingest_tarball(request(Some(both.clone())), &tarball).expect("a good tarball");
    assert!(store.lookup(&both).is_some());
    let unknown = Integrity::parse("md5-rL0Y20zC+Fzt72VPzMSk2A==").expect("integrity");
    let error = store.ingest_tarball(request(Some(unknown)), &tarball).expect_err("not verifiable");
    assert!(matches!(error, StoreError::UnsupportedIntegrity { .. }), "{error}");
}

#[test]
fn an_entry_can_have_other_names() {
    let (_directory, store) = store();
    let tarball = Tar::default().file("package/package.json", MANIFEST).gzip();
    let entry = store.ingest_tarball(request(None), &tarball).expect("a good tarball").entry;
    let name = "git+ssh://git@git.example/demo.git#0123456789abcdef";
    assert!(store.lookup_alias(name).is_none());
    store.alias(name, entry.key()).expect("an alias");
    assert_eq!(store.lookup_alias(name).map(|found| *found.key()), Some(*entry.key()));
    store.alias(name, &EntryKey::from_sha512([1; 64])).expect("an alias");
    assert!(store.lookup_alias(name).is_none());
}

#[test]
fn chunks_of_any_size_give_the_same_entry() {
    let noise: Vec<u8> = (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let tarball = Tar::default()
        .file("package/package.json", MANIFEST)
        .file("package/noise", &noise)
        .file("package/last", "x")
        .gzip();
    let whole = {
        let (_directory, store) = store();
        *store.ingest_tarball(request(None), &tarball).expect("a good tarball").entry.key()
    };
    for size in [1, 7, 511, 4096, 100_000] {
        let (_directory, store) = store();
        let mut ingest = store.ingest(request(Some(integrity(Algorithm::Sha512, &tarball)))).expect("begun");
        tarball.chunks(size).for_each(|chunk| ingest.write(chunk).expect("written"));
        let entry = ingest.finish().expect("a good tarball").entry;
        assert_eq!((*entry.key(), entry.read("noise").expect("file") == noise), (whole, true), "{size}");
    }
}

#[test]
fn large_tarballs_are_unpacked_while_they_arrive() {
    let mut state = 1_u64;
    let mut noise = |length: usize| -> Vec<u8> {
        let next = |state: &mut u64| {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            (*state >> 32) as u8
        };
        (0..length).map(|_| next(&mut state)).collect()
    };
    let (first, second) = (noise(6 << 20), noise(5 << 20));
    let tarball = Tar::default()
        .file("package/package.json", MANIFEST)
        .file("package/first", &first)
        .file("package/second", &second)
        .stored();
    assert!(tarball.len() > 10 << 20);
    let (directory, store) = store();
    let path = directory.path().join("demo.tgz");
    fs::write(&path, &tarball).expect("written");
    let wanted = integrity(Algorithm::Sha512, &tarball);
    let entry = store.ingest_file(request(Some(wanted)), &path).expect("a good tarball").entry;
    assert!(entry.read("first").expect("file") == first && entry.read("second").expect("file") == second);
    // Already unpacked when it turns out to be another one, it is nowhere to be seen.
    let wrong = integrity(Algorithm::Sha512, b"another");
    let error = store.ingest_file(request(Some(wrong.clone())), &path).expect_err("another");
    assert_eq!(error.code(), "EINTEGRITY");
    assert!(store.lookup(&wrong).is_none());
    // Abandoned half way, it leaves nothing.
    let mut ingest = store.ingest(request(None)).expect("begun");
    ingest.write(&tarball[..9 << 20]).expect("written");
    drop((ingest, entry, store));
    assert_eq!(leftovers(directory.path()), 0);
}

#[test]
fn directories_are_kept_without_their_links() {
    let (directory, store) = store();
    let root = directory.path().join("checkout");
    fs::create_dir_all(root.join("lib")).expect("directory");
    fs::write(root.join("package.json"), MANIFEST).expect("written");
    fs::write(root.join("lib/a.js"), "a").expect("written");
    fs::write(directory.path().join("secret"), "secret").expect("written");
    symlink("../secret", root.join("link")).expect("link");
    symlink(directory.path(), root.join("out")).expect("link");
    let ask = |files: &[&str]| {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        let limits = Limits::default();
        let request = DirectoryRequest { package: "demo@1.0.0".into(), root: root.clone(), files, limits };
        store.ingest_directory(&request)
    };
    let first = ask(&["package.json", "lib/a.js"]).expect("a directory");
    assert_eq!(paths(&first.entry), ["lib/a.js", "package.json"]);
    let again = ask(&["lib/a.js", "package.json"]).expect("a directory");
    assert_eq!(again.entry.key(), first.entry.key());
    fs::write(root.join("lib/a.js"), "b").expect("written");
    assert_ne!(ask(&["package.json", "lib/a.js"]).expect("a directory").entry.key(), first.entry.key());
    for bad in ["link", "out/secret", "../secret", "/etc/passwd", "lib", "missing", "lib/../package.json"] {
        let error = ask(&[bad]).expect_err(bad);
        assert!(matches!(error, StoreError::FileSystem { .. }), "{bad}: {error}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    let (_directory, store) = store();
    let tarball = Tar::default()
        .file("package/a", "file")
        .symlink("package/link", "a")
        .hard_link("package/hard", "package/a")
        .header(&Header::file("package/null", 0).kind(b'3'))
        .header(&Header::file("package/pipe", 0).kind(b'6'))
        .header(&Header::file("package/odd", 0).kind(b'V'))
        .file("package/a/below", "conflict")
        .file("package/d/x", "")
        .file("package/d", "conflict")
        .file("package/../up", "")
        .file("top", "")
        .header(&Header { bad_checksum: true, ..Header::file("package/bad", 0) })
        .gzip();
    let ingested = store.ingest_tarball(request(None), &tarball).expect("a good tarball");
    let skipped: Vec<_> =
        ingested.skipped.iter().map(|skipped| (skipped.path.as_str(), skipped.reason)).collect();
    assert_eq!(
        skipped,
        [
            ("package/link", SkipReason::Link),
            ("package/hard", SkipReason::Link),
            ("package/null", SkipReason::Special),
            ("package/pipe", SkipReason::Special),
            ("package/odd", SkipReason::UnknownType),
            ("a/below", SkipReason::Conflict),
            ("d", SkipReason::Conflict),
            ("package/../up", SkipReason::Escapes),
            ("top", SkipReason::NoName),
            ("package/bad", SkipReason::InvalidHeader),
        ]
    );
    assert_eq!(paths(&ingested.entry), ["a", "d/x"]);
}
