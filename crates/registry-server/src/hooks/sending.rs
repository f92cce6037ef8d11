//! Telling an endpoint: one POST, signed, to an address that may be told.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use ring::hmac;
use url::{Host, Url};

use super::address::is_public;
use crate::identity::Secret;
use crate::identity::token::hexadecimal;

/// For one delivery.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Where receivers look for the signature.
const SIGNATURE: &str = "x-npm-signature";

/// Sends deliveries.
pub(super) struct Sender {
    /// None where the system trusts no certificate at all, which is no reason for a registry not to start.
    client: Option<reqwest::Client>,
    has_private: bool,
}

impl Sender {
    /// With `has_private` also to addresses of the registry's own network.
    pub fn new(has_private: bool) -> Sender {
        // the HTTP client takes what the process has; that somebody was faster is as good
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            // an address that may be told could lead to one that may not
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIME_LIMIT)
            .user_agent(concat!("knit-registry/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Resolver { has_private }))
            .build()
            .inspect_err(|error| {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "hooks will not be told: there is no HTTP client for them");
            });
        Sender { client: client.ok(), has_private }
    }

    /// An endpoint that may be told, as far as it can be said now.
    ///
    /// Errors: the end of a sentence that begins with it.
    pub fn check(&self, endpoint: &str) -> Result<Url, &'static str> {
        let url = Url::parse(endpoint).map_err(|_| "is no address")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("is no address of the web");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user in it");
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(domain)) => {
                domain.eq_ignore_ascii_case("localhost").then_some(IpAddr::V4([127, 0, 0, 1].into()))
            }
            None => return Err("has no host"),
        };
        if literal.is_some_and(|address| !self.has_private && !is_public(address)) {
            return Err("is in the registry's own network, which the settings do not allow");
        }
        Ok(url)
    }

    /// Sends one; the status of the answer, none where there was no answer.
    pub async fn send(&self, endpoint: &str, secret: &Secret, body: String) -> Option<u16> {
        let url = self.check(endpoint).ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
        let signature = format!("sha256={}", hexadecimal(hmac::sign(&key, body.as_bytes()).as_ref()));
        let client = self.client.as_ref()?;
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(SIGNATURE, signature)
            .body(body);
        match request.send().await {
            Ok(response) => Some(response.status().as_u16()),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "a hook was not delivered");
                None
            }
        }
    }
}

/// The system's resolver, without addresses that may not be told: the check is made of what is connected to, so that a
/// name cannot change its mind between.
struct Resolver {
    has_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let has_private = self.has_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| has_private || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} has no address that may be told", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
