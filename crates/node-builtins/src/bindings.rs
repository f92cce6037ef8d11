//! Which Rust file stands behind which builtin.

use crate::internal;
use js_engine::{Binding, Object, Scope, Thrown};

type Fill = fn(&mut Binding<'_, '_>);

/// Sorted by id.
const BINDINGS: &[(&str, Fill)] = &[
    ("internal/async_context", internal::event_loop::async_context),
    ("internal/buffer_bytes", internal::buffer_bytes::binding),
    ("internal/buffer_codecs", internal::buffer_codecs::binding),
    ("internal/builtins", internal::builtins::binding),
    ("internal/child_process/binding", crate::child_process::binding),
    ("internal/crypto/random", crate::crypto::binding),
    ("internal/encoding", internal::encoding::binding),
    ("internal/event_loop", internal::event_loop::calls),
    ("internal/fs/binding", crate::fs::binding),
    ("internal/globals", internal::globals::binding),
    ("internal/histogram", internal::histogram::binding),
    ("internal/messaging", internal::messaging::binding),
    ("internal/modules/compile_cache", internal::modules::compile_cache::binding),
    ("internal/modules/engine", internal::modules::engine::binding),
    ("internal/modules/network", internal::modules::network::binding),
    ("internal/modules/resolver", internal::modules::resolver::binding),
    ("internal/modules/sources", internal::modules::sources::binding),
    ("internal/modules/typescript", internal::modules::typescript::binding),
    ("internal/options", internal::options::binding),
    ("internal/perf/native", internal::perf::binding),
    ("internal/pipe", crate::pipe::binding),
    ("internal/process/environment", internal::process::environment::binding),
    ("internal/process/exit", internal::process::exit::binding),
    ("internal/process/identity", internal::process::identity::binding),
    ("internal/process/rejections", internal::process::rejections::binding),
    ("internal/process/report_error", internal::process::report_error::binding),
    ("internal/process/signals", internal::process::signals::binding),
    ("internal/process/stdio", internal::process::stdio::binding),
    ("internal/process/usage", internal::process::usage::binding),
    ("internal/stack", internal::stack::binding),
    ("internal/task_queues", internal::event_loop::task_queues),
    ("internal/timers", internal::event_loop::timers),
    ("internal/url", internal::url::binding),
    ("internal/util", internal::util::binding),
    ("internal/util/inspect", internal::util::inspect::binding),
    ("internal/util/types", internal::util::types::binding),
    ("internal/vm/engine", internal::vm::engine::binding),
    ("internal/worker/native", internal::worker::binding),
    ("os", crate::os::binding),
    ("process", crate::process::binding),
    ("tty", crate::tty::binding),
    ("v8", crate::v8::binding),
];

/// The binding of a builtin; none where it has no Rust half.
pub fn binding_of<'s>(scope: &mut Scope<'s>, id: &str) -> Result<Option<Object<'s>>, Thrown> {
    let Ok(row) = BINDINGS.binary_search_by_key(&id, |(id, _)| id) else { return Ok(None) };
    let mut binding = Binding::new(scope)?;
    BINDINGS[row].1(&mut binding);
    binding.finish().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_has_its_builtin_and_the_list_is_sorted() {
        assert!(BINDINGS.is_sorted_by_key(|(id, _)| id));
        let orphans: Vec<_> =
            BINDINGS.iter().filter(|(id, _)| crate::source(id).is_none()).map(|(id, _)| id).collect();
        assert!(orphans.is_empty(), "bindings without a js file: {orphans:?}");
    }
}
