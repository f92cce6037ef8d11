//! `scripts`, and the scripts that files of the package imply.

use super::PackageFolder;
use super::note::Notes;
use crate::json::access::truthy;
use serde_json::{Map, Value};

/// Removes what is not a string; with `strip`, also a leading `node_modules/.bin/` of each command.
pub(super) fn normalize(data: &mut Map<String, Value>, strip: bool, notes: &mut Notes) {
    match data.get_mut("scripts") {
        None | Some(Value::Null | Value::Array(_)) => {}
        Some(Value::Object(scripts)) => scripts.retain(|name, command| match command {
            Value::String(command) => {
                if let Some(rest) = strip_bin(command).filter(|_| strip) {
                    *command = rest.to_owned();
                    notes.changed(format_args!("scripts.{name}"), "without node_modules/.bin");
                }
                true
            }
            _ => {
                notes.removed(format_args!("scripts.{name}"), "it is not a string");
                false
            }
        }),
        Some(_) => {
            data.shift_remove("scripts");
            notes.removed("scripts", "it is not an object");
        }
    }
}

fn strip_bin(command: &str) -> Option<&str> {
    let separators = ['/', '\\'];
    let rest = command.strip_prefix('.').and_then(|rest| rest.strip_prefix(separators)).unwrap_or(command);
    let mut rest = rest.strip_prefix("node_modules")?.strip_prefix(separators)?.chars();
    // npm takes any character for the dot.
    rest.next().filter(|c| !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}'))?;
    rest.as_str().strip_prefix("bin")?.strip_prefix(separators)
}

/// `install` for a package with a `.gyp` file that has no install script of its own.
pub(super) fn add_gyp(data: &mut Map<String, Value>, folder: &dyn PackageFolder, notes: &mut Notes) {
    let has = |name: &str| script(data, name).is_some();
    if has("install") || has("preinstall") || data.get("gypfile") == Some(&Value::Bool(false)) {
        return;
    }
    let is_gyp = |name: &String| name.trim_end_matches('/').ends_with(".gyp") && !name.starts_with('.');
    if folder.list("").iter().any(is_gyp) && add(data, "install", "node-gyp rebuild") {
        data.insert("gypfile".to_owned(), Value::Bool(true));
        notes.changed("scripts.install", "\"node-gyp rebuild\"");
        notes.changed("gypfile", "true");
    }
}

/// `start` for a package with `server.js` that has no start script.
pub(super) fn add_server(data: &mut Map<String, Value>, folder: &dyn PackageFolder, notes: &mut Notes) {
    if script(data, "start").is_none() && folder.exists("server.js") && add(data, "start", "node server.js") {
        notes.changed("scripts.start", "\"node server.js\"");
    }
}

fn script<'a>(data: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    data.get("scripts").and_then(Value::as_object).and_then(|scripts| truthy(scripts, name))
}

fn add(data: &mut Map<String, Value>, name: &str, command: &str) -> bool {
    if truthy(data, "scripts").is_none() {
        data.insert("scripts".to_owned(), Value::Object(Map::new()));
    }
    let Some(Value::Object(scripts)) = data.get_mut("scripts") else { return false };
    scripts.insert(name.to_owned(), Value::from(command));
    true
}
