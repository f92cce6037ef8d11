//! `/-/org/{org}/user`: who is in an organisation, and making organisations.

use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{Call, Failure, account_name, document, no_content};
use crate::database::{AccountKind, audit_log, organisations};
use crate::identity::AccountName;
use crate::identity::permission::{Refusal, Role};

#[derive(Deserialize)]
struct Body {
    user: String,
    #[serde(default)]
    role: Option<String>,
}

pub(super) async fn answer(call: &Call<'_>, organisation: &str) -> Result<Response, Failure> {
    let organisation = account_name(organisation)?;
    match call.method {
        Method::PUT => set(call, &organisation).await,
        Method::DELETE => remove(call, &organisation).await,
        _ => list(call, &organisation).await,
    }
}

/// An organisation that there is, told only to those who may know.
pub(super) async fn known(call: &Call<'_>, organisation: &AccountName) -> Result<(), Failure> {
    match call.hosted.database.account_kind(organisation).await? {
        Some(AccountKind::Organisation) => Ok(()),
        _ => Err(Failure::not_found(&format!("the organisation {organisation}"))),
    }
}

async fn list(call: &Call<'_>, organisation: &AccountName) -> Result<Response, Failure> {
    let mut caller = call.caller().await?;
    caller.logged_in()?;
    known(call, organisation).await?;
    caller.in_organisation(call.hosted, organisation, Role::Developer).await?;
    let members = call.hosted.database.members(organisation).await?;
    let roster: serde_json::Map<_, _> =
        members.into_iter().map(|(user, role)| (user, json!(role.as_str()))).collect();
    Ok(document(StatusCode::OK, &roster.into()))
}

/// Adds somebody or changes their role. For a name that is free, the registry's administrators make an organisation.
async fn set(call: &Call<'_>, organisation: &AccountName) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    let administrator = caller.logged_in()?.administrator;
    let body: Body = call.json()?;
    let user = account_name(&body.user)?;
    let role = body.role.as_deref().unwrap_or(Role::Developer.as_str());
    let role =
        Role::parse(role).ok_or_else(|| Failure::bad_request("the role is owner, admin or developer"))?;
    let kind = hosted.database.account_kind(organisation).await?;
    match kind {
        Some(AccountKind::Organisation) => {}
        None if administrator => {}
        None => return Err(Failure::not_found(&format!("the organisation {organisation}"))),
        Some(AccountKind::User) => {
            return Err(Failure::told(StatusCode::CONFLICT, format!("{organisation} is a user")));
        }
    }
    caller.in_organisation(hosted, organisation, Role::Owner).await?;
    if hosted.database.user(&user).await?.is_none() {
        return Err(Failure::not_found(&format!("the user {user}")));
    }
    let mut writing = hosted.database.write().await?;
    if kind.is_none() {
        organisations::take_name(&mut writing, organisation, AccountKind::Organisation, hosted.now()).await?;
        audit_log::append(&mut writing, &caller.audit(hosted, "organisation.create", organisation, ""))
            .await?;
    }
    organisations::set_member(&mut writing, organisation, &user, role).await?;
    let (size, owners) = organisations::size(&mut writing, organisation).await?;
    if owners == 0 {
        return Err(ownerless(organisation));
    }
    let detail = format!("{user} {}", role.as_str());
    audit_log::append(&mut writing, &caller.audit(hosted, "organisation.member", organisation, detail))
        .await?;
    writing.commit().await?;
    Ok(document(
        StatusCode::OK,
        &json!({ "org": { "name": organisation, "size": size }, "user": user, "role": role.as_str() }),
    ))
}

async fn remove(call: &Call<'_>, organisation: &AccountName) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let mut caller = call.caller().await?;
    let own = caller.logged_in()?.name.clone();
    known(call, organisation).await?;
    let body: Body = call.json()?;
    let user = account_name(&body.user)?;
    // everybody may leave
    let needed = if user == own { Role::Developer } else { Role::Owner };
    caller.in_organisation(hosted, organisation, needed).await?;
    let mut writing = hosted.database.write().await?;
    if !organisations::remove_member(&mut writing, organisation, &user).await? {
        return Err(Failure::not_found(&format!("{user} in {organisation}")));
    }
    if organisations::size(&mut writing, organisation).await?.1 == 0 {
        return Err(ownerless(organisation));
    }
    audit_log::append(&mut writing, &caller.audit(hosted, "organisation.remove", organisation, user)).await?;
    writing.commit().await?;
    Ok(no_content())
}

fn ownerless(organisation: &AccountName) -> Failure {
    let message = format!("somebody has to own {organisation}: make another member its owner first");
    Failure::told(StatusCode::CONFLICT, message)
}

/// For those who have nothing to do with an organisation it is not there.
pub(super) fn hide(failure: Failure, organisation: &AccountName) -> Failure {
    match failure {
        Failure::Refused(Refusal::RoleNeeded { needed: Role::Developer, .. }) => {
            Failure::not_found(&format!("the organisation {organisation}"))
        }
        failure => failure,
    }
}
