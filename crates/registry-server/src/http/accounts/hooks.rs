//! `/-/npm/v1/hooks`: what `npm hook` (npm 6 to 10) asks for: making hooks, listing, changing and taking them away.

use axum::response::Response;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Failure, account_name, document};
use crate::PackageName;
use crate::database::{Hook, audit_log, hooks};
use crate::hooks::place;
use crate::http::caller::Caller;
use crate::http::part::Part;
use crate::identity::permission::{Action, SecondFactor, User};
use crate::identity::redact::read_secret;
use crate::identity::token::hexadecimal;
use crate::identity::{Secret, random};

/// Hooks of one user.
const MOST: usize = 200;

/// Bytes of an endpoint's address, and of a secret.
const MAX_TEXT: usize = 2048;

#[derive(Deserialize)]
struct New {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    endpoint: String,
    #[serde(deserialize_with = "read_secret")]
    secret: Secret,
}

#[derive(Deserialize)]
struct Changed {
    endpoint: String,
    #[serde(deserialize_with = "read_secret")]
    secret: Secret,
}

/// Shape: `{"objects": [], "total", "urls": {}}` for `?package=&limit=&offset=`.
pub(super) async fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let caller = call.caller().await?;
    let user = &caller.logged_in()?.name;
    let package = call.parameter("package").filter(|package| !package.is_empty());
    let hooks = call.hosted.database.hooks_of(user, package.as_deref()).await?;
    let total = hooks.len();
    let part = Part::by_numbers(|name| call.parameter(name), ["offset", "limit"], MOST, MOST);
    let objects: Vec<Value> = part.of(hooks).map(|hook| told(&hook)).collect();
    Ok(document(StatusCode::OK, &json!({ "objects": objects, "total": total, "urls": {} })))
}

pub(super) async fn add(call: &Call<'_>) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let (mut caller, user) = changing(call).await?;
    let new: New = call.json()?;
    let name = match new.kind.as_str() {
        "package" => {
            let name = PackageName::parse(&new.name)
                .map_err(|_| Failure::bad_request(format!("\"{}\" is no package's name", new.name)))?;
            caller.may(hosted, Action::Read, &name).await?;
            name.to_string()
        }
        "scope" => format!("@{}", account_name(new.name.trim_start_matches('@'))?),
        "owner" => account_name(&new.name)?.to_string(),
        _ => return Err(Failure::bad_request("the type of a hook is package, scope or owner")),
    };
    let endpoint = endpoint(call, &new.endpoint, &new.secret)?;
    if hosted.database.hooks_of(&user.name, None).await?.len() >= MOST {
        return Err(Failure::bad_request(format!("one has {MOST} hooks at most")));
    }
    let id = hexadecimal(&random::bytes::<16>()?);
    let hook = Hook {
        secret: hosted.sealing.seal(&place(&id), new.secret.reveal())?,
        id,
        username: user.name,
        kind: new.kind,
        name,
        endpoint,
        created: hosted.now(),
        updated: hosted.now(),
        last_delivery: None,
        response_code: None,
        delivered: false,
    };
    let mut writing = hosted.database.write().await?;
    hooks::add(&mut writing, &hook).await?;
    let entry = caller.audit(hosted, "hook.add", &hook.name, &hook.endpoint);
    audit_log::append(&mut writing, &entry).await?;
    writing.commit().await?;
    Ok(document(StatusCode::CREATED, &told(&hook)))
}

/// One hook: shown, changed or taken away, by whose it is.
pub(super) async fn one(call: &Call<'_>, id: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let (caller, user) = match call.method == Method::PUT || call.method == Method::DELETE {
        true => changing(call).await?,
        false => {
            let caller = call.caller().await?;
            let user = caller.logged_in()?.clone();
            (caller, user)
        }
    };
    let found = hosted.database.hook(id).await?.filter(|hook| hook.username == user.name);
    let mut hook = found.ok_or_else(|| Failure::not_found("the hook"))?;
    if call.method == Method::PUT {
        let changed: Changed = call.json()?;
        hook.endpoint = endpoint(call, &changed.endpoint, &changed.secret)?;
        hook.updated = hosted.now();
        let secret = hosted.sealing.seal(&place(&hook.id), changed.secret.reveal())?;
        let mut writing = hosted.database.write().await?;
        hooks::change(&mut writing, &hook.id, &hook.endpoint, &secret, hook.updated).await?;
        let entry = caller.audit(hosted, "hook.change", &hook.name, &hook.endpoint);
        audit_log::append(&mut writing, &entry).await?;
        writing.commit().await?;
    } else if call.method == Method::DELETE {
        let mut writing = hosted.database.write().await?;
        hooks::remove(&mut writing, &hook.id).await?;
        let entry = caller.audit(hosted, "hook.remove", &hook.name, &hook.endpoint);
        audit_log::append(&mut writing, &entry).await?;
        writing.commit().await?;
    }
    Ok(document(StatusCode::OK, &told(&hook)))
}

/// Who asks, if they may change what happens in their name.
async fn changing(call: &Call<'_>) -> Result<(Caller, User), Failure> {
    let mut caller = call.caller().await?;
    let user = caller.account(call.hosted).await?;
    if user.second_factor == SecondFactor::AuthAndWrites {
        caller.account_with_second_factor(call.hosted).await?;
    }
    Ok((caller, user))
}

fn endpoint(call: &Call<'_>, endpoint: &str, secret: &Secret) -> Result<String, Failure> {
    if endpoint.len() > MAX_TEXT || secret.reveal().len() > MAX_TEXT || secret.reveal().is_empty() {
        return Err(Failure::bad_request("a hook needs a short address and a short secret"));
    }
    match call.hosted.hooks.check(endpoint) {
        Ok(url) => Ok(url.to_string()),
        Err(problem) => Err(Failure::bad_request(format!("the endpoint {problem}"))),
    }
}

/// A hook as npm shows it.
fn told(hook: &Hook) -> Value {
    let date = |milliseconds| Timestamp::from_millisecond(milliseconds).map(|time| time.to_string()).ok();
    json!({
        "id": hook.id,
        "username": hook.username,
        "type": hook.kind,
        "name": hook.name,
        "endpoint": hook.endpoint,
        "created": date(hook.created),
        "updated": date(hook.updated),
        "deleted": false,
        "delivered": hook.delivered,
        "last_delivery": hook.last_delivery.and_then(date),
        "response_code": hook.response_code,
        "status": "active",
    })
}
