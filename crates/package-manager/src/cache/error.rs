//! Why a cache cannot be looked after.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use dependency_resolver::FetchError;
use npm_formats::specifier::SpecifierError;
use package_store::StoreError;
use registry_client::{MetadataCache, RegistryError};

use crate::manifest_file::ManifestError;

/// Why a cache cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("{source}")]
    Specifier { source: Box<SpecifierError> },
    #[error("{text} is a {kind}; only what has a name and perhaps a version is listed")]
    NotListed { text: String, kind: &'static str },
    #[error("another process uses {}, so nothing was removed from it", .path.display())]
    InUse { path: PathBuf },
    #[error("could not read or change {}", .path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("could not start the threads that fetch packages")]
    Threads { source: io::Error },
    #[error("there is no set of packages {key} in {}", .folder.display())]
    NoSuchSet { key: String, folder: PathBuf },
    #[error("{key} begins the names of several sets: {}", .candidates.join(", "))]
    Ambiguous { key: String, candidates: Vec<String> },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl CacheError {
    pub(super) fn metadata(cache: &MetadataCache, source: io::Error) -> Self {
        Self::Folder { path: cache.path().to_owned(), source }
    }
}

impl diagnostics::Report for CacheError {
    fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Specifier { source } => source.code().into(),
            Self::NotListed { .. } | Self::NoSuchSet { .. } | Self::Ambiguous { .. } => "EUSAGE".into(),
            Self::InUse { .. } => "EINUSE".into(),
            Self::Folder { source, .. } | Self::Threads { source } => diagnostics::io_code(source).into(),
            Self::Store(error) => error.code().into(),
            Self::Registry(error) => error.code().into(),
            Self::Fetch(error) => error.code.clone().into(),
            Self::Manifest(error) => error.code(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::NotListed { .. } => one("run `knit cache ls <name>@<version>`"),
            Self::InUse { .. } => one("wait until other installations are done, then run it again"),
            Self::NoSuchSet { .. } | Self::Ambiguous { .. } => one("run `knit cache npx ls` to see them all"),
            Self::Folder { .. } => one("run `knit doctor permissions` to see what is wrong with it"),
            Self::Registry(error) => error.hint().into_iter().collect(),
            Self::Fetch(error) => error.hint.clone().into_iter().collect(),
            Self::Manifest(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}
