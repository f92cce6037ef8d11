//! `JSON.parse` with npm's leniency, into `serde_json::Value`.

use super::{JsonError, array_index, decode};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The value of a JSON file.
///
/// A byte order mark is skipped; bytes that are not UTF-8 become U+FFFD. Repeated keys: the last value at the first
/// position. Keys that are array indices come first in ascending order, as in a JavaScript object. An escaped
/// lone surrogate becomes U+FFFD. Nesting is limited to 128 levels.
///
/// Errors: [`JsonError`], in which `file` is the name given here. Source: npm 11.19.1,
/// json-parse-even-better-errors.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Value, JsonError> {
    parse_text(file, &decode(bytes))
}

/// [`parse`] for text that is decoded already.
pub fn parse_text(file: &str, text: &str) -> Result<Value, JsonError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match deserialize(text) {
        Ok(value) => Ok(value),
        Err(error) => match replace_lone_surrogates(text).map(|repaired| deserialize(&repaired)) {
            Some(Ok(value)) => Ok(value),
            _ => Err(JsonError::new(file, text, &error)),
        },
    }
}

fn deserialize(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Builds values with the key order of JavaScript objects.
struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Seed)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut has_index = false;
        while let Some(key) = members.next_key::<String>()? {
            has_index |= array_index(&key).is_some();
            let value = members.next_value_seed(Seed)?;
            map.insert(key, value);
        }
        if has_index {
            map = indices_first(map);
        }
        Ok(Value::Object(map))
    }
}

fn indices_first(map: Map<String, Value>) -> Map<String, Value> {
    let mut members: Vec<(String, Value)> = map.into_iter().collect();
    members.sort_by_key(|(key, _)| array_index(key).unwrap_or(u32::MAX));
    members.into_iter().collect()
}

/// The text with every escaped surrogate that has no partner replaced by U+FFFD; `None` when there is none.
/// JavaScript strings may hold such code units, Rust's may not.
fn replace_lone_surrogates(text: &str) -> Option<String> {
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find('\\') {
        let escape = rest.get(at..)?;
        let length = match (surrogate(escape, 0xD800), escape.get(6..)) {
            (true, Some(next)) if surrogate(next, 0xDC00) => 12,
            (high, _) if high || surrogate(escape, 0xDC00) => {
                repaired.push_str(rest.get(..at)?);
                repaired.push_str("\\ufffd");
                changed = true;
                rest = escape.get(6..)?;
                continue;
            }
            // An escaped backslash must not be taken for the start of the next escape.
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        repaired.push_str(rest.get(..at + length)?);
        rest = rest.get(at + length..)?;
    }
    repaired.push_str(rest);
    changed.then_some(repaired)
}

/// Whether the text starts with the escape of a surrogate of the half that begins at `base`.
fn surrogate(text: &str, base: u32) -> bool {
    text.strip_prefix("\\u")
        .and_then(|digits| digits.get(..4))
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .is_some_and(|unit| unit & 0xFC00 == base)
}
