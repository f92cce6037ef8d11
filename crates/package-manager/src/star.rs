//! `star`, `unstar` and `stars`: packages that a user has marked. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient};
use serde_json::{Map, Value, json};

use crate::account::{call, identity};
use crate::named_package::NamedPackage;
use crate::ping::registry_problem;

/// What is done to a package's star.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Star,
    Unstar,
}

/// Sets or takes away the star of the user we are logged in as.
///
/// *Errors*: `ENEEDAUTH`, and what the registry refuses.
pub async fn mark(
    client: &RegistryClient,
    package: &NamedPackage,
    user: &str,
    mark: Mark,
) -> Result<(), Diagnostic> {
    let mut packument = package.packument(client, true).await?;
    let mut users = match packument.remove("users") {
        Some(Value::Object(users)) => users,
        _ => Map::new(),
    };
    match mark {
        Mark::Star => {
            users.insert(user.to_owned(), true.into());
        }
        Mark::Unstar => {
            users.shift_remove(user);
        }
    }
    let member = |key: &str| packument.get(key).cloned().unwrap_or_default();
    let body = json!({ "_id": member("_id"), "_rev": member("_rev"), "users": users });
    let request = package.request(Method::PUT, format!("/{}", package.escaped()));
    let request = ApiRequest { body: ApiBody::Json(body), ..request };
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(())
}

/// The packages that a user has marked; without a name, those of the user we are logged in as.
///
/// *Errors*: `ENEEDAUTH`, and what the registry refuses.
pub async fn marked(client: &RegistryClient, user: Option<&str>) -> Result<Vec<String>, Diagnostic> {
    let user = match user {
        Some(user) => user.to_owned(),
        None => identity(client).await?,
    };
    let mut request = ApiRequest::new(Method::GET, "/-/_view/starredByUser");
    request.query.push(("key".to_owned(), Value::from(user).to_string()));
    let answer = call(client, &request).await?;
    let rows = answer.get("rows").and_then(Value::as_array).into_iter().flatten();
    Ok(rows.filter_map(|row| row.get("value").and_then(Value::as_str)).map(str::to_owned).collect())
}
