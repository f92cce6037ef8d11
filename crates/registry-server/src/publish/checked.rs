//! A version that was checked and whose tarball is kept: all that is left is to make it one of the package's.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::readme::Readme;
use super::{Maintainer, Publication, PublishError, check_tags, manifest, missing, provenance};
use crate::PackageName;
use crate::database::{self, AuditEntry, Change, NewVersion, Published, Writing, audit_log, staged_versions};
use crate::hosted::Hosted;

/// A version that can be published at any time; as JSON where it waits for that.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CheckedVersion {
    pub version: String,
    /// As it is kept.
    pub manifest: String,
    pub deprecated: Option<String>,
    /// SHA-512 of the tarball in hexadecimal, under which it is kept, and its length in bytes.
    pub digest: String,
    pub size: i64,
    /// SHA-1 of the tarball in hexadecimal.
    pub shasum: String,
    pub attestations: Option<String>,
    pub tags: IndexMap<String, String>,
    pub access: Option<String>,
    pub readme: Option<Readme>,
}

/// The same with its tarball, as long as no row names that.
pub(crate) struct CheckedTarball {
    pub version: CheckedVersion,
    staged: NamedTempFile,
}

/// What can be told of a publication before its tarball is read.
pub(crate) fn check_request(name: &PackageName, publication: &Publication<'_>) -> Result<(), PublishError> {
    let Publication { version, tags, .. } = publication;
    if !npm_formats::package_name::validate(name.as_str()).is_valid_for_new_packages() {
        return Err(PublishError::Name { name: name.to_string() });
    }
    if npm_semver::Version::parse(version).is_err() {
        return Err(PublishError::Version { version: version.clone() });
    }
    if version.contains('+') {
        return Err(PublishError::Build { version: version.clone() });
    }
    check_tags(tags)?;
    match tags.values().find(|tagged| *tagged != version) {
        Some(other) => Err(missing(name, Some(other))),
        None => Ok(()),
    }
}

impl Hosted {
    /// Checks a version and keeps its tarball.
    pub(crate) async fn check(
        &self,
        name: &PackageName,
        publication: Publication<'_>,
    ) -> Result<CheckedTarball, PublishError> {
        check_request(name, &publication)?;
        let Publication { version, manifest, tarball, provenance, tags, access, readme, readme_filename } =
            publication;
        let (inspected, tarball) = super::inspect_arrived(tarball).await?;
        let kept = manifest::keep(name, &version, manifest.get(), &inspected, &tarball.digests)?;
        let provenance = match provenance {
            Some(bundle) => Some(provenance::check(name, &version, &tarball.digest, &bundle)?),
            None => None,
        };
        let readme = Readme::sent(readme.as_deref(), readme_filename.as_deref());
        let readme = readme.or(kept.readme).or(inspected.readme);
        let integrity = &tarball.digests.integrity;
        let manifest = self.completed(name, &version, integrity, kept.manifest, provenance.as_ref())?;
        self.blobs.put_file(&tarball.digest, tarball.staged.path()).await?;
        let version = CheckedVersion {
            version,
            manifest,
            deprecated: kept.deprecated,
            digest: tarball.digest,
            size: i64::try_from(tarball.length).unwrap_or(i64::MAX),
            shasum: tarball.digests.shasum,
            attestations: provenance.map(|kept| kept.json),
            tags,
            access,
            readme,
        };
        Ok(CheckedTarball { version, staged: tarball.staged })
    }

    /// Holds the tarball of a version in the transaction in which a row names it.
    pub(super) async fn hold(
        &self,
        writing: &mut Writing,
        checked: &CheckedTarball,
    ) -> Result<(), PublishError> {
        let digest = &checked.version.digest;
        self.database.hold_blob(writing, digest).await?;
        if self.blobs.find(digest).await?.is_none() {
            // nothing named it until now: it was old, from a try before this one, and collected as it was written
            self.blobs.put_file(digest, checked.staged.path()).await?;
        }
        Ok(())
    }

    /// Publishes a version; the first one makes the package, and who publishes it its maintainer.
    pub(crate) async fn publish(
        &self,
        name: &PackageName,
        checked: &CheckedTarball,
        publisher: &Maintainer,
        entry: &AuditEntry,
    ) -> Result<(), PublishError> {
        let mut writing = self.database.write().await?;
        self.hold(&mut writing, checked).await?;
        let version = &checked.version;
        if staged_versions::is_staged(&mut writing, name, &version.version).await? {
            return Err(PublishError::Staged { name: name.to_string(), version: version.version.clone() });
        }
        self.add(&mut writing, name, version, publisher).await?;
        audit_log::append(&mut writing, entry).await?;
        writing.commit().await?;
        Ok(())
    }

    /// Makes a checked version one of the package's, in a transaction that the caller commits.
    pub(super) async fn add(
        &self,
        writing: &mut Writing,
        name: &PackageName,
        checked: &CheckedVersion,
        publisher: &Maintainer,
    ) -> Result<(), PublishError> {
        let now = self.now();
        // everything here is public to whoever may read the registry, unless somebody says otherwise
        let access = checked.access.as_deref().filter(|access| *access == "restricted").unwrap_or("public");
        let is_new = database::create(writing, name, access, now).await?;
        let mut change = Change::begin(writing, name, now).await?.ok_or_else(|| missing(name, None))?;
        let version = &checked.version;
        let new = NewVersion {
            version,
            manifest: &checked.manifest,
            deprecated: checked.deprecated.as_deref(),
            file: &format!("{}-{version}.tgz", name.unscoped()),
            digest: &checked.digest,
            size: checked.size,
            attestations: checked.attestations.as_deref(),
            publisher: &publisher.name,
        };
        if change.add_version(&new).await? == Published::Exists {
            return Err(PublishError::Exists { name: name.to_string(), version: version.clone() });
        }
        let mut tags = checked.tags.clone();
        if tags.is_empty() || !change.tags().await?.contains_key("latest") {
            tags.insert("latest".to_owned(), version.clone());
        }
        for (tag, version) in &tags {
            change.set_tag(tag, version).await?;
        }
        if let Some(Readme { text, filename }) =
            checked.readme.as_ref().filter(|_| tags.contains_key("latest"))
        {
            change.set_readme(text, filename.as_deref()).await?;
        }
        if is_new || change.was_removed {
            change.set_maintainers(std::slice::from_ref(publisher)).await?;
        }
        Ok(())
    }
}
