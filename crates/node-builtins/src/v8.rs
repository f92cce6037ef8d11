//! What `v8` asks of the engine: sizes, and how it keeps strings.

use js_engine::{Binding, JsString, Scope, op};
use std::hash::{DefaultHasher, Hash, Hasher};

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(heap_numbers).op(is_one_byte_string).op(cached_data_version_tag);
}

/// `[bytes in use, bytes taken from the system, the limit]`
#[op]
fn heap_numbers<'s>(scope: &mut Scope<'s>) -> Vec<f64> {
    let numbers = scope.heap_numbers();
    vec![numbers.used as f64, numbers.committed as f64, numbers.limit as f64]
}

#[op]
fn is_one_byte_string<'s>(_scope: &mut Scope<'s>, content: JsString<'s>) -> bool {
    content.is_latin1()
}

/// Changes with whatever makes cached data of another process useless here.
#[op]
fn cached_data_version_tag() -> u32 {
    let mut hasher = DefaultHasher::new();
    (crate::VERSION, env!("CARGO_PKG_VERSION"), std::env::consts::ARCH).hash(&mut hasher);
    hasher.finish() as u32
}
