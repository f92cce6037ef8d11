//! How much is kept, for those who run the registry.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row};

use super::Database;
use super::upstream_room::PACKUMENT_ROW;
use crate::RegistryError;

/// How much is published here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PublishedUsage {
    pub packages: u64,
    pub versions: u64,
    /// Tarballs, each once whoever names it, and their bytes.
    pub tarballs: u64,
    pub bytes: u64,
}

/// How much is kept of an upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UpstreamUsage {
    pub packages: u64,
    /// Bytes of its packuments, and of its tarballs.
    pub packuments: u64,
    pub tarballs: u64,
}

impl Database {
    /// How much is published here; what was removed is not in it.
    pub async fn published_usage(&self) -> Result<PublishedUsage, RegistryError> {
        let count = |query| sqlx::query_scalar::<_, i64>(query).fetch_one(self.read());
        let packages = count("SELECT COUNT(*) FROM packages WHERE removed IS NULL").await?;
        let versions = count("SELECT COUNT(*) FROM versions WHERE removed IS NULL").await?;
        let row = sqlx::query(
            "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM
             (SELECT digest, MAX(size) AS size FROM versions WHERE removed IS NULL GROUP BY digest) AS tarballs",
        )
        .fetch_one(self.read())
        .await?;
        let (tarballs, bytes): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(PublishedUsage {
            packages: packages.unsigned_abs(),
            versions: versions.unsigned_abs(),
            tarballs: tarballs.unsigned_abs(),
            bytes: bytes.unsigned_abs(),
        })
    }

    /// How much is kept of each upstream, by its name.
    pub async fn upstream_usage(&self) -> Result<BTreeMap<String, UpstreamUsage>, RegistryError> {
        let packuments = AssertSqlSafe(format!(
            "SELECT upstream, COUNT(digest), CAST(SUM(COALESCE(size, 0) + {PACKUMENT_ROW}) AS BIGINT)
             FROM upstream_packuments GROUP BY upstream"
        ));
        let packuments: Vec<(String, i64, i64)> = sqlx::query_as(packuments).fetch_all(self.read()).await?;
        let tarballs: Vec<(String, i64)> = sqlx::query_as(
            "SELECT upstream, CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM upstream_tarballs GROUP BY upstream",
        )
        .fetch_all(self.read())
        .await?;
        let mut usage: BTreeMap<String, UpstreamUsage> = BTreeMap::new();
        for (upstream, packages, bytes) in packuments {
            let usage = usage.entry(upstream).or_default();
            (usage.packages, usage.packuments) = (packages.unsigned_abs(), bytes.unsigned_abs());
        }
        for (upstream, bytes) in tarballs {
            usage.entry(upstream).or_default().tarballs = bytes.unsigned_abs();
        }
        Ok(usage)
    }
}
