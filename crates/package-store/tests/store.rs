//! A store that is shared, damaged and cleaned.

mod support;

use npm_formats::integrity::Integrity;
use package_store::{Damage, Entry, Store, TarballRequest};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use support::{Tar, leftovers};

fn tarball(version: &str) -> Vec<u8> {
    Tar::default()
        .file("package/package.json", format!(r#"{{"name":"demo","version":"{version}"}}"#))
        .file("package/lib/a.js", "a".repeat(5000))
        .gzip()
}

fn ingest(store: &Store, version: &str) -> (Entry, Integrity) {
    let request = TarballRequest::new("demo", "a test", None);
    let ingested = store.ingest_tarball(request, &tarball(version)).expect("a good tarball");
    (ingested.entry, ingested.integrity)
}

fn index_of(entry: &Entry) -> PathBuf {
    entry.path().with_file_name("index")
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("store");
    (directory, path)
}

#[test]
fn many_may_publish_the_same_package_at_once() {
    let (_directory, path) = place();
    let keys: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    // Each with a store of its own, as processes have.
                    let store = Store::open(&path).expect("store");
                    (0..5).map(|version| *ingest(&store, &version.to_string()).0.key()).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(keys.iter().all(|found| *found == keys[0]));
    let store = Store::open(&path).expect("store");
    let verified = store.verify().expect("readable");
    assert_eq!((verified.whole, verified.removed.len(), verified.unreadable), (5, 0, 0));
    drop(store);
    assert_eq!(leftovers(&path), 0);
}

#[test]
fn a_damaged_index_counts_as_missing_and_is_replaced() {
    let (_directory, path) = place();
    let store = Store::open(&path).expect("store");
    let (entry, integrity) = ingest(&store, "1");
    let good = fs::read(index_of(&entry)).expect("index");
    let mut flipped = good.clone();
    flipped[130] ^= 1;
    for (what, bad) in [("empty", Vec::new()), ("cut", good[..100].to_vec()), ("flipped", flipped)] {
        fs::write(index_of(&entry), bad).expect("written");
        assert!(store.lookup(&integrity).is_none(), "{what}");
        fs::write(entry.path().join("lib/a.js"), "damaged").expect("written");
        ingest(&store, "1");
        let again = store.lookup(&integrity).expect(what);
        assert_eq!(again.read("lib/a.js").expect("file").len(), 5000, "{what}");
    }
    fs::remove_file(index_of(&entry)).expect("removed");
    assert!(store.lookup(&integrity).is_none());
    ingest(&store, "1");
    assert!(store.lookup(&integrity).is_some());
}

#[test]
fn damage_is_found_and_removed() {
    let (_directory, path) = place();
    let store = Store::open(&path).expect("store");
    let entries: Vec<_> = (0..5).map(|version| ingest(&store, &version.to_string()).0).collect();
    let lib = |at: usize| entries[at].path().join("lib/a.js");
    fs::remove_file(lib(0)).expect("removed");
    fs::write(lib(1), "short").expect("written");
    let manifest = entries[2].path().join("package.json");
    let text = fs::read_to_string(&manifest).expect("text");
    fs::write(&manifest, text.replace("demo", "evil")).expect("written");
    fs::write(index_of(&entries[3]), "").expect("written");
    let a = || "lib/a.js".to_owned();
    assert_eq!(entries[0].damage().expect("readable"), [Damage::Missing { path: a() }]);
    assert_eq!(entries[1].damage().expect("readable"), [Damage::Changed { path: a() }]);
    assert_eq!(entries[2].damage().expect("readable"), [Damage::Manifest]);
    let verified = store.verify().expect("readable");
    assert_eq!((verified.whole, verified.removed.len(), verified.unreadable), (1, 3, 1));
    let again = store.verify().expect("readable");
    assert_eq!((again.whole, again.removed.len(), again.unreadable), (1, 0, 0));
}

/// An index from before the machine was started, with the checksum that belongs to it.
fn from_another_boot(index: &Path) {
    let mut bytes = fs::read(index).expect("index");
    bytes[40..56].fill(0xab);
    let mut crc = flate2::Crc::new();
    crc.update(&[&bytes[..56], &bytes[60..]].concat());
    bytes[56..60].copy_from_slice(&crc.sum().to_le_bytes());
    fs::write(index, bytes).expect("written");
}

#[test]
fn what_a_crash_of_the_machine_left_incomplete_is_not_believed() {
    let (_directory, path) = place();
    let store = Store::open(&path).expect("store");
    let (whole, whole_integrity) = ingest(&store, "1");
    let (holed, holed_integrity) = ingest(&store, "2");
    from_another_boot(&index_of(&whole));
    from_another_boot(&index_of(&holed));
    // The name reached the disk, the data did not.
    fs::write(holed.path().join("lib/a.js"), "").expect("written");
    assert!(store.lookup(&holed_integrity).is_none());
    assert!(store.lookup(&whole_integrity).is_some());
    // It was looked at once, and is believed now.
    assert_eq!(fs::read(index_of(&whole)).expect("index")[40..56], [0; 16]);
    ingest(&store, "2");
    assert!(store.lookup(&holed_integrity).is_some());
}

#[test]
fn garbage_is_what_is_old_and_linked_nowhere() {
    let (directory, path) = place();
    let later = SystemTime::now() + Duration::from_secs(3600);
    let (linked, unused) = {
        let store = Store::open(&path).expect("store");
        let (linked, linked_integrity) = ingest(&store, "1");
        let (unused, unused_integrity) = ingest(&store, "2");
        store.alias("linked", linked.key()).expect("alias");
        store.alias("unused", unused.key()).expect("alias");
        fs::hard_link(linked.path().join("lib/a.js"), directory.path().join("a.js")).expect("linked");
        unused.mark_used();
        // While anybody has the store open, nothing goes.
        assert_eq!(Store::collect_garbage(&path, later).expect("collected"), None);
        (linked_integrity, unused_integrity)
    };
    let recent = SystemTime::now() - Duration::from_secs(3600);
    let collected = Store::collect_garbage(&path, recent).expect("collected").expect("not in use");
    assert_eq!((collected.removed, collected.kept, collected.aliases), (0, 2, 0));
    let collected = Store::collect_garbage(&path, later).expect("collected").expect("not in use");
    assert_eq!((collected.removed, collected.kept, collected.aliases), (1, 1, 1));
    assert!(collected.bytes > 5000);
    let store = Store::open(&path).expect("store");
    assert!(store.lookup(&linked).is_some() && store.lookup(&unused).is_none());
    assert!(store.lookup_alias("linked").is_some() && store.lookup_alias("unused").is_none());
}

#[test]
fn what_killed_processes_staged_is_collected() {
    let (_directory, path) = place();
    let store = Store::open(&path).expect("store");
    ingest(&store, "1");
    let dead = path.join("v1/tmp/0123456789abcdef/0/package/lib");
    fs::create_dir_all(&dead).expect("directory");
    fs::write(dead.join("a.js"), "half").expect("written");
    drop(store);
    assert_eq!(leftovers(&path), 1);
    let collected =
        Store::collect_garbage(&path, SystemTime::UNIX_EPOCH).expect("collected").expect("not in use");
    assert_eq!((collected.abandoned, collected.removed), (1, 0));
    assert_eq!(leftovers(&path), 0);
}
