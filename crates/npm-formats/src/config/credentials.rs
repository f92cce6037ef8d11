//! The registries of scopes, and the credentials configured for addresses.
//!
//! Not here: which of them a request may carry (crate `registry-client`), and reading the files that
//! `certfile` and `keyfile` name.

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

/// What is configured under one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The prefix of the addresses they are for, such as `//registry.example/team/`; the last slash may
    /// be missing.
    pub prefix: String,
    pub authorization: Option<Authorization>,
    pub client_certificate: Option<ClientCertificate>,
}

/// The prefix that credentials of a registry are written under: `https://registry.example:1/a/b` is
/// `//registry.example:1/a/`. `None` for what is no URL.
pub fn nerf_dart(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let directory = url.path().rfind('/').map_or("/", |at| &url.path()[..=at]);
    Some(format!("//{host}{directory}"))
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

    /// Every prefix that credentials are configured for, with them. Which of them a request may carry is
    /// the registry client's to decide.
    pub fn credentials(&self) -> Vec<Credentials> {
        let mut prefixes: Vec<&str> = Vec::new();
        for key in self.keys() {
            if key.starts_with("//")
                && let Some((prefix, _)) = key.rsplit_once(':')
                && !prefixes.contains(&prefix)
            {
                prefixes.push(prefix);
            }
        }
        prefixes.into_iter().filter_map(|prefix| self.credentials_at(prefix)).collect()
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
        Some(Credentials { prefix: prefix.to_owned(), authorization, client_certificate })
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
