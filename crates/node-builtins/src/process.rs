//! What `process` itself asks the system and the command line: who and where the program is.

use crate::CommandLine;
use crate::internal::options::ProgramOptions;
use js_engine::{Array, Binding, OpError, Scope, Value, op};
use nix::errno::Errno;
use nix::unistd::Pid;
use std::ffi::CString;

/// The version that programs see: `process.version` without its `v`.
pub const VERSION: &str = "26.0.0";

pub(crate) fn binding(b: &mut Binding<'_, '_>) {
    b.op(command_line).op(parent_id).op(cwd).op(chdir).op(set_title).op(write_raw);
    b.constant("pid", i64::from(std::process::id()));
    b.constant("version", VERSION);
    b.constant("knitVersion", env!("CARGO_PKG_VERSION"));
    b.constant("platform", platform());
    b.constant("arch", arch());
}

/// Node's name of the system.
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        "solaris" | "illumos" => "sunos",
        other => other,
    }
}

/// Node's name of the processor.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "x86" => "ia32",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64",
        "loongarch64" => "loong64",
        other => other,
    }
}

fn texts<'s>(scope: &mut Scope<'s>, items: &[String]) -> Result<Value<'s>, OpError> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        values.push(scope.string(item)?.value());
    }
    Ok(scope.array(&values)?.value())
}

/// `[argv0, executable, script or undefined, arguments of the script, options as written]`
#[op]
fn command_line<'s>(scope: &mut Scope<'s>) -> Result<Array<'s>, OpError> {
    let (argv0, executable) = {
        let line = scope.state_mut::<CommandLine>();
        (line.argv0.clone(), line.executable.to_string_lossy().into_owned())
    };
    let parsed = ProgramOptions::of(scope);
    let script = match &parsed.script {
        Some(script) => scope.string(script)?.value(),
        None => scope.undefined(),
    };
    let row = [
        scope.string(&argv0)?.value(),
        scope.string(&executable)?.value(),
        script,
        texts(scope, &parsed.script_args)?,
        texts(scope, &parsed.exec_argv)?,
    ];
    Ok(scope.array(&row)?)
}

#[op]
fn parent_id() -> i32 {
    Pid::parent().as_raw()
}

#[op]
fn cwd() -> Result<String, OpError> {
    let error = match std::env::current_dir() {
        Ok(folder) => return Ok(folder.to_string_lossy().into_owned()),
        Err(error) => error,
    };
    if error.kind() != std::io::ErrorKind::NotFound {
        return Err(OpError::io(&error, "uv_cwd"));
    }
    let message = "ENOENT: process.cwd failed with error no such file or directory, the current working directory was \
                   likely removed without changing the working directory, uv_cwd";
    let number = f64::from(-(Errno::ENOENT as i32));
    Err(OpError::error(message).number("errno", number).code("ENOENT").property("syscall", "uv_cwd"))
}

#[op]
fn chdir(folder: String) -> Result<(), OpError> {
    let before = std::env::current_dir().unwrap_or_default();
    std::env::set_current_dir(&folder)
        .map_err(|error| OpError::io(&error, "chdir").path(before.display()).dest(folder))
}

#[op]
fn set_title(title: String) {
    // The kernel keeps fifteen bytes; a title with a zero byte in it is not shown.
    if let Ok(name) = CString::new(title) {
        let _ = rustix::thread::set_name(&name);
    }
}

/// Writes to standard error at once, past all streams.
#[op]
fn write_raw(text: String) {
    write_to_standard_error(&text);
}

pub(crate) fn write_to_standard_error(text: &str) {
    use std::io::Write;
    // There is nobody left to be told that this failed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
