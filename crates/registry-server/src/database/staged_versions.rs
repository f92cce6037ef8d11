//! Versions that wait for somebody's approval.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, Writing};
use crate::publish::CheckedVersion;
use crate::{PackageName, RegistryError};

/// A version that waits.
#[derive(Clone, Debug)]
pub(crate) struct StagedVersion {
    /// A UUID.
    pub id: String,
    pub package: PackageName,
    pub version: String,
    /// Milliseconds since the epoch.
    pub created: i64,
    pub actor: String,
    pub actor_kind: String,
    pub checked: CheckedVersion,
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, package, version, created, actor, actor_kind, publication FROM staged_versions ",
            $which
        )
    };
}

impl Database {
    pub async fn staged_version(&self, id: &str) -> Result<Option<StagedVersion>, RegistryError> {
        let query = sqlx::query(select!("WHERE id = $1"));
        query.bind(id).fetch_optional(self.read()).await?.as_ref().map(read).transpose()
    }

    /// All versions that wait, or those of one package, the oldest first.
    pub async fn staged_versions(
        &self,
        package: Option<&PackageName>,
    ) -> Result<Vec<StagedVersion>, RegistryError> {
        let rows = match package {
            Some(name) => {
                let query = sqlx::query(select!("WHERE package = $1 ORDER BY created, id"));
                query.bind(name.as_str()).fetch_all(self.read()).await?
            }
            None => sqlx::query(select!("ORDER BY created, id")).fetch_all(self.read()).await?,
        };
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<StagedVersion, RegistryError> {
    let (id, package, publication): (String, String, String) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(6)?);
    let unreadable = || RegistryError::Row { table: "staged_versions", key: id.clone() };
    Ok(StagedVersion {
        package: PackageName::parse(&package).map_err(|_| unreadable())?,
        version: row.try_get(2)?,
        created: row.try_get(3)?,
        actor: row.try_get(4)?,
        actor_kind: row.try_get(5)?,
        checked: serde_json::from_str(&publication).map_err(|_| unreadable())?,
        id,
    })
}

/// Whether a version waits.
pub(crate) async fn is_staged(
    writing: &mut Writing,
    package: &PackageName,
    version: &str,
) -> Result<bool, RegistryError> {
    let query = sqlx::query_scalar("SELECT id FROM staged_versions WHERE package = $1 AND version = $2");
    let found: Option<String> =
        query.bind(package.as_str()).bind(version).fetch_optional(&mut **writing).await?;
    Ok(found.is_some())
}

/// Whether there is, or was, such a version.
pub(crate) async fn is_published(
    writing: &mut Writing,
    package: &PackageName,
    version: &str,
) -> Result<bool, RegistryError> {
    let query = sqlx::query_scalar("SELECT version FROM versions WHERE package = $1 AND version = $2");
    let found: Option<String> =
        query.bind(package.as_str()).bind(version).fetch_optional(&mut **writing).await?;
    Ok(found.is_some())
}

/// Adds a version; false where it waits already.
pub(crate) async fn add(writing: &mut Writing, new: &StagedVersion) -> Result<bool, RegistryError> {
    let done = sqlx::query(
        "INSERT INTO staged_versions (id, package, version, created, actor, actor_kind, publication, digest, size)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    )
    .bind(&new.id)
    .bind(new.package.as_str())
    .bind(&new.version)
    .bind(new.created)
    .bind(&new.actor)
    .bind(&new.actor_kind)
    .bind(serde_json::json!(new.checked).to_string())
    .bind(&new.checked.digest)
    .bind(new.checked.size)
    .execute(&mut **writing)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes a version out of those that wait; false where it is not among them.
pub(crate) async fn remove(writing: &mut Writing, id: &str) -> Result<bool, RegistryError> {
    let done = sqlx::query("DELETE FROM staged_versions WHERE id = $1").bind(id).execute(&mut **writing);
    Ok(done.await?.rows_affected() > 0)
}
