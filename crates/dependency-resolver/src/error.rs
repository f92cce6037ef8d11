//! What can go wrong in resolution.

use std::sync::Arc;

use crate::explain::Conflict;
use crate::overrides::OverridesError;

/// Why metadata of one package could not be had, as the caller's [`crate::Metadata`] reports it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    /// npm's code: `E404`, `ETARGET`, `ENOVERSIONS`, ...
    pub code: String,
    /// One sentence that names the package or URL.
    pub message: String,
    /// What the reader can do.
    pub hint: Option<String>,
    /// The error behind it, for causes.
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl FetchError {
    /// An error without hint or cause.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: None, source: None }
    }
}

/// A package that could not be loaded, and who asked for it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{name}@{spec}, which {required_by} asks for, could not be loaded")]
pub struct LoadError {
    /// The name asked for.
    pub name: String,
    /// The spec asked for.
    pub spec: String,
    /// The dependent, such as `a@1.0.0 in node_modules/a`; `the project` for the root.
    pub required_by: String,
    /// What happened.
    pub source: FetchError,
}

/// Why there is no tree.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// A package that must be there could not be loaded (its code is the fetch's).
    #[error(transparent)]
    Load(#[from] Box<LoadError>),
    /// Metadata outside the tree (a requested package) could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Peer dependencies contradict each other (`ERESOLVE`).
    #[error("unable to resolve dependency tree: {}", .0.summary())]
    Conflict(Box<Conflict>),
    /// The root's overrides cannot be read (`EINVALIDOVERRIDE`).
    #[error(transparent)]
    Overrides(#[from] OverridesError),
    /// An override contradicts a direct dependency (`EOVERRIDE`).
    #[error("override for {name}@{spec} conflicts with direct dependency")]
    OverrideConflict { name: String, spec: String },
    /// An override refers to a dependency that the root does not have.
    #[error("unable to resolve reference {reference} in overrides")]
    OverrideReference { reference: String },
    /// `npm update` takes names only (`EUPDATEARGS`).
    #[error("update arguments must only contain package names, eg: npm update {name}")]
    UpdateArguments { name: String },
    /// The lockfile names a link target that it does not have (`EMISSINGTARGET`).
    #[error("missing target in lock file: {target:?} is referenced by {location:?} but does not exist")]
    MissingTarget { location: String, target: String },
    /// The lockfile places a package outside the project's own folders (`EINVALIDLOCATION`).
    #[error("invalid lockfile entry: {location:?} is not a place for a package")]
    InvalidLocation { location: String },
    /// Dependencies displace each other for ever (`EUNSETTLED`); npm goes round in circles there.
    #[error("the dependencies of {location:?} displace each other without end")]
    Unsettled { location: String },
    /// A package does not run on this engine and `engine-strict` is set (`EBADENGINE`).
    #[error("unsupported engine for {package}: wanted {required}, this is node {node}")]
    Engine { package: String, required: String, node: String },
    /// A package does not run on this platform (`EBADPLATFORM`).
    #[error("unsupported platform for {package}: wanted {required}, this is {current}")]
    Platform { package: String, required: String, current: String },
}

impl ResolveError {
    /// npm's code for it.
    pub fn code(&self) -> &str {
        match self {
            Self::Load(error) => &error.source.code,
            Self::Fetch(error) => &error.code,
            Self::Conflict(_) => "ERESOLVE",
            Self::Overrides(_) | Self::OverrideReference { .. } => "EINVALIDOVERRIDE",
            Self::OverrideConflict { .. } => "EOVERRIDE",
            Self::UpdateArguments { .. } => "EUPDATEARGS",
            Self::MissingTarget { .. } => "EMISSINGTARGET",
            Self::InvalidLocation { .. } => "EINVALIDLOCATION",
            Self::Unsettled { .. } => "EUNSETTLED",
            Self::Engine { .. } => "EBADENGINE",
            Self::Platform { .. } => "EBADPLATFORM",
        }
    }
}
