//! Histograms of high dynamic range, as `perf_hooks` records them: values within some significant figures, from the
//! nanosecond to the year. Clones of one in other threads are the same histogram.

use js_engine::{BigInt, Binding, Object, OpError, Scope, ToJs, Value, Wrapped, op};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(create).op(record).op(record_delta).op(add).op(reset).op(numbers).op(big_numbers);
    b.op(percentile).op(percentiles);
}

struct Counts {
    unit_magnitude: u32,
    half_magnitude: u32,
    half_count: i64,
    mask: i64,
    highest: i64,
    counts: Vec<i64>,
    total: i64,
    min: i64,
    max: i64,
    /// Values above the highest.
    exceeds: i64,
    previous: Option<Instant>,
}

impl Counts {
    fn new(lowest: i64, highest: i64, figures: u32) -> Counts {
        let unit_magnitude = (lowest as u64).ilog2();
        let resolution = 2 * 10i64.pow(figures);
        let magnitude = ((resolution as f64).log2().ceil() as u32).max(1);
        let half_magnitude = magnitude - 1;
        let sub_count = 1i64 << magnitude;
        let mut smallest_untrackable = sub_count << unit_magnitude;
        let mut buckets = 1usize;
        while smallest_untrackable <= highest {
            buckets += 1;
            if smallest_untrackable > i64::MAX / 2 {
                break;
            }
            smallest_untrackable <<= 1;
        }
        let half_count = sub_count / 2;
        Counts {
            unit_magnitude,
            half_magnitude,
            half_count,
            mask: (sub_count - 1) << unit_magnitude,
            highest,
            counts: vec![0; (buckets + 1) * half_count as usize],
            total: 0,
            min: i64::MAX,
            max: 0,
            exceeds: 0,
            previous: None,
        }
    }

    fn bucket(&self, value: i64) -> u32 {
        64 - (value | self.mask).leading_zeros() - self.unit_magnitude - (self.half_magnitude + 1)
    }

    fn index(&self, value: i64) -> usize {
        let bucket = self.bucket(value);
        let sub = value >> (bucket + self.unit_magnitude);
        (((i64::from(bucket) + 1) << self.half_magnitude) + (sub - self.half_count)) as usize
    }

    /// The least value that is counted where `index` is.
    fn value_at(&self, index: usize) -> i64 {
        let index = index as i64;
        let bucket = (index >> self.half_magnitude) - 1;
        let sub = (index & (self.half_count - 1)) + self.half_count;
        if bucket < 0 {
            return (sub - self.half_count) << self.unit_magnitude;
        }
        sub << (bucket as u32 + self.unit_magnitude)
    }

    fn size_of_range(&self, value: i64) -> i64 {
        let bucket = self.bucket(value);
        let sub = value >> (bucket + self.unit_magnitude);
        let adjusted = if sub >= self.half_count * 2 { bucket + 1 } else { bucket };
        1 << (self.unit_magnitude + adjusted)
    }

    fn lowest_equivalent(&self, value: i64) -> i64 {
        let shift = self.bucket(value) + self.unit_magnitude;
        (value >> shift) << shift
    }

    fn highest_equivalent(&self, value: i64) -> i64 {
        self.lowest_equivalent(value) + self.size_of_range(value) - 1
    }

    fn median_equivalent(&self, value: i64) -> i64 {
        self.lowest_equivalent(value) + (self.size_of_range(value) >> 1)
    }

    fn record(&mut self, value: i64) {
        let index = if (0..=self.highest).contains(&value) { Some(self.index(value)) } else { None };
        match index.and_then(|index| self.counts.get_mut(index)) {
            Some(count) => {
                *count += 1;
                self.total += 1;
                if value > 0 {
                    self.min = self.min.min(value);
                }
                self.max = self.max.max(value);
            }
            None => self.exceeds += 1,
        }
    }

    fn reset(&mut self) {
        *self = Counts { previous: None, ..self.empty() };
    }

    fn empty(&self) -> Counts {
        Counts {
            counts: vec![0; self.counts.len()],
            total: 0,
            min: i64::MAX,
            max: 0,
            exceeds: 0,
            previous: None,
            ..*self
        }
    }

    /// Values and how often each was recorded, ascending.
    fn recorded(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(i, &count)| (self.value_at(i), count))
    }

    fn mean(&self) -> f64 {
        let sum: f64 =
            self.recorded().map(|(value, count)| count as f64 * self.median_equivalent(value) as f64).sum();
        sum / self.total as f64
    }

    fn deviation(&self) -> f64 {
        let mean = self.mean();
        let sum: f64 = self
            .recorded()
            .map(|(value, count)| (self.median_equivalent(value) as f64 - mean).powi(2) * count as f64)
            .sum();
        (sum / self.total as f64).sqrt()
    }

    fn percentile(&self, percentile: f64) -> i64 {
        let wanted = ((percentile.min(100.0) / 100.0 * self.total as f64) + 0.5) as i64;
        let mut seen = 0;
        for (value, count) in self.recorded() {
            seen += count;
            if seen >= wanted.max(1) {
                return if percentile == 0.0 {
                    self.lowest_equivalent(value)
                } else {
                    self.highest_equivalent(value)
                };
            }
        }
        0
    }

    /// Each step goes half the way to 100.
    fn percentiles(&self) -> Vec<(f64, i64)> {
        let mut rows = Vec::new();
        let mut next = 0.0f64;
        let mut seen = 0;
        let mut last = 0;
        for (value, count) in self.recorded() {
            seen += count;
            last = value;
            while next <= 100.0 * seen as f64 / self.total as f64 && seen < self.total || rows.is_empty() {
                rows.push((next, value));
                let halvings = (100.0 / (100.0 - next)).log2() as i32 + 1;
                next += 100.0 / 2f64.powi(halvings);
                if seen >= self.total {
                    break;
                }
            }
        }
        rows.push((100.0, last));
        rows
    }
}

/// A histogram as JavaScript holds it.
#[derive(Clone)]
pub(crate) struct Histogram(Arc<Mutex<Counts>>);

impl Histogram {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("no panic while locked")
    }
}

#[op]
fn create<'s>(scope: &mut Scope<'s>, lowest: i64, highest: i64, figures: u32) -> Result<Object<'s>, OpError> {
    let counts = Counts::new(lowest, highest, figures);
    Ok(scope.wrap(Histogram(Arc::new(Mutex::new(counts))))?)
}

#[op]
fn record<'s>(_scope: &mut Scope<'s>, histogram: Wrapped<Histogram>, value: i64) {
    histogram.counts().record(value);
}

/// Records the nanoseconds since the last call.
#[op]
fn record_delta<'s>(_scope: &mut Scope<'s>, histogram: Wrapped<Histogram>) {
    let mut counts = histogram.counts();
    let now = Instant::now();
    if let Some(previous) = counts.previous.replace(now) {
        counts.record(now.duration_since(previous).as_nanos() as i64);
    }
}

#[op]
fn add<'s>(_scope: &mut Scope<'s>, histogram: Wrapped<Histogram>, other: Wrapped<Histogram>) {
    let other: Vec<(i64, i64)> = {
        let counts = other.counts();
        counts.recorded().collect()
    };
    let mut counts = histogram.counts();
    for (value, count) in other {
        for _ in 0..count {
            counts.record(value);
        }
    }
}

#[op]
fn reset<'s>(_scope: &mut Scope<'s>, histogram: Wrapped<Histogram>) {
    histogram.counts().reset();
}

/// `[count, exceeds, min, max, mean, standard deviation]`
#[op]
fn numbers<'s>(_scope: &mut Scope<'s>, histogram: Wrapped<Histogram>) -> Vec<f64> {
    let counts = histogram.counts();
    let Counts { total, exceeds, min, max, .. } = *counts;
    vec![total as f64, exceeds as f64, min as f64, max as f64, counts.mean(), counts.deviation()]
}

/// `[count, exceeds, min, max]`
#[op]
fn big_numbers<'s>(scope: &mut Scope<'s>, histogram: Wrapped<Histogram>) -> Result<Value<'s>, OpError> {
    let Counts { total, exceeds, min, max, .. } = *histogram.counts();
    let [total, exceeds, min, max] = [total, exceeds, min, max].map(|number| BigInt(i128::from(number)));
    (total, exceeds, min, max).to_js(scope)
}

#[op]
fn percentile<'s>(_scope: &mut Scope<'s>, histogram: Wrapped<Histogram>, percentile: f64) -> BigInt {
    BigInt(i128::from(histogram.counts().percentile(percentile)))
}

/// Percentiles and values in turn.
#[op]
fn percentiles<'s>(scope: &mut Scope<'s>, histogram: Wrapped<Histogram>) -> Result<Value<'s>, OpError> {
    let rows = histogram.counts().percentiles();
    let row: Vec<f64> = rows.iter().flat_map(|&(percentile, value)| [percentile, value as f64]).collect();
    row.to_js(scope)
}
