//! Why a promise was rejected, as its unhandled rejection tells programs.

use crate::LoopState;
use js_engine::{Binding, OpError, Promise, PromiseState, Scope, Value, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(reason).op(note_pending);
}

#[op]
fn reason<'s>(scope: &mut Scope<'s>, promise: Promise<'s>) -> Result<Value<'s>, OpError> {
    Ok(match promise.state(scope) {
        PromiseState::Rejected(reason) => reason,
        _ => scope.undefined(),
    })
}

/// Makes the event loop come round to look at rejections.
#[op]
fn note_pending(scope: &mut Scope<'_>) {
    let info = scope.state_mut::<LoopState>().tick_info.as_ref().map(|info| info.get(scope));
    if let Some(info) = info {
        scope.write_bytes(info, 1, &[1]);
    }
}
