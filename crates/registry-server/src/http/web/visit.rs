//! A request for a page: who makes it, by the cookie that came with it, and what the answer is to say about cookies.

use std::net::IpAddr;
use std::time::Duration;

use http::{Extensions, HeaderMap, HeaderValue, header};
use jiff::Timestamp;

use super::super::caller::{self, Caller};
use super::super::failure::Failure;
use crate::RegistryError;
use crate::database::{SessionRow, SessionStage, UserRow};
use crate::hosted::Hosted;
use crate::identity::SessionKey;
use crate::identity::permission::{Identity, Refusal, SecondFactor};
use crate::pages::{Frame, Viewer};
use crate::server::Registry;

/// What the cookie of a session is called.
const COOKIE: &str = "knit-session";

/// A request for a page.
pub(super) struct Visit<'a> {
    pub registry: &'a Registry,
    /// Of the page that is answered.
    pub frame: Frame,
    pub address: IpAddr,
    /// When it is worth to try again.
    pub retry_after: Option<Duration>,
    is_encrypted: bool,
    key: Option<SessionKey>,
    session: Option<SessionRow>,
    user: Option<UserRow>,
    set_cookie: Option<HeaderValue>,
}

impl<'a> Visit<'a> {
    /// A visit of nobody known, at the registry's address `base`.
    pub fn new(registry: &'a Registry, base: String, extensions: &Extensions) -> Visit<'a> {
        let is_encrypted = base.starts_with("https://");
        let now = registry.hosted.as_ref().map_or_else(Timestamp::now, |hosted| hosted.timestamp());
        Visit {
            registry,
            frame: Frame { base, viewer: None, form_seal: None, now },
            address: caller::address(extensions),
            retry_after: None,
            is_encrypted,
            key: None,
            session: None,
            user: None,
            set_cookie: None,
        }
    }

    /// Looks who it is.
    pub async fn recognise(&mut self, headers: &HeaderMap) -> Result<(), RegistryError> {
        let Some(hosted) = &self.registry.hosted else { return Ok(()) };
        let Some(key) = cookie(headers, self.cookie_name()) else { return Ok(()) };
        self.session = hosted.database.browser_session(&key, hosted.now()).await?;
        if let Some(session) = &self.session {
            let user = hosted.database.user(&session.user).await?.filter(|user| user.disabled.is_none());
            self.user = user.filter(|_| session.stage == SessionStage::SignedIn);
        }
        self.frame.viewer = (self.user.as_ref())
            .map(|user| Viewer { name: user.name.to_string(), admin: user.administrator });
        self.frame.form_seal = Some(key.form_seal());
        self.key = Some(key);
        Ok(())
    }

    /// The registry, if it is one with accounts.
    pub fn hosted(&self) -> Result<&'a Hosted, Failure> {
        self.registry.hosted.as_deref().ok_or_else(|| Failure::not_found("accounts"))
    }

    /// The key that the browser sent.
    pub fn key(&self) -> Option<&SessionKey> {
        self.key.as_ref()
    }

    /// How far the browser's login has come; none where there is no login.
    pub fn session(&self) -> Option<&SessionRow> {
        self.session.as_ref()
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<&UserRow> {
        self.user.as_ref()
    }

    /// Who reads, be it a stranger.
    ///
    /// Errors: a stranger, where strangers do not read.
    pub async fn reader(&self, hosted: &Hosted) -> Result<Caller, Failure> {
        let reader = match self.signed_in() {
            Ok((_, caller)) => caller,
            Err(_) => Caller::of(hosted, &HeaderMap::new(), self.address).await?,
        };
        if *reader.identity() == Identity::Anonymous && !hosted.accounts.rules().anonymous_read {
            return Err(Refusal::LoginNeeded.into());
        }
        Ok(reader)
    }

    /// The user who is signed in, and what they may do.
    ///
    /// Errors: nobody is.
    pub fn signed_in(&self) -> Result<(UserRow, Caller), Refusal> {
        let (Some(user), Some(key)) = (&self.user, &self.key) else { return Err(Refusal::LoginNeeded) };
        Ok((user.clone(), Caller::in_browser(user, key.clone(), self.address)))
    }

    /// The administrator who is signed in.
    ///
    /// Errors: nobody is, or somebody else.
    pub fn administrator(&self) -> Result<(UserRow, Caller), Refusal> {
        let (user, caller) = self.signed_in()?;
        caller.registry_administrator()?;
        Ok((user, caller))
    }

    /// Whether forms that change an account ask who is signed in for a one-time password.
    pub fn asks_for_code(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.second_factor != SecondFactor::Disabled)
    }

    /// Gives a browser that has no key one, so that a form can be sealed.
    pub fn ensure_key(&mut self) -> Result<(), Failure> {
        if self.key.is_none() {
            self.remember(SessionKey::generate()?, None);
        }
        Ok(())
    }

    /// Gives the browser a key, for so many milliseconds or until it is closed.
    pub fn remember(&mut self, key: SessionKey, lifetime: Option<i64>) {
        let age = lifetime.map(|lifetime| format!("; Max-Age={}", lifetime / 1000)).unwrap_or_default();
        self.set_cookie = self.cookie(key.expose(), &age);
        self.frame.form_seal = Some(key.form_seal());
        self.key = Some(key);
    }

    /// Takes the key from the browser.
    pub fn forget(&mut self) {
        self.set_cookie = self.cookie("", "; Max-Age=0");
        (self.key, self.session, self.user) = (None, None, None);
        (self.frame.viewer, self.frame.form_seal) = (None, None);
    }

    /// What the answer has to say because of who gets it.
    pub fn finish(&mut self, fields: &mut HeaderMap) {
        // pages differ by who looks, and what stands in forms is for one browser
        fields.append(header::VARY, HeaderValue::from_static("cookie"));
        let is_private = self.key.is_some() || self.set_cookie.is_some();
        let keeping = if is_private { "no-store" } else { "no-cache" };
        fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(keeping));
        fields.extend(self.set_cookie.take().map(|cookie| (header::SET_COOKIE, cookie)));
        if let Some(wait) = self.retry_after {
            fields.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
    }

    fn cookie(&self, value: &str, age: &str) -> Option<HeaderValue> {
        let secure = if self.is_encrypted { "; Secure" } else { "" };
        let (name, path) = (self.cookie_name(), self.cookie_path());
        let mut cookie = HeaderValue::try_from(format!(
            "{name}={value}; Path={path}; HttpOnly; SameSite=Lax{age}{secure}"
        ))
        .ok()?;
        cookie.set_sensitive(true);
        Some(cookie)
    }

    /// Browsers take a cookie of such a name only over TLS, and `__Host-` only from this host itself.
    fn cookie_name(&self) -> String {
        let prefix = match (self.is_encrypted, self.cookie_path()) {
            (false, _) => "",
            (true, "/") => "__Host-",
            (true, _) => "__Secure-",
        };
        format!("{prefix}{COOKIE}")
    }

    /// Where the registry is on its host. What would end the path in a cookie is not in it.
    fn cookie_path(&self) -> &str {
        let root = self.frame.root();
        if root.contains(';') { "/" } else { root }
    }
}

/// The key in a request's cookies.
fn cookie(headers: &HeaderMap, name: String) -> Option<SessionKey> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = all.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(key, value)| if key == name { SessionKey::parse(value) } else { None })
}

#[cfg(test)]
mod tests {
    use http::Extensions;

    use super::Visit;
    use crate::identity::SessionKey;
    use crate::{MemoryStorage, Registry};

    #[test]
    fn a_cookie_stays_on_the_way_it_came() {
        let registry = Registry::new(MemoryStorage::default());
        for (base, before, after) in [
            ("http://127.0.0.1:4873/", "knit-session=", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"),
            (
                "https://registry.example/",
                "__Host-knit-session=",
                "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure",
            ),
            (
                "https://company.example/npm/",
                "__Secure-knit-session=",
                "; Path=/npm/; HttpOnly; SameSite=Lax; Max-Age=60; Secure",
            ),
        ] {
            let mut visit = Visit::new(&registry, base.to_owned(), &Extensions::new());
            let key = SessionKey::generate().expect("a key");
            visit.remember(key.clone(), Some(60_000));
            let cookie = visit.set_cookie.as_ref().and_then(|cookie| cookie.to_str().ok());
            assert_eq!(cookie, Some(format!("{before}{}{after}", key.expose()).as_str()));
            assert!(visit.set_cookie.is_some_and(|cookie| cookie.is_sensitive()));
        }
    }
}
