//! A single bound of a range, such as `>=1.2.3`.

use std::fmt;

use crate::{RangeOptions, SemverError, Version, scan};

/// How a comparator's version bounds others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// As printed in front of the version; nothing for [`Operator::Equal`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether versions above the bound pass.
    pub fn is_lower_bound(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }

    /// Whether versions below the bound pass.
    pub fn is_upper_bound(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }

    fn is_inclusive(self) -> bool {
        matches!(self, Self::LessOrEqual | Self::GreaterOrEqual)
    }

    /// Splits the operator off the front of a text.
    pub(crate) fn split(text: &str) -> (Self, &str) {
        for operator in [Self::GreaterOrEqual, Self::LessOrEqual, Self::Greater, Self::Less] {
            if let Some(rest) = text.strip_prefix(operator.as_str()) {
                return (operator, rest);
            }
        }
        (Self::Equal, text.strip_prefix('=').unwrap_or(text))
    }
}

/// A bound: an operator and a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparator {
    pub operator: Operator,
    pub version: Version,
}

impl Comparator {
    /// Parses one complete comparator (`>=1.2.3`, `1.2.3`); `None` is the empty one that any version passes.
    ///
    /// *Errors*: [`SemverError::InvalidComparator`], also for `x` parts; those of [`Version::parse`].
    pub fn parse(text: &str, options: RangeOptions) -> Result<Option<Self>, SemverError> {
        let trimmed = scan::trim(text);
        if trimmed.is_empty() {
            return Ok(None);
        }
        let (operator, rest) = Operator::split(trimmed);
        let bare = rest.trim_start_matches(scan::is_space);
        let version = Version::parse_as(bare, options.loose).map_err(|error| match error {
            SemverError::InvalidVersion { .. } => {
                SemverError::InvalidComparator { comparator: trimmed.to_owned() }
            }
            other => other,
        })?;
        Ok(Some(Self { operator, version: version.without_build() }))
    }

    /// Whether the version is within the bound, by precedence alone.
    pub fn test(&self, version: &Version) -> bool {
        match self.operator {
            Operator::Equal => *version == self.version,
            Operator::Less => *version < self.version,
            Operator::LessOrEqual => *version <= self.version,
            Operator::Greater => *version > self.version,
            Operator::GreaterOrEqual => *version >= self.version,
        }
    }

    /// Whether some version may be within both bounds.
    pub fn intersects(&self, other: &Self, include_prerelease: bool) -> bool {
        if self.operator == Operator::Equal {
            return crate::range::passes(std::slice::from_ref(other), &self.version, include_prerelease);
        }
        if other.operator == Operator::Equal {
            return crate::range::passes(std::slice::from_ref(self), &other.version, include_prerelease);
        }
        if self.admits_nothing(include_prerelease) || other.admits_nothing(include_prerelease) {
            return false;
        }
        if self.operator.is_lower_bound() == other.operator.is_lower_bound() {
            return true;
        }
        match self.version.cmp(&other.version) {
            std::cmp::Ordering::Equal => self.operator.is_inclusive() && other.operator.is_inclusive(),
            std::cmp::Ordering::Less => self.operator.is_lower_bound(),
            std::cmp::Ordering::Greater => self.operator.is_upper_bound(),
        }
    }

    /// `<0.0.0-0`, and where prereleases do not count all of `<0.0.0`.
    fn admits_nothing(&self, include_prerelease: bool) -> bool {
        self.operator == Operator::Less
            && self.version.numbers == [0, 0, 0]
            && (!include_prerelease || self.version.prerelease_text() == "0")
    }

    /// `<0.0.0-0`, the range that nothing satisfies.
    pub(crate) fn is_null(&self) -> bool {
        self.admits_nothing(true)
    }

    /// Whether both print alike.
    pub(crate) fn prints_as(&self, other: &Self) -> bool {
        self.operator == other.operator
            && self.version.numbers == other.version.numbers
            && self.version.prerelease_text() == other.version.prerelease_text()
    }
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator.as_str(), self.version)
    }
}
