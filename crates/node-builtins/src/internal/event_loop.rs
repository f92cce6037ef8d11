//! What JavaScript and the event loop tell each other: time, timers, immediates, ticks, asynchronous contexts.

use js_engine::{Binding, CallId, Function, OpError, Persistent, Scope, Value, op};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

/// When the process began, by both clocks: the zero of `performance.now()` on every thread.
pub(crate) static PROCESS_START: LazyLock<(Instant, SystemTime)> =
    LazyLock::new(|| (Instant::now(), SystemTime::now()));

/// How busy a loop is, for other threads to read: nanoseconds since the process began, 0 for what is not.
#[derive(Default)]
pub(crate) struct LoopClock {
    started: AtomicU64,
    waited: AtomicU64,
    waiting_since: AtomicU64,
}

impl LoopClock {
    /// `[when the loop began, how long it has waited]` in milliseconds; zeros before it began.
    pub(crate) fn read(&self) -> [f64; 2] {
        let waiting_since = self.waiting_since.load(Ordering::Acquire);
        let waited = self.waited.load(Ordering::Acquire);
        let now = nanoseconds_at(Instant::now());
        let current = if waiting_since == 0 { 0 } else { now.saturating_sub(waiting_since) };
        [self.started.load(Ordering::Acquire), waited + current].map(|nanoseconds| nanoseconds as f64 / 1e6)
    }
}

fn nanoseconds_at(at: Instant) -> u64 {
    at.duration_since(PROCESS_START.0).as_nanos() as u64
}

/// Of one runtime.
pub struct LoopState {
    /// When the process began: zero of [`LoopState::now`].
    pub started: Instant,
    /// The loop's time in whole milliseconds, taken once a turn.
    pub now: f64,
    /// When timers are to be looked at, in loop time.
    pub timer: Option<f64>,
    /// Whether timers keep the process alive.
    pub timers_referenced: bool,
    /// Whether immediates keep the process alive.
    pub immediates_referenced: bool,
    /// Whether `internal/timers` runs in this runtime, so that there may be immediates.
    pub timers_loaded: bool,
    /// When the loop turned for the first time.
    pub loop_started: Option<Instant>,
    /// When it had nothing left to do.
    pub loop_ended: Option<Instant>,
    /// Where a worker's loop says how busy it is.
    pub(crate) clock: Option<Arc<LoopClock>>,
    /// How long the loop has waited for something to happen.
    pub waited: Duration,
    /// Since when it waits now.
    pub waiting_since: Option<Instant>,
    pub turns: u64,
    /// Results that came in from elsewhere.
    pub delivered: u64,
    /// `[ticks pending, rejections pending]`, a Uint8Array that both sides look at.
    pub tick_info: Option<Persistent>,
}

impl Default for LoopState {
    fn default() -> LoopState {
        LoopState {
            started: PROCESS_START.0,
            now: 0.0,
            timer: None,
            timers_referenced: false,
            immediates_referenced: false,
            timers_loaded: false,
            clock: None,
            loop_started: None,
            loop_ended: None,
            waited: Duration::ZERO,
            waiting_since: None,
            turns: 0,
            delivered: 0,
            tick_info: None,
        }
    }
}

impl LoopState {
    /// The loop turns for the first time, if it did not before.
    pub fn begin_loop(&mut self) {
        if self.loop_started.is_some() {
            return;
        }
        let now = Instant::now();
        self.loop_started = Some(now);
        if let Some(clock) = &self.clock {
            clock.started.store(nanoseconds_at(now), Ordering::Release);
        }
    }

    /// From now on the loop waits.
    pub fn begin_wait(&mut self) {
        let now = Instant::now();
        self.waiting_since = Some(now);
        if let Some(clock) = &self.clock {
            clock.waiting_since.store(nanoseconds_at(now), Ordering::Release);
        }
    }

    /// Something happened.
    pub fn end_wait(&mut self) {
        let Some(since) = self.waiting_since.take() else { return };
        self.waited += since.elapsed();
        if let Some(clock) = &self.clock {
            clock.waiting_since.store(0, Ordering::Release);
            clock.waited.store(self.waited.as_nanos() as u64, Ordering::Release);
        }
    }

    pub fn update_time(&mut self) {
        self.now = self.started.elapsed().as_millis() as f64;
    }
}

pub(crate) fn timers(b: &mut Binding<'_, '_>) {
    b.scope().state_mut::<LoopState>().timers_loaded = true;
    b.op(now).op(schedule).op(set_timer_referenced).op(set_immediate_referenced);
}

#[op]
fn now(scope: &mut Scope<'_>) -> f64 {
    let mut state = scope.state_mut::<LoopState>();
    state.update_time();
    state.now
}

/// Asks for timers to be looked at in `delay` milliseconds.
#[op]
fn schedule(scope: &mut Scope<'_>, delay: f64) {
    let mut state = scope.state_mut::<LoopState>();
    let at = state.now + delay.max(1.0);
    state.timer = Some(at);
}

#[op]
fn set_timer_referenced(scope: &mut Scope<'_>, referenced: bool) {
    scope.state_mut::<LoopState>().timers_referenced = referenced;
}

#[op]
fn set_immediate_referenced(scope: &mut Scope<'_>, referenced: bool) {
    scope.state_mut::<LoopState>().immediates_referenced = referenced;
}

pub(crate) fn task_queues(b: &mut Binding<'_, '_>) {
    b.op(run_microtasks).op(enqueue_microtask);
    let scope = b.scope();
    let Ok(info) = scope.uint8_array(vec![0, 0]) else { return };
    let kept = scope.persist(info);
    scope.state_mut::<LoopState>().tick_info = Some(kept);
    b.constant("tickInfo", info);
}

#[op]
fn run_microtasks(scope: &mut Scope<'_>) -> Result<(), OpError> {
    Ok(scope.run_microtasks(false)?)
}

#[op]
fn enqueue_microtask<'s>(scope: &mut Scope<'s>, function: Function<'s>) -> Result<(), OpError> {
    Ok(scope.enqueue_microtask(function)?)
}

pub(crate) fn async_context(b: &mut Binding<'_, '_>) {
    b.op(get_frame).op(set_frame);
}

#[op]
fn get_frame<'s>(scope: &mut Scope<'s>) -> Value<'s> {
    scope.async_context()
}

#[op]
fn set_frame<'s>(scope: &mut Scope<'s>, frame: Value<'s>) {
    scope.set_async_context(frame);
}

pub(crate) fn calls(b: &mut Binding<'_, '_>) {
    b.op(set_call_referenced);
}

/// Whether an asynchronous call, by the number that starting it returned, keeps the process alive.
#[op]
fn set_call_referenced(scope: &mut Scope<'_>, call: f64, referenced: bool) {
    scope.set_call_referenced(CallId(call as u64), referenced);
}
