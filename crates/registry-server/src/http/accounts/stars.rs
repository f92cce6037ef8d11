//! What somebody starred: `/-/_view/starredByUser` for npm, `/-/user/v1/star` and `/-/user/{user}/stars` for pnpm.
//!
//! Does not own: npm's way of giving a star, which is a change of the package's document.

use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Call, Failure, account_name, document};
use crate::PackageName;
use crate::hooks::Event;
use crate::http::caller::Caller;
use crate::identity::AccountName;
use crate::identity::permission::Action;

/// Shape: `{"rows": [{"value": "package"}]}` for `?key="user"`, whose quotes are part of it.
pub(super) async fn answer(call: &Call<'_>) -> Result<Response, Failure> {
    let mut caller = reader(call).await?;
    let key = call.parameter("key").unwrap_or_default();
    let user = account_name(key.trim_matches('"'))?;
    let names = visible(call, &mut caller, &user).await?;
    let rows: Vec<Value> =
        names.iter().map(|name| json!({ "id": user, "key": user, "value": name })).collect();
    Ok(document(StatusCode::OK, &json!({ "rows": rows })))
}

/// Shape: `{"package": true}`.
pub(super) async fn of_user(call: &Call<'_>, user: &str) -> Result<Response, Failure> {
    let mut caller = reader(call).await?;
    let user = account_name(user)?;
    if call.hosted.database.user(&user).await?.is_none() {
        return Err(Failure::not_found(&format!("the user {user}")));
    }
    let names = visible(call, &mut caller, &user).await?;
    let stars: Map<String, Value> = names.into_iter().map(|name| (name, Value::Bool(true))).collect();
    Ok(document(StatusCode::OK, &stars.into()))
}

#[derive(Deserialize)]
struct Body {
    /// pnpm sends both.
    package: Option<String>,
    name: Option<String>,
}

/// The caller's own: a list of names, one more, or one less.
pub(super) async fn own(call: &Call<'_>) -> Result<Response, Failure> {
    let mut caller = call.caller().await?;
    let user = caller.logged_in()?.name.clone();
    if matches!(call.method, Method::GET | Method::HEAD) {
        return Ok(document(StatusCode::OK, &json!(visible(call, &mut caller, &user).await?)));
    }
    let body: Body = call.json()?;
    let name = body.package.or(body.name);
    let name = name.ok_or_else(|| Failure::bad_request("the body has no \"package\""))?;
    let name = PackageName::parse(&name)
        .map_err(|_| Failure::bad_request(format!("\"{name}\" is no package's name")))?;
    caller.may(call.hosted, Action::Read, &name).await?;
    let is_starred = call.method == Method::PUT;
    call.hosted.star(&name, user.as_str(), is_starred).await?;
    call.hosted.hooks.notify(&Event::star(name, user.as_str(), is_starred)).await;
    Ok(document(StatusCode::OK, &json!({ "ok": true })))
}

/// Who asks, where strangers may read or it is none.
async fn reader(call: &Call<'_>) -> Result<Caller, Failure> {
    let caller = call.caller().await?;
    if !call.hosted.accounts.access.anonymous_read {
        caller.logged_in()?;
    }
    Ok(caller)
}

/// The starred packages that the caller may see.
async fn visible(call: &Call<'_>, caller: &mut Caller, user: &AccountName) -> Result<Vec<String>, Failure> {
    let mut seen = Vec::new();
    for name in call.hosted.database.starred(user).await? {
        let Ok(parsed) = PackageName::parse(&name) else { continue };
        match caller.may(call.hosted, Action::Read, &parsed).await {
            Ok(_) => seen.push(name),
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(seen)
}
