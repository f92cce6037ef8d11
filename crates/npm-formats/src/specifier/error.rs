//! Why a text is no specifier.

use crate::package_name::{NameProblem, sentences};

/// Why a text is no specifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecifierError {
    #[error("invalid package name \"{name}\" of package \"{raw}\": {}", sentences(problems))]
    InvalidName { name: String, raw: String, problems: Vec<NameProblem> },
    #[error(
        "invalid tag name \"{tag}\" of package \"{raw}\": tags may not have any characters that \
         encodeURIComponent encodes"
    )]
    InvalidTag { tag: String, raw: String },
    #[error("unsupported URL type \"{protocol}\": {spec}")]
    UnsupportedProtocol { protocol: String, spec: String },
    #[error("invalid URL: {url}")]
    InvalidUrl { url: String },
    #[error("invalid file: URL, must comply with RFC 8089: {spec}")]
    InvalidFileUrl { spec: String },
    #[error("nested aliases not supported: {spec}")]
    NestedAlias { spec: String },
    #[error("aliases only work for registry dependencies: {spec}")]
    AliasOutsideRegistry { spec: String },
    #[error("aliases must have a name: {spec}")]
    AliasWithoutName { spec: String },
    /// The part behind the `#` of a git repository says two things.
    #[error("cannot override existing {existing} with a second {second}: {committish}")]
    AmbiguousCommittish { existing: &'static str, second: &'static str, committish: String },
    #[error("malformed percent-encoding: {text}")]
    MalformedEscape { text: String },
    #[error("invalid type \"{kind}\" of package \"{raw}\": a package URL can only be made of a version")]
    NoPackageUrl { kind: &'static str, raw: String },
}

impl SpecifierError {
    /// npm's or Node's code; `EINVALIDSPEC` where npm fails without one.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidName { .. } => "EINVALIDPACKAGENAME",
            Self::InvalidTag { .. } => "EINVALIDTAGNAME",
            Self::UnsupportedProtocol { .. } => "EUNSUPPORTEDPROTOCOL",
            Self::InvalidUrl { .. } => "ERR_INVALID_URL",
            Self::NoPackageUrl { .. } => "EINVALIDPURLTYPE",
            Self::InvalidFileUrl { .. }
            | Self::NestedAlias { .. }
            | Self::AliasOutsideRegistry { .. }
            | Self::AliasWithoutName { .. }
            | Self::AmbiguousCommittish { .. }
            | Self::MalformedEscape { .. } => "EINVALIDSPEC",
        }
    }
}
