//! `login` and `adduser`: a token for an account, by a page of the registry or by name and password.
//!
//! Does not write the token anywhere: the caller knows the configuration. Source: npm 11.19.1.

use diagnostics::Diagnostic;
use http::Method;
use registry_client::{
    ApiBody, ApiRequest, Credential, RegistryClient, RegistryError, Secret, VisitPurpose, WebSession,
    path_segment,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::account::{AccountDialogue, ask_email, ask_password, ask_username};
use crate::ping::registry_problem;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where.
    pub registry: Url,
    /// Whether the account is to be made.
    pub creates_account: bool,
    /// npm's `auth-type=web`: a page of the registry first, name and password where it has none.
    pub tries_web: bool,
    /// The current time as ISO 8601 has it, which is part of the document of an account.
    pub now: String,
}

/// A token of the registry for whoever answers the questions or visits the page.
///
/// *Errors*: what the registry refuses, and questions that nobody answers.
pub async fn log_in(
    client: &RegistryClient,
    request: &Request,
    dialogue: &mut dyn AccountDialogue,
) -> Result<Secret, Diagnostic> {
    if request.tries_web
        && let Some(token) = by_page(client, request).await?
    {
        return Ok(token);
    }
    by_password(client, request, dialogue).await
}

/// `None` where the registry has no such page.
async fn by_page(client: &RegistryClient, request: &Request) -> Result<Option<Secret>, Diagnostic> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Pages {
        login_url: String,
        done_url: String,
    }
    let body = if request.creates_account { json!({ "create": true }) } else { json!({}) };
    let call = ApiRequest {
        body: ApiBody::Json(body),
        ..ApiRequest::new(Method::POST, target(&request.registry, "-/v1/login"))
    };
    let response = match client.request(&call).await {
        Ok(response) => response,
        Err(error) if has_no_pages(&error) => return Ok(None),
        Err(error) => return Err(registry_problem(&error)),
    };
    let pages: Pages = response.json().map_err(|error| registry_problem(&error))?;
    let session = WebSession::new(&pages.login_url, &pages.done_url).ok_or_else(|| {
        let place = diagnostics::redact_url(request.registry.as_str());
        let text = format!("{place} answered a login with addresses that are not of the web");
        Diagnostic::error("EINVALIDRESPONSE", text).with_hint("run `knit login --auth-type=legacy`")
    })?;
    let purpose = if request.creates_account { VisitPurpose::CreateAccount } else { VisitPurpose::Login };
    match client.visit(&session, Some(&request.registry), purpose).await {
        Ok(token) => Ok(Some(token)),
        Err(error) if has_no_pages(&error) => Ok(None),
        Err(error) => Err(registry_problem(&error)),
    }
}

fn has_no_pages(error: &RegistryError) -> bool {
    error.refusal().is_some_and(|refusal| (400..=500).contains(&refusal.status))
}

async fn by_password(
    client: &RegistryClient,
    request: &Request,
    dialogue: &mut dyn AccountDialogue,
) -> Result<Secret, Diagnostic> {
    let name = ask_username(dialogue)?;
    let password = ask_password(dialogue, "Password: ")?;
    let mut account = Map::new();
    account.insert("_id".into(), format!("org.couchdb.user:{name}").into());
    account.insert("name".into(), name.as_str().into());
    account.insert("password".into(), password.reveal().into());
    if request.creates_account {
        account.insert("email".into(), ask_email(dialogue)?.into());
    }
    account.insert("type".into(), "user".into());
    account.insert("roles".into(), json!([]));
    account.insert("date".into(), request.now.as_str().into());
    let document = target(&request.registry, &format!("-/user/org.couchdb.user:{}", path_segment(&name)));
    let put = |target: &str, account: Map<String, Value>| ApiRequest {
        body: ApiBody::Json(account.into()),
        ..ApiRequest::new(Method::PUT, target)
    };
    let outcome = client.request(&put(&document, account.clone())).await;
    let exists = |error: &RegistryError| error.refusal().is_some_and(|refusal| refusal.status == 409);
    let response = match outcome {
        Err(error) if !request.creates_account && exists(&error) => {
            replace(client, &document, &name, &password, account).await
        }
        outcome => outcome,
    };
    let response = response.map_err(|error| login_problem(&error, request, &name))?;
    #[derive(Deserialize)]
    struct Answer {
        token: Option<String>,
    }
    let answer: Answer = response.json().map_err(|error| registry_problem(&error))?;
    answer.token.map(Secret::new).ok_or_else(|| {
        let place = diagnostics::redact_url(request.registry.as_str());
        Diagnostic::error("EINVALIDRESPONSE", format!("{place} logged {name} in without giving a token"))
    })
}

/// What CouchDB wants where the account is there already: the document as it is, changed.
async fn replace(
    client: &RegistryClient,
    document: &str,
    name: &str,
    password: &Secret,
    mut account: Map<String, Value>,
) -> Result<registry_client::ApiResponse, RegistryError> {
    let mut get = ApiRequest::new(Method::GET, document);
    get.query.push(("write".to_owned(), "true".to_owned()));
    let known: Map<String, Value> = client.request(&get).await?.json()?;
    for (key, value) in known {
        if key == "roles" || !account.contains_key(&key) {
            account.insert(key, value);
        }
    }
    let revision = account.get("_rev").and_then(Value::as_str).unwrap_or_default();
    let target = format!("{document}/-rev/{}", path_segment(revision));
    let mut put = ApiRequest { body: ApiBody::Json(account.into()), ..ApiRequest::new(Method::PUT, target) };
    let credential = Credential::user_password(name, password.reveal());
    if let Some(mut value) =
        credential.authorization().and_then(|text| http::HeaderValue::from_str(text.reveal()).ok())
    {
        value.set_sensitive(true);
        put.headers.insert(http::header::AUTHORIZATION, value);
    }
    client.request(&put).await
}

fn login_problem(error: &RegistryError, request: &Request, name: &str) -> Diagnostic {
    let problem = registry_problem(error);
    match error.refusal().map(|refusal| refusal.status) {
        Some(400) if !request.creates_account => {
            let mut problem = problem;
            problem.message = format!("there is no user with the name {name}");
            problem.hints = vec!["run `knit adduser` to make the account".to_owned()];
            problem
        }
        Some(401) => {
            let mut problem = problem;
            problem.hints = vec!["the name or the password is wrong; run `knit login` again".to_owned()];
            problem
        }
        _ => problem,
    }
}

fn target(registry: &Url, path: &str) -> String {
    format!("{}/{path}", registry.as_str().trim_end_matches('/'))
}
