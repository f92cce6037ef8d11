//! Registries made again from backups, whatever keeps them.

use std::io::{Read, Write};
use std::path::Path;
use std::thread;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use registry_server::RegistryError;
use registry_server::operations::{
    BackupOutcome, CheckOptions, Contents, RestoreOptions, RestoreOutcome, Run, restore,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use test_support::{HostedRegistry, Keeping};

use super::kept::{blob_files, filled, operate, package, publish, seen, sql, stage_removed, unpublish, wait};

fn back_up(registry: &HostedRegistry, target: &Path) -> Result<BackupOutcome, RegistryError> {
    operate(registry.options(), async |registry| registry.back_up(target).await)
}

fn restored(
    into: &HostedRegistry,
    source: &Path,
    force: bool,
    run: Run,
) -> Result<RestoreOutcome, RegistryError> {
    let options = RestoreOptions { source: source.to_owned(), force, run };
    wait(restore(&into.options().storage, &options))
}

/// An empty registry, in whose place a backup can be put: what serves it was stopped.
fn empty(keeping: Keeping) -> HostedRegistry {
    let registry = HostedRegistry::start(keeping);
    // the key that its start made
    sql(registry.options(), &["DELETE FROM secrets"]);
    registry
}

#[test]
fn a_backup_of_one_storage_is_restored_into_any_other() {
    for from in Keeping::all() {
        let registry = filled(from);
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("backup");
        let taken = back_up(&registry, &target).expect("a backup");
        assert_eq!((taken.blobs.count, taken.copied.count, taken.damaged.len()), (3, 3, 0));
        for to in Keeping::all() {
            let into = empty(to);
            let outcome = restored(&into, &target, false, Run::Real).expect("a registry");
            assert_eq!(
                (outcome.rows, outcome.blobs, &outcome.damaged),
                (taken.rows, taken.blobs, &taken.damaged)
            );
            // a server that starts over it
            let again = into.replica();
            for path in ["/@acme%2ftool", "/other", "/-/npm/v1/keys"] {
                assert_eq!(seen(&again, path), seen(&registry, path), "{from:?} to {to:?}");
            }
            let tarball = again.get("/@acme/tool/-/tool-1.0.0.tgz");
            assert_eq!(tarball.body, package("@acme/tool", "1.0.0").tarball());
            // a number is given once, before and after
            assert_eq!(again.publish(&package("gone", "1.0.0")).status, 403);
            publish(&again, "@acme/tool", "1.2.0");
            let options = CheckOptions { contents: Contents::Read, repair: false };
            let checked = operate(again.options(), async |registry| registry.check(&options).await);
            assert_eq!(checked.expect("a check").problems, []);
        }
    }
}

#[test]
fn a_backup_is_of_one_moment_while_others_publish() {
    for keeping in Keeping::all() {
        let registry = filled(keeping);
        let folder = tempfile::tempdir().expect("a folder");
        thread::scope(|scope| {
            for who in 0..2 {
                let registry = &registry;
                scope.spawn(move || {
                    (0..30).for_each(|patch| publish(registry, &format!("p{who}"), &format!("1.0.{patch}")))
                });
            }
            for round in 0..3 {
                let target = folder.path().join(format!("backup{round}"));
                back_up(&registry, &target).expect("a backup");
                let into = empty(Keeping::Embedded);
                restored(&into, &target, false, Run::Real).expect("a registry");
                let options = CheckOptions { contents: Contents::Read, repair: false };
                let checked = operate(into.options(), async |registry| registry.check(&options).await);
                assert_eq!(checked.expect("a check").problems, []);
            }
        });
    }
}

#[test]
fn what_waits_for_approval_is_in_a_backup() {
    for keeping in Keeping::all() {
        let registry = filled(keeping);
        stage_removed(&registry, "gone");
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("backup");
        assert_eq!(back_up(&registry, &target).expect("a backup").blobs.count, 4);
        let into = empty(Keeping::Embedded);
        assert_eq!(restored(&into, &target, false, Run::Real).expect("a registry").blobs.count, 4);
    }
}

#[test]
fn a_backup_into_an_older_one_brings_it_up_to_date() {
    let registry = filled(Keeping::Embedded);
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup");
    back_up(&registry, &target).expect("a backup");
    publish(&registry, "new", "1.0.0");
    unpublish(&registry, "other");
    let taken = back_up(&registry, &target).expect("a backup");
    assert_eq!((taken.blobs.count, taken.copied.count), (3, 1));
    let rows = std::fs::read_dir(&target).expect("a folder").flatten();
    let rows: Vec<String> = rows.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(rows.iter().filter(|name| name.starts_with("rows-")).count(), 1, "{rows:?}");
    let into = empty(Keeping::Embedded);
    let outcome = restored(&into, &target, false, Run::Real).expect("a registry");
    assert_eq!(outcome.blobs.count, 3);
    assert_eq!(blob_files(into.options()).len(), 3);
    assert_eq!(into.replica().get("/other").status, 404);
}

#[test]
fn what_is_there_is_replaced_only_when_that_is_said() {
    let registry = filled(Keeping::Embedded);
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup");
    back_up(&registry, &target).expect("a backup");
    for keeping in Keeping::all() {
        let into = HostedRegistry::start(keeping);
        publish(&into, "theirs", "1.0.0");
        let refused = restored(&into, &target, false, Run::Real).expect_err("it is not empty");
        assert!(matches!(refused, RegistryError::NotEmpty { .. }), "{refused}");
        assert_eq!(into.get("/theirs").status, 200);
        restored(&into, &target, false, Run::Dry).expect("it is only verified");
        assert_eq!(into.get("/theirs").status, 200);
        restored(&into, &target, true, Run::Real).expect("a registry");
        let again = into.replica();
        assert_eq!((again.get("/theirs").status, again.get("/other").status), (404, 200));
    }
}

#[test]
fn a_backup_of_an_older_version_grows_what_came_later() {
    let registry = filled(Keeping::Embedded);
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup");
    back_up(&registry, &target).expect("a backup");
    as_of_the_first_version(&target);
    for keeping in Keeping::all() {
        let into = empty(keeping);
        restored(&into, &target, false, Run::Real).expect("a registry");
        let again = into.replica();
        assert_eq!(seen(&again, "/@acme%2ftool"), seen(&registry, "/@acme%2ftool"));
        publish(&again, "@acme/tool", "1.2.0");
        let found = operate(again.options(), async |registry| registry.add_user("bea", "", false).await);
        assert!(found.expect("tables of users").is_some());
    }
    describe(&target, "schema", json!(1_000_000));
    let refused = restored(&empty(Keeping::Embedded), &target, false, Run::Real).expect_err("it is newer");
    assert!(refused.to_string().contains("a newer version of knit took it"), "{refused}");
}

/// Leaves in a backup what the first version wrote, which had the tables of the first migration only.
fn as_of_the_first_version(target: &Path) {
    const TABLES: [&str; 6] = ["packages", "versions", "dist_tags", "maintainers", "stars", "secrets"];
    let path = walk(target).into_iter().find(|path| path.to_string_lossy().ends_with(".jsonl.gz"));
    let path = path.expect("rows");
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(&path).expect("rows")).read_to_string(&mut text).expect("text");
    let (mut kept, mut rows, mut is_kept) = (String::new(), 0, false);
    for line in text.lines() {
        if line.starts_with('{') {
            let head: Value = serde_json::from_str(line).expect("JSON");
            is_kept = TABLES.iter().any(|table| head["table"] == *table);
        } else {
            rows += u64::from(is_kept);
        }
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(kept.as_bytes()).expect("a vector");
    let bytes = encoder.finish().expect("a vector");
    let digest: String = Sha512::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::write(&path, bytes).expect("a file");
    for (member, value) in [("schema", json!(1)), ("rowCount", json!(rows)), ("rowsSha512", json!(digest))] {
        describe(target, member, value);
    }
}

/// Changes what a backup says of itself.
fn describe(target: &Path, member: &str, value: Value) {
    let path = target.join("backup.json");
    let mut description: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
    description[member] = value;
    std::fs::write(path, description.to_string()).expect("a file");
}

#[test]
fn a_damaged_backup_is_refused_before_anything_changes() {
    let registry = filled(Keeping::Embedded);
    type Damage<'a> = &'a dyn Fn(&Path);
    let flip = |target: &Path, suffix: &str| {
        let found = walk(target)
            .into_iter()
            .find(|path| path.to_string_lossy().ends_with(suffix) || suffix.is_empty());
        let path = found.expect("a file");
        let mut bytes = std::fs::read(&path).expect("a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).expect("a file");
    };
    let rows = |target: &Path| flip(target, ".jsonl.gz");
    let blob = |target: &Path| flip(&target.join("blobs"), "");
    let description = |target: &Path| std::fs::remove_file(target.join("backup.json")).expect("a file");
    let format = |target: &Path| describe(target, "format", json!(2));
    let elsewhere = |target: &Path| describe(target, "rows", json!("../rows-1.jsonl.gz"));
    for (damage, told) in [
        (&rows as Damage<'_>, ".jsonl.gz is damaged"),
        (&blob, "1 tarballs are damaged"),
        (&description, "there is no backup.json in it"),
        (&format, "it is of format 2"),
        (&elsewhere, "is damaged"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("backup");
        back_up(&registry, &target).expect("a backup");
        damage(&target);
        let into = empty(Keeping::Embedded);
        let refused = restored(&into, &target, false, Run::Real).expect_err(told);
        assert!(refused.to_string().contains(told), "{refused}");
        assert_eq!(into.get("/other").status, 404);
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found
}

#[test]
fn a_tarball_that_is_damaged_already_is_told_and_left_out() {
    let registry = filled(Keeping::Embedded);
    std::fs::write(&blob_files(registry.options())[0], "x").expect("a blob");
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup");
    let taken = back_up(&registry, &target).expect("a backup");
    assert_eq!((taken.blobs.count, taken.damaged.len()), (2, 1));
    let outcome = restored(&empty(Keeping::Embedded), &target, false, Run::Real).expect("a registry");
    assert_eq!(outcome.damaged, taken.damaged);
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let registry = filled(Keeping::Embedded);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("thesis.tex"), "x").expect("a file");
    let refused = back_up(&registry, folder.path()).expect_err("it is no backup");
    assert!(refused.to_string().contains("there is something else"), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn nobody_else_reads_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let registry = filled(Keeping::Embedded);
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("backup");
    back_up(&registry, &target).expect("a backup");
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o077;
    assert_eq!(mode(&target), 0);
    let rows = walk(&target).into_iter().find(|path| path.to_string_lossy().ends_with(".gz"));
    assert_eq!(mode(&rows.expect("rows")), 0);
}
