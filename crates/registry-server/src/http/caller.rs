//! Who asks: the credentials of a request, and what they let it do.
//!
//! Does not own: the rules (`identity::permission`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, header};

use super::failure::Failure;
use crate::PackageName;
use crate::accounts::LoginError;
use crate::database::{AuditEntry, UserRow};
use crate::hosted::Hosted;
use crate::identity::permission::{
    self, Action, Claim, Identity, Refusal, Role, SecondFactor, Standing, User,
};
use crate::identity::{AccountName, Secret, SessionKey, Token, TokenDigest, TokenLimits};
use crate::publish::Maintainer;

/// Where a request comes from; nowhere in particular where the server was not asked to tell.
pub(super) fn address(extensions: &Extensions) -> IpAddr {
    let known = extensions.get::<ConnectInfo<SocketAddr>>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}

/// A one-time password that came with a request.
pub(super) fn one_time_password(headers: &HeaderMap) -> Option<Secret> {
    let text = headers.get("npm-otp")?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| Secret::new(text))
}

/// Who sent a request, and what came with it.
#[derive(Debug)]
pub(super) struct Caller {
    claim: Claim,
    email: String,
    address: IpAddr,
    token: Option<TokenDigest>,
    session: Option<SessionKey>,
    one_time_password: Option<Secret>,
}

impl Caller {
    /// The caller of a request.
    ///
    /// Errors: credentials that are wrong, expired or used from elsewhere. None at all are those of nobody.
    pub async fn of(hosted: &Hosted, headers: &HeaderMap, address: IpAddr) -> Result<Caller, Failure> {
        let anonymous = Caller {
            claim: Claim {
                identity: Identity::Anonymous,
                limits: TokenLimits::none(),
                one_time_password: false,
            },
            email: String::new(),
            address,
            token: None,
            session: None,
            one_time_password: one_time_password(headers),
        };
        let Some(credentials) = headers.get(header::AUTHORIZATION) else {
            return anonymous.or_everyone(hosted);
        };
        let unknown = || Failure::Refused(Refusal::CredentialsUnknown);
        let credentials = credentials.to_str().map_err(|_| unknown())?;
        let (scheme, value) = credentials.split_once(' ').ok_or_else(unknown)?;
        if scheme.eq_ignore_ascii_case("bearer") {
            let token = Token::parse(value.trim()).ok_or_else(unknown)?;
            anonymous.with_token(hosted, &token).await
        } else if scheme.eq_ignore_ascii_case("basic") {
            let decoded = base64_simd::STANDARD.decode_to_vec(value.trim()).map_err(|_| unknown())?;
            let decoded = String::from_utf8(decoded).map_err(|_| unknown())?;
            let (name, password) = decoded.split_once(':').ok_or_else(unknown)?;
            let name = AccountName::parse(name).map_err(|_| unknown())?;
            anonymous.with_password(hosted, &name, &Secret::new(password)).await
        } else {
            Err(unknown())
        }
    }

    /// A user who is logged in with a browser. They may do what they may with a login of the command line.
    pub fn in_browser(user: &UserRow, key: SessionKey, address: IpAddr) -> Caller {
        let UserRow { name, email, administrator, second_factor, .. } = user.clone();
        Caller {
            claim: Claim {
                identity: Identity::User(User { name, administrator, second_factor }),
                limits: TokenLimits::none(),
                one_time_password: false,
            },
            email,
            address,
            token: None,
            session: Some(key),
            one_time_password: None,
        }
    }

    /// The same with the one-time password of a form; none where the field was left empty.
    pub fn with_one_time_password(self, code: Option<Secret>) -> Caller {
        Caller { one_time_password: code, ..self }
    }

    /// On a registry that is everybody's, nobody is somebody.
    fn or_everyone(mut self, hosted: &Hosted) -> Result<Caller, Failure> {
        if let Some(name) = hosted.everyone.as_deref().and_then(|name| AccountName::parse(name).ok()) {
            let second_factor = SecondFactor::Disabled;
            self.claim.identity = Identity::User(User { name, administrator: true, second_factor });
        }
        Ok(self)
    }

    async fn with_token(mut self, hosted: &Hosted, token: &Token) -> Result<Caller, Failure> {
        let unknown = Failure::Refused(Refusal::CredentialsUnknown);
        let digest = token.digest();
        let Some(bearer) = hosted.database.bearer(&digest).await? else { return Err(unknown) };
        bearer.limits.admit(hosted.timestamp(), self.address)?;
        self.claim.identity = bearer.identity;
        self.claim.limits = bearer.limits;
        self.email = bearer.email;
        self.token = Some(digest);
        Ok(self)
    }

    /// As npm 6 sends it. A second factor is asked for each time: nothing else stands for it.
    async fn with_password(
        mut self,
        hosted: &Hosted,
        name: &AccountName,
        password: &Secret,
    ) -> Result<Caller, Failure> {
        // a token in place of the password, as those use it who know no other way
        if let Some(token) = Token::parse(password.reveal()) {
            let caller = self.with_token(hosted, &token).await?;
            let same = matches!(&caller.claim.identity, Identity::User(user) if user.name == *name);
            return if same { Ok(caller) } else { Err(Failure::Refused(Refusal::CredentialsUnknown)) };
        }
        let code = self.one_time_password.take();
        let user = hosted.check_login(name, password, code.as_ref(), self.address).await?;
        self.claim.one_time_password = code.is_some() && user.second_factor != SecondFactor::Disabled;
        self.email = user.email;
        let (administrator, second_factor) = (user.administrator, user.second_factor);
        self.claim.identity = Identity::User(User { name: user.name, administrator, second_factor });
        Ok(self)
    }

    pub fn identity(&self) -> &Identity {
        &self.claim.identity
    }

    /// The token that the request came with.
    pub fn token(&self) -> Option<&TokenDigest> {
        self.token.as_ref()
    }

    /// The browser's session that the request came with.
    pub fn session(&self) -> Option<&SessionKey> {
        self.session.as_ref()
    }

    /// Where the request came from.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The limits of what the request came with.
    pub fn limits(&self) -> &TokenLimits {
        &self.claim.limits
    }

    /// The user who asks, if it is one.
    pub fn user(&self) -> Option<&User> {
        match &self.claim.identity {
            Identity::User(user) => Some(user),
            Identity::Anonymous | Identity::TrustedPublisher { .. } => None,
        }
    }

    /// The user who asks, whoever it is.
    pub fn logged_in(&self) -> Result<&User, Refusal> {
        self.user().ok_or(Refusal::LoginNeeded)
    }

    /// The user who asks, if they administer the registry and show it with a full token.
    pub fn registry_administrator(&self) -> Result<&User, Refusal> {
        permission::registry_administrator(&self.claim)
    }

    /// Whom a new package's maintainer would be.
    pub fn maintainer(&self) -> Maintainer {
        let name = match &self.claim.identity {
            Identity::User(user) => user.name.to_string(),
            Identity::TrustedPublisher { package } => format!("trusted publisher of {package}"),
            Identity::Anonymous => String::new(),
        };
        Maintainer { name, email: self.email.clone() }
    }

    /// Whether the caller may do something with a package, and how they stand to it, as far as that was of interest.
    ///
    /// Errors: why not; for what it may not see, that it is not there.
    pub async fn may(
        &mut self,
        hosted: &Hosted,
        action: Action,
        name: &PackageName,
    ) -> Result<Standing, Failure> {
        let rules = hosted.accounts.rules();
        if action == Action::Read {
            // what is open to strangers needs no further look: nearly every request is one of these
            let stranger = hosted.database.stranger_to(name).await?;
            if permission::decide(rules, &self.claim, action, name, &stranger).is_ok() {
                return Ok(stranger);
            }
        }
        let user = self.user().map(|user| user.name.clone());
        let mut standing = hosted.database.standing(name, user.as_ref()).await?;
        if !standing.exists
            && let Some(user) = self.user()
        {
            standing.may_be_new = hosted.may_publish_new(user, name).await?;
        }
        self.decide(hosted, |claim| permission::decide(rules, claim, action, name, &standing)).await?;
        if !matches!(action, Action::Read | Action::Stage)
            && let Some(user) = &user
        {
            hosted.accounts.count_change(user, hosted.timestamp())?;
        }
        Ok(standing)
    }

    /// The user, if they may change their account.
    pub async fn account(&mut self, hosted: &Hosted) -> Result<User, Failure> {
        self.decide(hosted, |claim| permission::account(claim).cloned()).await
    }

    /// The user, if they may change their account and, where they have a second factor, sent a one-time password.
    pub async fn account_with_second_factor(&mut self, hosted: &Hosted) -> Result<User, Failure> {
        self.decide(hosted, |claim| {
            let user = permission::account(claim)?;
            if user.second_factor != SecondFactor::Disabled && !claim.one_time_password {
                return Err(Refusal::OneTimePasswordNeeded);
            }
            Ok(user.clone())
        })
        .await
    }

    /// The password that a change of the account came with must be the user's own.
    pub async fn confirm_password(&self, hosted: &Hosted, password: &Secret) -> Result<(), Failure> {
        let user = self.logged_in()?;
        match hosted.check_password(&user.name, password, self.address).await {
            Ok(_) => Ok(()),
            Err(LoginError::Registry(error)) => Err(error.into()),
            Err(error) => Err(Failure::Login(error)),
        }
    }

    /// That who has a second factor showed it, whatever the token may do without.
    pub async fn second_factor(&mut self, hosted: &Hosted) -> Result<(), Failure> {
        self.decide(hosted, |claim| match &claim.identity {
            Identity::User(user)
                if user.second_factor != SecondFactor::Disabled && !claim.one_time_password =>
            {
                Err(Refusal::OneTimePasswordNeeded)
            }
            _ => Ok(()),
        })
        .await
    }

    /// The user, if they may do in an organisation what takes a role.
    pub async fn in_organisation(
        &mut self,
        hosted: &Hosted,
        organisation: &AccountName,
        needed: Role,
    ) -> Result<User, Failure> {
        let role = match self.user() {
            Some(user) => hosted.database.role(organisation, &user.name).await?,
            None => None,
        };
        self.decide(hosted, |claim| permission::organisation(claim, organisation, role, needed).cloned())
            .await
    }

    /// Asks, and if a one-time password is missing that came with the request, asks again with it.
    async fn decide<T>(
        &mut self,
        hosted: &Hosted,
        ask: impl Fn(&Claim) -> Result<T, Refusal>,
    ) -> Result<T, Failure> {
        match ask(&self.claim) {
            Err(Refusal::OneTimePasswordNeeded) => {}
            decided => return Ok(decided?),
        }
        let (Some(code), Some(user)) = (self.one_time_password.take(), self.user()) else {
            return Err(Refusal::OneTimePasswordNeeded.into());
        };
        hosted.take_one_time_password(&user.name, &code, self.address).await?;
        self.claim.one_time_password = true;
        Ok(ask(&self.claim)?)
    }

    /// What the audit log says of something that this caller did.
    pub fn audit(
        &self,
        hosted: &Hosted,
        action: &str,
        object: impl ToString,
        detail: impl ToString,
    ) -> AuditEntry {
        AuditEntry {
            at: hosted.now(),
            actor: self.maintainer().name,
            address: self.address.to_string(),
            action: action.to_owned(),
            object: object.to_string(),
            detail: detail.to_string(),
        }
    }
}
