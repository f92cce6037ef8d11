//! The registry's one configuration file: TOML in, typed settings or a list of mistakes with their places out.
//!
//! Owns the keys, their defaults and their checks. Does not own acting upon them. Environment variables are read only
//! where the file names them, through what the caller hands in; files that the file names are read here, so that a
//! registry that starts has all it needs.

mod access;
mod advisories;
mod hooks;
mod issuers;
mod limits;
mod location;
mod names;
mod policy;
mod problem;
mod reader;
mod secret;
mod server;
mod storage;
mod upstream;
mod values;

use std::path::Path;

pub use access::{AccessSettings, PublishRule, Publisher, Registration};
pub use limits::LimitSettings;
pub use location::{BlobLocation, DatabaseLocation};
pub use problem::SettingsProblem;
pub use server::{LogFormat, ProxyHeaders, ServerSettings, TlsFiles};
pub use storage::{S3Settings, StorageSettings};
pub use upstream::{CacheSettings, UpstreamSettings};
pub use values::parse_duration;

use crate::RegistryError;
use crate::accounts::TrustedIssuer;
use crate::advisories::AdvisorySource;
use crate::hooks::HookOptions;
use crate::names::NameRules;
use crate::policy::Policy;
use reader::Document;

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Everything a registry is told at its start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegistrySettings {
    /// How clients reach it.
    pub server: ServerSettings,
    /// Where things are kept.
    pub storage: StorageSettings,
    /// Other registries that packages are fetched from.
    pub upstreams: Vec<UpstreamSettings>,
    /// What of them is kept.
    pub cache: CacheSettings,
    /// Which names are published here, which come from which upstream, which are refused.
    pub names: NameRules,
    /// Which versions are seen.
    pub policy: Policy,
    /// Who may read and publish.
    pub access: AccessSettings,
    /// Who is trusted to say which workflow runs.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// Who is asked what is known against packages.
    pub advisories: AdvisorySource,
    /// Whom users may have told of changes.
    pub hooks: HookOptions,
    /// Sizes, times and rates.
    pub limits: LimitSettings,
}

impl RegistrySettings {
    /// The settings in a file. Paths in it are relative to its folder.
    ///
    /// Errors: a file that cannot be read; `Settings` with all mistakes in it.
    pub fn load(path: &Path, environment: Environment<'_>) -> Result<RegistrySettings, RegistryError> {
        let text = std::fs::read_to_string(path).map_err(|source| RegistryError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        RegistrySettings::parse(path, &text, environment)
    }

    /// The settings in a text that stands, or is to stand, in the file at `path`.
    ///
    /// Errors: `Settings` with all mistakes in it, those of files that it names included.
    pub fn parse(
        path: &Path,
        text: &str,
        environment: Environment<'_>,
    ) -> Result<RegistrySettings, RegistryError> {
        let document = Document::new(path, text, environment);
        let settings = document.root().map(|root| {
            let upstreams = upstream::read_all(&root);
            let server = server::read(&root.section("server"));
            let settings = RegistrySettings {
                trusted_issuers: issuers::read_all(&root, server.public_url.as_ref()),
                server,
                storage: storage::read(&root.section("storage")),
                cache: upstream::read_cache(&root.section("cache")),
                names: names::read(&root.section("names"), &upstreams),
                upstreams: upstreams.into_iter().map(|upstream| upstream.value).collect(),
                policy: policy::read(&root.section("policy")),
                access: access::read(&root.section("access")),
                advisories: advisories::read(&root.section("advisories")),
                hooks: hooks::read(&root.section("hooks")),
                limits: limits::read(&root.section("limits")),
            };
            root.finish();
            settings
        });
        let problems = document.into_problems();
        match settings {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(RegistryError::Settings { path: path.to_owned(), problems }),
        }
    }

    /// A file with every key at its default, explained; examples are commented out.
    pub fn default_file() -> &'static str {
        include_str!("default.toml")
    }

    /// The upstream of a name.
    pub fn upstream(&self, name: &str) -> Option<&UpstreamSettings> {
        self.upstreams.iter().find(|upstream| upstream.name == name)
    }
}
