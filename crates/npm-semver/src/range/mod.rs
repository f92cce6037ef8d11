//! Ranges: what they are, how they print, and which versions satisfy them. Parsing is in `parse` and `desugar`,
//! questions about whole ranges in `algebra` and `subset`.

mod algebra;
mod desugar;
mod parse;
mod subset;

use std::fmt;

use smallvec::SmallVec;

use crate::{Comparator, SemverError, Version};

pub use algebra::Side;

/// How a range is read and tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RangeOptions {
    /// Accept loose versions, and ignore parts that are no comparator as long as something is left.
    pub loose: bool,
    /// Let prereleases pass wherever precedence does, not only beside a bound of the same `major.minor.patch`.
    pub include_prerelease: bool,
}

impl RangeOptions {
    /// Strict parsing, prereleases only beside a prerelease bound.
    pub const STRICT: Self = Self { loose: false, include_prerelease: false };
    /// Loose parsing: how npm reads the ranges of dependencies.
    pub const LOOSE: Self = Self { loose: true, include_prerelease: false };
}

/// A range: alternatives (`||`), each a list of comparators that must all hold.
///
/// *Shape*: `^1.2.3`, `~1.2`, `1.x || >=2.5.0`, `1.2 - 1.4`, `*`, `""`. Prints in node-semver's normal form, in
/// which any version is `""`; [`valid_range`] writes that as `*`.
#[derive(Clone, PartialEq, Eq)]
pub struct Range {
    /// The comparators of all alternatives, one after the other. An alternative that any version passes has none.
    comparators: SmallVec<[Comparator; 2]>,
    /// Where each alternative but the last ends in `comparators`.
    ends: SmallVec<[usize; 2]>,
    options: RangeOptions,
}

impl Range {
    /// The range that every release satisfies: `*`.
    pub fn any() -> Self {
        Self { comparators: SmallVec::new(), ends: SmallVec::new(), options: RangeOptions::STRICT }
    }

    /// Parses a range.
    ///
    /// *Errors*: [`SemverError::InvalidRange`] where strictly read a part is no comparator, or loosely none is;
    /// [`SemverError::NumberTooLarge`] and [`SemverError::VersionTooLong`] of a bound.
    pub fn parse(text: &str, options: RangeOptions) -> Result<Self, SemverError> {
        parse::parse(text, options)
    }

    /// How the range was read.
    pub fn options(&self) -> RangeOptions {
        self.options
    }

    /// The alternatives, at least one. An empty list of comparators is the one that any version passes.
    pub fn alternatives(&self) -> impl Iterator<Item = &[Comparator]> {
        let mut start = 0;
        self.ends.iter().copied().chain([self.comparators.len()]).map(move |end| {
            let alternative = self.comparators.get(start..end).unwrap_or_default();
            start = end;
            alternative
        })
    }

    /// Whether the range is `*`: every release satisfies it.
    pub fn is_any(&self) -> bool {
        self.ends.is_empty() && self.comparators.is_empty()
    }

    /// The version that is the only one to satisfy the range, as in `1.2.3` or `=1.2.3`.
    pub fn exact(&self) -> Option<&Version> {
        match (self.comparators.as_slice(), self.ends.is_empty()) {
            ([only], true) if only.operator == crate::Operator::Equal => Some(&only.version),
            _ => None,
        }
    }

    /// Whether the version satisfies the range.
    pub fn satisfies(&self, version: &Version) -> bool {
        let include_prerelease = self.options.include_prerelease;
        if self.ends.is_empty() {
            return passes(&self.comparators, version, include_prerelease);
        }
        self.alternatives().any(|alternative| passes(alternative, version, include_prerelease))
    }

    /// [`Range::satisfies`] for a text, read as loosely as the range was; no version satisfies nothing.
    pub fn satisfies_str(&self, version: &str) -> bool {
        Version::parse_as(version, self.options.loose).is_ok_and(|version| self.satisfies(&version))
    }

    /// The highest version that satisfies the range; the first of equal ones.
    pub fn max_satisfying<'a>(&self, versions: impl IntoIterator<Item = &'a Version>) -> Option<&'a Version> {
        let passing = versions.into_iter().filter(|version| self.satisfies(version));
        passing.reduce(|highest, version| if version > highest { version } else { highest })
    }

    /// The lowest version that satisfies the range; the first of equal ones.
    pub fn min_satisfying<'a>(&self, versions: impl IntoIterator<Item = &'a Version>) -> Option<&'a Version> {
        let passing = versions.into_iter().filter(|version| self.satisfies(version));
        passing.reduce(|lowest, version| if version < lowest { version } else { lowest })
    }

    /// [`Range::max_satisfying`] for texts, read as loosely as the range was; those that are no version are passed
    /// over.
    pub fn max_satisfying_str<'a>(&self, versions: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let better = |version: &Version, best: &Version| version > best;
        self.best_str(versions, better)
    }

    /// [`Range::min_satisfying`] for texts.
    pub fn min_satisfying_str<'a>(&self, versions: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let better = |version: &Version, best: &Version| version < best;
        self.best_str(versions, better)
    }

    fn best_str<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a str>,
        better: impl Fn(&Version, &Version) -> bool,
    ) -> Option<&'a str> {
        let mut best: Option<(Version, &str)> = None;
        for text in texts {
            let Ok(version) = Version::parse_as(text, self.options.loose) else { continue };
            if self.satisfies(&version) && best.as_ref().is_none_or(|(held, _)| better(&version, held)) {
                best = Some((version, text));
            }
        }
        best.map(|(_, text)| text)
    }
}

/// Whether a version passes all comparators of an alternative.
pub(crate) fn passes(alternative: &[Comparator], version: &Version, include_prerelease: bool) -> bool {
    if !alternative.iter().all(|comparator| comparator.test(version)) {
        return false;
    }
    if include_prerelease || !version.is_prerelease() {
        return true;
    }
    // A prerelease passes only beside a prerelease bound of the same release: `^1.2.3-beta.1` admits 1.2.3-beta.2,
    // but not 1.2.4-beta.1.
    alternative
        .iter()
        .any(|comparator| comparator.version.numbers == version.numbers && comparator.version.is_prerelease())
}

/// The range's normal form, `*` for any version; `None` where the text is no range.
pub fn valid_range(text: &str, options: RangeOptions) -> Option<String> {
    let printed = Range::parse(text, options).ok()?.to_string();
    Some(if printed.is_empty() { "*".to_owned() } else { printed })
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.alternatives().enumerate() {
            if index > 0 {
                f.write_str("||")?;
            }
            for (index, comparator) in alternative.iter().enumerate() {
                let space = if index > 0 { " " } else { "" };
                write!(f, "{space}{comparator}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Range({self})")
    }
}
