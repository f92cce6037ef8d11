//! Packages that were published elsewhere, with the times that they were published at there, and what they had there
//! when they were last imported.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::packages::DistTags;
use super::{Change, Database, Writing, packages};
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

/// What a package has, as far as imports change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub tags: DistTags,
    /// Versions that are not removed, each with what it is deprecated by.
    pub versions: BTreeMap<String, Option<String>>,
    /// Who starred it.
    pub stars: BTreeSet<String>,
    /// Who may publish it.
    pub maintainers: BTreeSet<String>,
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

    /// What a package had at a source when it was last imported from there.
    pub async fn remembered(
        &self,
        source: &str,
        name: &PackageName,
    ) -> Result<Option<Standing>, RegistryError> {
        let query = sqlx::query_scalar("SELECT document FROM imports WHERE source = $1 AND package = $2");
        let found: Option<String> =
            query.bind(source).bind(name.as_str()).fetch_optional(self.read()).await?;
        let unreadable = |_| RegistryError::Row { table: "imports", key: name.to_string() };
        found.map(|text| serde_json::from_str(&text).map_err(unreadable)).transpose()
    }

    /// The packages that were imported from a source.
    pub async fn imported_packages(&self, source: &str) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar("SELECT package FROM imports WHERE source = $1 ORDER BY package");
        Ok(query.bind(source).fetch_all(self.read()).await?)
    }
}

/// Takes a package until the transaction ends, and makes it where it is not; answers whether it made it, and what it
/// has.
pub(crate) async fn take(
    writing: &mut Writing,
    name: &PackageName,
    created: i64,
    now: i64,
) -> Result<(bool, Standing), RegistryError> {
    let is_new = packages::create(writing, name, "public", created).await?;
    let mut change = begin(writing, name, now).await?;
    let (tags, maintainers) = (change.tags().await?, change.maintainers().await?);
    let query =
        sqlx::query_as("SELECT version, deprecated FROM versions WHERE package = $1 AND removed IS NULL");
    let versions: Vec<(String, Option<String>)> = query.bind(name.as_str()).fetch_all(&mut **writing).await?;
    let query = sqlx::query_scalar("SELECT username FROM stars WHERE package = $1");
    let stars: Vec<String> = query.bind(name.as_str()).fetch_all(&mut **writing).await?;
    let standing = Standing {
        tags,
        versions: versions.into_iter().collect(),
        stars: stars.into_iter().collect(),
        maintainers: maintainers.into_iter().map(|maintainer| maintainer.name).collect(),
    };
    Ok((is_new, standing))
}

/// A change of a package that is there.
pub(crate) async fn begin<'a>(
    writing: &'a mut Writing,
    name: &'a PackageName,
    now: i64,
) -> Result<Change<'a>, RegistryError> {
    let lost = || RegistryError::Row { table: "packages", key: name.to_string() };
    Change::begin(writing, name, now).await?.ok_or_else(lost)
}

/// Adds versions, in the order of publication, to a package that is there.
///
/// # Errors
/// A version that is here; a database that does not answer.
pub(crate) async fn add(
    writing: &mut Writing,
    name: &PackageName,
    versions: &[ImportedVersion],
    now: i64,
) -> Result<(), RegistryError> {
    let Some(last) = i64::try_from(versions.len()).ok().filter(|count| *count > 0) else { return Ok(()) };
    let revision = begin(writing, name, now).await?.revision;
    for (ordinal, version) in (revision..).zip(versions) {
        insert(writing, name, ordinal, version).await?;
    }
    sqlx::query("UPDATE packages SET revision = revision + $2, removed = NULL WHERE name = $1")
        .bind(name.as_str())
        .bind(last - 1)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Keeps what a package has at a source now.
pub(crate) async fn remember(
    writing: &mut Writing,
    source: &str,
    name: &PackageName,
    standing: &Standing,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO imports (source, package, document) VALUES ($1, $2, $3)
         ON CONFLICT (source, package) DO UPDATE SET document = excluded.document",
    )
    .bind(source)
    .bind(name.as_str())
    .bind(serde_json::json!(standing).to_string())
    .execute(&mut **writing)
    .await?;
    Ok(())
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
