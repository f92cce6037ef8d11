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
        let sound = |part: &&str| {
            !matches!(*part, "" | "." | "..") && !part.contains(|c: char| c == '\\' || c.is_control())
        };
        let is_place = parts.iter().all(sound)
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
        let location = Location::parse("p/node_modules/@s/a").expect("a location");
        assert_eq!((location.package_name(), location.node_modules()), ("@s/a", "p/node_modules"));
    }
}
