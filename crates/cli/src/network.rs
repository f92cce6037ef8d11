//! From configuration to the registry client's options. Files of certificates are read here, and only
//! when a command needs the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use diagnostics::Diagnostic;
use npm_formats::config::{Authorization, Config, Credentials, Value};
use registry_client::{
    CachePolicy, ClientIdentity, ClientOptions, CommandHeaders, Credential, CredentialTable, ProxyOptions,
    ReplaceRegistryHost, RetryOptions, Secret, TlsOptions,
};
use url::Url;

use crate::configuration::PUBLIC_REGISTRY;
use crate::process::Process;

/// Builds the options for a command.
///
/// Errors: a registry, proxy or certificate file that cannot be used.
pub fn client_options(
    config: &Config,
    process: &Process,
    command: &str,
    user_agent: String,
) -> Result<ClientOptions, Diagnostic> {
    let registry = config.text("registry").map(|text| url_of("registry", &text)).transpose()?;
    let mut scoped_registries = BTreeMap::new();
    for (scope, text) in config.scoped_registries() {
        let url = url_of(&format!("{scope}:registry"), &text)?;
        scoped_registries.insert(scope, url);
    }
    let otp = config.text("otp").map(Secret::new);
    let milliseconds = |key: &str, default: f64| {
        Duration::from_secs_f64((config.number(key).unwrap_or(default).clamp(0.0, 1e12)) / 1000.0)
    };
    Ok(ClientOptions {
        proxy: proxies(config, process, registry.as_ref())?,
        credentials: credential_table(config)?,
        tls: tls(config, process)?,
        retry: RetryOptions {
            retries: whole(config.number("fetch-retries").unwrap_or(2.0)),
            factor: config.number("fetch-retry-factor").unwrap_or(10.0),
            min_timeout: milliseconds("fetch-retry-mintimeout", 10_000.0),
            max_timeout: milliseconds("fetch-retry-maxtimeout", 60_000.0),
        },
        fetch_timeout: milliseconds("fetch-timeout", 300_000.0),
        max_sockets: whole(config.number("maxsockets").unwrap_or(15.0)).max(1) as usize,
        user_agent,
        command: CommandHeaders {
            command: Some(command.to_owned()),
            session: None,
            scope: config.scope(),
            // a code on the command line is npm's way to say that no page is wanted
            auth_type: otp.as_ref().map(|_| "legacy".to_owned()).or_else(|| config.text("auth-type")),
        },
        otp,
        cache_directory: config.text("cache").map(Into::into),
        cache_policy: cache_policy(config),
        server_resolution: config.flag("server-resolution"),
        replace_registry_host: replace_registry_host(config),
        public_registry: PUBLIC_REGISTRY.and_then(|address| Url::parse(address).ok()),
        registry,
        scoped_registries,
        ..ClientOptions::default()
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
fn whole(number: f64) -> u32 {
    number.clamp(0.0, f64::from(u32::MAX)) as u32
}

/// An address of the configuration. A registry's path ends in a slash, so that names are put below it.
fn url_of(key: &str, text: &str) -> Result<Url, Diagnostic> {
    let parsed = Url::parse(text).ok().filter(|url| url.has_host());
    let Some(mut url) = parsed else {
        let hint = format!("run `knit config set {key}=https://...`");
        return Err(Diagnostic::error("EINVALIDURL", format!("{key} is no address: {text}")).with_hint(hint));
    };
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// The configuration's proxies, else those of the environment. For https the environment's
/// `https_proxy` alone counts; `proxy=false` switches them all off.
fn proxies(config: &Config, process: &Process, registry: Option<&Url>) -> Result<ProxyOptions, Diagnostic> {
    let variable = |wanted: &str| {
        process
            .texts()
            .find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    };
    let mut no_proxy: Vec<String> = config.texts("noproxy");
    if no_proxy.is_empty() {
        no_proxy.extend(variable("no_proxy"));
    }
    let no_proxy = no_proxy
        .iter()
        .flat_map(|list| list.split(','))
        .map(|host| host.trim().to_owned())
        .filter(|host| !host.is_empty())
        .collect();
    let https = config.text("https-proxy");
    let plain = config.text("proxy");
    let is_off = config.get("proxy") == Some(Value::Boolean(false));
    let (https, plain) = if https.is_some() || plain.is_some() {
        (https, plain)
    } else if is_off {
        (None, None)
    } else {
        let is_plain_http = registry.is_some_and(|registry| registry.scheme() == "http");
        let for_http = || variable("http_proxy").or_else(|| variable("proxy"));
        (variable("https_proxy"), is_plain_http.then(for_http).flatten())
    };
    let parse = |key: &str, text: Option<String>| {
        text.map(|text| {
            // `host:8080` is often written without a scheme.
            let text = if text.contains("://") { text } else { format!("http://{text}") };
            url_of(key, &text)
        })
        .transpose()
    };
    Ok(ProxyOptions { https_proxy: parse("https-proxy", https)?, proxy: parse("proxy", plain)?, no_proxy })
}

fn credential_table(config: &Config) -> Result<CredentialTable, Diagnostic> {
    let mut table = CredentialTable::default();
    for credentials in config.credentials() {
        let identity = client_identity(&credentials)?;
        let credential = match (&credentials.authorization, identity) {
            (Some(authorization), identity) => {
                let credential = match authorization {
                    Authorization::Bearer(token) => Credential::token(token.expose()),
                    Authorization::Basic(basic) => Credential::basic_encoded(basic.expose()),
                };
                match identity {
                    Some(identity) => credential.with_certificate(identity),
                    None => credential,
                }
            }
            (None, Some(identity)) => Credential::certificate(identity),
            (None, None) => continue,
        };
        table.insert(credentials.prefix, credential);
    }
    Ok(table)
}

/// Files that do not exist are passed over, as in npm.
fn client_identity(credentials: &Credentials) -> Result<Option<ClientIdentity>, Diagnostic> {
    let Some(files) = &credentials.client_certificate else { return Ok(None) };
    let certificate = read_if_there(&files.certificate_file)?;
    let key = read_if_there(&files.key_file)?;
    Ok(certificate
        .zip(key)
        .map(|(certificate_pem, key)| ClientIdentity { certificate_pem, key_pem: Secret::new(key) }))
}

fn tls(config: &Config, process: &Process) -> Result<TlsOptions, Diagnostic> {
    let from_file = config.text("cafile").map(|file| read_if_there(&file)).transpose()?.flatten();
    let extra = process.text_variable("NODE_EXTRA_CA_CERTS").map(read_if_there).transpose()?.flatten();
    let identity = config.text("cert").zip(config.text("key")).map(|(certificate, key)| {
        Arc::new(ClientIdentity {
            certificate_pem: with_lines(&certificate),
            key_pem: Secret::new(with_lines(&key)),
        })
    });
    Ok(TlsOptions {
        ca: match from_file {
            Some(file) => vec![file],
            None => config.texts("ca").iter().map(|pem| with_lines(pem)).collect(),
        },
        extra_ca: extra.into_iter().collect(),
        identity,
        strict_ssl: config.flag("strict-ssl"),
    })
}

/// PEM in one line, with its line breaks written as `\n`.
fn with_lines(pem: &str) -> String {
    pem.replace("\\n", "\n")
}

fn read_if_there(file: &str) -> Result<Option<String>, Diagnostic> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Diagnostic::error(diagnostics::io_code(&error), format!("could not read {file}"))
            .with_cause(error.to_string())),
    }
}

fn cache_policy(config: &Config) -> CachePolicy {
    if config.flag("offline") {
        CachePolicy::Offline
    } else if config.prefers_online() {
        CachePolicy::PreferOnline
    } else if config.prefers_offline() {
        CachePolicy::PreferOffline
    } else {
        CachePolicy::Default
    }
}

fn replace_registry_host(config: &Config) -> ReplaceRegistryHost {
    match config.text("replace-registry-host").as_deref() {
        None | Some("npmjs") => ReplaceRegistryHost::Npmjs,
        Some("always") => ReplaceRegistryHost::Always,
        Some("never") => ReplaceRegistryHost::Never,
        Some(host) => ReplaceRegistryHost::Host(host.to_owned()),
    }
}
