//! Whether a password or a one-time password is right.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ring::hmac;

use crate::RegistryError;
use crate::database::{UserRow, users};
use crate::hosted::Hosted;
use crate::identity::permission::SecondFactor;
use crate::identity::totp::TotpSecret;
use crate::identity::{AccountName, RecoveryCode, Secret, random};

/// How long a password that was right is not hashed again: clients that send it with each of hundreds of requests would
/// wait for hours otherwise.
const RECENT: SignedDuration = SignedDuration::from_mins(5);

/// Users whose passwords are remembered as right at once.
const MAX_RECENT: usize = 1024;

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("incorrect username or password")]
    Wrong,
    /// Told only to who knows the password.
    #[error("the account {user} is disabled; ask an administrator of this registry")]
    Disabled { user: AccountName },
    #[error("incorrect one-time password")]
    WrongOneTimePassword,
    #[error("this operation requires a one-time password from your authenticator")]
    OneTimePasswordNeeded,
    #[error("too many attempts; try again in {} seconds", wait.as_secs())]
    TooMany { wait: Duration },
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Tags of passwords that were right, under a key that this process alone has and never shows.
pub(super) struct RecentPasswords {
    key: hmac::Key,
    tags: HashMap<Vec<u8>, Timestamp>,
}

impl RecentPasswords {
    pub fn new() -> Result<RecentPasswords, RegistryError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()?);
        Ok(RecentPasswords { key, tags: HashMap::new() })
    }

    /// With the hash in it: a changed password is not taken for the one before.
    fn tag(&self, user: &UserRow, password: &Secret) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(user.password.as_str().as_bytes());
        context.update(b"\0");
        context.update(password.reveal().as_bytes());
        context.sign().as_ref().to_vec()
    }

    fn contains(&self, tag: &[u8], now: Timestamp) -> bool {
        self.tags.get(tag).is_some_and(|since| now >= *since && now.duration_since(*since) < RECENT)
    }

    fn insert(&mut self, tag: Vec<u8>, now: Timestamp) {
        if self.tags.len() >= MAX_RECENT {
            self.tags.clear();
        }
        self.tags.insert(tag, now);
    }
}

impl Hosted {
    /// The user of that name, if the password is theirs.
    pub async fn check_password(
        &self,
        name: &AccountName,
        password: &Secret,
        from: IpAddr,
    ) -> Result<UserRow, LoginError> {
        let now = self.timestamp();
        let user = self.database.user(name).await?;
        let recent = || self.accounts.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(user) = &user {
            let recent = recent();
            if recent.contains(&recent.tag(user, password), now) {
                return enabled(user.clone());
            }
        }
        self.accounts.count_address(from, now)?;
        self.accounts.count_user(name, now)?;
        let right = self.accounts.hashing.verify(password, user.as_ref().map(|user| &user.password)).await?;
        let Some(user) = user.filter(|_| right) else { return Err(LoginError::Wrong) };
        self.accounts.welcome(name);
        let mut recent = recent();
        let tag = recent.tag(&user, password);
        recent.insert(tag, now);
        enabled(user)
    }

    /// Takes a one-time password or a recovery code of a user, which is used up by it.
    ///
    /// Errors: it is wrong or was used, or there were too many; the user has no authenticator.
    pub async fn take_one_time_password(
        &self,
        name: &AccountName,
        code: &Secret,
        from: IpAddr,
    ) -> Result<(), LoginError> {
        let now = self.timestamp();
        self.accounts.count_address(from, now)?;
        self.accounts.count_code(name, now)?;
        let authenticator = self.database.authenticator(name).await?;
        let authenticator = authenticator.filter(|authenticator| authenticator.pending.is_none());
        let authenticator = authenticator.ok_or(LoginError::WrongOneTimePassword)?;
        let secret = self.opened_secret(name, &authenticator.secret)?;
        let mut writing = self.database.write().await?;
        let taken = if let Some(code) = RecoveryCode::parse(code.reveal()) {
            users::use_recovery_code(&mut writing, name, &code).await?
        } else if let Some(step) = secret.verify(code.reveal(), now, authenticator.last_step) {
            users::use_step(&mut writing, name, step).await?
        } else {
            false
        };
        if !taken {
            return Err(LoginError::WrongOneTimePassword);
        }
        writing.commit().await.map_err(RegistryError::from)?;
        self.accounts.welcome_code(name);
        Ok(())
    }

    /// A secret that a user's authenticator app shares, as it is kept.
    pub fn sealed_secret(&self, name: &AccountName, secret: &TotpSecret) -> Result<String, RegistryError> {
        self.sealing.seal_if_possible(&place(name), &secret.to_base32())
    }

    /// The secret that is kept so.
    pub fn opened_secret(&self, name: &AccountName, kept: &str) -> Result<TotpSecret, RegistryError> {
        let unreadable = || RegistryError::Row { table: "authenticators", key: name.to_string() };
        TotpSecret::from_base32(&self.sealing.open(&place(name), kept)?).ok_or_else(unreadable)
    }

    /// What a login takes: the password, and for users with a second factor a one-time password.
    pub async fn check_login(
        &self,
        name: &AccountName,
        password: &Secret,
        one_time_password: Option<&Secret>,
        from: IpAddr,
    ) -> Result<UserRow, LoginError> {
        let user = self.check_password(name, password, from).await?;
        if user.second_factor != SecondFactor::Disabled {
            let code = one_time_password.ok_or(LoginError::OneTimePasswordNeeded)?;
            self.take_one_time_password(name, code, from).await?;
        }
        Ok(user)
    }
}

/// A user whose password was right, unless an administrator disabled the account.
fn enabled(user: UserRow) -> Result<UserRow, LoginError> {
    match user.disabled {
        None => Ok(user),
        Some(_) => Err(LoginError::Disabled { user: user.name }),
    }
}

/// Where a user's secret is kept.
fn place(name: &AccountName) -> String {
    format!("authenticators/{name}")
}
