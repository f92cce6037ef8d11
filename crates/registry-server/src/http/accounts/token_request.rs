//! What `POST /-/npm/v1/tokens` asks for, in the shape of npm 6 and that of npm 11.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Failure, account_name};
use crate::PackageName;
use crate::identity::address::parse_range;
use crate::identity::redact::read_secret;
use crate::identity::token_limits::{Reach, SelectedPackages};
use crate::identity::{AccountName, Secret, TokenLimits};

/// Names in one list.
const MAX_NAMES: usize = 1000;

/// Bytes of a token's name or description.
const MAX_TEXT: usize = 1024;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize)]
pub(in crate::http) struct TokenRequest {
    #[serde(deserialize_with = "read_secret")]
    pub password: Secret,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub readonly: Option<bool>,
    #[serde(default)]
    pub cidr_whitelist: Option<Vec<String>>,
    #[serde(default)]
    pub packages: Option<Vec<String>>,
    #[serde(default)]
    pub packages_all: Option<bool>,
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    #[serde(default)]
    pub orgs: Option<Vec<String>>,
    #[serde(default)]
    pub packages_and_scopes_permission: Option<Reach>,
    #[serde(default)]
    pub orgs_permission: Option<Reach>,
    #[serde(default)]
    pub bypass_2fa: Option<bool>,
    /// In days.
    #[serde(default)]
    pub expires: Option<u32>,
}

impl TokenRequest {
    /// The limits that are asked for. A request that names nothing is for a token that may do what its user may.
    ///
    /// Errors: names that are none, ranges that are none; packages without a permission for them, or the other way.
    pub fn limits(&self, now: Timestamp) -> Result<TokenLimits, Failure> {
        let packages = self.packages.as_deref().unwrap_or_default();
        let scopes = self.scopes.as_deref().unwrap_or_default();
        let organisations = self.orgs.as_deref().unwrap_or_default();
        let all = self.packages_all.unwrap_or(false);
        let named = all || !packages.is_empty() || !scopes.is_empty();
        let granular = named
            || !organisations.is_empty()
            || self.packages_and_scopes_permission.is_some()
            || self.orgs_permission.is_some();
        if [packages.len(), scopes.len(), organisations.len()].iter().any(|count| *count > MAX_NAMES) {
            return Err(Failure::bad_request(format!("a token is for {MAX_NAMES} names at most")));
        }
        let mut limits = if granular {
            TokenLimits {
                account: false,
                packages: if all { SelectedPackages::All } else { selected(packages, scopes)? },
                packages_reach: reach("packages", named, self.packages_and_scopes_permission)?,
                organisations: Some(accounts(organisations)?),
                organisations_reach: reach("orgs", !organisations.is_empty(), self.orgs_permission)?,
                ..TokenLimits::none()
            }
        } else {
            TokenLimits::none()
        };
        if self.readonly.unwrap_or(false) {
            limits.account = false;
            limits.packages_reach = limits.packages_reach.min(Reach::Read);
            limits.organisations_reach = limits.organisations_reach.min(Reach::Read);
        }
        let range = |text: &String| {
            parse_range(text)
                .ok_or_else(|| Failure::bad_request(format!("\"{text}\" is no range of addresses")))
        };
        let ranges = self.cidr_whitelist.as_deref().unwrap_or_default();
        limits.addresses = ranges.iter().take(MAX_NAMES).map(range).collect::<Result<_, _>>()?;
        limits.bypasses_one_time_password = self.bypass_2fa.unwrap_or(false);
        limits.expires = self.expires.map(|days| expiry(now, days)).transpose()?;
        Ok(limits)
    }

    /// The name and the description, if they are short enough.
    pub fn texts(&self) -> Result<(&str, &str), Failure> {
        let texts =
            (self.name.as_deref().unwrap_or_default(), self.description.as_deref().unwrap_or_default());
        if texts.0.len() > MAX_TEXT || texts.1.len() > MAX_TEXT {
            return Err(Failure::bad_request("the name and the description of a token must be short"));
        }
        Ok(texts)
    }
}

/// What is named must be given a permission, and a permission must be for something.
fn reach(what: &str, named: bool, permission: Option<Reach>) -> Result<Reach, Failure> {
    match (named, permission) {
        (true, Some(reach)) => Ok(reach),
        (false, None | Some(Reach::Nothing)) => Ok(Reach::Nothing),
        (true, None) => Err(Failure::bad_request(format!(
            "say what the token may do with its {what}: read-only or read-write"
        ))),
        (false, Some(_)) => Err(Failure::bad_request(format!("say which {what} the token is for"))),
    }
}

fn selected(packages: &[String], scopes: &[String]) -> Result<SelectedPackages, Failure> {
    for name in packages {
        PackageName::parse(name)
            .map_err(|_| Failure::bad_request(format!("\"{name}\" is no package's name")))?;
    }
    let scope = |text: &String| Ok::<_, Failure>(format!("@{}", account_name(text.trim_start_matches('@'))?));
    let scopes = scopes.iter().map(scope).collect::<Result<_, _>>()?;
    Ok(SelectedPackages::Only { packages: packages.to_vec(), scopes })
}

fn accounts(names: &[String]) -> Result<Vec<AccountName>, Failure> {
    names.iter().map(|name| account_name(name.trim_start_matches('@'))).collect()
}

fn expiry(now: Timestamp, days: u32) -> Result<Timestamp, Failure> {
    now.checked_add(DAY * days).map_err(|_| Failure::bad_request("the token would end too late"))
}
