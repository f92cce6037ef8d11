//! Tarballs that readers may disagree about: what the store makes of one is what npm 11.19.1 makes of it, or nothing.
//!
//! `ORACLE_SEEDS=0..50000 cargo test --release -p cli --test npm_oracle tarballs -- --ignored --nocapture` looks for new
//! differences; with `ORACLE_KEEP=FOLDER` it keeps the tarballs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use package_store::{Store, StoreError, TarballRequest};
use test_support::TarballBuilder;
use test_support::fixture::{Choices, EntryKind, ambiguous_tarball, gzip};
use test_support::oracle::{Npm, Random};

use super::npm_or_skip;

const FIRST: &str = r#"{"name":"pkg","version":"1.0.0"}"#;
const SECOND: &str = r#"{"name":"pkg","version":"1.0.0","scripts":{"postinstall":"node evil"}}"#;
const FILE: &str = "package/package.json";

/// Path to mode and contents.
type Files = BTreeMap<String, (u32, Vec<u8>)>;

/// Both readers.
struct Readers {
    npm: Npm,
    folder: tempfile::TempDir,
    store: Store,
    /// Tarballs so far, of which both unpacked and the store alone refused so many.
    unpacked: usize,
    refused: usize,
}

impl Readers {
    fn start() -> Option<Readers> {
        let npm = npm_or_skip()?;
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path().join("store")).expect("a store");
        Some(Readers { npm, folder, store, unpacked: 0, refused: 0 })
    }

    /// What is different, if anything is.
    fn difference(&mut self, tarball: &[u8]) -> Option<String> {
        let path = self.folder.path().join("pkg-1.0.0.tgz");
        let into = self.folder.path().join("theirs");
        fs::write(&path, tarball).expect("written");
        let failed = self.npm.unpack(&path, &into, &self.folder.path().join("home"));
        let theirs = failed.map_or_else(|| Ok(files(&into)), Err);
        fs::remove_dir_all(&into).expect("npm makes the folder in any case");
        let request = TarballRequest::new("pkg@1.0.0", "https://registry.example/pkg-1.0.0.tgz", None);
        let ours = self.store.ingest_tarball(request, tarball).map(|ingested| files(&ingested.entry.path()));
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                self.unpacked += 1;
                (ours != theirs).then(|| format!("the store {}\nnpm {}", shown(&ours), shown(&theirs)))
            }
            (Err(StoreError::Archive { .. } | StoreError::Limit { .. }), theirs) => {
                self.refused += usize::from(theirs.is_ok());
                None
            }
            (Err(error), _) => Some(format!("the store fails: {error}")),
            (Ok(ours), Err(code)) => Some(format!("the store {}\nnpm fails: {code}", shown(&ours))),
        }
    }
}

fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(one) = folders.pop() {
        for item in fs::read_dir(&one).expect("a folder") {
            let item = item.expect("an item");
            let kind = item.file_type().expect("a kind");
            if kind.is_dir() {
                folders.push(item.path());
                continue;
            }
            let path = item.path().strip_prefix(folder).expect("inside").to_string_lossy().into_owned();
            // npm lets pass what makes a program run as its owner
            let mode = item.metadata().expect("a file").permissions().mode() & 0o777;
            let contents =
                if kind.is_file() { fs::read(item.path()).expect("readable") } else { b"a link".to_vec() };
            found.insert(path, (mode, contents));
        }
    }
    found
}

fn shown(files: &Files) -> String {
    let lines = files.iter().map(|(path, (mode, contents))| {
        let text = String::from_utf8_lossy(contents.get(..60).unwrap_or(contents)).into_owned();
        let path = path.get(..80).unwrap_or(path);
        format!("\n  {path:?} {mode:o} {} {text:?}", contents.len())
    });
    lines.collect()
}

/// The entries, without the two blocks of zeros that end a tarball.
fn entries(builder: TarballBuilder) -> Vec<u8> {
    let tar = builder.tar();
    tar[..tar.len() - 1024].to_vec()
}

fn file(path: &str, contents: &str) -> Vec<u8> {
    entries(TarballBuilder::new().file(path, 0o644, contents))
}

fn global(records: &str) -> TarballBuilder {
    let kind = EntryKind::Other(b'g');
    TarballBuilder::new()
        .header("pax_global_header", &kind, 0o644, records.len() as u64)
        .body(records.as_bytes())
}

#[test]
fn what_can_be_unpacked_in_two_ways_is_unpacked_as_npm_does_or_refused() {
    let Some(mut readers) = Readers::start() else { return };
    let end = vec![0; 1024];
    let first = file(FILE, FIRST);
    let second = file(FILE, SECOND);
    let with = |entry: &[u8]| gzip(&[first.as_slice(), entry, &end].concat());
    let built = |builder: TarballBuilder| with(&entries(builder));
    let packed_in = |kind: EntryKind, path: &str| {
        let header = TarballBuilder::new().header(path, &kind, 0o755, second.len() as u64);
        with(&[entries(header), second.clone()].concat())
    };
    let pax =
        |records: &[(&str, &str)]| built(TarballBuilder::new().pax(records).file("package/x", 0o644, SECOND));
    let long = |kind: u8, name: &str| {
        built(TarballBuilder::new().entry("././@LongLink", EntryKind::Other(kind), 0o644, name).file(
            "package/x",
            0o644,
            SECOND,
        ))
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("honest", with(&[])),
        ("behind one block of zeros", gzip(&[first.as_slice(), &[0; 512], &second, &end].concat())),
        ("behind the end", gzip(&[first.as_slice(), &end, &second, &end].concat())),
        ("a second part of gzip", [gzip(&first), gzip(&[second.as_slice(), &end].concat())].concat()),
        ("a part of gzip behind the end", [with(&[]), gzip(&second)].concat()),
        ("text behind the gzip", [with(&[]), b"more".to_vec()].concat()),
        ("the beginning of a gzip behind it", [with(&[]), vec![0x1f, 0x8b]].concat()),
        ("half of that", [with(&[]), vec![0x1f]].concat()),
        ("zeros behind the gzip", [with(&[]), vec![0; 600]].concat()),
        ("gzip in gzip", gzip(&with(&[]))),
        ("no gzip", [first.as_slice(), &end].concat()),
        ("without an end", gzip(&first)),
        ("without what fills up a block", gzip(&first[..512 + FIRST.len()])),
        ("cut off", with(&second)[..100].to_vec()),
        ("the same file twice", with(&second)),
        ("twice, the second executable", built(TarballBuilder::new().file(FILE, 0o755, SECOND))),
        ("by a dot", with(&file("package/./package.json", SECOND))),
        ("by two slashes", with(&file("package//package.json", SECOND))),
        ("by a backslash", with(&file("package\\package.json", SECOND))),
        ("of another folder", with(&file("other/package.json", SECOND))),
        ("in capitals", with(&file("package/PACKAGE.json", SECOND))),
        ("with a space", with(&file("package/package.json ", SECOND))),
        ("a name that ends early", with(&file("package/package.json\0x", SECOND))),
        ("a name with a line's end", with(&file("package/a\nb", SECOND))),
        (
            "a folder, then a file of its name",
            with(&[file("package/a/b", ""), file("package/a", "")].concat()),
        ),
        (
            "a file, then a folder of its name",
            with(&[file("package/a", ""), file("package/a/b", "")].concat()),
        ),
        (
            "a file of an old kind",
            built(TarballBuilder::new().entry(FILE, EntryKind::Other(0), 0o644, SECOND)),
        ),
        (
            "a contiguous file",
            built(TarballBuilder::new().entry(FILE, EntryKind::Other(b'7'), 0o644, SECOND)),
        ),
        ("a sparse file", built(TarballBuilder::new().entry(FILE, EntryKind::Other(b'S'), 0o644, SECOND))),
        ("a device", built(TarballBuilder::new().entry(FILE, EntryKind::Other(b'3'), 0o644, SECOND))),
        ("a folder with contents", packed_in(EntryKind::Directory, "package/folder")),
        ("GNU's folder with contents", packed_in(EntryKind::Other(b'D'), "package/folder")),
        ("a file called like a folder", packed_in(EntryKind::File, "package/folder/")),
        ("a link with contents", packed_in(EntryKind::Symlink("x".into()), "package/link")),
        ("a hard link with contents", packed_in(EntryKind::Hardlink(FILE.into()), "package/link")),
        (
            "a hard link",
            built(TarballBuilder::new().hardlink("package/x", FILE).file("package/x", 0o644, SECOND)),
        ),
        (
            "a link to a folder",
            built(TarballBuilder::new().symlink("package/a", "..").file("package/a/x", 0o644, "x")),
        ),
        ("a header with a path", pax(&[("path", FILE)])),
        ("a header with two paths", pax(&[("path", "package/y"), ("path", FILE)])),
        ("a header with a path and a NUL", pax(&[("path", "package/package.json\0x")])),
        ("a header with an empty path", pax(&[("path", "")])),
        ("a header with a size", pax(&[("size", "3")])),
        ("a header with two sizes", pax(&[("size", "1"), ("size", "70")])),
        ("a header with a mode", pax(&[("mode", "493")])),
        ("a header of a sparse file", pax(&[("GNU.sparse.name", FILE), ("GNU.sparse.realsize", "5")])),
        ("a header with a link's target", pax(&[("linkpath", FILE)])),
        ("a long name", long(b'L', "package/package.json\0")),
        ("a long name without its NUL", long(b'L', FILE)),
        ("an empty long name", long(b'L', "")),
        ("an old long name", long(b'N', "package/package.json\0")),
        ("a long link", long(b'K', "package/package.json\0")),
        (
            "a size for all that follow",
            gzip(&[entries(global("9 size=3\n")), first.clone(), end.clone()].concat()),
        ),
        (
            "a path for all that follow",
            gzip(
                &[entries(global("30 path=package/package.json\n")), file("package/x", SECOND), end.clone()]
                    .concat(),
            ),
        ),
        (
            "a comment for all that follow",
            gzip(&[entries(global("13 comment=1\n")), first.clone(), end.clone()].concat()),
        ),
        (
            "folders in folders",
            built(TarballBuilder::new().file(&format!("package/{}x", "a/".repeat(300)), 0o644, "x")),
        ),
        (
            "more of them",
            built(TarballBuilder::new().file(&format!("package/{}x", "a/".repeat(1100)), 0o644, "x")),
        ),
        (
            "a name of 255 bytes",
            built(TarballBuilder::new().file(&format!("package/{}", "a".repeat(255)), 0o644, "x")),
        ),
        (
            "a name of 256 bytes",
            built(TarballBuilder::new().file(&format!("package/{}", "a".repeat(256)), 0o644, "x")),
        ),
        (
            "a path of 3,900 bytes",
            built(TarballBuilder::new().file(&format!("package/{}x", "abcdefghi/".repeat(390)), 0o644, "x")),
        ),
    ];
    let count = rows.len();
    let mut differences = Vec::new();
    for (row, tarball) in rows {
        differences.extend(readers.difference(&tarball).map(|difference| format!("{row}: {difference}")));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    assert!(readers.unpacked > count * 2 / 3, "only {} of {count} were compared", readers.unpacked);
}

#[test]
fn generated_ambiguities_are_unpacked_as_npm_does_or_refused() {
    let Some(mut readers) = Readers::start() else { return };
    let differences: Vec<String> = (0..150).filter_map(|seed| seeded(&mut readers, seed)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    assert!(readers.unpacked > 100 && readers.refused < 15, "{} and {}", readers.unpacked, readers.refused);
}

#[test]
#[ignore = "a search for differences, as long as ORACLE_SEEDS says"]
fn search_tarballs() {
    let Some(mut readers) = Readers::start() else { return };
    let seeds = std::env::var("ORACLE_SEEDS").unwrap_or("0..2000".to_owned());
    let (first, end) = seeds.split_once("..").expect("ORACLE_SEEDS is from..to");
    let (first, end): (u64, u64) = (first.parse().expect("a number"), end.parse().expect("a number"));
    let kept = std::env::var_os("ORACLE_KEEP");
    let mut different = Vec::new();
    for seed in first..end {
        if let Some(difference) = seeded(&mut readers, seed) {
            println!("{difference}\n");
            different.push(seed);
            if let Some(folder) = &kept {
                fs::write(Path::new(folder).join(format!("{seed}.tgz")), of_seed(seed)).expect("written");
            }
        }
    }
    let Readers { unpacked, refused, .. } = readers;
    println!("{unpacked} compared, {refused} refused by the store alone, different: {different:?}");
}

fn seeded(readers: &mut Readers, seed: u64) -> Option<String> {
    readers.difference(&of_seed(seed)).map(|difference| format!("seed {seed}: {difference}"))
}

fn of_seed(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let length = random.between(8, 160);
    ambiguous_tarball(&mut Choices::of(&random.bytes(length)))
}
