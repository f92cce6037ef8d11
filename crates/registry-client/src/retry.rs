//! When to try again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::error::RegistryError;
use crate::options::RetryOptions;

/// The tries of one request.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    options: &'a RetryOptions,
    failed: u32,
    lost_once: bool,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(options: &'a RetryOptions) -> Self {
        Attempts { options, failed: 0, lost_once: false }
    }

    /// How many tries have failed and were counted.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }

    /// How long to wait before the next try; `None` when there is no next one.
    ///
    /// A connection that breaks for the first time is not the registry's way to ask for patience: npm would
    /// wait ten seconds, here the next try follows at once and is not counted.
    pub(crate) fn after(&mut self, error: &RegistryError) -> Option<Duration> {
        if !error.is_retryable() {
            return None;
        }
        let lost = matches!(error, RegistryError::ConnectionLost { .. } | RegistryError::Truncated { .. });
        if lost && !self.lost_once && self.options.retries > 0 {
            self.lost_once = true;
            return Some(Duration::ZERO);
        }
        if self.failed >= self.options.retries {
            return None;
        }
        let delay = delay(self.options, self.failed, random_fraction());
        self.failed += 1;
        let asked = error.refusal().and_then(|refusal| refusal.retry_after);
        match asked {
            // who asks for more than we are willing to wait gets no second try, and the user the answer now
            Some(asked) if asked > self.options.max_timeout => None,
            Some(asked) => Some(asked),
            None => Some(delay),
        }
    }
}

/// Source: @gar/promise-retry `createTimeout`, npm 11.19.1, with its `randomize` on, so that many clients do
/// not come back at the same moment.
fn delay(options: &RetryOptions, attempt: u32, fraction: f64) -> Duration {
    let smallest = options.min_timeout.as_secs_f64().max(0.001);
    let wanted =
        (1.0 + fraction) * smallest * options.factor.powi(i32::try_from(attempt).unwrap_or(i32::MAX));
    Duration::try_from_secs_f64(wanted).unwrap_or(Duration::MAX).min(options.max_timeout)
}

/// A number between zero and one, from the randomness that std seeds its hash maps with.
fn random_fraction() -> f64 {
    let bits = RandomState::new().hash_one(0_u8) >> 11;
    // 53 bits fit a double exactly
    #[expect(clippy::cast_precision_loss)]
    let fraction = bits as f64 / (1_u64 << 53) as f64;
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_by_the_factor_up_to_the_maximum() {
        let options = RetryOptions::default();
        let rows = [(0, 0.0, 10.0), (0, 0.5, 15.0), (1, 0.0, 60.0), (9, 0.9, 60.0), (4000, 0.0, 60.0)];
        for (attempt, fraction, seconds) in rows {
            assert_eq!(delay(&options, attempt, fraction), Duration::from_secs_f64(seconds), "{attempt}");
        }
    }

    #[test]
    fn the_jitter_is_a_fraction() {
        assert!((0..100).map(|_| random_fraction()).all(|fraction| (0.0..1.0).contains(&fraction)));
    }
}
