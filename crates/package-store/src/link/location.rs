//! Places in a tree that a package may have.

use crate::error::{Result, StoreError};

// Compares as its text does, so that maps of places can be asked with it.
impl std::borrow::Borrow<str> for Location {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A package's place relative to the project, such as `node_modules/@scope/name`, that cannot lead anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Location(String);

impl Location {
    /// *Shape*: anything, `node_modules`, then `name` or `@scope/name`, separated by `/`.
    ///
    /// Errors: [`StoreError::Location`] for `..`, absolute paths, backslashes, control characters, and names that no
    /// package can have because they begin with a dot (`.bin`).
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let parts: Vec<_> = text.split('/').collect();
        let is_place = parts.iter().all(|part| is_sound(part))
            && match parts.as_slice() {
                [.., "node_modules", scope, name] if is_scope(scope) => is_name(name),
                [.., "node_modules", name] => is_name(name) && !name.starts_with('@'),
                _ => false,
            };
        if is_place {
            Ok(Self(text.to_owned()))
        } else {
            Err(StoreError::Location { location: text.to_owned() })
        }
    }

    /// The same for places that are only ever emptied, among which are whole entries of the isolated layout:
    /// `node_modules/.store/a@1.0.0-key`, with everything that is in them.
    ///
    /// Errors: as [`Self::parse`].
    pub(crate) fn parse_to_empty(text: &str) -> Result<Self> {
        let is_whole_entry = || text.split('/').all(is_sound) && is_isolated_entry(text);
        Self::parse(text)
            .or_else(|error| if is_whole_entry() { Ok(Self(text.to_owned())) } else { Err(error) })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory it is in, and its name there.
    pub(crate) fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }

    /// The package's name: with its scope.
    pub(crate) fn package_name(&self) -> &str {
        self.0.rsplit_once("node_modules/").map_or(&self.0, |(_, name)| name)
    }

    /// The `node_modules` it is in.
    pub(crate) fn node_modules(&self) -> &str {
        let end = self.0.len() - self.package_name().len();
        self.0.get(..end).unwrap_or_default().trim_end_matches('/')
    }
}

/// Where the isolated layout keeps packages.
pub(super) const ISOLATED: &str = ".store";

/// Whether a path is that of an entry of the isolated layout: a directory around the `node_modules` that one package
/// shares with links to what it depends on.
pub(super) fn is_isolated_entry(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        [.., "node_modules", ISOLATED, scope, name] if is_scope(scope) => is_name(name),
        [.., "node_modules", ISOLATED, name] => is_name(name) && !name.starts_with('@'),
        _ => false,
    }
}

/// Whether a part of a path leads nowhere but down.
fn is_sound(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(|c: char| c == '\\' || c.is_control())
}

fn is_scope(part: &str) -> bool {
    part.len() > 1 && part.starts_with('@')
}

fn is_name(part: &str) -> bool {
    !part.starts_with('.') && !part.eq_ignore_ascii_case("node_modules")
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn only_places_for_packages_are_locations() {
        for good in [
            "node_modules/a",
            "node_modules/@s/a",
            "node_modules/a/node_modules/@s/b",
            "packages/web/node_modules/a",
            "node_modules/.store/a@1.0.0/node_modules/a",
        ] {
            assert!(Location::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "node_modules",
            "/node_modules/a",
            "node_modules/../a",
            "node_modules/a/..",
            "../node_modules/a",
            "node_modules/a/b",
            "node_modules/@s",
            "node_modules/@/a",
            "node_modules/@s/../a",
            "node_modules/.bin",
            "node_modules/@s/.a",
            "node_modules//a",
            "node_modules/a/",
            "node_modules/..\\a",
            "node_modules/a\nb",
            "node_modules/node_modules",
            "node_modules/@s/node_modules",
            "node_modules/a/./node_modules/b",
            "node_modules/a\0",
            "C:\\node_modules/a",
            "node_modules/.package-lock.json",
        ] {
            assert!(Location::parse(bad).is_err(), "{bad}");
        }
        for (entry, is_one) in [
            ("node_modules/.store/a@1.0.0-key", true),
            ("node_modules/.store/@s/a@1.0.0-key", true),
            ("node_modules/.store/..", false),
            ("node_modules/.store/@s", false),
            ("node_modules/.store", false),
            ("node_modules/.store/@s/../a", false),
            ("../node_modules/.store/a", false),
            ("node_modules/.bin/a", false),
        ] {
            assert!(Location::parse(entry).is_err(), "{entry} is no place for a package");
            assert_eq!(Location::parse_to_empty(entry).is_ok(), is_one, "{entry}");
        }
        let location = Location::parse("p/node_modules/@s/a").expect("a location");
        assert_eq!((location.package_name(), location.node_modules()), ("@s/a", "p/node_modules"));
    }
}
