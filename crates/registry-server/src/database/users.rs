//! Users: who there is, their passwords, profiles and second factors.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::organisations::take_name;
use super::{AccountKind, Database, Writing};
use crate::RegistryError;
use crate::identity::password::PasswordHash;
use crate::identity::permission::SecondFactor;
use crate::identity::totp::TotpStep;
use crate::identity::{AccountName, RecoveryCode};

/// What a user says of themselves.
pub(crate) type Profile = BTreeMap<String, String>;

/// A user.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    pub name: AccountName,
    pub email: String,
    pub password: PasswordHash,
    pub administrator: bool,
    pub profile: Profile,
    pub second_factor: SecondFactor,
    pub created: i64,
    pub updated: i64,
    /// When an administrator disabled the account.
    pub disabled: Option<i64>,
}

/// A user to be made.
#[derive(Debug)]
pub(crate) struct NewUser<'a> {
    pub name: &'a AccountName,
    pub email: &'a str,
    pub password: &'a PasswordHash,
    pub administrator: bool,
}

/// An authenticator app that a user has set up or begun to.
#[derive(Debug)]
pub(crate) struct AuthenticatorRow {
    /// As it is kept.
    pub secret: String,
    /// What the second factor becomes with the first right code.
    pub pending: Option<SecondFactor>,
    pub last_step: Option<TotpStep>,
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT name, email, password, administrator, profile, second_factor, created, updated, disabled
             FROM users ",
            $which
        )
    };
}

impl Database {
    pub async fn user(&self, name: &AccountName) -> Result<Option<UserRow>, RegistryError> {
        let query = sqlx::query(select!("WHERE name = $1"));
        query.bind(name.as_str()).fetch_optional(self.read()).await?.as_ref().map(read_user).transpose()
    }

    /// Whether nobody has been made yet.
    pub async fn has_no_users(&self) -> Result<bool, RegistryError> {
        let found: Option<String> =
            sqlx::query_scalar("SELECT name FROM users LIMIT 1").fetch_optional(self.read()).await?;
        Ok(found.is_none())
    }

    /// Users in the order of their names, and how many there are in all.
    pub async fn users(&self, limit: i64, offset: i64) -> Result<(Vec<UserRow>, i64), RegistryError> {
        let query = sqlx::query(select!("ORDER BY name LIMIT $1 OFFSET $2"));
        let rows = query.bind(limit).bind(offset).fetch_all(self.read()).await?;
        let total: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(self.read()).await?;
        Ok((rows.iter().map(read_user).collect::<Result<_, _>>()?, total))
    }

    pub async fn authenticator(&self, user: &AccountName) -> Result<Option<AuthenticatorRow>, RegistryError> {
        let query = sqlx::query("SELECT secret, pending, last_step FROM authenticators WHERE username = $1");
        let Some(row) = query.bind(user.as_str()).fetch_optional(self.read()).await? else { return Ok(None) };
        let pending: Option<String> = row.try_get(1)?;
        let last_step: Option<i64> = row.try_get(2)?;
        let unreadable = || RegistryError::Row { table: "authenticators", key: user.to_string() };
        Ok(Some(AuthenticatorRow {
            secret: row.try_get(0)?,
            pending: pending.map(|text| SecondFactor::parse(&text).ok_or_else(unreadable)).transpose()?,
            last_step: last_step.map(TotpStep),
        }))
    }
}

fn read_user(row: &AnyRow) -> Result<UserRow, RegistryError> {
    let name: String = row.try_get(0)?;
    let profile: String = row.try_get(4)?;
    let second_factor: String = row.try_get(5)?;
    let unreadable = || RegistryError::Row { table: "users", key: name.clone() };
    Ok(UserRow {
        name: AccountName::parse(&name).map_err(|_| unreadable())?,
        email: row.try_get(1)?,
        password: PasswordHash::from_stored(row.try_get(2)?),
        administrator: row.try_get::<i64, _>(3)? != 0,
        profile: serde_json::from_str(&profile).map_err(|_| unreadable())?,
        second_factor: SecondFactor::parse(&second_factor).ok_or_else(unreadable)?,
        created: row.try_get(6)?,
        updated: row.try_get(7)?,
        disabled: row.try_get(8)?,
    })
}

/// Makes a user; false where the name is taken.
pub(crate) async fn create(
    writing: &mut Writing,
    user: &NewUser<'_>,
    now: i64,
) -> Result<bool, RegistryError> {
    if !take_name(writing, user.name, AccountKind::User, now).await? {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO users (name, email, password, administrator, profile, second_factor, created, updated)
         VALUES ($1, $2, $3, $4, '{}', 'disabled', $5, $5)",
    )
    .bind(user.name.as_str())
    .bind(user.email)
    .bind(user.password.as_str())
    .bind(i64::from(user.administrator))
    .bind(now)
    .execute(&mut **writing)
    .await?;
    Ok(true)
}

pub(crate) async fn set_password(
    writing: &mut Writing,
    user: &AccountName,
    password: &PasswordHash,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE users SET password = $2, updated = $3 WHERE name = $1")
        .bind(user.as_str())
        .bind(password.as_str())
        .bind(now)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

pub(crate) async fn set_profile(
    writing: &mut Writing,
    user: &AccountName,
    email: &str,
    profile: &Profile,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE users SET email = $2, profile = $3, updated = $4 WHERE name = $1")
        .bind(user.as_str())
        .bind(email)
        .bind(serde_json::json!(profile).to_string())
        .bind(now)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

pub(crate) async fn set_second_factor(
    writing: &mut Writing,
    user: &AccountName,
    second_factor: SecondFactor,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE users SET second_factor = $2, updated = $3 WHERE name = $1")
        .bind(user.as_str())
        .bind(second_factor.as_str())
        .bind(now)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Says what a user may do with this registry at all.
pub(crate) async fn set_standing(
    writing: &mut Writing,
    user: &AccountName,
    is_administrator: bool,
    disabled: Option<i64>,
    now: i64,
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE users SET administrator = $2, disabled = $3, updated = $4 WHERE name = $1")
        .bind(user.as_str())
        .bind(i64::from(is_administrator))
        .bind(disabled)
        .bind(now)
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// How many administrators can log in beside a user, as the transaction sees it.
pub(crate) async fn other_administrators(
    writing: &mut Writing,
    user: &AccountName,
) -> Result<i64, RegistryError> {
    // takes the rows of all of them: two who take each other's rights away come one after the other
    sqlx::query("UPDATE users SET administrator = administrator WHERE administrator = 1")
        .execute(&mut **writing)
        .await?;
    let query = sqlx::query_scalar(
        "SELECT COUNT(*) FROM users WHERE administrator = 1 AND disabled IS NULL AND name <> $1",
    );
    Ok(query.bind(user.as_str()).fetch_one(&mut **writing).await?)
}

/// Begins to set up an authenticator app, in place of one that was begun with before. The secret is as it is kept.
pub(crate) async fn begin_authenticator(
    writing: &mut Writing,
    user: &AccountName,
    secret: &str,
    pending: SecondFactor,
) -> Result<(), RegistryError> {
    sqlx::query(
        "INSERT INTO authenticators (username, secret, pending, last_step) VALUES ($1, $2, $3, NULL)
         ON CONFLICT (username) DO UPDATE SET secret = excluded.secret, pending = excluded.pending, last_step = NULL",
    )
    .bind(user.as_str())
    .bind(secret)
    .bind(pending.as_str())
    .execute(&mut **writing)
    .await?;
    Ok(())
}

/// Takes an authenticator app into use, with new recovery codes.
pub(crate) async fn finish_authenticator(
    writing: &mut Writing,
    user: &AccountName,
    codes: &[RecoveryCode],
) -> Result<(), RegistryError> {
    sqlx::query("UPDATE authenticators SET pending = NULL WHERE username = $1")
        .bind(user.as_str())
        .execute(&mut **writing)
        .await?;
    replace_recovery_codes(writing, user, codes).await
}

/// Gives a user new recovery codes in place of those there were.
pub(crate) async fn replace_recovery_codes(
    writing: &mut Writing,
    user: &AccountName,
    codes: &[RecoveryCode],
) -> Result<(), RegistryError> {
    forget_recovery_codes(writing, user).await?;
    for code in codes {
        sqlx::query("INSERT INTO recovery_codes (username, digest) VALUES ($1, $2)")
            .bind(user.as_str())
            .bind(code.digest())
            .execute(&mut **writing)
            .await?;
    }
    Ok(())
}

/// Forgets a user's authenticator app and recovery codes.
pub(crate) async fn remove_authenticator(
    writing: &mut Writing,
    user: &AccountName,
) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM authenticators WHERE username = $1")
        .bind(user.as_str())
        .execute(&mut **writing)
        .await?;
    forget_recovery_codes(writing, user).await
}

async fn forget_recovery_codes(writing: &mut Writing, user: &AccountName) -> Result<(), RegistryError> {
    sqlx::query("DELETE FROM recovery_codes WHERE username = $1")
        .bind(user.as_str())
        .execute(&mut **writing)
        .await?;
    Ok(())
}

/// Marks a step's code as used; false where it, or a later one, was used meanwhile.
pub(crate) async fn use_step(
    writing: &mut Writing,
    user: &AccountName,
    step: TotpStep,
) -> Result<bool, RegistryError> {
    let done = sqlx::query(
        "UPDATE authenticators SET last_step = $2 WHERE username = $1 AND (last_step IS NULL OR last_step < $2)",
    )
    .bind(user.as_str())
    .bind(step.0)
    .execute(&mut **writing)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Uses up a recovery code; false where there is none like it.
pub(crate) async fn use_recovery_code(
    writing: &mut Writing,
    user: &AccountName,
    code: &RecoveryCode,
) -> Result<bool, RegistryError> {
    let done = sqlx::query("DELETE FROM recovery_codes WHERE username = $1 AND digest = $2")
        .bind(user.as_str())
        .bind(code.digest())
        .execute(&mut **writing)
        .await?;
    Ok(done.rows_affected() > 0)
}
