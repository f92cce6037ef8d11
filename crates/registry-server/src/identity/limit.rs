//! Limits of attempts: so many at once, and so many more as time passes, for each address or user.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use jiff::Timestamp;

/// How many attempts are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Attempts at once after a long silence.
    pub burst: u32,
    /// Until one more is allowed.
    pub refill: Duration,
}

/// The attempts of many keys, in memory that does not grow past `capacity` of them.
///
/// A token bucket for each key (RFC 2697's idea): full at first, one attempt takes one token out.
#[derive(Debug)]
pub struct RateLimit<Key> {
    allowance: Allowance,
    capacity: usize,
    buckets: HashMap<Key, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// What was taken out and has not come back, in attempts.
    spent: f64,
    at: Timestamp,
}

impl<Key: Hash + Eq + Clone> RateLimit<Key> {
    pub fn new(allowance: Allowance, capacity: usize) -> RateLimit<Key> {
        RateLimit { allowance, capacity: capacity.max(1), buckets: HashMap::new() }
    }

    /// Counts an attempt.
    ///
    /// Errors: there were too many; how long to wait for the next. The refused attempt does not count.
    pub fn take(&mut self, key: &Key, now: Timestamp) -> Result<(), Duration> {
        if let Some(bucket) = self.buckets.get_mut(key) {
            // A clock that was set back refills nothing, but from now on time passes again.
            bucket.at = bucket.at.min(now);
        }
        let spent = self.buckets.get(key).map_or(0.0, |bucket| self.spent(*bucket, now));
        let over = spent + 1.0 - f64::from(self.allowance.burst);
        if over > 0.0 {
            return Err(self.allowance.refill.mul_f64(over).max(Duration::from_secs(1)));
        }
        if !self.buckets.contains_key(key) {
            self.make_room(now);
        }
        self.buckets.insert(key.clone(), Bucket { spent: spent + 1.0, at: now });
        Ok(())
    }

    /// Forgets the attempts of a key: it turned out to be welcome.
    pub fn forgive(&mut self, key: &Key) {
        self.buckets.remove(key);
    }

    fn spent(&self, bucket: Bucket, now: Timestamp) -> f64 {
        let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        let refill = self.allowance.refill.as_secs_f64();
        let back = if refill > 0.0 { passed / refill } else { f64::INFINITY };
        (bucket.spent - back).max(0.0)
    }

    /// Drops half of the keys when there are too many: those that have the least to wait.
    fn make_room(&mut self, now: Timestamp) {
        if self.buckets.len() < self.capacity {
            return;
        }
        let mut levels: Vec<f64> = self.buckets.values().map(|bucket| self.spent(*bucket, now)).collect();
        let middle = levels.len() / 2;
        let (_, median, _) = levels.select_nth_unstable_by(middle, f64::total_cmp);
        let median = *median;
        let kept: HashMap<Key, Bucket> = self
            .buckets
            .iter()
            .filter(|(_, bucket)| self.spent(**bucket, now) > median)
            .map(|(key, bucket)| (key.clone(), *bucket))
            .collect();
        self.buckets = kept;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::{Allowance, RateLimit};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    fn limit(capacity: usize) -> RateLimit<u32> {
        RateLimit::new(Allowance { burst: 3, refill: Duration::from_secs(10) }, capacity)
    }

    #[test]
    fn attempts_past_the_burst_wait_and_keys_do_not_share() {
        let mut limit = limit(10);
        for (second, key, expected) in [
            (0, 1, Ok(())),
            (0, 1, Ok(())),
            (0, 1, Ok(())),
            (0, 1, Err(10)),
            (4, 1, Err(6)),
            (0, 2, Ok(())),
            (10, 1, Ok(())),
            (10, 1, Err(10)),
            (1_000, 1, Ok(())),
            (1_000, 1, Ok(())),
            (1_000, 1, Ok(())),
            (1_000, 1, Err(10)),
        ] {
            let taken = limit.take(&key, at(second)).map_err(|wait| wait.as_secs_f64().round() as u64);
            assert_eq!(taken, expected, "{second} {key}");
        }
        limit.forgive(&1);
        assert_eq!(limit.take(&1, at(1_000)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_and_lets_nobody_in() {
        let mut limit = limit(10);
        for _ in 0..2 {
            limit.take(&1, at(500_000)).expect("an attempt in the future");
        }
        limit.take(&1, at(500_000)).expect("the last of the burst");
        assert_eq!(limit.take(&1, at(500_000)), Err(Duration::from_secs(10)));
        assert_eq!(limit.take(&1, at(0)), Err(Duration::from_secs(10)));
        assert_eq!(limit.take(&1, at(10)), Ok(()));
    }

    #[test]
    fn memory_stays_bounded_and_the_worst_are_remembered() {
        let mut limit = limit(100);
        for _ in 0..3 {
            limit.take(&7, at(0)).expect("within the burst");
        }
        for key in 1_000..21_000 {
            limit.take(&key, at(1)).expect("a first attempt");
            assert!(limit.buckets.len() <= 100);
        }
        assert!(limit.take(&7, at(1)).is_err());
    }
}
