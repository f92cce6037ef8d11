//! `stage`: versions that wait in a registry until somebody with a second factor approves them. Source: npm 11.19.1.
//!
//! Sending one is `publish` with another address: see [`crate::publish::request`].

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiRequest, RegistryClient, path_segment};
use serde_json::Value;

use crate::account::call;
use crate::ping::registry_problem;

/// Versions asked for at once.
const PAGE: usize = 100;

/// A version that waits, as the registry tells it.
#[derive(Clone, Debug)]
pub struct Staged(Value);

impl Staged {
    /// Everything that the registry said.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// What is shown of it, each with what it is called.
    pub fn shown(&self) -> Vec<(String, String)> {
        let text = |key: &str| self.0.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let by = match (text("actor"), text("actorType")) {
            (actor, kind) if kind.is_empty() => actor,
            (actor, kind) => format!("{actor} ({kind})"),
        };
        let rows = [
            ("id", text("id")),
            ("package name", text("packageName")),
            ("version", text("version")),
            ("tag", text("tag")),
            ("date staged", text("createdAt")),
            ("staged by", by),
            ("shasum", text("shasum")),
        ];
        rows.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Refuses what is no id: a path made of it would lead elsewhere.
///
/// *Errors*: `EUSAGE`.
pub fn check_id(id: &str) -> Result<(), Diagnostic> {
    let is_hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    if lengths == [8, 4, 4, 4, 12] && id.split('-').all(is_hexadecimal) {
        return Ok(());
    }
    let text = format!("{id} is no id of a staged version, which is a UUID");
    Err(Diagnostic::error("EUSAGE", text).with_hint("run `knit stage list` for the ids"))
}

/// All versions that wait, or those of one package.
///
/// *Errors*: what the registry refuses.
pub async fn list(client: &RegistryClient, package: Option<&str>) -> Result<Vec<Staged>, Diagnostic> {
    let mut all = Vec::new();
    for page in 0.. {
        let mut request = ApiRequest::new(Method::GET, "/-/stage");
        request.query.push(("page".to_owned(), page.to_string()));
        request.query.push(("perPage".to_owned(), PAGE.to_string()));
        request.query.extend(package.map(|package| ("package".to_owned(), package.to_owned())));
        let mut answer = call(client, &request).await?;
        let total = answer.get("total").and_then(Value::as_u64).unwrap_or(0);
        let items = answer.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
        let items = items.unwrap_or_default();
        let is_last = items.len() < PAGE;
        all.extend(items.into_iter().map(Staged));
        if is_last || all.len() as u64 >= total {
            break;
        }
    }
    Ok(all)
}

/// One version that waits.
///
/// *Errors*: what the registry refuses.
pub async fn view(client: &RegistryClient, id: &str) -> Result<Staged, Diagnostic> {
    call(client, &ApiRequest::new(Method::GET, path(id, ""))).await.map(Staged)
}

/// Publishes a version that waits.
///
/// *Errors*: what the registry refuses.
pub async fn approve(client: &RegistryClient, id: &str) -> Result<(), Diagnostic> {
    call(client, &ApiRequest::new(Method::POST, path(id, "/approve"))).await.map(drop)
}

/// Takes a version away that waits, for good.
///
/// *Errors*: what the registry refuses.
pub async fn reject(client: &RegistryClient, id: &str) -> Result<(), Diagnostic> {
    let request = ApiRequest::new(Method::DELETE, path(id, ""));
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(())
}

/// The tarball of a version that waits, and what it is to be called.
///
/// *Errors*: what the registry refuses.
pub async fn download(client: &RegistryClient, id: &str) -> Result<(String, Vec<u8>), Diagnostic> {
    let staged = view(client, id).await?;
    let text = |key: &str| staged.0.get(key).and_then(Value::as_str).unwrap_or_default();
    let request = ApiRequest::new(Method::GET, path(id, "/tarball"));
    let answer = client.request(&request).await.map_err(|error| registry_problem(&error))?;
    let name = text("packageName").replace('@', "").replace('/', "-");
    let file = format!("{name}-{}-{id}.tgz", text("version"));
    // it comes from a registry and becomes a file's name
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._+~".contains(c);
    let file: String = file.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    Ok((file, answer.body.to_vec()))
}

fn path(id: &str, rest: &str) -> String {
    format!("/-/stage/{}{rest}", path_segment(id))
}

#[cfg(test)]
mod tests {
    use super::check_id;

    #[test]
    fn ids_are_uuids() {
        assert!(check_id("0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9").is_ok());
        for wrong in ["", "..", "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f", "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8fg"]
        {
            assert!(check_id(wrong).is_err(), "{wrong}");
        }
    }
}
