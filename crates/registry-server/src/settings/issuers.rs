//! `[[trusted_issuer]]`: who is believed about which workflow runs, so that it may publish without a token.

use std::ops::Range;

use url::Url;

use super::reader::Section;
use super::upstream::{is_loopback, read_ca};
use super::values::{BaseUrl, words};
use crate::accounts::TrustedIssuer;
use crate::identity::oidc::Provider;

words!(
    Provider,
    "\"github\", \"gitlab\", \"circleci\" or \"oidc\"",
    "github" => Provider::GitHub,
    "gitlab" => Provider::GitLab,
    "circleci" => Provider::CircleCi,
    "oidc" => Provider::Oidc,
);

/// All issuers that have what they need. `public_url` says what id-tokens are for, where an issuer does not.
pub(super) fn read_all(root: &Section<'_, '_>, public_url: Option<&Url>) -> Vec<TrustedIssuer> {
    let sections = root.sections("trusted_issuer");
    let mut issuers: Vec<(Range<usize>, TrustedIssuer)> = Vec::with_capacity(sections.len());
    for section in &sections {
        let Some((span, issuer)) = read(section, public_url) else { continue };
        let same = issuers.iter().find(|(_, other)| other.name == issuer.name || other.url == issuer.url);
        if let Some((first, other)) = same {
            let line = section.line(first.start);
            let what = if other.name == issuer.name { "name" } else { "url" };
            let message = format!("the issuer of line {line} has this {what} as well");
            section.report(&span, message, format!("give each issuer a {what} of its own"));
            continue;
        }
        issuers.push((span, issuer));
    }
    issuers.into_iter().map(|(_, issuer)| issuer).collect()
}

fn read(section: &Section<'_, '_>, public_url: Option<&Url>) -> Option<(Range<usize>, TrustedIssuer)> {
    let name = section.required::<String>("name");
    let provider = section.required::<Provider>("provider");
    let url = section.required::<IssuerUrl>("url");
    let audience = section.optional::<String>("audience").map(|audience| audience.value);
    let jwks_url = section.optional::<IssuerUrl>("jwks_url");
    let ca = read_ca(section);
    let proxy = section.optional::<BaseUrl>("proxy").map(|url| url.value.0);
    section.finish();
    for url in [&url, &jwks_url].into_iter().flatten() {
        let parsed = Url::parse(&url.value.0).ok()?;
        if parsed.scheme() == "http" && !is_loopback(&parsed) {
            let message = "the keys of an issuer would come unprotected".to_owned();
            section.report(&url.span, message, "write its address with https://");
        }
    }
    // what npm asks its provider for
    let host = public_url.and_then(Url::host_str).map(|host| format!("npm:{host}"));
    let audience = audience.or(host);
    if audience.is_none() && section.is_present() {
        let hint = "write audience = \"npm:\" and the registry's host, or public_url in [server]";
        section.report(&section.span(), "nothing says what id-tokens are for", hint);
    }
    let (name, provider, url, audience) = (name?, provider?, url?, audience?);
    let issuer = TrustedIssuer {
        name: name.value,
        jwks_url: jwks_url.map(|url| url.value.0),
        ca,
        proxy,
        ..TrustedIssuer::new(provider.value, url.value.0, audience)
    };
    Some((name.span, issuer))
}

/// An address as it was written: it is compared with what stands in id-tokens, letter by letter.
struct IssuerUrl(String);

impl super::reader::Setting for IssuerUrl {
    const FORM: &'static str = BaseUrl::FORM;

    fn read(value: &toml::de::DeValue<'_>) -> Result<Self, super::reader::Misfit> {
        BaseUrl::read(value)?;
        super::values::text(value).map(|text| IssuerUrl(text.to_owned()))
    }
}
