//! What is kept of upstreams: which packument and which tarballs, and when they were last checked and used.

use sqlx::Row;

use super::Database;
use super::upstream_room::unnamed_packument;
use crate::{PackageName, RegistryError};

/// An upstream's packument, or the fact that it has none.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamPackumentRow {
    /// Milliseconds since the epoch.
    pub checked: i64,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The blob of the compressed document; none where there is no such package.
    pub digest: Option<String>,
    /// Bytes of the blob.
    pub size: i64,
    /// When it was last asked for, in milliseconds since the epoch.
    pub used: i64,
    /// An [`UpstreamSummary`](super::UpstreamSummary), JSON; none where there is no version to show, or it was kept
    /// before there were summaries.
    pub summary: Option<String>,
}

/// A tarball that was fetched from an upstream.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamTarballRow {
    pub integrity: String,
    pub digest: String,
    /// Bytes.
    pub size: i64,
    /// Milliseconds since the epoch.
    pub used: i64,
}

/// A tarball by its address at an upstream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UpstreamFile<'a> {
    pub upstream: &'a str,
    pub name: &'a PackageName,
    pub file: &'a str,
}

impl Database {
    /// What is kept of a package of an upstream.
    pub async fn upstream_packument(
        &self,
        upstream: &str,
        name: &PackageName,
    ) -> Result<Option<UpstreamPackumentRow>, RegistryError> {
        let row = sqlx::query(
            "SELECT checked, etag, last_modified, digest, COALESCE(size, 0), used, summary
             FROM upstream_packuments WHERE upstream = $1 AND package = $2",
        )
        .bind(upstream)
        .bind(name.as_str())
        .fetch_optional(self.read())
        .await?;
        row.map(|row| {
            Ok(UpstreamPackumentRow {
                checked: row.try_get(0)?,
                etag: row.try_get(1)?,
                last_modified: row.try_get(2)?,
                digest: row.try_get(3)?,
                size: row.try_get(4)?,
                used: row.try_get(5)?,
                summary: row.try_get(6)?,
            })
        })
        .transpose()
    }

    /// Puts or replaces what is kept of a package. Answers the blob that no package needs any more.
    pub async fn put_upstream_packument(
        &self,
        upstream: &str,
        name: &PackageName,
        new: &UpstreamPackumentRow,
    ) -> Result<Option<String>, RegistryError> {
        let mut writing = self.write().await?;
        let old = sqlx::query("SELECT digest FROM upstream_packuments WHERE upstream = $1 AND package = $2")
            .bind(upstream)
            .bind(name.as_str())
            .fetch_optional(&mut *writing)
            .await?;
        let old: Option<String> = old.map(|row| row.try_get(0)).transpose()?.flatten();
        sqlx::query(
            "INSERT INTO upstream_packuments
                 (upstream, package, checked, etag, last_modified, digest, size, used, summary, changed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (upstream, package) DO UPDATE SET checked = excluded.checked, etag = excluded.etag,
             last_modified = excluded.last_modified, digest = excluded.digest, size = excluded.size,
             used = excluded.used, summary = excluded.summary, changed = excluded.changed",
        )
        .bind(upstream)
        .bind(name.as_str())
        .bind(new.checked)
        .bind(new.etag.as_deref())
        .bind(new.last_modified.as_deref())
        .bind(new.digest.as_deref())
        .bind(new.size)
        .bind(new.used)
        .bind(new.summary.as_deref())
        .bind(new.summary.as_ref().map_or(0, |_| new.checked))
        .execute(&mut *writing)
        .await?;
        let replaced = old.filter(|old| Some(old) != new.digest.as_ref());
        let unneeded = unnamed_packument(&mut writing, replaced).await?;
        writing.commit().await?;
        Ok(unneeded)
    }

    /// Notes that a packument which is kept was asked for, and confirmed by its upstream. `false` where it is kept no
    /// more, or another one is.
    pub async fn confirm_upstream_packument(
        &self,
        upstream: &str,
        name: &PackageName,
        digest: &str,
        now: i64,
    ) -> Result<bool, RegistryError> {
        let mut writing = self.write().await?;
        let confirmed = sqlx::query(
            "UPDATE upstream_packuments SET checked = $4, used = $4
             WHERE upstream = $1 AND package = $2 AND digest = $3",
        )
        .bind(upstream)
        .bind(name.as_str())
        .bind(digest)
        .bind(now)
        .execute(&mut *writing)
        .await?;
        writing.commit().await?;
        Ok(confirmed.rows_affected() > 0)
    }

    /// Notes that a packument was asked for.
    pub async fn use_upstream_packument(
        &self,
        upstream: &str,
        name: &PackageName,
        now: i64,
    ) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query("UPDATE upstream_packuments SET used = $3 WHERE upstream = $1 AND package = $2")
            .bind(upstream)
            .bind(name.as_str())
            .bind(now)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(())
    }

    /// A tarball that was fetched.
    pub async fn upstream_tarball(
        &self,
        of: UpstreamFile<'_>,
    ) -> Result<Option<UpstreamTarballRow>, RegistryError> {
        let row = sqlx::query(
            "SELECT integrity, digest, size, used FROM upstream_tarballs
             WHERE upstream = $1 AND package = $2 AND file = $3",
        )
        .bind(of.upstream)
        .bind(of.name.as_str())
        .bind(of.file)
        .fetch_optional(self.read())
        .await?;
        row.map(|row| {
            Ok(UpstreamTarballRow {
                integrity: row.try_get(0)?,
                digest: row.try_get(1)?,
                size: row.try_get(2)?,
                used: row.try_get(3)?,
            })
        })
        .transpose()
    }

    /// Puts or replaces a tarball. Answers the blob that no tarball needs any more.
    pub async fn put_upstream_tarball(
        &self,
        of: UpstreamFile<'_>,
        new: &UpstreamTarballRow,
    ) -> Result<Option<String>, RegistryError> {
        let mut writing = self.write().await?;
        let old = sqlx::query(
            "SELECT digest FROM upstream_tarballs WHERE upstream = $1 AND package = $2 AND file = $3",
        )
        .bind(of.upstream)
        .bind(of.name.as_str())
        .bind(of.file)
        .fetch_optional(&mut *writing)
        .await?;
        let old: Option<String> = old.map(|row| row.try_get(0)).transpose()?;
        sqlx::query(
            "INSERT INTO upstream_tarballs (upstream, package, file, integrity, digest, size, used)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (upstream, package, file) DO UPDATE SET integrity = excluded.integrity,
             digest = excluded.digest, size = excluded.size, used = excluded.used",
        )
        .bind(of.upstream)
        .bind(of.name.as_str())
        .bind(of.file)
        .bind(&new.integrity)
        .bind(&new.digest)
        .bind(new.size)
        .bind(new.used)
        .execute(&mut *writing)
        .await?;
        let mut unneeded = None;
        if let Some(digest) = old.filter(|old| *old != new.digest) {
            let others = sqlx::query("SELECT 1 FROM upstream_tarballs WHERE digest = $1 LIMIT 1")
                .bind(&digest)
                .fetch_optional(&mut *writing)
                .await?;
            unneeded = others.is_none().then_some(digest);
        }
        writing.commit().await?;
        Ok(unneeded)
    }

    /// Notes that a tarball was asked for.
    pub async fn use_upstream_tarball(&self, of: UpstreamFile<'_>, now: i64) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query(
            "UPDATE upstream_tarballs SET used = $4 WHERE upstream = $1 AND package = $2 AND file = $3",
        )
        .bind(of.upstream)
        .bind(of.name.as_str())
        .bind(of.file)
        .bind(now)
        .execute(&mut *writing)
        .await?;
        writing.commit().await?;
        Ok(())
    }

    /// Forgets a tarball, whose blob is gone or no longer what the packument says.
    pub async fn forget_upstream_tarball(&self, of: UpstreamFile<'_>) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM upstream_tarballs WHERE upstream = $1 AND package = $2 AND file = $3")
            .bind(of.upstream)
            .bind(of.name.as_str())
            .bind(of.file)
            .execute(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(())
    }
}
