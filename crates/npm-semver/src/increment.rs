//! Increments of versions, and cutting them short.

use std::str::FromStr;

use crate::version::identifiers;
use crate::{MAX_SAFE_INTEGER, SemverError, Version, scan};

/// What to increment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReleaseType {
    Major,
    Premajor,
    Minor,
    Preminor,
    Patch,
    Prepatch,
    /// The prerelease's number; from a release to the first prerelease of the next patch.
    Prerelease,
    /// The prerelease's number, with a prerelease of the same release where there was none.
    Pre,
    /// From a prerelease to its release.
    Release,
}

impl ReleaseType {
    /// npm's word, such as `premajor`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Premajor => "premajor",
            Self::Minor => "minor",
            Self::Preminor => "preminor",
            Self::Patch => "patch",
            Self::Prepatch => "prepatch",
            Self::Prerelease => "prerelease",
            Self::Pre => "pre",
            Self::Release => "release",
        }
    }

    fn is_pre(self) -> bool {
        matches!(self, Self::Premajor | Self::Preminor | Self::Prepatch | Self::Prerelease | Self::Pre)
    }
}

impl FromStr for ReleaseType {
    type Err = SemverError;

    fn from_str(text: &str) -> Result<Self, SemverError> {
        const ALL: [ReleaseType; 9] = [
            ReleaseType::Major,
            ReleaseType::Premajor,
            ReleaseType::Minor,
            ReleaseType::Preminor,
            ReleaseType::Patch,
            ReleaseType::Prepatch,
            ReleaseType::Prerelease,
            ReleaseType::Pre,
            ReleaseType::Release,
        ];
        let found = ALL.into_iter().find(|release| release.as_str() == text);
        found.ok_or_else(|| SemverError::InvalidIncrement { release: text.to_owned() })
    }
}

/// The number a new prerelease begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrereleaseBase {
    #[default]
    Zero,
    One,
    /// No number: `1.0.0-beta`.
    None,
}

/// How a prerelease increment names the prerelease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Increment<'a> {
    /// Identifier before the number, such as `beta`; `""` is none.
    pub identifier: &'a str,
    pub base: PrereleaseBase,
    /// Whether the identifier may have leading zeros.
    pub loose: bool,
}

impl Version {
    /// The version after this one. Build metadata is kept.
    ///
    /// *Errors*: [`SemverError::InvalidIdentifier`], [`SemverError::EmptyIdentifier`],
    /// [`SemverError::IdentifierExists`], [`SemverError::NotPrerelease`].
    pub fn increment(&self, release: ReleaseType, how: Increment<'_>) -> Result<Version, SemverError> {
        if release.is_pre() {
            if how.identifier.is_empty() && how.base == PrereleaseBase::None {
                return Err(SemverError::EmptyIdentifier);
            }
            if !how.identifier.is_empty() && !scan::is_prerelease(how.identifier, how.loose) {
                return Err(SemverError::InvalidIdentifier { identifier: how.identifier.to_owned() });
            }
        }
        let [major, minor, patch] = self.numbers;
        let (numbers, prerelease) = match release {
            ReleaseType::Premajor => ([major.saturating_add(1), 0, 0], next_prerelease("", how)?),
            ReleaseType::Preminor => ([major, minor.saturating_add(1), 0], next_prerelease("", how)?),
            ReleaseType::Prepatch => ([major, minor, patch.saturating_add(1)], next_prerelease("", how)?),
            ReleaseType::Prerelease if !self.is_prerelease() => {
                ([major, minor, patch.saturating_add(1)], next_prerelease("", how)?)
            }
            ReleaseType::Prerelease | ReleaseType::Pre => {
                (self.numbers, next_prerelease(self.prerelease_text(), how)?)
            }
            ReleaseType::Release if !self.is_prerelease() => {
                return Err(SemverError::NotPrerelease { version: self.with_build() });
            }
            ReleaseType::Release => (self.numbers, String::new()),
            ReleaseType::Major | ReleaseType::Minor | ReleaseType::Patch => {
                (self.next_release(release), String::new())
            }
        };
        Ok(Version::labelled(numbers, &prerelease, self.build_text()))
    }

    /// The next release; a prerelease of it goes to it and no further.
    fn next_release(&self, release: ReleaseType) -> [u64; 3] {
        let [major, minor, patch] = self.numbers;
        let step = |is_ahead: bool| u64::from(!(is_ahead && self.is_prerelease()));
        match release {
            ReleaseType::Major => [major.saturating_add(step(minor == 0 && patch == 0)), 0, 0],
            ReleaseType::Minor => [major, minor.saturating_add(step(patch == 0)), 0],
            _ => [major, minor, patch.saturating_add(step(true))],
        }
    }

    /// The version with what is right of a part set to zero or dropped. The `pre` kinds change nothing.
    ///
    /// *Errors*: [`SemverError::InvalidIncrement`] for `pre` and `release`, which name no part.
    pub fn truncate(&self, release: ReleaseType) -> Result<Version, SemverError> {
        let [major, minor, patch] = self.numbers;
        match release {
            ReleaseType::Major => Ok(Version::new(major, 0, 0)),
            ReleaseType::Minor => Ok(Version::new(major, minor, 0)),
            ReleaseType::Patch => Ok(Version::new(major, minor, patch)),
            ReleaseType::Pre | ReleaseType::Release => {
                Err(SemverError::InvalidIncrement { release: release.as_str().to_owned() })
            }
            _ => Ok(self.clone()),
        }
    }
}

/// The prerelease after `current` (`""` is none): its last number plus one, or a new one under the identifier.
fn next_prerelease(current: &str, how: Increment<'_>) -> Result<String, SemverError> {
    let base = if how.base == PrereleaseBase::One { "1" } else { "0" };
    let mut parts: Vec<String> = identifiers(current).map(str::to_owned).collect();
    let last_number = parts.iter().rposition(|part| small_number(part).is_some());
    match last_number.and_then(|at| parts.get_mut(at)) {
        Some(part) => {
            if let Some(value) = small_number(part) {
                *part = (value + 1).to_string();
            }
        }
        None => {
            if !current.is_empty() && how.identifier == current && how.base == PrereleaseBase::None {
                return Err(SemverError::IdentifierExists);
            }
            parts.push(base.to_owned());
        }
    }
    if how.identifier.is_empty() {
        return Ok(parts.join("."));
    }
    let names: Vec<&str> = identifiers(how.identifier).collect();
    let is_same = names.len() <= parts.len() && names.iter().zip(&parts).all(|(name, part)| same(name, part));
    let has_number = parts.get(names.len()).is_some_and(|part| is_javascript_number(part));
    if is_same && has_number {
        return Ok(parts.join("."));
    }
    Ok(match how.base {
        PrereleaseBase::None => how.identifier.to_owned(),
        _ => format!("{}.{base}", how.identifier),
    })
}

/// The value of an identifier that node-semver holds as a number.
fn small_number(identifier: &str) -> Option<u64> {
    if identifier.is_empty() || !identifier.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(scan::number(identifier)).filter(|value| *value < MAX_SAFE_INTEGER)
}

fn same(name: &str, part: &str) -> bool {
    name == part || small_number(name).zip(small_number(part)).is_some_and(|(left, right)| left == right)
}

/// Whether JavaScript's `isNaN` says no of an identifier.
fn is_javascript_number(identifier: &str) -> bool {
    let radix = |letters: [char; 2], radix: u32| {
        let digits = identifier.strip_prefix('0').and_then(|rest| rest.strip_prefix(letters));
        digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
    };
    let unsigned = identifier.strip_prefix('-').unwrap_or(identifier);
    let is_decimal = unsigned.starts_with(|c: char| c.is_ascii_digit()) && identifier.parse::<f64>().is_ok();
    is_decimal
        || unsigned == "Infinity"
        || radix(['x', 'X'], 16)
        || radix(['o', 'O'], 8)
        || radix(['b', 'B'], 2)
}
