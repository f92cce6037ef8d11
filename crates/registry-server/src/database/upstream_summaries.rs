//! What lists and searches show of the packages of upstreams: of those whose packuments are kept.

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row};

use super::listing::{LatestVersion, NAMES};
use super::{Database, Listed};
use crate::{PackageName, RegistryError};

/// The latest version of an upstream's package, as far as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UpstreamSummary {
    pub version: String,
    /// Milliseconds since the epoch; zero where the upstream does not say.
    pub published: i64,
    pub publisher: String,
    /// The fields of the manifest that are searched and shown, JSON.
    pub manifest: String,
    pub deprecated: Option<String>,
    /// Names and addresses.
    pub maintainers: Vec<(String, String)>,
}

impl UpstreamSummary {
    /// The package as a list has it, whose revision is when its packument was read.
    pub fn listed(self, name: String, changed: i64) -> Listed {
        let latest = LatestVersion {
            version: self.version,
            published: self.published,
            publisher: self.publisher,
            manifest: self.manifest,
            deprecated: self.deprecated,
        };
        Listed {
            name,
            revision: changed,
            removed: None,
            is_restricted: false,
            has_readme: false,
            latest: Some(latest),
            maintainers: self.maintainers,
        }
    }
}

/// That a packument was fetched that is another one than before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetched {
    /// Milliseconds since the epoch.
    pub changed: i64,
    pub package: String,
    pub upstream: String,
}

impl Database {
    /// What was fetched after this, in the order of time, name and upstream. What has no summary is left out.
    pub async fn fetched_after(&self, after: &Fetched, most: i64) -> Result<Vec<Fetched>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT changed, package, upstream FROM upstream_packuments
             WHERE (changed, package, upstream) > ($1, $2, $3) ORDER BY changed, package, upstream LIMIT $4",
        );
        // what has no summary was changed at zero
        let query = query.bind(after.changed.max(1)).bind(&after.package).bind(&after.upstream).bind(most);
        let rows: Vec<(i64, String, String)> = query.fetch_all(self.read()).await?;
        let read = |(changed, package, upstream)| Fetched { changed, package, upstream };
        Ok(rows.into_iter().map(read).collect())
    }

    /// These packages of an upstream, in no order; those of which no packument is kept are left out.
    pub async fn listed_of_upstream(
        &self,
        upstream: &str,
        names: &[String],
    ) -> Result<Vec<Listed>, RegistryError> {
        let mut listed = Vec::with_capacity(names.len());
        for names in names.chunks(NAMES) {
            let parameters: Vec<String> = (2..names.len() + 2).map(|number| format!("${number}")).collect();
            let query = AssertSqlSafe(format!(
                "SELECT package, changed, summary FROM upstream_packuments
                 WHERE upstream = $1 AND package IN ({}) AND summary IS NOT NULL",
                parameters.join(", ")
            ));
            let mut query = sqlx::query(query).bind(upstream);
            for name in names {
                query = query.bind(name.as_str());
            }
            for row in query.fetch_all(self.read()).await? {
                let (name, text): (String, String) = (row.try_get(0)?, row.try_get(2)?);
                let summary: UpstreamSummary = serde_json::from_str(&text)
                    .map_err(|_| RegistryError::Row { table: "upstream_packuments", key: name.clone() })?;
                listed.push(summary.listed(name, row.try_get(1)?));
            }
        }
        Ok(listed)
    }

    /// Notes what searches are to know of a packument that was kept before they knew any.
    pub async fn summarise_upstream_packument(
        &self,
        upstream: &str,
        name: &PackageName,
        digest: &str,
        (summary, now): (&UpstreamSummary, i64),
    ) -> Result<(), RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query(
            "UPDATE upstream_packuments SET summary = $4, changed = $5
             WHERE upstream = $1 AND package = $2 AND digest = $3 AND summary IS NULL",
        )
        .bind(upstream)
        .bind(name.as_str())
        .bind(digest)
        .bind(serde_json::json!(summary).to_string())
        .bind(now)
        .execute(&mut *writing)
        .await?;
        writing.commit().await?;
        Ok(())
    }
}
