//! What the registry must remember for itself.

use super::Database;
use crate::RegistryError;

impl Database {
    /// The secret of that name, where there is one.
    pub async fn kept_secret(&self, name: &str) -> Result<Option<String>, RegistryError> {
        let query = sqlx::query_scalar("SELECT value FROM secrets WHERE name = $1");
        Ok(query.bind(name).fetch_optional(self.read()).await?)
    }

    /// The secret of that name; `made` becomes it where there is none yet. All processes get the same one.
    pub async fn secret(&self, name: &str, made: String) -> Result<String, RegistryError> {
        let mut writing = self.write().await?;
        sqlx::query("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(made)
            .execute(&mut *writing)
            .await?;
        let kept: String = sqlx::query_scalar("SELECT value FROM secrets WHERE name = $1")
            .bind(name)
            .fetch_one(&mut *writing)
            .await?;
        writing.commit().await?;
        Ok(kept)
    }
}
