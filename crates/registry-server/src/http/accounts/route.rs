//! Addresses of everything about users, tokens, organisations and permissions.

use crate::PackageName;
use crate::http::route::package;

/// What an address asks for. Names of accounts are parsed where they are used, so that a wrong one can be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum AccountRoute {
    /// `/-/user/org.couchdb.user:{user}`, also with `/-rev/{rev}`
    User(String),
    /// `/-/user/token/{token}`
    OwnToken(String),
    /// `/-/v1/login`
    WebLogin,
    /// `/-/v1/done/{session}`
    WebLoginDone(String),
    /// `/-/whoami`
    WhoAmI,
    /// `/-/npm/v1/user`
    Profile,
    /// `/-/npm/v1/tokens`
    Tokens,
    /// `/-/npm/v1/tokens/token/{key}`
    Token(String),
    /// `/-/org/{org}/user`
    Members(String),
    /// `/-/org/{org}/team`
    Teams(String),
    /// `/-/org/{org}/package`
    OrganisationPackages(String),
    /// `/-/user/{user}/package`
    UserPackages(String),
    /// `/-/team/{org}/{team}`
    Team(String, String),
    /// `/-/team/{org}/{team}/user`
    TeamMembers(String, String),
    /// `/-/team/{org}/{team}/package`
    TeamPackages(String, String),
    /// `/-/package/{pkg}/access`
    Access(PackageName),
    /// `/-/package/{pkg}/visibility`
    Visibility(PackageName),
    /// `/-/package/{pkg}/collaborators`
    Collaborators(PackageName),
    /// `/-/package/{pkg}/owners`
    Owners(PackageName),
    /// `/-/package/{pkg}/owners/{user}`
    Owner(PackageName, String),
    /// `/-/package/{pkg}/trust`
    TrustedPublishers(PackageName),
    /// `/-/package/{pkg}/trust/{id}`
    TrustedPublisher(PackageName, String),
    /// `/-/npm/v1/oidc/token/exchange/package/{pkg}`
    TokenExchange(PackageName),
    /// `/-/_view/starredByUser`
    Starred,
    /// `/-/user/v1/star`
    OwnStars,
    /// `/-/user/{user}/stars`
    StarsOf(String),
    /// `/-/npm/v1/hooks`
    Hooks,
    /// `/-/npm/v1/hooks/hook`
    NewHook,
    /// `/-/npm/v1/hooks/hook/{id}`
    Hook(String),
    /// `/-/knit/v1/audit-log`
    AuditLog,
}

impl AccountRoute {
    /// The route of a path's decoded segments after `/-/`.
    pub fn parse(segments: &[&str]) -> Option<AccountRoute> {
        let text = |segment: &&str| (*segment).to_owned();
        Some(match segments {
            ["user", "token", token] => AccountRoute::OwnToken(text(token)),
            ["user", user] | ["user", user, "-rev", _] => {
                AccountRoute::User(user.strip_prefix("org.couchdb.user:")?.to_owned())
            }
            ["user", "v1", "star"] => AccountRoute::OwnStars,
            ["user", user, "stars"] => AccountRoute::StarsOf(text(user)),
            ["npm", "v1", "hooks"] => AccountRoute::Hooks,
            ["npm", "v1", "hooks", "hook"] => AccountRoute::NewHook,
            ["npm", "v1", "hooks", "hook", id] => AccountRoute::Hook(text(id)),
            ["user", user, "package"] => AccountRoute::UserPackages(text(user)),
            ["v1", "login"] => AccountRoute::WebLogin,
            ["v1", "done", session] => AccountRoute::WebLoginDone(text(session)),
            ["whoami"] => AccountRoute::WhoAmI,
            ["npm", "v1", "user"] => AccountRoute::Profile,
            ["npm", "v1", "tokens"] => AccountRoute::Tokens,
            ["npm", "v1", "tokens", "token", key] => AccountRoute::Token(text(key)),
            ["npm", "v1", "oidc", "token", "exchange", "package", rest @ ..] => match package(rest)? {
                (name, []) => AccountRoute::TokenExchange(name),
                _ => return None,
            },
            ["org", organisation, "user"] => AccountRoute::Members(text(organisation)),
            ["org", organisation, "team"] => AccountRoute::Teams(text(organisation)),
            ["org", organisation, "package"] => AccountRoute::OrganisationPackages(text(organisation)),
            ["team", organisation, team] => AccountRoute::Team(text(organisation), text(team)),
            ["team", organisation, team, "user"] => AccountRoute::TeamMembers(text(organisation), text(team)),
            ["team", organisation, team, "package"] => {
                AccountRoute::TeamPackages(text(organisation), text(team))
            }
            ["knit", "v1", "audit-log"] => AccountRoute::AuditLog,
            ["_view", "starredByUser"] => AccountRoute::Starred,
            ["package", rest @ ..] => match package(rest)? {
                (name, ["access"]) => AccountRoute::Access(name),
                (name, ["visibility"]) => AccountRoute::Visibility(name),
                (name, ["collaborators"]) => AccountRoute::Collaborators(name),
                (name, ["owners"]) => AccountRoute::Owners(name),
                (name, ["owners", user]) => AccountRoute::Owner(name, text(user)),
                (name, ["trust"]) => AccountRoute::TrustedPublishers(name),
                (name, ["trust", id]) => AccountRoute::TrustedPublisher(name, text(id)),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The methods it answers, as the `Allow` header has them.
    pub fn allowed_methods(&self) -> &'static str {
        match self {
            AccountRoute::User(_) => "GET, HEAD, PUT",
            AccountRoute::OwnToken(_)
            | AccountRoute::Token(_)
            | AccountRoute::Team(..)
            | AccountRoute::Owner(..)
            | AccountRoute::TrustedPublisher(..) => "DELETE",
            AccountRoute::Owners(_) => "PUT",
            AccountRoute::WebLogin | AccountRoute::TokenExchange(_) | AccountRoute::NewHook => "POST",
            AccountRoute::WebLoginDone(_)
            | AccountRoute::WhoAmI
            | AccountRoute::OrganisationPackages(_)
            | AccountRoute::UserPackages(_)
            | AccountRoute::Visibility(_)
            | AccountRoute::Collaborators(_)
            | AccountRoute::Starred
            | AccountRoute::StarsOf(_)
            | AccountRoute::Hooks
            | AccountRoute::AuditLog => "GET, HEAD",
            AccountRoute::Profile
            | AccountRoute::Tokens
            | AccountRoute::Access(_)
            | AccountRoute::TrustedPublishers(_) => "GET, HEAD, POST",
            AccountRoute::Members(_) | AccountRoute::TeamMembers(..) | AccountRoute::TeamPackages(..) => {
                "DELETE, GET, HEAD, PUT"
            }
            AccountRoute::OwnStars | AccountRoute::Hook(_) => "DELETE, GET, HEAD, PUT",
            AccountRoute::Teams(_) => "GET, HEAD, PUT",
        }
    }
}
