//! How often tarballs were downloaded, by package, day and version.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::Database;
use crate::RegistryError;

/// What downloads are counted for. In this order two processes that add to the same rows do not wait for each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Downloaded {
    pub package: String,
    /// As in `2026-01-31`.
    pub day: String,
    pub version: String,
}

impl Database {
    /// Adds to what was counted.
    pub async fn add_downloads(&self, counts: &BTreeMap<Downloaded, i64>) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        for (of, number) in counts {
            sqlx::query(
                "INSERT INTO downloads (package, day, version, number) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (package, day, version) DO UPDATE SET number = downloads.number + excluded.number",
            )
            .bind(&of.package)
            .bind(&of.day)
            .bind(&of.version)
            .bind(number)
            .execute(&mut *writing)
            .await?;
        }
        writing.commit().await?;
        Ok(())
    }

    /// The downloads of a package, or of all together, on each day from one to another, those days included, that has
    /// any.
    pub async fn downloads_by_day(
        &self,
        package: Option<&str>,
        from: &str,
        to: &str,
    ) -> Result<BTreeMap<String, i64>, RegistryError> {
        self.summed("day", package, from, to).await
    }

    /// The downloads of each version of a package in some days.
    pub async fn downloads_by_version(
        &self,
        package: &str,
        from: &str,
        to: &str,
    ) -> Result<BTreeMap<String, i64>, RegistryError> {
        self.summed("version", Some(package), from, to).await
    }

    /// Downloads added up for each value of a column.
    async fn summed(
        &self,
        column: &'static str,
        package: Option<&str>,
        from: &str,
        to: &str,
    ) -> Result<BTreeMap<String, i64>, RegistryError> {
        let whose = if package.is_some() { "package = $3 AND " } else { "" };
        let query = AssertSqlSafe(format!(
            "SELECT {column}, CAST(SUM(number) AS BIGINT) FROM downloads
             WHERE {whose}day >= $1 AND day <= $2 GROUP BY {column}"
        ));
        let mut query = sqlx::query_as(query).bind(from).bind(to);
        if let Some(package) = package {
            query = query.bind(package);
        }
        let rows: Vec<(String, i64)> = query.fetch_all(self.read()).await?;
        Ok(rows.into_iter().collect())
    }
}
