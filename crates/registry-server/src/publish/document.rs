//! The body of `PUT /{pkg}`: what it asks for, told by its shape.
//!
//! Source: what npm 6 to 12, pnpm, Yarn and Bun send.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ArrivedTarball, PublishError};
use crate::PackageName;

/// The body, parsed as far as every request has it.
#[derive(Deserialize)]
struct Body<'a> {
    name: Option<String>,
    #[serde(borrow, rename = "_id")]
    id: Option<Cow<'a, str>>,
    #[serde(rename = "dist-tags")]
    tags: Option<IndexMap<String, String>>,
    #[serde(borrow)]
    versions: Option<IndexMap<String, &'a RawValue>>,
    access: Option<String>,
    #[serde(borrow, rename = "_attachments")]
    attachments: Option<IndexMap<String, Attachment<'a>>>,
    #[serde(borrow)]
    readme: Option<Cow<'a, str>>,
    #[serde(rename = "readmeFilename")]
    readme_filename: Option<String>,
    maintainers: Option<Vec<Maintainer>>,
    users: Option<IndexMap<String, bool>>,
}

#[derive(Deserialize)]
struct Attachment<'a> {
    #[serde(borrow)]
    data: Option<Cow<'a, str>>,
    length: Option<u64>,
}

/// Who may publish.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Maintainer {
    pub name: String,
    #[serde(default)]
    pub email: String,
}

/// A version with its tarball.
pub(crate) struct Publication<'a> {
    pub version: String,
    pub manifest: &'a RawValue,
    pub tarball: ArrivedTarball,
    /// The bundle of attestations, as JSON.
    pub provenance: Option<String>,
    pub tags: IndexMap<String, String>,
    pub access: Option<String>,
    pub readme: Option<Cow<'a, str>>,
    pub readme_filename: Option<String>,
}

/// What a body asks for.
pub(crate) enum Asked<'a> {
    /// One more version.
    Publish(Box<Publication<'a>>),
    /// The package as it was read, with some things changed: messages of deprecation, and with a revision in the address
    /// also versions taken away.
    Edit { versions: IndexMap<String, &'a RawValue>, tags: IndexMap<String, String> },
    /// Who may publish.
    Maintainers(Vec<Maintainer>),
    /// The stars as the caller would have them: only his own counts.
    Stars(IndexMap<String, bool>),
}

/// Reads a body of which the tarballs arrived apart.
///
/// # Errors
/// One that is not JSON, is about another package, or has another shape than the clients give it.
pub(crate) fn parse<'a>(
    name: &PackageName,
    body: &'a [u8],
    tarballs: Vec<ArrivedTarball>,
) -> Result<Asked<'a>, PublishError> {
    let body: Body<'a> = serde_json::from_slice(body)
        .map_err(|error| PublishError::Malformed { problem: error.to_string() })?;
    for found in [body.name.as_deref(), body.id.as_deref()].into_iter().flatten() {
        if found != name.as_str() {
            return Err(PublishError::OtherPackage { found: found.to_owned() });
        }
    }
    let attachments = body.attachments.unwrap_or_default();
    let versions = body.versions.unwrap_or_default();
    // a document that was read and is written back has stubs of attachments: without data
    if attachments.values().any(|attachment| attachment.data.is_some()) {
        let (version, manifest) = one_version(versions)?;
        let (tarball, provenance) = attached(name, &version, &attachments, tarballs)?;
        return Ok(Asked::Publish(Box::new(Publication {
            version,
            manifest,
            tarball,
            provenance,
            tags: body.tags.unwrap_or_default(),
            access: body.access,
            readme: body.readme,
            readme_filename: body.readme_filename,
        })));
    }
    match (body.maintainers, body.users) {
        _ if !versions.is_empty() => Ok(Asked::Edit { versions, tags: body.tags.unwrap_or_default() }),
        (Some(maintainers), _) => Ok(Asked::Maintainers(maintainers)),
        (None, Some(users)) => Ok(Asked::Stars(users)),
        (None, None) => Err(PublishError::Malformed {
            problem: "there is no version, no tarball, no maintainer and no star in it".to_owned(),
        }),
    }
}

fn one_version(versions: IndexMap<String, &RawValue>) -> Result<(String, &RawValue), PublishError> {
    let count = versions.len();
    let mut versions = versions.into_iter();
    match (versions.next(), versions.next()) {
        (Some(one), None) => Ok(one),
        _ => {
            Err(PublishError::Malformed { problem: format!("a tarball belongs to one version, not {count}") })
        }
    }
}

/// Takes the tarball and the provenance out of the attachments; anything else is refused rather than dropped.
fn attached(
    name: &PackageName,
    version: &str,
    attachments: &IndexMap<String, Attachment<'_>>,
    arrived: Vec<ArrivedTarball>,
) -> Result<(ArrivedTarball, Option<String>), PublishError> {
    let tarballs = [format!("{name}-{version}.tgz"), format!("{}-{version}.tgz", name.unscoped())];
    let bundles = [format!("{name}-{version}.sigstore"), format!("{}-{version}.sigstore", name.unscoped())];
    let mut provenance = None;
    for (file, attachment) in attachments {
        if bundles.contains(file) {
            // bundles are JSON, sent as they are
            provenance = Some(attachment.data.as_deref().unwrap_or_default().to_owned());
        } else if !tarballs.contains(file) {
            return Err(PublishError::Attachment {
                file: file.clone(),
                problem: "it is neither the version's tarball nor its provenance",
            });
        }
    }
    let mut arrived = arrived.into_iter();
    let tarball = match (arrived.next(), arrived.next()) {
        (Some(one), None) if one.length > 0 => one,
        (Some(_), Some(_)) => {
            return Err(PublishError::Malformed { problem: "there are several tarballs in it".to_owned() });
        }
        _ => {
            return Err(PublishError::Malformed {
                problem: format!("the tarball {} is missing", tarballs[0]),
            });
        }
    };
    // the file that it came as is among the attachments: the scanner found it there
    let said = attachments.get(&tarball.file).and_then(|attachment| attachment.length);
    if said.is_some_and(|length| length != tarball.length) {
        return Err(PublishError::Attachment {
            file: tarball.file,
            problem: "it is not as long as its length says",
        });
    }
    Ok((tarball, provenance))
}
