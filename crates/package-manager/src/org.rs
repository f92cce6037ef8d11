//! `org`: the members of an organization. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient, path_segment};
use serde_json::{Map, Value, json};

use crate::account::call;
use crate::ping::registry_problem;

/// A name without the `@` or `~` that it may be written with.
pub fn bare(name: &str) -> &str {
    name.strip_prefix(['@', '~']).unwrap_or(name)
}

fn members_of(org: &str) -> String {
    format!("/-/org/{}/user", path_segment(bare(org)))
}

/// Makes a user a member of an organization, or changes the role: `developer`, `admin` or `owner`. Answers the
/// registry's words: `{"org": {"name", "size"}, "user", "role"}`.
///
/// *Errors*: what the registry refuses.
pub async fn set(client: &RegistryClient, org: &str, user: &str, role: &str) -> Result<Value, Diagnostic> {
    let request = ApiRequest {
        body: ApiBody::Json(json!({ "user": bare(user), "role": role })),
        ..ApiRequest::new(Method::PUT, members_of(org))
    };
    call(client, &request).await
}

/// Takes a user out of an organization. Answers how many are left.
///
/// *Errors*: what the registry refuses.
pub async fn remove(client: &RegistryClient, org: &str, user: &str) -> Result<usize, Diagnostic> {
    let request = ApiRequest {
        body: ApiBody::Json(json!({ "user": bare(user) })),
        ..ApiRequest::new(Method::DELETE, members_of(org))
    };
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(list(client, org).await?.len())
}

/// The members of an organization and their roles.
///
/// *Errors*: what the registry refuses.
pub async fn list(client: &RegistryClient, org: &str) -> Result<Map<String, Value>, Diagnostic> {
    match call(client, &ApiRequest::new(Method::GET, members_of(org))).await? {
        Value::Object(members) => Ok(members),
        _ => Err(Diagnostic::error("EINVALIDRESPONSE", "the registry's answer is no list of members")),
    }
}
