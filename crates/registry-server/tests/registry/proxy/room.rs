//! The bound of packuments: what was not asked for the longest goes, and is asked for again when it is wanted.

use serde_json::json;
use test_support::{Fault, FixturePackage, Keeping, TestRegistry, Times};

use super::proxied::{Proxied, eventually};
use crate::operations::kept::sql;

/// Room for three of the packages, not for four.
const ROOM: &str = "[cache]\npackuments = \"30 kB\"";

/// A package whose packument has some eight kilobytes when it is compressed.
fn wordy(seed: u64) -> FixturePackage {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let digit = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from_digit((state >> 40) as u32 % 16, 16).expect("a digit")
    };
    let description: String = std::iter::repeat_with(digit).take(8_000).collect();
    FixturePackage::new(&format!("p{seed}"), "1.0.0").field("description", json!(description))
}

fn upstream() -> TestRegistry {
    TestRegistry::with((0..4).map(wordy))
}

fn kept(proxied: &Proxied) -> f64 {
    proxied.number("knit_registry_upstream_kept_bytes{kind=\"packuments\"}").unwrap_or(0.0)
}

fn evicted(proxied: &Proxied) -> f64 {
    proxied.number("knit_registry_upstream_evicted_total{kind=\"packuments\"}").unwrap_or(0.0)
}

/// Asks for the first three packages, more than an hour between them.
fn fill(proxied: &Proxied) {
    for seed in 0..3 {
        assert_eq!(proxied.get(&format!("/p{seed}")).status, 200);
        proxied.pass(3700);
    }
}

/// What is answered by another process over what is kept, whose upstream is down.
#[track_caller]
fn check_kept(proxied: Proxied, upstream: TestRegistry, expected: [u16; 4]) {
    drop(upstream);
    let proxied = proxied.restarted();
    let found = [0, 1, 2, 3].map(|seed| proxied.get(&format!("/p{seed}")).status);
    assert_eq!(found, expected);
}

#[test]
fn what_was_asked_for_longest_ago_goes() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), ROOM);
        fill(&proxied);
        eventually("three are counted", || kept(&proxied) > 3.0 * 7000.0);
        assert_eq!(proxied.get("/p0").status, 200);
        assert_eq!(evicted(&proxied), 0.0);
        proxied.pass(60);
        assert_eq!(proxied.get("/p3").status, 200);
        eventually("there is room", || evicted(&proxied) == 1.0);
        eventually("it is counted", || (3.0 * 7000.0..27_000.0).contains(&kept(&proxied)));
        assert_eq!(
            proxied.number("knit_registry_upstream_kept_bytes_limit{kind=\"packuments\"}"),
            Some(30_000.0)
        );
        check_kept(proxied, upstream, [200, 503, 200, 200]);
    }
}

#[test]
fn what_is_used_without_asking_its_upstream_is_used_all_the_same() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), &format!("max_age = \"30d\"\n{ROOM}"));
        fill(&proxied);
        upstream.clear_requests();
        assert_eq!(proxied.get("/p0").status, 200);
        assert!(upstream.requests().is_empty());
        assert_eq!(proxied.get("/p3").status, 200);
        eventually("there is room", || evicted(&proxied) == 1.0);
        check_kept(proxied, upstream, [200, 503, 200, 200]);
    }
}

#[test]
fn what_went_is_answered_from_memory_and_kept_again_when_it_is_confirmed() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), ROOM);
        fill(&proxied);
        assert_eq!(proxied.get("/p3").status, 200);
        eventually("there is room", || evicted(&proxied) == 1.0);
        proxied.pass(3700);
        upstream.fault("/p0", Fault::Status(500), Times::Always);
        assert_eq!(proxied.get("/p0").status, 200);
        upstream.clear_faults();
        proxied.pass(3700);
        upstream.clear_requests();
        assert_eq!(proxied.get("/p0").status, 200);
        let statuses: Vec<u16> = upstream.requests().iter().map(|request| request.status).collect();
        assert_eq!(statuses, [304, 200]);
        eventually("there is room again", || evicted(&proxied) == 2.0);
        check_kept(proxied, upstream, [200, 503, 200, 200]);
    }
}

#[test]
fn names_that_do_not_exist_take_room_too() {
    let upstream = upstream();
    let proxied = Proxied::of(&upstream.url(), ROOM);
    for number in 0..100 {
        assert_eq!(proxied.get(&format!("/missing-{number}")).status, 404);
    }
    eventually("there is room", || evicted(&proxied) > 30.0 && kept(&proxied) <= 30_000.0);
}

#[test]
fn packuments_whose_lengths_nobody_noted_are_measured() {
    for keeping in Keeping::all() {
        let upstream = upstream();
        let proxied = Proxied::keeping(keeping, &upstream.url(), ROOM);
        fill(&proxied);
        let proxied = proxied.restarted();
        sql(proxied.options(), &["UPDATE upstream_packuments SET size = NULL"]);
        assert_eq!(proxied.get("/p3").status, 200);
        eventually("there is room", || evicted(&proxied) == 1.0);
        eventually("it is counted", || (3.0 * 7000.0..27_000.0).contains(&kept(&proxied)));
        check_kept(proxied, upstream, [503, 200, 200, 200]);
    }
}
