//! `hook`: who a registry tells of changes of packages. Source: npm 10.9, the last one that has the command.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient, Secret, path_segment};
use serde_json::{Value, json};

use crate::account::call;

/// What a hook is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookTarget {
    kind: &'static str,
    name: String,
}

impl HookTarget {
    /// Reads what follows `hook add`. *Shape*: `package`, `@scope/package`, `@scope`, or `~user` for all that a user
    /// maintains.
    pub fn parse(text: &str) -> HookTarget {
        let (kind, name) = match text.strip_prefix('~') {
            Some(user) => ("owner", user),
            None if text.starts_with('@') && !text.contains('/') => ("scope", text),
            None => ("package", text),
        };
        HookTarget { kind, name: name.to_owned() }
    }
}

/// A hook as a registry tells it.
#[derive(Clone, Debug)]
pub struct Hook(Value);

impl Hook {
    /// By which it is changed and taken away.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Where it is told.
    pub fn endpoint(&self) -> &str {
        self.text("endpoint")
    }

    /// What it is about, as it was asked for.
    pub fn target(&self) -> String {
        let sign = if self.text("type") == "owner" { "~" } else { "" };
        format!("{sign}{}", self.text("name"))
    }

    /// When it was last told, and the status of the answer.
    pub fn last_delivery(&self) -> Option<(&str, Option<i64>)> {
        let at = self.0.get("last_delivery")?.as_str()?;
        Some((at, self.0.get("response_code").and_then(Value::as_i64)))
    }

    /// Everything that the registry said.
    pub fn json(&self) -> &Value {
        &self.0
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Has a hook made. Deliveries are signed with the secret.
///
/// *Errors*: what the registry refuses.
pub async fn add(
    client: &RegistryClient,
    target: &HookTarget,
    endpoint: &str,
    secret: &Secret,
) -> Result<Hook, Diagnostic> {
    let body = json!({
        "type": target.kind,
        "name": target.name,
        "endpoint": endpoint,
        "secret": secret.reveal(),
    });
    send(client, Method::POST, "/-/npm/v1/hooks/hook".to_owned(), ApiBody::Json(body)).await
}

/// One's hooks; those of one package, scope or user where one is named.
///
/// *Errors*: what the registry refuses.
pub async fn list(client: &RegistryClient, of: Option<&HookTarget>) -> Result<Vec<Hook>, Diagnostic> {
    let mut request = ApiRequest::new(Method::GET, "/-/npm/v1/hooks");
    request.query.extend(of.map(|of| ("package".to_owned(), of.name.clone())));
    let answer = call(client, &request).await?;
    let hooks = answer.get("objects").and_then(Value::as_array);
    Ok(hooks.into_iter().flatten().cloned().map(Hook).collect())
}

/// Changes where a hook is told and what deliveries are signed with.
///
/// *Errors*: what the registry refuses.
pub async fn update(
    client: &RegistryClient,
    id: &str,
    endpoint: &str,
    secret: &Secret,
) -> Result<Hook, Diagnostic> {
    let body = json!({ "endpoint": endpoint, "secret": secret.reveal() });
    send(client, Method::PUT, path(id), ApiBody::Json(body)).await
}

/// Takes a hook away.
///
/// *Errors*: what the registry refuses.
pub async fn remove(client: &RegistryClient, id: &str) -> Result<Hook, Diagnostic> {
    send(client, Method::DELETE, path(id), ApiBody::None).await
}

fn path(id: &str) -> String {
    format!("/-/npm/v1/hooks/hook/{}", path_segment(id))
}

async fn send(
    client: &RegistryClient,
    method: Method,
    target: String,
    body: ApiBody,
) -> Result<Hook, Diagnostic> {
    call(client, &ApiRequest { body, ..ApiRequest::new(method, target) }).await.map(Hook)
}

#[cfg(test)]
mod tests {
    use super::HookTarget;

    #[test]
    fn a_hook_is_for_a_package_a_scope_or_a_user() {
        for (text, kind, name) in [
            ("tool", "package", "tool"),
            ("@acme/tool", "package", "@acme/tool"),
            ("@acme", "scope", "@acme"),
            ("~ada", "owner", "ada"),
        ] {
            assert_eq!(HookTarget::parse(text), HookTarget { kind, name: name.to_owned() }, "{text}");
        }
    }
}
