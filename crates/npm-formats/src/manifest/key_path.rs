//! The paths of `npm pkg`: `scripts.test`, `keywords[0]`, `keywords[]`, `exports[./feature].import`.
//!
//! Source: npm 11.19.1. Deviations, each where npm loses data: deleting a name from an array removes nothing, and an
//! index far beyond the end of an array is refused. Strings have no members here, neither length nor characters.

use super::ManifestError;
use crate::json::print;
use serde_json::{Map, Number, Value};

/// How far beyond the end of an array an index may lie; the gap is filled with nulls.
const MAX_GAP: usize = 10_000;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    /// A member's name or an array's index.
    Name(String),
    /// `[]`, the place after the last item.
    Append,
}

/// What a path is to do with its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edit<'a> {
    Set(&'a Value),
    /// The same, replacing whatever stands in the way.
    Force(&'a Value),
    Delete,
}

/// What becomes of a list that has one item or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortLists {
    /// Its item, or nothing, as people are shown it.
    Unwrapped,
    /// It stays a list.
    Kept,
}

/// Reads a path: `scripts.test`, `keywords[0]`, `time[1.0.0]`. What the result is called follows npm: the path itself,
/// or for a member of each item of an array `authors[0].name` and so on. Nothing when there is nothing.
///
/// *Errors*: [`ManifestError::AppendInRead`].
pub fn get(
    data: &Map<String, Value>,
    path: &str,
    short_lists: ShortLists,
) -> Result<Vec<(String, Value)>, ManifestError> {
    let mut place: Option<&Value> = None;
    let mut label = String::new();
    for key in parse(path) {
        let Key::Name(name) = key else {
            return Err(ManifestError::AppendInRead { path: path.to_owned() });
        };
        if let Some(Value::Array(items)) = place
            && to_number(&name).is_none_or(|number| number.fract() != 0.0)
        {
            let members = items.iter().enumerate().filter_map(|(index, item)| {
                Some((format!("{label}[{index}].{name}"), item.get(&name)?.clone()))
            });
            return Ok(members.collect());
        }
        let next = match place {
            None => data.get(&name),
            Some(Value::Object(members)) => members.get(&name),
            Some(Value::Array(items)) => canonical_index(&name).and_then(|index| items.get(index)),
            Some(_) => None,
        };
        let Some(next) = next else { return Ok(Vec::new()) };
        place = Some(next);
        label.push_str(&name);
    }
    // npm unwraps a list of one, and says nothing of an empty list.
    let value = match place {
        Some(Value::Array(items)) if items.len() <= 1 && short_lists == ShortLists::Unwrapped => {
            items.first()
        }
        other => other,
    };
    Ok(value.map(|value| (path.to_owned(), value.clone())).into_iter().collect())
}

/// Applies an edit to a path. Containers on the way are made as needed, even to delete what is not there.
pub(super) fn edit(data: &mut Map<String, Value>, path: &str, edit: Edit<'_>) -> Result<(), ManifestError> {
    let keys = parse(path);
    let Some((first, rest)) = keys.split_first() else { return Ok(()) };
    let pass = Pass { path, edit };
    let mut edited = data.clone();
    // An empty root stays an object whatever the key is, which npm answers by losing the edit.
    if let Value::Object(members) = pass.apply(Value::Object(std::mem::take(&mut edited)), first, rest)? {
        *data = members;
    }
    Ok(())
}

struct Pass<'a> {
    path: &'a str,
    edit: Edit<'a>,
}

/// A key as it applies to one container.
enum Place {
    Name(String),
    Index(usize),
    /// A number that is no index: a property of an array that JSON does not show.
    Nowhere,
}

impl Pass<'_> {
    fn apply(&self, mut data: Value, key: &Key, rest: &[Key]) -> Result<Value, ManifestError> {
        if let Key::Name(name) = key
            && matches!(name.as_str(), "__proto__" | "constructor" | "prototype")
        {
            return Err(ManifestError::ForbiddenKey { key: name.clone() });
        }
        let is_index = is_index(key);
        if is_index && data.as_object().is_some_and(Map::is_empty) {
            data = Value::Array(Vec::new());
        }
        if let (Edit::Force(_), false, Value::Array(items)) = (self.edit, is_index, &mut data) {
            let members = std::mem::take(items).into_iter().enumerate();
            data = Value::Object(members.map(|(index, item)| (index.to_string(), item)).collect());
        }
        let place = self.place(&data, key)?;
        match rest.split_first() {
            Some((next, rest)) => {
                let inner = self.container(&data, &place, next)?;
                let inner = self.apply(inner, next, rest)?;
                self.put(&mut data, place, inner)?;
            }
            None => match self.edit {
                Edit::Set(value) | Edit::Force(value) => self.put(&mut data, place, value.clone())?,
                Edit::Delete => remove(&mut data, &place),
            },
        }
        Ok(data)
    }

    fn place(&self, data: &Value, key: &Key) -> Result<Place, ManifestError> {
        match (key, data) {
            (Key::Append, Value::Array(items)) => Ok(Place::Index(items.len())),
            (Key::Append, _) => Err(ManifestError::AppendToOther { path: self.path.to_owned() }),
            (Key::Name(name), Value::Array(_)) => {
                let index = to_number(name).map(spell).and_then(|name| canonical_index(&name));
                Ok(index.map_or(Place::Nowhere, Place::Index))
            }
            // A number is spelled as JavaScript spells it: `1.10` becomes `1.1`.
            (Key::Name(name), _) => Ok(Place::Name(to_number(name).map_or_else(|| name.clone(), spell))),
        }
    }

    /// What the rest of the path applies to.
    fn container(&self, data: &Value, place: &Place, next: &Key) -> Result<Value, ManifestError> {
        let existing = match (place, data) {
            (Place::Name(name), Value::Object(members)) => members.get(name),
            (Place::Index(index), Value::Array(items)) => items.get(*index),
            _ => None,
        };
        let is_guarded = matches!(self.edit, Edit::Set(_));
        match existing {
            Some(Value::Array(_)) if is_guarded && !is_index(next) => {
                Err(ManifestError::NameInArray { path: self.path.to_owned() })
            }
            Some(container @ (Value::Array(_) | Value::Object(_))) => Ok(container.clone()),
            Some(Value::Null) | None => Ok(Value::Object(Map::new())),
            Some(_) if is_guarded => {
                let key = match place {
                    Place::Name(name) => name.clone(),
                    Place::Index(index) => index.to_string(),
                    Place::Nowhere => String::new(),
                };
                Err(ManifestError::NotAContainer { key, path: self.path.to_owned() })
            }
            Some(_) => Ok(Value::Object(Map::new())),
        }
    }

    fn put(&self, data: &mut Value, place: Place, value: Value) -> Result<(), ManifestError> {
        match (place, data) {
            (Place::Name(name), Value::Object(members)) => {
                members.insert(name, value);
            }
            (Place::Index(index), Value::Array(items)) => {
                if index > items.len() + MAX_GAP {
                    return Err(ManifestError::IndexTooLarge { path: self.path.to_owned() });
                }
                items.resize(items.len().max(index + 1), Value::Null);
                if let Some(item) = items.get_mut(index) {
                    *item = value;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn remove(data: &mut Value, place: &Place) {
    match (place, data) {
        (Place::Name(name), Value::Object(members)) => drop(members.shift_remove(name)),
        (Place::Index(index), Value::Array(items)) if *index < items.len() => drop(items.remove(*index)),
        _ => {}
    }
}

fn is_index(key: &Key) -> bool {
    match key {
        Key::Append => true,
        Key::Name(name) => to_number(name).is_some(),
    }
}

/// An array index spelled the one way JavaScript knows it by.
fn canonical_index(name: &str) -> Option<usize> {
    crate::json::array_index(name).and_then(|index| usize::try_from(index).ok())
}

fn spell(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    Number::from_f64(number).map(|number| print(&Value::Number(number), "")).unwrap_or_default()
}

/// JavaScript's `Number(text)`, `None` for NaN. An empty text is zero.
fn to_number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    for (prefixes, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        if let Some(digits) = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)) {
            let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(radix)).collect();
            let digits = digits.filter(|digits| !digits.is_empty())?;
            return Some(
                digits.iter().fold(0.0, |number, digit| number * f64::from(radix) + f64::from(*digit)),
            );
        }
    }
    match text.trim_start_matches(['+', '-']) {
        "Infinity" => text.replace("Infinity", "inf").parse().ok(),
        digits if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => text.parse().ok(),
        _ => None,
    }
}

fn parse(path: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    parse_brackets(path.trim(), &mut keys);
    keys
}

/// Splits at the last `[…]` that has something in it and before it.
fn parse_brackets(text: &str, keys: &mut Vec<Key>) {
    let Some((before, inside, after)) = last_bracket(text) else {
        return parse_appends(text, keys);
    };
    parse_brackets(before, keys);
    keys.push(Key::Name(inside.to_owned()));
    if !after.is_empty() {
        parse_brackets(after, keys);
    }
}

fn last_bracket(text: &str) -> Option<(&str, &str, &str)> {
    let opens = text.match_indices('[').map(|(at, _)| at).filter(|at| *at > 0);
    let opens: Vec<usize> = opens.collect();
    opens.into_iter().rev().find_map(|open| {
        let inner = text.get(open + 1..)?;
        let close = inner.find(']').filter(|close| *close > 0)?;
        let after = inner.get(close + 1..)?;
        Some((text.get(..open)?, inner.get(..close)?, after.strip_prefix('.').unwrap_or(after)))
    })
}

/// Splits at every `[]`, and the rest at dots.
fn parse_appends(text: &str, keys: &mut Vec<Key>) {
    let Some(at) = text.rfind("[]") else {
        keys.extend(text.split('.').map(|name| Key::Name(name.to_owned())));
        return;
    };
    let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + 2..).unwrap_or(""));
    if !before.is_empty() {
        parse_appends(before, keys);
    }
    keys.push(Key::Append);
    let after = after.strip_prefix('.').unwrap_or(after);
    if !after.is_empty() {
        keys.extend(after.split('.').map(|name| Key::Name(name.to_owned())));
    }
}
