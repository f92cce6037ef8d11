//! What changed between two JSON values. Source: npm 11.19.1, just-diff.

use crate::json::access::coerce;
use serde_json::Value;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Name(String),
    Index(usize),
}

impl Key {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Index(index) => index.to_string(),
        }
    }

    pub(super) fn index(&self) -> Option<usize> {
        match self {
            Self::Name(name) => crate::json::array_index(name).and_then(|index| usize::try_from(index).ok()),
            Self::Index(index) => Some(*index),
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name)
    }

    pub(super) fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match value {
            Value::Array(items) => items.get(self.index()?),
            Value::Object(members) => members.get(&self.name()),
            _ => None,
        }
    }

    pub(super) fn get_mut<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
        match value {
            Value::Array(items) => items.get_mut(self.index()?),
            Value::Object(members) => members.get_mut(&self.name()),
            _ => None,
        }
    }

    /// Names that every JavaScript object has; npm never merges members called so.
    pub(super) fn is_object_prototype_member(&self) -> bool {
        const NAMES: [&str; 12] = [
            "constructor",
            "__defineGetter__",
            "__defineSetter__",
            "hasOwnProperty",
            "__lookupGetter__",
            "__lookupSetter__",
            "isPrototypeOf",
            "propertyIsEnumerable",
            "toString",
            "valueOf",
            "__proto__",
            "toLocaleString",
        ];
        NAMES.iter().any(|name| self.is(name))
    }
}

pub(super) enum Operation<'a> {
    Remove,
    Replace(&'a Value),
    Add(&'a Value),
}

pub(super) struct Change<'a> {
    pub(super) path: Vec<Key>,
    pub(super) operation: Operation<'a>,
}

/// The changes from `old` to `new`: removals last to first, then replacements, then additions. Nothing when either
/// is not a container.
pub(super) fn diff<'a>(old: &Value, new: &'a Value) -> Vec<Change<'a>> {
    let mut found = Found::default();
    found.compare(old, new, &[], &[]);
    let mut changes: Vec<Change<'a>> =
        found.removals.into_iter().rev().map(|path| Change { path, operation: Operation::Remove }).collect();
    changes.extend(
        found
            .replacements
            .into_iter()
            .map(|(path, value)| Change { path, operation: Operation::Replace(value) }),
    );
    changes.extend(
        found.additions.into_iter().map(|(path, value)| Change { path, operation: Operation::Add(value) }),
    );
    changes
}

#[derive(Default)]
struct Found<'a> {
    removals: Vec<Vec<Key>>,
    replacements: Vec<(Vec<Key>, &'a Value)>,
    additions: Vec<(Vec<Key>, &'a Value)>,
}

impl<'a> Found<'a> {
    /// `path` is where the values are in the new tree, `old_path` where removals must look for them.
    fn compare(&mut self, old: &Value, new: &'a Value, path: &[Key], old_path: &[Key]) {
        match (old, new) {
            (Value::Array(old), Value::Array(new)) => self.compare_arrays(old, new, path, old_path),
            (Value::Object(old), Value::Object(new)) => {
                let gone = old.keys().filter(|key| !new.contains_key(key.as_str()));
                self.removals.extend(gone.map(|key| join(old_path, Key::Name(key.clone()))));
                for (key, value) in new {
                    let path = join(path, Key::Name(key.clone()));
                    self.compare_member(old.get(key), value, &path, &path);
                }
            }
            _ => {}
        }
    }

    fn compare_arrays(&mut self, old: &[Value], new: &'a [Value], path: &[Key], old_path: &[Key]) {
        // Surplus items are taken from the end, unless the tails have more in common than the heads.
        let surplus = old.len().saturating_sub(new.len());
        let trimmed = if trims_from_end(old, new) { 0 } else { surplus };
        let gone = if trimmed > 0 { 0..trimmed } else { new.len()..old.len() };
        self.removals.extend(gone.map(|index| join(old_path, Key::Index(index))));
        for (index, value) in new.iter().enumerate() {
            let own = join(path, Key::Index(index));
            let earlier = join(path, Key::Index(index + trimmed));
            self.compare_member(old.get(index + trimmed), value, &own, &earlier);
        }
    }

    fn compare_member(&mut self, old: Option<&Value>, new: &'a Value, path: &[Key], old_path: &[Key]) {
        match (old, new) {
            (None, _) => self.additions.push((path.to_vec(), new)),
            (Some(old @ Value::Object(_)), Value::Object(_))
            | (Some(old @ Value::Array(_)), Value::Array(_)) => {
                self.compare(old, new, path, old_path);
            }
            (Some(old), _) if old == new => {}
            (Some(_), _) => self.replacements.push((path.to_vec(), new)),
        }
    }
}

fn trims_from_end(old: &[Value], new: &[Value]) -> bool {
    if old.len() <= new.len() {
        return true;
    }
    let same = |pair: &(&Value, &Value)| coerce(pair.0) == coerce(pair.1);
    let left = old.iter().zip(new).take_while(same).count();
    // npm counts from one position past the ends, where nothing equals nothing, and never looks at the first item.
    let right = 1 + old.iter().rev().zip(new.iter().skip(1).rev()).take_while(same).count();
    left >= if new.is_empty() { 0 } else { right }
}

fn join(path: &[Key], key: Key) -> Vec<Key> {
    path.iter().cloned().chain([key]).collect()
}
