//! People: `Name <mail> (url)` and the object with the same parts.

use crate::json::access::{coerce, truthy};
use serde_json::{Map, Value};

/// An author, contributor or maintainer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The name.
    pub name: Option<String>,
    /// The mail address.
    pub email: Option<String>,
    /// The web address.
    pub url: Option<String>,
}

impl Person {
    /// Reads `Name <mail> (url)`, in which every part may be missing.
    pub fn parse(text: &str) -> Self {
        let name = text.split(['(', '<']).next().map(str::trim).filter(|name| !name.is_empty());
        Self {
            name: name.map(str::to_owned),
            email: enclosed(text, '<', '>').map(str::to_owned),
            url: enclosed(text, '(', ')').map(str::to_owned),
        }
    }

    /// Reads a string, or an object with `name`, `email` or `mail`, and `url` or `web`.
    pub fn from_value(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Object(members) => {
                let part = |key| truthy(members, key).map(coerce);
                let name = part("name").unwrap_or_default();
                let email = part("email").or_else(|| part("mail"));
                let url = part("url").or_else(|| part("web"));
                let email = email.map(|email| format!(" <{email}>")).unwrap_or_default();
                let url = url.map(|url| format!(" ({url})")).unwrap_or_default();
                // npm goes through the text form, so odd parts come out the same way.
                Self::parse(&format!("{name}{email}{url}"))
            }
            _ => Self::default(),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let parts = [("name", &self.name), ("email", &self.email), ("url", &self.url)];
        let parts =
            parts.into_iter().filter_map(|(key, part)| Some((key.to_owned(), Value::from(part.clone()?))));
        Value::Object(parts.collect::<Map<_, _>>())
    }
}

/// The first text between the two that holds neither.
fn enclosed(text: &str, open: char, close: char) -> Option<&str> {
    text.split(open).skip(1).find_map(|piece| {
        piece.split_once(close).map(|(inside, _)| inside).filter(|inside| !inside.is_empty())
    })
}
