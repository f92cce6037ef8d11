//! `[[upstream]]` and `[cache]`: other registries, and what of them is kept.

use std::time::Duration;

use registry_client::Secret;
use url::Url;

use super::reader::{Located, Section};
use super::secret::{self, SecretKeys};
use super::values::{BaseUrl, ByteSize};

/// A registry that packages are fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamSettings {
    /// What the rules of names call it.
    pub name: String,
    /// Its address, which ends in a slash.
    pub url: Url,
    /// Who we are there.
    pub token: Option<Secret>,
    /// How long it may stay silent.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a packument is used without asking whether it changed.
    pub max_age: Duration,
    /// How long it is remembered that a package is not there.
    pub missing_age: Duration,
    /// How many requests are under way at once.
    pub connections: u32,
    /// Certificate authorities trusted in place of the platform's, PEM.
    pub ca: Option<String>,
    /// An HTTP proxy in front of it.
    pub proxy: Option<Url>,
    /// Whether audits and signing keys are asked for there.
    pub audits: bool,
    /// Whether searches are passed on there.
    pub searches: bool,
}

/// What is kept of upstreams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// Bytes of tarballs of all upstreams together; those not asked for the longest go first.
    pub tarballs: u64,
    /// The same of packuments, compressed.
    pub packuments: u64,
    /// Largest tarball fetched, in bytes.
    pub max_tarball: u64,
    /// Largest packument fetched, in bytes after decompression.
    pub max_packument: u64,
    /// Whether searches find the packages whose packuments are kept.
    pub searched: bool,
}

impl UpstreamSettings {
    /// An upstream with every setting but its name and address at its default.
    pub fn new(name: impl Into<String>, url: Url) -> UpstreamSettings {
        UpstreamSettings {
            name: name.into(),
            url,
            token: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_age: Duration::from_secs(300),
            missing_age: Duration::from_secs(60),
            connections: 32,
            ca: None,
            proxy: None,
            audits: true,
            searches: false,
        }
    }
}

impl Default for CacheSettings {
    fn default() -> Self {
        CacheSettings {
            tarballs: 20 << 30,
            packuments: 4 << 30,
            max_tarball: 1 << 30,
            max_packument: 256 << 20,
            searched: true,
        }
    }
}

/// All upstreams that have a name and an address.
pub(super) fn read_all(root: &Section<'_, '_>) -> Vec<Located<UpstreamSettings>> {
    let sections = root.sections("upstream");
    let mut upstreams: Vec<Located<UpstreamSettings>> = Vec::with_capacity(sections.len());
    for section in &sections {
        let Some(upstream) = read(section) else { continue };
        if let Some(same) = upstreams.iter().find(|other| other.value.name == upstream.value.name) {
            let line = section.line(same.span.start);
            let message =
                format!("the upstream of line {line} is called \"{}\" as well", upstream.value.name);
            section.report(&upstream.span, message, "give each upstream a name of its own");
            continue;
        }
        upstreams.push(upstream);
    }
    upstreams
}

fn read(section: &Section<'_, '_>) -> Option<Located<UpstreamSettings>> {
    let name = section.required::<String>("name");
    let url = section.required::<BaseUrl>("url").map(|url| url.value.0);
    let base = Url::parse("http://upstream.invalid/").ok()?;
    let default = UpstreamSettings::new(String::new(), url.clone().unwrap_or(base));
    let settings = UpstreamSettings {
        name: name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        url: default.url,
        token: secret::read(section, SecretKeys { env: "token_env", file: "token_file" }),
        timeout: section.or("timeout", default.timeout),
        connect_timeout: section.or("connect_timeout", default.connect_timeout),
        max_age: section.or("max_age", default.max_age),
        missing_age: section.or("missing_age", default.missing_age),
        connections: section.or("connections", default.connections),
        ca: read_ca(section),
        proxy: section.optional::<BaseUrl>("proxy").map(|url| url.value.0),
        audits: section.or("audits", default.audits),
        searches: section.or("searches", default.searches),
    };
    section.finish();
    let name = name?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if matches!(name.value.as_str(), "here" | "refused") || !name.value.chars().all(allowed) {
        let message = format!("\"{}\" cannot be the name of an upstream", name.value);
        section.report(
            &name.span,
            message,
            "write a word of letters, digits, - and _, but not here or refused",
        );
        return None;
    }
    if settings.token.is_some() && settings.url.scheme() == "http" && !is_loopback(&settings.url) {
        let hint = "write its address with https://, or leave the token out";
        section.report(
            &name.span,
            format!("the token of upstream \"{}\" would travel unencrypted", name.value),
            hint,
        );
    }
    url.map(|_| Located { value: settings, span: name.span })
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(domain)) => domain == "localhost",
        None => false,
    }
}

pub(super) fn read_ca(section: &Section<'_, '_>) -> Option<String> {
    let file = section.optional::<String>("ca_file")?;
    let path = section.resolve(&file.value);
    let hint = "write the path of a PEM file as ca_file";
    match std::fs::read_to_string(&path) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => Some(text),
        Ok(_) => {
            section.report(&file.span, format!("there is no certificate in {}", path.display()), hint);
            None
        }
        Err(error) => {
            section.report(&file.span, format!("cannot read {}: {error}", path.display()), hint);
            None
        }
    }
}

pub(super) fn read_cache(section: &Section<'_, '_>) -> CacheSettings {
    let default = CacheSettings::default();
    let size = |key, default| section.or(key, ByteSize(default)).0;
    let settings = CacheSettings {
        tarballs: size("tarballs", default.tarballs),
        packuments: size("packuments", default.packuments),
        max_tarball: size("max_tarball", default.max_tarball),
        max_packument: size("max_packument", default.max_packument),
        searched: section.or("searched", default.searched),
    };
    section.finish();
    settings
}
