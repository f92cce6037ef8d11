//! The keys of issuers, fetched from them and kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::Mutex;

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
    client: OnceLock<reqwest::Client>,
    /// One lock for each issuer: who comes while its keys are fetched waits for them.
    kept: Mutex<HashMap<String, Arc<Mutex<Kept>>>>,
}

#[derive(Default)]
struct Kept {
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
        issuer: &str,
        wanted: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, IssuerUnreachable> {
        let kept = self.kept.lock().await.entry(issuer.to_owned()).or_default().clone();
        let mut kept = kept.lock().await;
        let age = kept.asked.map(|asked| now.duration_since(asked).abs());
        if let (Some(keys), Some(age)) = (&kept.keys, age) {
            let found = wanted.is_none_or(|name| keys.contains(name));
            if (found && age < FRESH) || age < AGAIN {
                return Ok(keys.clone());
            }
        }
        kept.asked = Some(now);
        match self.fetch(issuer).await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                kept.keys = Some(keys.clone());
                Ok(keys)
            }
            Err(problem) => {
                let unreachable = IssuerUnreachable { issuer: issuer.to_owned(), problem };
                kept.keys.clone().ok_or(unreachable)
            }
        }
    }

    async fn fetch(&self, issuer: &str) -> Result<KeySet, String> {
        let base = issuer.trim_end_matches('/');
        let configuration = self.get(&format!("{base}/.well-known/openid-configuration")).await?;
        let configuration: Configuration =
            serde_json::from_slice(&configuration).map_err(|error| error.to_string())?;
        // keys must not come by a weaker way than the issuer's own address
        if issuer.starts_with("https:") && !configuration.jwks_uri.starts_with("https:") {
            return Err("its keys are not at an https: address".to_owned());
        }
        let keys = self.get(&configuration.jwks_uri).await?;
        KeySet::parse(&keys).map_err(|error| error.to_string())
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let client = match self.client.get() {
            Some(client) => client,
            None => {
                // the HTTP client takes what the process has; that somebody was faster is as good
                let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
                let made = reqwest::Client::builder()
                    .no_proxy()
                    .redirect(reqwest::redirect::Policy::none())
                    .timeout(TIME_LIMIT)
                    .build()
                    .map_err(|error| error.to_string())?;
                self.client.get_or_init(|| made)
            }
        };
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
}
