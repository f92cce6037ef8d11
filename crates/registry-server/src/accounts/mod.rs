//! Accounts at work: logging in, one-time passwords, tokens given out, and the limits on all of it.
//!
//! Does not own: the rules (`identity`), the rows (`database`), the requests (`http`).

mod issuer_keys;
mod login;
mod operations;

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use issuer_keys::IssuerKeys;
use jiff::Timestamp;
pub(crate) use login::LoginError;
pub use operations::FirstAdministrator;
pub(crate) use operations::{Account, COMMAND_LINE};
use url::Url;

use crate::RegistryError;
use crate::identity::AccountName;
use crate::identity::address::counted;
use crate::identity::limit::{Allowance, RateLimit};
use crate::identity::oidc::Provider;
use crate::identity::password::{HashCost, PasswordHashing};
use crate::identity::permission::AccessRules;
use crate::settings::{AccessSettings, LimitSettings, Registration};

/// Keys that attempts are counted for at once, in each of the limits.
const COUNTED: usize = 50_000;

/// Who may log in to a registry, and what that takes.
#[derive(Clone, Debug)]
pub struct AccountOptions {
    /// Who may read, publish and make an account.
    pub access: AccessSettings,
    pub hash_cost: HashCost,
    /// Passwords that are checked at once.
    pub hashes_at_once: usize,
    /// Logins and one-time passwords, right or wrong, from one address.
    pub attempts_by_address: Allowance,
    /// Wrong ones for one user.
    pub attempts_by_user: Allowance,
    /// Changes of packages by one user.
    pub changes_by_user: Allowance,
    /// Who is trusted to say which workflow runs.
    pub issuers: Vec<TrustedIssuer>,
}

/// An issuer of id-tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// What the settings call it.
    pub name: String,
    pub provider: Provider,
    /// As it stands in `iss`.
    pub url: String,
    /// What `aud` must have. npm asks for `npm:` and the registry's host.
    pub audience: String,
    /// Where its keys are; without one, `/.well-known/openid-configuration` below its address says it.
    pub jwks_url: Option<String>,
    /// Certificate authorities trusted in place of the platform's, PEM.
    pub ca: Option<String>,
    /// An HTTP proxy in front of it.
    pub proxy: Option<Url>,
}

impl TrustedIssuer {
    /// An issuer of which nothing special is to be known.
    pub fn new(provider: Provider, url: impl Into<String>, audience: impl Into<String>) -> TrustedIssuer {
        let url = url.into();
        TrustedIssuer {
            name: url.clone(),
            provider,
            url,
            audience: audience.into(),
            jwks_url: None,
            ca: None,
            proxy: None,
        }
    }
}

impl Default for AccountOptions {
    fn default() -> AccountOptions {
        let allowance = |burst, refill| Allowance { burst, refill: Duration::from_millis(refill) };
        AccountOptions {
            access: AccessSettings::default(),
            hash_cost: HashCost::default(),
            hashes_at_once: 2,
            attempts_by_address: allowance(30, 2_000),
            attempts_by_user: allowance(10, 30_000),
            changes_by_user: allowance(500, 100),
            issuers: Vec::new(),
        }
    }
}

impl AccountOptions {
    /// As the settings have it.
    pub fn new(access: &AccessSettings, limits: &LimitSettings, issuers: &[TrustedIssuer]) -> AccountOptions {
        let rate = |burst: u32, each_minute: u32| Allowance {
            burst,
            refill: Duration::from_secs(60) / each_minute.max(1),
        };
        AccountOptions {
            access: access.clone(),
            issuers: issuers.to_vec(),
            // a whole team may be behind one address
            attempts_by_address: rate(limits.logins_per_minute.saturating_mul(3), limits.logins_per_minute),
            attempts_by_user: rate(limits.logins_per_minute, limits.logins_per_minute),
            changes_by_user: rate(limits.publishes_per_minute, limits.publishes_per_minute),
            ..AccountOptions::default()
        }
    }
}

/// What of accounts is in memory.
pub(crate) struct Accounts {
    pub access: AccessSettings,
    pub hashing: PasswordHashing,
    pub issuers: Vec<TrustedIssuer>,
    pub issuer_keys: IssuerKeys,
    by_address: Mutex<RateLimit<IpAddr>>,
    by_user: Mutex<RateLimit<AccountName>>,
    /// One-time passwords: counted apart, for the right password would forgive the wrong ones.
    codes: Mutex<RateLimit<AccountName>>,
    changes: Mutex<RateLimit<AccountName>>,
    /// Passwords of `Basic` authentication that were right a moment ago.
    recent: Mutex<login::RecentPasswords>,
}

impl Accounts {
    /// Errors: a cost of hashes that cannot be; no randomness.
    pub fn new(options: &AccountOptions) -> Result<Accounts, RegistryError> {
        Ok(Accounts {
            access: options.access.clone(),
            hashing: PasswordHashing::new(options.hash_cost, options.hashes_at_once)?,
            issuers: options.issuers.clone(),
            issuer_keys: IssuerKeys::default(),
            by_address: Mutex::new(RateLimit::new(options.attempts_by_address, COUNTED)),
            by_user: Mutex::new(RateLimit::new(options.attempts_by_user, COUNTED)),
            codes: Mutex::new(RateLimit::new(options.attempts_by_user, COUNTED)),
            changes: Mutex::new(RateLimit::new(options.changes_by_user, COUNTED)),
            recent: Mutex::new(login::RecentPasswords::new()?),
        })
    }

    pub fn rules(&self) -> AccessRules {
        AccessRules { anonymous_read: self.access.anonymous_read }
    }

    /// Whether somebody without an account may make one.
    pub fn registers(&self) -> bool {
        self.access.registration == Registration::Open
    }

    /// Counts an attempt to log in from an address.
    pub fn count_address(&self, address: IpAddr, now: Timestamp) -> Result<(), LoginError> {
        take(&self.by_address, &counted(address), now)
    }

    /// Counts an attempt to log in as a user, until [`welcome`](Self::welcome) tells that it was right.
    pub fn count_user(&self, user: &AccountName, now: Timestamp) -> Result<(), LoginError> {
        take(&self.by_user, user, now)
    }

    /// Forgets the wrong attempts of a user.
    pub fn welcome(&self, user: &AccountName) {
        self.by_user.lock().unwrap_or_else(PoisonError::into_inner).forgive(user);
    }

    /// Counts a one-time password of a user, until [`welcome_code`](Self::welcome_code) tells that it was right.
    pub fn count_code(&self, user: &AccountName, now: Timestamp) -> Result<(), LoginError> {
        take(&self.codes, user, now)
    }

    /// Forgets the wrong one-time passwords of a user.
    pub fn welcome_code(&self, user: &AccountName) {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).forgive(user);
    }

    /// Counts a change of a package.
    pub fn count_change(&self, user: &AccountName, now: Timestamp) -> Result<(), LoginError> {
        take(&self.changes, user, now)
    }
}

fn take<Key: std::hash::Hash + Eq + Clone>(
    limit: &Mutex<RateLimit<Key>>,
    key: &Key,
    now: Timestamp,
) -> Result<(), LoginError> {
    let taken = limit.lock().unwrap_or_else(PoisonError::into_inner).take(key, now);
    taken.map_err(|wait| LoginError::TooMany { wait })
}
