//! `owner`: who may publish a package. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient, path_segment};
use serde_json::{Map, Value, json};

use crate::account::call;
use crate::named_package::NamedPackage;

/// The maintainers of a package, as the registry has them: `name` and `email`.
///
/// *Errors*: what the registry refuses.
pub async fn list(client: &RegistryClient, package: &NamedPackage) -> Result<Vec<Owner>, Diagnostic> {
    let packument = package.packument(client, false).await?;
    Ok(maintainers(&packument).iter().map(Owner::read).collect())
}

/// An owner of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub name: String,
    pub email: String,
}

impl Owner {
    fn read(value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { name: text("name"), email: text("email") }
    }
}

fn maintainers(packument: &Map<String, Value>) -> &[Value] {
    packument.get("maintainers").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What is done to the owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Add,
    Remove,
}

/// Adds or removes an owner. Answers whether that changed anything.
///
/// *Errors*: `EOWNERRM` for the last owner, `EOWNERMUTATE` where the registry refuses the change, and what else it
/// refuses.
pub async fn change(
    client: &RegistryClient,
    package: &NamedPackage,
    user: &str,
    change: Change,
) -> Result<bool, Diagnostic> {
    let target = format!("/-/user/org.couchdb.user:{}", path_segment(user));
    let account = call(client, &package.request(Method::GET, target)).await?;
    let account = Owner::read(&account);
    let packument = package.packument(client, true).await?;
    let owners = maintainers(&packument);
    let is_user = |owner: &Value| Owner::read(owner).name == account.name;
    let mut changed: Vec<Value> = owners.to_vec();
    match change {
        Change::Add if owners.iter().any(is_user) => return Ok(false),
        Change::Add => changed.push(json!({ "name": account.name, "email": account.email })),
        Change::Remove => {
            changed.retain(|owner| !is_user(owner));
            if changed.len() == owners.len() {
                return Ok(false);
            }
        }
    }
    if changed.is_empty() {
        let text = format!("{user} is the only owner of {}, which cannot be without one", package.name());
        return Err(Diagnostic::error("EOWNERRM", text)
            .with_hint(format!("add somebody else first: `knit owner add <user> {}`", package.name())));
    }
    put(client, package, &packument, changed).await?;
    Ok(true)
}

async fn put(
    client: &RegistryClient,
    package: &NamedPackage,
    packument: &Map<String, Value>,
    maintainers: Vec<Value>,
) -> Result<(), Diagnostic> {
    let member = |key: &str| packument.get(key).cloned().unwrap_or_default();
    let revision = member("_rev");
    let target =
        format!("/{}/-rev/{}", package.escaped(), path_segment(revision.as_str().unwrap_or_default()));
    let body = json!({ "_id": member("_id"), "_rev": revision, "maintainers": maintainers });
    let request = ApiRequest { body: ApiBody::Json(body), ..package.request(Method::PUT, target) };
    client.request(&request).await.map_err(|error| {
        let text = format!("the owners of {} could not be changed", package.name());
        let problem = Diagnostic::error("EOWNERMUTATE", text).with_cause(error.to_string());
        match error.hint() {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        }
    })?;
    Ok(())
}
