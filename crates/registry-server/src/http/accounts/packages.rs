//! Which packages a user, a team or an organisation may use, and grants to teams.

use std::collections::BTreeMap;

use axum::response::Response;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, json};

use super::{Call, Failure, account_name, document, members, teams};
use crate::PackageName;
use crate::database::{AccountKind, audit_log};
use crate::http::caller::Caller;
use crate::identity::permission::{Action, Role};
use crate::identity::token_limits::Reach;

/// What `npm access list packages` reads: `read` and `write`, which it shows as `read-only` and `read-write`.
pub(super) fn short(reach: Reach) -> &'static str {
    if reach == Reach::Write { "write" } else { "read" }
}

fn answer(packages: BTreeMap<String, Reach>) -> Response {
    let packages: Map<_, _> = packages.into_iter().map(|(name, reach)| (name, json!(short(reach)))).collect();
    document(StatusCode::OK, &packages.into())
}

/// Those packages that the caller may see.
async fn visible(
    call: &Call<'_>,
    caller: &mut Caller,
    packages: BTreeMap<String, Reach>,
) -> Result<BTreeMap<String, Reach>, Failure> {
    let mut seen = BTreeMap::new();
    for (name, reach) in packages {
        let Ok(parsed) = PackageName::parse(&name) else { continue };
        match caller.may(call.hosted, Action::Read, &parsed).await {
            Ok(_) => {
                seen.insert(name, reach);
            }
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(seen)
}

pub(super) async fn of_user(call: &Call<'_>, user: &str) -> Result<Response, Failure> {
    let user = account_name(user)?;
    let mut caller = call.caller().await?;
    caller.logged_in()?;
    if call.hosted.database.account_kind(&user).await? != Some(AccountKind::User) {
        return Err(Failure::not_found(&format!("the user {user}")));
    }
    let packages = call.hosted.database.packages_of(&user).await?;
    Ok(answer(visible(call, &mut caller, packages).await?))
}

/// npm asks here first for any name, and then for a user where this is not found.
pub(super) async fn of_organisation(call: &Call<'_>, organisation: &str) -> Result<Response, Failure> {
    let organisation = account_name(organisation)?;
    let mut caller = call.caller().await?;
    let user = caller.logged_in()?.clone();
    members::known(call, &organisation).await?;
    let database = &call.hosted.database;
    let all_written = user.administrator
        || database.role(&organisation, &user.name).await?.is_some_and(|role| role >= Role::Admin);
    let own = database.packages_of(&user.name).await?;
    let reach = |name: &String| match own.get(name) {
        _ if all_written => Reach::Write,
        Some(reach) => *reach,
        None => Reach::Read,
    };
    let names = database.packages_in(&organisation).await?;
    let packages = names.into_iter().map(|name| (name.clone(), reach(&name))).collect();
    Ok(answer(visible(call, &mut caller, packages).await?))
}

#[derive(Deserialize)]
struct Grant {
    package: String,
    #[serde(default)]
    permissions: Option<Reach>,
}

pub(super) async fn of_team(call: &Call<'_>, organisation: &str, team: &str) -> Result<Response, Failure> {
    let hosted = call.hosted;
    let reads = matches!(call.method, Method::GET | Method::HEAD);
    let needed = if reads { Role::Developer } else { Role::Admin };
    let (mut caller, id) = teams::known(call, organisation, team, needed).await?;
    if reads {
        let packages = hosted.database.team_packages(&id).await?;
        return Ok(answer(visible(call, &mut caller, packages).await?));
    }
    let body: Grant = call.json()?;
    let name = PackageName::parse(&body.package)
        .map_err(|_| Failure::bad_request(format!("\"{}\" is no package's name", body.package)))?;
    if !caller.may(hosted, Action::Administer, &name).await?.exists {
        return Err(Failure::not_found(name.as_str()));
    }
    let mut writing = hosted.database.write().await?;
    if call.method == Method::DELETE {
        if !crate::database::teams::revoke_grant(&mut writing, &id, &name).await? {
            return Err(Failure::not_found(&format!("a grant of {name} to {id}")));
        }
        audit_log::append(&mut writing, &caller.audit(hosted, "access.revoke", &name, &id)).await?;
        writing.commit().await?;
        // npm 6 to 8 parse it
        return Ok(document(StatusCode::OK, &json!({})));
    }
    let reach = match body.permissions {
        Some(reach @ (Reach::Read | Reach::Write)) => reach,
        _ => return Err(Failure::bad_request("the permission is read-only or read-write")),
    };
    crate::database::teams::grant(&mut writing, &id, &name, reach).await?;
    let detail = format!("{id} {}", reach.as_str());
    audit_log::append(&mut writing, &caller.audit(hosted, "access.grant", &name, detail)).await?;
    writing.commit().await?;
    Ok(document(StatusCode::CREATED, &json!({})))
}
