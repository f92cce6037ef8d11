//! Logins that begin at a command line and end in a browser.

use super::{Database, Writing};
use crate::RegistryError;
use crate::identity::AccountName;

/// A login that waits, as its page in the browser sees it.
#[derive(Debug)]
pub(crate) struct WaitingLogin {
    /// Where the command line is that asked.
    pub address: String,
    /// What it calls itself; may be empty.
    pub client: String,
    /// Who has logged in already.
    pub username: Option<String>,
}

/// What a command line is told that asks whether somebody has logged in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LoginProgress {
    Waiting,
    /// The session ends with this answer.
    Done(AccountName),
    /// There is no such session, or it has expired.
    Unknown,
}

impl Database {
    /// The login of a page; `None` where there is none or it has expired.
    pub async fn waiting_login(&self, page: &str, now: i64) -> Result<Option<WaitingLogin>, RegistryError> {
        let query = sqlx::query_as(
            "SELECT address, client, username FROM login_sessions WHERE page = $1 AND expires > $2",
        );
        let found: Option<(String, String, Option<String>)> =
            query.bind(page).bind(now).fetch_optional(self.read()).await?;
        Ok(found.map(|(address, client, username)| WaitingLogin { address, client, username }))
    }
}

/// A login that begins.
#[derive(Debug)]
pub(crate) struct NewLogin<'a> {
    /// Of what the command line asks with.
    pub digest: &'a str,
    /// What the browser is sent with.
    pub page: &'a str,
    /// Where the command line is, and what it calls itself.
    pub address: &'a str,
    pub client: &'a str,
    pub expires: i64,
}

/// Begins a login, and lets go of those that have expired.
pub(crate) async fn create(writing: &mut Writing, new: &NewLogin<'_>, now: i64) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM login_sessions WHERE expires <= $1").bind(now).execute(&mut **writing).await?;
    sqlx::query(
        "INSERT INTO login_sessions (digest, page, address, client, username, expires)
         VALUES ($1, $2, $3, $4, NULL, $5)",
    )
    .bind(new.digest)
    .bind(new.page)
    .bind(new.address)
    .bind(new.client)
    .bind(new.expires)
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Somebody has logged in at a page; false where it has expired or somebody had before.
pub(crate) async fn approve(
    writing: &mut Writing,
    page: &str,
    user: &AccountName,
    now: i64,
) -> Result<bool, RegistryError> {
    let done = sqlx::query(
        "UPDATE login_sessions SET username = $2 WHERE page = $1 AND username IS NULL AND expires > $3",
    )
    .bind(page)
    .bind(user.as_str())
    .bind(now)
    .execute(&mut **writing)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Answers a command line that asks, and ends the session once somebody has logged in.
pub(crate) async fn collect(
    writing: &mut Writing,
    digest: &str,
    now: i64,
) -> Result<LoginProgress, RegistryError> {
    let query = sqlx::query_scalar("SELECT username FROM login_sessions WHERE digest = $1 AND expires > $2");
    let found: Option<Option<String>> = query.bind(digest).bind(now).fetch_optional(&mut **writing).await?;
    let user = match found {
        None => return Ok(LoginProgress::Unknown),
        Some(None) => return Ok(LoginProgress::Waiting),
        Some(Some(user)) => user,
    };
    // of two that ask at once, one gets the answer
    let done = sqlx::query("DELETE FROM login_sessions WHERE digest = $1").bind(digest);
    if done.execute(&mut **writing).await?.rows_affected() == 0 {
        return Ok(LoginProgress::Unknown);
    }
    let unreadable = |_| RegistryError::Row { table: "login_sessions", key: user.clone() };
    Ok(LoginProgress::Done(AccountName::parse(&user).map_err(unreadable)?))
}
