//! Rows as those read them who check a whole registry, and what puts right what can be put right.

use sqlx::{AssertSqlSafe, Row};

use super::{Database, Writing};
use crate::{PackageName, RegistryError};

/// A version with what is said of its tarball.
#[derive(Clone, Debug)]
pub(crate) struct KeptVersion {
    pub version: String,
    pub ordinal: i64,
    pub removed: Option<i64>,
    pub manifest: String,
    pub file: String,
    /// SHA-512 in hexadecimal.
    pub digest: String,
    /// Bytes.
    pub size: i64,
}

/// A blob that was fetched from an upstream, and what it is of.
#[derive(Clone, Debug)]
pub(crate) struct FetchedBlob {
    pub upstream: String,
    pub package: String,
    /// The name of the tarball's file; none for a packument.
    pub file: Option<String>,
    pub digest: String,
    /// Bytes, where they are known.
    pub size: Option<i64>,
}

/// Rows that are about something that is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Orphans {
    pub table: &'static str,
    /// An expression that tells a row.
    key: &'static str,
    /// Which rows these are.
    condition: &'static str,
    /// What is missing.
    pub missing: &'static str,
}

/// Rows that mean nothing without another one.
pub(crate) const ORPHANS: [Orphans; 9] = [
    Orphans {
        table: "dist_tags",
        key: "package || ' ' || tag",
        condition: "NOT EXISTS (SELECT 1 FROM packages p WHERE p.name = dist_tags.package)
            AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.package = dist_tags.package)",
        missing: "the package",
    },
    Orphans {
        table: "maintainers",
        key: "package || ' ' || username",
        condition: "NOT EXISTS (SELECT 1 FROM packages p WHERE p.name = maintainers.package)
            AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.package = maintainers.package)",
        missing: "the package",
    },
    Orphans {
        table: "stars",
        key: "package || ' ' || username",
        condition: "NOT EXISTS (SELECT 1 FROM packages p WHERE p.name = stars.package)
            AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.package = stars.package)",
        missing: "the package",
    },
    Orphans {
        table: "tokens",
        key: "username || ' ' || shown",
        condition: "username IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users u WHERE u.name = tokens.username)",
        missing: "the user",
    },
    Orphans {
        table: "authenticators",
        key: "username",
        condition: "NOT EXISTS (SELECT 1 FROM users u WHERE u.name = authenticators.username)",
        missing: "the user",
    },
    Orphans {
        table: "recovery_codes",
        key: "username",
        condition: "NOT EXISTS (SELECT 1 FROM users u WHERE u.name = recovery_codes.username)",
        missing: "the user",
    },
    Orphans {
        table: "organisation_members",
        key: "organisation || ' ' || username",
        condition: "NOT EXISTS (SELECT 1 FROM users u WHERE u.name = organisation_members.username)",
        missing: "the user",
    },
    Orphans {
        table: "team_members",
        key: "organisation || ':' || team || ' ' || username",
        condition: "NOT EXISTS (SELECT 1 FROM teams t WHERE t.organisation = team_members.organisation
            AND t.team = team_members.team)",
        missing: "the team",
    },
    Orphans {
        table: "accounts",
        key: "name",
        condition: "kind = 'user' AND NOT EXISTS (SELECT 1 FROM users u WHERE u.name = accounts.name)",
        missing: "the user",
    },
];

impl Database {
    /// Names of packages, removed ones too: the first ones after a name.
    pub async fn package_names(&self, after: &str, most: i64) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar("SELECT name FROM packages WHERE name > $1 ORDER BY name LIMIT $2");
        Ok(query.bind(after).bind(most).fetch_all(self.read()).await?)
    }

    /// Names of packages of which an upstream's packument is kept, with the upstream.
    pub async fn fetched_packages(&self) -> Result<Vec<(String, String)>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT package, upstream FROM upstream_packuments WHERE digest IS NOT NULL ORDER BY package, upstream",
        );
        Ok(query.fetch_all(self.read()).await?)
    }

    /// Every version of a package in the order of publication, removed ones too.
    pub async fn kept_versions(&self, name: &PackageName) -> Result<Vec<KeptVersion>, RegistryError> {
        let query = sqlx::query(
            "SELECT version, ordinal, removed, manifest, file, digest, size FROM versions WHERE package = $1
             ORDER BY ordinal",
        );
        let rows = query.bind(name.as_str()).fetch_all(self.read()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(KeptVersion {
                version: row.try_get(0)?,
                ordinal: row.try_get(1)?,
                removed: row.try_get(2)?,
                manifest: row.try_get(3)?,
                file: row.try_get(4)?,
                digest: row.try_get(5)?,
                size: row.try_get(6)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What staged versions are called, with the digests and lengths in bytes of their tarballs.
    pub async fn staged_tarballs(&self) -> Result<Vec<(String, String, i64)>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT package || '@' || version, digest, size FROM staged_versions ORDER BY package, version",
        );
        Ok(query.fetch_all(self.read()).await?)
    }

    /// Names that have versions and no row of their own.
    pub async fn lost_packages(&self) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT DISTINCT package FROM versions v
             WHERE NOT EXISTS (SELECT 1 FROM packages p WHERE p.name = v.package) ORDER BY package",
        );
        Ok(query.fetch_all(self.read()).await?)
    }

    /// What tells the rows that mean nothing.
    pub async fn orphans(&self, of: &Orphans) -> Result<Vec<String>, RegistryError> {
        let query =
            AssertSqlSafe(format!("SELECT {} FROM {} WHERE {} ORDER BY 1", of.key, of.table, of.condition));
        Ok(sqlx::query_scalar(query).fetch_all(self.read()).await?)
    }

    /// Users whose names are not taken: somebody else could take them.
    pub async fn unnamed_users(&self) -> Result<Vec<String>, RegistryError> {
        let query = sqlx::query_scalar(
            "SELECT name FROM users WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.name = users.name)
             ORDER BY name",
        );
        Ok(query.fetch_all(self.read()).await?)
    }

    /// Everything that was fetched from upstreams and is kept.
    pub async fn fetched_blobs(&self) -> Result<Vec<FetchedBlob>, RegistryError> {
        let query = sqlx::query(
            "SELECT upstream, package, file, digest, size FROM upstream_tarballs
             UNION ALL
             SELECT upstream, package, NULL, digest, size FROM upstream_packuments WHERE digest IS NOT NULL",
        );
        let rows = query.fetch_all(self.read()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(FetchedBlob {
                upstream: row.try_get(0)?,
                package: row.try_get(1)?,
                file: row.try_get(2)?,
                digest: row.try_get(3)?,
                size: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// Takes away rows that mean nothing.
pub(crate) async fn remove_orphans(writing: &mut Writing, of: &Orphans) -> Result<(), RegistryError> {
    let query = AssertSqlSafe(format!("DELETE FROM {} WHERE {}", of.table, of.condition));
    sqlx::query(query).execute(&mut **writing).await?;
    Ok(())
}

/// Makes the row of a package from its versions. Nobody knows any more who might read it, so few may.
pub(crate) async fn find_package(writing: &mut Writing, name: &str, now: i64) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO packages (name, revision, created, modified, removed, access)
         SELECT package, MAX(ordinal), MIN(published), $2,
         CASE WHEN COUNT(*) = COUNT(removed) THEN MAX(removed) END, 'restricted'
         FROM versions WHERE package = $1 GROUP BY package",
    )
    .bind(name)
    .bind(now)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Takes the name of a user who is there.
pub(crate) async fn name_user(writing: &mut Writing, name: &str) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO accounts (name, kind, created) SELECT name, 'user', created FROM users WHERE name = $1",
    )
    .bind(name)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Raises the revision of a package past all of its versions.
pub(crate) async fn raise_revision(writing: &mut Writing, name: &PackageName) -> Result<(), RegistryError> {
    sqlx::query(
        "UPDATE packages SET revision = (SELECT MAX(ordinal) + 1 FROM versions WHERE package = $1)
         WHERE name = $1",
    )
    .bind(name.as_str())
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Replaces what is kept as a version's manifest.
pub(crate) async fn set_manifest(
    writing: &mut Writing,
    name: &PackageName,
    version: &str,
    manifest: &str,
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE versions SET manifest = $3 WHERE package = $1 AND version = $2")
        .bind(name.as_str())
        .bind(version)
        .bind(manifest)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Forgets what was fetched from an upstream, so that it is fetched again.
pub(crate) async fn forget_fetched(writing: &mut Writing, blob: &FetchedBlob) -> Result<(), RegistryError> {
    let query = match &blob.file {
        Some(file) => {
            sqlx::query("DELETE FROM upstream_tarballs WHERE upstream = $1 AND package = $2 AND file = $3")
                .bind(&blob.upstream)
                .bind(&blob.package)
                .bind(file)
        }
        None => sqlx::query("DELETE FROM upstream_packuments WHERE upstream = $1 AND package = $2")
            .bind(&blob.upstream)
            .bind(&blob.package),
    };
    query.execute(&mut **writing).await?;
    Ok(())
}
