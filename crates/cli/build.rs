//! Bakes in the address of the public registry, which no file of the project names, and tells the linker which of the
//! engine's functions js-engine takes the place of, and what makes the executable start faster.
//!
//! `KNIT_DEFAULT_REGISTRY` of the build's environment wins; else the npm that is installed is asked
//! for its default, with every configuration of user, machine and project out of the way; else knit is
//! built without one and asks for `registry=` when it first needs it.

use std::path::PathBuf;
use std::process::Command;

/// The engine's functions whose calls go to js-engine's shim. The one that awaits ask is in `await.cpp`, the one that
/// captures stacks in `async_stack.cpp`, the one that names their frames in `frame_names.cpp`. Those that report errors are in `messages.cpp`, which gives errors V8's words. Left
/// out where the linker cannot do that; then the engine answers itself, in its own words.
const WRAPPED: [&str; 7] = [
    "_ZN2JS19CaptureCurrentStackEP9JSContextNS_13MutableHandleIP8JSObjectEEON7mozilla7VariantIJNS_9AllFramesENS_9MaxFramesENS_18FirstSubsumedFrameEEEENS_6HandleIS4_EE",
    "_ZNK2js9FrameIter24maybeFunctionDisplayAtomEv",
    "_ZN2js12CanSkipAwaitEP9JSContextN2JS6HandleINS2_5ValueEEEPb",
    "_ZN2js12CompileError10throwErrorEP9JSContext",
    "_ZN2js19ReportErrorNumberVAEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jNS_18ErrorArgumentsTypeEP13__va_list_tag",
    "_ZN2js24ReportErrorNumberUCArrayEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jPPKDs",
    "_ZN2js26ReportErrorNumberUTF8ArrayEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jPPKc",
];

fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        for symbol in WRAPPED {
            println!("cargo::rustc-link-arg-bins=-Wl,--wrap={symbol}");
        }
        #[cfg(unix)]
        link_for_a_fast_start();
        order_functions();
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=KNIT_DEFAULT_REGISTRY");
    let registry = match std::env::var("KNIT_DEFAULT_REGISTRY") {
        Ok(registry) => Some(registry),
        Err(_) => ask_npm(),
    };
    if let Some(registry) = registry.filter(|registry| !registry.trim().is_empty()) {
        println!("cargo::rustc-env=KNIT_DEFAULT_REGISTRY={}", registry.trim());
    }
}

/// The archives that go into the executable, and the library that each takes the place of.
const STATIC: [(&str, &str); 3] =
    [("libstdc++.a", "libstdc++.a"), ("libgcc_eh.a", "libgcc_s.a"), ("libz.a", "libz.a")];

/// The loader looks thousands of names of the C++ library up, and moves a megabyte of addresses, at every start of an
/// executable that shares that library and may lie anywhere: two milliseconds, a fifth of the whole start. So the library
/// goes into the executable where there is an archive of it, and the executable lies where the linker put it, as Node's
/// does. The smaller ones that only this executable has in its process cost a tenth of a millisecond each.
#[cfg(unix)]
fn link_for_a_fast_start() {
    println!("cargo::rustc-link-arg-bins=-no-pie");
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("static");
    let _ = std::fs::create_dir_all(&folder);
    for (archive, library) in STATIC {
        let link = folder.join(library);
        let _ = std::fs::remove_file(&link);
        if let Some(archive) = static_library(archive) {
            // where it fails the shared library is found
            let _ = std::os::unix::fs::symlink(archive, &link);
        }
    }
    // a folder that has only archives comes before those that have the shared libraries, too
    println!("cargo::rustc-link-search=native={}", folder.display());
}

/// Lays out side by side what every start calls. The system brings an executable in by windows of sixteen pages, and a start
/// would touch one in five: a tenth of its time. `start/record.sh` finds the functions; those whose names this compiler gives
/// otherwise lie where they would have lain. Left out where the linker knows no order (Rust's own, LLD, does).
fn order_functions() {
    const ORDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/start/functions.txt");
    println!("cargo::rerun-if-changed=start/functions.txt");
    let arguments =
        [&format!("-Wl,--symbol-ordering-file={ORDER}"), "-Wl,--no-warn-symbol-ordering"].map(str::to_owned);
    if links_with(&arguments) {
        for argument in arguments {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
}

/// Whether the compiler that is at work links an empty program so.
fn links_with(arguments: &[String]) -> bool {
    let variable = |name| std::env::var_os(name).expect("cargo sets it");
    let folder = PathBuf::from(variable("OUT_DIR"));
    let program = folder.join("empty.rs");
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.arg("--target").arg(variable("TARGET")).arg("-o").arg(folder.join("empty.out")).arg(&program);
    for argument in arguments {
        rustc.arg("-C").arg(format!("link-arg={argument}"));
    }
    std::fs::write(&program, "fn main() {}\n").is_ok()
        && rustc.output().is_ok_and(|output| output.status.success())
}

/// Where the C compiler that links has a library.
#[cfg(unix)]
fn static_library(name: &str) -> Option<PathBuf> {
    let output = Command::new("cc").arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.is_absolute().then_some(path)
}

fn ask_npm() -> Option<String> {
    let directory = PathBuf::from(std::env::var_os("OUT_DIR")?).join("empty");
    std::fs::create_dir_all(&directory).ok()?;
    // A package.json stops npm from looking for a project further up.
    std::fs::write(directory.join("package.json"), "{}\n").ok()?;
    let mut npm = Command::new("npm");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_ascii_lowercase().starts_with("npm_config_") {
            npm.env_remove(name);
        }
    }
    let output = npm
        .args(["config", "get", "registry"])
        .current_dir(&directory)
        .env("npm_config_userconfig", directory.join("no-user-config"))
        .env("npm_config_globalconfig", directory.join("no-global-config"))
        .output()
        .ok()?;
    let address = String::from_utf8(output.stdout).ok()?;
    let address = address.trim();
    (output.status.success() && address.starts_with("http")).then(|| address.to_owned())
}
