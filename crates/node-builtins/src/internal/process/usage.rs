//! Time and resources that the process has used.

use crate::LoopState;
use js_engine::{BigInt, Binding, Float64s, OpError, Scope, op};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use rustix::time::{ClockId, clock_gettime};
use std::fs::read_to_string;

/// The engine takes memory for its heap in pieces of this size.
const HEAP_CHUNK: f64 = 1_048_576.0;
/// What Node says where no limit is set.
const UNLIMITED: f64 = 18_446_744_073_709_551_615.0;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(time).op(time_big).op(uptime).op(cpu).op(thread_cpu).op(resources).op(resident).op(heap);
    b.op(constrained).op(available).op(calls).op(collect_garbage);
}

#[op]
fn collect_garbage(scope: &mut Scope<'_>) {
    scope.collect_garbage();
}

/// Seconds and nanoseconds of a clock that only goes forward.
#[op]
fn time() -> (f64, f64) {
    let now = clock_gettime(ClockId::Monotonic);
    (now.tv_sec as f64, now.tv_nsec as f64)
}

#[op]
fn time_big() -> BigInt {
    let now = clock_gettime(ClockId::Monotonic);
    BigInt(i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec))
}

/// Seconds since this runtime began.
#[op]
fn uptime(scope: &mut Scope<'_>) -> f64 {
    scope.state_mut::<LoopState>().started.elapsed().as_secs_f64()
}

fn usage(who: UsageWho) -> Result<Usage, OpError> {
    getrusage(who).map_err(|errno| OpError::system(errno as i32, "uv_getrusage"))
}

fn processor_times(usage: &Usage) -> [f64; 2] {
    [usage.user_time(), usage.system_time()].map(|time| time.tv_sec() as f64 * 1e6 + time.tv_usec() as f64)
}

/// Microseconds in user code and in the system.
#[op]
fn cpu() -> Result<Vec<f64>, OpError> {
    Ok(processor_times(&usage(UsageWho::RUSAGE_SELF)?).to_vec())
}

#[op]
fn thread_cpu() -> Result<Vec<f64>, OpError> {
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    let who = UsageWho::RUSAGE_THREAD;
    #[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
    let who = UsageWho::RUSAGE_SELF;
    Ok(processor_times(&usage(who)?).to_vec())
}

/// In the order of `process.resourceUsage()`.
#[op]
fn resources() -> Result<Vec<f64>, OpError> {
    let usage = usage(UsageWho::RUSAGE_SELF)?;
    let [user, system] = processor_times(&usage);
    // Kilobytes everywhere but on macOS.
    let unit = if cfg!(target_os = "macos") { 1024 } else { 1 };
    let rest = [
        usage.max_rss() / unit,
        usage.shared_integral(),
        usage.unshared_data_integral(),
        usage.unshared_stack_integral(),
        usage.minor_page_faults(),
        usage.major_page_faults(),
        usage.full_swaps(),
        usage.block_reads(),
        usage.block_writes(),
        usage.ipc_sends(),
        usage.ipc_receives(),
        usage.signals(),
        usage.voluntary_context_switches(),
        usage.involuntary_context_switches(),
    ];
    Ok([user, system].into_iter().chain(rest.into_iter().map(|count| count as f64)).collect())
}

/// Bytes of memory that the process occupies.
#[op]
fn resident() -> f64 {
    let pages = read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()));
    match pages {
        Some(pages) => pages * rustix::param::page_size() as f64,
        // The most it ever was is what other systems tell without further ado.
        None => getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, |usage| usage.max_rss() as f64),
    }
}

/// Bytes of the heap, taken from the system and in use. What lies outside of it the engine does not count.
#[op]
fn heap(scope: &mut Scope<'_>) -> Float64s {
    let used = scope.heap_bytes() as f64;
    Float64s(vec![(used / HEAP_CHUNK).ceil() * HEAP_CHUNK, used, 0.0, 0.0])
}

/// The limit that a control group sets.
fn group_limit() -> Option<f64> {
    let version_two = "/sys/fs/cgroup/memory.max";
    let version_one = "/sys/fs/cgroup/memory/memory.limit_in_bytes";
    let text = read_to_string(version_two).or_else(|_| read_to_string(version_one)).ok()?;
    text.trim().parse().ok()
}

#[op]
fn constrained() -> f64 {
    group_limit().unwrap_or(UNLIMITED)
}

/// Bytes that may still be taken.
#[op]
fn available() -> f64 {
    let free = read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
    });
    let limit = group_limit().map(|limit| {
        let used = read_to_string("/sys/fs/cgroup/memory.current")
            .or_else(|_| read_to_string("/sys/fs/cgroup/memory/memory.usage_in_bytes"));
        let used = used.ok().and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or(0.0);
        (limit - used).max(0.0)
    });
    match (free, limit) {
        (Some(free), Some(limit)) => free.min(limit),
        (one, other) => one.or(other).unwrap_or(0.0),
    }
}

/// How many calls in progress keep the process alive.
#[op]
fn calls(scope: &mut Scope<'_>) -> usize {
    scope.referenced_calls()
}
