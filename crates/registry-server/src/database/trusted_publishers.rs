//! The workflows that packages trust, and the id-tokens that were used up.

use serde_json::Value;

use super::{Database, Writing};
use crate::identity::oidc::TrustedPublisher;
use crate::{PackageName, RegistryError};

impl Database {
    /// The trusted publishers of a package with their ids, in the order in which they were added.
    pub async fn trusted_publishers(
        &self,
        package: &PackageName,
    ) -> Result<Vec<(String, TrustedPublisher)>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT id, document FROM trusted_publishers WHERE package = $1 ORDER BY created, id",
        );
        let rows: Vec<(String, String)> = query.bind(package.as_str()).fetch_all(self.read()).await?;
        let read = |(id, text): (String, String)| {
            let document: Option<Value> = serde_json::from_str(&text).ok();
            let publisher = document.and_then(|document| TrustedPublisher::read(document).ok());
            let unreadable = || RegistryError::Row { table: "trusted_publishers", key: id.clone() };
            Ok((id.clone(), publisher.ok_or_else(unreadable)?))
        };
        rows.into_iter().map(read).collect()
    }
}

pub(crate) async fn add(
    writing: &mut Writing,
    id: &str,
    package: &PackageName,
    publisher: &TrustedPublisher,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("INSERT INTO trusted_publishers (id, package, document, created) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(package.as_str())
        .bind(publisher.to_json().to_string())
        .bind(now)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Takes a trusted publisher away; false where the package has none of that id.
pub(crate) async fn remove(
    writing: &mut Writing,
    package: &PackageName,
    id: &str,
) -> Result<bool, RegistryError> {
    let query = sqlx::query("DELETE FROM trusted_publishers WHERE package = $1 AND id = $2");
    Ok(query.bind(package.as_str()).bind(id).execute(&mut **writing).await?.rows_affected() > 0)
}

/// Marks an id-token as used; false where it was used before.
pub(crate) async fn use_id_token(
    writing: &mut Writing,
    digest: &str,
    expires: i64,
    now: i64,
) -> Result<bool, RegistryError> {
    sqlx::query("DELETE FROM used_id_tokens WHERE expires <= $1").bind(now).execute(&mut **writing).await?;
    let query = sqlx::query(
        "INSERT INTO used_id_tokens (digest, expires) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
    );
    Ok(query.bind(digest).bind(expires).execute(&mut **writing).await?.rows_affected() > 0)
}
