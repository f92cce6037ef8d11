//! What is known against versions of packages.

use sqlx::{AssertSqlSafe, Row};

use super::{Database, parameters};
use crate::RegistryError;
use crate::advisories::Advisory;

/// Names in one query: SQLite takes some thirty thousand parameters.
const NAMES: usize = 500;

impl Database {
    /// The advisories about these packages, in the order of packages and advisories.
    pub async fn advisories_about(&self, names: &[String]) -> Result<Vec<Advisory>, RegistryError> {
        let mut found = Vec::new();
        for names in names.chunks(NAMES) {
            let query = AssertSqlSafe(format!(
                "SELECT id, package, number, modified, severity, title, vulnerable, patched, details FROM advisories
                 WHERE package IN ({}) ORDER BY package, id",
                parameters(names.len())
            ));
            let mut query = sqlx::query(query);
            for name in names {
                query = query.bind(name.as_str());
            }
            for row in query.fetch_all(self.read()).await? {
                found.push(read_advisory(&row)?);
            }
        }
        Ok(found)
    }

    /// When the advisories of these names that there are were last modified: milliseconds since the epoch.
    pub async fn advisory_times(&self, ids: &[String]) -> Result<Vec<(String, i64)>, RegistryError> {
        let mut times = Vec::with_capacity(ids.len());
        for ids in ids.chunks(NAMES) {
            let query = AssertSqlSafe(format!(
                "SELECT id, MAX(modified) FROM advisories WHERE id IN ({}) GROUP BY id",
                parameters(ids.len())
            ));
            let mut query = sqlx::query_as(query);
            for id in ids {
                query = query.bind(id.as_str());
            }
            times.extend(query.fetch_all(self.read()).await?);
        }
        Ok(times)
    }

    /// Puts advisories in place of all that there are of these names.
    pub async fn replace_advisories(&self, ids: &[&str], new: &[&Advisory]) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        for id in ids {
            sqlx::query("DELETE FROM advisories WHERE id = $1").bind(*id).execute(&mut *writing).await?;
        }
        for advisory in new {
            // two processes may import the same at once
            sqlx::query(
                "INSERT INTO advisories (id, package, number, modified, severity, title, vulnerable, patched, details)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (package, id) DO NOTHING",
            )
            .bind(&advisory.id)
            .bind(&advisory.package)
            .bind(advisory.number)
            .bind(advisory.modified)
            .bind(&advisory.severity)
            .bind(&advisory.title)
            .bind(&advisory.vulnerable)
            .bind(&advisory.patched)
            .bind(serde_json::json!(advisory.details).to_string())
            .execute(&mut *writing)
            .await?;
        }
        writing.commit().await?;
        Ok(())
    }
}

fn read_advisory(row: &sqlx::any::AnyRow) -> Result<Advisory, RegistryError> {
    let (id, details): (String, String) = (row.try_get(0)?, row.try_get(8)?);
    let details = serde_json::from_str(&details)
        .map_err(|_| RegistryError::Row { table: "advisories", key: id.clone() })?;
    Ok(Advisory {
        id,
        package: row.try_get(1)?,
        number: row.try_get(2)?,
        modified: row.try_get(3)?,
        severity: row.try_get(4)?,
        title: row.try_get(5)?,
        vulnerable: row.try_get(6)?,
        patched: row.try_get(7)?,
        details,
    })
}
