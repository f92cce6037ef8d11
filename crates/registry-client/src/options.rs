//! What a client is told once, at the start: typed settings, nothing read from the environment.
//!
//! Owns the settings and their defaults (npm's, where npm has one). Does not own where they come from: the
//! command line reads `.npmrc`, flags and the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use url::Url;

use crate::credentials::{ClientIdentity, CredentialTable, Secret};
use crate::progress::Progress;
use crate::second_factor::AccountHolder;

/// Everything a [`RegistryClient`](crate::RegistryClient) needs to know.
#[derive(Clone)]
pub struct ClientOptions {
    /// npm's `registry`. `None`: requests that need it fail with `ENOREGISTRY`.
    pub registry: Option<Url>,
    /// npm's `@scope:registry`, keyed by the scope with its `@`.
    pub scoped_registries: BTreeMap<String, Url>,
    /// Who we are, by nerf dart.
    pub credentials: CredentialTable,
    /// npm's `https-proxy`, `proxy`, `noproxy`.
    pub proxy: ProxyOptions,
    /// npm's `ca`, `cafile`, `cert`, `key`, `strict-ssl`, and Node's extra certificates.
    pub tls: TlsOptions,
    /// npm's `fetch-retries` and its companions.
    pub retry: RetryOptions,
    /// npm's `fetch-timeout`: how long a server may stay silent, while it is asked or while it answers. Zero is
    /// for ever.
    pub fetch_timeout: Duration,
    /// How long connecting (TCP, proxy and TLS together) may take.
    pub connect_timeout: Duration,
    /// npm's `maxsockets`: how many requests are under way at once, to all hosts together.
    pub max_sockets: usize,
    /// The `user-agent` header.
    pub user_agent: String,
    /// npm's headers that name the running command.
    pub command: CommandHeaders,
    /// Where metadata is kept; `None` keeps it in memory only.
    pub cache_directory: Option<PathBuf>,
    /// npm's `offline`, `prefer-offline`, `prefer-online`.
    pub cache_policy: CachePolicy,
    /// Whether registries that offer to answer many requests at once are asked to (`server-resolution`).
    pub server_resolution: bool,
    /// npm's `replace-registry-host`.
    pub replace_registry_host: ReplaceRegistryHost,
    /// The public registry, which `replace-registry-host=npmjs` means; a build-time setting of the executable.
    pub public_registry: Option<Url>,
    /// Largest metadata document accepted, in bytes after decompression.
    pub max_metadata_bytes: u64,
    /// npm's `otp`: sent with every call that brings no code of its own.
    pub otp: Option<Secret>,
    /// Who is asked for a second factor; with `None`, such requests fail with `EOTP`.
    pub account_holder: Option<Arc<dyn AccountHolder>>,
    /// Who is told what is under way.
    pub progress: Option<Arc<dyn Progress>>,
    /// The wall clock, for the age of what is cached.
    pub clock: Clock,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            registry: None,
            scoped_registries: BTreeMap::new(),
            credentials: CredentialTable::default(),
            proxy: ProxyOptions::default(),
            tls: TlsOptions::default(),
            retry: RetryOptions::default(),
            fetch_timeout: Duration::from_secs(300),
            connect_timeout: Duration::from_secs(60),
            max_sockets: 64,
            user_agent: concat!("knit/", env!("CARGO_PKG_VERSION")).to_owned(),
            command: CommandHeaders::default(),
            cache_directory: None,
            cache_policy: CachePolicy::Default,
            server_resolution: true,
            replace_registry_host: ReplaceRegistryHost::Npmjs,
            public_registry: None,
            max_metadata_bytes: 512 << 20,
            otp: None,
            account_holder: None,
            progress: None,
            clock: Clock::system(),
        }
    }
}

impl ClientOptions {
    /// The registry that a package belongs to: its scope's, else the default one. Source:
    /// npm-registry-fetch `pickRegistry`, npm 11.19.1.
    pub fn registry_for(&self, package: &str) -> Option<&Url> {
        let scope = package.starts_with('@').then(|| package.split('/').next()).flatten();
        self.registry_for_scope(scope)
    }

    /// The registry of a scope (with its `@`), else of the command's scope, else the default one.
    pub fn registry_for_scope(&self, scope: Option<&str>) -> Option<&Url> {
        let by_scope = |scope: &str| self.scoped_registries.get(scope);
        scope
            .and_then(by_scope)
            .or_else(|| self.command.scope.as_deref().and_then(by_scope))
            .or(self.registry.as_ref())
    }
}

/// Proxies, as npm 11.19.1 reads them: `https-proxy` serves every URL when set, else `proxy` does.
#[derive(Clone, Debug, Default)]
pub struct ProxyOptions {
    /// npm's `https-proxy`.
    pub https_proxy: Option<Url>,
    /// npm's `proxy`.
    pub proxy: Option<Url>,
    /// npm's `noproxy`: host name suffixes, matched by whole labels; `*` is every host.
    pub no_proxy: Vec<String>,
}

/// Whom TLS trusts, and who we are.
///
/// Where no `ca` is given, the platform's own roots are read at the first TLS connection; on Linux `SSL_CERT_FILE`
/// and `SSL_CERT_DIR` say where they are, as for every program that uses OpenSSL.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// PEM texts of npm's `ca` and of the file that `cafile` names. When there is one, the platform's roots
    /// are not used, as in Node.
    pub ca: Vec<String>,
    /// PEM texts trusted besides the others: Node's `NODE_EXTRA_CA_CERTS`.
    pub extra_ca: Vec<String>,
    /// npm's `cert` and `key`, for hosts whose credentials have no identity of their own.
    pub identity: Option<Arc<ClientIdentity>>,
    /// npm's `strict-ssl`; `false` accepts every certificate.
    pub strict_ssl: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        TlsOptions { ca: Vec::new(), extra_ca: Vec::new(), identity: None, strict_ssl: true }
    }
}

/// When to try again: after `min_timeout * factor^attempt`, times a random factor between one and two, at most
/// `max_timeout`. Defaults are npm's.
#[derive(Clone, Debug)]
pub struct RetryOptions {
    /// npm's `fetch-retries`: tries after the first.
    pub retries: u32,
    /// npm's `fetch-retry-factor`.
    pub factor: f64,
    /// npm's `fetch-retry-mintimeout`.
    pub min_timeout: Duration,
    /// npm's `fetch-retry-maxtimeout`.
    pub max_timeout: Duration,
}

impl Default for RetryOptions {
    fn default() -> Self {
        RetryOptions {
            retries: 2,
            factor: 10.0,
            min_timeout: Duration::from_secs(10),
            max_timeout: Duration::from_secs(60),
        }
    }
}

/// Headers that tell a registry what it is asked for. Source: npm-registry-fetch, npm 11.19.1.
#[derive(Clone, Debug, Default)]
pub struct CommandHeaders {
    /// `npm-command`, such as `install`.
    pub command: Option<String>,
    /// `npm-session`, a random identifier of this run.
    pub session: Option<String>,
    /// `npm-scope`, with its `@`; its registry is used for what has no scope of its own.
    pub scope: Option<String>,
    /// `npm-auth-type`: `web` or `legacy`.
    pub auth_type: Option<String>,
}

/// How cached metadata is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// What is fresh is used; what is stale is revalidated.
    #[default]
    Default,
    /// What is cached is used, however old; the rest is fetched.
    PreferOffline,
    /// What is cached is used; the rest fails with `ENOTCACHED`.
    Offline,
    /// What is cached is always revalidated.
    PreferOnline,
}

/// Which hosts in recorded tarball addresses are replaced by the configured registry's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplaceRegistryHost {
    /// The public registry's.
    #[default]
    Npmjs,
    /// Every host.
    Always,
    /// None.
    Never,
    /// This host, or everything below this URL.
    Host(String),
}

/// Reads the wall clock; tests hand in their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(Arc::new(SystemTime::now))
    }

    /// A clock that answers what `read` answers.
    pub fn new(read: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Clock(Arc::new(read))
    }

    /// Milliseconds since 1970; zero before that.
    pub(crate) fn now_millis(&self) -> u64 {
        let since = (self.0)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}
