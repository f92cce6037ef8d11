//! Stacks as the engine keeps them, handed to `internal/stack` piece by piece so that nothing is formatted before
//! somebody looks at it.

use js_engine::{Array, Binding, CallKind, OpError, Scope, Value, op};

/// As many frames as anyone is shown.
const MOST_FRAMES: u32 = 500;

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(capture).op(error_stack).op(frames).op(waiting);
}

/// The stack of this moment below the youngest call of `after`; undefined when that is not being called.
#[op]
fn capture<'s>(scope: &mut Scope<'s>, limit: f64, after: Value<'s>) -> Result<Value<'s>, OpError> {
    Ok(scope.capture_stack(limit.clamp(0.0, f64::from(MOST_FRAMES)) as u32, after)?)
}

/// The stack that the engine kept with an error.
#[op]
fn error_stack<'s>(scope: &mut Scope<'s>, error: Value<'s>) -> Value<'s> {
    scope.error_stack(error)
}

/// A stack's frames in one row, youngest first: of each its name, file, line, column, whether it only waits for the ones above,
/// and how it was called: true for `new`, the name of a class for a call on an object, else null.
#[op]
fn frames<'s>(scope: &mut Scope<'s>, stack: Value<'s>) -> Result<Array<'s>, OpError> {
    let frames = scope.stack_frames(stack, MOST_FRAMES)?;
    let mut row = Vec::with_capacity(frames.len() * 6);
    for frame in &frames {
        row.push(scope.string(&frame.function)?.value());
        row.push(scope.string(&frame.file)?.value());
        row.push(scope.number(f64::from(frame.line)));
        row.push(scope.number(f64::from(frame.column)));
        row.push(scope.boolean(frame.is_async));
        row.push(match &frame.call {
            CallKind::Plain => scope.null(),
            CallKind::Construct => scope.boolean(true),
            CallKind::Method(class) => scope.string(class)?.value(),
        });
    }
    Ok(scope.array(&row)?)
}

/// The stack of what waits for a promise that is not settled, at most `limit` calls; undefined when nothing does.
#[op]
fn waiting<'s>(scope: &mut Scope<'s>, promise: Value<'s>, limit: f64) -> Value<'s> {
    scope.waiting_stack(promise, limit.clamp(0.0, f64::from(MOST_FRAMES)) as u32)
}
