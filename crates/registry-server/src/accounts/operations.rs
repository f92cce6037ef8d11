//! What administrators do at the registry's own command line, and the first start.

use jiff::Timestamp;

use crate::database::{
    AuditEntry, NewToken, NewUser, TokenOwner, Writing, audit_log, browser_sessions, tokens, users,
};
use crate::hosted::Hosted;
use crate::identity::password::{NewPassword, PasswordHash};
use crate::identity::permission::User;
use crate::identity::{AccountName, Secret, Token, TokenDigest, TokenLimits};
use crate::settings::Publisher;
use crate::{PackageName, Registry, RegistryError};

/// What the first administrator is called.
const FIRST: &str = "admin";

/// Who did what is done by the registry's own command line.
pub(crate) const COMMAND_LINE: &str = "the registry's command line";

/// The administrator that a registry makes when it has no users. The password is told once.
#[derive(Clone, Debug)]
pub struct FirstAdministrator {
    pub name: String,
    pub password: Secret,
}

impl Registry {
    /// Makes an administrator where there are no users yet.
    ///
    /// # Errors
    /// A registry that only reads; a database that does not answer.
    pub async fn first_administrator(&self) -> Result<Option<FirstAdministrator>, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        if !hosted.database.has_no_users().await? {
            return Ok(None);
        }
        let password = NewPassword::generate()?;
        let name = AccountName::parse(FIRST).map_err(|_| RegistryError::Interrupted)?;
        let new = Account { name: &name, email: "", password: &password, administrator: true };
        // of several processes that start at once, one makes it
        let made = hosted.create_user(&new, "the first start", "").await?;
        Ok(made.then(|| FirstAdministrator { name: name.to_string(), password: password.secret().clone() }))
    }
}

impl Registry {
    /// Makes a user by the registry's own command line, with a password that is told once; none where the name is taken.
    ///
    /// # Errors
    /// A name that no user may have; a registry that only reads; a database that does not answer.
    pub async fn add_user(
        &self,
        name: &str,
        email: &str,
        is_administrator: bool,
    ) -> Result<Option<Secret>, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let name = user_name(name)?;
        let password = NewPassword::generate()?;
        let new = Account { name: &name, email, password: &password, administrator: is_administrator };
        let made = hosted.create_user(&new, COMMAND_LINE, "").await?;
        Ok(made.then(|| password.secret().clone()))
    }

    /// Gives out a token of a user that may do all that the user may; none where there is no such user.
    ///
    /// # Errors
    /// As for [`add_user`](Self::add_user).
    pub async fn add_token(&self, name: &str) -> Result<Option<Secret>, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let name = user_name(name)?;
        if hosted.database.user(&name).await?.is_none() {
            return Ok(None);
        }
        let owner = TokenOwner::User(name.clone());
        let mut writing = hosted.database.write().await?;
        let token = hosted.issue_token(&mut writing, &owner, COMMAND_LINE, "", &TokenLimits::none()).await?;
        let entry = AuditEntry {
            at: hosted.now(),
            actor: COMMAND_LINE.to_owned(),
            address: String::new(),
            action: "token.create".to_owned(),
            object: name.to_string(),
            detail: String::new(),
        };
        audit_log::append(&mut writing, &entry).await?;
        writing.commit().await?;
        Ok(Some(Secret::new(token.expose().to_owned())))
    }
}

impl Registry {
    /// Gives a user a new password, which is told once; none where there is no such user. The user's tokens and
    /// sessions end.
    ///
    /// # Errors
    /// As for [`add_user`](Self::add_user).
    pub async fn reset_password(&self, name: &str) -> Result<Option<Secret>, RegistryError> {
        let hosted = self.hosted.as_ref().ok_or(RegistryError::ReadOnly)?;
        let name = user_name(name)?;
        hosted.reset_password(&name, COMMAND_LINE, "").await
    }
}

fn user_name(name: &str) -> Result<AccountName, RegistryError> {
    AccountName::parse(name).map_err(|_| RegistryError::UserName { name: name.to_owned() })
}

/// A user to be made, with a password that was checked.
pub(crate) struct Account<'a> {
    pub name: &'a AccountName,
    pub email: &'a str,
    pub password: &'a NewPassword,
    pub administrator: bool,
}

impl Hosted {
    /// Makes a user; false where the name is taken.
    pub async fn create_user(
        &self,
        account: &Account<'_>,
        actor: &str,
        address: &str,
    ) -> Result<bool, RegistryError> {
        let password = self.accounts.hashing.hash(account.password.clone()).await?;
        let mut writing = self.database.write().await?;
        let new = NewUser {
            name: account.name,
            email: account.email,
            password: &password,
            administrator: account.administrator,
        };
        if !users::create(&mut writing, &new, self.now()).await? {
            return Ok(false);
        }
        let entry = AuditEntry {
            at: self.now(),
            actor: actor.to_owned(),
            address: address.to_owned(),
            action: "user.create".to_owned(),
            object: account.name.to_string(),
            detail: if account.administrator { "administrator".to_owned() } else { String::new() },
        };
        audit_log::append(&mut writing, &entry).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Gives a user a new password, which is answered; none where there is no such user.
    pub async fn reset_password(
        &self,
        name: &AccountName,
        actor: &str,
        address: &str,
    ) -> Result<Option<Secret>, RegistryError> {
        if self.database.user(name).await?.is_none() {
            return Ok(None);
        }
        let password = NewPassword::generate()?;
        let hash = self.accounts.hashing.hash(password.clone()).await?;
        let mut writing = self.database.write().await?;
        let ended = self.replace_password(&mut writing, name, &hash, None).await?;
        let entry = AuditEntry {
            at: self.now(),
            actor: actor.to_owned(),
            address: address.to_owned(),
            action: "user.password".to_owned(),
            object: name.to_string(),
            detail: ended,
        };
        audit_log::append(&mut writing, &entry).await?;
        writing.commit().await?;
        Ok(Some(password.secret().clone()))
    }

    /// Sets a password. Who knew the old one may have logged in by it: all sessions of the user end, and all tokens but
    /// the one that the request came with. What ended, in words for the audit log.
    pub async fn replace_password(
        &self,
        writing: &mut Writing,
        name: &AccountName,
        password: &PasswordHash,
        kept: Option<&TokenDigest>,
    ) -> Result<String, RegistryError> {
        users::set_password(writing, name, password, self.now()).await?;
        let revoked = tokens::revoke_others(writing, name, kept).await?;
        let ended = browser_sessions::end_others(writing, name, None).await?;
        Ok(format!("{revoked} tokens revoked, {ended} browsers logged out"))
    }

    /// Whether the settings let a user publish a new package of a name. The first rule that matches decides.
    pub async fn may_publish_new(&self, user: &User, name: &PackageName) -> Result<bool, RegistryError> {
        for publisher in self.accounts.access.publishers(name) {
            let allowed = match publisher {
                Publisher::Users => true,
                Publisher::Admins => user.administrator,
                Publisher::User(allowed) => allowed == user.name.as_str(),
                Publisher::Team { organisation, team } => {
                    self.database.is_in_team(organisation, team, &user.name).await?
                }
            };
            if allowed {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives out a token, in a transaction that the caller commits.
    pub async fn issue_token(
        &self,
        writing: &mut Writing,
        owner: &TokenOwner,
        name: &str,
        description: &str,
        limits: &TokenLimits,
    ) -> Result<Token, RegistryError> {
        let token = Token::generate()?;
        let new = NewToken { token: &token, owner, name, description, limits };
        tokens::create(writing, &new, self.now()).await?;
        Ok(token)
    }

    /// The time as the registry's clock has it.
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
