//! The environment the process was started with. What programs change is kept by JavaScript: the process's own
//! variables are never written, as other threads may read them at any time.

use js_engine::{Array, Binding, OpError, Scope, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(variables).op(set_time_zone);
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

/// What `process.env.TZ` says, which dates follow at once; none for the system's zone.
#[op]
fn set_time_zone(scope: &mut Scope<'_>, name: Option<String>) {
    scope.set_time_zone(name.as_deref().unwrap_or_default());
}
