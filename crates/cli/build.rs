//! Bakes in the address of the public registry, which no file of the project names, and tells the linker whom the
//! engine's errors go through.
//!
//! `KNIT_DEFAULT_REGISTRY` of the build's environment wins; else the npm that is installed is asked
//! for its default, with every configuration of user, machine and project out of the way; else knit is
//! built without one and asks for `registry=` when it first needs it.

use std::path::PathBuf;
use std::process::Command;

/// The engine's functions that report errors: calls of them go to js-engine's `shim/messages.cpp`, which gives errors
/// V8's words. Left out where the linker cannot do that; then errors have the engine's own words.
const REPORTING: [&str; 4] = [
    "_ZN2js12CompileError10throwErrorEP9JSContext",
    "_ZN2js19ReportErrorNumberVAEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jNS_18ErrorArgumentsTypeEP13__va_list_tag",
    "_ZN2js24ReportErrorNumberUCArrayEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jPPKDs",
    "_ZN2js26ReportErrorNumberUTF8ArrayEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jPPKc",
];

fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        for symbol in REPORTING {
            println!("cargo::rustc-link-arg-bins=-Wl,--wrap={symbol}");
        }
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
