//! `token`: the tokens of the account we are logged in with. Source: npm 11.19.1.

use std::net::{Ipv4Addr, Ipv6Addr};

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient, Secret, path_segment};
use serde_json::{Map, Value};

use crate::account::call;
use crate::ping::registry_problem;

/// Pages of a list that is asked for; a registry that names a next page for ever is not followed.
const MAX_PAGES: usize = 1000;
/// The shortest beginning of a key that stands for it.
const SHORTEST_ID: usize = 6;

/// Every token of the account, as the registry tells them, each with its `id`: the shortest beginning of its `key`
/// that no other token's key has.
///
/// *Errors*: what the registry refuses.
pub async fn list(client: &RegistryClient) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    let mut tokens: Vec<Map<String, Value>> = Vec::new();
    let mut next = Some("/-/npm/v1/tokens".to_owned());
    for _ in 0..MAX_PAGES {
        let Some(target) = next.take() else { break };
        let page = call(client, &ApiRequest::new(Method::GET, target)).await?;
        let objects = page.get("objects").and_then(Value::as_array).cloned().unwrap_or_default();
        tokens.extend(objects.into_iter().filter_map(|token| match token {
            Value::Object(token) => Some(token),
            _ => None,
        }));
        next = page.pointer("/urls/next").and_then(Value::as_str).map(str::to_owned);
    }
    let keys: Vec<String> = tokens.iter().map(|token| text(token, "key").to_owned()).collect();
    for (at, token) in tokens.iter_mut().enumerate() {
        token.insert("id".to_owned(), id(&keys, at).into());
    }
    Ok(tokens)
}

/// A member that is text; empty where it is not.
pub fn text<'a>(token: &'a Map<String, Value>, name: &str) -> &'a str {
    token.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn id(keys: &[String], at: usize) -> &str {
    let Some(key) = keys.get(at) else { return "" };
    let is_unique = |beginning: &str| {
        !keys.iter().enumerate().any(|(other, key)| other != at && key.starts_with(beginning))
    };
    (SHORTEST_ID..key.len()).filter_map(|end| key.get(..end)).find(|id| is_unique(id)).unwrap_or(key)
}

/// Revokes tokens, each named by the beginning of its key or by itself. Answers what was sent to the registry.
///
/// *Errors*: a name that means none or several, before anything is revoked; what the registry refuses.
pub async fn revoke(client: &RegistryClient, names: &[String]) -> Result<Vec<String>, Diagnostic> {
    let tokens = list(client).await?;
    let keys = names.iter().map(|name| key_of(&tokens, name)).collect::<Result<Vec<_>, _>>()?;
    for key in &keys {
        let target = format!("/-/npm/v1/tokens/token/{}", path_segment(key));
        let request = ApiRequest::new(Method::DELETE, target);
        client.request(&request).await.map_err(|error| registry_problem(&error))?;
    }
    Ok(keys)
}

fn key_of(tokens: &[Map<String, Value>], name: &str) -> Result<String, Diagnostic> {
    let hint = "run `knit token list` to see the ids";
    let matching: Vec<&str> =
        tokens.iter().map(|token| text(token, "key")).filter(|key| key.starts_with(name)).collect();
    match matching[..] {
        [key] => Ok(key.to_owned()),
        [] => {
            // the list shows the beginnings of tokens; the registry knows the whole one
            let is_token = tokens.iter().map(|token| text(token, "token"));
            let is_token = is_token.filter(|shown| !shown.is_empty()).any(|shown| name.starts_with(shown));
            if is_token {
                return Ok(name.to_owned());
            }
            // it may be a whole token: it is not repeated
            Err(Diagnostic::error("EUNKNOWNTOKEN", "there is no token with such an id or value")
                .with_hint(hint))
        }
        _ => {
            let text = format!("several tokens have an id that begins with {name}");
            Err(Diagnostic::error("EAMBIGUOUSTOKEN", text).with_hint(hint))
        }
    }
}

/// What a new token is to be. What is empty is left to the registry.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    pub name: Option<String>,
    pub description: Option<String>,
    /// Days.
    pub expires: Option<u64>,
    pub packages: Vec<String>,
    pub all_packages: bool,
    pub scopes: Vec<String>,
    pub orgs: Vec<String>,
    /// npm's words: `read-only`, `read-write`, `no-access`.
    pub packages_and_scopes_permission: Option<String>,
    pub orgs_permission: Option<String>,
    pub cidr: Vec<String>,
    pub bypasses_second_factor: bool,
    pub is_read_only: bool,
}

impl NewToken {
    fn body(&self, password: &Secret) -> Value {
        let mut body = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), value);
            }
        };
        let list = |items: &[String]| (!items.is_empty()).then(|| Value::from(items.to_vec()));
        let switch = |on: bool| on.then_some(Value::Bool(true));
        let word = |text: &Option<String>| text.as_ref().map(|text| Value::from(text.as_str()));
        put("name", Some(word(&self.name).unwrap_or_default()));
        put("password", Some(password.reveal().into()));
        put("description", word(&self.description));
        put("packages", list(&self.packages));
        put("packages_all", switch(self.all_packages));
        put("scopes", list(&self.scopes));
        put("orgs", list(&self.orgs));
        put("packages_and_scopes_permission", word(&self.packages_and_scopes_permission));
        put("orgs_permission", word(&self.orgs_permission));
        put("expires", self.expires.map(Value::from));
        put("cidr_whitelist", list(&self.cidr));
        put("bypass_2fa", switch(self.bypasses_second_factor));
        // npm 11 knows the switch but does not send it; registries take it as before
        put("readonly", switch(self.is_read_only));
        Value::Object(body)
    }
}

/// The ranges of addresses in `--cidr`, which may be one text with commas.
///
/// *Errors*: `EINVALIDCIDR` for what is none of IPv4.
pub fn cidr_ranges(given: &[String]) -> Result<Vec<String>, Diagnostic> {
    let ranges: Vec<String> = match given {
        [one] => one.split(',').map(|part| part.trim_start().to_owned()).collect(),
        several => several.to_vec(),
    };
    for range in &ranges {
        let parts =
            range.split_once('/').and_then(|(address, length)| Some((address, length.parse::<u8>().ok()?)));
        let is_v4 = |(address, length): (&str, u8)| address.parse::<Ipv4Addr>().is_ok() && length <= 32;
        let is_v6 = |(address, length): (&str, u8)| address.parse::<Ipv6Addr>().is_ok() && length <= 128;
        let problem = match parts {
            Some(parts) if is_v4(parts) => continue,
            Some(parts) if is_v6(parts) => format!("{range} is a range of IPv6, but only IPv4 can be listed"),
            _ => format!("{range} is no range of addresses"),
        };
        return Err(Diagnostic::error("EINVALIDCIDR", problem).with_hint("write it as --cidr=192.0.2.0/24"));
    }
    Ok(ranges)
}

/// Makes a token. Answers what the registry says of it, the token included, without its internal members.
///
/// *Errors*: what the registry refuses.
pub async fn create(
    client: &RegistryClient,
    token: &NewToken,
    password: &Secret,
) -> Result<Map<String, Value>, Diagnostic> {
    let request = ApiRequest {
        body: ApiBody::Json(token.body(password)),
        ..ApiRequest::new(Method::POST, "/-/npm/v1/tokens")
    };
    let response = client.request(&request).await.map_err(|error| registry_problem(&error))?;
    let mut made: Map<String, Value> = response.json().map_err(|error| registry_problem(&error))?;
    made.shift_remove("key");
    made.shift_remove("updated");
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_shortest_beginning_that_is_nobody_elses() {
        let keys = ["abcdef12", "abcdef34", "123456789", "12"].map(str::to_owned);
        let ids: Vec<&str> = (0..keys.len()).map(|at| id(&keys, at)).collect();
        assert_eq!(ids, ["abcdef1", "abcdef3", "123456", "12"]);
    }

    #[test]
    fn ranges_are_of_ipv4() {
        let given =
            |texts: &[&str]| cidr_ranges(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(given(&["10.0.0.0/8, 192.0.2.1/32"]).unwrap(), ["10.0.0.0/8", "192.0.2.1/32"]);
        assert_eq!(given(&["10.0.0.0/8", "192.0.2.1/32"]).unwrap().len(), 2);
        for wrong in ["10.0.0.0", "10.0.0.0/33", "x/8", "2001:db8::/32", ""] {
            assert_eq!(given(&[wrong]).unwrap_err().code, "EINVALIDCIDR", "{wrong}");
        }
    }
}
