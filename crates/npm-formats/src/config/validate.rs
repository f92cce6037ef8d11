//! Whether values are what their keys accept. A value that is not is left out with a warning,
//! never an error, as in npm.

use npm_semver::Version;
use url::Url;

use super::coerce::{Context, number, umask};
use super::{Level, Type, Value, definition, parse_date};

/// A value that a key does not accept.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    pub key: String,
    pub value: Value,
    pub level: Level,
    /// What would be accepted, for people.
    pub expected: String,
}

/// A credential written where npm no longer reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthenticationProblem {
    /// The key has no meaning any more.
    Remove { key: String, level: Level },
    /// The key must name the registry it is for.
    Rename { from: String, to: String, level: Level },
}

/// The value as its key wants it, or `None` when the key does not accept it. A list keeps the items
/// that are accepted; `report` is called for each value that is not.
pub(super) fn clean(
    key: &str,
    value: Value,
    context: &Context<'_>,
    report: &mut dyn FnMut(Value, String),
) -> Option<Value> {
    let Some(definition) = definition(key) else { return Some(value) };
    let types = definition.types;
    let mut check = |item: Value| match accept(types, item.clone(), context) {
        Some(accepted) => Some(accepted),
        None => {
            report(item, describe(types));
            None
        }
    };
    match value {
        Value::List(items) if types.contains(&Type::List) => {
            Some(Value::List(items.into_iter().filter_map(check).collect()))
        }
        // A key that takes one value but was given several takes the last good one.
        Value::List(items) => items.into_iter().filter_map(check).next_back(),
        single => check(single).map(|value| {
            if types.contains(&Type::List) && value != Value::Null { Value::List(vec![value]) } else { value }
        }),
    }
}

fn accept(types: &[Type], value: Value, context: &Context<'_>) -> Option<Value> {
    let accepts_boolean = types.contains(&Type::Boolean);
    let value = match value {
        Value::Text(text) => read_again(types, text.trim(), accepts_boolean),
        // `--no-key` means null where the key takes null but no switch.
        Value::Boolean(false)
            if types.contains(&Type::Null) && !accepts_boolean && !types.contains(&Type::False) =>
        {
            Value::Null
        }
        other => other,
    };
    types.iter().find_map(|kind| accept_as(types, *kind, &value, context))
}

fn read_again(types: &[Type], text: &str, accepts_boolean: bool) -> Value {
    match text {
        "null" if types.contains(&Type::Null) => Value::Null,
        "true" if accepts_boolean => Value::Boolean(true),
        "false" if accepts_boolean || types.contains(&Type::False) => Value::Boolean(false),
        _ if types.contains(&Type::Number) && number(text).is_some() => {
            number(text).map_or(Value::Null, Value::Number)
        }
        _ => Value::from(text),
    }
}

fn accept_as(types: &[Type], kind: Type, value: &Value, context: &Context<'_>) -> Option<Value> {
    match (kind, value) {
        (Type::Null, Value::Null) => Some(Value::Null),
        // npm turns the name of a program given as `browser` into `true`; here it stays a name.
        (Type::Boolean, Value::Text(_)) if types.contains(&Type::Text) => None,
        (Type::Boolean, Value::Text(text)) => Some(Value::Boolean(match number(text) {
            Some(number) => number != 0.0,
            None => text != "null" && text != "false",
        })),
        (Type::Boolean, other) => Some(Value::Boolean(other.is_truthy())),
        (Type::False, Value::Boolean(false)) => Some(Value::Boolean(false)),
        (Type::Number, Value::Number(_)) => Some(value.clone()),
        (Type::Number, Value::Boolean(given)) => Some(Value::Number(f64::from(u8::from(*given)))),
        (Type::Number, Value::Null) => Some(Value::Number(0.0)),
        (Type::Text, other) => Some(Value::Text(other.to_string())),
        (Type::Word(word), Value::Text(text)) if word == text => Some(value.clone()),
        (Type::Integer(wanted), Value::Number(given)) if f64::from(wanted) == *given => Some(value.clone()),
        (Type::Path, Value::Null) => Some(Value::Null),
        (Type::Path, Value::Text(path)) => Some(Value::Text(context.absolute(path))),
        (Type::Url, Value::Text(text)) => {
            let url = Url::parse(text).ok()?;
            url.host_str().filter(|host| !host.is_empty())?;
            Some(Value::Text(url.to_string()))
        }
        (Type::Semver, Value::Text(text)) => {
            Version::parse(text).ok().map(|version| Value::Text(version.to_string()))
        }
        (Type::Umask, Value::Number(mask)) if (0.0..=511.0).contains(mask) => {
            Some(Value::Number(mask.floor()))
        }
        (Type::Umask, Value::Text(text)) => umask(text).map(|mask| Value::Number(f64::from(mask))),
        (Type::Date, Value::Date(_)) => Some(value.clone()),
        (Type::Date, Value::Text(text)) => parse_date(text, context.time_zone).map(Value::Date),
        (Type::Address, Value::Text(text)) => text.parse::<std::net::IpAddr>().ok().map(|_| value.clone()),
        _ => None,
    }
}

fn describe(types: &[Type]) -> String {
    // Where an address or a path is wanted, the other kinds are of no help.
    for (kind, text) in [(Type::Url, "a full URL with \"http://\""), (Type::Path, "a path")] {
        if types.contains(&kind) {
            return text.to_owned();
        }
    }
    let names: Vec<String> = types
        .iter()
        .filter_map(|kind| {
            Some(match kind {
                Type::List | Type::Url | Type::Path => return None,
                Type::Null => "null".to_owned(),
                Type::Boolean => "true or false".to_owned(),
                Type::False => "false".to_owned(),
                Type::Number => "a number".to_owned(),
                Type::Text => "text".to_owned(),
                Type::Word(word) => format!("\"{word}\""),
                Type::Integer(number) => number.to_string(),
                Type::Semver => "a full version".to_owned(),
                Type::Umask => "an octal number from 0 to 0o777".to_owned(),
                Type::Date => "a date".to_owned(),
                Type::Address => "an address of this machine".to_owned(),
            })
        })
        .collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
