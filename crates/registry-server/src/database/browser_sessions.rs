//! Logins of people in browsers, by the digests of their cookies.

use sqlx::Row;

use super::{Database, Writing};
use crate::RegistryError;
use crate::identity::{AccountName, SessionKey};

/// A login in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRow {
    pub user: AccountName,
    pub stage: SessionStage,
    /// Milliseconds since the epoch.
    pub created: i64,
}

/// How far a login in a browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionStage {
    /// The password was right; the user's one-time password is still to come.
    PasswordShown,
    SignedIn,
}

/// A login to be kept.
#[derive(Debug)]
pub(crate) struct NewSession<'a> {
    pub key: &'a SessionKey,
    pub user: &'a AccountName,
    pub stage: SessionStage,
    /// Milliseconds that it lasts.
    pub lifetime: i64,
}

impl Database {
    /// The login of a cookie; `None` where there is none, or it has ended.
    pub async fn browser_session(
        &self,
        key: &SessionKey,
        now: i64,
    ) -> Result<Option<SessionRow>, RegistryError> {
        let query = sqlx::query(
            "SELECT username, waits_for_code, created FROM browser_sessions WHERE digest = $1 AND expires > $2",
        );
        let Some(row) = query.bind(key.digest()).bind(now).fetch_optional(self.read()).await? else {
            return Ok(None);
        };
        let user: String = row.try_get(0)?;
        let waits_for_code: i64 = row.try_get(1)?;
        let unreadable = |_| RegistryError::Row { table: "browser_sessions", key: user.clone() };
        Ok(Some(SessionRow {
            user: AccountName::parse(&user).map_err(unreadable)?,
            stage: if waits_for_code == 0 { SessionStage::SignedIn } else { SessionStage::PasswordShown },
            created: row.try_get(2)?,
        }))
    }
}

/// Keeps a login, and lets go of those that have expired.
pub(crate) async fn create(
    writing: &mut Writing,
    new: &NewSession<'_>,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM browser_sessions WHERE expires <= $1").bind(now).execute(&mut **writing).await?;
    sqlx::query(
        "INSERT INTO browser_sessions (digest, username, waits_for_code, created, expires)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(new.key.digest())
    .bind(new.user.as_str())
    .bind(i64::from(new.stage == SessionStage::PasswordShown))
    .bind(now)
    .bind(now.saturating_add(new.lifetime))
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Ends the login of a cookie; false where there is none.
pub(crate) async fn end(writing: &mut Writing, key: &SessionKey) -> Result<bool, RegistryError> {
    let query = sqlx::query("DELETE FROM browser_sessions WHERE digest = $1");
    Ok(query.bind(key.digest()).execute(&mut **writing).await?.rows_affected() > 0)
}

/// Ends the logins of a user but for one; how many there were.
pub(crate) async fn end_others(
    writing: &mut Writing,
    user: &AccountName,
    kept: Option<&SessionKey>,
) -> Result<u64, RegistryError> {
    let query = sqlx::query("DELETE FROM browser_sessions WHERE username = $1 AND digest <> $2");
    let query = query.bind(user.as_str()).bind(kept.map(SessionKey::digest).unwrap_or_default());
    Ok(query.execute(&mut **writing).await?.rows_affected())
}
