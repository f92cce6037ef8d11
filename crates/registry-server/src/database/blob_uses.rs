//! Which rows name which blobs: for those who collect, check and copy blobs.
//!
//! A table whose rows name blobs must be told here, else its blobs are taken away as garbage.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, Row};

use super::Connection;
use crate::RegistryError;

/// A set of blobs: a blob of one is no blob of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlobArea {
    /// What was published here.
    Hosted,
    /// What was fetched from upstreams.
    Upstream,
}

/// Digests in one query: SQLite takes some thirty thousand parameters.
pub(crate) const DIGESTS: usize = 500;

impl BlobArea {
    pub const ALL: [BlobArea; 2] = [BlobArea::Hosted, BlobArea::Upstream];

    /// Tables with a column `digest` that names blobs of this area. A row with a time in the column `removed`, where a
    /// table has one, names its blob no more.
    pub fn tables(self) -> &'static [&'static str] {
        match self {
            BlobArea::Hosted => &["versions", "staged_versions"],
            BlobArea::Upstream => &["upstream_packuments", "upstream_tarballs"],
        }
    }
}

/// Which of these blobs rows name, at most [`DIGESTS`] of them. What a removed version names counts as long as it was
/// removed after `since`.
pub(crate) async fn in_use(
    connection: &mut Connection,
    area: BlobArea,
    digests: &[String],
    since: i64,
) -> Result<HashSet<String>, RegistryError> {
    let parameters = super::parameters(digests.len());
    // one statement for each number of digests: all values are bound
    let query = match area {
        BlobArea::Hosted => format!(
            "SELECT digest FROM versions WHERE digest IN ({parameters}) AND (removed IS NULL OR removed > ${})
             UNION SELECT digest FROM staged_versions WHERE digest IN ({parameters})",
            digests.len() + 1
        ),
        BlobArea::Upstream => format!(
            "SELECT digest FROM upstream_packuments WHERE digest IN ({parameters})
             UNION SELECT digest FROM upstream_tarballs WHERE digest IN ({parameters})"
        ),
    };
    let mut query = sqlx::query_scalar(AssertSqlSafe(query));
    for digest in digests {
        query = query.bind(digest.as_str());
    }
    if area == BlobArea::Hosted {
        query = query.bind(since);
    }
    let found: Vec<String> = query.fetch_all(connection).await?;
    Ok(found.into_iter().collect())
}

/// The blobs of all versions that are not removed, staged ones too, with their lengths in bytes, in the order of their
/// digests.
pub(crate) async fn published(connection: &mut Connection) -> Result<Vec<(String, u64)>, RegistryError> {
    let query = sqlx::query(
        "SELECT digest, MAX(size) FROM (
             SELECT digest, size FROM versions WHERE removed IS NULL
             UNION ALL SELECT digest, size FROM staged_versions
         ) AS named GROUP BY digest ORDER BY digest",
    );
    let rows = query.fetch_all(connection.unlimited()).await?;
    let read = |row: &sqlx::any::AnyRow| {
        let size: i64 = row.try_get(1)?;
        Ok((row.try_get(0)?, size.unsigned_abs()))
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::BlobArea;
    use crate::database::Database;
    use crate::database::schema::TABLES;
    use crate::settings::DatabaseLocation;

    /// Digests of other things than blobs.
    const OTHERS: [&str; 5] =
        ["recovery_codes", "tokens", "used_id_tokens", "login_sessions", "browser_sessions"];

    #[test]
    fn every_table_that_may_name_blobs_is_known() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = DatabaseLocation::Sqlite(folder.path().join("registry.db"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let database = Database::open(&location).await.expect("a database");
            let known: Vec<&str> =
                BlobArea::ALL.iter().flat_map(|area| area.tables()).chain(&OTHERS).copied().collect();
            for table in TABLES.iter() {
                let columns = database.columns(table).await.expect("columns");
                let may_name = columns.iter().any(|column| column.name.contains("digest"));
                assert_eq!(known.contains(&table.as_str()), may_name, "{table}");
            }
            database.close().await;
        });
    }
}
