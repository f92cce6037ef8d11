//! Which packages a caller sees in lists: the rule of `permission::decide` for reading, for many packages at once.

use std::collections::HashSet;

use super::caller::Caller;
use super::failure::Failure;
use crate::PackageName;
use crate::hosted::Hosted;
use crate::identity::TokenLimits;
use crate::identity::permission::{Identity, Refusal};
use crate::identity::token_limits::Reach;

/// The packages that not everybody sees and a caller does.
#[derive(Debug)]
pub(super) struct Visible {
    all: bool,
    names: HashSet<String>,
    /// With their `@`.
    scopes: HashSet<String>,
    limits: TokenLimits,
}

impl Visible {
    /// Errors: a stranger, where strangers do not read.
    pub async fn to(caller: &Caller, hosted: &Hosted) -> Result<Visible, Failure> {
        let limits = caller.limits().clone();
        let mut visible = Visible { all: false, names: HashSet::new(), scopes: HashSet::new(), limits };
        match caller.identity() {
            Identity::Anonymous if !hosted.accounts.rules().anonymous_read => {
                return Err(Refusal::LoginNeeded.into());
            }
            Identity::Anonymous => {}
            Identity::TrustedPublisher { package } => {
                visible.names.insert(package.to_string());
            }
            Identity::User(user) => {
                visible.all = user.administrator;
                let known = hosted.database.packages_of(&user.name).await?;
                let readable = known.into_iter().filter(|(_, reach)| *reach >= Reach::Read);
                visible.names.extend(readable.map(|(name, _)| name));
                let organisations = hosted.database.organisations_of(&user.name).await?;
                let own = std::iter::once(user.name.to_string());
                visible.scopes.extend(own.chain(organisations.into_keys()).map(|name| format!("@{name}")));
            }
        }
        Ok(visible)
    }

    /// Whether the caller sees a package that not everybody sees.
    pub fn has(&self, name: &str) -> bool {
        let scope = name.split_once('/').map(|(scope, _)| scope);
        let is_known =
            self.all || self.names.contains(name) || scope.is_some_and(|scope| self.scopes.contains(scope));
        is_known && PackageName::parse(name).is_ok_and(|name| self.limits.reach(&name) >= Reach::Read)
    }
}
