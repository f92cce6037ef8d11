//! Packages, versions, dist-tags.
//!
//! Whoever changes a package first takes its row (`touch`): changes of one package come one after the other, in every
//! process, and each has a revision of its own.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Database, Writing};
use crate::publish::Maintainer;
use crate::{PackageName, RegistryError};

/// The tags of a package with their versions.
pub(crate) type DistTags = BTreeMap<String, String>;

/// A package, without its versions.
#[derive(Debug)]
pub(crate) struct PackageRow {
    pub revision: i64,
    /// Milliseconds since the epoch, as all times here.
    pub created: i64,
    pub modified: i64,
    pub removed: Option<i64>,
    pub readme: Option<String>,
    pub readme_filename: Option<String>,
}

/// A version that was published.
#[derive(Debug)]
pub(crate) struct VersionRow {
    pub version: String,
    pub published: i64,
    pub removed: Option<i64>,
    pub manifest: String,
    pub deprecated: Option<String>,
}

/// A version to be published.
#[derive(Debug)]
pub(crate) struct NewVersion<'a> {
    pub version: &'a str,
    pub manifest: &'a str,
    pub deprecated: Option<&'a str>,
    pub file: &'a str,
    /// SHA-512 of the tarball in hexadecimal.
    pub digest: &'a str,
    /// Bytes of the tarball.
    pub size: i64,
    pub attestations: Option<&'a str>,
    pub publisher: &'a str,
}

/// What became of a version to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Published {
    Done,
    /// There is, or was, such a version.
    Exists,
}

impl Database {
    /// A package's own row, removed or not.
    pub async fn package(&self, name: &PackageName) -> Result<Option<PackageRow>, RegistryError> {
        let query = sqlx::query(
            "SELECT revision, created, modified, removed, readme, readme_filename FROM packages WHERE name = $1",
        );
        let Some(row) = query.bind(name.as_str()).fetch_optional(self.read()).await? else { return Ok(None) };
        Ok(Some(PackageRow {
            revision: row.try_get(0)?,
            created: row.try_get(1)?,
            modified: row.try_get(2)?,
            removed: row.try_get(3)?,
            readme: row.try_get(4)?,
            readme_filename: row.try_get(5)?,
        }))
    }

    /// Every version of a package in the order of publication, removed ones too.
    pub async fn versions(&self, name: &PackageName) -> Result<Vec<VersionRow>, RegistryError> {
        let query = sqlx::query(
            "SELECT version, published, removed, manifest, deprecated FROM versions WHERE package = $1 ORDER BY ordinal",
        );
        let rows = query.bind(name.as_str()).fetch_all(self.read()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(VersionRow {
                version: row.try_get(0)?,
                published: row.try_get(1)?,
                removed: row.try_get(2)?,
                manifest: row.try_get(3)?,
                deprecated: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The dist-tags of a package.
    pub async fn dist_tags(&self, name: &PackageName) -> Result<DistTags, RegistryError> {
        pairs("SELECT tag, version FROM dist_tags WHERE package = $1", name, self).await
    }

    /// The maintainers of a package with their addresses.
    pub async fn maintainers(&self, name: &PackageName) -> Result<BTreeMap<String, String>, RegistryError> {
        pairs("SELECT username, email FROM maintainers WHERE package = $1", name, self).await
    }

    /// Who starred a package.
    pub async fn starred_by(&self, name: &PackageName) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar("SELECT username FROM stars WHERE package = $1 ORDER BY username");
        Ok(query.bind(name.as_str()).fetch_all(self.read()).await?)
    }

    /// The digest and length in bytes of a tarball, by its file name.
    pub async fn tarball(
        &self,
        name: &PackageName,
        file: &str,
    ) -> Result<Option<(String, i64)>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT digest, size FROM versions WHERE package = $1 AND file = $2 AND removed IS NULL",
        );
        Ok(query.bind(name.as_str()).bind(file).fetch_optional(self.read()).await?)
    }

    /// The attestations of a version, as JSON.
    pub async fn attestations(
        &self,
        name: &PackageName,
        version: &str,
    ) -> Result<Option<String>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT attestations FROM versions WHERE package = $1 AND version = $2 AND removed IS NULL",
        );
        let found: Option<Option<String>> =
            query.bind(name.as_str()).bind(version).fetch_optional(self.read()).await?;
        Ok(found.flatten())
    }
}

async fn pairs(
    query: &'static str,
    name: &PackageName,
    database: &Database,
) -> Result<BTreeMap<String, String>, RegistryError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as(query).bind(name.as_str()).fetch_all(database.read()).await?;
    Ok(rows.into_iter().collect())
}

/// Changes of one package, in a transaction.
pub(crate) struct Change<'a> {
    writing: &'a mut Writing,
    name: &'a PackageName,
    now: i64,
    /// The revision that this change makes.
    pub revision: i64,
    /// Whether the package was removed before.
    pub was_removed: bool,
}

/// Makes a package where there is none; answers whether it made one.
pub(crate) async fn create(
    writing: &mut Writing,
    name: &PackageName,
    access: &str,
    now: i64,
) -> Result<bool, RegistryError> {
    let query = sqlx::query(
        "INSERT INTO packages (name, revision, created, modified, access) VALUES ($1, 0, $2, $2, $3)
         ON CONFLICT (name) DO NOTHING",
    );
    let done = query.bind(name.as_str()).bind(now).bind(access).execute(&mut **writing).await?;
    Ok(done.rows_affected() > 0)
}

impl<'a> Change<'a> {
    /// Takes a package until the transaction ends; none where there is no such package.
    pub async fn begin(
        writing: &'a mut Writing,
        name: &'a PackageName,
        now: i64,
    ) -> Result<Option<Change<'a>>, RegistryError> {
        // a clock that was set back must not make a document look older than the one before it
        let query = sqlx::query_as(
            "UPDATE packages SET revision = revision + 1,
             modified = CASE WHEN revision > 0 AND modified >= $2 THEN modified + 1 ELSE $2 END
             WHERE name = $1 RETURNING revision, removed",
        );
        let row: Option<(i64, Option<i64>)> =
            query.bind(name.as_str()).bind(now).fetch_optional(&mut **writing).await?;
        Ok(row.map(|(revision, removed)| Change {
            writing,
            name,
            now,
            revision,
            was_removed: removed.is_some(),
        }))
    }

    /// Adds a version.
    pub async fn add_version(&mut self, new: &NewVersion<'_>) -> Result<Published, RegistryError> {
        let query = sqlx::query(
            "INSERT INTO versions (package, version, ordinal, published, publisher, manifest, deprecated, file, digest,
             size, attestations) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        );
        let done = query
            .bind(self.name.as_str())
            .bind(new.version)
            .bind(self.revision)
            .bind(self.now)
            .bind(new.publisher)
            .bind(new.manifest)
            .bind(new.deprecated)
            .bind(new.file)
            .bind(new.digest)
            .bind(new.size)
            .bind(new.attestations)
            .execute(&mut **self.writing)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(Published::Exists);
        }
        if self.was_removed {
            self.run("UPDATE packages SET removed = NULL WHERE name = $1").await?;
        }
        Ok(Published::Done)
    }

    /// Keeps what a package page shows.
    pub async fn set_readme(&mut self, readme: &str, filename: Option<&str>) -> Result<(), RegistryError> {
        let query = sqlx::query("UPDATE packages SET readme = $2, readme_filename = $3 WHERE name = $1");
        query.bind(self.name.as_str()).bind(readme).bind(filename).execute(&mut **self.writing).await?;
        Ok(())
    }

    /// Points a tag at a version; false where there is no such version.
    pub async fn set_tag(&mut self, tag: &str, version: &str) -> Result<bool, RegistryError> {
        let query = sqlx::query(
            "INSERT INTO dist_tags (package, tag, version)
             SELECT package, $2, version FROM versions WHERE package = $1 AND version = $3 AND removed IS NULL
             ON CONFLICT (package, tag) DO UPDATE SET version = excluded.version",
        );
        let done =
            query.bind(self.name.as_str()).bind(tag).bind(version).execute(&mut **self.writing).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a tag away; false where there is none.
    pub async fn remove_tag(&mut self, tag: &str) -> Result<bool, RegistryError> {
        let query = sqlx::query("DELETE FROM dist_tags WHERE package = $1 AND tag = $2");
        Ok(query.bind(self.name.as_str()).bind(tag).execute(&mut **self.writing).await?.rows_affected() > 0)
    }

    /// Deprecates a version with a message, or no longer.
    pub async fn deprecate(&mut self, version: &str, message: Option<&str>) -> Result<(), RegistryError> {
        let query = sqlx::query("UPDATE versions SET deprecated = $3 WHERE package = $1 AND version = $2");
        query.bind(self.name.as_str()).bind(version).bind(message).execute(&mut **self.writing).await?;
        Ok(())
    }

    /// The versions that are not removed, in the order of publication.
    pub async fn visible_versions(&mut self) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT version FROM versions WHERE package = $1 AND removed IS NULL ORDER BY ordinal",
        );
        Ok(query.bind(self.name.as_str()).fetch_all(&mut **self.writing).await?)
    }

    /// The dist-tags as they stand.
    pub async fn tags(&mut self) -> Result<DistTags, RegistryError> {
        let query = sqlx::query_as("SELECT tag, version FROM dist_tags WHERE package = $1");
        let rows: Vec<(String, String)> =
            query.bind(self.name.as_str()).fetch_all(&mut **self.writing).await?;
        Ok(rows.into_iter().collect())
    }

    /// Removes a version. Its number stays taken.
    pub async fn remove_version(&mut self, version: &str) -> Result<(), RegistryError> {
        let query = sqlx::query("UPDATE versions SET removed = $3 WHERE package = $1 AND version = $2");
        query.bind(self.name.as_str()).bind(version).bind(self.now).execute(&mut **self.writing).await?;
        Ok(())
    }

    /// Removes the package with all of its versions. Their numbers stay taken.
    pub async fn remove_package(&mut self) -> Result<(), RegistryError> {
        for table in [
            "UPDATE versions SET removed = COALESCE(removed, $2) WHERE package = $1",
            "UPDATE packages SET removed = $2 WHERE name = $1",
        ] {
            sqlx::query(table).bind(self.name.as_str()).bind(self.now).execute(&mut **self.writing).await?;
        }
        self.run("DELETE FROM dist_tags WHERE package = $1").await
    }

    /// Who may publish.
    pub async fn maintainers(&mut self) -> Result<Vec<Maintainer>, RegistryError> {
        let query =
            sqlx::query_as("SELECT username, email FROM maintainers WHERE package = $1 ORDER BY username");
        let rows: Vec<(String, String)> =
            query.bind(self.name.as_str()).fetch_all(&mut **self.writing).await?;
        Ok(rows.into_iter().map(|(name, email)| Maintainer { name, email }).collect())
    }

    /// Who may publish, as a whole.
    pub async fn set_maintainers(&mut self, maintainers: &[Maintainer]) -> Result<(), RegistryError> {
        self.run("DELETE FROM maintainers WHERE package = $1").await?;
        for Maintainer { name, email } in maintainers {
            let query = sqlx::query(
                "INSERT INTO maintainers (package, username, email) VALUES ($1, $2, $3)
                 ON CONFLICT (package, username) DO UPDATE SET email = excluded.email",
            );
            query.bind(self.name.as_str()).bind(name).bind(email).execute(&mut **self.writing).await?;
        }
        Ok(())
    }

    /// A star given or taken back.
    pub async fn star(&mut self, username: &str, is_starred: bool) -> Result<(), RegistryError> {
        let query = if is_starred {
            "INSERT INTO stars (package, username) VALUES ($1, $2) ON CONFLICT (package, username) DO NOTHING"
        } else {
            "DELETE FROM stars WHERE package = $1 AND username = $2"
        };
        sqlx::query(query).bind(self.name.as_str()).bind(username).execute(&mut **self.writing).await?;
        Ok(())
    }

    async fn run(&mut self, query: &'static str) -> Result<(), RegistryError> {
        sqlx::query(query).bind(self.name.as_str()).execute(&mut **self.writing).await?;
        Ok(())
    }
}
