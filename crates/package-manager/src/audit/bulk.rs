//! Advisories about packages, asked of a registry all at once.

use std::collections::BTreeMap;

use http::Method;
use indexmap::IndexMap;
use registry_client::{ApiBody, ApiRequest, RegistryClient, RegistryError};
use serde_json::{Value, json};

const BULK: &str = "/-/npm/v1/security/advisories/bulk";

/// The advisories about packages of these names and versions, as the registry writes them, by name.
///
/// *Errors*: what the registry answers; one that knows no advisories is no answer.
pub(crate) async fn advisories(
    client: &RegistryClient,
    asked: &BTreeMap<String, Vec<String>>,
) -> Result<IndexMap<String, Vec<Value>>, RegistryError> {
    let mut request = ApiRequest::new(Method::POST, BULK);
    request.body = ApiBody::GzippedJson(json!(asked));
    client.request(&request).await?.json()
}
