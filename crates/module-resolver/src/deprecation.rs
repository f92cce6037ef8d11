//! What Node warns of while resolving.

use std::fmt;

/// One deprecation, with the sentence that Node prints. Telling each only once is the caller's business.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Deprecation {
    /// `DEP0128`, `DEP0151`, `DEP0155` or `DEP0166`.
    pub code: &'static str,
    pub message: String,
}

impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.code, self.message)
    }
}

/// Which of "exports" and "imports" is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    Exports,
    Imports,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exports => "exports",
            Self::Imports => "imports",
        })
    }
}

/// ` imported from BASE`, or nothing.
pub(crate) struct From<'a>(pub Option<&'a str>);

impl fmt::Display for From<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |base| write!(f, " imported from {base}"))
    }
}

/// DEP0128: a "main" that leads nowhere, with an index file beside it.
pub(crate) fn invalid_main(package_json: &str, main: &str) -> Deprecation {
    let message = format!(
        "Invalid 'main' field in '{package_json}' of '{main}'. Please either fix that or report it to the module \
         author"
    );
    Deprecation { code: "DEP0128", message }
}

/// DEP0151: an ES module found by index lookup or by adding an extension to "main".
pub(crate) fn legacy_index(folder: &str, main: Option<&str>, file: &str, base: &str) -> Deprecation {
    let message = match main {
        None => format!(
            "No \"main\" or \"exports\" field defined in the package.json for {folder} resolving the main entry \
             point \"{file}\", imported from {base}.\nDefault \"index\" lookups for the main are deprecated for \
             ES modules."
        ),
        Some(main) => format!(
            "Package {folder} has a \"main\" field set to \"{main}\", excluding the full filename and extension \
             to the resolved file at \"{file}\", imported from {base}.\n Automatic extension resolution of the \
             \"main\" field is deprecated for ES modules."
        ),
    };
    Deprecation { code: "DEP0151", message }
}

/// DEP0155: a subpath that ends in a slash and meets a pattern.
pub(crate) fn trailing_slash(subpath: &str, package_json: &str, base: Option<&str>) -> Deprecation {
    let message = format!(
        "Use of deprecated trailing slash pattern mapping \"{subpath}\" in the \"exports\" field module resolution \
         of the package at {package_json}{}. Mapping specifiers ending in \"/\" is no longer supported.",
        From(base)
    );
    Deprecation { code: "DEP0155", message }
}

/// What DEP0166 is about.
pub(crate) struct EmptySegment<'a> {
    pub target: &'a str,
    pub request: &'a str,
    pub key: &'a str,
    pub package_json: &'a str,
    pub field: Field,
    pub base: Option<&'a str>,
    /// Whether the empty segment is the target's, not the request's.
    pub in_target: bool,
}

/// DEP0166: an empty segment in a target or in what a pattern matched.
pub(crate) fn empty_segment(about: &EmptySegment<'_>) -> Deprecation {
    let EmptySegment { target, request, key, package_json, field, base, in_target } = about;
    let guilty = if *in_target { target } else { request };
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    let is_double = guilty.as_bytes().windows(2).any(|pair| pair.iter().all(is_slash));
    let what = if is_double { "double slash" } else { "leading or trailing slash matching" };
    let matched = if request == key { String::new() } else { format!("matched to \"{key}\" ") };
    let message = format!(
        "Use of deprecated {what} resolving \"{target}\" for module request \"{request}\" {matched}in the \
         \"{field}\" field module resolution of the package at {package_json}{}.",
        From(*base)
    );
    Deprecation { code: "DEP0166", message }
}
