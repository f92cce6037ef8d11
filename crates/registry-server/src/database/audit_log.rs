//! What was changed, by whom and from where: rows that are added and never changed.
//!
//! An entry is written in the transaction of what it tells, so one is not there without the other.

use super::{Database, Writing};
use crate::RegistryError;
use crate::identity::random;
use crate::identity::redact::redact;
use crate::identity::token::hexadecimal;

/// What was done to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditEntry {
    /// Milliseconds since the epoch.
    pub at: i64,
    /// A user, `trusted publisher`, or nobody.
    pub actor: String,
    /// The address it came from.
    pub address: String,
    /// A verb of the kind `token.create`.
    pub action: String,
    /// A user, a package, a team, the beginning of a token.
    pub object: String,
    pub detail: String,
}

impl Database {
    /// So many entries after the newest `offset`, the newest first.
    pub async fn audit_log(&self, limit: i64, offset: i64) -> Result<Vec<AuditEntry>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT at, actor, address, action, object, detail FROM audit_log ORDER BY at DESC, id
             LIMIT $1 OFFSET $2",
        );
        let rows: Vec<(i64, String, String, String, String, String)> =
            query.bind(limit).bind(offset).fetch_all(self.read()).await?;
        let read = |(at, actor, address, action, object, detail)| AuditEntry {
            at,
            actor,
            address,
            action,
            object,
            detail,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// How many entries there are.
    pub async fn audit_log_length(&self) -> Result<i64, RegistryError> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM audit_log").fetch_one(self.read()).await?)
    }
}

/// Adds an entry.
pub(crate) async fn append(writing: &mut Writing, entry: &AuditEntry) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO audit_log (id, at, actor, address, action, object, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(hexadecimal(&random::bytes::<16>()?))
    .bind(entry.at)
    .bind(&entry.actor)
    .bind(&entry.address)
    .bind(&entry.action)
    .bind(redact(&entry.object))
    .bind(redact(&entry.detail))
    .execute(&mut **writing)
    .await?;
    Ok(())
}
