//! Tarballs made to do harm.

mod support;

use npm_formats::integrity::{Algorithm, Integrity};
use package_store::{ArchiveFault, Limit, Limits, Store, StoreError, TarballRequest, unpacked_files};
use std::fs;
use std::path::Path;
use support::{Header, Tar, gzip, integrity, leftovers};

fn request(integrity: Option<Integrity>) -> TarballRequest {
    TarballRequest::new("evil@6.6.6", "https://registry.example/evil/-/evil-6.6.6.tgz", integrity)
}

/// Unpacks into a store that lies deep in an otherwise empty directory, and says what is in the package. Nothing may
/// appear anywhere else.
fn unpack(tarball: &[u8]) -> Result<Vec<String>, StoreError> {
    let directory = tempfile::tempdir().expect("temporary directory");
    let place = directory.path().join("a/b/c/store");
    let store = Store::open(&place).expect("store");
    let in_memory = unpacked_files(&request(None), tarball);
    let outcome = store.ingest_tarball(request(None), tarball).map(|ingested| {
        let mut told: Vec<_> = in_memory.as_ref().expect("the same").iter().map(|file| &*file.path).collect();
        let mut kept: Vec<_> = ingested.entry.files().map(|file| file.path).collect();
        told.sort_unstable();
        kept.sort_unstable();
        assert_eq!(told, kept, "what is unpacked into memory is what is unpacked into the store");
        let mut names = Vec::new();
        list(&ingested.entry.path(), "", &mut names);
        let mut known: Vec<_> = ingested
            .entry
            .files()
            .map(|file| file.path.to_owned())
            .chain(ingested.entry.directories().map(|path| format!("{path}/")))
            .collect();
        names.sort();
        known.sort();
        assert_eq!(names, known, "what is there is what the index says");
        names
    });
    assert_eq!(in_memory.is_ok(), outcome.is_ok());
    drop(store);
    for (path, only) in [("", "a"), ("a", "b"), ("a/b", "c"), ("a/b/c", "store")] {
        let names: Vec<_> = fs::read_dir(directory.path().join(path))
            .expect("directory")
            .map(|item| item.expect("item").file_name())
            .collect();
        assert_eq!(names, [only], "nothing outside");
    }
    assert_eq!(leftovers(&place), 0);
    outcome
}

fn list(directory: &Path, prefix: &str, names: &mut Vec<String>) {
    for item in fs::read_dir(directory).expect("directory").map(|item| item.expect("item")) {
        let name = format!("{prefix}{}", item.file_name().to_string_lossy());
        let kind = item.file_type().expect("type");
        assert!(!kind.is_symlink(), "{name} is a link");
        if kind.is_dir() {
            names.push(format!("{name}/"));
            list(&item.path(), &format!("{name}/"), names);
        } else {
            names.push(name);
        }
    }
}

#[test]
fn paths_lead_nowhere_else() {
    for (path, expected) in [
        ("package/../../../evil", None),
        ("package/lib/../../../evil", None),
        ("package/..", None),
        ("../../../evil", None),
        ("package/..\\..\\..\\evil", None),
        ("package/lib\\..\\..\\..\\evil", None),
        ("package/C:../../evil", None),
        ("/../../evil", None),
        ("package//etc/evil", Some("etc/evil")),
        ("package/////etc/evil", Some("etc/evil")),
        ("/etc/evil", Some("etc/evil")),
        ("package/C:\\evil", Some("evil")),
        ("package/C:/evil", Some("evil")),
        ("package/C:D:/evil", Some("evil")),
        ("package/\\\\?\\C:\\evil", Some("evil")),
        ("package/\\evil", Some("evil")),
    ] {
        let tarball = Tar::default().file("package/ok", "").file(path, "evil").gzip();
        let names = unpack(&tarball).expect("a readable tarball");
        let expected: Vec<_> = expected.into_iter().chain(["ok"]).map(str::to_owned).collect();
        let files: Vec<_> = names.into_iter().filter(|name| !name.ends_with('/')).collect();
        assert_eq!(files, expected, "{path}");
        // The same by way of an extended header, and as a directory.
        let extended =
            Tar::default().file("package/ok", "").pax(&[("path", path)]).file("package/x", "evil").gzip();
        let files = unpack(&extended).expect("a readable tarball");
        assert_eq!(
            files.into_iter().filter(|name| !name.ends_with('/')).collect::<Vec<_>>(),
            expected,
            "{path}"
        );
        unpack(&Tar::default().file("package/ok", "").directory(path).gzip()).expect("a readable tarball");
    }
}

#[test]
fn links_are_never_made_nor_followed() {
    for link in ["/etc", "..", "../../..", "/", ".", "lib", "C:\\"] {
        let tarball = Tar::default()
            .symlink("package/way", link)
            .file("package/way/evil", "through a link")
            .symlink("package/way", link)
            .hard_link("package/passwd", "/etc/passwd")
            .file("package/passwd", "mine")
            .pax(&[("linkpath", link)])
            .symlink("package/long", "x")
            .file("package/long", "mine")
            .gzip();
        assert_eq!(
            unpack(&tarball).expect("a readable tarball"),
            ["long", "passwd", "way/", "way/evil"],
            "{link}"
        );
    }
}

#[test]
fn a_name_ends_at_its_nul() {
    let name = b"package/ok.js\0/../../../evil".to_vec();
    let tarball = Tar::default().header(&Header { name, ..Header::file("", 0) }).gzip();
    assert_eq!(unpack(&tarball).expect("a readable tarball"), ["ok.js"]);
    let tarball = Tar::default().pax(&[("path", "package/ok.js\0/../../evil")]).file("package/x", "").gzip();
    assert_eq!(unpack(&tarball).expect("a readable tarball"), ["ok.js"]);
}

#[test]
fn headers_are_read_as_npm_reads_them() {
    // A size in an extended header replaces the one in the header, for this entry and no extended one between.
    let hidden = Tar::default().file("package/hidden", "smuggled").unfinished();
    let tarball = Tar::default()
        .pax(&[("size", &hidden.len().to_string())])
        .header(&Header::file("package/a", 0))
        .raw(&hidden)
        .file("package/b", "");
    assert_eq!(unpack(&tarball.clone().gzip()).expect("a readable tarball"), ["a", "b"]);
    let long_name = b"package/long\0";
    let between = Tar::default()
        .pax(&[("size", "3")])
        .entry(&Header::file("././@LongLink", long_name.len()).kind(b'L'), long_name)
        .entry(&Header::file("package/short", 0), b"abc");
    assert_eq!(unpack(&between.gzip()).expect("a readable tarball"), ["long"]);
    // A global size holds for every entry.
    let global = Tar::default().global_pax(&[("size", "1")]).header(&Header::file("package/a", 0)).data(b"x");
    assert_eq!(unpack(&global.gzip()).expect("a readable tarball"), ["a"]);
    // A directory has no data, whatever it says.
    let directory = Tar::default().header(&Header::file("package/d", 512).kind(b'5')).file("package/a", "");
    assert_eq!(unpack(&directory.gzip()).expect("a readable tarball"), ["a"]);
    // A record that lies about its length does not count.
    let lying = b"13 path=package/evil\n";
    let tarball = Tar::default()
        .entry(&Header::file("PaxHeader/x", lying.len()).kind(b'x'), lying)
        .file("package/good", "");
    assert_eq!(unpack(&tarball.gzip()).expect("a readable tarball"), ["good"]);
    for size in ["0x10", "1e3", "-1", "", "1.5", " 5", "99999999999999999999"] {
        let tarball = Tar::default().pax(&[("size", size)]).file("package/a", "").gzip();
        let error = unpack(&tarball).expect_err("ambiguous");
        let StoreError::Archive { reason: ArchiveFault::ExtendedSize { text }, .. } = &error else {
            panic!("{size}: {error}")
        };
        assert_eq!(text, size);
    }
}

/// npm 11.19.1 refuses some of these, waits for ever or ends at others, and unpacks some where a disk lets it.
#[test]
fn what_readers_take_for_different_things_is_refused() {
    let good = Tar::default().file("package/a", "x");
    let packed = good.clone().gzip();
    let behind = |more: &[u8]| [&packed[..], more].concat();
    let long = |kind: u8, name: &[u8]| {
        let header = Header::file("././@LongLink", name.len()).kind(kind);
        good.clone().entry(&header, name).file("package/b", "x").gzip()
    };
    let confused =
        Tar::default().pax(&[("path", "package/b")]).global_pax(&[("linkpath", "b")]).file("package/a", "");
    for (what, tarball, expected) in [
        ("text behind gzip", behind(b"more"), "damaged"),
        ("half a beginning behind gzip", behind(&[0x1f]), "ends early"),
        ("text behind zeros", behind(b"\0\0more"), "something behind"),
        ("a file with a target", long(b'K', b"../../x\0"), "the target of a link"),
        ("a file with a target for all", confused.gzip(), "the target of a link"),
        ("a name with lines behind its NUL", long(b'L', b"package/b\0x\ny"), "has a NUL in it"),
        (
            "many folders",
            good.clone()
                .pax(&[("path", &format!("package/{}b", "a/".repeat(300)))])
                .file("package/b", "")
                .gzip(),
            "too deep",
        ),
        (
            "a long name",
            good.clone()
                .pax(&[("path", &format!("package/{}", "a".repeat(256)))])
                .file("package/b", "")
                .gzip(),
            "too long",
        ),
    ] {
        let error = unpack(&tarball).expect_err(what);
        assert!(error.to_string().contains(expected), "{what}: {error}");
    }
    for more in [&[0; 700][..], &Tar::default().gzip()] {
        assert_eq!(unpack(&behind(more)).expect("what npm takes as well"), ["a"]);
    }
}

#[test]
fn damaged_archives_leave_nothing() {
    let good = Tar::default().file("package/a.js", "x".repeat(3000));
    let packed = good.clone().gzip();
    let mut flipped = packed.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    let header_only = Tar::default().header(&Header::file("package/a", 1 << 40)).unfinished();
    for (what, tarball) in [
        ("empty", Vec::new()),
        ("three bytes", b"abc".to_vec()),
        ("text", b"<html>not found</html>".repeat(50)),
        ("an archive without entries", gzip(&[0; 1024])),
        ("cut archive", gzip(&good.clone().unfinished()[..1500])),
        ("cut padding", gzip(&good.clone().unfinished()[..512 + 3000])),
        ("cut compression", packed[..packed.len() - 9].to_vec()),
        ("flipped", flipped),
        ("zstd", [&[0x28, 0xb5, 0x2f, 0xfd][..], &[0; 600]].concat()),
        ("nothing behind a header", header_only.clone()),
        ("nothing behind a header, packed", gzip(&header_only)),
    ] {
        let error = unpack(&tarball).expect_err(what);
        assert!(matches!(error, StoreError::Archive { .. }), "{what}: {error}");
        assert!(error.is_corrupt_data(), "{what}");
    }
}

#[test]
fn bytes_of_any_kind_never_panic() {
    let good = Tar::default()
        .pax(&[("path", "package/a.js"), ("size", "10")])
        .file("package/a.js", "0123456789")
        .executable("package/b", "x")
        .plain();
    let mut state = 42_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits")
    };
    for _ in 0..300 {
        let mut bad = good.clone();
        for _ in 0..1 + next() % 4 {
            let at = next() % bad.len();
            bad[at] = next() as u8;
        }
        // With a checksum that is right, so that what was changed is believed.
        for block in [0, 1024, 2048] {
            let end = (block + 512).min(bad.len());
            bad[block + 148..block + 156].fill(b' ');
            let sum: u32 = bad[block..end].iter().map(|byte| u32::from(*byte)).sum();
            bad[block + 148..block + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let _ = unpack(&bad);
    }
}

#[test]
fn bombs_do_not_go_off() {
    let limits = Limits { packed_bytes: 1 << 20, unpacked_bytes: 1 << 20, files: 10, ratio: 100 };
    let zeros = vec![0; 3 << 20];
    let mut many = Tar::default();
    for at in 0..20 {
        many = many.file(&format!("package/{at}"), "");
    }
    let noise: Vec<u8> = (0..300_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let deep = (0..20).map(|at| format!("{at}/")).collect::<String>();
    for (what, tarball, limit) in [
        ("ratio", gzip(&Tar::default().file("package/zeros", &zeros[..900_000]).plain()), Limit::Ratio(100)),
        (
            "unpacked",
            Tar::default().file("package/noise", &noise).plain()[..1_100_000].to_vec(),
            Limit::PackedBytes(1 << 20),
        ),
        ("files", many.gzip(), Limit::Files(10)),
        ("directories", Tar::default().file(&format!("package/{deep}x"), "").gzip(), Limit::Files(10)),
        (
            "ignored data",
            gzip(&Tar::default().entry(&Header::file("package/x", zeros.len()).kind(b'V'), &zeros).plain()),
            Limit::UnpackedBytes(1 << 20),
        ),
    ] {
        let directory = tempfile::tempdir().expect("temporary directory");
        let store = Store::open(directory.path()).expect("store");
        let ratio = if matches!(limit, Limit::UnpackedBytes(_)) { 1_000_000 } else { limits.ratio };
        let request = TarballRequest { limits: Limits { ratio, ..limits }, ..request(None) };
        let error = store.ingest_tarball(request, &tarball).expect_err(what);
        let StoreError::Limit { package, limit: passed, .. } = &error else { panic!("{what}: {error}") };
        assert_eq!((package.as_str(), *passed), ("evil@6.6.6", limit), "{what}");
        drop(store);
        assert_eq!(leftovers(directory.path()), 0, "{what}");
    }
}

#[test]
fn the_error_of_a_wrong_tarball_says_everything() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let store = Store::open(directory.path()).expect("store");
    let tarball = Tar::default().file("package/package.json", "{}").gzip();
    let (wanted, found) = (integrity(Algorithm::Sha512, b"another"), integrity(Algorithm::Sha512, &tarball));
    let error = store.ingest_tarball(request(Some(wanted.clone())), &tarball).expect_err("another");
    assert_eq!(error.code(), "EINTEGRITY");
    assert_eq!(
        error.to_string(),
        format!(
            "evil@6.6.6 from https://registry.example/evil/-/evil-6.6.6.tgz has integrity {found}, expected {wanted}"
        )
    );
    assert!(store.lookup(&wanted).is_none() && store.lookup(&found).is_none(), "nothing was kept");
    let weak = integrity(Algorithm::Sha1, b"another");
    let error = store.ingest_tarball(request(Some(weak.clone())), &tarball).expect_err("another");
    assert!(error.to_string().contains(&integrity(Algorithm::Sha1, &tarball).to_string()), "{error}");
    assert!(store.lookup(&weak).is_none());
    // A good sha1 does not make up for a bad sha512.
    let mixed =
        Integrity::parse(&format!("{} {wanted}", integrity(Algorithm::Sha1, &tarball))).expect("integrity");
    assert!(store.ingest_tarball(request(Some(mixed)), &tarball).is_err());
}
