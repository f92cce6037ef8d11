//! `[server]`: how clients reach the registry.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::reader::Section;
use super::values::{BaseUrl, words};

/// How clients reach the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its address for clients; without one, tarballs are at the host that a client asks.
    pub public_url: Option<Url>,
    /// Who is believed about the clients behind it.
    pub trusted_proxies: Vec<IpNet>,
    /// Where they say it.
    pub proxy_headers: ProxyHeaders,
    /// The certificate it shows; without one it speaks HTTP.
    pub tls: Option<TlsFiles>,
    /// How log lines look.
    pub log: LogFormat,
    /// How long running requests may take after the registry was told to stop.
    pub shutdown_grace: Duration,
}

/// A certificate chain and its private key, both PEM. They can be read when the settings are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the registry's own certificate first.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// Where reverse proxies say whom they heard. One of both, since a proxy that writes one passes the other on as its client
/// wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeaders {
    /// In `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
    #[default]
    XForwarded,
    /// In `Forwarded`.
    Forwarded,
}

words!(
    ProxyHeaders,
    "\"x-forwarded\" or \"forwarded\"",
    "x-forwarded" => ProxyHeaders::XForwarded,
    "forwarded" => ProxyHeaders::Forwarded,
);

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

words!(LogFormat, "\"text\" or \"json\"", "text" => LogFormat::Text, "json" => LogFormat::Json);

impl Default for ServerSettings {
    fn default() -> Self {
        ServerSettings {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 4873)),
            public_url: None,
            trusted_proxies: Vec::new(),
            proxy_headers: ProxyHeaders::default(),
            tls: None,
            log: LogFormat::Text,
            shutdown_grace: Duration::from_secs(30),
        }
    }
}

pub(super) fn read(section: &Section<'_, '_>) -> ServerSettings {
    let default = ServerSettings::default();
    let settings = ServerSettings {
        listen: section.or("listen", default.listen),
        public_url: section.optional::<BaseUrl>("public_url").map(|url| url.value.0),
        trusted_proxies: section.values("trusted_proxies"),
        proxy_headers: section.or("proxy_headers", default.proxy_headers),
        tls: read_tls(section),
        log: section.or("log", default.log),
        shutdown_grace: section.or("shutdown_grace", default.shutdown_grace),
    };
    section.finish();
    settings
}

fn read_tls(section: &Section<'_, '_>) -> Option<TlsFiles> {
    let file = |key| {
        let path = section.optional::<String>(key)?;
        let resolved = section.resolve(&path.value);
        match std::fs::read_to_string(&resolved) {
            Ok(text) if text.contains("-----BEGIN ") => {}
            Ok(_) => {
                let message = format!("there is no PEM in {}", resolved.display());
                section.report(&path.span, message, format!("write the path of a PEM file as {key}"));
            }
            Err(error) => {
                let message = format!("cannot read {}: {error}", resolved.display());
                section.report(
                    &path.span,
                    message,
                    format!("write the path of a readable PEM file as {key}"),
                );
            }
        }
        Some((path.span, resolved))
    };
    match (file("tls_certificate"), file("tls_key")) {
        (Some((_, certificate)), Some((_, key))) => Some(TlsFiles { certificate, key }),
        (Some((span, _)), None) => {
            section.report(
                &span,
                "tls_certificate is given without tls_key",
                "add tls_key, the path of its private key",
            );
            None
        }
        (None, Some((span, _))) => {
            section.report(
                &span,
                "tls_key is given without tls_certificate",
                "add tls_certificate, the path of the chain",
            );
            None
        }
        (None, None) => None,
    }
}
