//! Names of the global object that are made when they are first looked at.

use js_engine::{Binding, Function, Object, Scope, op};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(define_lazily);
}

#[op]
fn define_lazily<'s>(scope: &mut Scope<'s>, hidden: Object<'s>, enumerable: Object<'s>, make: Function<'s>) {
    scope.define_lazy_globals(hidden, enumerable, make);
}
