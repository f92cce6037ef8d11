//! Packages with what lists and searches show of them: their latest versions and their maintainers.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row};

use super::{Database, parameters};
use crate::{PackageName, RegistryError};

/// That a package was changed.
#[derive(Debug)]
pub(crate) struct ChangeRow {
    pub name: String,
    pub revision: i64,
    /// Milliseconds since the epoch, as all times here.
    pub modified: i64,
    pub removed: Option<i64>,
}

/// A package as a list has it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub name: String,
    pub revision: i64,
    pub removed: Option<i64>,
    pub is_restricted: bool,
    pub has_readme: bool,
    /// The version that the tag `latest` stands for.
    pub latest: Option<LatestVersion>,
    /// Names and addresses, in the order of the names.
    pub maintainers: Vec<(String, String)>,
}

/// The version that somebody gets who asks for none.
#[derive(Debug)]
pub(crate) struct LatestVersion {
    pub version: String,
    pub published: i64,
    pub publisher: String,
    pub manifest: String,
    pub deprecated: Option<String>,
}

/// Names in one query: SQLite takes some thirty thousand parameters.
pub(super) const NAMES: usize = 500;

impl Database {
    /// The packages whose last changes come after this one, in the order of time and name.
    pub async fn changes_after(
        &self,
        (modified, name): (i64, &str),
        most: i64,
    ) -> Result<Vec<ChangeRow>, RegistryError> {
        let query = sqlx::query(
            "SELECT name, revision, modified, removed FROM packages WHERE (modified, name) > ($1, $2)
             ORDER BY modified, name LIMIT $3",
        );
        let rows = query.bind(modified).bind(name).bind(most).fetch_all(self.read()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(ChangeRow {
                name: row.try_get(0)?,
                revision: row.try_get(1)?,
                modified: row.try_get(2)?,
                removed: row.try_get(3)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// These packages, in no order; names that there are none of are left out.
    pub async fn listed(&self, names: &[String]) -> Result<Vec<Listed>, RegistryError> {
        let mut listed = Vec::with_capacity(names.len());
        for names in names.chunks(NAMES) {
            let mut maintainers = self.maintainers_of(names).await?;
            // one statement for each number of names: all values are bound
            let query = AssertSqlSafe(format!(
                "SELECT p.name, p.revision, p.removed, p.access, CAST(CASE WHEN p.readme IS NULL THEN 0 ELSE 1 END AS BIGINT),
                 v.version, v.published, v.publisher, v.manifest, v.deprecated
                 FROM packages p
                 LEFT JOIN dist_tags t ON t.package = p.name AND t.tag = 'latest'
                 LEFT JOIN versions v ON v.package = p.name AND v.version = t.version AND v.removed IS NULL
                 WHERE p.name IN ({})",
                parameters(names.len())
            ));
            let mut query = sqlx::query(query);
            for name in names {
                query = query.bind(name.as_str());
            }
            for row in query.fetch_all(self.read()).await? {
                let name: String = row.try_get(0)?;
                let maintainers = maintainers.remove(&name).unwrap_or_default();
                listed.push(read_listed(&row, name, maintainers)?);
            }
        }
        Ok(listed)
    }

    /// Who published which version of a package.
    pub async fn publishers(&self, name: &PackageName) -> Result<HashMap<String, String>, RegistryError> {
        let query = sqlx::query_as("SELECT version, publisher FROM versions WHERE package = $1");
        let rows: Vec<(String, String)> = query.bind(name.as_str()).fetch_all(self.read()).await?;
        Ok(rows.into_iter().collect())
    }

    async fn maintainers_of(
        &self,
        names: &[String],
    ) -> Result<HashMap<String, Vec<(String, String)>>, RegistryError> {
        let query = AssertSqlSafe(format!(
            "SELECT package, username, email FROM maintainers WHERE package IN ({}) ORDER BY username",
            parameters(names.len())
        ));
        let mut query = sqlx::query_as(query);
        for name in names {
            query = query.bind(name.as_str());
        }
        let rows: Vec<(String, String, String)> = query.fetch_all(self.read()).await?;
        let mut maintainers: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (package, username, email) in rows {
            maintainers.entry(package).or_default().push((username, email));
        }
        Ok(maintainers)
    }
}

fn read_listed(
    row: &sqlx::any::AnyRow,
    name: String,
    maintainers: Vec<(String, String)>,
) -> Result<Listed, RegistryError> {
    let version: Option<String> = row.try_get(5)?;
    let latest = match version {
        Some(version) => Some(LatestVersion {
            version,
            published: row.try_get(6)?,
            publisher: row.try_get(7)?,
            manifest: row.try_get(8)?,
            deprecated: row.try_get(9)?,
        }),
        None => None,
    };
    let access: String = row.try_get(3)?;
    let has_readme: i64 = row.try_get(4)?;
    Ok(Listed {
        name,
        revision: row.try_get(1)?,
        removed: row.try_get(2)?,
        is_restricted: access != "public",
        has_readme: has_readme != 0,
        latest,
        maintainers,
    })
}
