//! How an upstream has been lately: for those who run the registry, and for Prometheus.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Numbers;

use super::UpstreamDown;

/// Seconds: from a neighbour's answer to the longest that is waited for.
const BUCKETS: [f64; 10] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];

/// How an upstream has been. None of it is known before it was asked for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UpstreamHealth {
    /// When it last said what it was asked, even that there is no such thing, and how long that took.
    pub answered: Option<(Timestamp, Duration)>,
    /// When it last did not, and why: without secrets.
    pub failed: Option<(Timestamp, String)>,
    /// Whether the last time it did.
    pub answers: Option<bool>,
}

/// The numbers of all upstreams. A clone is a handle to the same ones.
#[derive(Clone)]
pub(crate) struct UpstreamNumbers {
    requests: Family<OutcomeLabels, Counter>,
    durations: Family<UpstreamLabels, Histogram>,
    answers: Family<UpstreamLabels, Gauge>,
    answered: Family<UpstreamLabels, Gauge>,
    failed: Family<UpstreamLabels, Gauge>,
    kept: Family<KeptLabels, Gauge>,
    bounds: Family<KeptLabels, Gauge>,
    evicted: Family<KeptLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct UpstreamLabels {
    upstream: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabels {
    upstream: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KeptLabels {
    kind: &'static str,
}

impl UpstreamNumbers {
    /// Numbers that are told among those of the registry.
    pub fn register(numbers: &mut Numbers) -> UpstreamNumbers {
        let new = UpstreamNumbers {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            answers: Family::default(),
            answered: Family::default(),
            failed: Family::default(),
            kept: Family::default(),
            bounds: Family::default(),
            evicted: Family::default(),
        };
        let numbers = numbers.sub_registry_with_prefix("upstream");
        numbers.register("requests", "Questions to upstreams, by how they ended", new.requests.clone());
        numbers.register("request_seconds", "Time to the whole answer of an upstream", new.durations.clone());
        numbers.register("up", "1 where the last question was answered, else 0", new.answers.clone());
        numbers.register(
            "last_answer_timestamp_seconds",
            "When a question was last answered",
            new.answered.clone(),
        );
        numbers.register(
            "last_failure_timestamp_seconds",
            "When a question was last not answered",
            new.failed.clone(),
        );
        numbers.register("kept_bytes", "Bytes kept of all upstreams, about", new.kept.clone());
        numbers.register("kept_bytes_limit", "Bytes that may be kept", new.bounds.clone());
        numbers.register("evicted", "What went because there was no room", new.evicted.clone());
        new
    }

    /// Notes how many bytes of a kind may be kept.
    pub fn bound(&self, kind: &'static str, bytes: u64) {
        self.bounds.get_or_create(&KeptLabels { kind }).set(bytes.cast_signed());
    }

    /// Notes how many bytes of a kind are kept.
    pub fn kept(&self, kind: &'static str, bytes: u64) {
        self.kept.get_or_create(&KeptLabels { kind }).set(bytes.cast_signed());
    }

    /// Notes that so many of a kind went.
    pub fn evicted(&self, kind: &'static str, count: u64) {
        self.evicted.get_or_create(&KeptLabels { kind }).inc_by(count);
    }
}

/// What an upstream's health is kept in.
pub(super) struct Watch {
    labels: UpstreamLabels,
    numbers: UpstreamNumbers,
    health: Mutex<UpstreamHealth>,
}

impl Watch {
    /// Of the upstream of that name, about which nothing is known yet.
    pub fn new(upstream: &str, numbers: UpstreamNumbers) -> Watch {
        Watch { labels: UpstreamLabels { upstream: upstream.to_owned() }, numbers, health: Mutex::default() }
    }

    /// How the upstream has been.
    pub fn health(&self) -> UpstreamHealth {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how a question ended at `now` that took so long.
    pub fn note<T>(&self, outcome: &Result<T, UpstreamDown>, now: Timestamp, took: Duration) {
        let word = if outcome.is_ok() { "answered" } else { "failed" };
        let counted = OutcomeLabels { upstream: self.labels.upstream.clone(), outcome: word };
        self.numbers.requests.get_or_create(&counted).inc();
        self.numbers.durations.get_or_create(&self.labels).observe(took.as_secs_f64());
        self.numbers.answers.get_or_create(&self.labels).set(i64::from(outcome.is_ok()));
        let times = if outcome.is_ok() { &self.numbers.answered } else { &self.numbers.failed };
        times.get_or_create(&self.labels).set(now.as_second());
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.answers = Some(outcome.is_ok());
        match outcome {
            Ok(_) => health.answered = Some((now, took)),
            Err(down) => health.failed = Some((now, down.reason.clone())),
        }
    }
}
