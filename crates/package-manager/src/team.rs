//! `team`: the teams of an organization and who is in them. Source: npm 11.19.1.

use std::fmt;

use diagnostics::Diagnostic;
use http::{HeaderName, HeaderValue, Method};
use registry_client::{ApiBody, ApiRequest, RegistryClient, path_segment};
use serde_json::{Value, json};

use crate::account::call;
use crate::ping::registry_problem;

/// A team of an organization. *Shape*: `org:team`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    org: String,
    team: String,
}

impl Team {
    /// Reads `org:team`, with or without an `@`. `None` where one of them is missing.
    pub fn parse(text: &str) -> Option<Self> {
        let (org, team) = text.strip_prefix('@').unwrap_or(text).split_once(':')?;
        (!org.is_empty() && !team.is_empty()).then(|| Self { org: org.to_owned(), team: team.to_owned() })
    }

    /// A path below the team.
    pub(crate) fn target(&self, rest: &str) -> String {
        let path = format!("/-/team/{}/{}/{rest}", path_segment(&self.org), path_segment(&self.team));
        path.trim_end_matches('/').to_owned()
    }

    /// Says with a request which organization it is about.
    pub(crate) fn about(&self, mut request: ApiRequest) -> ApiRequest {
        if let Ok(org) = HeaderValue::from_str(&self.org) {
            request.headers.insert(HeaderName::from_static("npm-scope"), org);
        }
        request
    }
}

impl fmt::Display for Team {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.org, self.team)
    }
}

async fn send(
    client: &RegistryClient,
    team: &Team,
    method: Method,
    target: String,
    body: Option<Value>,
) -> Result<(), Diagnostic> {
    let body = body.map_or(ApiBody::None, ApiBody::Json);
    let request = team.about(ApiRequest { body, ..ApiRequest::new(method, target) });
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(())
}

/// Makes a team.
///
/// *Errors*: what the registry refuses.
pub async fn create(client: &RegistryClient, team: &Team) -> Result<(), Diagnostic> {
    let target = format!("/-/org/{}/team", path_segment(&team.org));
    let body = json!({ "name": team.team });
    send(client, team, Method::PUT, target, Some(body)).await
}

/// Takes a team away.
///
/// *Errors*: what the registry refuses.
pub async fn destroy(client: &RegistryClient, team: &Team) -> Result<(), Diagnostic> {
    send(client, team, Method::DELETE, team.target(""), None).await
}

/// Takes a user into a team.
///
/// *Errors*: what the registry refuses.
pub async fn add(client: &RegistryClient, team: &Team, user: &str) -> Result<(), Diagnostic> {
    send(client, team, Method::PUT, team.target("user"), Some(json!({ "user": user }))).await
}

/// Takes a user out of a team.
///
/// *Errors*: what the registry refuses.
pub async fn remove(client: &RegistryClient, team: &Team, user: &str) -> Result<(), Diagnostic> {
    send(client, team, Method::DELETE, team.target("user"), Some(json!({ "user": user }))).await
}

/// The users of a team, sorted.
///
/// *Errors*: what the registry refuses.
pub async fn users(client: &RegistryClient, team: &Team) -> Result<Vec<String>, Diagnostic> {
    names(client, team.about(ApiRequest::new(Method::GET, team.target("user")))).await
}

/// The teams of an organization as `org:team`, sorted.
///
/// *Errors*: what the registry refuses.
pub async fn teams(client: &RegistryClient, org: &str) -> Result<Vec<String>, Diagnostic> {
    names(client, ApiRequest::new(Method::GET, format!("/-/org/{}/team", path_segment(org)))).await
}

async fn names(client: &RegistryClient, mut request: ApiRequest) -> Result<Vec<String>, Diagnostic> {
    request.query.push(("format".to_owned(), "cli".to_owned()));
    let answer = call(client, &request).await?;
    let names = match answer {
        Value::Array(names) => names,
        Value::Object(members) => members.into_iter().map(|(_, name)| name).collect(),
        _ => Vec::new(),
    };
    let mut names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    names.sort_unstable();
    Ok(names)
}
