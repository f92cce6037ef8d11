//! From the text of a lockfile to the model.

use super::conflict;
use super::{DEFAULT_LOCKFILE_VERSION, Lockfile, LockfileEntry, LockfileError};
use crate::json::access::is_truthy;
use crate::json::{Format, decode, parse_text};
use indexmap::IndexMap;
use serde_json::{Map, Value};

impl Lockfile {
    /// Reads any lockfile of npm's.
    ///
    /// Merge conflicts are resolved as npm resolves them, but the file keeps its indentation and line ending.
    /// Versions 2 and 3 fill `packages`; a version 1 file fills `dependencies` only. `file` names it in errors.
    ///
    /// Errors: [`LockfileError`] when the text is not JSON or a section has the wrong type. npm ignores such a file
    /// and resolves anew; whether to do so is left to the caller.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, LockfileError> {
        let text = decode(bytes);
        let (value, was_conflicted) = match parse_text(file, &text) {
            Ok(value) => (value, false),
            Err(source) => match conflict::split(&text) {
                Some(sides) => (sides.merge(file)?, true),
                None => return Err(LockfileError::Json { file: file.to_owned(), source: Box::new(source) }),
            },
        };
        let mut lockfile = Self::from_value(file, value)?;
        lockfile.format = Format::detect(&text);
        lockfile.was_conflicted = was_conflicted;
        Ok(lockfile)
    }

    fn from_value(file: &str, value: Value) -> Result<Self, LockfileError> {
        let mut members = match value {
            Value::Object(members) => members,
            other => return Err(shape(file, "the top level", "an object", &other)),
        };
        let original_lockfile_version =
            members.shift_remove("lockfileVersion").as_ref().and_then(version_number);
        let lockfile_version =
            original_lockfile_version.filter(|version| *version > 1).unwrap_or(DEFAULT_LOCKFILE_VERSION);
        let requires = members.shift_remove("requires").as_ref().is_some_and(is_truthy);
        let packages = take_object(file, &mut members, "packages")?;
        let dependencies = take_object(file, &mut members, "dependencies")?.unwrap_or_default();
        Ok(Self {
            name: take_text(&mut members, "name"),
            version: take_text(&mut members, "version"),
            lockfile_version,
            original_lockfile_version,
            requires,
            packages: entries(file, packages.unwrap_or_default())?,
            dependencies,
            extra: members,
            ..Self::default()
        })
    }
}

fn entries(
    file: &str,
    packages: Map<String, Value>,
) -> Result<IndexMap<String, LockfileEntry>, LockfileError> {
    let mut entries = IndexMap::with_capacity(packages.len());
    for (location, value) in packages {
        match value {
            Value::Object(members) => entries.insert(location, LockfileEntry(members)),
            other => return Err(shape(file, &format!("packages[{location:?}]"), "an object", &other)),
        };
    }
    Ok(entries)
}

fn take_object(
    file: &str,
    members: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<Map<String, Value>>, LockfileError> {
    match members.shift_remove(key) {
        None | Some(Value::Null | Value::Bool(false)) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(shape(file, &format!("{key:?}"), "an object", &other)),
    }
}

/// Takes a member that is a string; one of another type stays among the unknown ones.
fn take_text(members: &mut Map<String, Value>, key: &str) -> Option<String> {
    match members.shift_remove(key) {
        Some(Value::String(text)) => Some(text),
        Some(other) => {
            members.insert(key.to_owned(), other);
            None
        }
        None => None,
    }
}

fn version_number(value: &Value) -> Option<u32> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    // Saturates; a fraction or a negative number is no version.
    (number.fract() == 0.0 && number >= 0.0).then_some(number as u32)
}

fn shape(file: &str, member: &str, expected: &'static str, found: &Value) -> LockfileError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    LockfileError::Shape { file: file.to_owned(), member: member.to_owned(), expected, found }
}
