//! A version: three numbers, prerelease identifiers, build metadata. Order is in `precedence`, increments in
//! `increment`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::scan::{self, VersionText};
use crate::{MAX_SAFE_INTEGER, SemverError};

/// A version as node-semver understands it.
///
/// *Shape*: `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`; a leading `v` and surrounding white space are dropped. Loose
/// versions also take `=1.2.3`, leading zeros and a prerelease without hyphen (`1.2.3beta`).
///
/// Two versions are equal when neither precedes the other, so build metadata counts neither for `==` and hashing
/// nor for order; [`Version::compare_build`] is the order that looks at it. Printing leaves it out, as npm does.
#[derive(Clone)]
pub struct Version {
    pub(crate) numbers: [u64; 3],
    /// Absent in the ordinary `1.2.3`, which is then built and compared without touching the heap.
    labels: Option<Box<Labels>>,
}

/// Prerelease and build as one text, each in its printed form without `-` and `+`.
#[derive(Clone)]
struct Labels {
    text: Box<str>,
    prerelease_length: usize,
}

impl Version {
    /// The release `major.minor.patch`.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { numbers: [major, minor, patch], labels: None }
    }

    /// Parses a strict version.
    ///
    /// *Errors*: [`SemverError::VersionTooLong`], [`SemverError::InvalidVersion`], [`SemverError::NumberTooLarge`].
    pub fn parse(text: &str) -> Result<Self, SemverError> {
        Self::parse_as(text, false)
    }

    /// Parses a version by the rules that also accept `=1.2.3`, `01.2.3` and `1.2.3beta`.
    ///
    /// *Errors*: as [`Version::parse`].
    pub fn parse_loose(text: &str) -> Result<Self, SemverError> {
        Self::parse_as(text, true)
    }

    pub(crate) fn parse_as(text: &str, loose: bool) -> Result<Self, SemverError> {
        if scan::is_too_long(text) {
            return Err(SemverError::VersionTooLong);
        }
        let trimmed = scan::trim(text);
        let bare =
            if loose { scan::skip_prefix(trimmed) } else { trimmed.strip_prefix('v').unwrap_or(trimmed) };
        let parts = scan::version(bare, loose)
            .ok_or_else(|| SemverError::InvalidVersion { version: text.to_owned() })?;
        Self::from_text(parts, text)
    }

    /// `text` is only named in errors.
    fn from_text(parts: VersionText<'_>, text: &str) -> Result<Self, SemverError> {
        let number = |digits: &str, part: &'static str| {
            scan::safe_number(digits)
                .ok_or_else(|| SemverError::NumberTooLarge { part, version: text.to_owned() })
        };
        let numbers =
            [number(parts.major, "major")?, number(parts.minor, "minor")?, number(parts.patch, "patch")?];
        Ok(Self::labelled(numbers, &normalised(parts.prerelease), parts.build))
    }

    /// A version whose prerelease was recognised in some text; `""` is none.
    pub(crate) fn with_prerelease(numbers: [u64; 3], prerelease: &str) -> Self {
        Self::labelled(numbers, &normalised(prerelease), "")
    }

    /// Prerelease and build are kept as they are.
    pub(crate) fn labelled(numbers: [u64; 3], prerelease: &str, build: &str) -> Self {
        if prerelease.is_empty() && build.is_empty() {
            return Self { numbers, labels: None };
        }
        let text = [prerelease, build].concat().into_boxed_str();
        Self { numbers, labels: Some(Box::new(Labels { text, prerelease_length: prerelease.len() })) }
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.numbers[0]
    }

    /// The second number.
    pub fn minor(&self) -> u64 {
        self.numbers[1]
    }

    /// The third number.
    pub fn patch(&self) -> u64 {
        self.numbers[2]
    }

    /// Whether the version is a prerelease such as `1.0.0-rc.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease_text().is_empty()
    }

    /// The prerelease as printed, without its hyphen; `""` for a release.
    pub fn prerelease_text(&self) -> &str {
        self.labels.as_ref().map_or("", |labels| &labels.text[..labels.prerelease_length])
    }

    /// The prerelease's identifiers, none for a release.
    pub fn prerelease(&self) -> impl Iterator<Item = &str> {
        identifiers(self.prerelease_text())
    }

    /// The build metadata as written, without its plus sign; `""` where there is none.
    pub fn build_text(&self) -> &str {
        self.labels.as_ref().map_or("", |labels| &labels.text[labels.prerelease_length..])
    }

    /// The build's identifiers.
    pub fn build(&self) -> impl Iterator<Item = &str> {
        identifiers(self.build_text())
    }

    /// `major.minor.patch` without prerelease and build.
    pub fn release(&self) -> Version {
        Self { numbers: self.numbers, labels: None }
    }

    pub(crate) fn without_build(self) -> Self {
        if self.build_text().is_empty() {
            return self;
        }
        Self::with_prerelease(self.numbers, self.prerelease_text())
    }

    /// Prints the version with its build metadata, which [`fmt::Display`] leaves out.
    pub fn with_build(&self) -> String {
        match self.build_text() {
            "" => self.to_string(),
            build => format!("{self}+{build}"),
        }
    }
}

/// The identifiers of a prerelease or build; none in `""`.
pub(crate) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split('.').filter(|identifier| !identifier.is_empty())
}

/// A prerelease with its numbers as printed.
fn normalised(prerelease: &str) -> Cow<'_, str> {
    if !prerelease.split('.').any(|identifier| identifier.len() > 1 && identifier.starts_with('0')) {
        return Cow::Borrowed(prerelease);
    }
    let printed: Vec<&str> = prerelease.split('.').map(without_leading_zeros).collect();
    Cow::Owned(printed.join("."))
}

/// node-semver turns a numeric identifier into a number where it is below the largest safe integer, and keeps its
/// text where it is not.
fn without_leading_zeros(identifier: &str) -> &str {
    if !identifier.starts_with('0') || !identifier.bytes().all(|byte| byte.is_ascii_digit()) {
        return identifier;
    }
    if scan::number(identifier) >= MAX_SAFE_INTEGER {
        return identifier;
    }
    match identifier.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match self.prerelease_text() {
            "" => Ok(()),
            prerelease => write!(f, "-{prerelease}"),
        }
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_build())
    }
}

impl FromStr for Version {
    type Err = SemverError;

    fn from_str(text: &str) -> Result<Self, SemverError> {
        Self::parse(text)
    }
}
