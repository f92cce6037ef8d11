//! The programs that scripts run with: `node`, which is knit where no other is installed or when it is asked for, and
//! `node-gyp` where an npm is installed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use npm_formats::config::Config;
use serde_json::json;

use crate::process::Process;
use crate::script_environment::tools_directory;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Toolchain {
    /// The executable that scripts get as `node`.
    pub node: Option<PathBuf>,
    /// Its version, without `v`.
    pub node_version: Option<String>,
    /// node-gyp's own script.
    pub node_gyp: Option<PathBuf>,
    /// A directory for PATH with `node-gyp`, and `node` where it is not the first one in PATH.
    pub directory: Option<PathBuf>,
}

/// Finds the programs and writes the directory for PATH, if it is not there yet.
pub fn prepare(config: &Config, process: &Process, global_prefix: &Path) -> Toolchain {
    let on_path = find_on_path(process, "node");
    let node = match config.text("runtime").as_deref() {
        None | Some("node") => on_path.clone().or_else(|| Some(process.executable.clone())),
        Some("knit") => Some(process.executable.clone()),
        Some(path) => Some(PathBuf::from(path)),
    };
    let npm = global_prefix.join("lib").join("node_modules").join("npm");
    let bundled = npm.join("node_modules").join("node-gyp").join("bin").join("node-gyp.js");
    let configured = config.text("node-gyp").map(PathBuf::from);
    let root = tools_directory(config);
    let node_version = match &node {
        Some(node) if *node == process.executable => Some(runtime::NODE_VERSION.to_owned()),
        Some(node) => version_of(node, root.as_deref()),
        None => None,
    };
    let own_node = node.clone().filter(|node| Some(node) != on_path.as_ref());
    let directory = root.and_then(|root| write_directory(&root, own_node.as_deref()).ok());
    Toolchain { node, node_version, node_gyp: configured.or(bundled.is_file().then_some(bundled)), directory }
}

/// `node-gyp` for scripts: the one that the environment names, else one that knit fetches.
const NODE_GYP: &str = "#!/bin/sh\n\
    if [ -n \"$npm_config_node_gyp\" ]; then\n  exec node \"$npm_config_node_gyp\" \"$@\"\nfi\n\
    exec \"$npm_execpath\" exec --yes -- node-gyp \"$@\"\n";

/// One directory for each `node`, so that runs with different ones do not disturb each other.
fn write_directory(root: &Path, node: Option<&Path>) -> io::Result<PathBuf> {
    let name = match node {
        None => "default".to_owned(),
        Some(node) => node.to_string_lossy().replace(['/', '\\', ':'], "_"),
    };
    let directory = root.join(name);
    let gyp = directory.join("node-gyp");
    if fs::read(&gyp).is_ok_and(|text| text == NODE_GYP.as_bytes())
        && node.is_none_or(|node| fs::read_link(directory.join("node")).is_ok_and(|target| target == node))
    {
        return Ok(directory);
    }
    fs::create_dir_all(&directory)?;
    package_manager::manifest_file::replace_file(&gyp, NODE_GYP.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&gyp, fs::Permissions::from_mode(0o755))?;
        if let Some(node) = node {
            let link = directory.join("node");
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(node, link)?;
        }
    }
    Ok(directory)
}

/// The version that a `node` says it is. Asking starts it, which takes longer than most commands, so the
/// answer is kept until the file changes.
fn version_of(node: &Path, cache: Option<&Path>) -> Option<String> {
    let real = node.canonicalize().ok()?;
    let metadata = real.metadata().ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos().to_string();
    let stamp = json!([real.to_string_lossy(), metadata.len(), modified]);
    let file = cache.map(|cache| cache.join("node-versions.json"));
    let known = file.as_ref().and_then(|file| fs::read(file).ok());
    let mut known: serde_json::Map<String, serde_json::Value> =
        known.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let key = stamp.to_string();
    if let Some(version) = known.get(&key).and_then(|version| version.as_str()) {
        return Some(version.to_owned());
    }
    let output = std::process::Command::new(&real).arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().trim_start_matches('v').to_owned();
    if version.is_empty() {
        return None;
    }
    if let (Some(file), Some(cache)) = (file, cache) {
        known.insert(key, version.clone().into());
        // Without the note the next run asks again.
        let _ = fs::create_dir_all(cache);
        let _ = package_manager::manifest_file::replace_file(
            &file,
            serde_json::Value::Object(known).to_string().as_bytes(),
        );
    }
    Some(version)
}

/// Node's name for this operating system.
pub fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

/// Node's name for this processor.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

/// The first executable file of this name in the directories of PATH.
pub fn find_on_path(process: &Process, name: &str) -> Option<PathBuf> {
    let path = process.variable("PATH")?;
    std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|file| is_executable(file))
}

#[cfg(unix)]
pub fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub fn is_executable(file: &Path) -> bool {
    file.is_file()
}
