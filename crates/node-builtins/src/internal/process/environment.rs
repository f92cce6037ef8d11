//! The environment the process was started with. What programs change is kept by JavaScript: the process's own
//! variables are never written, as other threads may read them at any time.

use js_engine::{Array, Binding, OpError, Scope, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(variables);
}

/// Names and values in turn, in the order the system has them.
#[op]
fn variables<'s>(scope: &mut Scope<'s>) -> Result<Array<'s>, OpError> {
    let mut row = Vec::new();
    for (name, value) in std::env::vars_os() {
        row.push(scope.string(&name.to_string_lossy())?.value());
        row.push(scope.string(&value.to_string_lossy())?.value());
    }
    Ok(scope.array(&row)?)
}
