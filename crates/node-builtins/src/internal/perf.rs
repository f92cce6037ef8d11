//! Operations of `internal/perf/native`: the clock of `performance`, and what the event loop has done so far.

use crate::LoopState;
use crate::internal::event_loop::PROCESS_START;
use js_engine::{Binding, Scope, op};
use std::time::UNIX_EPOCH;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(now).op(time_origin).op(loop_numbers);
}

/// Milliseconds since the process began.
#[op]
fn now<'s>(scope: &mut Scope<'s>) -> f64 {
    scope.state_mut::<LoopState>().started.elapsed().as_nanos() as f64 / 1e6
}

/// When that was, in milliseconds since 1970.
#[op]
fn time_origin() -> f64 {
    PROCESS_START.1.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as f64 / 1e6
}

/// `[start of the loop, its end, time that it waited, turns, what finished]`: milliseconds since the process began, -1
/// for what has not come yet.
#[op]
fn loop_numbers<'s>(scope: &mut Scope<'s>) -> Vec<f64> {
    let state = scope.state_mut::<LoopState>();
    let since = |at: Option<std::time::Instant>| {
        at.map_or(-1.0, |at| at.duration_since(state.started).as_nanos() as f64 / 1e6)
    };
    let idle = state.waited + state.waiting_since.map(|since| since.elapsed()).unwrap_or_default();
    vec![
        since(state.loop_started),
        since(state.loop_ended),
        idle.as_nanos() as f64 / 1e6,
        state.turns as f64,
        state.delivered as f64,
    ]
}
