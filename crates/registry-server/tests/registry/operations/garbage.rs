//! Blobs that nothing names go, all others stay, whoever publishes meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use registry_server::operations::{Garbage, GarbageOptions, Run};
use test_support::{HostedRegistry, Keeping};

use super::kept::{blob_files, hours_later, operate, package, publish, unpublish};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is collected some hours later.
fn collect(registry: &HostedRegistry, hours: i64, grace: Duration, run: Run) -> Garbage {
    let options = hours_later(registry.options(), hours);
    let done =
        operate(&options, async |registry| registry.collect_garbage(&GarbageOptions { grace, run }).await);
    done.expect("garbage")
}

#[test]
fn what_was_unpublished_goes_after_the_grace() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        for (name, version) in [("gone", "1.0.0"), ("gone", "1.0.1"), ("stays", "1.0.0")] {
            publish(&registry, name, version);
        }
        unpublish(&registry, "gone");
        // a publication that came as far as its tarball
        let refused = registry.publish(&package("stays", "1.0.0").file("other.js", "other"));
        assert_eq!(refused.status, 403);
        let now = collect(&registry, 0, DAY, Run::Real);
        assert_eq!((now.examined.count, now.removed.count, now.waiting.count), (4, 0, 1));
        let told = collect(&registry, 25, DAY, Run::Dry);
        assert_eq!((told.examined.count, told.removed.count), (4, 3));
        let bytes = told.removed.bytes;
        let done = collect(&registry, 25, DAY, Run::Real);
        assert_eq!((done.removed.count, done.removed.bytes), (3, bytes));
        let again = collect(&registry, 25, DAY, Run::Real);
        assert_eq!((again.examined.count, again.removed.count), (1, 0));
        let tarball = registry.get("/stays/-/stays-1.0.0.tgz");
        assert_eq!((tarball.status, tarball.body), (200, package("stays", "1.0.0").tarball()));
    }
}

#[test]
fn one_tarball_of_a_version_here_and_of_one_removed_stays() {
    // both versions have the same bytes only where the row says so: another package's digest is put there
    let registry = HostedRegistry::start(Keeping::Embedded);
    publish(&registry, "gone", "1.0.0");
    publish(&registry, "stays", "1.0.0");
    unpublish(&registry, "gone");
    super::kept::sql(
        registry.options(),
        &[
            "UPDATE versions SET digest = (SELECT digest FROM versions WHERE package = 'stays') WHERE package = 'gone'",
        ],
    );
    assert_eq!(collect(&registry, 25, DAY, Run::Real).removed.count, 1);
    assert_eq!(registry.get("/stays/-/stays-1.0.0.tgz").status, 200);
}

#[test]
fn what_waits_for_approval_stays() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        publish(&registry, "gone", "1.0.0");
        unpublish(&registry, "gone");
        super::kept::stage_removed(&registry, "gone");
        assert_eq!(collect(&registry, 25, DAY, Run::Real).removed.count, 0);
        super::kept::sql(registry.options(), &["DELETE FROM staged_versions"]);
        assert_eq!(collect(&registry, 25, DAY, Run::Real).removed.count, 1);
    }
}

#[test]
fn transfers_that_were_broken_off_go() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    publish(&registry, "a", "1.0.0");
    let blob = blob_files(registry.options()).remove(0);
    let incoming = blob.ancestors().nth(4).expect("the folder of blobs").join("incoming");
    std::fs::create_dir_all(&incoming).expect("a folder");
    std::fs::write(incoming.join("half"), "half").expect("a file");
    assert_eq!(collect(&registry, 0, DAY, Run::Real).unfinished.count, 0);
    let told = collect(&registry, 25, DAY, Run::Dry).unfinished;
    assert_eq!((told.count, told.bytes), (1, 4));
    assert_eq!(collect(&registry, 25, DAY, Run::Real).unfinished.count, 1);
    assert_eq!(blob_files(registry.options()), [blob]);
}

#[test]
fn blobs_that_were_written_by_half_go() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    publish(&registry, "a", "1.0.0");
    let blob = blob_files(registry.options()).remove(0);
    let beside = |name: &str| blob.with_file_name(name);
    let digest = blob.file_name().and_then(|name| name.to_str()).expect("a digest").to_owned();
    let half = beside(&format!("{digest}#1"));
    // what no store of ours has written is somebody's
    let others = [beside(&format!("{digest}#")), beside(&format!("{digest}#1a")), beside("notes#1")];
    for file in others.iter().chain([&half]) {
        std::fs::write(file, "half").expect("a file");
    }
    assert_eq!(collect(&registry, 0, DAY, Run::Real).unfinished.count, 0);
    // an hour old, it may still be written
    assert_eq!(collect(&registry, 1, Duration::ZERO, Run::Real).unfinished.count, 0);
    let told = collect(&registry, 25, DAY, Run::Dry).unfinished;
    assert_eq!((told.count, told.bytes), (1, 4));
    assert!(half.exists());
    assert_eq!(collect(&registry, 25, DAY, Run::Real).unfinished.count, 1);
    assert!(!half.exists() && blob.exists() && others.iter().all(|file| file.exists()));
    assert_eq!(registry.get("/a/-/a-1.0.0.tgz").status, 200);
}

#[test]
fn publications_lose_nothing_to_a_collection_without_grace() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        let replica = registry.replica();
        let published = AtomicBool::new(false);
        thread::scope(|scope| {
            let collecting = scope.spawn(|| {
                // an hour later everything is older than no grace
                let options = hours_later(registry.options(), 1);
                let everything = GarbageOptions { grace: Duration::ZERO, run: Run::Real };
                let collected = operate(&options, async |registry| {
                    while !published.load(Ordering::Relaxed) {
                        registry.collect_garbage(&everything).await?;
                    }
                    Ok(())
                });
                collected.expect("collections");
            });
            let publishers: Vec<_> = [&registry, &replica]
                .into_iter()
                .enumerate()
                .map(|(who, registry)| {
                    scope.spawn(move || {
                        (0..40)
                            .for_each(|patch| publish(registry, &format!("p{who}"), &format!("1.0.{patch}")))
                    })
                })
                .collect();
            let done: Vec<_> = publishers.into_iter().map(|publisher| publisher.join()).collect();
            // whatever became of them: the collections wait for this
            published.store(true, Ordering::Relaxed);
            assert!(done.iter().all(Result::is_ok), "publications failed");
            collecting.join().expect("collections");
        });
        for (who, patch) in (0..2).flat_map(|who| (0..40).map(move |patch| (who, patch))) {
            let tarball = registry.get(&format!("/p{who}/-/p{who}-1.0.{patch}.tgz"));
            let expected = package(&format!("p{who}"), &format!("1.0.{patch}")).tarball();
            assert!(
                tarball.status == 200 && tarball.body == expected,
                "p{who}@1.0.{patch}: {}",
                tarball.status
            );
        }
    }
}
