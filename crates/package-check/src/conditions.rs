//! The order of conditions: the first that matches is taken, so that some positions hide what follows.

use serde_json::{Map, Value};

use crate::package::Package;
use crate::problem::Problems;
use crate::targets::place_below;

pub(crate) fn check(package: &Package, problems: &mut Problems) {
    let Some(exports) = package.manifest.get("exports") else { return };
    if let Value::Object(members) = exports {
        let subpaths = members.keys().filter(|key| key.starts_with('.')).count();
        if subpaths > 0 && subpaths < members.len() {
            let message = "it has both subpaths (with a dot) and conditions (without), which Node refuses";
            problems.error("mixed-exports", "exports", message, "put the conditions into the subpath \".\"");
            return;
        }
    }
    walk(exports, "exports", problems);
}

fn walk(value: &Value, place: &str, problems: &mut Problems) {
    match value {
        Value::Object(members) => {
            if !members.keys().any(|key| key.starts_with(['.', '#'])) {
                order(members, place, problems);
            }
            for (key, value) in members {
                walk(value, &place_below(place, key), problems);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, place, problems)),
        _ => {}
    }
}

fn order(members: &Map<String, Value>, place: &str, problems: &mut Problems) {
    let at = |key: &str| members.keys().position(|known| known == key);
    if let Some(default) = at("default")
        && default + 1 < members.len()
    {
        let hidden: Vec<&str> = members.keys().skip(default + 1).map(String::as_str).collect();
        let message =
            format!("\"default\" always matches, so {} behind it is never looked at", hidden.join(", "));
        problems.error("unreachable-condition", place, message, "make \"default\" the last condition");
    }
    if let Some(digits) =
        members.keys().find(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let message = format!("the condition {digits:?} is a number, which Node refuses");
        problems.error("invalid-condition", place, message, "give the condition a name");
    }
    let types = at("types");
    let first = members.keys().position(|key| !key.starts_with("types"));
    if let (Some(types), Some(first)) = (types, first)
        && types > first
    {
        let before = members.keys().nth(first).map(String::as_str).unwrap_or_default();
        let message =
            format!("\"types\" stands behind {before:?}: TypeScript takes the first condition that matches");
        problems.warning("types-not-first", place, message, "make \"types\" the first condition");
    }
}
