//! The body of `PUT /{pkg}`: what it asks for, told by its shape.
//!
//! Source: what npm 6 to 12, pnpm, Yarn and Bun send.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::PublishError;
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
    pub tarball: Vec<u8>,
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

/// Reads a body.
///
/// # Errors
/// One that is not JSON, is about another package, or has another shape than the clients give it.
pub(crate) fn parse<'a>(name: &PackageName, body: &'a [u8]) -> Result<Asked<'a>, PublishError> {
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
        let mut publication = one_version(versions)?;
        attach(name, &mut publication, &attachments)?;
        return Ok(Asked::Publish(Box::new(Publication {
            tags: body.tags.unwrap_or_default(),
            access: body.access,
            readme: body.readme,
            readme_filename: body.readme_filename,
            ..publication
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

fn one_version(versions: IndexMap<String, &RawValue>) -> Result<Publication<'_>, PublishError> {
    let count = versions.len();
    let mut versions = versions.into_iter();
    let (Some((version, manifest)), None) = (versions.next(), versions.next()) else {
        return Err(PublishError::Malformed {
            problem: format!("a tarball belongs to one version, not {count}"),
        });
    };
    Ok(Publication {
        version,
        manifest,
        tarball: Vec::new(),
        provenance: None,
        tags: IndexMap::new(),
        access: None,
        readme: None,
        readme_filename: None,
    })
}

/// Takes the tarball and the provenance out of the attachments; anything else is refused rather than dropped.
fn attach(
    name: &PackageName,
    publication: &mut Publication<'_>,
    attachments: &IndexMap<String, Attachment<'_>>,
) -> Result<(), PublishError> {
    let version = &publication.version;
    let tarballs = [format!("{name}-{version}.tgz"), format!("{}-{version}.tgz", name.unscoped())];
    let bundles = [format!("{name}-{version}.sigstore"), format!("{}-{version}.sigstore", name.unscoped())];
    for (file, attachment) in attachments {
        let data = attachment.data.as_deref().unwrap_or_default();
        if tarballs.contains(file) {
            let decoded = base64_simd::STANDARD
                .decode_to_vec(data)
                .map_err(|_| PublishError::Attachment { file: file.clone(), problem: "it is not base64" })?;
            if attachment.length.is_some_and(|length| length != decoded.len() as u64) {
                return Err(PublishError::Attachment {
                    file: file.clone(),
                    problem: "it is not as long as its length says",
                });
            }
            publication.tarball = decoded;
        } else if bundles.contains(file) {
            // bundles are JSON, sent as they are
            publication.provenance = Some(data.to_owned());
        } else {
            return Err(PublishError::Attachment {
                file: file.clone(),
                problem: "it is neither the version's tarball nor its provenance",
            });
        }
    }
    if publication.tarball.is_empty() {
        return Err(PublishError::Malformed { problem: format!("the tarball {} is missing", tarballs[0]) });
    }
    Ok(())
}
