//! The environment the process was started with. What programs change is kept by JavaScript: the process's own
//! variables are never written, as other threads may read them at any time.

use js_engine::{Array, Binding, OpError, Scope, op};
use std::sync::{Mutex, MutexGuard};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(variables)
        .op(set_time_zone)
        .op(share)
        .op(shared_value)
        .op(set_shared_value)
        .op(delete_shared_value)
        .op(shared_names);
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

/// Names and values, in the order in which they came.
type Variables = Vec<(String, String)>;

/// Environments that several threads have in common; they are never given up.
static SHARED: Mutex<Vec<Variables>> = Mutex::new(Vec::new());

fn shared() -> MutexGuard<'static, Vec<Variables>> {
    SHARED.lock().expect("no panic while locked")
}

fn with_shared<T>(number: usize, run: impl FnOnce(&mut Variables) -> T) -> Result<T, OpError> {
    let mut all = shared();
    all.get_mut(number).map(run).ok_or_else(|| OpError::error("no environment is shared by this number"))
}

/// Makes an environment of names and values in turn that other threads reach by the number.
#[op]
fn share(row: Vec<String>) -> usize {
    let (pairs, _) = row.as_chunks::<2>();
    let variables = pairs.iter().map(|[name, value]| (name.clone(), value.clone())).collect();
    let mut all = shared();
    all.push(variables);
    all.len() - 1
}

#[op]
fn shared_value(number: usize, name: String) -> Result<Option<String>, OpError> {
    with_shared(number, |variables| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    })
}

#[op]
fn set_shared_value(number: usize, name: String, value: String) -> Result<(), OpError> {
    with_shared(number, |variables| match variables.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => variables.push((name, value)),
    })
}

#[op]
fn delete_shared_value(number: usize, name: String) -> Result<(), OpError> {
    with_shared(number, |variables| variables.retain(|(known, _)| *known != name))
}

#[op]
fn shared_names(number: usize) -> Result<Vec<String>, OpError> {
    with_shared(number, |variables| variables.iter().map(|(name, _)| name.clone()).collect())
}
