//! Why a specifier leads nowhere, with Node's codes and wording.

use std::borrow::Cow;

use diagnostics::Report;
use serde_json::{Map, Value};

use crate::deprecation::{Field, From};

/// The JavaScript class of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    Error,
    TypeError,
    RangeError,
    UriError,
}

/// Node's errors of resolution; `Display` is Node's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("Invalid module \"{request}\" {reason}{}", From(base.as_deref()))]
    InvalidModuleSpecifier { request: String, reason: String, base: Option<String> },
    /// The file is not JSON, or a member has the wrong type.
    #[error("Invalid package config {path}{context}.")]
    MalformedPackageConfig { path: String, context: String },
    /// The file is there and cannot be read. `reason` is the operating system's, in libuv's words.
    #[error("Cannot read package config {path}{context}: {reason}.")]
    UnreadablePackageConfig { path: String, context: String, reason: String },
    /// The keys of "exports" contradict themselves. `base` is a URL here.
    #[error("Invalid package config {path}{}. {reason}", importing(base.as_deref()))]
    InvalidPackageConfig { path: String, base: Option<String>, reason: &'static str },
    /// `package` is the folder with a slash at its end, as in the next variants. `target` is JSON.
    #[error("{}", invalid_target(package, key, target, *field, base.as_deref()))]
    InvalidPackageTarget { package: String, key: String, target: Value, field: Field, base: Option<String> },
    #[error("Cannot find package '{package}' imported from {base}{}", suggestion(hint.as_deref()))]
    PackageNotFound { package: String, base: String, hint: Option<String> },
    #[error("Cannot find module '{path}' imported from {base}{}", suggestion(hint.as_deref()))]
    ModuleNotFound { path: String, base: String, url: String, hint: Option<String> },
    #[error(
        "Directory import '{path}' is not supported resolving ES modules imported from {base}{}",
        suggestion(hint.as_deref())
    )]
    UnsupportedDirImport { path: String, base: String, url: String, hint: Option<String> },
    #[error(
        "Package import specifier \"{specifier}\" is not defined{} imported from {base}",
        in_package(package.as_deref())
    )]
    PackageImportNotDefined { specifier: String, package: Option<String>, base: String },
    #[error("{}", not_exported(package, subpath, base.as_deref()))]
    PackagePathNotExported { package: String, subpath: String, base: Option<String> },
    #[error(
        "Failed to resolve module specifier \"{specifier}\" from \"{base}\": Invalid relative URL or base scheme is \
         not hierarchical."
    )]
    UnsupportedResolveRequest { specifier: String, base: String },
    #[error("File URL host must be \"localhost\" or empty on linux")]
    InvalidFileUrlHost { url: String },
    /// `require` of an import that names a builtin.
    #[error("The URL must be of scheme file")]
    InvalidUrlScheme { url: String },
    #[error("URI malformed")]
    UriMalformed { url: String },
    #[error("No such built-in module: {specifier}")]
    UnknownBuiltinModule { specifier: String },
    #[error("Unknown file extension \"{extension}\" for {path}")]
    UnknownFileExtension { extension: String, path: String },
    #[error("Unknown module format: {format} for URL {url}")]
    UnknownModuleFormat { format: String, url: String },
    #[error(
        "Only URLs with a scheme in: {} are supported by the default ESM loader. Received protocol '{protocol}'",
        if matches!(protocol.as_str(), "http:" | "https:") { "file and data" } else { "file, data, and node" }
    )]
    UnsupportedUrlScheme { url: String, protocol: String },
    /// CommonJS: nothing was found on the whole search.
    #[error("Cannot find module '{request}'{}", stack(require_stack))]
    CannotFindModule { request: String, require_stack: Vec<String> },
    /// CommonJS: "exports" or "imports" lead to a file that is not there.
    #[error("Cannot find module '{request}'")]
    CannotFindTarget { request: String, path: Option<String> },
    /// CommonJS: "main" leads nowhere and there is no index file.
    #[error("Cannot find module '{file}'. Please verify that the package.json has a valid \"main\" entry")]
    CannotFindMain { file: String, package_json: String, request: String },
}

impl ResolveError {
    /// Node's `error.code`; a URIError has none.
    pub fn node_code(&self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidModuleSpecifier { .. } => "ERR_INVALID_MODULE_SPECIFIER",
            Self::MalformedPackageConfig { .. }
            | Self::UnreadablePackageConfig { .. }
            | Self::InvalidPackageConfig { .. } => "ERR_INVALID_PACKAGE_CONFIG",
            Self::InvalidPackageTarget { .. } => "ERR_INVALID_PACKAGE_TARGET",
            Self::PackageNotFound { .. } | Self::ModuleNotFound { .. } => "ERR_MODULE_NOT_FOUND",
            Self::UnsupportedDirImport { .. } => "ERR_UNSUPPORTED_DIR_IMPORT",
            Self::PackageImportNotDefined { .. } => "ERR_PACKAGE_IMPORT_NOT_DEFINED",
            Self::PackagePathNotExported { .. } => "ERR_PACKAGE_PATH_NOT_EXPORTED",
            Self::UnsupportedResolveRequest { .. } => "ERR_UNSUPPORTED_RESOLVE_REQUEST",
            Self::InvalidFileUrlHost { .. } => "ERR_INVALID_FILE_URL_HOST",
            Self::InvalidUrlScheme { .. } => "ERR_INVALID_URL_SCHEME",
            Self::UriMalformed { .. } => return None,
            Self::UnknownBuiltinModule { .. } => "ERR_UNKNOWN_BUILTIN_MODULE",
            Self::UnknownFileExtension { .. } => "ERR_UNKNOWN_FILE_EXTENSION",
            Self::UnknownModuleFormat { .. } => "ERR_UNKNOWN_MODULE_FORMAT",
            Self::UnsupportedUrlScheme { .. } => "ERR_UNSUPPORTED_ESM_URL_SCHEME",
            Self::CannotFindModule { .. } | Self::CannotFindTarget { .. } | Self::CannotFindMain { .. } => {
                "MODULE_NOT_FOUND"
            }
        })
    }

    /// The class it is thrown as.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::InvalidModuleSpecifier { .. }
            | Self::PackageImportNotDefined { .. }
            | Self::UnsupportedResolveRequest { .. }
            | Self::InvalidFileUrlHost { .. }
            | Self::InvalidUrlScheme { .. }
            | Self::UnknownFileExtension { .. } => ErrorClass::TypeError,
            Self::UnknownModuleFormat { .. } => ErrorClass::RangeError,
            Self::UriMalformed { .. } => ErrorClass::UriError,
            _ => ErrorClass::Error,
        }
    }

    /// Node's `error.url`: where the missing file or the folder was expected.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::ModuleNotFound { url, .. } | Self::UnsupportedDirImport { url, .. } => Some(url),
            _ => None,
        }
    }
}

impl Report for ResolveError {
    fn code(&self) -> Cow<'static, str> {
        self.node_code().unwrap_or("ERR_INVALID_URI").into()
    }

    fn hints(&self) -> Vec<String> {
        let install = |request: &str| {
            let name = crate::package_name::PackageSpecifier::parse(request).map(|parsed| parsed.name)?;
            (!request.starts_with(['/', '#', '.']) && !request.contains(':')).then(|| {
                format!("run `knit install` if it is a dependency already, else `knit install {name}`")
            })
        };
        match self {
            Self::PackageNotFound { package, .. } => install(package).into_iter().collect(),
            Self::CannotFindModule { request, .. } => install(request).into_iter().collect(),
            Self::PackagePathNotExported { package, .. } => {
                vec![format!("run `knit pkg get exports --prefix {package}` to see what the package offers")]
            }
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Map<String, Value> {
        let mut details = Map::new();
        let mut tell = |name: &str, value: Value| _ = details.insert(name.to_owned(), value);
        if let Some(url) = self.url() {
            tell("url", url.into());
        }
        match self {
            Self::CannotFindModule { require_stack, .. } => {
                tell("requireStack", require_stack.clone().into())
            }
            Self::CannotFindTarget { path: Some(path), .. } => tell("path", path.clone().into()),
            Self::CannotFindMain { package_json, request, .. } => {
                tell("path", package_json.clone().into());
                tell("requestPath", request.clone().into());
            }
            _ => {}
        }
        details
    }
}

fn importing(base: Option<&str>) -> String {
    base.map_or_else(String::new, |base| format!(" while importing {base}"))
}

fn suggestion(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |hint| format!("\nDid you mean to import {}?", Value::from(hint)))
}

fn in_package(package: Option<&str>) -> String {
    package.map_or_else(String::new, |package| format!(" in package {package}package.json"))
}

fn stack(files: &[String]) -> String {
    if files.is_empty() { String::new() } else { format!("\nRequire stack:\n- {}", files.join("\n- ")) }
}

fn not_exported(package: &str, subpath: &str, base: Option<&str>) -> String {
    let base = From(base);
    match subpath {
        "." => format!("No \"exports\" main defined in {package}package.json{base}"),
        _ => format!(
            "Package subpath '{subpath}' is not defined by \"exports\" in {package}package.json{base}"
        ),
    }
}

fn invalid_target(package: &str, key: &str, target: &Value, field: Field, base: Option<&str>) -> String {
    // JavaScript's String(target), except that arrays and objects are JSON
    let text = target.as_str().map_or_else(|| target.to_string(), str::to_owned);
    let is_bare = field == Field::Exports && !text.is_empty() && !text.starts_with("./");
    let must = if is_bare { "; targets must start with \"./\"" } else { "" };
    let (text, base) = (Value::from(text), From(base));
    match key {
        "." => {
            format!(
                "Invalid \"exports\" main target {text} defined in the package config {package}package.json{base}{must}"
            )
        }
        _ => format!(
            "Invalid \"{field}\" target {text} defined for '{key}' in the package config {package}package.json{base}{must}"
        ),
    }
}
