//! Lockfiles with unresolved merge conflicts, merged as npm merges them: what changed from the common ancestor to
//! our side is applied to their side.
//!
//! Source: npm 11.19.1, parse-conflict-json. Owns the split into sides and the application of changes; [`diff`] finds
//! the changes.

mod diff;

use super::LockfileError;
use crate::json::parse_text;
use diff::{Change, Key, Operation, diff};
use serde_json::{Map, Value};

/// The three versions of a file that git left in conflict.
pub(super) struct Sides {
    ours: String,
    theirs: String,
    parent: String,
}

enum State {
    Common,
    Ours,
    Theirs,
    Parent,
}

/// Splits a text at its conflict markers; `None` when it has none. A parent section (diff3 style) may be missing.
pub(super) fn split(text: &str) -> Option<Sides> {
    if !["<<<<<<<", "=======", ">>>>>>>"].iter().all(|marker| text.contains(marker)) {
        return None;
    }
    let mut sides = Sides { ours: String::new(), theirs: String::new(), parent: String::new() };
    let mut state = State::Common;
    for line in text.strip_prefix('\u{FEFF}').unwrap_or(text).split(['\n', '\r']) {
        if line.contains("|||||||") {
            state = State::Parent;
        } else if line.contains("<<<<<<<") {
            state = State::Ours;
        } else if line.contains("=======") {
            state = State::Theirs;
        } else if line.contains(">>>>>>>") {
            state = State::Common;
        } else {
            sides.add(&state, line);
        }
    }
    Some(sides)
}

impl Sides {
    fn add(&mut self, state: &State, line: &str) {
        let (ours, theirs, parent) = match state {
            State::Common => (true, true, true),
            State::Ours => (true, false, false),
            State::Theirs => (false, true, false),
            State::Parent => (false, false, true),
        };
        for (wanted, side) in [(ours, &mut self.ours), (theirs, &mut self.theirs), (parent, &mut self.parent)]
        {
            if wanted {
                side.push_str(line);
                side.push('\n');
            }
        }
    }

    /// The merged value. Errors: [`LockfileError::Conflict`] when a side is not JSON, or not an object.
    pub(super) fn merge(&self, file: &str) -> Result<Value, LockfileError> {
        let side = |side: &'static str, text: &str| {
            parse_text(file, text).map_err(|source| LockfileError::Conflict {
                file: file.to_owned(),
                side,
                source: Box::new(source),
            })
        };
        let ours = side("our", &self.ours)?;
        let mut theirs = side("their", &self.theirs)?;
        // Without a parent section the ancestor is what both sides have in common, which easily ends in a comma.
        // npm gives the whole lockfile up then.
        let parent = match parse_text(file, &self.parent) {
            Ok(parent) => parent,
            Err(_) => side("the common", &without_trailing_commas(&self.parent))?,
        };
        for change in diff(&parent, &ours) {
            if !change.path.iter().any(Key::is_object_prototype_member)
                && apply(&mut theirs, &change).is_none()
            {
                copy_path(&mut theirs, &ours, &change.path);
            }
        }
        Ok(theirs)
    }
}

/// Removes commas that stand before a closing bracket, outside strings.
fn without_trailing_commas(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character == '"' {
            in_string = true;
        } else if character == ',' {
            let next = text.get(index + 1..).unwrap_or("").trim_start();
            if next.starts_with(['}', ']']) {
                continue;
            }
        }
        result.push(character);
    }
    result
}

/// Applies one change; `None` when their side no longer has the place, though parents may have been created.
fn apply(target: &mut Value, change: &Change<'_>) -> Option<()> {
    let (last, parents) = change.path.split_last()?;
    // npm refuses this name on the way, after it has made room for what comes before it.
    let refused = |key: &Key| key.is("prototype");
    if refused(last) {
        return None;
    }
    let mut place = target;
    for key in parents {
        if refused(key) {
            return None;
        }
        place = match place {
            // What JavaScript does to a property of a primitive or an odd property of an array is lost.
            Value::Array(items) => {
                let Some(index) = key.index() else { return Some(()) };
                if index >= items.len() {
                    set_item(items, key, Value::Object(Map::new()));
                }
                items.get_mut(index)?
            }
            Value::Object(members) => members.entry(key.name()).or_insert_with(|| Value::Object(Map::new())),
            _ => return None,
        };
    }
    match (&change.operation, place) {
        (Operation::Remove, Value::Object(members)) => members.shift_remove(&last.name()).map(drop),
        (Operation::Remove, Value::Array(items)) => {
            let index = last.index().filter(|index| *index < items.len())?;
            items.remove(index);
            Some(())
        }
        (Operation::Replace(value), Value::Object(members)) => {
            members.get_mut(&last.name()).map(|place| *place = (*value).clone())
        }
        (Operation::Replace(value), Value::Array(items)) => {
            items.get_mut(last.index()?).map(|place| *place = (*value).clone())
        }
        (Operation::Add(value), Value::Object(members)) => {
            members.insert(last.name(), (*value).clone());
            Some(())
        }
        (Operation::Add(value), Value::Array(items)) => {
            set_item(items, last, (*value).clone());
            Some(())
        }
        (Operation::Add(_), Value::Null) => None,
        (Operation::Add(_), _) => Some(()),
        (Operation::Remove | Operation::Replace(_), _) => None,
    }
}

/// Puts our value where the two sides stop having the same kind of container.
fn copy_path(to: &mut Value, from: &Value, path: &[Key]) {
    let Some((key, rest)) = path.split_first() else {
        return;
    };
    let ours = key.get(from);
    match (key.get_mut(to), ours) {
        (Some(to @ Value::Object(_)), Some(from @ Value::Object(_)))
        | (Some(to @ Value::Array(_)), Some(from @ Value::Array(_))) => return copy_path(to, from, rest),
        _ => {}
    }
    match (to, ours) {
        (Value::Object(members), Some(value)) => {
            members.insert(key.name(), value.clone());
        }
        (Value::Object(members), None) => {
            members.shift_remove(&key.name());
        }
        (Value::Array(items), value) => set_item(items, key, value.cloned().unwrap_or_default()),
        _ => {}
    }
}

/// Assigns to an index, filling a gap with nulls, which is how JavaScript prints it.
fn set_item(items: &mut Vec<Value>, key: &Key, value: Value) {
    // Paths come from the sides themselves, so an index is never far beyond the end.
    let Some(index) = key.index() else { return };
    while items.len() <= index {
        items.push(Value::Null);
    }
    if let Some(place) = items.get_mut(index) {
        *place = value;
    }
}
