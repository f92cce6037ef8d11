//! Secrets of all tables, brought into the state that the settings ask for.

use sqlx::AssertSqlSafe;

use super::Database;
use crate::RegistryError;
use crate::identity::sealing::Sealing;

/// Tables with secrets: the table, the column that its rows are told by, and that of the secret. A secret is sealed for
/// the place `table/row`.
const SECRETS: [(&str, &str, &str); 3] =
    [("authenticators", "username", "secret"), ("hooks", "id", "secret"), ("secrets", "name", "value")];

/// A sealed text by which a key is known again.
const CHECK: &str = "sealing check";
const CHECKED: &str = "the key is this one";

impl Database {
    /// Seals what lies in clear, where there is a key.
    ///
    /// Errors: another key than that by which secrets were sealed before, or none.
    pub async fn seal_secrets(&self, sealing: &Sealing) -> Result<(), RegistryError> {
        let place = format!("secrets/{CHECK}");
        if !sealing.has_key() {
            let is_sealed = self.kept_secret(CHECK).await?.is_some();
            return if is_sealed { Err(RegistryError::SealingKey) } else { Ok(()) };
        }
        let kept = self.secret(CHECK, sealing.seal(&place, CHECKED)?).await?;
        if sealing.open(&place, &kept).ok().as_deref() != Some(CHECKED) {
            return Err(RegistryError::SealingKey);
        }
        let mut writing = self.write().await?;
        if self.is_sqlite {
            // what is overwritten must not stay in the file's unused parts
            sqlx::query("PRAGMA secure_delete = ON").execute(&mut *writing).await?;
        }
        for (table, key, column) in SECRETS {
            // the names are those above
            let select = AssertSqlSafe(format!("SELECT {key}, {column} FROM {table}"));
            let rows: Vec<(String, String)> = sqlx::query_as(select).fetch_all(&mut *writing).await?;
            for (row, kept) in rows.into_iter().filter(|(_, kept)| !sealing.is_kept(kept)) {
                let place = format!("{table}/{row}");
                let sealed = sealing.seal(&place, &sealing.open(&place, &kept)?)?;
                let update = format!("UPDATE {table} SET {column} = $2 WHERE {key} = $1 AND {column} = $3");
                let update = sqlx::query(AssertSqlSafe(update)).bind(row).bind(sealed).bind(kept);
                update.execute(&mut *writing).await?;
            }
        }
        writing.commit().await?;
        Ok(())
    }
}
