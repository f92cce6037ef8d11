//! The keys of issuers, fetched from them and kept for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::TrustedIssuer;
use crate::identity::oidc::KeySet;

/// How long keys are used without asking again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// How soon they are asked for again because one is missing. An attacker may name keys that never were.
const AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// For one answer of an issuer.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Bytes of one answer.
const MAX_LENGTH: usize = 1 << 20;

/// Why the keys of an issuer are not known.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the keys of {issuer} cannot be fetched: {problem}")]
pub(crate) struct IssuerUnreachable {
    issuer: String,
    problem: String,
}

#[derive(Default)]
pub(crate) struct IssuerKeys {
    /// One lock for each issuer: who comes while its keys are fetched waits for them.
    kept: Mutex<HashMap<String, Arc<Mutex<Kept>>>>,
}

#[derive(Default)]
struct Kept {
    client: Option<reqwest::Client>,
    keys: Option<Arc<KeySet>>,
    asked: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Configuration {
    jwks_uri: String,
}

impl IssuerKeys {
    /// The keys of a trusted issuer, among them `wanted` if it has one of that name.
    ///
    /// Keys that are old are better than none: they are used where the issuer does not answer.
    pub async fn of(
        &self,
        issuer: &TrustedIssuer,
        wanted: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, IssuerUnreachable> {
        let kept = self.kept.lock().await.entry(issuer.url.clone()).or_default().clone();
        let mut kept = kept.lock().await;
        let age = kept.asked.map(|asked| now.duration_since(asked).abs());
        if let (Some(keys), Some(age)) = (&kept.keys, age) {
            let found = wanted.is_none_or(|name| keys.contains(name));
            if (found && age < FRESH) || age < AGAIN {
                return Ok(keys.clone());
            }
        }
        kept.asked = Some(now);
        match fetch(issuer, &mut kept.client).await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                kept.keys = Some(keys.clone());
                Ok(keys)
            }
            Err(problem) => {
                let unreachable = IssuerUnreachable { issuer: issuer.name.clone(), problem };
                kept.keys.clone().ok_or(unreachable)
            }
        }
    }
}

async fn fetch(issuer: &TrustedIssuer, client: &mut Option<reqwest::Client>) -> Result<KeySet, String> {
    let client = match client {
        Some(client) => client,
        None => client.insert(client_for(issuer)?),
    };
    let address = match &issuer.jwks_url {
        Some(address) => address.clone(),
        None => {
            let base = issuer.url.trim_end_matches('/');
            let configuration = get(client, &format!("{base}/.well-known/openid-configuration")).await?;
            let configuration: Configuration =
                serde_json::from_slice(&configuration).map_err(|error| error.to_string())?;
            configuration.jwks_uri
        }
    };
    // keys must not come by a weaker way than the issuer's own address
    if issuer.url.starts_with("https:") && !address.starts_with("https:") {
        return Err("its keys are not at an https: address".to_owned());
    }
    KeySet::parse(&get(client, &address).await?).map_err(|error| error.to_string())
}

fn client_for(issuer: &TrustedIssuer) -> Result<reqwest::Client, String> {
    // the HTTP client takes what the process has; that somebody was faster is as good
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let unusable = |error: reqwest::Error| error.to_string();
    let mut builder =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(TIME_LIMIT);
    if let Some(ca) = &issuer.ca {
        let trusted = reqwest::Certificate::from_pem_bundle(ca.as_bytes()).map_err(unusable)?;
        builder = builder.tls_certs_only(trusted);
    }
    if let Some(proxy) = &issuer.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(unusable)?);
    }
    builder.build().map_err(unusable)
}

async fn get(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, String> {
    let mut response = client.get(url).send().await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("{url} answers {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
        if body.len() + chunk.len() > MAX_LENGTH {
            return Err(format!("{url} answers more than {MAX_LENGTH} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
