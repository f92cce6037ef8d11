//! Reading members of untrusted objects the way JavaScript does.

use super::print;
use serde_json::{Map, Value};

/// JavaScript's notion of true.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// The member, if it is there and true in JavaScript's sense.
pub(crate) fn truthy<'a>(members: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    members.get(key).filter(|value| is_truthy(value))
}

/// JavaScript's `String(value)`.
pub(crate) fn coerce(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => print(value, ""),
        Value::String(text) => text.clone(),
        Value::Object(_) => "[object Object]".to_owned(),
        Value::Array(items) => {
            let text = |item: &Value| if item.is_null() { String::new() } else { coerce(item) };
            items.iter().map(text).collect::<Vec<_>>().join(",")
        }
    }
}

/// A member that is a string.
pub(crate) fn text<'a>(members: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    members.get(key).and_then(Value::as_str)
}

/// The strings of a member that is an object; nothing for any other.
pub(crate) fn texts<'a>(
    members: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
    let object = members.get(key).and_then(Value::as_object);
    object.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

/// The strings of a member that is a list; a single string stands for a list of one.
pub(crate) fn list<'a>(
    members: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let items: &[Value] = match members.get(key) {
        Some(Value::Array(items)) => items,
        Some(single @ Value::String(_)) => std::slice::from_ref(single),
        _ => &[],
    };
    items.iter().filter_map(Value::as_str)
}
