//! What a token lets its bearer do: what every request with one asks first. A disabled user's lets nobody do anything.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Database;
use super::batch::Question;
use super::tokens::{TokenOwner, read_owner};
use crate::RegistryError;
use crate::identity::permission::{Identity, SecondFactor, User};
use crate::identity::{TokenDigest, TokenLimits};

/// Who bears a token, and how far it reaches.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub identity: Identity,
    pub limits: TokenLimits,
    /// Empty where the bearer is no user.
    pub email: String,
}

impl Question for Bearer {
    type Key = TokenDigest;
    type Answer = Bearer;

    const QUERY: (&'static str, &'static str) = (
        "SELECT t.digest, t.username, t.package, t.limits, t.expires, u.email, u.administrator, u.second_factor
         FROM tokens t LEFT JOIN users u ON u.name = t.username WHERE t.digest IN",
        "AND (t.username IS NULL OR (u.name IS NOT NULL AND u.disabled IS NULL))",
    );

    fn text(digest: &TokenDigest) -> &str {
        digest.as_str()
    }

    fn read(row: &AnyRow) -> Result<(String, Bearer), RegistryError> {
        let digest: String = row.try_get(0)?;
        let limits: String = row.try_get(3)?;
        let expires: Option<i64> = row.try_get(4)?;
        let unreadable = || RegistryError::Row { table: "tokens", key: digest.clone() };
        let expires = expires.map(Timestamp::from_millisecond).transpose().map_err(|_| unreadable())?;
        let limits = TokenLimits::from_stored(&limits, expires).map_err(|_| unreadable())?;
        let (identity, email) = match read_owner(&digest, row.try_get(1)?, row.try_get(2)?)? {
            TokenOwner::TrustedPublisher(package) => (Identity::TrustedPublisher { package }, String::new()),
            TokenOwner::User(name) => {
                let second_factor: String = row.try_get(7)?;
                let second_factor = SecondFactor::parse(&second_factor)
                    .ok_or_else(|| RegistryError::Row { table: "users", key: name.to_string() })?;
                let administrator = row.try_get::<i64, _>(6)? != 0;
                (Identity::User(User { name, administrator, second_factor }), row.try_get(5)?)
            }
        };
        Ok((digest, Bearer { identity, limits, email }))
    }
}

impl Database {
    /// Who bears the token of that digest, expired or not; `None` where there is no such token, or its user
    /// is disabled.
    pub async fn bearer(&self, digest: &TokenDigest) -> Result<Option<Bearer>, RegistryError> {
        self.bearers.ask(digest, self.read()).await
    }
}
