//! Which of Node's tests concern what knit has, and the group of each.

use std::fs;
use std::io;
use std::path::Path;

/// Group of the table, and how the names of its tests begin (after the suite's folder and `test-`).
const GROUPS: [(&str, &[&str]); 25] = [
    ("assert", &["assert"]),
    ("async_hooks", &["als-", "async-", "asyncresource"]),
    ("buffer", &["arraybuffer", "atob", "blob", "btoa", "buffer", "file-", "stringbytes", "utf8"]),
    ("child_process", &["child-process", "spawn"]),
    ("command line", &["cli-", "dotenv", "eval", "node-output", "node-run", "preload"]),
    ("compile cache", &["compile-cache"]),
    ("console", &["console"]),
    ("diagnostics_channel", &["diagnostics-channel"]),
    ("events", &["abortcontroller", "aborted", "abortsignal", "customevent", "event"]),
    ("fs", &["fastutf8stream", "filehandle", "fs", "readfile", "sync-fileread"]),
    ("module", &["directory-import", "find-package-json", "module", "require", "source-map"]),
    ("os", &["os"]),
    ("path", &["path"]),
    ("perf_hooks", &["perf", "performance"]),
    (
        "process",
        &["process", "promise", "signal", "stdin", "stdio", "stdout", "uncaught", "unhandled", "warn"],
    ),
    ("querystring", &["querystring"]),
    ("readline", &["readline"]),
    ("stream", &["readable", "stream"]),
    ("string_decoder, encoding", &["string-decoder", "textdecoder", "whatwg-encoding"]),
    ("timers", &["microtask", "next-tick", "queue-microtask", "timer"]),
    ("url", &["fileurltopath", "url", "whatwg-url"]),
    ("util", &["mime", "parse-args", "util"]),
    ("v8", &["v8"]),
    ("vm", &["vm"]),
    ("worker_threads", &["broadcastchannel", "message", "structuredclone", "worker"]),
];
/// Words in a test's name that say it is about what knit does not have.
const ELSEWHERE: [&str; 12] = [
    "-http",
    "-https",
    "-net-",
    "-tls",
    "-crypto",
    "-zlib",
    "-inspector",
    "-permission",
    "heap-snapshot",
    "-dgram",
    "-quic",
    "-dns",
];

/// The suites that hold such tests.
const SUITES: [&str; 4] = ["es-module", "module-hooks", "parallel", "sequential"];

/// Names of the tests below `root` that belong to a group, as `suite/file`, sorted.
pub fn tests(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for suite in SUITES {
        for entry in fs::read_dir(root.join(suite))? {
            let file = entry?.file_name().to_string_lossy().into_owned();
            let name = format!("{suite}/{file}");
            if file.starts_with("test-")
                && (file.ends_with(".js") || file.ends_with(".mjs"))
                && group(&name).is_some()
            {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

/// The group of a test; none where knit claims nothing.
pub fn group(name: &str) -> Option<&'static str> {
    let (suite, file) = name.split_once('/')?;
    if ELSEWHERE.iter().any(|word| file.contains(word)) {
        return None;
    }
    match suite {
        "es-module" => return Some("ES modules"),
        "module-hooks" => return Some("module hooks"),
        _ => {}
    }
    let stem = file.strip_prefix("test-")?;
    let longest = |prefixes: &[&str]| {
        prefixes.iter().filter(|prefix| stem.starts_with(**prefix)).map(|p| p.len()).max()
    };
    GROUPS
        .iter()
        .filter_map(|(group, prefixes)| longest(prefixes).map(|length| (length, *group)))
        .max()
        .map(|(_, group)| group)
}
