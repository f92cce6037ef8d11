//! Tokens, by their digests.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Database, Writing};
use crate::identity::{AccountName, Token, TokenDigest, TokenLimits};
use crate::{PackageName, RegistryError};

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenOwner {
    User(AccountName),
    /// A workflow that publishes this package.
    TrustedPublisher(PackageName),
}

/// A token, without itself.
#[derive(Clone, Debug)]
pub(crate) struct TokenRow {
    pub digest: TokenDigest,
    pub owner: TokenOwner,
    pub name: String,
    pub description: String,
    pub shown: String,
    pub limits: TokenLimits,
    pub created: i64,
}

/// A token to be kept.
#[derive(Debug)]
pub(crate) struct NewToken<'a> {
    pub token: &'a Token,
    pub owner: &'a TokenOwner,
    pub name: &'a str,
    pub description: &'a str,
    pub limits: &'a TokenLimits,
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT digest, username, package, name, description, shown, limits, created, expires FROM tokens ",
            $which
        )
    };
}

impl Database {
    /// The token of that digest, expired or not.
    pub async fn token(&self, digest: &TokenDigest) -> Result<Option<TokenRow>, RegistryError> {
        let query = sqlx::query(select!("WHERE digest = $1"));
        query.bind(digest.as_str()).fetch_optional(self.read()).await?.as_ref().map(read_token).transpose()
    }

    /// A user's tokens, the newest first, and how many there are in all.
    pub async fn tokens_of(
        &self,
        user: &AccountName,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<TokenRow>, i64), RegistryError> {
        let query =
            sqlx::query(select!("WHERE username = $1 ORDER BY created DESC, digest LIMIT $2 OFFSET $3"));
        let rows = query.bind(user.as_str()).bind(limit).bind(offset).fetch_all(self.read()).await?;
        let total = sqlx::query_scalar("SELECT COUNT(*) FROM tokens WHERE username = $1");
        let total: i64 = total.bind(user.as_str()).fetch_one(self.read()).await?;
        Ok((rows.iter().map(read_token).collect::<Result<_, _>>()?, total))
    }
}

fn read_token(row: &AnyRow) -> Result<TokenRow, RegistryError> {
    let digest: String = row.try_get(0)?;
    let user: Option<String> = row.try_get(1)?;
    let package: Option<String> = row.try_get(2)?;
    let limits: String = row.try_get(6)?;
    let expires: Option<i64> = row.try_get(8)?;
    let unreadable = || RegistryError::Row { table: "tokens", key: digest.clone() };
    let owner = read_owner(&digest, user, package)?;
    let expires = expires.map(Timestamp::from_millisecond).transpose().map_err(|_| unreadable())?;
    Ok(TokenRow {
        digest: TokenDigest::parse(&digest).ok_or_else(unreadable)?,
        owner,
        name: row.try_get(3)?,
        description: row.try_get(4)?,
        shown: row.try_get(5)?,
        limits: TokenLimits::from_stored(&limits, expires).map_err(|_| unreadable())?,
        created: row.try_get(7)?,
    })
}

/// Whose the token of that digest is.
pub(super) fn read_owner(
    digest: &str,
    user: Option<String>,
    package: Option<String>,
) -> Result<TokenOwner, RegistryError> {
    let unreadable = || RegistryError::Row { table: "tokens", key: digest.to_owned() };
    match (user, package) {
        (Some(user), None) => Ok(TokenOwner::User(AccountName::parse(&user).map_err(|_| unreadable())?)),
        (None, Some(package)) => {
            Ok(TokenOwner::TrustedPublisher(PackageName::parse(&package).map_err(|_| unreadable())?))
        }
        _ => Err(unreadable()),
    }
}

/// Keeps a token, and lets go of those that have expired for a day.
pub(crate) async fn create(writing: &mut Writing, new: &NewToken<'_>, now: i64) -> Result<(), RegistryError> {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    sqlx::query("DELETE FROM tokens WHERE expires < $1").bind(now - DAY).execute(&mut **writing).await?;
    let (user, package) = match new.owner {
        TokenOwner::User(user) => (Some(user.as_str()), None),
        TokenOwner::TrustedPublisher(package) => (None, Some(package.as_str())),
    };
    sqlx::query(
        "INSERT INTO tokens (digest, username, package, name, description, shown, limits, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.token.digest().as_str())
    .bind(user)
    .bind(package)
    .bind(new.name)
    .bind(new.description)
    .bind(new.token.shown())
    .bind(new.limits.to_stored())
    .bind(now)
    .bind(new.limits.expires.map(|expires| expires.as_millisecond()))
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Revokes a token; false where there is none of that digest.
pub(crate) async fn revoke(writing: &mut Writing, digest: &TokenDigest) -> Result<bool, RegistryError> {
    let query = sqlx::query("DELETE FROM tokens WHERE digest = $1");
    Ok(query.bind(digest.as_str()).execute(&mut **writing).await?.rows_affected() > 0)
}

/// Revokes the tokens of a user but for one; how many there were.
pub(crate) async fn revoke_others(
    writing: &mut Writing,
    user: &AccountName,
    kept: Option<&TokenDigest>,
) -> Result<u64, RegistryError> {
    let query = sqlx::query("DELETE FROM tokens WHERE username = $1 AND digest <> $2");
    let query = query.bind(user.as_str()).bind(kept.map_or("", TokenDigest::as_str));
    Ok(query.execute(&mut **writing).await?.rows_affected())
}
