//! How much is kept of upstreams, and what goes when it is too much.

use sqlx::{AssertSqlSafe, Row};

use super::{Database, Writing};
use crate::RegistryError;

/// What is kept of upstreams, each within a bound of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeptKind {
    Packuments,
    Tarballs,
}

impl KeptKind {
    /// Its key in the settings.
    pub fn word(self) -> &'static str {
        match self {
            KeptKind::Packuments => "packuments",
            KeptKind::Tarballs => "tarballs",
        }
    }
}

/// What went.
#[derive(Debug, Default)]
pub(crate) struct Evicted {
    /// How many packuments or tarballs.
    pub count: u64,
    /// Blobs that nothing names any more.
    pub blobs: Vec<String>,
}

/// A packument of which it was not noted how long it is.
#[derive(Debug)]
pub(crate) struct Unmeasured {
    pub upstream: String,
    pub package: String,
    pub digest: String,
}

/// Bytes that a packument takes beside its document, about: what is not there takes a row too.
pub(crate) const PACKUMENT_ROW: i64 = 512;

/// Packuments that go in one transaction, in which nobody else writes to an SQLite.
const AT_ONCE: i64 = 200;

impl Database {
    /// Bytes of all packuments or tarballs of upstreams together.
    pub async fn kept_bytes(&self, kind: KeptKind) -> Result<u64, RegistryError> {
        let query = match kind {
            KeptKind::Packuments => format!(
                "SELECT CAST(COALESCE(SUM(COALESCE(size, 0) + {PACKUMENT_ROW}), 0) AS BIGINT) FROM upstream_packuments"
            ),
            // one that several files name counts once
            KeptKind::Tarballs => "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM
                (SELECT MAX(size) AS size FROM upstream_tarballs GROUP BY digest) AS tarballs"
                .to_owned(),
        };
        let bytes: i64 = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(self.read()).await?;
        Ok(bytes.unsigned_abs())
    }

    /// Forgets packuments or tarballs, those not asked for the longest first, until the rest has at most so many bytes.
    pub async fn trim_kept(&self, kind: KeptKind, limit: u64) -> Result<Evicted, RegistryError> {
        match kind {
            KeptKind::Packuments => self.trim_packuments(limit).await,
            KeptKind::Tarballs => self.trim_tarballs(limit).await,
        }
    }

    /// Packuments whose lengths were not noted, at most so many.
    pub async fn unmeasured_packuments(&self, most: i64) -> Result<Vec<Unmeasured>, RegistryError> {
        let query = sqlx::query(
            "SELECT upstream, package, digest FROM upstream_packuments
             WHERE size IS NULL AND digest IS NOT NULL LIMIT $1",
        );
        let rows = query.bind(most).fetch_all(self.read()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(Unmeasured { upstream: row.try_get(0)?, package: row.try_get(1)?, digest: row.try_get(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// Notes how many bytes packuments have.
    pub async fn measure_packuments(&self, measured: &[(Unmeasured, u64)]) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        for (of, size) in measured {
            sqlx::query(
                "UPDATE upstream_packuments SET size = $4 WHERE upstream = $1 AND package = $2 AND digest = $3",
            )
            .bind(&of.upstream)
            .bind(&of.package)
            .bind(&of.digest)
            .bind(i64::try_from(*size).unwrap_or(i64::MAX))
            .execute(&mut *writing)
            .await?;
        }
        writing.commit().await?;
        Ok(())
    }

    async fn trim_packuments(&self, limit: u64) -> Result<Evicted, RegistryError> {
        let mut bytes = self.kept_bytes(KeptKind::Packuments).await?;
        let mut evicted = Evicted::default();
        while bytes > limit {
            let mut writing = self.write().await?;
            let oldest = sqlx::query(
                "SELECT upstream, package, used, checked, size, digest FROM upstream_packuments
                 ORDER BY used, checked, upstream, package LIMIT $1",
            );
            let oldest = oldest.bind(AT_ONCE).fetch_all(&mut *writing).await?;
            if oldest.is_empty() {
                break;
            }
            for row in &oldest {
                if bytes <= limit {
                    break;
                }
                let size: Option<i64> = row.try_get(4)?;
                let size = size.unwrap_or(0).saturating_add(PACKUMENT_ROW);
                bytes = bytes.saturating_sub(size.unsigned_abs());
                if forget_packument(&mut writing, row).await? {
                    evicted.count += 1;
                    evicted.blobs.extend(unnamed_packument(&mut writing, row.try_get(5)?).await?);
                }
            }
            writing.commit().await?;
        }
        Ok(evicted)
    }

    async fn trim_tarballs(&self, limit: u64) -> Result<Evicted, RegistryError> {
        // by blob: one that several files name counts once, and was used when the last of them was
        let rows = sqlx::query(
            "SELECT digest, MAX(size) AS size, MAX(used) AS last_used FROM upstream_tarballs
             GROUP BY digest ORDER BY last_used DESC, digest",
        )
        .fetch_all(self.read())
        .await?;
        let mut kept = 0_u64;
        let mut evicted = Evicted::default();
        for row in rows {
            let size: i64 = row.try_get(1)?;
            kept = kept.saturating_add(size.unsigned_abs());
            if kept > limit {
                evicted.blobs.push(row.try_get::<String, _>(0)?);
            }
        }
        if evicted.blobs.is_empty() {
            return Ok(evicted);
        }
        let mut writing = self.write().await?;
        for digest in &evicted.blobs {
            let gone = sqlx::query("DELETE FROM upstream_tarballs WHERE digest = $1")
                .bind(digest)
                .execute(&mut *writing)
                .await?;
            evicted.count += gone.rows_affected();
        }
        writing.commit().await?;
        Ok(evicted)
    }
}

/// Forgets a packument, unless it was used or checked meanwhile; whether it did.
async fn forget_packument(writing: &mut Writing, row: &sqlx::any::AnyRow) -> Result<bool, RegistryError> {
    let query = sqlx::query(
        "DELETE FROM upstream_packuments WHERE upstream = $1 AND package = $2 AND used = $3 AND checked = $4",
    );
    let query = query.bind(row.try_get::<String, _>(0)?).bind(row.try_get::<String, _>(1)?);
    let query = query.bind(row.try_get::<i64, _>(2)?).bind(row.try_get::<i64, _>(3)?);
    Ok(query.execute(&mut **writing).await?.rows_affected() > 0)
}

/// A blob that was a packument's, where it is no other packument's.
pub(super) async fn unnamed_packument(
    writing: &mut Writing,
    digest: Option<String>,
) -> Result<Option<String>, RegistryError> {
    let Some(digest) = digest else { return Ok(None) };
    let others = sqlx::query("SELECT 1 FROM upstream_packuments WHERE digest = $1 LIMIT 1")
        .bind(&digest)
        .fetch_optional(&mut **writing)
        .await?;
    Ok(others.is_none().then_some(digest))
}
