//! Which registry a package is asked for from, and which credentials go to which address.
//!
//! Files named by `certfile` and `keyfile` are read by the caller.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::{Config, Value};

/// A text that is never printed: formatting shows `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the header it belongs in.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What an `Authorization` header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    Bearer(Secret),
    /// `user:password` in base64, ready for the header.
    Basic(Secret),
}

/// Files of a client certificate, as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    pub certificate_file: String,
    pub key_file: String,
}

/// Everything configured for one address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The configured prefix it was found under, such as `//registry.example/team/`.
    pub found_at: Option<String>,
    pub authorization: Option<Authorization>,
    pub client_certificate: Option<ClientCertificate>,
}

/// The prefix that credentials of a registry are written under: `https://registry.example:1/a/b` is
/// `//registry.example:1/a/`. `None` for what is no URL.
pub fn nerf_dart(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = authority(&url)?;
    let directory = url.path().rfind('/').map_or("/", |at| &url.path()[..=at]);
    Some(format!("//{host}{directory}"))
}

fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

impl Config {
    /// The registry for a package of this scope (`@scope`), or of none. `None` when no registry is
    /// configured at all.
    pub fn registry(&self, scope: Option<&str>) -> Option<String> {
        let scoped = scope.and_then(|scope| self.text(&format!("{scope}:registry")));
        scoped.or_else(|| self.text("registry"))
    }

    /// Scopes with a registry of their own, with it, lowest level first.
    pub fn scoped_registries(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for key in self.keys() {
            let Some(scope) = key.strip_suffix(":registry") else { continue };
            if scope.starts_with('@')
                && let Some(registry) = self.text(key)
            {
                found.push((scope.to_owned(), registry));
            }
        }
        found
    }

    /// The credentials for a request to this address: those of the longest configured prefix of it.
    /// When there are none, and the address is on the host of the registry it was asked of (the scope's,
    /// else the default one), that registry's.
    ///
    /// Source: npm 11.19.1 (`npm-registry-fetch`).
    pub fn credentials(&self, url: &str, scope: Option<&str>) -> Credentials {
        let Ok(url) = Url::parse(url) else { return Credentials::default() };
        if let Some(found) = self.credentials_under(&url) {
            return found;
        }
        let registry = self.registry(scope).and_then(|registry| Url::parse(&registry).ok());
        match registry {
            Some(registry) if authority(&registry) == authority(&url) => {
                self.credentials_under(&registry).unwrap_or_default()
            }
            _ => Credentials::default(),
        }
    }

    fn credentials_under(&self, url: &Url) -> Option<Credentials> {
        let mut prefix = format!("//{}{}", authority(url)?, url.path());
        // Both `//host/path/` and `//host/path` may be configured: what follows the last slash goes, or
        // the slash itself, in turn.
        while prefix.len() > 2 {
            if let Some(found) = self.credentials_at(&prefix) {
                return Some(found);
            }
            match prefix.rfind('/') {
                Some(at) if at + 1 == prefix.len() => prefix.truncate(at),
                Some(at) => prefix.truncate(at + 1),
                None => break,
            }
        }
        None
    }

    fn credentials_at(&self, prefix: &str) -> Option<Credentials> {
        let text = |name: &str| match self.get(&format!("{prefix}:{name}")) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text),
            Some(number @ Value::Number(_)) => Some(number.to_string()),
            _ => None,
        };
        let token = text("_authToken").map(|token| Authorization::Bearer(Secret(token)));
        let basic = || text("_auth").map(|basic| Authorization::Basic(Secret(basic)));
        let login = || {
            let (user, password) = (text("username")?, text("_password")?);
            Some(Authorization::Basic(Secret(basic_of(&user, &password))))
        };
        let authorization = token.or_else(basic).or_else(login);
        let client_certificate = text("certfile")
            .zip(text("keyfile"))
            .map(|(certificate_file, key_file)| ClientCertificate { certificate_file, key_file });
        if authorization.is_none() && client_certificate.is_none() {
            return None;
        }
        Some(Credentials { found_at: Some(prefix.to_owned()), authorization, client_certificate })
    }
}

/// `_password` is base64 of the password; the header wants base64 of the pair.
fn basic_of(user: &str, password: &str) -> String {
    let decoded = STANDARD
        .decode(password.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| password.to_owned());
    STANDARD.encode(format!("{user}:{decoded}"))
}
