//! What a script sees of its package, and where its programs are found.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use dependency_resolver::is_isolated;
use npm_formats::json;
use serde_json::{Map, Value};

/// `npm_package_name`, `npm_package_config_*` and the others: name, version, config, engines and bin,
/// flattened. Lists count their items, null and false are empty.
pub fn package_variables(manifest: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for key in ["name", "version", "config", "engines", "bin"] {
        let Some(value) = manifest.get(key) else { continue };
        let named;
        let value = match (key, value) {
            ("bin", value) => {
                named = normalized_bin(manifest, value);
                &named
            }
            (_, value) => value,
        };
        flatten(&format!("npm_package_{key}"), value, &mut out);
    }
    // What the system cannot carry is left out.
    out.retain(|(name, value)| !name.contains(['=', '\0']) && !value.contains('\0'));
    out
}

fn flatten(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null | Value::Bool(false) => out.push((name.to_owned(), String::new())),
        Value::Bool(true) => out.push((name.to_owned(), "true".to_owned())),
        Value::String(text) => out.push((name.to_owned(), text.clone())),
        Value::Number(_) => out.push((name.to_owned(), json::print(value, ""))),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(&format!("{name}_{at}"), item, out);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                flatten(&format!("{name}_{key}"), item, out);
            }
        }
    }
}

/// A `bin` that is one path belongs to the package's own name; paths lose their `./`.
fn normalized_bin(manifest: &Map<String, Value>, bin: &Value) -> Value {
    let bare = |path: &str| Value::from(path.trim_start_matches("./").trim_start_matches('/'));
    match bin {
        Value::String(path) => {
            let name = manifest.get("name").and_then(Value::as_str).unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or(name);
            Value::Object(Map::from_iter([(name.to_owned(), bare(path))]))
        }
        Value::Object(members) => {
            members.iter().filter_map(|(name, path)| Some((name.clone(), bare(path.as_str()?)))).collect()
        }
        _ => Value::Object(Map::new()),
    }
}

/// `NODE_PATH` for a script of a package in the isolated layout: the node_modules with what it depends on, which a
/// program that the script starts, being a package of its own, would not find.
pub fn module_path(directory: &Path, variables: &[(OsString, OsString)]) -> Option<OsString> {
    let text = directory.to_str()?;
    if !is_isolated(text) {
        return None;
    }
    let modules = text.get(..text.rfind("/node_modules/")? + "/node_modules".len())?;
    let mut path = OsString::from(modules);
    if let Some((_, inherited)) =
        variables.iter().find(|(name, value)| name == "NODE_PATH" && !value.is_empty())
    {
        path.push(":");
        path.push(inherited);
    }
    Some(path)
}

/// PATH for a script: the given directories, node_modules/.bin of the package's directory and of each
/// above it, the tools, then what PATH was.
pub fn search_path(
    directory: &Path,
    first: &[PathBuf],
    tools: Option<&Path>,
    inherited: Option<&OsStr>,
) -> OsString {
    let mut directories: Vec<PathBuf> = first.to_vec();
    directories.extend(directory.ancestors().map(|above| above.join("node_modules").join(".bin")));
    directories.extend(tools.map(Path::to_owned));
    // A directory whose name holds the separator cannot be in PATH at all.
    let separator = if cfg!(windows) { ';' } else { ':' };
    directories.retain(|directory| !directory.to_string_lossy().contains(separator));
    let mut path = std::env::join_paths(directories).unwrap_or_default();
    if let Some(inherited) = inherited.filter(|inherited| !inherited.is_empty()) {
        path.push(separator.to_string());
        path.push(inherited);
    }
    path
}
