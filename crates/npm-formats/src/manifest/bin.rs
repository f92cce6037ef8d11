//! `bin`, `man` and the directories that fill them. Nothing that comes out leads out of the package.

use super::note::Notes;
use super::{PackageFolder, folder::walk};
use crate::json::access::truthy;
use crate::posix_path::{basename, normalize as normalize_path, secure};
use serde_json::{Map, Value};

/// Makes `bin` an object from safe names to safe paths, or removes it.
pub(super) fn normalize(data: &mut Map<String, Value>, notes: &mut Notes) {
    let commands = match (truthy(data, "bin"), truthy(data, "name")) {
        (Some(Value::Object(commands)), _) => commands.clone(),
        (Some(path @ Value::String(_)), Some(Value::String(name))) => {
            notes.changed("bin", "an object");
            Map::from_iter([(name.clone(), path.clone())])
        }
        (Some(Value::Array(paths)), _) => {
            notes.changed("bin", "an object");
            let paths = paths.iter().filter_map(Value::as_str);
            paths.map(|path| (basename(path).to_owned(), Value::from(path))).collect()
        }
        _ => {
            data.shift_remove("bin");
            return;
        }
    };
    let commands = safe_commands(commands, notes);
    if commands.is_empty() {
        notes.removed("bin", "it is empty");
        data.shift_remove("bin");
    } else {
        data.insert("bin".to_owned(), Value::Object(commands));
    }
}

fn safe_commands(mut commands: Map<String, Value>, notes: &mut Notes) -> Map<String, Value> {
    let names: Vec<String> = commands.keys().cloned().collect();
    for name in names {
        // A command may have been replaced by an earlier one that was renamed to it, but it never went away.
        let Some(target) = commands.get(&name).cloned() else { continue };
        let base = basename(&secure(&name)).to_owned();
        let path = target.as_str().map(secure).unwrap_or_default();
        if base.is_empty() || path.is_empty() {
            commands.shift_remove(&name);
            notes.removed(format_args!("bin.{name}"), "it does not name a file of the package");
            continue;
        }
        if base != name {
            commands.shift_remove(&name);
            notes.changed(format_args!("bin.{name}"), format_args!("called \"{base}\""));
        }
        if target.as_str() != Some(&path) {
            notes.changed(format_args!("bin.{base}"), format_args!("\"{path}\""));
        }
        commands.insert(base, Value::from(path));
    }
    commands
}

/// Fills `bin` from `directories.bin`, folders in it included, as npm does. Says whether it did.
pub(super) fn expand_directory(data: &mut Map<String, Value>, folder: Option<&dyn PackageFolder>) -> bool {
    let (Some(folder), None) = (folder, truthy(data, "bin")) else { return false };
    let Some(directory) = directory(data, "bin") else { return false };
    let commands = walk(folder, &directory).into_iter().map(|path| {
        let path = path.trim_end_matches('/');
        (basename(path).to_owned(), Value::from(format!("{directory}/{}", secure(path))))
    });
    let commands: Map<String, Value> = commands.collect();
    data.insert("bin".to_owned(), Value::Object(commands));
    true
}

fn directory(data: &Map<String, Value>, kind: &str) -> Option<String> {
    let directory = data.get("directories")?.get(kind)?.as_str()?;
    (!directory.is_empty()).then(|| secure(directory))
}

/// Fills `man` from `directories.man` and makes it a list of safe paths, or removes it.
pub(super) fn mans(data: &mut Map<String, Value>, folder: Option<&dyn PackageFolder>, notes: &mut Notes) {
    if let (Some(folder), None, Some(directory)) = (folder, truthy(data, "man"), directory(data, "man")) {
        let pages = walk(folder, &directory).into_iter().filter(|path| is_manual_page(path));
        let pages =
            pages.map(|path| Value::from(normalize_path(&format!("{directory}/{path}")).trim_matches('/')));
        let pages: Vec<Value> = pages.collect();
        data.insert("man".to_owned(), Value::Array(pages));
    }
    let pages = match truthy(data, "man") {
        Some(Value::Array(pages)) => pages.clone(),
        Some(page) => vec![page.clone()],
        None => {
            data.shift_remove("man");
            return;
        }
    };
    let all = pages.len();
    let pages: Vec<Value> =
        pages.iter().filter_map(Value::as_str).map(|page| Value::from(secure(page))).collect();
    if pages.len() < all {
        notes.removed("man", "not everything in it is a string");
    }
    if pages.is_empty() {
        notes.removed("man", "it is empty");
        data.shift_remove("man");
    } else {
        data.insert("man".to_owned(), Value::Array(pages));
    }
}

fn is_manual_page(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.strip_suffix(|c: char| c.is_ascii_digit()).is_some_and(|rest| rest.ends_with('.'))
}

/// Notes the commands whose files are not there.
pub(super) fn note_missing(data: &Map<String, Value>, folder: &dyn PackageFolder, notes: &mut Notes) {
    for (name, target) in data.get("bin").and_then(Value::as_object).into_iter().flatten() {
        if let Some(path) = target.as_str().filter(|path| !folder.exists(&secure(path))) {
            notes.doubted(format_args!("bin.{name}"), format_args!("points to {path}, which is not there"));
        }
    }
}
