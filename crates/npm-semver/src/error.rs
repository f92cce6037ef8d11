//! What can be wrong with a version, a range or an increment.

/// Why a text is no version or range, or an increment cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SemverError {
    /// The version text is over [`MAX_LENGTH`](crate::MAX_LENGTH) code units.
    #[error("version is longer than {} characters", crate::MAX_LENGTH)]
    VersionTooLong,
    /// The text does not have the shape of a version.
    #[error("invalid version: {version}")]
    InvalidVersion { version: String },
    /// Major, minor or patch is over [`MAX_SAFE_INTEGER`](crate::MAX_SAFE_INTEGER).
    #[error("invalid {part} version: {version}")]
    NumberTooLarge { part: &'static str, version: String },
    /// The text does not have the shape of a comparator.
    #[error("invalid comparator: {comparator}")]
    InvalidComparator { comparator: String },
    /// No part of the text is a range, or (strict only) some part is not.
    #[error("invalid semver range: {range}")]
    InvalidRange { range: String },
    /// The increment's prerelease identifier is not one.
    #[error("invalid identifier: {identifier}")]
    InvalidIdentifier { identifier: String },
    /// A prerelease increment without number was asked for, and no identifier given.
    #[error("invalid increment argument: identifier is empty")]
    EmptyIdentifier,
    /// A prerelease increment without number would give the same version again.
    #[error("invalid increment argument: identifier already exists")]
    IdentifierExists,
    /// `release` was asked of a version that is no prerelease.
    #[error("version {version} is not a prerelease")]
    NotPrerelease { version: String },
    /// The word is no kind of increment.
    #[error("invalid increment argument: {release}")]
    InvalidIncrement { release: String },
}
