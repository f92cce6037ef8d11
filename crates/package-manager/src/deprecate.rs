//! `deprecate`: a notice on versions of a package, or its end. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::{Range, RangeOptions};
use registry_client::{ApiRequest, RegistryClient};
use serde_json::Value;

use crate::writable_packument::WritablePackument;

/// What is to be deprecated.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The package.
    pub name: String,
    range: Range,
    /// The range as it was given.
    pub text: String,
}

impl Subject {
    /// Reads `name`, which means all of its versions, or `name@range`.
    ///
    /// *Errors*: `EINVALIDRANGE` for tags and for what no registry has.
    pub fn parse(argument: &str) -> Result<Self, Diagnostic> {
        let specifier = Specifier::parse(argument, "/")
            .map_err(|error| Diagnostic::error(error.code(), error.to_string()))?;
        let invalid = || {
            let text = format!("{argument} names no versions: deprecated are versions and ranges, not tags");
            Diagnostic::error("EINVALIDRANGE", text)
                .with_hint("run `knit deprecate <name>@<range> <message>`")
        };
        let is_range = matches!(specifier.kind(), SpecifierKind::Version | SpecifierKind::Range);
        let (Some(name), Some(text)) = (specifier.name(), specifier.fetch_spec().filter(|_| is_range)) else {
            return Err(invalid());
        };
        let options = RangeOptions { include_prerelease: true, ..RangeOptions::LOOSE };
        let range = Range::parse(text, options).map_err(|_| invalid())?;
        Ok(Self { name: name.to_owned(), range, text: text.to_owned() })
    }
}

/// Versions with their new notice, and the request that makes it so.
#[derive(Debug)]
pub struct Change {
    /// The package as its registry writes it.
    pub name: String,
    /// In the registry's order.
    pub versions: Vec<String>,
    /// To be sent, unless there are no versions.
    pub request: ApiRequest,
}

/// Puts a notice on all versions in the range. An empty one takes notices away.
///
/// *Errors*: those of the registry.
pub async fn change(client: &RegistryClient, subject: &Subject, notice: &str) -> Result<Change, Diagnostic> {
    let mut packument = WritablePackument::read(client, &subject.name).await?;
    let is_meant = |version: &&str| subject.range.satisfies_str(version);
    let versions: Vec<String> = packument.versions().filter(is_meant).map(str::to_owned).collect();
    if let Some(all) = packument.document.get_mut("versions").and_then(Value::as_object_mut) {
        for version in &versions {
            if let Some(manifest) = all.get_mut(version).and_then(Value::as_object_mut) {
                manifest.insert("deprecated".to_owned(), notice.into());
            }
        }
    }
    Ok(Change { name: packument.name().to_owned(), versions, request: packument.put("") })
}
