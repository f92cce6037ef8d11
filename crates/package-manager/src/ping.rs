//! `ping`: whether the registry answers.

use std::time::{Duration, Instant};

use diagnostics::Diagnostic;
use registry_client::{ApiRequest, RegistryClient, RegistryError};
use serde_json::Value;

/// What the registry said.
#[derive(Clone, Debug)]
pub struct Pong {
    pub time: Duration,
    /// Its own words; null when it sends none.
    pub details: Value,
}

/// Asks `/-/ping` of the default registry.
pub async fn ping(client: &RegistryClient) -> Result<Pong, Diagnostic> {
    let started = Instant::now();
    let mut request = ApiRequest::new(http::Method::GET, "/-/ping");
    request.query.push(("write".to_owned(), "true".to_owned()));
    let response = client.request(&request).await.map_err(|error| registry_problem(&error))?;
    let details = response.json().unwrap_or_default();
    Ok(Pong { time: started.elapsed(), details })
}

/// A registry's error, with its hint.
pub fn registry_problem(error: &RegistryError) -> Diagnostic {
    let problem = Diagnostic::from_error(error.code(), error);
    match error.hint() {
        Some(hint) => problem.with_hint(hint),
        None => problem,
    }
}
