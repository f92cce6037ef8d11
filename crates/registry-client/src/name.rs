//! Package names as parts of URLs.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::error::RegistryError;

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// The same, and the `@` of a scope.
const KEPT: AsciiSet = COMPONENT.remove(b'@');

/// Any text as one segment of a path, as JavaScript's `encodeURIComponent` writes it: a user, a team, a tag.
pub fn path_segment(text: &str) -> String {
    match text {
        // these two would mean another path, however they are written
        "." | ".." => text.replace('.', "%252e"),
        _ => utf8_percent_encode(text, &COMPONENT).to_string(),
    }
}

/// A name as npm writes it in URLs: `@scope%2fname`, all else percent-encoded.
///
/// # Errors
/// `InvalidName` for what could mean another path: empty parts, parts that begin with a dot, and slashes
/// that separate no scope.
pub fn escaped(name: &str) -> Result<String, RegistryError> {
    let invalid = || RegistryError::InvalidName { name: name.to_owned() };
    let whole = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('/');
    let encoded = |part: &str| utf8_percent_encode(part, &KEPT).to_string();
    match name.split_once('/') {
        None if whole(name) && !name.starts_with('@') => Ok(encoded(name)),
        Some((scope, rest)) if scope.len() > 1 && scope.starts_with('@') && whole(scope) && whole(rest) => {
            Ok(format!("{}%2f{}", encoded(scope), encoded(rest)))
        }
        _ => Err(invalid()),
    }
}

/// A path below a registry's address, whatever slashes either has at the seam.
///
/// # Errors
/// `InvalidUrl` when the two do not make a URL.
pub(crate) fn below(registry: &Url, path: &str) -> Result<Url, RegistryError> {
    let joined = format!("{}/{}", registry.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
    Url::parse(&joined).map_err(|error| RegistryError::InvalidUrl { url: joined, problem: error.to_string() })
}

/// The `name@version` of a message.
pub(crate) fn identifier(name: Option<&str>, version: Option<&str>) -> Option<Arc<str>> {
    match (name, version) {
        (Some(name), Some(version)) => Some(format!("{name}@{version}").into()),
        (Some(name), None) => Some(name.into()),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_part_of_a_path() {
        let rows = [
            ("lodash", Some("lodash")),
            ("JSONStream", Some("JSONStream")),
            ("@scope/name", Some("@scope%2fname")),
            ("a b?c#d", Some("a%20b%3Fc%23d")),
            ("%2e%2e", Some("%252e%252e")),
            ("", None),
            ("@scope", None),
            ("@/name", None),
            ("@scope/", None),
            ("@scope/a/b", None),
            ("a/b", None),
            ("..", None),
            ("@scope/..", None),
            (".hidden", None),
        ];
        for (name, expected) in rows {
            assert_eq!(escaped(name).ok().as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn a_registry_below_a_path_keeps_it() {
        for registry in ["https://registry.example/npm", "https://registry.example/npm/"] {
            let url = below(&Url::parse(registry).unwrap(), "/lodash").unwrap();
            assert_eq!(url.as_str(), "https://registry.example/npm/lodash");
        }
    }
}
