//! Why nothing was published.

use std::borrow::Cow;
use std::path::PathBuf;

use diagnostics::Report;
use serde_json::{Map, Value};

use crate::manifest_file::ManifestError;
use crate::pack::PackError;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the tag {tag} could be mistaken for a version: tags must not be valid SemVer ranges")]
    TagIsRange { tag: String },
    #[error("{tag:?} is no tag: it has characters that do not stand in a URL")]
    InvalidTag { tag: String },
    #[error("{name:?} is no name that a package can have")]
    InvalidName { name: String },
    #[error("{version:?} is no version")]
    InvalidVersion { version: String },
    #[error("{id} is a prerelease, and would become the latest version: it needs a tag of its own")]
    PrereleaseNeedsTag { id: String },
    #[error("{id} is marked as private")]
    Private { id: String },
    #[error("{name} has no scope, so access to it cannot be restricted")]
    Unscoped { name: String },
    #[error("provenance cannot be generated here")]
    ProvenanceNotMade,
    #[error("the provenance {} cannot be used: {problem}", .file.display())]
    Provenance { file: PathBuf, problem: String },
    #[error("no registry is set that {name} could be published to")]
    NoRegistry { name: String },
    #[error("publishing to {registry} requires you to be logged in")]
    NeedsLogin { registry: String },
    #[error("{id} is published already, and a version cannot be published twice")]
    Published { id: String },
    #[error("{id} would become {tag}, although {highest} is published, which is higher")]
    LatestIsHigher { id: String, highest: String, tag: String },
    #[error(transparent)]
    Pack(#[from] PackError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl Report for PublishError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::TagIsRange { .. } | Self::InvalidTag { .. } => "EINVALIDTAGNAME".into(),
            Self::InvalidName { .. } => "EINVALIDPACKAGENAME".into(),
            Self::InvalidVersion { .. } => "EBADSEMVER".into(),
            Self::PrereleaseNeedsTag { .. } | Self::LatestIsHigher { .. } => "ETAGREQUIRED".into(),
            Self::Private { .. } => "EPRIVATE".into(),
            Self::Unscoped { .. } => "EUNSCOPED".into(),
            Self::ProvenanceNotMade => "EUSAGE".into(),
            Self::Provenance { .. } => "EPROVENANCE".into(),
            Self::NoRegistry { .. } => "ENOREGISTRY".into(),
            Self::NeedsLogin { .. } => "ENEEDAUTH".into(),
            Self::Published { .. } => "EPUBLISHCONFLICT".into(),
            Self::Pack(error) => error.code(),
            Self::Manifest(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::TagIsRange { .. } | Self::InvalidTag { .. } => {
                "run `knit publish --tag <word>`, such as next or beta"
            }
            Self::InvalidName { .. } => "run `knit pkg set name=<name>`",
            Self::InvalidVersion { .. } => "run `knit version <newversion>`",
            Self::PrereleaseNeedsTag { .. } => {
                "run `knit publish --tag next`, or with --tag latest if everybody is to get it"
            }
            Self::LatestIsHigher { .. } => {
                "run `knit publish --tag <word>` for a release of an older line, or with --tag latest if everybody is to get it"
            }
            Self::Private { .. } => "run `knit pkg delete private` if it is to be published",
            Self::Unscoped { .. } => "run `knit pkg set name=@<scope>/<name>`, or publish without --access",
            Self::ProvenanceNotMade => {
                "run `knit publish --provenance-file <bundle>` with a bundle that the build server signed"
            }
            Self::NoRegistry { .. } => "run `knit config set registry=<address>`",
            Self::NeedsLogin { .. } => "run `knit login`",
            Self::Published { .. } => "run `knit version patch`, then publish again",
            Self::Provenance { .. } => {
                "make the bundle for exactly this tarball: `knit pack` gives the same bytes"
            }
            Self::Pack(error) => return error.hints(),
            Self::Manifest(error) => return error.hints(),
        };
        vec![hint.to_owned()]
    }

    fn details(&self) -> Map<String, Value> {
        match self {
            Self::Pack(error) => error.details(),
            Self::Manifest(error) => error.details(),
            _ => Map::new(),
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Pack(error) => error.exit_code(),
            _ => 1,
        }
    }
}
