//! The answer.

use std::fmt;
use std::sync::Arc;

use crate::builtins::is_builtin;
use crate::deprecation::Deprecation;
use crate::error::ResolveError;
use crate::format::{Format, extension};
use crate::package_json::PackageJson;
use crate::reference::file_url;

/// Where a specifier leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A module of the runtime, by its name without `node:`. An `import` of `node:nothing` leads here, too: Node
    /// refuses it only when it is loaded.
    Builtin(String),
    /// A file that exists, and what an `import` had after its path: `?query#fragment`.
    File { path: Arc<str>, suffix: String },
    /// `data:`, `https:` or another scheme.
    Url(String),
}

impl Location {
    /// The address as `import.meta.resolve` gives it.
    pub fn url(&self) -> String {
        match self {
            Self::Builtin(name) => format!("node:{name}"),
            Self::File { path, suffix } => format!("{}{suffix}", file_url(path)),
            Self::Url(url) => url.clone(),
        }
    }

    /// The path of a file.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File { path, .. } => Some(path),
            _ => None,
        }
    }
}

/// The path of a file, `node:name`, or the URL.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "node:{name}"),
            Self::File { path, suffix } => write!(f, "{path}{suffix}"),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// Where a specifier leads and what is there.
#[derive(Clone, Debug)]
pub struct Resolution {
    pub location: Location,
    /// `None` where Node has none: an unknown extension, scheme or media type. Loading it is an error, which
    /// [`Resolution::load_format`] gives.
    pub format: Option<Format>,
    /// The package the file belongs to.
    pub package: Option<Arc<PackageJson>>,
    pub deprecations: Vec<Deprecation>,
}

impl Resolution {
    /// The format to load by. `has_module_syntax` is asked only about files whose package has no "type" and is
    /// given their path: DETECT_MODULE_SYNTAX, which needs a parser.
    ///
    /// Errors: what Node throws when it comes to loading: ERR_UNKNOWN_BUILTIN_MODULE, ERR_UNKNOWN_FILE_EXTENSION,
    /// ERR_UNKNOWN_MODULE_FORMAT, ERR_UNSUPPORTED_ESM_URL_SCHEME.
    pub fn load_format(
        &self,
        has_module_syntax: impl FnOnce(&str) -> bool,
    ) -> Result<Format, Box<ResolveError>> {
        match (&self.location, self.format) {
            (Location::Builtin(name), _) if !is_builtin(&format!("node:{name}")) => {
                Err(ResolveError::UnknownBuiltinModule { specifier: format!("node:{name}") }.into())
            }
            (Location::File { path, .. }, Some(format)) => Ok(format.settled(|| has_module_syntax(path))),
            (_, Some(format)) => Ok(format),
            (Location::File { path, .. }, None) => {
                let extension = extension(&file_url(path)).to_owned();
                Err(ResolveError::UnknownFileExtension { extension, path: path.to_string() }.into())
            }
            (location, None) => {
                let url = location.url();
                let protocol = url.split_inclusive(':').next().unwrap_or_default().to_owned();
                Err(Box::new(if protocol == "data:" {
                    let media_type = crate::format::media_type(&url).unwrap_or("null");
                    ResolveError::UnknownModuleFormat { format: media_type.to_owned(), url }
                } else {
                    ResolveError::UnsupportedUrlScheme { url, protocol }
                }))
            }
        }
    }
}
