//! What npm accepts as the `name` of a package.json. What may be published is [`crate::package_name`]'s.

/// What npm accepts as a name here: one URL part, or two after an `@`, neither in need of encoding.
pub(super) fn is_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    if name.starts_with('.') || lower == "node_modules" || lower == "favicon.ico" {
        return false;
    }
    let is_plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c));
    match name.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
        Some((scope, name)) => !scope.is_empty() && !name.is_empty() && is_plain(scope) && is_plain(name),
        None => is_plain(name),
    }
}

/// Whether Node itself has a module of that name. Source: Node 20.20.2, `module.builtinModules`.
pub(super) fn is_builtin_module(name: &str) -> bool {
    BUILTIN_MODULES.split(' ').any(|module| module == name)
}

const BUILTIN_MODULES: &str = "\
    _http_agent _http_client _http_common _http_incoming _http_outgoing _http_server \
    _stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_wrap \
    _stream_writable _tls_common _tls_wrap assert assert/strict async_hooks buffer \
    child_process cluster console constants crypto dgram diagnostics_channel dns \
    dns/promises domain events fs fs/promises http http2 https inspector inspector/promises \
    module net os path path/posix path/win32 perf_hooks process punycode querystring \
    readline readline/promises repl stream stream/consumers stream/promises stream/web \
    string_decoder sys timers timers/promises tls trace_events tty url util util/types v8 \
    vm wasi worker_threads zlib";
