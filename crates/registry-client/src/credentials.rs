//! Who we are to which registry: credentials by nerf dart, and the walk that finds them.
//!
//! Owns the rule which request may carry which credential. Does not own reading them from `.npmrc`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// A text that is never shown: `Debug` prints `***`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The text itself, to be sent and not to be shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// A client certificate and its private key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientIdentity {
    /// Certificate chain, PEM, leaf first.
    pub certificate_pem: String,
    /// Private key, PEM.
    pub key_pem: Secret,
}

/// What is sent to a registry to be known there.
#[derive(Clone, Debug, Default)]
pub struct Credential {
    authorization: Option<Secret>,
    identity: Option<Arc<ClientIdentity>>,
}

impl Credential {
    /// npm's `_authToken`.
    pub fn token(token: &str) -> Self {
        Credential { authorization: Some(Secret(format!("Bearer {token}"))), identity: None }
    }

    /// npm's `_auth`: `user:password` in base64.
    pub fn basic_encoded(auth: &str) -> Self {
        Credential { authorization: Some(Secret(format!("Basic {auth}"))), identity: None }
    }

    /// npm's `username` and `_password`, the password decoded from the base64 that `.npmrc` holds.
    pub fn user_password(username: &str, password: &str) -> Self {
        Self::basic_encoded(&STANDARD.encode(format!("{username}:{password}")))
    }

    /// A client certificate alone: npm's `certfile` and `keyfile`.
    pub fn certificate(identity: ClientIdentity) -> Self {
        Credential { authorization: None, identity: Some(Arc::new(identity)) }
    }

    /// Adds a client certificate to a token or password.
    #[must_use]
    pub fn with_certificate(mut self, identity: ClientIdentity) -> Self {
        self.identity = Some(Arc::new(identity));
        self
    }

    /// The value of the `authorization` header.
    pub fn authorization(&self) -> Option<&Secret> {
        self.authorization.as_ref()
    }

    /// The client certificate to connect with.
    pub fn identity(&self) -> Option<&Arc<ClientIdentity>> {
        self.identity.as_ref()
    }
}

type Lookup = Arc<dyn Fn(&str) -> Option<Credential> + Send + Sync>;

/// Credentials by nerf dart: `//host[:port]/path/`, with or without the last slash.
#[derive(Clone, Default)]
pub struct CredentialTable {
    entries: HashMap<String, Credential>,
    lookup: Option<Lookup>,
}

impl CredentialTable {
    /// A table that asks a function, for settings that are read lazily.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<Credential> + Send + Sync + 'static) -> Self {
        CredentialTable { entries: HashMap::new(), lookup: Some(Arc::new(lookup)) }
    }

    /// Sets the credential of a nerf dart, such as `//registry.example/npm/`.
    pub fn insert(&mut self, nerf_dart: impl Into<String>, credential: Credential) {
        self.entries.insert(nerf_dart.into(), credential);
    }

    fn at(&self, nerf_dart: &str) -> Option<Credential> {
        let found = self.entries.get(nerf_dart).cloned();
        found.or_else(|| self.lookup.as_ref().and_then(|lookup| lookup(nerf_dart)))
    }

    /// The nearest credential at or above a URL, and the nerf dart it stands under. Source: npm-registry-fetch
    /// `regFromURI`, npm 11.19.1: from the whole path up, taking away a name or a slash at a time.
    pub fn nearest(&self, url: &Url) -> Option<(String, Credential)> {
        let mut key = format!("//{}{}", host_and_port(url), url.path());
        while key.len() > 2 {
            if let Some(credential) = self.at(&key) {
                return Some((key, credential));
            }
            if key.ends_with('/') {
                key.pop();
            } else {
                key.truncate(key.rfind('/').map_or(0, |slash| slash + 1));
            }
        }
        None
    }

    /// The credential that a request may carry: the URL's own, else that of the package's registry where that
    /// is the same host. Source: npm-registry-fetch `getAuth`, npm 11.19.1.
    pub fn for_request(&self, url: &Url, registry: Option<&Url>) -> Option<Credential> {
        if let Some((_, credential)) = self.nearest(url) {
            return Some(credential);
        }
        let registry = registry.filter(|registry| host_and_port(registry) == host_and_port(url))?;
        self.nearest(registry).map(|(_, credential)| credential)
    }
}

impl fmt::Debug for CredentialTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.entries.keys()).finish()
    }
}

/// `host` or `host:port`, the port left out where it is the scheme's own.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, &str)]) -> CredentialTable {
        let mut table = CredentialTable::default();
        for (nerf_dart, token) in rows {
            table.insert(*nerf_dart, Credential::token(token));
        }
        table
    }

    #[test]
    fn the_walk_takes_the_nearest_credential() {
        let table = table(&[
            ("//registry.example/", "root"),
            ("//registry.example/npm", "bare"),
            ("//registry.example/npm/team/", "team"),
            ("//registry.example:8080/", "port"),
        ]);
        let rows = [
            ("https://registry.example/", Some("root")),
            ("https://registry.example:443/lodash", Some("root")),
            ("https://registry.example/npm/lodash", Some("bare")),
            ("https://registry.example/npm-other/lodash", Some("root")),
            ("https://registry.example/npm/team/@s%2fx", Some("team")),
            ("https://registry.example/npm/teams/x", Some("bare")),
            ("https://registry.example:8080/x", Some("port")),
            ("https://registry.example:8081/x", None),
            ("https://sub.registry.example/x", None),
            ("https://other.example/registry.example/", None),
        ];
        for (url, expected) in rows {
            let found = table.for_request(&Url::parse(url).unwrap(), None);
            let found = found.as_ref().and_then(|c| c.authorization()).map(|s| s.reveal().to_owned());
            assert_eq!(found, expected.map(|token| format!("Bearer {token}")), "{url}");
        }
    }

    #[test]
    fn a_request_to_the_registrys_host_may_carry_the_registrys_credential() {
        let table = table(&[("//registry.example/npm/private/", "token")]);
        let registry = Url::parse("https://registry.example/npm/private/").unwrap();
        let rows = [
            ("https://registry.example/files/x-1.0.0.tgz", true),
            ("https://files.example/x-1.0.0.tgz", false),
            ("https://registry.example:8443/x-1.0.0.tgz", false),
        ];
        for (url, expected) in rows {
            let found = table.for_request(&Url::parse(url).unwrap(), Some(&registry));
            assert_eq!(found.is_some(), expected, "{url}");
        }
    }

    #[test]
    fn secrets_are_never_shown() {
        let credential = Credential::user_password("user", "pass");
        assert_eq!(credential.authorization().map(Secret::reveal), Some("Basic dXNlcjpwYXNz"));
        assert!(!format!("{credential:?}").contains("dXNl"));
    }
}
