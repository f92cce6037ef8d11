//! The dependency sections, in every form npm has ever accepted.

use super::note::Notes;
use super::repository::canonical_dependency;
use crate::json::access::truthy;
use serde_json::{Map, Value};

/// `bundledDependencies` is the common misspelling; the other wins where both are there.
pub(super) fn respell_bundled(data: &mut Map<String, Value>, notes: &mut Notes) {
    if let Some(bundled) = data.shift_remove("bundledDependencies")
        && !data.contains_key("bundleDependencies")
    {
        data.insert("bundleDependencies".to_owned(), bundled);
        notes.changed("bundledDependencies", "spelled \"bundleDependencies\"");
    }
}

/// `true` means all of `dependencies`, an object its keys; `false` an empty list or, without `keep_false`, nothing.
pub(super) fn list_bundled(data: &mut Map<String, Value>, keep_false: bool, notes: &mut Notes) {
    const KEY: &str = "bundleDependencies";
    let keys = |value: Option<&Value>| -> Value {
        value
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| Value::from(name.as_str()))
            .collect()
    };
    let list = match data.get(KEY) {
        None | Some(Value::Array(_)) => return,
        Some(Value::Bool(true)) => keys(data.get("dependencies")),
        Some(Value::Bool(false)) if keep_false => Value::Array(Vec::new()),
        Some(names @ Value::Object(_)) => keys(Some(names)),
        Some(_) => {
            data.shift_remove(KEY);
            notes.removed(KEY, "it is not a list");
            return;
        }
    };
    data.insert(KEY.to_owned(), list);
    notes.changed(KEY, "a list of names");
}

/// Old packages repeat optional dependencies in `dependencies`, for npm versions that did not know of the former.
pub(super) fn dedupe_optional(data: &mut Map<String, Value>, notes: &mut Notes) {
    if truthy(data, "dependencies").is_none() {
        return;
    }
    let names: Vec<String> = match data.get("optionalDependencies") {
        Some(Value::Object(optional)) => optional.keys().cloned().collect(),
        Some(Value::Array(_)) => Vec::new(),
        _ => return,
    };
    let is_empty = match data.get_mut("dependencies") {
        Some(Value::Object(dependencies)) => {
            for name in names {
                if dependencies.shift_remove(&name).is_some() {
                    notes.removed(format_args!("dependencies.{name}"), "it is in optionalDependencies too");
                }
            }
            dependencies.is_empty()
        }
        Some(Value::Array(dependencies)) => dependencies.is_empty(),
        Some(Value::String(_)) => false,
        _ => true,
    };
    if is_empty {
        data.shift_remove("dependencies");
        notes.removed("dependencies", "it is empty");
    }
}

/// Makes the sections objects of strings.
pub(super) fn normalize(data: &mut Map<String, Value>, notes: &mut Notes) {
    for section in ["dependencies", "devDependencies", "optionalDependencies"] {
        let parsed = match data.get(section) {
            Some(Value::String(text)) if !text.is_empty() => {
                let words = text.trim().split(|c: char| c.is_whitespace() || c == ',');
                // Neighbouring separators are one, but a comma at an end leaves an empty name, as in npm.
                parse_list(collapse(words))
            }
            Some(Value::Array(items)) => parse_list(items.iter().filter_map(Value::as_str)),
            _ => continue,
        };
        data.insert(section.to_owned(), Value::Object(parsed));
        notes.changed(section, "an object");
    }
    for section in ["dependencies", "devDependencies"] {
        match data.get_mut(section) {
            None => {}
            Some(Value::Object(dependencies)) => normalize_section(section, dependencies, notes),
            Some(Value::Array(_)) => {}
            Some(_) => {
                data.shift_remove(section);
                notes.removed(section, "it is not an object");
            }
        }
    }
}

fn normalize_section(section: &str, dependencies: &mut Map<String, Value>, notes: &mut Notes) {
    dependencies.retain(|name, specifier| match specifier {
        Value::String(text) => {
            if let Some(canonical) = canonical_dependency(text).filter(|canonical| canonical != text) {
                notes.changed(format_args!("{section}.{name}"), format_args!("\"{canonical}\""));
                *text = canonical;
            }
            true
        }
        _ => {
            notes.removed(format_args!("{section}.{name}"), "it is not a string");
            false
        }
    });
}

/// Drops the empty words between two separators, but not those at the ends.
fn collapse<'a>(words: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let words: Vec<&str> = words.collect();
    let last = words.len().saturating_sub(1);
    words
        .into_iter()
        .enumerate()
        .filter(move |(index, word)| !word.is_empty() || *index == 0 || *index == last)
        .map(|(_, word)| word)
}

/// `name@range`, `name range`, `name>=1`: the name ends at the first of those signs.
fn parse_list<'a>(items: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    let mut dependencies = Map::new();
    for item in items {
        let item = item.trim();
        let sign = item.find(|c: char| matches!(c, '@' | '>' | '<' | '=') || c.is_whitespace());
        let sign = sign.unwrap_or(item.len());
        // A colon before the sign belongs to the range, and then so does an `@`.
        let colon = item.get(..sign).is_some_and(|name| name.ends_with(':') && sign < item.len());
        let (name, range) = item.split_at(if colon { sign - 1 } else { sign });
        let range = range.strip_prefix('@').unwrap_or(range);
        dependencies.insert(name.to_owned(), Value::from(range.trim()));
    }
    dependencies
}
