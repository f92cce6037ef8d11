//! The operation of `internal/structured_clone`.

use js_engine::{Binding, CloneHost, Object, OpError, Scope, Value, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(clone);
}

/// Knows no objects beyond those of the language.
struct Plain;

impl CloneHost for Plain {
    fn write(&mut self, scope: &mut Scope<'_>, object: Object<'_>) -> Result<u32, OpError> {
        let name = scope.class_name(object.value());
        Err(failed(&format!("#<{name}> could not be cloned.")))
    }

    fn read<'s>(&mut self, _: &mut Scope<'s>, _: u32) -> Result<Object<'s>, OpError> {
        Err(failed("the value holds an object of another kind"))
    }

    fn failed(&mut self, _: &mut Scope<'_>, message: &str) -> OpError {
        failed(message)
    }
}

fn failed(message: &str) -> OpError {
    OpError::error(message).code("ERR_DATA_CLONE")
}

/// `transfer`: an array of buffers to move, or undefined.
#[op]
fn clone<'s>(scope: &mut Scope<'s>, value: Value<'s>, transfer: Value<'s>) -> Result<Value<'s>, OpError> {
    let written = scope.serialize(value, transfer, &mut Plain)?;
    Ok(scope.deserialize(&written, &mut Plain)?)
}
