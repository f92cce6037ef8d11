//! `dist-tag`: the tags of a package in the registry. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use npm_formats::specifier::{Specifier, SpecifierKind};
use registry_client::{ApiBody, RegistryClient, path_segment};
use serde_json::{Map, Value};

use crate::account::call;
use crate::named_package::NamedPackage;
use crate::ping::registry_problem;

/// A tag and the version it is set to.
pub type Tag = (String, String);

/// The tags of a package, in the registry's order.
///
/// *Errors*: what the registry refuses, a package without tags.
pub async fn list(client: &RegistryClient, package: &NamedPackage) -> Result<Vec<Tag>, Diagnostic> {
    let target = format!("/-/package/{}/dist-tags", package.escaped());
    let answer = call(client, &package.request(Method::GET, target)).await?;
    let tags = answer.as_object().into_iter().flat_map(Map::iter).filter(|(tag, _)| *tag != "_etag");
    let tags: Vec<Tag> =
        tags.filter_map(|(tag, version)| Some((tag.clone(), version.as_str()?.to_owned()))).collect();
    if tags.is_empty() {
        return Err(Diagnostic::error("ENODISTTAGS", format!("{} has no dist-tags", package.name())));
    }
    Ok(tags)
}

/// What came of setting a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    Set,
    /// It was set to this version before.
    Already,
}

/// Sets a tag to the version in the package's spec.
///
/// *Errors*: a spec without a version, a tag that is none, what the registry refuses.
pub async fn add(client: &RegistryClient, package: &NamedPackage, tag: &str) -> Result<Setting, Diagnostic> {
    let tag = tag.trim();
    let Some(version) = package.spec.as_deref().filter(|version| !version.is_empty()) else {
        let text = format!("{} names no version to set the tag to", package.name());
        return Err(Diagnostic::error("EUSAGE", text)
            .with_hint(format!("run `knit dist-tag add {}@<version> {tag}`", package.name())));
    };
    check_tag(package, tag)?;
    if list(client, package).await?.iter().any(|(known, set)| known == tag && set == version) {
        return Ok(Setting::Already);
    }
    let mut request = package.request(Method::PUT, tag_target(package, tag));
    request.body = ApiBody::Json(Value::from(version));
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(Setting::Set)
}

fn check_tag(package: &NamedPackage, tag: &str) -> Result<(), Diagnostic> {
    let hint = "choose a word such as `next`";
    match Specifier::resolve(package.name(), tag, "/") {
        Ok(specifier) => match specifier.kind() {
            SpecifierKind::Tag => Ok(()),
            SpecifierKind::Version | SpecifierKind::Range => {
                let text = format!("{tag} cannot be a tag: it reads as a version or range");
                Err(Diagnostic::error("EINVALIDTAGNAME", text).with_hint(hint))
            }
            _ => Err(Diagnostic::error("EINVALIDTAGNAME", format!("{tag} cannot be a tag")).with_hint(hint)),
        },
        Err(error) => Err(Diagnostic::error("EINVALIDTAGNAME", format!("{tag} cannot be a tag"))
            .with_cause(error.to_string())
            .with_hint(hint)),
    }
}

/// Takes a tag away. Answers the version it was set to.
///
/// *Errors*: no such tag, what the registry refuses.
pub async fn remove(
    client: &RegistryClient,
    package: &NamedPackage,
    tag: &str,
) -> Result<String, Diagnostic> {
    let tags = list(client, package).await?;
    let Some((_, version)) = tags.into_iter().find(|(known, _)| known == tag) else {
        let text = format!("{tag} is not a dist-tag on {}", package.name());
        return Err(Diagnostic::error("ENODISTTAG", text)
            .with_hint(format!("run `knit dist-tag ls {}`", package.name())));
    };
    let request = package.request(Method::DELETE, tag_target(package, tag));
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(version)
}

fn tag_target(package: &NamedPackage, tag: &str) -> String {
    format!("/-/package/{}/dist-tags/{}", package.escaped(), path_segment(tag))
}
