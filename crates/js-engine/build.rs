//! Compiles the C++ shim against the headers of the SpiderMonkey that mozjs_sys has just built.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=shim");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let builds = out.ancestors().nth(2).expect("OUT_DIR lies in target/PROFILE/build/CRATE/out");
    let engine = engine_build(builds);
    let source = engine_source(&engine);

    let mut public = compiler(&engine);
    for file in ["lifecycle", "values", "scripts", "modules", "jobs", "inspect", "clone"] {
        public.file(format!("shim/{file}.cpp"));
    }
    public.compile("knit_shim");

    let mut private = compiler(&engine);
    private
        .include(source.join("js/src"))
        .define("EXPORT_JS_API", None)
        .define("MOZ_HAS_MOZGLUE", None)
        .flag("-fno-strict-aliasing")
        .flag("-ffp-contract=off")
        .flag("-fno-aligned-new");
    for entry in std::fs::read_dir(builds).expect("cargo's build folder").flatten() {
        let include = entry.path().join("out/include");
        if include.exists() {
            private.include(include);
        }
    }
    for entry in std::fs::read_dir(source.ancestors().nth(2).expect("a registry of sources"))
        .expect("readable")
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with("encoding_c_mem-") {
            private.include(entry.path().join("include"));
        }
    }
    private
        .file("shim/private.cpp")
        .file("shim/contextify.cpp")
        .file("shim/messages.cpp")
        .file("shim/await.cpp")
        .file("shim/async_stack.cpp")
        .file("shim/frame_names.cpp")
        .compile("knit_shim_private");
}

fn compiler(engine: &Path) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("gnu++20")
        .pic(true)
        .opt_level(3)
        .debug(false)
        .flag("-fno-rtti")
        .flag("-fno-exceptions")
        .flag("-fno-sized-deallocation")
        .flag("-include")
        .flag(engine.join("js/src/js-confdefs.h"))
        .include(engine.join("dist/include"))
        .include(engine.join("js/src"))
        .define("STATIC_JS_API", None)
        .define("NDEBUG", "1")
        .warnings(false);
    build
}

/// The newest `mozjs_sys-*/out/build` beside this build that holds the engine's headers: mozjs_sys exports no metadata.
fn engine_build(builds: &Path) -> PathBuf {
    let mut found: Vec<_> = std::fs::read_dir(builds)
        .expect("cargo's build folder")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("mozjs_sys-"))
        .map(|entry| entry.path().join("out/build"))
        .filter(|build| build.join("dist/include/jsapi.h").exists())
        .collect();
    found.sort_by_key(|build| {
        std::fs::metadata(build.join("js/src/js-confdefs.h")).and_then(|m| m.modified()).ok()
    });
    found
        .pop()
        .expect("mozjs_sys is built from source before js-engine (MOZJS_FROM_SOURCE=1 in .cargo/config.toml)")
}

/// Where the engine's sources lie: the configured build remembers it.
fn engine_source(engine: &Path) -> PathBuf {
    let status =
        std::fs::read_to_string(engine.join("config.status")).expect("config.status of the engine's build");
    let topsrcdir = status
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("topsrcdir = "))
        .expect("config.status names topsrcdir");
    PathBuf::from(topsrcdir.split(['\'', '"']).nth(1).expect("a quoted path"))
}
