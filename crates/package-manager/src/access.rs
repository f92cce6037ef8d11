//! `access`: who may see and publish packages. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{ApiBody, ApiRequest, RegistryClient, path_segment};
use serde_json::{Map, Value, json};

use crate::account::call;
use crate::named_package::NamedPackage;
use crate::ping::registry_problem;
use crate::team::Team;

/// Whose packages are listed.
#[derive(Clone, Debug)]
pub enum Holder {
    Team(Team),
    /// An organization, else a user of this name.
    Named(String),
}

impl Holder {
    /// Reads `user`, `org` or `org:team`, with or without an `@`.
    pub fn parse(text: &str) -> Self {
        match Team::parse(text) {
            Some(team) => Self::Team(team),
            None => {
                let name = text.strip_prefix('@').unwrap_or(text);
                Self::Named(name.trim_end_matches(':').to_owned())
            }
        }
    }
}

/// Packages and what may be done with them: `read` or `write` in the registry's words.
///
/// *Errors*: what the registry refuses.
pub async fn packages(client: &RegistryClient, holder: &Holder) -> Result<Map<String, Value>, Diagnostic> {
    let get = |target: String| ApiRequest::new(Method::GET, target);
    let answer = match holder {
        Holder::Team(team) => call(client, &get(team.target("package"))).await?,
        Holder::Named(name) => {
            let name = path_segment(name);
            match call(client, &get(format!("/-/org/{name}/package"))).await {
                Err(problem) if problem.code == "E404" => {
                    call(client, &get(format!("/-/user/{name}/package"))).await?
                }
                answer => answer?,
            }
        }
    };
    Ok(object(answer))
}

/// The collaborators of a package and what they may do.
///
/// *Errors*: what the registry refuses.
pub async fn collaborators(
    client: &RegistryClient,
    package: &NamedPackage,
) -> Result<Map<String, Value>, Diagnostic> {
    let target = format!("/-/package/{}/collaborators", package.escaped());
    Ok(object(call(client, &package.request(Method::GET, target)).await?))
}

fn object(answer: Value) -> Map<String, Value> {
    match answer {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Whether everybody may see a package.
///
/// *Errors*: what the registry refuses.
pub async fn is_public(client: &RegistryClient, package: &NamedPackage) -> Result<bool, Diagnostic> {
    let target = format!("/-/package/{}/visibility", package.escaped());
    let answer = call(client, &package.request(Method::GET, target)).await?;
    Ok(answer.get("public").and_then(Value::as_bool).unwrap_or(false))
}

/// What is set for a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    Public,
    Restricted,
    /// Publishing needs no second factor.
    NoSecondFactor,
    /// Publishing needs a second factor, whatever the token.
    SecondFactor,
    /// Publishing needs a second factor, but for tokens of automation.
    SecondFactorOrAutomation,
}

/// Sets it.
///
/// *Errors*: what the registry refuses.
pub async fn set(
    client: &RegistryClient,
    package: &NamedPackage,
    setting: Setting,
) -> Result<(), Diagnostic> {
    let body = match setting {
        Setting::Public => json!({ "access": "public" }),
        Setting::Restricted => json!({ "access": "restricted" }),
        Setting::NoSecondFactor => json!({ "publish_requires_tfa": false }),
        Setting::SecondFactor => {
            json!({ "publish_requires_tfa": true, "automation_token_overrides_tfa": false })
        }
        Setting::SecondFactorOrAutomation => {
            json!({ "publish_requires_tfa": true, "automation_token_overrides_tfa": true })
        }
    };
    let target = format!("/-/package/{}/access", package.escaped());
    send(client, package.request(Method::POST, target), body).await
}

/// Lets a team do something with a package: `read-only` or `read-write`.
///
/// *Errors*: what the registry refuses.
pub async fn grant(
    client: &RegistryClient,
    team: &Team,
    package: &NamedPackage,
    permissions: &str,
) -> Result<(), Diagnostic> {
    let body = json!({ "package": package.name(), "permissions": permissions });
    send(client, team.about(package.request(Method::PUT, team.target("package"))), body).await
}

/// Takes from a team what it may do with a package.
///
/// *Errors*: what the registry refuses.
pub async fn revoke(client: &RegistryClient, team: &Team, package: &NamedPackage) -> Result<(), Diagnostic> {
    let body = json!({ "package": package.name() });
    send(client, team.about(package.request(Method::DELETE, team.target("package"))), body).await
}

async fn send(client: &RegistryClient, request: ApiRequest, body: Value) -> Result<(), Diagnostic> {
    let request = ApiRequest { body: ApiBody::Json(body), ..request };
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(())
}
