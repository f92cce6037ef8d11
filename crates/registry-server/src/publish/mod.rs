//! What changes packages: publishing, deprecating, tagging, unpublishing, owners and stars.
//!
//! Each change is one transaction, so it is there whole or not at all. Does not own: who may do it (`identity`), HTTP.

pub(crate) mod checked;
pub(crate) mod document;
#[cfg(test)]
mod hostile_input;
mod incoming;
pub(crate) mod manifest;
pub(crate) mod provenance;
mod readme;
mod staging;
pub(crate) mod tarball;

use bytes::Bytes;
pub(crate) use checked::{CheckedTarball, CheckedVersion};
pub(crate) use document::{Asked, Maintainer, Publication};
pub(crate) use incoming::{ArrivedTarball, Incoming, Received};
use indexmap::IndexMap;
use npm_semver::{Range, RangeOptions};
use provenance::Attestations;
pub(crate) use readme::Readme;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};
pub(crate) use staging::Stager;

use crate::database::audit_log;
use crate::database::{self, AuditEntry, Change};
use crate::hosted::Hosted;
use crate::packument::assemble::revision_of;
use crate::{PackageName, RegistryError};

/// Bytes of a tarball that are read at once.
const READ: usize = 128 << 10;

/// Why something that was asked for is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishError {
    #[error("the body cannot be read: {problem}")]
    Malformed { problem: String },
    #[error("the body is about another package, {found}")]
    OtherPackage { found: String },
    #[error("the attachment {file} is refused: {problem}")]
    Attachment { file: String, problem: &'static str },
    #[error("the tarball is refused: {problem}")]
    Tarball { problem: String },
    #[error("\"{field}\" in the published manifest is not what the tarball's package.json says")]
    Differs { field: String },
    #[error("the tarball does not have the {field} that the manifest says")]
    Integrity { field: &'static str },
    #[error("the provenance is refused: {problem}")]
    Provenance { problem: String },
    #[error("the name {name} is not one that a new package may have")]
    Name { name: String },
    #[error("{version} is not a version")]
    Version { version: String },
    #[error(
        "{version} has build metadata, which does not tell versions apart; publish it without what follows the +"
    )]
    Build { version: String },
    #[error(
        "the dist-tag \"{tag}\" cannot be used: it is empty, has spaces or control characters in it, or means a range of versions"
    )]
    Tag { tag: String },
    #[error("the dist-tag latest cannot be taken away, only moved to another version")]
    LatestTag,
    #[error("{name}@{version} was published before; a version number is never given to other contents")]
    Exists { name: String, version: String },
    #[error("{name}@{version} waits for approval; approve or reject that one first")]
    Staged { name: String, version: String },
    #[error("the body has more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("{name}{version} is not in this registry")]
    Missing { name: String, version: String },
    #[error("{name} has changed meanwhile; read it again")]
    Stale { name: String },
    #[error("somebody has to be left who may publish {name}")]
    NoMaintainer { name: String },
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl From<sqlx::Error> for PublishError {
    fn from(error: sqlx::Error) -> Self {
        PublishError::Registry(error.into())
    }
}

impl Hosted {
    /// Changes what a client changed in the document that it read: deprecations, and where `may_remove`, versions that
    /// are no longer in it.
    pub(crate) async fn edit(
        &self,
        name: &PackageName,
        versions: &IndexMap<String, &RawValue>,
        tags: &IndexMap<String, String>,
        removal: Option<&str>,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        let mut change = self.change(&mut writing, name).await?;
        let known = change.visible_versions().await?;
        if let Some(revision) = removal {
            // the revision before the one that this change makes
            if revision != revision_of(name, change.revision - 1) {
                return Err(PublishError::Stale { name: name.to_string() });
            }
            check_tags(tags)?;
            for version in &known {
                if !versions.contains_key(version) {
                    change.remove_version(version).await?;
                }
            }
            replace_tags(&mut change, tags).await?;
            set_tags(&mut change, name, tags).await?;
        }
        for version in known {
            let Some(manifest) = versions.get(&version) else { continue };
            let said: Map<String, Value> = serde_json::from_str(manifest.get())
                .map_err(|error| PublishError::Malformed { problem: error.to_string() })?;
            let message =
                said.get("deprecated").and_then(Value::as_str).filter(|message| !message.is_empty());
            change.deprecate(&version, message).await?;
        }
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Takes a package away with all versions. `revision` is what the client read.
    pub(crate) async fn unpublish(
        &self,
        name: &PackageName,
        revision: &str,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        let mut change = self.change(&mut writing, name).await?;
        if revision != revision_of(name, change.revision - 1) {
            return Err(PublishError::Stale { name: name.to_string() });
        }
        change.remove_package().await?;
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Says who may publish a package.
    ///
    /// `revision` is what the client read, where it says so: two who add somebody at once must not undo each other.
    pub(crate) async fn set_maintainers(
        &self,
        name: &PackageName,
        maintainers: &[Maintainer],
        revision: Option<&str>,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        if maintainers.is_empty() {
            return Err(PublishError::NoMaintainer { name: name.to_string() });
        }
        let mut writing = self.database.write().await?;
        let mut change = self.change(&mut writing, name).await?;
        if revision.is_some_and(|revision| revision != revision_of(name, change.revision - 1)) {
            return Err(PublishError::Stale { name: name.to_string() });
        }
        change.set_maintainers(maintainers).await?;
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Adds somebody who may publish, or takes one away.
    pub(crate) async fn set_maintainer(
        &self,
        name: &PackageName,
        maintainer: &Maintainer,
        publishes: bool,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        let mut change = self.change(&mut writing, name).await?;
        let mut all = change.maintainers().await?;
        all.retain(|one| one.name != maintainer.name);
        if publishes {
            all.push(maintainer.clone());
        }
        if all.is_empty() {
            return Err(PublishError::NoMaintainer { name: name.to_string() });
        }
        change.set_maintainers(&all).await?;
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Stars a package in somebody's name, or takes the star back.
    pub(crate) async fn star(
        &self,
        name: &PackageName,
        username: &str,
        is_starred: bool,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        self.change(&mut writing, name).await?.star(username, is_starred).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Sets tags; with `is_whole` no others stay.
    pub(crate) async fn tag(
        &self,
        name: &PackageName,
        tags: &IndexMap<String, String>,
        is_whole: bool,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        check_tags(tags)?;
        let mut writing = self.database.write().await?;
        let mut change = self.change(&mut writing, name).await?;
        if is_whole {
            if !tags.contains_key("latest") {
                return Err(PublishError::LatestTag);
            }
            replace_tags(&mut change, tags).await?;
        }
        set_tags(&mut change, name, tags).await?;
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Takes a tag away.
    pub(crate) async fn untag(
        &self,
        name: &PackageName,
        tag: &str,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        if tag == "latest" {
            return Err(PublishError::LatestTag);
        }
        let mut writing = self.database.write().await?;
        if !self.change(&mut writing, name).await?.remove_tag(tag).await? {
            return Err(missing(name, Some(tag)));
        }
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Begins a change of a package that is there.
    async fn change<'a>(
        &self,
        writing: &'a mut database::Writing,
        name: &'a PackageName,
    ) -> Result<Change<'a>, PublishError> {
        match Change::begin(writing, name, self.now()).await? {
            Some(change) if !change.was_removed => Ok(change),
            _ => Err(missing(name, None)),
        }
    }

    /// The text of a manifest with the registry's signature, and where its attestations are.
    pub(crate) fn completed(
        &self,
        name: &PackageName,
        version: &str,
        integrity: &str,
        mut manifest: Map<String, Value>,
        attestations: Option<&Attestations>,
    ) -> Result<String, PublishError> {
        let signature = self.signing.sign(&format!("{name}@{version}:{integrity}"))?;
        if let Some(dist) = manifest.get_mut("dist").and_then(Value::as_object_mut) {
            if let Some(Attestations { predicate_type, .. }) = attestations {
                // the address is put in when the document is rendered
                let told = json!({ "url": "", "provenance": { "predicateType": predicate_type } });
                dist.insert("attestations".into(), told);
            }
            dist.insert("signatures".into(), json!([{ "keyid": self.signing.key_id(), "sig": signature }]));
        }
        Ok(Value::Object(manifest).to_string())
    }
}

/// Takes away the tags that are not among `tags`.
async fn replace_tags(change: &mut Change<'_>, tags: &IndexMap<String, String>) -> Result<(), PublishError> {
    for tag in change.tags().await?.into_keys() {
        if !tags.contains_key(&tag) {
            change.remove_tag(&tag).await?;
        }
    }
    Ok(())
}

async fn set_tags(
    change: &mut Change<'_>,
    name: &PackageName,
    tags: &IndexMap<String, String>,
) -> Result<(), PublishError> {
    for (tag, version) in tags {
        if !change.set_tag(tag, version).await? {
            return Err(missing(name, Some(version)));
        }
    }
    Ok(())
}

/// Reads and digests a tarball, which may take a while, off the threads that answer requests.
pub(crate) async fn inspect(
    tarball: Vec<u8>,
) -> Result<(tarball::Inspected, manifest::Digests, String, Bytes), PublishError> {
    let work = move || {
        let inspected = tarball::inspect(|| Ok(tarball.as_slice()), tarball.len() as u64)?;
        let sha512 = Sha512::digest(&tarball);
        let digests = manifest::Digests {
            integrity: format!("sha512-{}", base64_simd::STANDARD.encode_to_string(sha512)),
            shasum: hex(&sha1::Sha1::digest(&tarball)),
        };
        Ok((inspected, digests, hex(&sha512), Bytes::from(tarball)))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| PublishError::Registry(RegistryError::Interrupted))?
}

/// Reads a tarball that arrived, off the threads that answer requests as well.
async fn inspect_arrived(
    tarball: ArrivedTarball,
) -> Result<(tarball::Inspected, ArrivedTarball), PublishError> {
    let work = move || Ok((inspect_staged(&tarball)?, tarball));
    tokio::task::spawn_blocking(work).await.map_err(|_| PublishError::Registry(RegistryError::Interrupted))?
}

/// Reads a tarball that arrived, which may take a while.
pub(crate) fn inspect_staged(tarball: &ArrivedTarball) -> Result<tarball::Inspected, PublishError> {
    let unreadable =
        |source| RegistryError::Io { action: "read", path: tarball.staged.path().to_owned(), source };
    let open = || {
        let file = tarball.staged.reopen().map_err(unreadable)?;
        Ok(std::io::BufReader::with_capacity(READ, file))
    };
    tarball::inspect(open, tarball.length)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a dist-tag can be told from a range of versions.
pub(crate) fn is_tag(tag: &str) -> bool {
    let is_word = !tag.is_empty() && !tag.chars().any(|c| c.is_control() || c.is_whitespace());
    is_word && tag.len() <= 214 && Range::parse(tag, RangeOptions::default()).is_err()
}

fn check_tags(tags: &IndexMap<String, String>) -> Result<(), PublishError> {
    match tags.keys().find(|tag| !is_tag(tag)) {
        Some(tag) => Err(PublishError::Tag { tag: tag.clone() }),
        None => Ok(()),
    }
}

fn missing(name: &PackageName, version: Option<&str>) -> PublishError {
    let version = version.map(|version| format!("@{version}")).unwrap_or_default();
    PublishError::Missing { name: name.to_string(), version }
}
