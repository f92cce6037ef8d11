//! Patterns over package names, alone or with a range of versions.

use std::fmt;

use npm_formats::package_name::{PackageName, split_range};
use npm_semver::{Range, RangeOptions, Version};

/// Versions in patterns are a list of what is meant, so that prereleases between them are meant too.
const RANGE_OPTIONS: RangeOptions = RangeOptions { loose: true, include_prerelease: true };

/// Why a text is no pattern: the end of a sentence that begins with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct InvalidPattern {
    problem: String,
}

impl InvalidPattern {
    fn new(problem: impl Into<String>) -> InvalidPattern {
        InvalidPattern { problem: problem.into() }
    }
}

/// Names of packages: one, or all that begin alike.
///
/// *Shape*: `left-pad`, `@acme/tool`, `@acme/*`, `acme-*`, `*`. A star stands at the end only, and matches anything,
/// scopes included.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum NamePattern {
    /// One name.
    Exact(PackageName),
    /// Every name that begins so.
    Prefix(Box<str>),
}

/// Which of some names a pattern means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meeting {
    None,
    Some,
    All,
}

impl NamePattern {
    /// Every name.
    pub fn any() -> NamePattern {
        NamePattern::Prefix("".into())
    }

    /// Reads a pattern.
    ///
    /// *Errors*: a star in the middle, or what could be part of no name.
    pub fn parse(text: &str) -> Result<NamePattern, InvalidPattern> {
        let Some(prefix) = text.strip_suffix('*') else {
            if text.contains('*') {
                return Err(InvalidPattern::new("has a star that is not at its end"));
            }
            let name = PackageName::parse(text).map_err(|_| InvalidPattern::new("is no package name"))?;
            return Ok(NamePattern::Exact(name));
        };
        if prefix.contains('*') {
            return Err(InvalidPattern::new("has more than one star"));
        }
        // a prefix is good when some name begins with it
        let completed = match prefix {
            "@" => "@x/x".to_owned(),
            _ if prefix.starts_with('@') && !prefix.contains('/') => format!("{prefix}/x"),
            _ => format!("{prefix}x"),
        };
        PackageName::parse(&completed)
            .map(|_| NamePattern::Prefix(prefix.into()))
            .map_err(|_| InvalidPattern::new("is the beginning of no package name"))
    }

    /// Whether it means a name.
    pub fn matches(&self, name: &PackageName) -> bool {
        match self {
            NamePattern::Exact(exact) => exact == name,
            NamePattern::Prefix(prefix) => name.as_str().starts_with(&**prefix),
        }
    }

    /// Which of the names that begin so it means.
    pub(super) fn meets(&self, beginning: &str) -> Meeting {
        match self {
            NamePattern::Exact(exact) if exact.as_str().starts_with(beginning) => Meeting::Some,
            NamePattern::Prefix(prefix) if beginning.starts_with(&**prefix) => Meeting::All,
            NamePattern::Prefix(prefix) if prefix.starts_with(beginning) => Meeting::Some,
            NamePattern::Exact(_) | NamePattern::Prefix(_) => Meeting::None,
        }
    }

    /// Whether every name that `other` means is meant by this one.
    pub fn covers(&self, other: &NamePattern) -> bool {
        match (self, other) {
            (NamePattern::Exact(exact), NamePattern::Exact(other)) => exact == other,
            (NamePattern::Exact(_), NamePattern::Prefix(_)) => false,
            (NamePattern::Prefix(prefix), NamePattern::Exact(name)) => name.as_str().starts_with(&**prefix),
            (NamePattern::Prefix(prefix), NamePattern::Prefix(other)) => other.starts_with(&**prefix),
        }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamePattern::Exact(name) => formatter.write_str(name.as_str()),
            NamePattern::Prefix(prefix) => write!(formatter, "{prefix}*"),
        }
    }
}

impl fmt::Debug for NamePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Versions of packages: names, and which of their versions.
///
/// *Shape*: a [`NamePattern`], with `@` and a range where not all versions are meant: `left-pad@1.3.0`,
/// `@acme/*@<2 || 3.0.0-rc.1`. Prereleases belong to a range that surrounds them.
#[derive(Clone, PartialEq, Eq)]
pub struct PackagePattern {
    names: NamePattern,
    versions: Option<Range>,
}

impl PackagePattern {
    /// Reads a pattern.
    ///
    /// *Errors*: a name pattern that is none, or a range that is none.
    pub fn parse(text: &str) -> Result<PackagePattern, InvalidPattern> {
        let (names, versions) = split_range(text);
        let versions = versions
            .map(|range| {
                Range::parse(range, RANGE_OPTIONS)
                    .map_err(|_| InvalidPattern::new(format!("has \"{range}\" for a range of versions")))
            })
            .transpose()?;
        Ok(PackagePattern { names: NamePattern::parse(names)?, versions })
    }

    /// Whether it means a name, whatever the version.
    pub fn matches_name(&self, name: &PackageName) -> bool {
        self.names.matches(name)
    }

    /// Whether it means a version of a name. What is no version is meant only where all versions are.
    pub fn matches(&self, name: &PackageName, version: Option<&Version>) -> bool {
        self.names.matches(name)
            && match (&self.versions, version) {
                (None, _) => true,
                (Some(range), Some(version)) => range.satisfies(version),
                (Some(range), None) => range.is_any(),
            }
    }
}

impl From<NamePattern> for PackagePattern {
    fn from(names: NamePattern) -> PackagePattern {
        PackagePattern { names, versions: None }
    }
}

impl fmt::Display for PackagePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.names)?;
        self.versions.as_ref().map_or(Ok(()), |range| write!(formatter, "@{range}"))
    }
}

impl fmt::Debug for PackagePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PackageName {
        PackageName::parse(text).expect("a package name")
    }

    #[test]
    fn a_pattern_means_one_name_or_all_that_begin_alike() {
        for (pattern, meant, not_meant) in [
            ("left-pad", vec!["left-pad"], vec!["left-pad2", "@s/left-pad"]),
            ("@acme/*", vec!["@acme/a"], vec!["@acme2/a", "acme"]),
            ("@acme*", vec!["@acme/a", "@acme-labs/a"], vec!["@ac/me"]),
            ("acme-*", vec!["acme-x"], vec!["acme", "@acme/x"]),
            ("@*", vec!["@a/b"], vec!["a"]),
            ("*", vec!["a", "@a/b"], vec![]),
        ] {
            let parsed = NamePattern::parse(pattern).expect(pattern);
            assert_eq!(parsed.to_string(), pattern);
            assert!(meant.iter().all(|text| parsed.matches(&name(text))), "{pattern}");
            assert!(!not_meant.iter().any(|text| parsed.matches(&name(text))), "{pattern}");
        }
        for wrong in ["", "a*b", "**", "@acme", "@acme/", "../*", "a b", ".x*", "@/*"] {
            assert!(NamePattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_narrows_a_pattern() {
        for (pattern, of, version, expected) in [
            ("a", "a", "1.0.0", true),
            ("a@1.0.0", "a", "1.0.0", true),
            ("a@1.0.0", "a", "1.0.1", false),
            ("@s/a@^1", "@s/a", "1.5.0-rc.1", true),
            ("@s/*@<2", "@s/b", "1.9.9", true),
            ("@s/*@<2", "@t/b", "1.9.9", false),
            ("*@1.x || 3", "b", "3.1.0", true),
            ("*@1.x || 3", "b", "2.1.0", false),
        ] {
            let parsed = PackagePattern::parse(pattern).expect(pattern);
            let version = Version::parse(version).expect(version);
            assert_eq!(parsed.matches(&name(of), Some(&version)), expected, "{pattern} {version}");
        }
        assert!(PackagePattern::parse("a@not-a-range!").is_err());
        assert!(!PackagePattern::parse("a@1").unwrap().matches(&name("a"), None));
        assert!(PackagePattern::parse("a").unwrap().matches(&name("a"), None));
    }
}
