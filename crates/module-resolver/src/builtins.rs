//! Which specifiers name a module of the runtime itself. Source: `module.builtinModules` of Node 26.10.

/// Modules that are found by their bare name and under `node:`. Sorted.
pub const BUILTINS: &[&str] = &[
    "_http_agent",
    "_http_client",
    "_http_common",
    "_http_incoming",
    "_http_outgoing",
    "_http_server",
    "_tls_common",
    "_tls_wrap",
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "dns/promises",
    "domain",
    "events",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "inspector",
    "inspector/promises",
    "module",
    "net",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "readline/promises",
    "repl",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "timers",
    "timers/promises",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "util/types",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Modules that are found only under `node:`. Sorted.
pub const SCHEME_ONLY_BUILTINS: &[&str] = &["ffi", "sea", "sqlite", "test", "test/reporters"];

/// Whether `specifier` names a builtin, as `fs` and `node:fs` do and `test` does not.
pub fn is_builtin(specifier: &str) -> bool {
    match specifier.strip_prefix("node:") {
        Some(name) => is_bare_builtin(name) || SCHEME_ONLY_BUILTINS.binary_search(&name).is_ok(),
        None => is_bare_builtin(specifier),
    }
}

/// Node's `canBeRequiredWithoutScheme`.
pub(crate) fn is_bare_builtin(name: &str) -> bool {
    BUILTINS.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_searching() {
        assert!(BUILTINS.is_sorted());
        assert!(SCHEME_ONLY_BUILTINS.is_sorted());
        assert!(is_builtin("fs/promises") && is_builtin("node:test") && !is_builtin("test"));
    }
}
