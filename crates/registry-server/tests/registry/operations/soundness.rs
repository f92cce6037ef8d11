//! What a check finds, and what it puts right.

use std::path::Path;

use registry_server::operations::{CheckOptions, CheckOutcome, Contents};
use test_support::{HostedRegistry, Keeping};

use super::kept::{blob_files, filled, operate, publish, sql, stage_removed, unpublish};

fn check(registry: &HostedRegistry, contents: Contents, repair: bool) -> CheckOutcome {
    let options = CheckOptions { contents, repair };
    operate(registry.options(), async |registry| registry.check(&options).await).expect("a check")
}

/// Code, object, and whether it was repaired, of each problem.
fn found(outcome: &CheckOutcome) -> Vec<(&str, &str, bool)> {
    outcome.problems.iter().map(|one| (one.code, one.object.as_str(), one.repaired)).collect()
}

#[test]
fn a_registry_in_use_is_sound() {
    for keeping in Keeping::all() {
        let registry = filled(keeping);
        let outcome = check(&registry, Contents::Read, false);
        assert_eq!(found(&outcome), []);
        assert_eq!((outcome.packages, outcome.versions, outcome.blobs.count), (3, 3, 3));
        assert!(outcome.is_sound() && outcome.blobs.bytes > 0);
    }
}

/// Damages the rows, and compares what is found; then what is still found after a repair, and that the tarballs of all
/// versions can be had.
#[track_caller]
fn check_rows(statements: &[&str], expected: &[(&str, &str)], left: &[(&str, &str)]) {
    for keeping in Keeping::all() {
        let registry = filled(keeping);
        sql(registry.options(), statements);
        let outcome = check(&registry, Contents::Lengths, false);
        let unrepaired: Vec<_> = expected.iter().map(|(code, object)| (*code, *object, false)).collect();
        assert_eq!(found(&outcome), unrepaired, "{statements:?}");
        assert!(!outcome.is_sound());
        check(&registry, Contents::Lengths, true);
        let outcome = check(&registry, Contents::Lengths, false);
        let left: Vec<_> = left.iter().map(|(code, object)| (*code, *object, false)).collect();
        assert_eq!(found(&outcome), left, "{statements:?}");
    }
}

#[test]
fn rows_that_do_not_fit_are_found_and_put_right_where_nothing_is_lost() {
    let counter = [("counter", "@acme/tool")];
    check_rows(&["UPDATE packages SET revision = 0 WHERE name = '@acme/tool'"], &counter, &[]);
    let tag = [("dist-tag", "@acme/tool@old")];
    check_rows(&["UPDATE dist_tags SET version = '9.9.9' WHERE tag = 'old'"], &tag, &[]);
    let row = [("row", "@acme/tool")];
    check_rows(&["DELETE FROM packages WHERE name = '@acme/tool'"], &row, &[]);
    let star = [("row", "the row of stars for nobody's ann")];
    check_rows(&["INSERT INTO stars (package, username) VALUES ('nobody''s', 'ann')"], &star, &[]);
    let manifest = [("manifest", "other@2.0.0"), ("packument", "other")];
    check_rows(&["UPDATE versions SET manifest = 'x' WHERE package = 'other'"], &manifest, &manifest);
    let removed = [("removed", "other")];
    check_rows(&["UPDATE packages SET removed = 1 WHERE name = 'other'"], &removed, &removed);
    let fetched = [("upstream-blob", "left/-/left-1.0.0.tgz of up")];
    check_rows(
        &["INSERT INTO upstream_tarballs (upstream, package, file, integrity, digest, size, used)
           VALUES ('up', 'left', 'left-1.0.0.tgz', 'sha512-x', 'ab', 1, 1)"],
        &fetched,
        &[],
    );
}

#[test]
fn the_tarball_of_what_waits_for_approval_is_looked_at() {
    let registry = HostedRegistry::start(Keeping::Embedded);
    publish(&registry, "gone", "1.0.0");
    unpublish(&registry, "gone");
    stage_removed(&registry, "gone");
    assert_eq!(check(&registry, Contents::Read, false).blobs.count, 1);
    std::fs::remove_file(&blob_files(registry.options())[0]).expect("a blob");
    let outcome = check(&registry, Contents::Read, true);
    assert_eq!(found(&outcome), [("blob-missing", "gone@9.0.0, which is staged,", false)]);
}

#[test]
fn a_tag_latest_that_was_lost_leads_to_the_newest_release() {
    let registry = filled(Keeping::Embedded);
    publish(&registry, "@acme/tool", "1.0.5");
    sql(registry.options(), &["DELETE FROM dist_tags WHERE package = '@acme/tool' AND tag = 'latest'"]);
    let outcome = check(&registry, Contents::Lengths, true);
    assert_eq!(found(&outcome), [("dist-tag", "@acme/tool@latest", true)]);
    // the running server sees it at once
    assert_eq!(registry.get("/@acme%2ftool").json()["dist-tags"]["latest"], "1.1.0");
}

#[test]
fn what_another_key_signed_is_signed_again() {
    let registry = filled(Keeping::Embedded);
    sql(registry.options(), &["DELETE FROM secrets"]);
    let outcome = check(&registry, Contents::Lengths, true);
    let signed = |object| ("signature", object, true);
    assert_eq!(
        found(&outcome),
        [signed("@acme/tool@1.0.0"), signed("@acme/tool@1.1.0"), signed("other@2.0.0")]
    );
    assert_eq!(found(&check(&registry, Contents::Read, false)), []);
    // a server that starts now has the key that signed
    let replica = registry.replica();
    let keys = replica.get("/-/npm/v1/keys").json();
    let manifest = replica.get("/other/2.0.0").json();
    assert_eq!(manifest["dist"]["signatures"][0]["keyid"], keys["keys"][0]["keyid"]);
}

#[test]
fn tarballs_that_are_not_what_they_were_are_found() {
    let flip = |path: &Path| {
        let mut bytes = std::fs::read(path).expect("a blob");
        bytes[20] ^= 1;
        std::fs::write(path, bytes).expect("a blob");
    };
    let cut = |path: &Path| {
        let bytes = std::fs::read(path).expect("a blob");
        std::fs::write(path, &bytes[..bytes.len() - 1]).expect("a blob");
    };
    let remove = |path: &Path| std::fs::remove_file(path).expect("a blob");
    type Damage<'a> = &'a dyn Fn(&Path);
    for (damage, code, is_seen_by_length) in [
        (&flip as Damage<'_>, "blob-contents", false),
        (&cut, "blob-length", true),
        (&remove, "blob-missing", true),
    ] {
        let registry = HostedRegistry::start(Keeping::Embedded);
        publish(&registry, "a", "1.0.0");
        damage(&blob_files(registry.options())[0]);
        let quick = check(&registry, Contents::Lengths, false);
        assert_eq!(!quick.is_sound(), is_seen_by_length, "{code}");
        // nothing here has the bytes that were lost
        let repaired = check(&registry, Contents::Read, true);
        assert_eq!(found(&repaired), [(code, "a@1.0.0", false)]);
    }
}
