//! Packages that were published elsewhere, with the times that they were published at there.

use std::collections::BTreeMap;

use super::{Change, Database, Writing, packages};
use crate::publish::Maintainer;
use crate::{PackageName, RegistryError};

/// What is known of a version that is, or was, here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownVersion {
    /// SHA-512 of its tarball in hexadecimal.
    pub digest: String,
    pub is_removed: bool,
}

/// A version that was published elsewhere. Times are milliseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct ImportedVersion {
    pub version: String,
    pub published: i64,
    pub publisher: String,
    pub manifest: String,
    pub deprecated: Option<String>,
    pub file: String,
    /// SHA-512 of the tarball in hexadecimal.
    pub digest: String,
    /// Bytes of the tarball.
    pub size: i64,
}

/// What comes with a package beside its versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportedPackage {
    /// In the order of publication.
    pub versions: Vec<ImportedVersion>,
    pub created: i64,
    pub tags: BTreeMap<String, String>,
    pub readme: Option<String>,
    /// Who starred it.
    pub stars: Vec<String>,
    /// Who may publish it from now on, where nobody here has published it before.
    pub maintainers: Vec<Maintainer>,
}

impl Database {
    /// Every version that is, or was, here.
    pub async fn known_versions(
        &self,
        name: &PackageName,
    ) -> Result<BTreeMap<String, KnownVersion>, RegistryError> {
        let query = sqlx::query_as("SELECT version, digest, removed FROM versions WHERE package = $1");
        let rows: Vec<(String, String, Option<i64>)> =
            query.bind(name.as_str()).fetch_all(self.read()).await?;
        let known = |(version, digest, removed): (String, String, Option<i64>)| {
            (version, KnownVersion { digest, is_removed: removed.is_some() })
        };
        Ok(rows.into_iter().map(known).collect())
    }
}

/// Adds versions with everything that comes with them. Answers the tags that stand for no version here.
///
/// # Errors
/// A version that is here; a database that does not answer.
pub(crate) async fn add(
    writing: &mut Writing,
    name: &PackageName,
    package: &ImportedPackage,
    now: i64,
) -> Result<Vec<String>, RegistryError> {
    let is_new = packages::create(writing, name, "public", package.created).await?;
    let lost = || RegistryError::Row { table: "packages", key: name.to_string() };
    let revision = Change::begin(writing, name, now).await?.ok_or_else(lost)?.revision;
    for (ordinal, version) in (revision..).zip(&package.versions) {
        insert(writing, name, ordinal, version).await?;
    }
    let last = i64::try_from(package.versions.len()).unwrap_or(i64::MAX) - 1;
    sqlx::query("UPDATE packages SET revision = revision + $2, removed = NULL WHERE name = $1")
        .bind(name.as_str())
        .bind(last.max(0))
        .execute(&mut **writing)
        .await?;
    let mut change = Change::begin(writing, name, now).await?.ok_or_else(lost)?;
    let mut lost_tags = Vec::new();
    for (tag, version) in &package.tags {
        if !change.set_tag(tag, version).await? {
            lost_tags.push(tag.clone());
        }
    }
    if !change.tags().await?.contains_key("latest")
        && let Some(newest) = package.versions.last()
    {
        change.set_tag("latest", &newest.version).await?;
    }
    if let Some(readme) = &package.readme {
        change.set_readme(readme, None).await?;
    }
    for user in &package.stars {
        change.star(user, true).await?;
    }
    if is_new {
        change.set_maintainers(&package.maintainers).await?;
    }
    Ok(lost_tags)
}

async fn insert(
    writing: &mut Writing,
    name: &PackageName,
    ordinal: i64,
    version: &ImportedVersion,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO versions (package, version, ordinal, published, publisher, manifest, deprecated, file, digest,
         size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(name.as_str())
    .bind(&version.version)
    .bind(ordinal)
    .bind(version.published)
    .bind(&version.publisher)
    .bind(&version.manifest)
    .bind(version.deprecated.as_deref())
    .bind(&version.file)
    .bind(&version.digest)
    .bind(version.size)
    .execute(&mut **writing)
    .await?;
    Ok(())
}
