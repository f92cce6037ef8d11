//! What a caller may do with a package, an organisation or an account, and if not, why not.
//!
//! Owns: the one place that says yes or no. Does not own: where the facts come from, the status of an answer.

use std::net::IpAddr;

use super::AccountName;
use super::token_limits::{Reach, TokenLimits};
use crate::PackageName;

/// What somebody wants of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its packument, its tarballs.
    Read,
    /// New versions.
    Publish,
    /// New versions that wait for somebody's approval, and to see them.
    Stage,
    /// Dist-tags, deprecations, taking versions back.
    Edit,
    /// Maintainers, visibility, grants of teams, trusted publishers.
    Administer,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    Anonymous,
    User(User),
    /// A workflow that showed an id-token which the package trusts.
    TrustedPublisher {
        package: PackageName,
    },
}

/// A user, as far as permissions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: AccountName,
    /// May do everything on this registry.
    pub administrator: bool,
    pub second_factor: SecondFactor,
}

/// When a user is asked for a one-time password. The names are npm's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    Disabled,
    /// At logins and changes of the account.
    AuthOnly,
    /// And whenever something is published or changed.
    AuthAndWrites,
}

impl SecondFactor {
    /// As npm writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            SecondFactor::Disabled => "disabled",
            SecondFactor::AuthOnly => "auth-only",
            SecondFactor::AuthAndWrites => "auth-and-writes",
        }
    }

    /// What [`as_str`](Self::as_str) gave; `None` for another text.
    pub fn parse(text: &str) -> Option<SecondFactor> {
        [SecondFactor::Disabled, SecondFactor::AuthOnly, SecondFactor::AuthAndWrites]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// Who calls, with what, and whether a one-time password came with it and was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub identity: Identity,
    pub limits: TokenLimits,
    pub one_time_password: bool,
}

/// Who may see a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone who may read this registry.
    #[default]
    Public,
    /// Its maintainers, the members of its organisation and the teams it was granted to.
    Restricted,
}

/// What publishing a package takes beside permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PublishSecondFactor {
    #[default]
    NotRequired,
    /// Always a one-time password.
    Required,
    /// A one-time password, or a token made for machines.
    RequiredUnlessAutomation,
}

/// What a member of an organisation may do in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// See its packages and make new ones.
    Developer,
    /// And manage teams and packages.
    Admin,
    /// And manage members.
    Owner,
}

impl Role {
    /// As npm writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Developer => "developer",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    /// What [`as_str`](Self::as_str) gave; `None` for another text.
    pub fn parse(text: &str) -> Option<Role> {
        [Role::Developer, Role::Admin, Role::Owner].into_iter().find(|role| role.as_str() == text)
    }
}

/// Whose a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The package has none.
    None,
    /// It is the name of no account.
    Unclaimed,
    /// It is the caller's own name.
    Own,
    /// It is another user's name.
    OtherUser,
    /// It is an organisation; the caller's role in it.
    Organisation(Option<Role>),
}

/// A package as one caller stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub exists: bool,
    pub visibility: Visibility,
    pub second_factor: PublishSecondFactor,
    pub scope: Scope,
    pub maintainer: bool,
    /// The furthest of what the caller's teams were granted.
    pub granted: Reach,
    /// Whether the settings let the caller publish new packages of this name.
    pub may_be_new: bool,
}

/// What the registry's settings say of access, whoever asks for whatever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessRules {
    pub anonymous_read: bool,
}

/// Why something is not done. `Display` explains it to who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("you must be logged in to do this; run `npm login` for this registry")]
    LoginNeeded,
    #[error("the token has expired or was revoked, or the password is wrong; log in again")]
    CredentialsUnknown,
    #[error("the token has expired; create another")]
    TokenExpired,
    #[error("the token may not be used from the address {address}")]
    TokenAddress { address: IpAddr },
    #[error("the token may only read")]
    TokenReadOnly,
    #[error("the token was not created for {name}")]
    TokenPackages { name: PackageName },
    #[error("the token was not created for the organisation {name}")]
    TokenOrganisation { name: AccountName },
    #[error("the token may not change the account; log in with the password")]
    TokenAccount,
    /// Told like a package that is not there.
    #[error("not found: {name}")]
    Hidden { name: PackageName },
    #[error(
        "you may not publish {name}: you are not among its maintainers, and no team of yours may write it"
    )]
    NotMaintainer { name: PackageName },
    #[error("only maintainers of {name} and administrators of its organisation may do this")]
    NotPackageAdministrator { name: PackageName },
    #[error("the scope of {name} belongs to somebody else")]
    ScopeOfOthers { name: PackageName },
    #[error("the registry's settings let others publish new packages like {name}, not you")]
    NewPackage { name: PackageName },
    #[error("a trusted publisher may only publish versions")]
    PublisherOnly,
    #[error(
        "this trusted publisher of {name} was not given that permission: publishing and staging are apart"
    )]
    PublisherPermission { name: PackageName },
    #[error("this takes the role {} in the organisation {name}", needed.as_str())]
    RoleNeeded { name: AccountName, needed: Role },
    #[error("only administrators of the registry may do this")]
    AdministratorNeeded,
    #[error("this operation requires a one-time password from your authenticator")]
    OneTimePasswordNeeded,
    #[error("{name} may only be published with two-factor authentication; run `npm profile enable-2fa`")]
    SecondFactorNeeded { name: PackageName },
}

/// Whether `claim` may do `action` with the package `name`.
///
/// Errors: why not. What the caller may not even see is [`Refusal::Hidden`], whatever was asked.
pub fn decide(
    rules: AccessRules,
    claim: &Claim,
    action: Action,
    name: &PackageName,
    standing: &Standing,
) -> Result<(), Refusal> {
    if standing.exists {
        readable(rules, claim, name, standing)?;
    }
    if action == Action::Read {
        // Whether a name is free is as much of a secret as what is behind one that is not.
        return if standing.exists { Ok(()) } else { unnamed(rules, claim) };
    }
    let user = match &claim.identity {
        Identity::Anonymous => return Err(Refusal::LoginNeeded),
        Identity::TrustedPublisher { package } => {
            let publishes = match action {
                Action::Publish => claim.limits.publishes,
                Action::Stage => claim.limits.stages,
                Action::Read | Action::Edit | Action::Administer => return Err(Refusal::PublisherOnly),
            };
            return if package != name {
                Err(Refusal::TokenPackages { name: name.clone() })
            } else if !publishes {
                Err(Refusal::PublisherPermission { name: name.clone() })
            } else {
                Ok(())
            };
        }
        Identity::User(user) => user,
    };
    match claim.limits.reach(name) {
        Reach::Nothing => return Err(Refusal::TokenPackages { name: name.clone() }),
        Reach::Read => return Err(Refusal::TokenReadOnly),
        Reach::Write => {}
    }
    if !user.administrator {
        permitted(action, name, standing)?;
    }
    // that comes when somebody approves
    if action == Action::Stage { Ok(()) } else { second_factor(claim, user, name, standing) }
}

/// Whether `claim` may see a package that exists.
fn readable(
    rules: AccessRules,
    claim: &Claim,
    name: &PackageName,
    standing: &Standing,
) -> Result<(), Refusal> {
    unnamed(rules, claim)?;
    let public = standing.visibility == Visibility::Public;
    if public && rules.anonymous_read {
        return Ok(());
    }
    let own = standing.maintainer
        || standing.granted >= Reach::Read
        || standing.scope == Scope::Own
        || matches!(standing.scope, Scope::Organisation(Some(_)));
    let known = match &claim.identity {
        Identity::Anonymous => false,
        Identity::TrustedPublisher { package } => package == name,
        Identity::User(user) => public || own || user.administrator,
    };
    if known && claim.limits.reach(name) >= Reach::Read {
        Ok(())
    } else {
        Err(Refusal::Hidden { name: name.clone() })
    }
}

/// What anybody must show before a name is looked at.
fn unnamed(rules: AccessRules, claim: &Claim) -> Result<(), Refusal> {
    if claim.identity == Identity::Anonymous && !rules.anonymous_read {
        return Err(Refusal::LoginNeeded);
    }
    Ok(())
}

/// Whether a user without the registry's administration may change a package or make it.
fn permitted(action: Action, name: &PackageName, standing: &Standing) -> Result<(), Refusal> {
    let name = || name.clone();
    if !standing.exists {
        return match standing.scope {
            Scope::OtherUser | Scope::Organisation(None) => Err(Refusal::ScopeOfOthers { name: name() }),
            _ if !standing.may_be_new => Err(Refusal::NewPackage { name: name() }),
            _ => Ok(()),
        };
    }
    let administers = standing.maintainer
        || matches!(standing.scope, Scope::Organisation(Some(role)) if role >= Role::Admin);
    match action {
        Action::Administer if !administers => Err(Refusal::NotPackageAdministrator { name: name() }),
        Action::Publish | Action::Stage | Action::Edit if !administers && standing.granted < Reach::Write => {
            Err(Refusal::NotMaintainer { name: name() })
        }
        _ => Ok(()),
    }
}

/// What a change takes beside permission.
fn second_factor(claim: &Claim, user: &User, name: &PackageName, standing: &Standing) -> Result<(), Refusal> {
    let automation = claim.limits.bypasses_one_time_password;
    let needed = match standing.second_factor {
        PublishSecondFactor::Required => true,
        PublishSecondFactor::RequiredUnlessAutomation => !automation,
        PublishSecondFactor::NotRequired => user.second_factor == SecondFactor::AuthAndWrites && !automation,
    };
    if !needed || claim.one_time_password {
        Ok(())
    } else if user.second_factor == SecondFactor::Disabled {
        Err(Refusal::SecondFactorNeeded { name: name.clone() })
    } else {
        Err(Refusal::OneTimePasswordNeeded)
    }
}

/// The user who may change their own profile, password and tokens with `claim`.
pub fn account(claim: &Claim) -> Result<&User, Refusal> {
    match &claim.identity {
        Identity::User(user) if claim.limits.account => Ok(user),
        Identity::User(_) | Identity::TrustedPublisher { .. } => Err(Refusal::TokenAccount),
        Identity::Anonymous => Err(Refusal::LoginNeeded),
    }
}

/// The user who may do what concerns the whole registry.
pub fn registry_administrator(claim: &Claim) -> Result<&User, Refusal> {
    let user = account(claim)?;
    if user.administrator { Ok(user) } else { Err(Refusal::AdministratorNeeded) }
}

/// The user who may do what takes `needed` in an organisation, in which they have `role`.
pub fn organisation<'a>(
    claim: &'a Claim,
    name: &AccountName,
    role: Option<Role>,
    needed: Role,
) -> Result<&'a User, Refusal> {
    let user = match &claim.identity {
        Identity::User(user) => user,
        Identity::Anonymous => return Err(Refusal::LoginNeeded),
        Identity::TrustedPublisher { .. } => return Err(Refusal::PublisherOnly),
    };
    let reach = claim.limits.organisation_reach(name);
    let wanted = if needed == Role::Developer { Reach::Read } else { Reach::Write };
    if reach == Reach::Nothing {
        return Err(Refusal::TokenOrganisation { name: name.clone() });
    }
    if reach < wanted {
        return Err(Refusal::TokenReadOnly);
    }
    if !user.administrator && role.is_none_or(|role| role < needed) {
        return Err(Refusal::RoleNeeded { name: name.clone(), needed });
    }
    let asked = wanted == Reach::Write && user.second_factor == SecondFactor::AuthAndWrites;
    if asked && !claim.limits.bypasses_one_time_password && !claim.one_time_password {
        return Err(Refusal::OneTimePasswordNeeded);
    }
    Ok(user)
}

#[cfg(test)]
mod tests;
