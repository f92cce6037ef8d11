//! `unpublish`: a version, or a package with all of its versions, out of a registry. Source: npm 11.19.1.

use std::path::Path;

use diagnostics::Diagnostic;
use npm_formats::specifier::{Specifier, SpecifierKind};
use npm_semver::Version;
use registry_client::{ApiRequest, RegistryClient};
use serde_json::{Map, Value};
use url::Url;

use crate::manifest_file::ManifestFile;
use crate::writable_packument::WritablePackument;

/// What is to be unpublished.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The package.
    pub name: String,
    /// One version; `None` for all.
    pub version: Option<String>,
    /// `publishConfig` of the package.json here, where it is this package's.
    pub publish_config: Map<String, Value>,
}

impl Subject {
    /// Reads `name@version` or `name`; with neither, the package in a folder.
    ///
    /// *Errors*: `EUSAGE` for tags and ranges, and for a whole package unless that is forced.
    pub fn read(argument: Option<&str>, folder: &Path, force: bool) -> Result<Self, Diagnostic> {
        let manifest = ManifestFile::read_if_there(folder)?;
        let (name, version) = match argument {
            Some(argument) => named(argument)?,
            None => {
                let manifest = manifest.as_ref().ok_or_else(|| {
                    Diagnostic::error("EUSAGE", "there is no package.json here to say what is meant")
                        .with_hint("run `knit unpublish <name>@<version>`")
                })?;
                let name = manifest.name().ok_or_else(|| {
                    let text = format!("{} has no name", manifest.path().display());
                    Diagnostic::error("EPACKAGEJSON", text).with_hint("run `knit unpublish <name>@<version>`")
                })?;
                (name.to_owned(), manifest.version().map(str::to_owned))
            }
        };
        if version.is_none() && !force {
            let text = format!("{name} is only removed with all of its versions when that is forced");
            return Err(Diagnostic::error("EUSAGE", text)
                .with_hint(format!("run `knit unpublish {name}@<version>` for one version"))
                .with_hint(format!("run `knit deprecate {name} <message>` to warn those who use it"))
                .with_hint(format!("run `knit unpublish {name} --force` to remove everything")));
        }
        let own = manifest.filter(|manifest| manifest.name() == Some(&name));
        let config = own.and_then(|manifest| manifest.members().get("publishConfig")?.as_object().cloned());
        Ok(Self { name, version, publish_config: config.unwrap_or_default() })
    }
}

fn named(argument: &str) -> Result<(String, Option<String>), Diagnostic> {
    let specifier = Specifier::parse(argument, "/")
        .map_err(|error| Diagnostic::error(error.code(), error.to_string()))?;
    match (specifier.kind(), specifier.name()) {
        (SpecifierKind::Version, Some(name)) => Ok((name.to_owned(), Some(specifier.raw_spec().to_owned()))),
        (_, Some(name)) if specifier.raw_spec() == "*" => Ok((name.to_owned(), None)),
        _ => {
            let text = format!(
                "{argument} is neither one version nor a whole package; tags and ranges are not unpublished"
            );
            Err(Diagnostic::error("EUSAGE", text).with_hint("run `knit unpublish <name>@<version>`"))
        }
    }
}

/// What unpublishing comes to.
#[derive(Debug)]
pub enum Plan {
    /// The registry does not have that version.
    Nothing,
    /// The package goes, the last version with it.
    Whole(ApiRequest),
    /// One version goes: the document without it is put, then [`removal`] removes its tarball.
    Version { edit: ApiRequest, tarball: Option<String> },
}

/// Decides what is to be done.
///
/// *Errors*: those of the registry; the last version, unless forced.
pub async fn plan(client: &RegistryClient, subject: &Subject, force: bool) -> Result<Plan, Diagnostic> {
    let mut packument = WritablePackument::read(client, &subject.name).await?;
    let count = packument.versions().count();
    let whole = |packument: &WritablePackument| {
        let below = format!("/-rev/{}", packument.revision());
        Plan::Whole(packument.request(http::Method::DELETE, &below))
    };
    let Some(version) = &subject.version else { return Ok(whole(&packument)) };
    if count == 0 {
        return Ok(whole(&packument));
    }
    if !packument.versions().any(|known| known == version) {
        return Ok(Plan::Nothing);
    }
    if count == 1 {
        if force {
            return Ok(whole(&packument));
        }
        let name = &subject.name;
        let text = format!(
            "{version} is the last version of {name}: without it the package is gone, and a public registry takes \
             no new one of that name for a day"
        );
        return Err(Diagnostic::error("EUSAGE", text)
            .with_hint(format!("run `knit deprecate {name}@{version} <message>` to warn those who use it"))
            .with_hint(format!("run `knit unpublish {name}@{version} --force` to remove it")));
    }
    let tarball = take_out(&mut packument.document, version);
    let below = format!("/-rev/{}", packument.revision());
    Ok(Plan::Version { edit: packument.put(&below), tarball })
}

/// Takes a version and its tags out of a document, and answers the address of its tarball.
fn take_out(document: &mut Map<String, Value>, version: &str) -> Option<String> {
    let versions = document.get_mut("versions").and_then(Value::as_object_mut)?;
    let removed = versions.shift_remove(version);
    let parsed = |text: &&String| Version::parse_loose(text).ok();
    let highest = versions.keys().max_by_key(parsed).cloned();
    if let Some(tags) = document.get_mut("dist-tags").and_then(Value::as_object_mut) {
        let was_latest = tags.get("latest").and_then(Value::as_str) == Some(version);
        tags.retain(|_, tagged| tagged.as_str() != Some(version));
        if let (true, Some(highest)) = (was_latest, highest) {
            tags.insert("latest".to_owned(), highest.into());
        }
    }
    document.shift_remove("_revisions");
    document.shift_remove("_attachments");
    Some(removed?.get("dist")?.get("tarball")?.as_str()?.to_owned())
}

/// The request that removes a tarball, after the document without its version was put.
///
/// *Errors*: those of the registry.
pub async fn removal(
    client: &RegistryClient,
    subject: &Subject,
    tarball: &str,
) -> Result<ApiRequest, Diagnostic> {
    let packument = WritablePackument::read(client, &subject.name).await?;
    let registry = client.options().registry_for(&subject.name);
    let path = path_below(tarball, registry);
    let mut request = packument.request(http::Method::DELETE, "");
    request.target = format!("/{path}/-rev/{}", packument.revision());
    Ok(request)
}

/// The path of a tarball's address below its registry's.
fn path_below(tarball: &str, registry: Option<&Url>) -> String {
    let path = |url: &Url| url.path().trim_start_matches('/').to_owned();
    let whole = Url::parse(tarball).map(|url| path(&url)).unwrap_or_default();
    let prefix = registry.map(path).unwrap_or_default();
    whole.strip_prefix(&prefix).unwrap_or(&whole).trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_version_leaves_with_its_tags_and_latest_moves_on() {
        let document = json!({
            "_rev": "3-x", "_revisions": 1, "_attachments": {},
            "dist-tags": {"latest": "2.0.0", "next": "2.0.0", "old": "1.0.0"},
            "versions": {
                "1.0.0": {"dist": {"tarball": "http://registry.example/a/-/a-1.0.0.tgz"}},
                "1.10.0": {},
                "1.9.0": {},
                "2.0.0": {"dist": {"tarball": "http://registry.example/a/-/a-2.0.0.tgz"}},
            },
        });
        let Value::Object(mut document) = document else { unreachable!("an object") };
        assert_eq!(
            take_out(&mut document, "2.0.0").as_deref(),
            Some("http://registry.example/a/-/a-2.0.0.tgz")
        );
        assert_eq!(document["dist-tags"], json!({"old": "1.0.0", "latest": "1.10.0"}));
        let keys: Vec<&str> = document.keys().map(String::as_str).collect();
        assert_eq!(keys, ["_rev", "dist-tags", "versions"]);
    }

    #[test]
    fn tarballs_are_named_below_their_registry() {
        let rows = [
            ("http://registry.example/a/-/a-1.0.0.tgz", "https://registry.example/", "a/-/a-1.0.0.tgz"),
            (
                "http://registry.example/npm/@s/a/-/a-1.0.0.tgz",
                "https://registry.example/npm/",
                "@s/a/-/a-1.0.0.tgz",
            ),
            ("http://files.example/a-1.0.0.tgz", "https://registry.example/npm/", "a-1.0.0.tgz"),
        ];
        for (tarball, registry, expected) in rows {
            assert_eq!(path_below(tarball, Url::parse(registry).ok().as_ref()), expected);
        }
    }
}
