//! What a token may be used for, which is never more than what its user may do.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::{parse_range, within};
use super::name::AccountName;
use super::permission::Refusal;
use crate::PackageName;

/// How far a permission reaches. The names are npm's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reach {
    #[default]
    #[serde(rename = "no-access")]
    Nothing,
    #[serde(rename = "read-only")]
    Read,
    #[serde(rename = "read-write")]
    Write,
}

impl Reach {
    /// As npm writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Reach::Nothing => "no-access",
            Reach::Read => "read-only",
            Reach::Write => "read-write",
        }
    }

    /// What [`as_str`](Self::as_str) gave; `None` for another text.
    pub fn parse(text: &str) -> Option<Reach> {
        [Reach::Nothing, Reach::Read, Reach::Write].into_iter().find(|reach| reach.as_str() == text)
    }
}

/// The packages a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectedPackages {
    /// All that its user may use.
    All,
    /// These, and those of these scopes (with their `@`).
    Only { packages: Vec<String>, scopes: Vec<String> },
}

/// The limits of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLimits {
    /// It may change its user's profile, password and tokens.
    pub account: bool,
    pub packages: SelectedPackages,
    pub packages_reach: Reach,
    /// The organisations it is for; `None` for all.
    pub organisations: Option<Vec<AccountName>>,
    pub organisations_reach: Reach,
    /// Where it may come from; empty for anywhere.
    pub addresses: Vec<IpNet>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// It publishes without a one-time password: for machines.
    pub bypasses_one_time_password: bool,
    /// A trusted publisher's may publish versions, and have them wait for approval.
    pub publishes: bool,
    pub stages: bool,
}

impl TokenLimits {
    /// Those of a login: whatever its user may do.
    pub fn none() -> TokenLimits {
        TokenLimits {
            account: true,
            packages: SelectedPackages::All,
            packages_reach: Reach::Write,
            organisations: None,
            organisations_reach: Reach::Write,
            addresses: Vec::new(),
            expires: None,
            bypasses_one_time_password: false,
            publishes: true,
            stages: true,
        }
    }

    /// Those of a trusted publisher's token: one package, for a few minutes.
    pub fn one_package(name: &PackageName, expires: Timestamp) -> TokenLimits {
        TokenLimits {
            account: false,
            packages: SelectedPackages::Only { packages: vec![name.to_string()], scopes: Vec::new() },
            organisations: Some(Vec::new()),
            organisations_reach: Reach::Nothing,
            expires: Some(expires),
            bypasses_one_time_password: true,
            ..TokenLimits::none()
        }
    }

    /// Whether the token is good at this time, from this address.
    ///
    /// Errors: it has ended; it may not come from there.
    pub fn admit(&self, now: Timestamp, from: IpAddr) -> Result<(), Refusal> {
        if self.expires.is_some_and(|expires| expires <= now) {
            return Err(Refusal::TokenExpired);
        }
        if !within(&self.addresses, from) {
            return Err(Refusal::TokenAddress { address: from });
        }
        Ok(())
    }

    /// How far it reaches into a package.
    pub fn reach(&self, name: &PackageName) -> Reach {
        let selected = match &self.packages {
            SelectedPackages::All => true,
            SelectedPackages::Only { packages, scopes } => {
                let scope = name.as_str().split_once('/').map(|(scope, _)| scope);
                packages.iter().any(|package| package == name.as_str())
                    || scope.is_some_and(|scope| scopes.iter().any(|known| known == scope))
            }
        };
        if selected { self.packages_reach } else { Reach::Nothing }
    }

    /// How far it reaches into an organisation's members and teams.
    pub fn organisation_reach(&self, name: &AccountName) -> Reach {
        let selected = self.organisations.as_ref().is_none_or(|known| known.contains(name));
        if selected { self.organisations_reach } else { Reach::Nothing }
    }

    /// JSON, without the time it ends, which is kept where it can be searched for.
    pub fn to_stored(&self) -> String {
        let stored = Stored {
            account: self.account,
            packages: self.packages.clone(),
            packages_reach: self.packages_reach,
            organisations: self.organisations.clone(),
            organisations_reach: self.organisations_reach,
            addresses: self.addresses.iter().map(ToString::to_string).collect(),
            bypasses_one_time_password: self.bypasses_one_time_password,
            publishes: self.publishes,
            stages: self.stages,
        };
        serde_json::json!(stored).to_string()
    }

    /// What [`to_stored`](Self::to_stored) gave.
    ///
    /// Errors: another text. An address that cannot be read is not left out: that would widen the token.
    pub fn from_stored(text: &str, expires: Option<Timestamp>) -> Result<TokenLimits, serde_json::Error> {
        let stored: Stored = serde_json::from_str(text)?;
        let range = |text: &String| {
            parse_range(text)
                .ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is no range of addresses")))
        };
        Ok(TokenLimits {
            account: stored.account,
            packages: stored.packages,
            packages_reach: stored.packages_reach,
            organisations: stored.organisations,
            organisations_reach: stored.organisations_reach,
            addresses: stored.addresses.iter().map(range).collect::<Result<_, serde_json::Error>>()?,
            expires,
            bypasses_one_time_password: stored.bypasses_one_time_password,
            publishes: stored.publishes,
            stages: stored.stages,
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    account: bool,
    packages: SelectedPackages,
    packages_reach: Reach,
    organisations: Option<Vec<AccountName>>,
    organisations_reach: Reach,
    addresses: Vec<String>,
    bypasses_one_time_password: bool,
    /// Not said by tokens that were given out before there was a choice: they publish.
    #[serde(default = "yes")]
    publishes: bool,
    #[serde(default)]
    stages: bool,
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Reach, SelectedPackages, TokenLimits, parse_range};
    use crate::PackageName;
    use crate::identity::AccountName;
    use crate::identity::permission::Refusal;

    fn limited() -> TokenLimits {
        TokenLimits {
            account: false,
            packages: SelectedPackages::Only {
                packages: vec!["tool".into(), "@acme/core".into()],
                scopes: vec!["@lab".into()],
            },
            packages_reach: Reach::Read,
            organisations: Some(vec![AccountName::parse("lab").expect("a name")]),
            organisations_reach: Reach::Write,
            addresses: vec![parse_range("10.0.0.0/8").expect("a range")],
            expires: Some(Timestamp::from_second(1_000).expect("a time")),
            bypasses_one_time_password: true,
            publishes: false,
            stages: true,
        }
    }

    #[test]
    fn a_token_is_for_its_packages_and_scopes() {
        let limits = limited();
        for (name, expected) in [
            ("tool", Reach::Read),
            ("tool2", Reach::Nothing),
            ("@acme/core", Reach::Read),
            ("@acme/other", Reach::Nothing),
            ("@lab/any", Reach::Read),
            ("@laboratory/any", Reach::Nothing),
            ("lab", Reach::Nothing),
        ] {
            let name = PackageName::parse(name).expect("a name");
            assert_eq!(limits.reach(&name), expected, "{name}");
            assert_eq!(TokenLimits::none().reach(&name), Reach::Write);
        }
        let name = |text| AccountName::parse(text).expect("a name");
        assert_eq!(limits.organisation_reach(&name("lab")), Reach::Write);
        assert_eq!(limits.organisation_reach(&name("acme")), Reach::Nothing);
        assert_eq!(TokenLimits::none().organisation_reach(&name("acme")), Reach::Write);
    }

    #[test]
    fn a_token_ends_and_stays_where_it_belongs() {
        let limits = limited();
        let inside = "10.9.8.7".parse().expect("an address");
        let outside = "192.0.2.1".parse().expect("an address");
        let at = |second| Timestamp::from_second(second).expect("a time");
        for (second, address, expected) in [
            (999, inside, Ok(())),
            (1_000, inside, Err(Refusal::TokenExpired)),
            (999, outside, Err(Refusal::TokenAddress { address: outside })),
        ] {
            assert_eq!(limits.admit(at(second), address), expected);
        }
        assert_eq!(TokenLimits::none().admit(at(i64::from(u32::MAX)), outside), Ok(()));
    }

    #[test]
    fn limits_come_back_from_the_database_and_never_wider() {
        for limits in [limited(), TokenLimits::none()] {
            let stored = limits.to_stored();
            assert_eq!(TokenLimits::from_stored(&stored, limits.expires).expect("limits"), limits);
        }
        let broken = limited().to_stored().replace("10.0.0.0/8", "10.0.0.0/99");
        assert!(TokenLimits::from_stored(&broken, None).is_err());
        assert!(TokenLimits::from_stored("{}", None).is_err());
    }
}
