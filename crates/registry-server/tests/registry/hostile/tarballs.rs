//! Tarballs that are not what they seem: what npm 11.19.1 unpacks from the ambiguous ones here is the package.json that
//! runs a script, while a plain reader sees the one that does not.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use test_support::fixture::EntryKind;
use test_support::{FixturePackage, TarballBuilder, publication};

use super::target::Target;

const HONEST: &str = r#"{"name":"@acme/tool","version":"1.1.0"}"#;
const EVIL: &str = r#"{"name":"@acme/tool","version":"1.1.0","scripts":{"postinstall":"node evil"}}"#;
const FILE: &str = "package/package.json";

/// The entries, without the two blocks of zeros that end a tarball.
fn entries(builder: TarballBuilder) -> Vec<u8> {
    let mut tar = builder.tar();
    while tar.ends_with(&[0; 512]) {
        tar.truncate(tar.len() - 512);
    }
    tar
}

fn file(path: &str, contents: &str) -> Vec<u8> {
    entries(TarballBuilder::new().file(path, 0o644, contents))
}

fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(tar).expect("written");
    encoder.finish().expect("written")
}

fn body(tarball: Vec<u8>) -> Vec<u8> {
    let package = FixturePackage::new("@acme/tool", "1.1.0").with_tarball(tarball);
    publication(&package).to_string().into_bytes()
}

#[test]
fn what_can_be_unpacked_in_two_ways_is_refused() {
    let target = Target::start();
    let before = target.kept();
    let end = vec![0; 1024];
    let honest = file(FILE, HONEST);
    let evil = file(FILE, EVIL);
    let hidden = |entry: &[u8]| gzip(&[honest.as_slice(), entry, &end].concat());
    let sized = |path: &str, kind: EntryKind| {
        let size = evil.len() as u64;
        let header = entries(TarballBuilder::new().header(path, &kind, 0o755, size));
        hidden(&[header, evil.clone()].concat())
    };
    let pax = |records: &[(&str, &str)]| {
        hidden(&entries(TarballBuilder::new().pax(records).file("package/x", 0o644, EVIL)))
    };
    let global = entries(
        TarballBuilder::new()
            .header("pax_global_header", &EntryKind::Other(b'g'), 0o644, 13)
            .body(b"13 size=1024\n"),
    );
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("an entry behind one block of zeros", gzip(&[honest.as_slice(), &[0; 512], &evil, &end].concat())),
        ("an entry behind the end", gzip(&[honest.as_slice(), &end, &evil, &end].concat())),
        ("a second part of gzip", [gzip(&honest), gzip(&[evil.as_slice(), &end].concat())].concat()),
        ("something behind the gzip", [gzip(&[honest.as_slice(), &end].concat()), b"more".to_vec()].concat()),
        ("the same file twice", hidden(&evil)),
        ("the same file by a dot", hidden(&file("package/./package.json", EVIL))),
        ("the same file by two slashes", hidden(&file("package//package.json", EVIL))),
        ("the same file by a backslash", hidden(&file("package\\package.json", EVIL))),
        ("the same file of another folder", hidden(&file("other/package.json", EVIL))),
        ("the same file in capitals", hidden(&file("package/PACKAGE.json", EVIL))),
        ("the same file of a Windows drive", hidden(&file("package/C:/package.json", EVIL))),
        ("the same file of such a folder", hidden(&file("package/c:package.json", EVIL))),
        ("the same file of a Windows host", hidden(&file("package/\\\\host\\share\\package.json", EVIL))),
        (
            "a file in the file",
            gzip(&[file("package/package.json/x", ""), honest.clone(), end.clone()].concat()),
        ),
        ("a file with a target", hidden(&sized_link(EVIL))),
        ("a sum that does not end", without_end_of_sum(&honest, &end)),
        ("a shrinkwrap of a Windows drive", hidden(&file("package/C:/npm-shrinkwrap.json", "{}"))),
        ("a build file of one", hidden(&file("package/C:/binding.gyp", "{}"))),
        ("a file of an old kind", sized_kind(&honest, b'7')),
        ("a sparse file", sized_kind(&honest, b'S')),
        ("a device", sized_kind(&honest, b'3')),
        ("a folder with contents", sized("package/folder", EntryKind::Directory)),
        ("a file called like a folder", sized("package/folder/", EntryKind::File)),
        ("a link with contents", sized("package/link", EntryKind::Symlink("x".into()))),
        ("a header with two paths", pax(&[("path", "package/x"), ("path", FILE)])),
        ("a header of a sparse file", pax(&[("GNU.sparse.name", FILE)])),
        ("a header with another size", pax(&[("size", "1"), ("size", "7")])),
        ("a header for all that follow", gzip(&[global.as_slice(), &honest, &end].concat())),
    ];
    for (row, tarball) in rows {
        let answer = target.refuses_publication(row, &body(tarball));
        assert!(answer.text().contains("tarball is refused"), "{row}: {}", answer.text());
    }
    assert_eq!(target.kept(), before);
    // what git archive writes, and a link, which clients drop
    let comment = TarballBuilder::new()
        .header("pax_global_header", &EntryKind::Other(b'g'), 0o644, 13)
        .body(b"13 comment=1\n")
        .file(FILE, 0o644, HONEST)
        .symlink("package/link", "package.json");
    let answer = target.registry.send(
        "PUT",
        "/@acme%2ftool",
        &serde_json::from_slice(&body(comment.gzip())).expect("JSON"),
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// A file to which a header before it gives the target of a link.
fn sized_link(contents: &str) -> Vec<u8> {
    entries(TarballBuilder::new().pax(&[("linkpath", "../x")]).file("package/x", 0o644, contents))
}

/// The honest file behind a header whose sum has as many digits as there is room for, so that clients read on into the
/// next field and take it for no header: what is in the file could be entries to them.
fn without_end_of_sum(honest: &[u8], end: &[u8]) -> Vec<u8> {
    let mut header = honest[..512].to_vec();
    let sum = std::str::from_utf8(&header[148..154]).expect("digits").to_owned();
    header[148..156].copy_from_slice(format!("00{sum}").as_bytes());
    gzip(&[&header, &honest[512..], &file("package/x", "x"), end].concat())
}

/// An entry of a kind beside the honest file.
fn sized_kind(honest: &[u8], kind: u8) -> Vec<u8> {
    let entry = entries(TarballBuilder::new().entry(FILE, EntryKind::Other(kind), 0o644, EVIL));
    gzip(&[honest, &entry, &[0; 1024]].concat())
}

#[test]
fn what_is_no_tarball_or_too_much_is_refused() {
    let target = Target::start();
    let before = target.kept();
    let honest = TarballBuilder::new().file(FILE, 0o644, HONEST).gzip();
    let mut wrong_sum = honest.clone();
    let length = wrong_sum.len();
    wrong_sum[length - 5] ^= 1;
    let lying = entries(TarballBuilder::new().header(FILE, &EntryKind::File, 0o644, 1 << 40));
    let large_manifest =
        format!(r#"{{"name":"@acme/tool","version":"1.1.0","x":"{}"}}"#, "x".repeat(5 << 20));
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("cut off", honest[..honest.len() - 20].to_vec()),
        ("a wrong sum", wrong_sum),
        ("no tar", gzip(b"hello")),
        ("no tar of zeros", gzip(&[7; 2048])),
        ("no gzip", entries(TarballBuilder::new().file(FILE, 0o644, HONEST))),
        ("only zeros", gzip(&vec![0; 1 << 20])),
        ("a size of a terabyte", gzip(&lying)),
        ("a package.json of megabytes", TarballBuilder::new().file(FILE, 0o644, large_manifest).gzip()),
        (
            "a package.json in a folder",
            TarballBuilder::new().file("package/a/package.json", 0o644, HONEST).gzip(),
        ),
        ("a package.json without a folder", TarballBuilder::new().file("package.json", 0o644, HONEST).gzip()),
        ("a link as package.json", TarballBuilder::new().symlink(FILE, "/etc/passwd").gzip()),
        ("a way up", TarballBuilder::new().file("package/../../x", 0o644, HONEST).gzip()),
        ("a way up by backslashes", TarballBuilder::new().file("package\\..\\..\\x", 0o644, HONEST).gzip()),
        ("from the root", TarballBuilder::new().file("/package/package.json", 0o644, HONEST).gzip()),
    ];
    for (row, tarball) in rows {
        let answer = target.refuses_publication(row, &body(tarball));
        assert!(answer.text().contains("tarball is refused"), "{row}: {}", answer.text());
    }
    assert_eq!(target.kept(), before);
}

#[test]
fn a_tarball_that_unpacks_to_a_thousand_times_as_much_is_refused() {
    let target = Target::start();
    let before = target.kept();
    let member = gzip(&vec![0; 8 << 20]);
    let header = entries(TarballBuilder::new().header("package/x", &EntryKind::File, 0o644, 80 << 20));
    let start = entries(TarballBuilder::new().file(FILE, 0o644, HONEST));
    // in one file, and behind the end
    for second in [header, vec![0; 1024]] {
        let bomb = [gzip(&start), gzip(&second), member.repeat(10)].concat();
        let answer = target.refuses_publication("a bomb", &body(bomb));
        assert!(answer.text().contains("more than"), "{}", answer.text());
    }
    assert_eq!(target.kept(), before);
}

#[test]
fn an_addon_that_is_built_without_saying_so_says_so_here() {
    let target = Target::start();
    let packed = |manifest: &str| {
        TarballBuilder::new().file(FILE, 0o644, manifest).file("package/binding.gyp", 0o644, "{}").gzip()
    };
    let package = FixturePackage::new("@acme/tool", "1.1.0").with_tarball(packed(HONEST));
    assert_eq!(target.registry.publish(&package).status, 201);
    let found = target.registry.get("/@acme%2ftool").json();
    assert_eq!(found["versions"]["1.1.0"]["scripts"], json!({ "install": "node-gyp rebuild" }));
    let off = r#"{"name":"@acme/tool","version":"1.2.0","gypfile":false}"#;
    let package = FixturePackage::new("@acme/tool", "1.2.0").with_tarball(packed(off));
    assert_eq!(target.registry.publish(&package).status, 201);
    assert!(target.registry.get("/@acme%2ftool").json()["versions"]["1.2.0"].get("scripts").is_none());
}
