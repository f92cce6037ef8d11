//! `/-/package/{pkg}/owners`: who may publish a package, one at a time, as pnpm 11 and later ask for it.

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{Call, Failure, account_name, document};
use crate::PackageName;
use crate::hooks::Event;
use crate::http::caller::Caller;
use crate::identity::AccountName;
use crate::identity::permission::Action;
use crate::publish::Maintainer;

#[derive(Deserialize)]
struct Body {
    user: String,
}

pub(super) async fn add(call: &Call<'_>, name: &PackageName) -> Result<Response, Failure> {
    let caller = administrator(call, name).await?;
    let body: Body = call.json()?;
    let user = account_name(&body.user)?;
    let known = call.hosted.database.user(&user).await?;
    let known = known.ok_or_else(|| Failure::not_found(&format!("the user {user}")))?;
    change(call, name, &caller, &user, known.email, true).await?;
    Ok(document(StatusCode::CREATED, &json!({ "ok": true })))
}

pub(super) async fn remove(call: &Call<'_>, name: &PackageName, user: &str) -> Result<Response, Failure> {
    let caller = administrator(call, name).await?;
    let user = account_name(user)?;
    if !call.hosted.database.maintainers(name).await?.contains_key(user.as_str()) {
        return Err(Failure::not_found(&format!("{user} among the maintainers of {name}")));
    }
    change(call, name, &caller, &user, String::new(), false).await?;
    Ok(document(StatusCode::OK, &json!({ "ok": true })))
}

/// Who asks, if they may say who publishes a package that there is.
async fn administrator(call: &Call<'_>, name: &PackageName) -> Result<Caller, Failure> {
    let mut caller = call.caller().await?;
    if caller.may(call.hosted, Action::Administer, name).await?.exists {
        Ok(caller)
    } else {
        Err(Failure::not_found(name.as_str()))
    }
}

async fn change(
    call: &Call<'_>,
    name: &PackageName,
    caller: &Caller,
    user: &AccountName,
    email: String,
    publishes: bool,
) -> Result<(), Failure> {
    let maintainer = Maintainer { name: user.to_string(), email };
    let action = if publishes { "owner.add" } else { "owner.remove" };
    let entry = caller.audit(call.hosted, action, name, user);
    call.hosted.set_maintainer(name, &maintainer, publishes, &entry).await?;
    let kind = if publishes { "package:owner" } else { "package:owner-rm" };
    call.hosted.hooks.notify(&Event::new(kind, name, json!({ "maintainer": user.as_str() }))).await;
    Ok(())
}
