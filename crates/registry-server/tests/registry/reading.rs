//! Readers whose questions to the database are answered together, while somebody publishes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use test_support::{FixturePackage, HostedRegistry, Keeping};

#[test]
fn a_change_is_seen_by_who_asks_after_it_while_others_ask_all_the_time() {
    for keeping in Keeping::all() {
        let registry = HostedRegistry::start(keeping);
        let version = |patch: usize| format!("1.0.{patch}");
        assert_eq!(registry.publish(&FixturePackage::new("busy", &version(0))).status, 201);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        assert_eq!(registry.get("/busy").status, 200);
                    }
                });
            }
            for patch in 1..20 {
                let published = registry.publish(&FixturePackage::new("busy", &version(patch))).status;
                let latest = registry.get("/busy").json()["dist-tags"]["latest"].clone();
                if (published, &latest) != (201, &version(patch).into()) {
                    is_over.store(true, Ordering::Relaxed);
                    panic!("{published}, {latest} instead of {}", version(patch));
                }
            }
            is_over.store(true, Ordering::Relaxed);
        });
    }
}
